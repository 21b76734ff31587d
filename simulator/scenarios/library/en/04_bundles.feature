@service-description:voordeelbundels
Feature: A data bundle renews itself, up to the maximum per month

  Background:
    Given the clock is at 1 March 2026 08:00
    And a subscriber Cees with bundle "ROW" at most 10 per month
    And Cees is in Argentina

  Rule: Ten bundles and no more

    @B10 @B13 @B14 @B15
    Scenario: Renewals, the tenth is the last, then the category is blocked
      When Cees uses 1 MB of data
      Then Cees gets the message "bundle activated" with
        | bundle    | ROW |
        | remaining | 9   |
      And 9 bundles are left for Cees

      When Cees uses 45 GB of data
      Then Cees gets the message "bundles renewed" with
        | number    | 10 |
        | remaining | 0  |

      When Cees uses 4 GB of data
      Then Cees gets the message "last bundle 80%"

      When Cees uses 1 GB of data
      Then Cees gets the message "bundles used up"
      And Cees cannot use data

      When it becomes 1 April 2026 00:00
      Then Cees can use data
      And Cees gets no message

    @B10 @B11
    Scenario: In small steps it comes to the same
      When Cees uses 10 GB of data in steps of 500 MB
      Then the messages to Cees count as
        | bundle activated | 1 |
        | bundle 80%       | 2 |
        | bundle renewed   | 2 |

  Rule: The administrator decides how many

    @B13 @Q33
    Scenario: A higher maximum opens the category again
      When the administrator sets the maximum of bundle "ROW" for Cees to 1
      And Cees uses 5 GB of data
      Then Cees gets the message "bundles used up"

      When the administrator sets the maximum of bundle "ROW" for Cees to 2
      Then Cees can use data

    @Q35
    Scenario: Switched off, the bundle ends and no new one starts
      When Cees uses 1 GB of data
      Then Cees gets the message "bundle activated"

      When the administrator switches bundle "ROW" off for Cees
      And Cees uses 4 GB of data
      Then Cees gets the message "bundle ended"
      And Cees cannot use data
