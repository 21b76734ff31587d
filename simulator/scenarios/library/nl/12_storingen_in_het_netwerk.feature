# language: nl
@dienstbeschrijving:kostenbeheersing-buiten-de-eu
Functionaliteit: Wat het netwerk ook verkeerd meldt, niemand betaalt te veel en niemand hoort iets twee keer

  Achtergrond:
    Gegeven een abonnee Anna met bundel "B" hoogstens 10 per maand
    En Anna is in Canada

  Regel: Een gebeurtenis telt één keer

    @fout:http.duplicate @Q26
    Scenario: Dezelfde melding twee keer
      Als de fout gebeurtenis dubbel optreedt
      En Anna voor € 40,00 aan data verbruikt
      Dan krijgt Anna het bericht "kostenlimiet 80%"
      En is het verbruik van Anna € 40,00 van € 50,00

    @fout:http.gone_before_reply @Q26
    Scenario: Het netwerk wacht het antwoord niet af en meldt het nog eens
      Als de fout netwerk wacht het antwoord niet af optreedt
      En Anna voor € 40,00 aan data verbruikt
      Dan krijgt Anna het bericht "kostenlimiet 80%"
      En is het verbruik van Anna € 40,00 van € 50,00

    @fout:http.burst
    Scenario: Twintig kleine meldingen tegelijk zijn samen één keer 80%
      Als de fout gebeurtenis in stukjes optreedt
      En Anna voor € 45,00 aan data verbruikt
      Dan krijgt Anna het bericht "kostenlimiet 80%"
      En is het verbruik van Anna € 45,00 van € 50,00

    @fout:http.burst @dienstbeschrijving:beheer-en-beveiliging
    Scenario: Twintig keer aangemeld is één keer aangekomen
      Als de fout gebeurtenis in stukjes optreedt
      En Anna naar de Verenigde Staten reist
      Dan krijgt Anna het bericht "grensbericht"

  Regel: Een gebeurtenis op de verkeerde tijd

    @fout:http.reordered
    Scenario: De tweede melding komt voor de eerste
      Als de fout gebeurtenis na de volgende optreedt
      En Anna voor € 40,00 aan data verbruikt
      Dan krijgt Anna geen sms

      Als Anna voor € 1,00 aan data verbruikt
      Dan krijgt Anna het bericht "kostenlimiet 80%"
      En is het verbruik van Anna € 41,00 van € 50,00

    @fout:http.late_period @Q23
    Scenario: Verbruik van vorige maand telt bij vorige maand
      Als de fout gebeurtenis van vorige maand optreedt
      En Anna voor € 40,00 aan data verbruikt
      Dan krijgt Anna geen sms, want het hoort bij een vorige maand
      En is het verbruik van Anna € 0,00 van € 50,00

    @fout:http.skewed_clock
    Scenario: Een melding uit de toekomst wordt geweigerd
      Als de fout netwerk met verkeerde klok optreedt
      En Anna voor € 40,00 aan data verbruikt
      Dan wordt dat geweigerd
      En krijgt Anna geen sms
      En is het verbruik van Anna € 0,00 van € 50,00

  Regel: Een gebeurtenis die geen gebeurtenis is

    @fout:http.malformed
    Scenario: Kapotte meldingen tellen niet, de goede daarna wel
      Als de fout kapotte gebeurtenis optreedt
        | hoe vaak | 2 |
      En Anna voor € 40,00 aan data verbruikt
      Dan wordt dat geweigerd
      En krijgt Anna geen sms

      Als Anna voor € 40,00 aan data verbruikt
      Dan wordt dat geweigerd
      En krijgt Anna geen sms

      Als Anna voor € 40,00 aan data verbruikt
      Dan krijgt Anna het bericht "kostenlimiet 80%"
      En is het verbruik van Anna € 40,00 van € 50,00

    @fout:http.huge
    Scenario: Een melding van negen megabyte komt er niet in
      Als de fout reusachtige gebeurtenis optreedt
      En Anna voor € 40,00 aan data verbruikt
      Dan wordt dat geweigerd
      En krijgt Anna geen sms
      En is de gateway gezond

    @fout:http.slow_body
    Scenario: Een melding die druppelsgewijs binnenkomt, telt als elke andere
      Als de fout druppelende gebeurtenis optreedt
      En Anna voor € 40,00 aan data verbruikt
      Dan krijgt Anna het bericht "kostenlimiet 80%"

  Regel: Het netwerk hoort niet dat data geblokkeerd is

    @fout:policy.down @Q52
    Scenario: Het blokkadesysteem is weg: het bericht gaat toch, de blokkade komt later
      Als de fout blokkadesysteem weg optreedt
        | hoe vaak | 2 |
      En Anna voor € 50,00 aan data verbruikt
      Dan krijgt Anna het bericht "kostenlimiet 100%"
      En kan Anna niet internetten
      En is fout blokkadesysteem weg 2 keer opgetreden
      En staat er in de log policy.push_failed

    @fout:policy.refuses @Q52
    Scenario: Het blokkadesysteem weigert, en wordt opnieuw gevraagd
      Als de fout blokkadesysteem weigert optreedt
      En Anna voor € 50,00 aan data verbruikt
      Dan krijgt Anna het bericht "kostenlimiet 100%"
      En kan Anna niet internetten
      En staat er in de log policy.push_failed

    @fout:policy.slow
    Scenario: Een traag blokkadesysteem houdt het bericht niet op
      Als de fout traag blokkadesysteem optreedt
      En Anna voor € 50,00 aan data verbruikt
      Dan krijgt Anna het bericht "kostenlimiet 100%"
      En kan Anna niet internetten
