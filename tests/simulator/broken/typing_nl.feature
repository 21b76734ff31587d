# language: nl
Functionaliteit: Typefouten

  Scenario: Een naam
    Gegeven een abonnee Anna
    Als Annna naar Canada reist
    Dan krijgt Anna geen sms

  Scenario: Een stap
    Gegeven een abonnee Anna
    Als Anna naar Canada reist
    Dan ontvangt Anna geen smsjes

  Scenario: Een land
    Gegeven een abonnee Anna
    Als Anna naar de Verenigde Statten reist
    Dan krijgt Anna geen sms

  Scenario: Een bedrag
    Gegeven een abonnee Anna
    Als Anna voor € 40.00 aan data verbruikt
    Dan krijgt Anna geen sms

  Scenario: Een hoeveelheid
    Gegeven een abonnee Anna
    Als Anna 7.5 GB verbruikt
    Dan krijgt Anna geen sms

  Scenario: Een bericht
    Gegeven een abonnee Anna
    Als Anna naar Canada reist
    Dan krijgt Anna het bericht "grensberricht"

  Scenario: Een waarde
    Gegeven een abonnee Anna
    Als Anna naar Canada reist
    Dan krijgt Anna het bericht "grensbericht" met
      | landd | Canada |

  Scenario: Een tekst
    Gegeven een abonnee Anna
    Als Anna "INFO UIT" naar 1330 stuurt
    Dan krijgt Anna een sms met "INFO staat nu uitt"

  Scenario: Een uur dat er niet is
    Gegeven de klok staat op 29 maart 2026 02:30
    En een abonnee Anna
    Als Anna naar Canada reist
    Dan krijgt Anna geen sms

  Scenario: De klok terug
    Gegeven de klok staat op 2 maart 2026 09:00
    En een abonnee Anna
    Als Anna naar Canada reist
    En het 1 maart 2026 09:00 wordt
    Dan krijgt Anna geen sms

  Scenario: Dan zonder Als
    Gegeven een abonnee Anna
    Dan krijgt Anna geen sms

  Scenario: Niets verwacht
    Gegeven een abonnee Anna
    Als Anna naar Canada reist

  Scenario: Iemand die niets doet
    Gegeven een abonnee Anna
    En een abonnee Bram
    Als Anna naar Canada reist
    Dan krijgt Anna geen sms

  Scenario: Een fout die niemand kan zien
    Gegeven een abonnee Anna
    Als Anna naar Canada reist
    En de fout SMSC zwijgt optreedt
    Dan krijgt Anna geen sms

  Scenario: Een fout die er niet is
    Gegeven een abonnee Anna
    Als de fout SMSC zwijgtt optreedt
    En Anna naar Canada reist
    Dan krijgt Anna geen sms

  Scenario: Een kolom
    Gegeven de abonnees
      | naam | bundle |
      | Anna | A      |
    Als Anna naar Canada reist
    Dan krijgt Anna geen sms

  Scenario: Een cel
    Gegeven de abonnees
      | naam | bundel |
      | Anna | C      |
    Als Anna naar Canada reist
    Dan krijgt Anna geen sms

  Scenario: Een stap op de verkeerde plaats
    Gegeven een abonnee Anna
    En Anna naar Canada reist
    Als Anna terugkeert naar Nederland
    Dan krijgt Anna geen sms

  Scenario: Een reden
    Gegeven een abonnee Anna
    Als Anna naar Canada reist
    Dan krijgt Anna geen sms, want INFO stond uit

  Scenario: Een reden
    Gegeven een abonnee Anna
    Als Anna naar Canada reist
    Dan krijgt Anna geen sms

  @dienstbeschrijving:kostenbeheersing
  Scenario: Een hoofdstuk
    Gegeven een abonnee Anna
    Als Anna naar Canada reist
    Dan krijgt Anna geen sms

  Scenario: Een tabel vergeten
    Gegeven een abonnee Anna
    Als Anna naar Canada reist
    Dan tellen de berichten aan Anna als

  Scenario: Een groepsbundel die niet bestaat
    Gegeven een abonnee Anna
    En een abonnee Bram
    En een groepsbundel "acme" van 20 GB voor Anna en Bram
    Als Anna 1 GB verbruikt
    Dan krijgt niemand een sms

  @G99
  Scenario: Een regel die er niet is
    Gegeven een abonnee Anna
    Als Anna naar Canada reist
    Dan krijgt Anna geen sms

  Scenario: Te laat ingesteld
    Gegeven een abonnee Anna
    En de gateway is ingesteld met
      | nieuwe maand melden | ja |
    Als Anna naar Canada reist
    Dan krijgt Anna geen sms

  Scenario: Ingesteld op iets dat niet kan
    Gegeven de gateway is ingesteld met
      | tweede waarschuwing | 250% |
    En een abonnee Anna
    Als Anna naar Canada reist
    Dan krijgt Anna geen sms

  Scenario: Een instelling die niemand kent
    Gegeven de gateway is ingesteld met
      | tweede warschuwing | 150% |
    En een abonnee Anna
    Als Anna naar Canada reist
    Dan krijgt Anna geen sms

  Scenario: Een onbekend netwerk dat bekend is
    Gegeven een abonnee Anna
    Als Anna overstapt op het onbekende netwerk "310-410"
    Dan krijgt Anna geen sms

  Scenario: Een abonnee die niemand kent, en verder niets
    Gegeven een klant Sanne met limiet € 50
    Als Sanne landt in Turkije
    En Sanne naar Narnia reist
    Dan krijgt Sanne geen bericht
