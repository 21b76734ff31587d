# language: nl
Functionaliteit: Grens

  Scenario: Een grensbericht
    Gegeven een abonnee Anna
    Als Anna naar België reist
    Dan krijgt Anna het bericht "grensbericht"

  Abstract Scenario: Zo schrijft niemand het
    Gegeven een abonnee Anna
    Als Anna "<tekst>" naar 1330 stuurt
    Dan krijgt Anna het bericht "INFO uit"

    Voorbeelden:
      | tekst     |
      | info uit  |
      | INFO  UIT |

  @open-vraag
  Scenario: Daar is nog niet over besloten
    Gegeven een abonnee Anna
    Als Anna "HELP" naar 1330 stuurt
    Dan krijgt Anna geen sms
