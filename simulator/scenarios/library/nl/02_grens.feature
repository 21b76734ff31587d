# language: nl
@dienstbeschrijving:verbruiksnotificaties
Functionaliteit: Over de grens hoor je wat het kost

  @E1
  Regel: Bij het overschakelen naar een buitenlands netwerk komt één grensbericht

    Scenario: Anna landt in Amerika met een bundel voor een ander gebied
      Gegeven een abonnee Anna met bundel "B" hoogstens 10 per maand
      Als Anna naar de Verenigde Staten reist
      Dan krijgt Anna het bericht "grensbericht" met
        | land               | Verenigde Staten |
        | data per MB        | € 3,03           |
        | bellen per minuut  | € 1,09           |
        | gebeld per minuut  | € 0,54           |
        | sms                | € 0,30           |
      En komt die sms van 1330
      En is die sms hooguit 1 segment lang
      En past die sms in GSM-7

    @B7
    Scenario: Zonder bundel staat data uit, en dat staat in het bericht
      Gegeven een abonnee Anna
      Als Anna naar de Verenigde Staten reist
      Dan krijgt Anna een sms met "data is uit en kost dus niets"
      En kan Anna niet internetten

    @B8
    Scenario: Met een bundel voor dit gebied noemt het bericht de bundel
      Gegeven een abonnee Anna met bundel "A" hoogstens 10 per maand
      Als Anna naar Canada reist
      Dan krijgt Anna het bericht "grensbericht" met
        | land   | Canada |
        | bundel | A      |
        | GB     | 30     |

    @A13
    Scenario: In de EU is het als thuis
      Gegeven een abonnee Anna
      Als Anna naar Belgie reist
      Dan krijgt Anna een sms met "Je bundel werkt hier als thuis, zonder extra kosten"
      En kan Anna internetten

    @C4
    Abstract Scenario: Elk gebied heeft zijn eigen tarief
      Gegeven een abonnee Anna met bundel "<bundel>" hoogstens 10 per maand
      Als Anna naar <land> reist
      Dan krijgt Anna het bericht "grensbericht" met
        | land        | <land>   |
        | data per MB | <tarief> |

      Voorbeelden:
        | land          | bundel | tarief  |
        | Turkije       | B      | € 3,03  |
        | Japan         | A      | € 4,84  |
        | Argentinie    | A      | € 6,05  |

    @Q44
    Scenario: Weer thuis is geen bericht waard
      Gegeven een abonnee Anna
      En Anna is in Belgie
      Als Anna terugkeert naar Nederland
      Dan krijgt Anna geen sms

    @Q42
    Scenario: Een ander netwerk in hetzelfde land is geen grens
      Gegeven een abonnee Anna met bundel "B" hoogstens 10 per maand
      En Anna is in de Verenigde Staten
      Als Anna overstapt op netwerk "310-260"
      Dan krijgt Anna geen sms, want het is hetzelfde land

    @Q42
    Scenario: Wie aan de grens woont, wordt niet bij elke oversteek gestoord
      Gegeven een abonnee Anna
      Als Anna naar Belgie reist
      Dan krijgt Anna het bericht "grensbericht"

      Als Anna terugkeert naar Nederland
      En Anna naar Belgie reist
      Dan krijgt Anna geen sms, want dat land is kort geleden al gemeld

      Als Anna terugkeert naar Nederland
      En er 5 uur voorbijgaan
      En Anna naar Belgie reist
      Dan krijgt Anna het bericht "grensbericht"

    @Q42
    Scenario: Een ander land is altijd een nieuw bericht
      Gegeven een abonnee Anna
      Als Anna naar Belgie reist
      Dan krijgt Anna het bericht "grensbericht" met
        | land | Belgie |

      Als Anna naar Frankrijk reist
      Dan krijgt Anna het bericht "grensbericht" met
        | land | Frankrijk |

  Regel: Met INFO UIT komen er geen tarieven meer, maar 112 blijft

    @E8
    Scenario: Grensbericht, uitzetten, en stilte
      Gegeven een abonnee Anna met bundel "B" hoogstens 10 per maand
      Als Anna naar de Verenigde Staten reist
      Dan krijgt Anna het bericht "grensbericht"

      Als Anna "INFO UIT" naar 1330 stuurt
      Dan krijgt Anna een sms met "INFO staat nu UIT"

      Als Anna terugkeert naar Nederland
      En Anna naar Canada reist
      Dan krijgt Anna geen sms, want INFO staat uit

    @E8 @Q4
    Scenario: In de EU komt dan alleen het alarmnummer
      Gegeven een abonnee Anna
      En Anna heeft INFO uitgezet
      Als Anna naar Belgie reist
      Dan krijgt Anna het bericht "alarmnummer" met
        | land | Belgie |

    @E7
    Scenario: Weer aanzetten brengt de tarieven terug
      Gegeven een abonnee Anna met bundel "B" hoogstens 10 per maand
      En Anna heeft INFO uitgezet
      Als Anna naar Canada reist
      Dan krijgt Anna geen sms, want INFO staat uit

      Als Anna "INFO AAN" naar 1330 stuurt
      Dan krijgt Anna het bericht "INFO aan"

      Als Anna naar de Verenigde Staten reist
      Dan krijgt Anna het bericht "grensbericht"

  Regel: Bijzondere plaatsen

    @Q38
    Scenario: Zwitserland rekent als de EU
      Gegeven een abonnee Anna
      Als Anna naar Zwitserland reist
      Dan krijgt Anna een sms met "als thuis"
      En kan Anna internetten

    @Q39
    Abstract Scenario: Oekraine hoort er sinds 2026 bij
      Gegeven de klok staat op <dag>
      En een abonnee Anna
      Als Anna naar Oekraine reist
      Dan krijgt Anna een sms met "<woorden>"

      Voorbeelden:
        | dag                    | woorden                       |
        | 31 december 2025 12:00 | data is uit en kost dus niets |
        | 1 januari 2026 12:00   | als thuis                     |

    @Q40
    Scenario: Op een schip geldt geen bundel, en elke verbinding wordt gemeld
      Gegeven een abonnee Anna met bundel "WORLD" hoogstens 10 per maand
      Als Anna naar Scheepsnetwerk reist
      Dan krijgt Anna een sms met "Geen bundel"

      Als Anna terugkeert naar Nederland
      En Anna naar Scheepsnetwerk reist
      Dan krijgt Anna het bericht "grensbericht"

    @Q55 @Q62
    Scenario: Waar het verbruik later binnenkomt, belooft niemand een limiet
      Gegeven een abonnee Anna met bundel "A" hoogstens 10 per maand
      Als Anna naar Turkmenistan reist
      Dan krijgt Anna achtereenvolgens de berichten
        | grensbericht           |
        | limiet werkt hier niet |

  @A14 @Q46
  Regel: Niet elk apparaat leest sms'en

    Scenario: Een router zonder berichten meldt het zijn beheerder
      Gegeven de abonnees
        | naam   | nummer       | soort     | sms | sms naar     | bundel |
        | Dirk   | +31610000009 |           |     |              |        |
        | Router | +31610000010 | data only | nee | +31610000009 | B      |
      Als Router naar Canada reist
      Dan krijgt Dirk het bericht "grensbericht"
      En krijgt Router geen sms

    Scenario: Een machine krijgt geen tarieven
      Gegeven de abonnees
        | naam  | soort     | m2m | bundel |
        | Meter | data only | ja  | B      |
      Als Meter naar Canada reist
      Dan krijgt Meter geen sms, want het is een apparaat zonder gebruiker
