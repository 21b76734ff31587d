Feature: Typing errors

  Scenario: A name
    Given a subscriber Anna
    When Annna travels to Canada
    Then Anna gets no message

  Scenario: A step
    Given a subscriber Anna
    When Anna travels to Canada
    Then Anna gets no messages at all

  Scenario: A country
    Given a subscriber Anna
    When Anna travels to the United Staets
    Then Anna gets no message

  Scenario: An amount
    Given a subscriber Anna
    When Anna uses data worth € 40,00
    Then Anna gets no message

  Scenario: A moment
    Given the clock is at 2 Marsh 2026 09:00
    And a subscriber Anna
    When Anna travels to Canada
    Then Anna gets no message

  Scenario: A message
    Given a subscriber Anna
    When Anna travels to Canada
    Then Anna gets the message "boarder notice"

  Scenario: An hour that comes twice
    Given the clock is at 25 October 2026 02:30
    And a subscriber Anna
    When Anna travels to Canada
    Then Anna gets no message

  Scenario Outline: A value in an example
    Given a subscriber Anna
    When Anna travels to <country>
    Then Anna gets no message

    Examples:
      | country |
      | Belguim |

  Scenario: Not at the same time
    Given a subscriber Anna
    When at the same time:
      | Anna travels to Canada |
      | the next month begins  |
    Then Anna gets no message

  @G99
  Scenario: A rule that is not there
    Given a subscriber Anna
    When Anna travels to Canada
    Then Anna gets no message

  Scenario: Configured too late
    Given a subscriber Anna
    And the gateway is configured with
      | tell of a new month | yes |
    When Anna travels to Canada
    Then Anna gets no message

  Scenario: Configured as nothing can be
    Given the gateway is configured with
      | courtesy notices | 300%, 150% |
    And a subscriber Anna
    When Anna travels to Canada
    Then Anna gets no message

  Scenario: A network that is known
    Given a subscriber Anna
    When Anna switches to the unknown network "310-410"
    Then Anna gets no message

  Scenario: A subscriber whom nobody knows, and no more than that
    Given a customer Mike with limit € 50
    When Mike sends INFO UIT
    And Mike travels to Narnia
    Then Mike receives no text, because INFO is off
