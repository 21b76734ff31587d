# language: nl
Functionaliteit: Hoe de zinnen zijn gelezen die op twee manieren te lezen zijn

  Achtergrond:
    Gegeven de klok staat op 3 maart 2026 10:00

  Regel: De teller rekent met het standaardtarief van het gebied waar je bent

    @G5
    Abstract Scenario: Dezelfde vier megabyte kosten overal iets anders
      Gegeven een abonnee Anna met bundel "<bundel>" hoogstens 10 per maand
      En Anna is in <land>
      Als Anna 4 MB verbruikt
      Dan is het verbruik van Anna <bedrag> van € 50,00
      En krijgt Anna geen sms

      Voorbeelden:
        | land       | bundel | bedrag  |
        | Turkije    | B      | € 10,00 |
        | Japan      | A      | € 16,00 |
        | Argentinie | A      | € 20,00 |

    @Q63
    Scenario: Wie onderweg van land wisselt, leest de prijs van waar de grens viel
      Gegeven een abonnee Anna met bundel "ROW" hoogstens 10 per maand
      En Anna is in Canada
      Als Anna voor € 40,00 aan data verbruikt
      Dan krijgt Anna het bericht "kostenlimiet 80%"

      Als Anna naar Japan reist
      Dan krijgt Anna het bericht "grensbericht"

      Als Anna voor € 12,00 aan data verbruikt
      Dan krijgt Anna het bericht "kostenlimiet 100%" met
        | data per MB | € 4,00 |

  @Q2
  Regel: Een blokkade wordt altijd gemeld

    Scenario: Ook met LIMIET UIT
      Gegeven een abonnee Anna met bundel "B" hoogstens 10 per maand
      En Anna heeft LIMIET uitgezet
      En Anna is in Canada
      Als Anna voor € 50,00 aan data verbruikt
      Dan krijgt Anna het bericht "kostenlimiet 100%"

  @Q24
  Regel: Wat vóór de blokkade was gebruikt, telt ook als het later gemeld wordt

    Scenario: Een late melding tilt de stand over tweemaal de limiet
      Gegeven een abonnee Anna met bundel "B" hoogstens 10 per maand
      En Anna is in Canada
      Als het 3 maart 2026 12:00 wordt
      En Anna voor € 60,00 aan data verbruikt
      Dan krijgt Anna het bericht "kostenlimiet 100%"

      Als achteraf blijkt dat Anna 16 MB verbruikte op 3 maart 2026 11:00
      Dan krijgt Anna het bericht "kostenlimiet 200%"
      En is het verbruik van Anna € 100,00 van € 50,00

  @Q25
  Regel: Wat tijdens de blokkade was gebruikt, telt ook na het opheffen niet

    Scenario: Een late melding uit de tijd van de blokkade
      Gegeven een abonnee Anna met bundel "B" hoogstens 10 per maand
      En Anna is in Canada
      Als Anna voor € 50,00 aan data verbruikt
      Dan krijgt Anna het bericht "kostenlimiet 100%"

      Als er 2 uur voorbijgaan
      En Anna antwoordt met "JA"
      Dan krijgt Anna het bericht "blokkade opgeheven"

      Als er 1 uur voorbijgaat
      En achteraf blijkt dat Anna 2 MB verbruikte op 3 maart 2026 11:00
      Dan krijgt Anna geen sms, want het was verbruik tijdens een blokkade
      En is het verbruik van Anna € 50,00 van € 50,00
      En is van Anna 2 MB niet meegeteld

  @Q32
  Regel: Wat na de laatste bundel nog doorliep, kost niets

    Scenario: De rest van een groot bestand
      Gegeven een abonnee Cees met bundel "ROW" hoogstens 1 per maand
      En Cees is in Chili
      Als Cees 6 GB verbruikt
      Dan krijgt Cees het bericht "bundels op"
      En is het verbruik van Cees € 0,00 van € 50,00
      En is van Cees 1 GB niet meegeteld

  @Q36
  Regel: De Wereldbundel is de hele wereld, op het land

    Abstract Scenario: In elk gebied dezelfde bundel
      Gegeven een abonnee Anna met bundel "WORLD" hoogstens 10 per maand
      En Anna is in <land>
      Als Anna 1 GB verbruikt
      Dan krijgt Anna het bericht "bundel geactiveerd" met
        | bundel | WORLD |
      En is het verbruik van Anna € 0,00 van € 50,00

      Voorbeelden:
        | land       |
        | Servie     |
        | Thailand   |
        | Kenia      |

    Scenario: Op zee telt elke megabyte
      Gegeven een abonnee Anna met bundel "WORLD" hoogstens 10 per maand
      En Anna is in Scheepsnetwerk
      Als Anna 4 MB verbruikt
      Dan krijgt Anna het bericht "kostenlimiet 80%"
      En is het verbruik van Anna € 40,00 van € 50,00

  @Q43 @Q67
  Regel: Een netwerk kan ergens anders bij horen dan zijn land

    @Q41
    Scenario: Een boorplatform op de Noordzee valt onder bundel A
      Gegeven een abonnee Anna met bundel "A" hoogstens 10 per maand
      Als Anna naar de Noordzee reist
      Dan krijgt Anna het bericht "grensbericht" met
        | bundel | A |

    @Q37
    Scenario: De Kanaaleilanden zijn iets anders dan Engeland
      Gegeven een abonnee Anna
      Als Anna naar het Verenigd Koninkrijk reist
      Dan krijgt Anna het bericht "grensbericht"

      Als Anna overstapt op netwerk "Sure"
      Dan krijgt Anna het bericht "grensbericht"
      En kan Anna internetten

  @Q45 @Q52
  Regel: Het grensbericht komt bij het aanmelden, ook midden in de nacht

    Scenario: Een nachtvlucht
      Gegeven een abonnee Anna met bundel "B" hoogstens 10 per maand
      Als het 4 maart 2026 03:12 wordt
      En Anna naar Canada reist
      Dan krijgt Anna het bericht "grensbericht"
      En komt die sms binnen 1 seconde

  @Q53 @Q60
  Regel: Een gigabyte is duizend megabyte, en vol is vol

    Scenario: Precies vol start de volgende, leeg
      Gegeven een abonnee Cees met bundel "ROW" hoogstens 10 per maand
      En Cees is in Chili
      Als Cees 4999 MB verbruikt
      Dan krijgt Cees het bericht "bundel 80%"

      Als Cees 1 MB verbruikt
      Dan krijgt Cees het bericht "bundel vernieuwd"
      En zijn er nog 8 bundels over voor Cees

  @Q58
  Regel: Na de tweede keer opheffen is het de rest van de maand stil

    Scenario: Ook als de beheerder de limiet nog verhoogt
      Gegeven een abonnee Anna met bundel "B" hoogstens 10 per maand
      En Anna is in Canada
      En Anna heeft al € 100,00 verbruikt
      Als Anna antwoordt met "JA"
      Dan krijgt Anna het bericht "blokkade opgeheven tot einde maand"

      Als de beheerder de kostenlimiet van Anna op € 200 zet
      En Anna voor € 200,00 aan data verbruikt
      Dan krijgt Anna geen sms, want er is deze maand geen limiet meer
      En kan Anna internetten

  @Q66
  Regel: De toekomst wordt niet verrekend

    Scenario: Een klok die voorloopt
      Gegeven een abonnee Anna met bundel "B" hoogstens 10 per maand
      En Anna is in Canada
      Als achteraf blijkt dat Anna 4 MB verbruikte op 1 april 2026 00:00
      Dan wordt dat geweigerd
      En is het verbruik van Anna € 0,00 van € 50,00

  @Q22
  Regel: Wat over de maandwissel heen liep, wordt naar tijd verdeeld

    Scenario: Een uur rond middernacht
      Gegeven een abonnee Anna met bundel "B" hoogstens 10 per maand
      En Anna is in Canada
      Als het 1 april 2026 06:00 wordt
      En achteraf blijkt dat Anna 16 MB verbruikte van 31 maart 2026 23:00 tot 1 april 2026 01:00
      Dan is het verbruik van Anna € 20,00 van € 50,00
      En krijgt Anna geen sms

  @Q27
  Regel: Een oudere plaats is geen nieuws

    Scenario: De melding uit Frankrijk komt als Anna al in Spanje is
      Gegeven een abonnee Anna
      En Anna is in Spanje
      Als er 1 uur voorbijgaat
      En achteraf blijkt dat Anna op 3 maart 2026 09:00 in Frankrijk was
      Dan krijgt Anna geen sms, want er is al een nieuwere plaats bekend

  @Q28
  Regel: Verbruik gaat er nooit weer af

    Scenario: Een negatieve melding
      Gegeven een abonnee Anna met bundel "B" hoogstens 10 per maand
      En Anna is in Canada
      Als Anna voor € 40,00 aan data verbruikt
      Dan krijgt Anna het bericht "kostenlimiet 80%"

      Als voor Anna min 4 MB aan verbruik wordt gemeld
      Dan wordt dat geweigerd
      En is het verbruik van Anna € 40,00 van € 50,00

  @Q64
  Regel: Een antwoord is een dag lang de moeite waard

    Scenario: Na drieëntwintig uur komt het nog aan
      Gegeven een abonnee Dora
      En de telefoon van Dora staat uit
      Als Dora "HELP" naar 1330 stuurt
      Dan krijgt Dora geen sms

      Als er 23 uur voorbijgaan
      En de telefoon van Dora aangaat
      Dan krijgt Dora het bericht "hulp"

    Scenario: Na vijfentwintig uur niet meer
      Gegeven een abonnee Dora
      En de telefoon van Dora staat uit
      Als Dora "HELP" naar 1330 stuurt
      En er 25 uur voorbijgaan
      En de telefoon van Dora aangaat
      Dan krijgt Dora geen sms

  @4
  Regel: Een blad zegt waar elk netwerk hoort

    Scenario: Een netwerk dat niemand kent, hoort bij de rest van de wereld
      Gegeven een abonnee Anna met bundel "A" hoogstens 10 per maand
      Als Anna overstapt op het onbekende netwerk "999-99"
      Dan krijgt Anna het bericht "grensbericht" met
        | data per MB | € 6,05 |

      Als Anna voor € 40,00 aan data verbruikt
      Dan krijgt Anna het bericht "kostenlimiet 80%"
      En is het verbruik van Anna € 40,00 van € 50,00

  @Q1 @2.1
  Regel: Elke schakelaar houdt zijn eigen berichten stil, en geen andere

    Abstract Scenario: Wat met één schakelaar uit nog komt
      Gegeven de abonnees
        | naam | bundel | dataroaminglimiet |
        | Anna | A      | 100 MB            |
      En Anna heeft <code> uitgezet
      Als Anna naar Canada reist
      En Anna 80 MB verbruikt
      En Anna 24 GB verbruikt
      Dan tellen de berichten aan Anna als
        | grensbericht           | <grens>  |
        | bundel geactiveerd     | 1        |
        | dataroaminglimiet 80%  | <limiet> |
        | dataroaminglimiet 100% | <limiet> |
        | bundel 80%             | <bundel> |

      Voorbeelden:
        | code    | grens | limiet | bundel |
        | INFO    | 0     | 1      | 1      |
        | LIMIET  | 1     | 0      | 1      |
        | BERICHT | 1     | 1      | 0      |

  @2.2
  Regel: Of iemand geblokkeerd is, volgt uit limiet, kosten en antwoorden

    Scenario: Omhoog is vrij, en daarna telt alles opnieuw tegen de nieuwe limiet
      Gegeven een abonnee Bram met bundel "B" hoogstens 10 per maand
      En Bram is in Canada
      En data buiten de EU van Bram is geblokkeerd wegens de kostenlimiet
      Als de beheerder de kostenlimiet van Bram op € 100 zet
      Dan krijgt Bram het bericht "kostenlimiet verhoogd"
      En is data buiten de EU van Bram vrij

      Als Bram voor € 30,00 aan data verbruikt
      Dan krijgt Bram het bericht "kostenlimiet 80%"

      Als Bram voor € 20,00 aan data verbruikt
      Dan krijgt Bram het bericht "kostenlimiet 100%"
      En is data buiten de EU van Bram geblokkeerd wegens de kostenlimiet

  @3 @Q12
  Regel: Wat de wet van een tekst vraagt, staat erin

    Abstract Scenario: Een bericht dat uit mag, zegt hoe
      Gegeven een abonnee Anna met bundel "B" hoogstens 10 per maand
      Als Anna naar <land> reist
      Dan krijgt Anna een sms met "<woorden>"

      Voorbeelden:
        | land   | woorden                     |
        | Belgie | 112                         |
        | Belgie | Stop: INFO UIT naar 1330    |
        | Canada | incl. btw                   |
        | Canada | Stop: INFO UIT naar 1330    |

    Abstract Scenario: Een blokkade noemt het woord, de prijs en de btw
      Gegeven een abonnee Anna met bundel "B" hoogstens 10 per maand
      En Anna is in Canada
      Als Anna voor € 50,00 aan data verbruikt
      Dan krijgt Anna een sms met "<woorden>"

      Voorbeelden:
        | woorden             |
        | Antwoord DOORGAAN   |
        | /MB (excl. btw)     |
