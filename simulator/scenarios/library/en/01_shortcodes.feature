@service-description:shortcodes
Feature: A text to 1330 switches messages on and off

  Background:
    Given the subscribers
      | name | language |
      | Bob  | en       |

  @E11
  Rule: HELP lists the codes

    Scenario: Bob asks for help
      When Bob texts "HELP" to 1330
      Then Bob gets the message "help"
      And that text comes from 1330
      And that text is at most 1 segment long
      And that text fits GSM-7

  Rule: Each code switches one kind of message

    Scenario Outline: Off, and on again
      When Bob texts "<code> OFF" to 1330
      Then Bob gets the message "<code> off"
      And <code> of Bob is off

      When Bob texts "<code> ON" to 1330
      Then Bob gets the message "<code> on"
      And <code> of Bob is on

      @E5 @E6
      Examples: Notices of use
        | code    |
        | BERICHT |

      @E7 @E8
      Examples: Tariffs at a border
        | code |
        | INFO |

      @E9 @E10
      Examples: Warnings about limits
        | code   |
        | LIMIET |

    @Q3
    Scenario: Switching the warning off leaves the limit where it is
      When Bob texts "LIMIET UIT" to 1330
      Then Bob gets a text with "limit (excl. VAT) still applies"

  @6.1
  Rule: A word in a sentence is no code

    Scenario: Bob writes a sentence
      When Bob texts "please help me" to 1330
      Then Bob gets the message "unknown code"

  @N @Q54
  Rule: Only subscribers get an answer

    Scenario: A stranger asks for help
      When an unknown number texts "HELP" to 1330
      Then nobody gets a message
