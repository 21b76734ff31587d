Feature: Every text arrives, whatever goes wrong on the way

  Background:
    Given a subscriber Bob with bundle "B" at most 10 per month

  @fout:smsc.throttle
  Scenario: A busy SMSC is asked again
    When the fault SMSC says: too busy occurs
      | how often | 2 |
    And Bob texts "HELP" to 1330
    Then Bob gets the message "help"
    And the fault SMSC says: too busy has occurred 2 times
    And the log has mt.retry_scheduled

  @fout:smsc.bind_refused
  Scenario: While the gateway may not bind, texts wait
    When the fault bind refused occurs
      | how often | always |
    And Bob travels to Canada
    Then Bob gets no message
    And the gateway is degraded

    When the fault bind refused is over
    Then Bob gets the message "border notice"
    And the gateway is healthy

  @fout:smsc.dlr_fail
  Scenario: What could not be delivered is failed
    When the fault delivery failed occurs
      | with whom | Bob |
    And Bob travels to Canada
    And 5 seconds pass
    Then Bob gets no message
    And the log has mt.failed

  Scenario: What was delivered is delivered
    When Bob travels to Canada
    Then Bob gets the message "border notice"
    And that text arrives within 5 seconds
    And that text is under way

    When 2 seconds pass
    Then that text is delivered

  @fout:gw.restart
  Scenario: A restart forgets nothing
    Given Bob is in Canada
    When Bob uses data worth € 20.00
    And the gateway restarts
    Then the usage of Bob is € 20.00 of € 50.00

  @fout:gw.kill
  Scenario: Nor does a crash
    Given Bob is in Canada
    When Bob uses data worth € 20.00
    And the gateway crashes and starts
    Then the usage of Bob is € 20.00 of € 50.00

  Scenario: Three things at the same time
    Given a subscriber Eve
    When at the same time:
      | Bob travels to Canada       |
      | Bob texts "HELP" to 1330    |
      | Eve travels to Belgium      |
    Then Bob gets 2 messages
    And Eve gets the message "border notice"
