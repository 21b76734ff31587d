# language: nl
@dienstbeschrijving:voordeelbundels
Functionaliteit: Een voordeelbundel maakt data buiten de EU goedkoop

  Achtergrond:
    Gegeven de klok staat op 2 maart 2026 09:00

  Regel: Aanzetten kost niets, gebruiken wel

    @B2 @B3 @Q30
    Scenario: De beheerder zet een bundel aan en niemand hoort er iets van
      Gegeven een abonnee Anna
      Als de beheerder bundel "A" voor Anna aanzet
      Dan krijgt niemand een sms
      En zijn er nog 10 bundels over voor Anna

    @B3 @B10 @B15 @B19 @Q30
    Scenario: De eerste byte start de bundel, en dat wordt gemeld met de prijs
      Gegeven een abonnee Anna met bundel "A" hoogstens 10 per maand
      En Anna is in Canada
      Als Anna 1 kB verbruikt
      Dan krijgt Anna het bericht "bundel geactiveerd" met
        | bundel     | A       |
        | GB         | 30      |
        | prijs      | € 25,00 |
        | tot en met | 31-3    |
        | resterend  | 9       |
      En zijn er nog 9 bundels over voor Anna

    @Q29
    Scenario: Nul byte start niets
      Gegeven een abonnee Anna met bundel "A" hoogstens 10 per maand
      En Anna is in Canada
      Als Anna 0 MB verbruikt
      Dan krijgt Anna geen sms
      En zijn er nog 10 bundels over voor Anna

    @B4
    Abstract Scenario: Elke bundel heeft zijn eigen inhoud en prijs
      Gegeven een abonnee Anna met bundel "<bundel>" hoogstens 10 per maand
      En Anna is in <land>
      Als Anna 1 MB verbruikt
      Dan krijgt Anna het bericht "bundel geactiveerd" met
        | bundel | <bundel> |
        | GB     | <inhoud> |
        | prijs  | <prijs>  |

      Voorbeelden:
        | bundel | land       | inhoud | prijs   |
        | A      | Turkije    | 30     | € 25,00 |
        | B      | Japan      | 7,5    | € 35,00 |
        | ROW    | Argentinie | 5      | € 50,00 |
        | WORLD  | Canada     | 7,5    | € 45,00 |
        | WORLD  | Brazilie   | 7,5    | € 45,00 |

  Regel: Bij 80% komt een waarschuwing, bij 100% vanzelf een nieuwe bundel

    @B10 @B11 @B12
    Scenario: De ene bundel volgt op de andere zonder dat iemand iets hoeft te doen
      Gegeven een abonnee Anna met bundel "A" hoogstens 10 per maand
      En Anna is in de Verenigde Staten
      Als Anna 1 MB verbruikt
      Dan krijgt Anna het bericht "bundel geactiveerd"

      Als Anna 24 GB verbruikt
      Dan krijgt Anna het bericht "bundel 80%" met
        | bundel    | A |
        | resterend | 9 |

      Als Anna 6 GB verbruikt
      Dan krijgt Anna het bericht "bundel vernieuwd" met
        | bundel    | A       |
        | prijs     | € 25,00 |
        | resterend | 8       |
      En kan Anna internetten

    @B10 @E6
    Scenario: Met BERICHT UIT blijft de waarschuwing weg, maar wat geld kost wordt gemeld
      Gegeven een abonnee Anna met bundel "A" hoogstens 10 per maand
      En Anna heeft BERICHT uitgezet
      En Anna is in de Verenigde Staten
      Als Anna 1 MB verbruikt
      Dan krijgt Anna het bericht "bundel geactiveerd"

      Als Anna 24 GB verbruikt
      Dan krijgt Anna geen sms, want BERICHT staat uit

      Als Anna 6 GB verbruikt
      Dan krijgt Anna het bericht "bundel vernieuwd"

    @B8 @Q14
    Scenario: Wat de bundel dekt, telt niet voor de kostenlimiet
      Gegeven een abonnee Anna met bundel "A" hoogstens 10 per maand
      En Anna is in de Verenigde Staten
      Als Anna 10 GB verbruikt
      Dan krijgt Anna het bericht "bundel geactiveerd"
      En is het verbruik van Anna € 0,00 van € 50,00
      En is het dataverbruik van Anna buiten de EU 10 GB

    @B11 @Q59
    Scenario: Veel bundels tegelijk is één bericht
      Gegeven een abonnee Anna met bundel "A" hoogstens 10 per maand
      En Anna is in de Verenigde Staten
      Als Anna 100 GB verbruikt
      Dan krijgt Anna het bericht "bundels vernieuwd" met
        | aantal    | 3 |
        | nummer    | 4 |
        | resterend | 6 |

  Regel: Er is een maximum per maand

    @B13 @B14 @B15
    Scenario: Na de laatste bundel is data in die landen geblokkeerd tot de eerste
      Gegeven een abonnee Cees met bundel "ROW" hoogstens 2 per maand
      En Cees is in Argentinie
      Als Cees 1 MB verbruikt
      Dan krijgt Cees het bericht "bundel geactiveerd" met
        | resterend | 1 |

      Als Cees 5 GB verbruikt
      Dan krijgt Cees het bericht "bundel vernieuwd" met
        | resterend | 0 |

      Als Cees 4 GB verbruikt
      Dan krijgt Cees het bericht "laatste bundel 80%"

      Als Cees 1 GB verbruikt
      Dan krijgt Cees het bericht "bundels op" met
        | maximum | 2   |
        | bundel  | ROW |
        | datum   | 1-4 |
      En kan Cees niet internetten

      Als de volgende maand begint
      Dan kan Cees internetten
      En krijgt Cees geen sms
      En zijn er nog 2 bundels over voor Cees

    @B14 @Q31
    Scenario: Andere categorieën werken gewoon door
      Gegeven de abonnees
        | naam | bundel | hoogstens |
        | Cees | A, ROW | 1         |
      En Cees is in Argentinie
      Als Cees 6 GB verbruikt
      Dan krijgt Cees het bericht "bundels op"
      En kan Cees niet internetten

      Als Cees naar Canada reist
      Dan krijgt Cees het bericht "grensbericht"
      En kan Cees internetten

    @Q33
    Scenario: Een antwoord heft dit niet op
      Gegeven een abonnee Cees met bundel "ROW" hoogstens 1 per maand
      En Cees is in Argentinie
      Als Cees 6 GB verbruikt
      Dan krijgt Cees het bericht "bundels op"

      Als Cees antwoordt met "DOORGAAN"
      Dan krijgt Cees het bericht "opheffen kan niet per sms"
      En kan Cees niet internetten

    @B13 @Q33
    Scenario: De beheerder kan het maximum verhogen
      Gegeven een abonnee Cees met bundel "ROW" hoogstens 1 per maand
      En Cees is in Argentinie
      Als Cees 6 GB verbruikt
      Dan krijgt Cees het bericht "bundels op"

      Als de beheerder het maximum van bundel "ROW" voor Cees op 3 zet
      Dan krijgt Cees geen sms
      En kan Cees internetten
      En zijn er nog 2 bundels over voor Cees

    @B13
    Abstract Scenario: Het maximum ligt tussen 1 en 10
      Gegeven een abonnee Cees met bundel "ROW" hoogstens 5 per maand
      Als de beheerder het maximum van bundel "ROW" voor Cees op <maximum> zet
      Dan wordt dat geweigerd

      Voorbeelden:
        | maximum |
        | 0       |
        | 11      |

  Regel: Welke bundels samengaan

    @B5
    Scenario: De Wereldbundel gaat met geen andere samen
      Gegeven een abonnee Anna met bundel "WORLD" hoogstens 10 per maand
      Als de beheerder bundel "A" voor Anna aanzet
      Dan wordt dat geweigerd

    @B6
    Scenario: De andere drie wel met elkaar
      Gegeven een abonnee Anna
      Als de beheerder bundel "A" voor Anna aanzet
      En de beheerder bundel "B" voor Anna aanzet
      En de beheerder bundel "ROW" voor Anna aanzet
      Dan krijgt Anna geen sms
      En zijn er nog 30 bundels over voor Anna

  Regel: Zonder bundel staat data buiten de EU uit, met één bundel overal aan

    @B7
    Scenario: Zonder bundel
      Gegeven een abonnee Anna
      En Anna is in Japan
      Als Anna 1 MB verbruikt
      Dan krijgt Anna geen sms
      En kan Anna niet internetten
      En is data buiten de EU van Anna geblokkeerd wegens het ontbreken van een bundel

    @B17 @B18
    Scenario: Met een bundel voor een ander gebied geldt het standaardtarief, tot de kostenlimiet
      Gegeven een abonnee Anna met bundel "A" hoogstens 10 per maand
      En Anna is in Japan
      Als Anna 10 MB verbruikt
      Dan krijgt Anna het bericht "kostenlimiet 80%"
      En is het verbruik van Anna € 40,00 van € 50,00

    @Q35
    Scenario: Wie de bundel halverwege verliest, mag hem opmaken
      Gegeven een abonnee Anna met bundel "A" hoogstens 10 per maand
      En Anna is in de Verenigde Staten
      Als Anna 1 GB verbruikt
      Dan krijgt Anna het bericht "bundel geactiveerd"

      Als de beheerder bundel "A" voor Anna uitzet
      En Anna 28 GB verbruikt
      Dan krijgt Anna geen sms

      Als Anna 1 GB verbruikt
      Dan krijgt Anna het bericht "bundel gestopt"
      En kan Anna niet internetten

    @Q33 @B14
    Scenario: Weer aangezet bij zijn maximum blijft hij op, en dat wordt gezegd
      Gegeven een abonnee Cees met bundel "ROW" hoogstens 1 per maand
      En Cees is in Argentinie
      Als Cees 1 GB verbruikt
      Dan krijgt Cees het bericht "bundel geactiveerd"

      Als de beheerder bundel "ROW" voor Cees uitzet
      En Cees 4 GB verbruikt
      Dan krijgt Cees het bericht "bundel gestopt"

      Als de beheerder bundel "ROW" voor Cees aanzet
      Dan krijgt Cees het bericht "bundels op" met
        | maximum | 1 |
      En kan Cees niet internetten

  @B1
  Regel: Thuis en in de EU spelen voordeelbundels niet mee

    Scenario: In Belgie start geen bundel
      Gegeven een abonnee Anna met bundel "A" hoogstens 10 per maand
      En Anna is in Belgie
      Als Anna 1 GB verbruikt
      Dan krijgt Anna geen sms
      En zijn er nog 10 bundels over voor Anna

  Regel: Een bundel geldt tot het einde van de kalendermaand

    @B20 @B21
    Scenario: Ook wie op de laatste dag begint
      Gegeven een abonnee Anna met bundel "A" hoogstens 10 per maand
      En Anna is in Canada
      Als het 31 maart 2026 23:00 wordt
      En Anna 1 GB verbruikt
      Dan krijgt Anna het bericht "bundel geactiveerd" met
        | tot en met | 31-3 |

      Als het 1 april 2026 00:00 wordt
      Dan zijn er nog 10 bundels over voor Anna

      Als Anna 1 MB verbruikt
      Dan krijgt Anna het bericht "bundel geactiveerd" met
        | tot en met | 30-4 |
        | resterend  | 9    |

    @B10 @B11
    Scenario: Stap voor stap verbruikt is even veel
      Gegeven een abonnee Anna met bundel "ROW" hoogstens 10 per maand
      En Anna is in Argentinie
      Als Anna 10 GB verbruikt in stappen van 2 GB
      Dan tellen de berichten aan Anna als
        | bundel geactiveerd | 1 |
        | bundel 80%         | 1 |
        | bundel vernieuwd   | 2 |
