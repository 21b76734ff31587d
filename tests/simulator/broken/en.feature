Feature: Scenarios that are wrong on purpose, and what a tester reads then

  Background:
    Given the clock is at 3 March 2026 10:00
    And a subscriber Bob with bundle "B" at most 10 per month
    And Bob is in the United States

  Scenario: A message that did not come, since the threshold is not reached
    When Bob uses data worth € 39.99
    Then Bob gets the message "cost limit 80%"

  Scenario: Silence expected, but INFO is on again
    When Bob texts "info off" to 1330
    Then Bob gets the message "INFO off"

    When Bob texts "INFO ON" to 1330
    And Bob travels to Canada
    Then Bob gets no message

  Scenario: A message forgotten
    When Bob travels to Canada
    Then Bob can use data

  Scenario: Another value
    When Bob uses data worth € 41.20
    Then Bob gets the message "cost limit 80%" with
      | amount | € 40.00 |
      | limit  | € 50.00 |
      | sender | 1330    |

  Scenario: Another message
    When Bob uses data worth € 50.00
    Then Bob gets the message "cost limit 80%"

  Scenario: The fault never came
    When the fault SMSC says: too busy occurs
    And Bob uses data worth € 1.00
    Then Bob gets no message

  Scenario: Not quiet
    When the fault SMSC says: too busy occurs
      | how often | always |
    And Bob texts "HELP" to 1330
    Then Bob gets the message "help"

  Scenario: No data, and why
    When Bob uses data worth € 50.00
    Then Bob gets the message "cost limit 100%"
    And Bob can use data

  Scenario: Refused, and nobody expected it
    When the administrator sets the cost limit of Bob to € 25
    Then Bob gets no message

  Scenario: Silent for another reason
    Given Bob has switched INFO off
    When Bob travels to Canada
    Then Bob gets no message, because it is the same country

  Scenario: Another number of messages
    When Bob replies "YES"
    Then Bob gets 2 messages

  Scenario: Sent and not arrived
    When the fault number refused occurs
    And Bob texts "HELP" to 1330
    Then Bob gets the message "help"

  Scenario: A cost limit without a bundle
    Given a subscriber Sarah with cost limit € 50
    And Sarah is in Canada
    When Sarah uses data worth € 40.00
    Then Sarah gets the message "cost limit 80%"

  Scenario: A text forgotten that came before
    When Bob travels to Canada
    And Bob texts "HELP" to 1330
    Then Bob gets the message "help"

  Scenario: Words that are in the second text
    When Bob travels to Canada
    And Bob texts "INFO UIT" to 1330
    Then Bob gets a text with "INFO is now OFF"

  Scenario: Data should have been closed
    When Bob uses data worth € 1.00
    Then Bob cannot use data
