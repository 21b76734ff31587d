# language: nl
Functionaliteit: Kostenlimiet

  Scenario: Nog niet op 80%
    Gegeven de klok staat op 3 maart 2026 10:00
    En een abonnee Bram met bundel "B" hoogstens 10 per maand
    En Bram is in de Verenigde Staten
    Als Bram voor € 39,99 aan data verbruikt
    Dan krijgt Bram het bericht "kostenlimiet 80%"
