@service-description:verbruiksnotificaties
Feature: At a border you are told what things cost

  @E1 @Q13
  Rule: One text when the network changes to a foreign one

    Scenario: Bob lands in the United States
      Given a subscriber Bob with bundle "B" at most 10 per month
      When Bob travels to the United States
      Then Bob gets the message "border notice" with
        | country     | United States |
        | data per MB | € 3.03        |
      And that text is at most 1 segment long

    @Q42
    Scenario: Another network in the same country is no border
      Given a subscriber Bob with bundle "B" at most 10 per month
      And Bob is in the United States
      When Bob switches to network "310-260"
      Then Bob gets no message, because it is the same country

    @Q44
    Scenario: Coming home needs no text
      Given a subscriber Bob
      And Bob is in Belgium
      When Bob returns to the Netherlands
      Then Bob gets no message

    @Q42
    Scenario: A lorry driver is told of each country once, whatever the order
      Given a subscriber Bob
      When Bob travels to Belgium
      And Bob travels to France
      And Bob travels to Belgium
      Then Bob gets 2 messages

  @E8 @Q4
  Rule: INFO UIT stops tariffs, not the emergency number

    Scenario: In the European Union 112 is always told
      Given a subscriber Bob
      And Bob has switched INFO off
      When Bob travels to Germany
      Then Bob gets the message "emergency number"

    Scenario: Elsewhere there is silence
      Given a subscriber Bob with bundle "B" at most 10 per month
      And Bob has switched INFO off
      When Bob travels to Canada
      Then Bob gets no message, because INFO is off

  @Q51
  Rule: A phone that is off

    Scenario: The text waits for the phone
      Given a subscriber Dora
      And Dora's phone is off
      When Dora travels to Belgium
      Then Dora gets no message

      When Dora's phone goes on
      Then Dora gets the message "border notice"

    Scenario: Switched off and on again
      Given a subscriber Dora
      When Dora's phone goes off
      And Dora travels to France
      And 1 hour passes
      And Dora's phone goes on
      Then Dora gets the message "border notice" with
        | country | France |
