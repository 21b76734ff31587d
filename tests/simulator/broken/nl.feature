# language: nl
Functionaliteit: Scenario's die met opzet niet kloppen, en wat de tester dan leest

  Achtergrond:
    Gegeven de klok staat op 3 maart 2026 10:00
    En een abonnee Bram met bundel "B" hoogstens 10 per maand
    En Bram is in de Verenigde Staten

  Scenario: Een bericht dat niet kwam, want de grens is niet bereikt
    Als Bram voor € 39,99 aan data verbruikt
    Dan krijgt Bram het bericht "kostenlimiet 80%"

  Scenario: Stilte verwacht, maar INFO staat weer aan
    Als Bram "info uit" naar 1330 stuurt
    Dan krijgt Bram het bericht "INFO uit"

    Als Bram "INFO AAN" naar 1330 stuurt
    En Bram naar Canada reist
    Dan krijgt Bram geen sms

  Scenario: Een bericht vergeten
    Als Bram naar Canada reist
    Dan kan Bram internetten

  Scenario: Een andere waarde
    Als Bram voor € 41,20 aan data verbruikt
    Dan krijgt Bram het bericht "kostenlimiet 80%" met
      | bedrag   | € 40,00 |
      | limiet   | € 50,00 |
      | afzender | 1330    |

  Scenario: Een ander bericht
    Als Bram voor € 50,00 aan data verbruikt
    Dan krijgt Bram het bericht "kostenlimiet 80%"

  Scenario: De fout kwam nooit
    Als de fout SMSC zegt: te druk optreedt
    En Bram voor € 1,00 aan data verbruikt
    Dan krijgt Bram geen sms

  Scenario: Niet rustig
    Als de fout SMSC zegt: te druk optreedt
      | hoe vaak | steeds |
    En Bram "HELP" naar 1330 stuurt
    Dan krijgt Bram het bericht "hulp"

  Scenario: Geen data, en waarom niet
    Als Bram voor € 50,00 aan data verbruikt
    Dan krijgt Bram het bericht "kostenlimiet 100%"
    En kan Bram internetten

  Scenario: Geweigerd, en niemand die dat verwachtte
    Als de beheerder de kostenlimiet van Bram op € 25 zet
    Dan krijgt Bram geen sms

  Scenario: Stil om een andere reden
    Gegeven Bram heeft INFO uitgezet
    Als Bram naar Canada reist
    Dan krijgt Bram geen sms, want het is hetzelfde land

  Scenario: Het aantal klopt niet
    Als Bram antwoordt met "JA"
    Dan krijgt Bram 2 berichten

  Scenario: Verstuurd en niet aangekomen
    Als de fout nummer geweigerd optreedt
    En Bram "HELP" naar 1330 stuurt
    Dan krijgt Bram het bericht "hulp"

  Scenario: Een kostenlimiet zonder bundel
    Gegeven een abonnee Sanne met kostenlimiet € 50
    En Sanne is in Turkije
    Als Sanne voor € 40,00 aan data verbruikt
    Dan krijgt Sanne het bericht "kostenlimiet 80%"

  Scenario: Een kostenlimiet zonder bundel, in een adem met de reis
    Gegeven een abonnee Sanne met kostenlimiet € 50
    Als Sanne naar Turkije reist
    En Sanne voor € 40,00 aan data verbruikt
    Dan krijgt Sanne het bericht "grensbericht"
    En krijgt Sanne het bericht "kostenlimiet 80%"

  Scenario: Verbruik zonder bundel
    Gegeven een abonnee Sanne met kostenlimiet € 50
    En Sanne is in Turkije
    Als Sanne voor € 40,00 aan data verbruikt
    Dan is het verbruik van Sanne € 40,00 van € 50,00

  Scenario: Een sms vergeten die eerder kwam
    Als Bram naar Canada reist
    En Bram "HELP" naar 1330 stuurt
    Dan krijgt Bram het bericht "hulp"

  Scenario: Woorden die pas in de tweede sms staan
    Als Bram naar Canada reist
    En Bram "INFO UIT" naar 1330 stuurt
    Dan krijgt Bram een sms met "INFO staat nu UIT"

  Scenario: Data had dicht moeten zijn
    Als Bram voor € 1,00 aan data verbruikt
    Dan kan Bram niet internetten

  Scenario: Data is dicht, maar niet hier
    Als Bram voor € 50,00 aan data verbruikt
    Dan krijgt Bram het bericht "kostenlimiet 100%"

    Als Bram terugkeert naar Nederland
    Dan kan Bram niet internetten
