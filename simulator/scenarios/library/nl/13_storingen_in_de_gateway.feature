# language: nl
@dienstbeschrijving:kostenbeheersing-buiten-de-eu
Functionaliteit: Wat de gateway zelf ook overkomt, de rekening klopt en elk bericht komt

  Achtergrond:
    Gegeven een abonnee Anna met bundel "B" hoogstens 10 per maand
    En Anna is in Canada

  Regel: De database

    @fout:db.locked @fout:db.full @fout:db.readonly
    Abstract Scenario: Kan de database niet, dan is er niets half gebeurd
      Als de fout database <hoe> optreedt
      En Anna voor € 40,00 aan data verbruikt
      Dan krijgt Anna het bericht "kostenlimiet 80%"
      En is het verbruik van Anna € 40,00 van € 50,00
      En is fout database <hoe> 1 keer opgetreden
      En staat er in de log service.failed

      Voorbeelden:
        | hoe          |
        | bezet        |
        | vol          |
        | alleen-lezen |

    @fout:db.io
    Scenario: Een sms die de schijf niet haalde, brengt de SMSC nog eens
      Als de fout schijf stuk optreedt
      En Anna "INFO UIT" naar 1330 stuurt
      Dan krijgt Anna het bericht "INFO uit"
      En staat INFO van Anna uit
      En staat er in de log service.failed

    @fout:db.slow
    Scenario: Een trage database is alleen maar traag
      Als de fout trage database optreedt
      En Anna voor € 40,00 aan data verbruikt
      Dan krijgt Anna het bericht "kostenlimiet 80%"
      En is fout trage database 1 keer opgetreden

    @fout:db.corrupt_page
    Scenario: Met een beschadigde database begint de gateway er niet aan
      Als Anna voor € 20,00 aan data verbruikt
      En de fout database beschadigd optreedt
      Dan krijgt Anna geen sms
      En is de gateway niet gereed
      En staat er in de log db.failed

      Als de fout database beschadigd voorbij is
      Dan is de gateway gezond
      En is het verbruik van Anna € 20,00 van € 50,00

  Regel: De gateway stopt

    @fout:gw.restart
    Scenario: Na een herstart weet iedereen nog waar hij was
      Gegeven Anna heeft al € 30,00 verbruikt
      Als de fout herstart optreedt
      En Anna voor € 10,00 aan data verbruikt
      Dan krijgt Anna het bericht "kostenlimiet 80%"
      En is het verbruik van Anna € 40,00 van € 50,00

    @fout:gw.kill
    Scenario: Na een harde val ook
      Gegeven Anna heeft al € 30,00 verbruikt
      Als de fout gateway valt om optreedt
      En Anna voor € 10,00 aan data verbruikt
      Dan krijgt Anna het bericht "kostenlimiet 80%"
      En is het verbruik van Anna € 40,00 van € 50,00

    @fout:gw.kill
    Abstract Scenario: Waar hij ook valt, de blokkade staat er één keer en het bericht is hetzelfde
      Als de fout gateway valt uit <wanneer> optreedt
      En Anna voor € 50,00 aan data verbruikt
      Dan tellen de berichten aan Anna als
        | kostenlimiet 100% | <hoe vaak> |
      En kan Anna niet internetten
      En is het verbruik van Anna € 50,00 van € 50,00

      Voorbeelden:
        | wanneer               | hoe vaak |
        | na het vastleggen     | 1        |
        | na het besluit        | 1        |
        | tijdens het verzenden | 2        |
        | na het verzenden      | 2        |

    @fout:gw.kill
    Scenario: Valt hij bij de maandwissel, dan wisselt de maand één keer
      Gegeven data buiten de EU van Anna is geblokkeerd wegens de kostenlimiet
      Als de fout gateway valt uit bij de maandwissel optreedt
      En de volgende maand begint
      Dan kan Anna internetten

      Als Anna voor € 40,00 aan data verbruikt
      Dan krijgt Anna het bericht "kostenlimiet 80%"

  Regel: De klok

    @fout:clock.month_edge
    Scenario: De laatste seconde van de maand hoort bij de maand
      Als de fout maandgrens optreedt
      En Anna voor € 40,00 aan data verbruikt
      Dan krijgt Anna het bericht "kostenlimiet 80%"
      En is het verbruik van Anna € 40,00 van € 50,00

      Als er 1 seconde voorbijgaat
      Dan is het verbruik van Anna € 0,00 van € 50,00

    @fout:clock.dst_spring
    Scenario: De nacht van 23 uur
      Als de fout zomertijd begint optreedt
      En er 1 seconde voorbijgaat
      En Anna voor € 40,00 aan data verbruikt
      Dan krijgt Anna het bericht "kostenlimiet 80%"

      Als er 1 dag voorbijgaat
      Dan is het verbruik van Anna € 40,00 van € 50,00

    @fout:clock.dst_autumn
    Scenario: Het uur dat er twee keer is, telt twee keer
      Als de fout zomertijd eindigt optreedt
      En Anna voor € 20,00 aan data verbruikt
      En er 1 uur voorbijgaat
      En Anna voor € 20,00 aan data verbruikt
      Dan krijgt Anna het bericht "kostenlimiet 80%"
      En is het verbruik van Anna € 40,00 van € 50,00

    @fout:clock.leap_day
    Scenario: Op 29 februari is de maand nog niet om
      Als de fout schrikkeldag optreedt
      En Anna voor € 40,00 aan data verbruikt
      Dan krijgt Anna het bericht "kostenlimiet 80%"

      Als er 1 seconde voorbijgaat
      Dan is het verbruik van Anna € 40,00 van € 50,00

      Als er 1 dag voorbijgaat
      Dan is het verbruik van Anna € 0,00 van € 50,00

    @fout:clock.step_back
    Scenario: De klok gaat nooit terug
      Als de fout klok terug optreedt
      Dan is de gateway gezond
      En staat er in de log clock.refused

    @fout:clock.jump_ahead
    Scenario: Veertig dagen vooruit is één maand verder
      Gegeven data buiten de EU van Anna is geblokkeerd wegens de kostenlimiet
      Als de fout klok ver vooruit optreedt
      Dan kan Anna internetten
      En is het verbruik van Anna € 0,00 van € 50,00

  Regel: De teksten

    @fout:template.missing_var @fout:template.too_long @fout:template.not_gsm7
    Abstract Scenario: Met een tekst die niet deugt, begint de gateway er niet aan
      Als de fout sjabloon <hoe> optreedt
      Dan is de gateway niet gereed

      Als de fout sjabloon <hoe> voorbij is
      En Anna "HELP" naar 1330 stuurt
      Dan krijgt Anna het bericht "hulp"

      Voorbeelden:
        | hoe               |
        | met onbekend veld |
        | te lang           |
        | buiten GSM-7      |
