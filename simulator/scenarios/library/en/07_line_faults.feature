@service-description:shortcodes
Feature: Whatever the SMSC does, what was asked is answered once

  Background:
    Given a subscriber Bob with bundle "B" at most 10 per month

  @fault:smsc.throttle @fault:smsc.queue_full @fault:smsc.syserr @fault:smsc.slow @fault:smsc.hang_up
  @fault:smsc.disconnect @fault:smsc.silent @fault:smsc.bad_pdu @fault:smsc.bad_length
  @fault:smsc.dlr_dup @fault:smsc.dlr_before_resp @fault:smsc.dlr_garbled @fault:smsc.dlr_never
  Scenario Outline: One text comes, with <fault>
    When the fault <fault> occurs
    And Bob texts "HELP" to 1330
    Then Bob gets the message "help"
    And the fault <fault> has occurred 1 time

    Examples:
      | fault               |
      | SMSC says: too busy |
      | SMSC queue full     |
      | SMSC error          |
      | slow SMSC           |
      | connection closed   |
      | connection lost     |
      | SMSC is silent      |
      | broken PDU          |
      | PDU without an end  |
      | double receipt      |
      | early receipt       |
      | garbled receipt     |
      | no receipt          |

  @fault:smsc.resp_lost @fault:smsc.resp_late
  Scenario Outline: The same text comes once more at most, with <fault>
    When the fault <fault> occurs
    And Bob texts "HELP" to 1330
    Then the messages to Bob count as
      | help | 2 |

    Examples:
      | fault         |
      | response lost |
      | late response |

  @fault:smsc.half_open
  Scenario: A line that is up and dead is found
    When the fault dead line occurs
    And Bob travels to Canada
    Then Bob gets the message "border notice"
    And the log has smpp.link_lost

  @fault:smsc.throttle_rate
  Scenario: One a second, and each arrives
    Given a subscriber Eve
    And a subscriber Sue
    When the fault SMSC with a rate limit occurs
      | per second | 1 |
    And at the same time:
      | Bob texts "HELP" to 1330 |
      | Eve texts "HELP" to 1330 |
      | Sue texts "HELP" to 1330 |
    Then Bob gets the message "help"
    And Eve gets the message "help"
    And Sue gets the message "help"

  @fault:smsc.bind_refused @fault:smsc.bind_password
  Scenario Outline: Thrown out and let in again: <fault>
    When the fault <fault> occurs
      | how often | 2 |
    And Bob texts "HELP" to 1330
    Then Bob gets the message "help"
    And the log has smpp.bind_failed

    Examples:
      | fault            |
      | bind refused     |
      | password refused |

  @fault:smsc.reject_dest @fault:smsc.dlr_fail @fault:smsc.dlr_expired @fault:smsc.dlr_rejected
  Scenario Outline: What will not arrive is not sent again: <fault>
    When the fault <fault> occurs
      | with whom | Bob |
    And Bob travels to Canada
    And 1 hour passes
    Then Bob gets no message
    And that text is failed

    Examples:
      | fault             |
      | number refused    |
      | delivery failed   |
      | delivery expired  |
      | delivery rejected |

  @fault:smsc.dlr_reordered
  Scenario: Each receipt belongs to its own text
    Given a subscriber Eve
    When the fault receipt after the next one occurs
      | with whom | Bob |
    And Bob texts "HELP" to 1330
    And Eve texts "HELP" to 1330
    And 5 seconds pass
    Then Bob gets the message "help"
    And that text is delivered
    And Eve gets the message "help"
    And that text is delivered

  @fault:smsc.dlr_unknown_id
  Scenario: A receipt of somebody else's text changes nothing of ours
    When the fault receipt of another message occurs
    And Bob texts "HELP" to 1330
    And 5 seconds pass
    Then Bob gets the message "help"
    And that text is under way
    And the log has dlr.orphaned

  @fault:smsc.mo_dup @fault:smsc.mo_reordered @fault:smsc.mo_ucs2 @fault:smsc.mo_8bit
  Scenario Outline: However it comes, a command is done once: <fault>
    When the fault <fault> occurs
    And Bob texts "INFO OFF" to 1330
    Then Bob gets the message "INFO off"
    And INFO of Bob is off

    Examples:
      | fault                    |
      | text twice               |
      | parts in the wrong order |
      | text in UCS-2            |
      | text in 8 bits           |

  @fault:smsc.mo_parts_missing
  Scenario: Half a command is none
    When the fault part missing occurs
    And Bob texts "INFO OFF" to 1330
    Then Bob gets no message
    And INFO of Bob is on

  @fault:phone.off @fault:phone.full @fault:phone.roaming_lost
  Scenario Outline: What a phone cannot take now comes ten minutes later: <fault>
    When the fault <fault> occurs
      | how long | 1 hour |
    And Bob travels to Canada
    Then Bob gets no message

    When 10 minutes pass
    Then Bob gets the message "border notice"

    Examples:
      | fault                 |
      | phone off             |
      | phone full            |
      | phone out of coverage |
