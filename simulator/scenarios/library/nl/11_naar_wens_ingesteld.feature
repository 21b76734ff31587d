# language: nl
@dienstbeschrijving:kostenbeheersing-buiten-de-eu
Functionaliteit: Wat de aanbieder anders kan instellen

  Regel: Tussen de twee blokkades is het stil, tenzij een tweede waarschuwing is ingesteld

    @Q9
    Scenario: Zonder instelling komt er tussen 100% en 200% niets
      Gegeven een abonnee Bram met bundel "B" hoogstens 10 per maand
      En Bram is in Canada
      En data buiten de EU van Bram is geblokkeerd wegens de kostenlimiet
      Als Bram antwoordt met "JA"
      Dan krijgt Bram het bericht "blokkade opgeheven"

      Als Bram voor € 45,00 aan data verbruikt
      Dan krijgt Bram geen sms

    @Q9
    Scenario: Met een tweede waarschuwing op 150%
      Gegeven de gateway is ingesteld met
        | tweede waarschuwing | 150% |
      En een abonnee Bram met bundel "B" hoogstens 10 per maand
      En Bram is in Canada
      En data buiten de EU van Bram is geblokkeerd wegens de kostenlimiet
      Als Bram antwoordt met "JA"
      Dan krijgt Bram het bericht "blokkade opgeheven"

      Als Bram voor € 24,00 aan data verbruikt
      Dan krijgt Bram geen sms

      Als Bram voor € 1,00 aan data verbruikt
      Dan krijgt Bram het bericht "kostenlimiet voor de tweede keer bijna bereikt"
      En kan Bram internetten

  Regel: Na de tweede keer opheffen is het stil, tenzij beleefdheidsberichten zijn ingesteld

    @Q10
    Scenario: Bij 300% en bij 500% staat hoe het ervoor staat
      Gegeven de gateway is ingesteld met
        | beleefdheidsberichten | 300%, 500% |
      En een abonnee Bram met bundel "B" hoogstens 10 per maand
      En Bram is in Canada
      En Bram heeft al € 100,00 verbruikt
      Als Bram antwoordt met "JA"
      Dan krijgt Bram het bericht "blokkade opgeheven tot einde maand"

      Als Bram voor € 49,00 aan data verbruikt
      Dan krijgt Bram geen sms

      Als Bram voor € 1,00 aan data verbruikt
      Dan krijgt Bram het bericht "stand van de kosten"

      Als Bram voor € 100,00 aan data verbruikt
      Dan krijgt Bram het bericht "stand van de kosten"
      En kan Bram internetten

  Regel: Een kostenblokkade stopt alles buiten de EU, tenzij bundels gespaard zijn

    @Q15
    Scenario: Ook waar een bundel geldt, staat data dan uit
      Gegeven een abonnee Anna met bundel "A" hoogstens 10 per maand
      En Anna is in Japan
      Als Anna voor € 52,00 aan data verbruikt
      Dan krijgt Anna het bericht "kostenlimiet 100%"
      En kan Anna niet internetten

      Als Anna naar Canada reist
      Dan krijgt Anna het bericht "grensbericht"
      En kan Anna niet internetten

    @Q15
    Scenario: Met de smalle instelling werkt de bundel door
      Gegeven de gateway is ingesteld met
        | kostenblokkade | buiten de bundel |
      En een abonnee Anna met bundel "A" hoogstens 10 per maand
      En Anna is in Japan
      Als Anna voor € 52,00 aan data verbruikt
      Dan krijgt Anna het bericht "kostenlimiet 100%"
      En kan Anna niet internetten

      Als Anna naar Canada reist
      Dan krijgt Anna het bericht "grensbericht"
      En kan Anna internetten

  Regel: Een nieuwe maand begint in stilte, tenzij dat wordt gemeld

    @Q20
    Scenario: Wie geblokkeerd was, hoort dat data weer werkt
      Gegeven de gateway is ingesteld met
        | nieuwe maand melden | ja |
      En een abonnee Bram met bundel "B" hoogstens 10 per maand
      En Bram is in Canada
      En data buiten de EU van Bram is geblokkeerd wegens de kostenlimiet
      Als de volgende maand begint
      Dan krijgt Bram het bericht "nieuwe maand"
      En kan Bram internetten

  Regel: Het maximum van de bundels geldt per soort, tenzij ze samen tellen

    @Q31 @B13
    Scenario: Met één maximum voor alle soorten samen
      Gegeven de gateway is ingesteld met
        | maximum bundels | samen |
      En de abonnees
        | naam | bundel | hoogstens |
        | Cees | A, ROW | 1         |
      En Cees is in Argentinie
      Als Cees 1 MB verbruikt
      Dan krijgt Cees achtereenvolgens de berichten
        | bundel geactiveerd |
        | bundels op         |
      En kan Cees internetten

      Als Cees naar Canada reist
      Dan krijgt Cees het bericht "grensbericht"
      En kan Cees niet internetten

  @dienstbeschrijving:verbruiksnotificaties
  Regel: Het grensbericht in de EU kan een tweede deel hebben

    @E1
    Scenario: Met lange grensberichten komt er een over betaalde nummers achteraan
      Gegeven de gateway is ingesteld met
        | lange grensberichten | ja |
      En een abonnee Anna
      Als Anna naar Belgie reist
      Dan krijgt Anna 2 berichten
