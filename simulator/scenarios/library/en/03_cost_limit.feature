@service-description:kostenbeheersing-buiten-de-eu
Feature: The cost limit keeps the bill outside the EU in hand

  Background:
    Given the clock is at 3 March 2026 10:00
    And a subscriber Bob with bundle "B" at most 10 per month
    And Bob is in the United States

  @G4 @G6 @G7 @G8
  Rule: The story of a month

    Scenario: Warned, blocked, lifted, blocked again, free until the month ends
      When Bob uses data worth € 40.00
      Then Bob gets the message "cost limit 80%" with
        | amount | € 40.00 |
        | limit  | € 50.00 |

      When Bob uses data worth € 10.00
      Then Bob gets the message "cost limit 100%"
      And Bob cannot use data
      And data outside the EU of Bob is blocked because of the cost limit

      When Bob replies "YES"
      Then Bob gets the message "block lifted"
      And Bob can use data
      And data outside the EU of Bob is free

      When Bob uses data worth € 50.00
      Then Bob gets the message "cost limit 200%"

      When Bob replies "YES"
      Then Bob gets the message "block lifted until month end"

      When Bob uses data worth € 400.00
      Then Bob gets no message, because there is no limit for the rest of the month

      When the next month begins
      Then the usage of Bob is € 0.00 of € 50.00

  Rule: Each subscription has its own limit

    @G2
    Scenario: A small limit
      Given a subscriber Eve with cost limit € 10
      And Eve is in Canada
      When the administrator switches bundle "B" on for Eve
      And Eve uses data worth € 10.00
      Then Eve gets the message "cost limit 100%" with
        | limit | € 10.00 |

    @G10 @Q17
    Scenario: A raise counts at once
      Given Bob has already used € 50.00
      When the administrator sets the cost limit of Bob to € 100
      Then Bob gets the message "cost limit raised"
      And Bob can use data

  @G9
  Rule: The organisation may forbid going on

    Scenario: No reply helps
      Given exceeding the limit is not allowed for Bob
      And data outside the EU of Bob is blocked because of the cost limit
      When Bob replies "YES"
      Then Bob gets the message "lifting not allowed"
      And Bob cannot use data

    @Q19
    Scenario: Forbidden after the reply, it holds from the next block on
      Given data outside the EU of Bob is blocked because of the cost limit
      When Bob replies "YES"
      Then Bob gets the message "block lifted"

      When the administrator forbids exceeding the limit for Bob
      Then Bob gets no message
      And Bob can use data

      When the administrator allows exceeding the limit for Bob
      Then Bob can use data

  @F2 @Q25
  Rule: A little use during a block counts for nothing

    Scenario: Background traffic
      Given data outside the EU of Bob is blocked because of the cost limit
      When Bob uses 1 MB of data in spite of the block
      Then Bob gets no message
      And of Bob 1 MB was not counted
      And the usage of Bob is € 50.00 of € 50.00

  @Q26
  Rule: Told twice is counted once

    Scenario: The same event again
      When Bob uses data worth € 20.00
      And the same event arrives again
      Then Bob gets no message, because that event has been handled already
      And the usage of Bob is € 20.00 of € 50.00

  @C2 @Q23
  Rule: Late records belong to their own month

    Scenario: Until the fifteenth
      When it becomes 15 April 2026 23:59
      And it turns out that Bob used 4 MB of data at 30 March 2026 12:00
      Then Bob gets no message, because it belongs to an earlier month

    Scenario: And not a minute later
      When it becomes 16 April 2026 00:01
      And it turns out that Bob used 4 MB of data at 30 March 2026 12:00
      Then that is refused

  @Q21
  Rule: The month is that of Amsterdam, also in the night the clock changes

    Scenario: The longest October
      When it becomes 25 October 2026 02:30 summer time
      And 1 hour passes
      And it becomes 25 October 2026 02:30 winter time
      And Bob uses data worth € 10.00
      Then the usage of Bob is € 10.00 of € 50.00

  @B7 @G4
  Rule: Without a bundle there is no data outside the EU, and nothing to limit

    Scenario: A limit of one's own with a bundle warns at 80 per cent
      Given a subscriber Sarah with cost limit € 10 and bundle "B"
      And Sarah is in Canada
      When Sarah uses data worth € 8.00
      Then Sarah gets the message "cost limit 80%" with
        | amount | € 8.00  |
        | limit  | € 10.00 |

    Scenario: A bundle alone is enough to use data
      Given a subscriber Sarah with bundle "B"
      When Sarah travels to Canada
      Then Sarah gets the message "border notice"
      And Sarah can use data
