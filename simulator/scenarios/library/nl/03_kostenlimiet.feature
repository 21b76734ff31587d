# language: nl
@dienstbeschrijving:kostenbeheersing-buiten-de-eu
Functionaliteit: De kostenlimiet houdt de rekening buiten de EU in de hand

  Achtergrond:
    Gegeven de klok staat op 3 maart 2026 10:00
    En de abonnees
      | naam | bundel |
      | Bram | B      |
    En Bram is in de Verenigde Staten

  @G1 @G4 @G6 @G7 @G8 @Q20
  Regel: Het hele verhaal van een maand

    Scenario: Waarschuwing, blokkade, antwoord, tweede blokkade, antwoord, vrij tot het einde van de maand
      Als Bram voor € 40,00 aan data verbruikt
      Dan krijgt Bram het bericht "kostenlimiet 80%" met
        | bedrag | € 40,00 |
        | limiet | € 50,00 |
      En kan Bram internetten

      Als Bram voor € 10,00 aan data verbruikt
      Dan krijgt Bram het bericht "kostenlimiet 100%" met
        | limiet             | € 50,00  |
        | tweemaal de limiet | € 100,00 |
        | data per MB        | € 2,50   |
      En kan Bram niet internetten

      Als Bram antwoordt met "JA"
      Dan krijgt Bram het bericht "blokkade opgeheven"
      En kan Bram internetten

      Als Bram voor € 50,00 aan data verbruikt
      Dan krijgt Bram het bericht "kostenlimiet 200%"
      En kan Bram niet internetten

      Als Bram antwoordt met "JA"
      Dan krijgt Bram het bericht "blokkade opgeheven tot einde maand"
      En kan Bram internetten

      Als Bram voor € 400,00 aan data verbruikt
      Dan krijgt Bram geen sms, want er is deze maand geen limiet meer
      En kan Bram internetten
      En is het verbruik van Bram € 500,00 van € 50,00

      Als het 1 april 2026 00:00 wordt
      Dan is het verbruik van Bram € 0,00 van € 50,00

      Als Bram voor € 50,00 aan data verbruikt
      Dan krijgt Bram het bericht "kostenlimiet 100%"
      En kan Bram niet internetten

  @G4
  Regel: Bij 80% komt één vooraankondiging

    @Q11
    Scenario: Een cent onder de grens is stil
      Als Bram voor € 39,99 aan data verbruikt
      Dan krijgt Bram geen sms, want de grens is niet bereikt

    @Q11
    Scenario: Precies op de grens is bereikt
      Als Bram voor € 40,00 aan data verbruikt
      Dan krijgt Bram het bericht "kostenlimiet 80%"

    Scenario: De waarschuwing komt maar één keer
      Als Bram voor € 41,00 aan data verbruikt
      Dan krijgt Bram het bericht "kostenlimiet 80%"

      Als Bram voor € 2,00 aan data verbruikt
      Dan krijgt Bram geen sms

    @E10 @Q2 @Q3
    Scenario: Met LIMIET UIT komt de waarschuwing niet, de blokkade wel
      Als Bram "LIMIET UIT" naar 1330 stuurt
      Dan krijgt Bram een sms met "De limiet van € 50,00 (excl. btw) blijft gelden"

      Als Bram voor € 40,00 aan data verbruikt
      Dan krijgt Bram geen sms, want LIMIET staat uit

      Als Bram voor € 10,00 aan data verbruikt
      Dan krijgt Bram het bericht "kostenlimiet 100%"
      En kan Bram niet internetten

  @G6
  Regel: Bij 100% en 200% is data buiten de EU geblokkeerd

    @Q8
    Scenario: Wie in één keer over de limiet gaat, krijgt alleen het belangrijkste bericht
      Als Bram voor € 60,00 aan data verbruikt
      Dan krijgt Bram het bericht "kostenlimiet 100%"
      En is data buiten de EU van Bram geblokkeerd wegens de kostenlimiet

    @Q8
    Scenario: Wie in één keer over tweemaal de limiet gaat, kan met één antwoord tot het einde van de maand door
      Als Bram voor € 125,00 aan data verbruikt
      Dan krijgt Bram het bericht "kostenlimiet 200%"
      En kan Bram niet internetten

      Als Bram antwoordt met "DOORGAAN"
      Dan krijgt Bram het bericht "blokkade opgeheven tot einde maand"
      En kan Bram internetten

    @Q16
    Scenario: De blokkade geldt niet in Nederland en de EU
      Als Bram voor € 50,00 aan data verbruikt
      Dan krijgt Bram het bericht "kostenlimiet 100%"
      En kan Bram niet internetten

      Als Bram naar Belgie reist
      Dan krijgt Bram het bericht "grensbericht"
      En kan Bram internetten

      Als Bram terugkeert naar Nederland
      Dan kan Bram internetten

    @Q61
    Scenario: Wie geblokkeerd een volgend land in reist, leest daar hoe hij verder kan
      Als Bram voor € 50,00 aan data verbruikt
      Dan krijgt Bram het bericht "kostenlimiet 100%"

      Als Bram naar Canada reist
      Dan krijgt Bram een sms met "data geblokkeerd, limiet € 50,00 ex btw bereikt"

    @F2 @Q25
    Scenario: Een beetje verbruik tijdens de blokkade telt niet mee
      Als Bram voor € 50,00 aan data verbruikt
      Dan krijgt Bram het bericht "kostenlimiet 100%"

      Als Bram ondanks de blokkade 1 MB verbruikt
      Dan krijgt Bram geen sms, want het was verbruik tijdens een blokkade
      En is het verbruik van Bram € 50,00 van € 50,00
      En is van Bram 1 MB niet meegeteld

  Regel: Een antwoord heft de blokkade op

    @G7 @Q6
    Abstract Scenario: Deze woorden heffen op
      Gegeven data buiten de EU van Bram is geblokkeerd wegens de kostenlimiet
      Als Bram antwoordt met "<woord>"
      Dan krijgt Bram het bericht "blokkade opgeheven"
      En is data buiten de EU van Bram vrij

      Voorbeelden:
        | woord      |
        | DOORGAAN   |
        | ja         |
        | Verder!    |
        | continue   |
        | deblokkeer |

    @Q6
    Abstract Scenario: Deze woorden heffen niet op
      Gegeven data buiten de EU van Bram is geblokkeerd wegens de kostenlimiet
      Als Bram antwoordt met "<woord>"
      Dan krijgt Bram het bericht "onbekende code"
      En kan Bram niet internetten

      Voorbeelden:
        | woord |
        | ok    |
        | aan   |
        | 👍     |

    @Q6
    Scenario: NEE is ook een antwoord
      Gegeven data buiten de EU van Bram is geblokkeerd wegens de kostenlimiet
      Als Bram antwoordt met "NEE"
      Dan krijgt Bram het bericht "blokkade blijft"
      En kan Bram niet internetten

    @Q7
    Scenario: Wie niet geblokkeerd is, heeft niets op te heffen
      Als Bram antwoordt met "JA"
      Dan krijgt Bram het bericht "geen blokkade" met
        | bedrag | € 0,00  |
        | limiet | € 50,00 |

    @Q7
    Scenario: Een antwoord te veel keurt de volgende blokkade niet goed
      Gegeven data buiten de EU van Bram is geblokkeerd wegens de kostenlimiet
      Als Bram antwoordt met "JA"
      Dan krijgt Bram het bericht "blokkade opgeheven"

      Als er 5 minuten voorbijgaan
      En Bram antwoordt met "JA"
      Dan krijgt Bram het bericht "geen blokkade"

      Als Bram voor € 50,00 aan data verbruikt
      Dan krijgt Bram het bericht "kostenlimiet 200%"
      En kan Bram niet internetten

  @G9 @Q57
  Regel: De beheerder kan overschrijden verbieden

    Scenario: Opheffen kan dan niet
      Gegeven overschrijden van de limiet is voor Bram niet toegestaan
      Als Bram voor € 50,00 aan data verbruikt
      Dan krijgt Bram het bericht "kostenlimiet bereikt"
      En kan Bram niet internetten

      Als Bram antwoordt met "JA"
      Dan krijgt Bram het bericht "opheffen niet toegestaan"
      En kan Bram niet internetten

    @Q19
    Scenario: Mag het later wel, dan kan het antwoord alsnog
      Gegeven overschrijden van de limiet is voor Bram niet toegestaan
      Als Bram voor € 50,00 aan data verbruikt
      Dan krijgt Bram het bericht "kostenlimiet bereikt"

      Als de beheerder overschrijden van de limiet voor Bram toestaat
      Dan krijgt Bram geen sms
      En kan Bram niet internetten

      Als Bram antwoordt met "JA"
      Dan krijgt Bram het bericht "blokkade opgeheven"
      En kan Bram internetten

  Regel: De limiet is per aansluiting in te stellen

    @G2 @G3
    Abstract Scenario: Deze bedragen kunnen
      Als de beheerder de kostenlimiet van Bram op <bedrag> zet
      En de volgende maand begint
      Dan is het verbruik van Bram € 0,00 van <bedrag>

      Voorbeelden:
        | bedrag  |
        | € 10    |
        | € 30    |
        | € 50    |
        | € 100   |
        | € 150   |
        | € 200   |
        | € 500   |
        | € 1.000 |
        | € 2.000 |
        | € 5.000 |

    @G3
    Scenario: Een ander bedrag kan niet
      Als de beheerder de kostenlimiet van Bram op € 25 zet
      Dan wordt dat geweigerd
      En is het verbruik van Bram € 0,00 van € 50,00

    @G10
    Scenario: Een verlaging geldt pas vanaf de eerste
      Als de beheerder de kostenlimiet van Bram op € 10 zet
      En Bram voor € 20,00 aan data verbruikt
      Dan krijgt Bram geen sms
      En is het verbruik van Bram € 20,00 van € 50,00

      Als de volgende maand begint
      En Bram voor € 10,00 aan data verbruikt
      Dan krijgt Bram het bericht "kostenlimiet 100%" met
        | limiet | € 10,00 |

    @G10 @Q17
    Scenario: Een verhoging geldt meteen en heft de blokkade op
      Als Bram voor € 50,00 aan data verbruikt
      Dan krijgt Bram het bericht "kostenlimiet 100%"

      Als de beheerder de kostenlimiet van Bram op € 100 zet
      Dan krijgt Bram het bericht "kostenlimiet verhoogd" met
        | limiet | € 100,00 |
        | bedrag | € 50,00  |
      En kan Bram internetten

    @Q18
    Scenario: Wie zich bedenkt, houdt zijn limiet
      Als de beheerder de kostenlimiet van Bram op € 10 zet
      En de beheerder de kostenlimiet van Bram op € 50 zet
      En de volgende maand begint
      Dan is het verbruik van Bram € 0,00 van € 50,00

  Regel: Op de eerste begint alles opnieuw

    @G1 @Q20 @Q21
    Scenario: De blokkade vervalt om middernacht, zonder bericht
      Gegeven data buiten de EU van Bram is geblokkeerd wegens de kostenlimiet
      Als het 31 maart 2026 23:59 wordt
      Dan kan Bram niet internetten

      Als er 1 minuut voorbijgaat
      Dan kan Bram internetten
      En krijgt Bram geen sms
      En is het verbruik van Bram € 0,00 van € 50,00

    @C2 @Q23
    Scenario: Verbruik van vorige maand telt bij vorige maand
      Als het 2 april 2026 12:00 wordt
      En achteraf blijkt dat Bram 20 MB verbruikte op 30 maart 2026 12:00
      Dan krijgt Bram geen sms, want het hoort bij een vorige maand
      En is het verbruik van Bram € 0,00 van € 50,00

    @C2 @Q23
    Scenario: Na de vijftiende is een maand gesloten
      Als het 16 april 2026 00:00 wordt
      En achteraf blijkt dat Bram 20 MB verbruikte op 30 maart 2026 12:00
      Dan wordt dat geweigerd
      En krijgt Bram geen sms

  @Q26
  Regel: Dubbel gemeld telt één keer

    Scenario: Dezelfde gebeurtenis nog eens
      Als Bram voor € 40,00 aan data verbruikt
      Dan krijgt Bram het bericht "kostenlimiet 80%"

      Als dezelfde gebeurtenis nog eens binnenkomt
      Dan krijgt Bram geen sms, want die gebeurtenis is al verwerkt
      En is het verbruik van Bram € 40,00 van € 50,00

  @B7 @G4
  Regel: Zonder bundel is er geen data buiten de EU, en dus niets te beperken

    Scenario: Een eigen limiet met een bundel waarschuwt bij 80 procent
      Gegeven een abonnee Sanne met kostenlimiet € 10 en bundel "B"
      En Sanne is in Turkije
      Als Sanne voor € 8,00 aan data verbruikt
      Dan krijgt Sanne het bericht "kostenlimiet 80%" met
        | bedrag | € 8,00  |
        | limiet | € 10,00 |

    Scenario: Een bundel alleen is genoeg om te internetten
      Gegeven een abonnee Sanne met bundel "B"
      Als Sanne naar Turkije reist
      Dan krijgt Sanne het bericht "grensbericht"
      En kan Sanne internetten

    Scenario: Zonder bundel niet
      Gegeven een abonnee Sanne met kostenlimiet € 10
      Als Sanne naar Turkije reist
      Dan krijgt Sanne het bericht "grensbericht"
      En kan Sanne niet internetten
