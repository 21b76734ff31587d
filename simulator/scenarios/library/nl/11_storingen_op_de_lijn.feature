# language: nl
@dienstbeschrijving:shortcodes
Functionaliteit: Hoe vreemd de lijn met de SMSC zich ook gedraagt, elk bericht komt aan

  Achtergrond:
    Gegeven een abonnee Anna met bundel "B" hoogstens 10 per maand

  Regel: De SMSC neemt niet alles aan

    @fout:smsc.throttle
    Scenario: Om en om te druk
      Gegeven een abonnee Bram
      Als de fout SMSC zegt: te druk optreedt
        | om de hoeveel | 2      |
        | hoe vaak      | steeds |
      En Anna "HELP" naar 1330 stuurt
      En Bram "HELP" naar 1330 stuurt
      En de fout SMSC zegt: te druk voorbij is
      Dan krijgt Anna het bericht "hulp"
      En krijgt Bram het bericht "hulp"

    @fout:smsc.throttle
    Scenario: Nu en dan te druk, zoals het toeval wil
      Als de fout SMSC zegt: te druk optreedt
        | kans     | 50% |
        | hoe vaak | 3   |
      En Anna "HELP" naar 1330 stuurt
      En Anna "INFO" naar 1330 stuurt
      En Anna "LIMIET" naar 1330 stuurt
      En Anna "BERICHT" naar 1330 stuurt
      En Anna "INFO UIT" naar 1330 stuurt
      En Anna "INFO AAN" naar 1330 stuurt
      En Anna "LIMIET UIT" naar 1330 stuurt
      En Anna "LIMIET AAN" naar 1330 stuurt
      Dan krijgt Anna 8 berichten

    @fout:smsc.throttle_rate
    Scenario: Niet meer dan zoveel per seconde, en toch krijgt iedereen zijn bericht
      Gegeven een abonnee Bram
      En een abonnee Cees
      En een abonnee Dora
      Als de fout SMSC met snelheidsgrens optreedt
        | per seconde | 2 |
      En tegelijk:
        | Anna "HELP" naar 1330 stuurt |
        | Bram "HELP" naar 1330 stuurt |
        | Cees "HELP" naar 1330 stuurt |
        | Dora "HELP" naar 1330 stuurt |
      Dan krijgt Anna het bericht "hulp"
      En krijgt Bram het bericht "hulp"
      En krijgt Cees het bericht "hulp"
      En krijgt Dora het bericht "hulp"
      En staat er in de log mt.retry_scheduled

    @fout:smsc.reject_dest
    Scenario: Wie geweigerd wordt, houdt een ander niet op
      Gegeven een abonnee Bram
      Als de fout nummer geweigerd optreedt
        | bij wie | Anna |
      En tegelijk:
        | Anna "HELP" naar 1330 stuurt |
        | Bram "HELP" naar 1330 stuurt |
      Dan krijgt Bram het bericht "hulp"
      En krijgt Anna geen sms
      En staat er in de log mt.failed

  Regel: De verbinding houdt het niet

    @fout:smsc.disconnect
    Scenario: De lijn breekt midden in een antwoord
      Als de fout verbinding weg optreedt
        | hoe vaak | 2 |
      En Anna naar Canada reist
      Dan krijgt Anna het bericht "grensbericht"
      En is fout verbinding weg 2 keer opgetreden
      En is de gateway gezond

    @fout:smsc.hang_up
    Scenario: De SMSC hangt op zonder afscheid
      Als de fout verbinding gesloten optreedt
      En Anna "INFO UIT" naar 1330 stuurt
      Dan krijgt Anna het bericht "INFO uit"
      En staat er in de log smpp.unbound

    @fout:smsc.half_open
    Scenario: Een lijn die dood is, wordt gevonden en vervangen
      Als de fout lijn dood optreedt
      En Anna naar Canada reist
      Dan krijgt Anna het bericht "grensbericht"
      En staat er in de log smpp.link_lost
      En is de gateway gezond

    @fout:smsc.bind_password
    Scenario: Een wachtwoord dat even niet klopt
      Als de fout wachtwoord geweigerd optreedt
        | hoe vaak | 3 |
      En Anna "HELP" naar 1330 stuurt
      Dan krijgt Anna het bericht "hulp"
      En is fout wachtwoord geweigerd 3 keer opgetreden
      En staat er in de log smpp.bind_failed

  Regel: De SMSC zegt iets dat niemand begrijpt

    @fout:smsc.bad_pdu
    Scenario: Kapotte PDU's kosten geen enkel bericht
      Als de fout kapotte PDU optreedt
        | hoe vaak | 3 |
      En Anna "HELP" naar 1330 stuurt
      En Anna "INFO" naar 1330 stuurt
      En Anna naar Canada reist
      Dan krijgt Anna achtereenvolgens de berichten
        | hulp         |
        | stand        |
        | grensbericht |
      En is fout kapotte PDU 3 keer opgetreden
      En staat er in de log smpp.pdu_rejected
      En is de gateway gezond

    @fout:smsc.bad_length
    Scenario: Wie niet meer weet waar een PDU begint, begint opnieuw
      Als de fout PDU zonder einde optreedt
      En Anna "HELP" naar 1330 stuurt
      Dan krijgt Anna het bericht "hulp"
      En staat er in de log smpp.pdu_rejected
      En is de gateway gezond

  Regel: Ontvangstbevestigingen die niet kloppen

    @fout:smsc.dlr_reordered
    Scenario: Twee bevestigingen in de verkeerde volgorde, elk bij zijn eigen bericht
      Gegeven een abonnee Bram
      Als de fout ontvangstbevestiging na de volgende optreedt
        | bij wie | Anna |
      En Anna "HELP" naar 1330 stuurt
      En er 5 seconden voorbijgaan
      Dan krijgt Anna het bericht "hulp"
      En is die sms onderweg

      Als Bram "INFO" naar 1330 stuurt
      En er 5 seconden voorbijgaan
      Dan krijgt Bram het bericht "stand"
      En is die sms afgeleverd

      Als Anna "LIMIET" naar 1330 stuurt
      Dan krijgt Anna het bericht "stand"
      En is die sms onderweg

    @fout:smsc.dlr_unknown_id
    Scenario: Een bevestiging van een bericht dat niet van ons is
      Als de fout ontvangstbevestiging van een ander optreedt
      En Anna "HELP" naar 1330 stuurt
      En er 5 seconden voorbijgaan
      Dan krijgt Anna het bericht "hulp"
      En is die sms onderweg
      En staat er in de log dlr.orphaned

    @fout:smsc.dlr_garbled
    Scenario: Een onleesbare bevestiging zegt niets en breekt niets
      Als de fout onleesbare ontvangstbevestiging optreedt
      En Anna "HELP" naar 1330 stuurt
      En er 5 seconden voorbijgaan
      Dan krijgt Anna het bericht "hulp"
      En is die sms onderweg

      Als Anna "INFO" naar 1330 stuurt
      En er 5 seconden voorbijgaan
      Dan krijgt Anna het bericht "stand"
      En is die sms afgeleverd

    @fout:smsc.dlr_expired @fout:smsc.dlr_rejected
    Abstract Scenario: Een bericht dat niet aankwam, heet mislukt en gaat niet nog eens
      Als de fout <fout> optreedt
      En Anna naar Canada reist
      En er 1 uur voorbijgaat
      Dan krijgt Anna geen sms
      En is die sms mislukt
      En is fout <fout> 1 keer opgetreden

      Voorbeelden:
        | fout                 |
        | aflevering verlopen  |
        | aflevering geweigerd |

  Regel: De sms van de abonnee komt anders aan dan hij ging

    @fout:smsc.mo_dup @Q65
    Scenario: Een sms die twee keer binnenkomt, wordt één keer uitgevoerd
      Als de fout sms dubbel optreedt
      En Anna "INFO UIT" naar 1330 stuurt
      Dan krijgt Anna het bericht "INFO uit"
      En staat INFO van Anna uit
      En is fout sms dubbel 1 keer opgetreden

    @fout:smsc.mo_reordered
    Scenario: Het tweede deel komt voor het eerste
      Als de fout delen in verkeerde volgorde optreedt
      En Anna "INFO UIT" naar 1330 stuurt
      Dan krijgt Anna het bericht "INFO uit"

    @fout:smsc.mo_parts_missing
    Scenario: Een halve opdracht is geen opdracht
      Als de fout deel kwijt optreedt
      En Anna "INFO UIT" naar 1330 stuurt
      En er 2 dagen voorbijgaan
      Dan krijgt Anna geen sms
      En staat INFO van Anna aan
      En staat er in de log mo.reassembly_expired

    @fout:smsc.mo_ucs2 @fout:smsc.mo_8bit
    Abstract Scenario: In welk alfabet ook, de opdracht is dezelfde
      Als de fout <fout> optreedt
      En Anna "INFO UIT" naar 1330 stuurt
      Dan krijgt Anna het bericht "INFO uit"
      En staat INFO van Anna uit

      Voorbeelden:
        | fout         |
        | sms in UCS-2 |
        | sms in 8 bits |

  Regel: De telefoon is er even niet

    @fout:phone.off
    Scenario: De SMSC probeert het na tien minuten nog eens
      Als de fout telefoon uit optreedt
      En Anna naar Canada reist
      Dan krijgt Anna geen sms

      Als er 10 minuten voorbijgaan
      Dan krijgt Anna het bericht "grensbericht"
      En is die sms onderweg

      Als er 2 seconden voorbijgaan
      Dan is die sms afgeleverd

    @fout:phone.full
    Scenario: Een volle telefoon krijgt alles zodra er weer plaats is
      Als de fout telefoon vol optreedt
        | bij wie  | Anna   |
        | hoe vaak | steeds |
      En Anna "HELP" naar 1330 stuurt
      En Anna "INFO" naar 1330 stuurt
      En er 30 minuten voorbijgaan
      Dan krijgt Anna geen sms

      Als de fout telefoon vol voorbij is
      Dan krijgt Anna achtereenvolgens de berichten
        | hulp   |
        | stand  |

    @fout:phone.roaming_lost @Q51
    Scenario: Wie te lang geen bereik heeft, krijgt geen oud grensbericht meer
      Als de fout telefoon zonder bereik optreedt
        | hoe vaak | steeds |
        | hoe lang | 12 uur |
      En Anna naar Canada reist
      En er 1 dag voorbijgaat
      Dan krijgt Anna geen sms
      En is die sms mislukt
