@service-description:kostenbeheersing-buiten-de-eu
Feature: Whatever becomes of the gateway, nothing is lost and nothing is half done

  Background:
    Given a subscriber Bob with bundle "B" at most 10 per month
    And Bob is in Canada

  @fault:db.locked @fault:db.full @fault:db.readonly @fault:db.io
  Scenario Outline: A database that fails leaves nothing half done: <fault>
    When the fault <fault> occurs
    And Bob uses data worth € 40.00
    Then Bob gets the message "cost limit 80%"
    And the usage of Bob is € 40.00 of € 50.00
    And the log has service.failed

    Examples:
      | fault              |
      | database locked    |
      | database full      |
      | database read-only |
      | disk broken        |

  @fault:db.slow
  Scenario: A slow database is only slow
    When the fault slow database occurs
    And Bob texts "HELP" to 1330
    Then Bob gets the message "help"
    And the log has db.slow

  @fault:db.corrupt_page
  Scenario: A damaged database is not served from
    When the fault database damaged occurs
    Then the gateway is not ready
    And the log has db.failed

    When the fault database damaged is over
    Then the gateway is healthy

  @fault:gw.kill
  Scenario Outline: One decision wherever it dies: <where>
    When the fault gateway dies <where> occurs
    And Bob texts "INFO OFF" to 1330
    Then INFO of Bob is off
    And the messages to Bob count as
      | INFO off | <texts> |

    Examples:
      | where          | texts |
      | after deciding | 1     |
      | while sending  | 2     |
      | after sending  | 2     |

  @fault:gw.kill
  Scenario: What was committed is told
    When the fault gateway dies after committing occurs
    And Bob uses data worth € 40.00
    Then Bob gets the message "cost limit 80%"
    And the usage of Bob is € 40.00 of € 50.00

  @fault:gw.kill
  Scenario: A month turns once
    Given data outside the EU of Bob is blocked because of the cost limit
    When the fault gateway dies at the turn of the month occurs
    And the next month begins
    Then Bob can use data

  @fault:gw.restart @fault:gw.kill
  Scenario Outline: What was asked stays asked: <fault>
    Given Bob has switched INFO off
    When the fault <fault> occurs
    And Bob travels to Mexico
    Then Bob gets no message, because INFO is off

    Examples:
      | fault           |
      | restart         |
      | gateway crashes |

  @fault:clock.month_edge @fault:clock.dst_spring @fault:clock.dst_autumn @fault:clock.leap_day
  @fault:clock.jump_ahead
  Scenario Outline: A month is a month in Amsterdam: <fault>
    When the fault <fault> occurs
    And Bob uses data worth € 40.00
    Then Bob gets the message "cost limit 80%"

    When the next month begins
    Then the usage of Bob is € 0.00 of € 50.00

    Examples:
      | fault             |
      | edge of the month |
      | summer time begins |
      | summer time ends  |
      | leap day          |
      | clock jumps ahead |

  @fault:clock.step_back
  Scenario: Time does not go back
    When the fault clock goes back occurs
    Then the gateway is healthy
    And the log has clock.refused

  @fault:template.missing_var @fault:template.too_long @fault:template.not_gsm7
  Scenario Outline: It does not start with a text that is wrong: <fault>
    When the fault <fault> occurs
    Then the gateway is not ready

    When the fault <fault> is over
    And Bob texts "HELP" to 1330
    Then Bob gets the message "help"

    Examples:
      | fault                         |
      | template with an unknown field |
      | template too long             |
      | template outside GSM-7        |
