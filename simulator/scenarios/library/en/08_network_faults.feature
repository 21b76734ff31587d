@service-description:kostenbeheersing-buiten-de-eu
Feature: Whatever the network reports, what was used is counted once

  Background:
    Given a subscriber Bob with bundle "B" at most 10 per month
    And Bob is in Canada

  @fault:http.duplicate @fault:http.burst @fault:http.slow_body @fault:http.gone_before_reply
  Scenario Outline: Counted once and told once, with <fault>
    When the fault <fault> occurs
    And Bob uses data worth € 40.00
    Then Bob gets the message "cost limit 80%"
    And the usage of Bob is € 40.00 of € 50.00

    Examples:
      | fault                                |
      | event twice                          |
      | event in pieces                      |
      | event that trickles in               |
      | network does not wait for the answer |

  @fault:http.reordered
  Scenario: Two records in the wrong order add up all the same
    When the fault event after the next one occurs
    And Bob uses data worth € 30.00
    And Bob uses data worth € 10.00
    Then Bob gets the message "cost limit 80%"
    And the usage of Bob is € 40.00 of € 50.00

  @fault:http.late_period
  Scenario: What was used last month belongs to last month
    When the fault event of last month occurs
    And Bob uses data worth € 40.00
    Then Bob gets no message
    And the usage of Bob is € 0.00 of € 50.00

  @fault:http.malformed @fault:http.huge @fault:http.skewed_clock
  Scenario Outline: Refused, and nothing of it counted: <fault>
    When the fault <fault> occurs
    And Bob uses data worth € 40.00
    Then that is refused
    And the usage of Bob is € 0.00 of € 50.00
    And the gateway is healthy

    Examples:
      | fault                      |
      | malformed event            |
      | huge event                 |
      | network with a wrong clock |

  @fault:policy.down @fault:policy.slow @fault:policy.refuses
  Scenario Outline: The notice is not held back, and data is off: <fault>
    When the fault <fault> occurs
    And Bob uses data worth € 50.00
    Then Bob gets the message "cost limit 100%"
    And Bob cannot use data

    Examples:
      | fault                 |
      | policy system down    |
      | slow policy system    |
      | policy system refuses |
