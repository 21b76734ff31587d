# language: nl
@dienstbeschrijving:abonnementen
Functionaliteit: Welk abonnement je hebt, bepaalt wat je hoort

  Regel: Twee soorten, zes tegoeden

    @A1 @A16
    Abstract Scenario: Elk abonnement kan met 1330 praten
      Gegeven de abonnees
        | naam | soort   | tegoed   |
        | Anna | <soort> | <tegoed> |
      Als Anna "HELP" naar 1330 stuurt
      Dan krijgt Anna het bericht "hulp"

      Voorbeelden:
        | soort        | tegoed    |
        | voice & data | 0 GB      |
        | voice & data | 2 GB      |
        | voice & data | 6 GB      |
        | voice & data | 15 GB     |
        | data only    | 25 GB     |
        | data only    | onbeperkt |

    @A16 @Q48
    Scenario: Van onbeperkt is er geen 80%
      Gegeven de abonnees
        | naam | tegoed    |
        | Anna | onbeperkt |
      Als Anna 500 GB verbruikt
      Dan krijgt Anna geen sms

    Scenario: Wie Engels leest, krijgt Engels
      Gegeven de abonnees
        | naam | taal |
        | Anna | en   |
      Als Anna "HELP" naar 1330 stuurt
      Dan krijgt Anna een sms met "Codes for 1330"

    @D1
    Scenario: Thuis via wifi is geen grens
      Gegeven een abonnee Anna
      Als Anna terugkeert naar Nederland
      Dan krijgt Anna geen sms

      Als Anna "HELP" naar 1330 stuurt
      Dan krijgt Anna het bericht "hulp"

  @A11 @A12 @Q47 @dienstbeschrijving:combi-sim
  Regel: Een Combi SIM telt mee op het abonnement waar hij bij hoort

    Scenario: De tablet reist, Anna leest
      Gegeven de abonnees
        | naam   | bundel | combi sim van |
        | Anna   | B      |               |
        | Tablet |        | Anna          |
      Als Tablet naar Canada reist
      Dan krijgt Anna het bericht "grensbericht Combi SIM" met
        | land | Canada |
      En krijgt Tablet geen sms

      Als Tablet voor € 40,00 aan data verbruikt
      Dan krijgt Anna het bericht "kostenlimiet 80%"
      En is het verbruik van Anna € 40,00 van € 50,00

      Als Tablet voor € 10,00 aan data verbruikt
      Dan krijgt Anna het bericht "kostenlimiet 100%"
      En kan Tablet niet internetten

      Als Tablet antwoordt met "JA"
      Dan krijgt Anna het bericht "blokkade opgeheven"
      En kan Tablet internetten

  @D4 @dienstbeschrijving:multisim
  Regel: Telefoon en horloge met één nummer zijn samen één reiziger

    @Q42
    Scenario: Samen de grens over is één bericht
      Gegeven een abonnee Anna
      En Anna heeft een horloge met hetzelfde nummer
      Als Anna naar Belgie reist
      Dan krijgt Anna het bericht "grensbericht"

      Als het horloge van Anna naar Belgie reist
      Dan krijgt Anna geen sms

      Als Anna naar Frankrijk reist
      Dan krijgt Anna het bericht "grensbericht"

      Als het horloge van Anna naar Frankrijk reist
      Dan krijgt Anna geen sms

  @A7
  Regel: Elke maand begint met een schone teller

    Scenario: Wat niet is opgemaakt, gaat niet mee
      Gegeven een abonnee Anna
      Als Anna 3 GB verbruikt
      Dan is het dataverbruik van Anna in Nederland en de EU 3 GB

      Als de volgende maand begint
      Dan is het dataverbruik van Anna in Nederland en de EU 0 MB
