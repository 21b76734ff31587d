Feature: Somebody else's

  Scenario: For another tool
    Given a shop with 3 apples
    When somebody buys one
    Then 2 are left
