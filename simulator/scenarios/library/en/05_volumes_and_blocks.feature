Feature: Alerts on volume tell, blocks of the administrator stop

  @E2 @service-description:verbruiksnotificaties
  Rule: The data usage alert

    Scenario: At 80 % and at 100 %
      Given a subscriber Bob
      When the administrator sets the data usage alert of Bob to 10 GB
      And Bob uses 8 GB of data
      Then Bob gets the message "data usage 80%"

      When Bob uses 2 GB of data
      Then Bob gets the message "data usage 100%"
      And the data use of Bob in the Netherlands and the EU is 10 GB

  @E3 @service-description:verbruiksnotificaties
  Rule: The data roaming limit

    Scenario: It tells, and stops nothing
      Given a subscriber Bob with bundle "A" at most 10 per month
      And Bob is in Canada
      When the administrator sets the data roaming limit of Bob to 100 MB
      And Bob uses 100 MB of data
      Then Bob gets in this order the messages
        | bundle activated        |
        | data roaming limit 100% |
      And Bob can use data
      And the data use of Bob outside the EU is 100 MB

  @A2 @A3 @A4 @service-description:groepsbundels
  Rule: A shared bundle is settled on the invoice

    Scenario: Nobody is told that it is empty
      Given a subscriber Bob
      And a subscriber Eve
      And a shared bundle "acme" of 12 GB for Bob and Eve
      When Bob uses 13 GB of data
      Then nobody gets a message

  @service-description:datablokkeringen
  Rule: Blocks of the administrator

    @F1c
    Scenario: Outside the EU
      Given a subscriber Bob with bundle "A" at most 10 per month
      And Bob is in Canada
      When the administrator blocks data roaming outside the EU for Bob
      Then Bob cannot use data

      When the administrator allows data roaming outside the EU for Bob
      Then Bob can use data

    @F1d
    Scenario: In the EU
      Given a subscriber Bob
      And Bob is in Belgium
      When the administrator blocks data roaming in the EU for Bob
      Then Bob cannot use data

      When the administrator allows data roaming in the EU for Bob
      Then Bob can use data

    @F1e
    Scenario: All roaming
      Given a subscriber Bob
      And Bob is in Belgium
      When the administrator blocks all roaming for Bob
      Then Bob cannot use data

      When the administrator allows all roaming for Bob
      Then Bob can use data

  @A8 @A9 @service-description:databundels
  Rule: A subscription without data

    Scenario: The administrator lifts the block
      Given the subscribers
        | name | allowance |
        | Bob  | 0 GB      |
      When Bob uses 1 MB of data
      Then Bob cannot use data

      When the administrator lifts the data block of Bob
      Then Bob can use data
