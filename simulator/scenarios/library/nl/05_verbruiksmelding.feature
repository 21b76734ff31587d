# language: nl
@dienstbeschrijving:verbruiksnotificaties
Functionaliteit: Meldingen over verbruik, zonder blokkade

  @E2
  Regel: De dataverbruikmelding telt Nederland en de EU samen

    Scenario: Bij 80% en bij 100% één bericht, en data werkt door
      Gegeven de abonnees
        | naam | dataverbruikmelding |
        | Anna | 10 GB               |
      Als Anna 7 GB verbruikt
      Dan krijgt Anna geen sms, want de grens is niet bereikt

      Als Anna naar Belgie reist
      Dan krijgt Anna het bericht "grensbericht"

      Als Anna 1 GB verbruikt
      Dan krijgt Anna het bericht "dataverbruik 80%" met
        | percentage | 80 |
        | GB         | 10 |

      Als Anna 2 GB verbruikt
      Dan krijgt Anna het bericht "dataverbruik 100%"
      En kan Anna internetten
      En is het dataverbruik van Anna in Nederland en de EU 10 GB

    @A5
    Scenario: Het bericht bij 100% praat niet over kosten
      Gegeven de abonnees
        | naam | dataverbruikmelding |
        | Anna | 2 GB                |
      Als Anna 2 GB verbruikt
      Dan krijgt Anna een sms met "Data werkt door"

    @Q48
    Scenario: Zonder melding geen bericht
      Gegeven een abonnee Anna
      Als Anna 100 GB verbruikt
      Dan krijgt Anna geen sms, want dat is niet ingesteld

    @E6
    Scenario: Met BERICHT UIT komt er niets
      Gegeven de abonnees
        | naam | dataverbruikmelding |
        | Anna | 10 GB               |
      En Anna heeft BERICHT uitgezet
      Als Anna 8 GB verbruikt
      Dan krijgt Anna geen sms, want BERICHT staat uit

    @E5
    Scenario: Weer aangezet telt de volgende grens
      Gegeven de abonnees
        | naam | dataverbruikmelding |
        | Anna | 10 GB               |
      En Anna heeft BERICHT uitgezet
      Als Anna 8 GB verbruikt
      Dan krijgt Anna geen sms, want BERICHT staat uit

      Als Anna "BERICHT AAN" naar 1330 stuurt
      Dan krijgt Anna het bericht "BERICHT aan"

      Als Anna 2 GB verbruikt
      Dan krijgt Anna het bericht "dataverbruik 100%"

    @A7
    Scenario: Op de eerste begint de teller opnieuw
      Gegeven de abonnees
        | naam | dataverbruikmelding |
        | Anna | 10 GB               |
      Als Anna 8 GB verbruikt
      Dan krijgt Anna het bericht "dataverbruik 80%"

      Als de volgende maand begint
      Dan is het dataverbruik van Anna in Nederland en de EU 0 MB

      Als Anna 8 GB verbruikt
      Dan krijgt Anna het bericht "dataverbruik 80%"

    @Q49
    Scenario: Een nieuwe melding telt wat al verbruikt is
      Gegeven een abonnee Anna
      Als Anna 9 GB verbruikt
      Dan krijgt Anna geen sms

      Als de beheerder de dataverbruikmelding van Anna op 10 GB zet
      Dan krijgt Anna geen sms

      Als Anna 100 MB verbruikt
      Dan krijgt Anna het bericht "dataverbruik 80%" met
        | percentage | 91 |

    @Q8
    Scenario: In één keer voorbij alles is alleen het hoogste bericht
      Gegeven de abonnees
        | naam | dataverbruikmelding |
        | Anna | 10 GB               |
      Als Anna 12 GB verbruikt
      Dan krijgt Anna het bericht "dataverbruik 100%"

  @E3 @Q5
  Regel: De dataroaminglimiet meldt, en blokkeert niet

    Scenario: Bij 80% en 100% van de megabytes buiten de EU
      Gegeven een abonnee Anna met bundel "A" hoogstens 10 per maand
      En Anna is in Canada
      Als de beheerder de dataroaminglimiet van Anna op 100 MB zet
      Dan krijgt Anna geen sms

      Als Anna 80 MB verbruikt
      Dan krijgt Anna achtereenvolgens de berichten
        | bundel geactiveerd      |
        | dataroaminglimiet 80%   |

      Als Anna 20 MB verbruikt
      Dan krijgt Anna het bericht "dataroaminglimiet 100%" met
        | limiet in MB | 100 |
      En kan Anna internetten

    Scenario: Blokkeert hetzelfde verbruik de data, dan zegt de melding dat
      Gegeven de abonnees
        | naam | bundel | dataroaminglimiet |
        | Anna | A      | 10 MB             |
      En Anna is in Japan
      Als Anna 12,5 MB verbruikt
      Dan krijgt Anna een sms met "Data is geblokkeerd"
      En krijgt Anna het bericht "kostenlimiet 100%"
      En kan Anna niet internetten

    @E10
    Scenario: Met LIMIET UIT komt die melding niet
      Gegeven de abonnees
        | naam | bundel | dataroaminglimiet |
        | Anna | A      | 100 MB            |
      En Anna heeft LIMIET uitgezet
      En Anna is in Canada
      Als Anna 80 MB verbruikt
      Dan krijgt Anna het bericht "bundel geactiveerd"

      Als Anna 20 MB verbruikt
      Dan krijgt Anna geen sms, want LIMIET staat uit

  @A2 @A3 @dienstbeschrijving:groepsbundels
  Regel: Een groepsbundel wordt samen verbruikt, en pas op de factuur verrekend

    @A4
    Scenario: Wie meer neemt dan zijn deel, hoort daar niets van
      Gegeven een abonnee Anna
      En een abonnee Bram
      En een groepsbundel "acme" van 30 GB voor Anna en Bram
      Als Anna 29 GB verbruikt
      En Bram 5 GB verbruikt
      Dan krijgt niemand een sms
      En kan Anna internetten
      En kan Bram internetten

    @A6 @A15 @C2
    Scenario: Is de groep samen over haar tegoed heen, dan draagt ieder zijn deel, als de maand gesloten is
      Gegeven de abonnees
        | naam | soort        |
        | Anna | voice & data |
        | Bram | data only    |
      En een groepsbundel "acme" van 4 GB voor Anna en Bram
      Als Anna 6 GB verbruikt
      En Bram 2 GB verbruikt
      Dan krijgt niemand een sms

      Als de volgende maand begint
      En er 15 dagen voorbijgaan
      Dan draagt Anna 3 GB van de overschrijding van groepsbundel "acme"
      En draagt Bram 1 GB van de overschrijding van groepsbundel "acme"
      En krijgt niemand een sms

  @A10
  Regel: Verbruik in Nederland en de EU raakt de kostenlimiet nooit

    Scenario: Veel data in Belgie
      Gegeven een abonnee Anna
      En Anna is in Belgie
      Als Anna voor € 400,00 aan data verbruikt
      Dan krijgt Anna geen sms
      En is het verbruik van Anna € 0,00 van € 50,00
