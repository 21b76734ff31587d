# language: nl
@dienstbeschrijving:kostenbeheersing-buiten-de-eu
Functionaliteit: Een reis van begin tot eind, zoals Eva hem op haar telefoon leest

  @E1 @G4 @G6 @G7
  Scenario: Tien dagen Japan
    Gegeven de klok staat op 9 maart 2026 08:00
    En een abonnee Eva met kostenlimiet € 30
    En Eva heeft BERICHT uitgezet
    Als de beheerder bundel "A" voor Eva aanzet
    En Eva naar Japan reist
    En er 3 uur voorbijgaan
    En Eva voor € 24,00 aan data verbruikt
    En er 1 dag voorbijgaat
    En Eva voor € 6,00 aan data verbruikt
    En Eva antwoordt met "Doorgaan"
    En het 19 maart 2026 18:00 wordt
    En Eva terugkeert naar Nederland
    En Eva 2 GB verbruikt
    Dan is het gesprek gelijk aan bestand "een_reis.txt"
