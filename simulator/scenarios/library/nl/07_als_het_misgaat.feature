# language: nl
Functionaliteit: Ook als er iets misgaat, komt elk bericht aan

  Achtergrond:
    Gegeven een abonnee Anna met bundel "B" hoogstens 10 per maand

  Regel: De SMSC heeft het moeilijk

    @fout:smsc.throttle
    Scenario: Te druk: het bericht komt, alleen later
      Als de fout SMSC zegt: te druk optreedt
        | hoe vaak | 3 |
      En Anna "HELP" naar 1330 stuurt
      Dan krijgt Anna het bericht "hulp"
      En is fout SMSC zegt: te druk 3 keer opgetreden
      En staat er in de log mt.retry_scheduled

    @fout:smsc.queue_full
    Scenario: Een volle wachtrij is ook maar tijdelijk
      Als de fout SMSC-wachtrij vol optreedt
      En Anna "HELP" naar 1330 stuurt
      Dan krijgt Anna het bericht "hulp"

    @fout:smsc.reject_dest
    Scenario: Een geweigerd nummer is geweigerd
      Als de fout nummer geweigerd optreedt
      En Anna "HELP" naar 1330 stuurt
      Dan krijgt Anna geen sms
      En staat er in de log mt.failed

    @fout:smsc.silent
    Scenario: De SMSC zwijgt: na de wachttijd gaat het bericht nog eens
      Als de fout SMSC zwijgt optreedt
      En Anna "HELP" naar 1330 stuurt
      Dan krijgt Anna het bericht "hulp"
      En is fout SMSC zwijgt 1 keer opgetreden

    @fout:smsc.disconnect
    Scenario: De verbinding valt weg en komt terug
      Als de fout verbinding weg optreedt
      En Anna "HELP" naar 1330 stuurt
      Dan krijgt Anna het bericht "hulp"
      En is de gateway gezond

    @fout:smsc.bind_refused
    Scenario: Zolang aanmelden niet mag, wacht alles, en daarna komt alles
      Als de fout aanmelden geweigerd optreedt
        | hoe vaak | steeds |
      En Anna naar Canada reist
      Dan krijgt Anna geen sms
      En is de gateway verminderd
      En staat er in de log smpp.bind_failed

      Als de fout aanmelden geweigerd voorbij is
      Dan krijgt Anna het bericht "grensbericht"
      En is de gateway gezond

    @fout:smsc.resp_late
    Scenario: Een antwoord dat te laat komt, levert hooguit hetzelfde bericht nog eens
      Als de fout laat antwoord optreedt
      En Anna "HELP" naar 1330 stuurt
      Dan krijgt Anna achtereenvolgens de berichten
        | hulp |
        | hulp |

    @fout:smsc.resp_lost
    Scenario: Gaat het antwoord verloren, dan komt hetzelfde bericht nog eens en geen ander
      Als de fout antwoord verloren optreedt
        | bij wie | Anna |
      En Anna "HELP" naar 1330 stuurt
      Dan krijgt Anna achtereenvolgens de berichten
        | hulp |
        | hulp |

    @fout:smsc.syserr
    Scenario: Een fout van de SMSC is niet het einde
      Als de fout SMSC-fout optreedt
        | hoe lang | 10 minuten |
      En Anna "HELP" naar 1330 stuurt
      Dan krijgt Anna het bericht "hulp"

    @fout:smsc.slow
    Scenario: Een trage SMSC is geen kapotte SMSC
      Als de fout trage SMSC optreedt
      En Anna naar Canada reist
      Dan krijgt Anna het bericht "grensbericht"

  Regel: Ontvangstbevestigingen

    Scenario: Een bevestigd bericht is afgeleverd
      Als Anna "HELP" naar 1330 stuurt
      Dan krijgt Anna het bericht "hulp"
      En komt die sms binnen 5 seconden
      En is die sms onderweg

      Als er 2 seconden voorbijgaan
      Dan is die sms afgeleverd

    @fout:smsc.dlr_fail
    Scenario: Een mislukte aflevering is mislukt
      Als de fout aflevering mislukt optreedt
      En Anna "HELP" naar 1330 stuurt
      En er 2 seconden voorbijgaan
      Dan krijgt Anna geen sms
      En is die sms mislukt
      En staat er in de log mt.failed

    @fout:smsc.dlr_dup
    Scenario: Een dubbele bevestiging verandert niets
      Als de fout dubbele ontvangstbevestiging optreedt
      En Anna "HELP" naar 1330 stuurt
      En er 2 seconden voorbijgaan
      Dan krijgt Anna het bericht "hulp"
      En is die sms afgeleverd

    @fout:smsc.dlr_before_resp
    Scenario: Een bevestiging die te vroeg komt, raakt niet zoek
      Als de fout te vroege ontvangstbevestiging optreedt
      En Anna "HELP" naar 1330 stuurt
      Dan krijgt Anna het bericht "hulp"
      En is die sms afgeleverd

    @fout:smsc.dlr_never
    Scenario: Zonder bevestiging blijft een bericht onderweg
      Als de fout geen ontvangstbevestiging optreedt
      En Anna "HELP" naar 1330 stuurt
      En er 1 uur voorbijgaat
      Dan krijgt Anna het bericht "hulp"
      En is die sms onderweg

  Regel: De telefoon

    @Q51 @fout:phone.off
    Scenario: Een telefoon die uit staat, krijgt zijn bericht als hij weer aangaat
      Gegeven de telefoon van Anna staat uit
      Als Anna naar Canada reist
      Dan krijgt Anna geen sms

      Als er 1 uur voorbijgaat
      En de telefoon van Anna aangaat
      Dan krijgt Anna het bericht "grensbericht"

    @Q51
    Scenario: Een grensbericht van gisteren heeft niemand meer nodig
      Als de telefoon van Anna uitgaat
      En Anna naar Canada reist
      En er 5 uur voorbijgaan
      En de telefoon van Anna aangaat
      Dan krijgt Anna geen sms

  Regel: De gateway zelf

    @fout:gw.restart
    Scenario: Een herstart vergeet niets
      Gegeven Anna is in Canada
      Als Anna voor € 40,00 aan data verbruikt
      Dan krijgt Anna het bericht "kostenlimiet 80%"

      Als de gateway herstart
      Dan krijgt Anna geen sms
      En is het verbruik van Anna € 40,00 van € 50,00

      Als Anna voor € 10,00 aan data verbruikt
      Dan krijgt Anna het bericht "kostenlimiet 100%"

    @fout:gw.kill
    Scenario: Ook wie hard valt, weet nog wie geblokkeerd was
      Gegeven Anna is in Canada
      En data buiten de EU van Anna is geblokkeerd wegens de kostenlimiet
      Als de gateway hard stopt en weer start
      En Anna antwoordt met "JA"
      Dan krijgt Anna het bericht "blokkade opgeheven"
      En kan Anna internetten

    Abstract Scenario: De gateway valt uit midden in zijn werk, en het bericht komt toch
      Gegeven Anna is in Canada
      Als de fout gateway valt uit <wanneer> optreedt
      En Anna voor € 40,00 aan data verbruikt
      Dan krijgt Anna het bericht "kostenlimiet 80%"
      En is het verbruik van Anna € 40,00 van € 50,00
      En is fout gateway valt uit <wanneer> 1 keer opgetreden

      Voorbeelden:
        | wanneer           |
        | na het vastleggen |
        | na het besluit    |

    Abstract Scenario: Valt hij uit rond het verzenden, dan komt hooguit hetzelfde bericht nog eens
      Gegeven Anna is in Canada
      Als de fout gateway valt uit <wanneer> optreedt
      En Anna voor € 40,00 aan data verbruikt
      Dan tellen de berichten aan Anna als
        | kostenlimiet 80% | 2 |
      En is het verbruik van Anna € 40,00 van € 50,00

      Voorbeelden:
        | wanneer               |
        | tijdens het verzenden |
        | na het verzenden      |

    Scenario: Ook bij de maandwissel gaat niets verloren
      Gegeven Anna is in Canada
      En data buiten de EU van Anna is geblokkeerd wegens de kostenlimiet
      Als de fout gateway valt uit bij de maandwissel optreedt
      En de volgende maand begint
      Dan kan Anna internetten
      En is het verbruik van Anna € 0,00 van € 50,00

    @Q26
    Scenario: Na een herstart telt een dubbele gebeurtenis nog steeds één keer
      Gegeven Anna is in Canada
      Als Anna voor € 20,00 aan data verbruikt
      En de gateway herstart
      En dezelfde gebeurtenis nog eens binnenkomt
      Dan krijgt Anna geen sms
      En is het verbruik van Anna € 20,00 van € 50,00

  Regel: Alles tegelijk

    Scenario: Drie mensen tegelijk, ieder zijn eigen bericht
      Gegeven een abonnee Bram met bundel "B" hoogstens 10 per maand
      En een abonnee Cees
      Als tegelijk:
        | Anna naar Canada reist        |
        | Bram "INFO UIT" naar 1330 stuurt |
        | Cees naar Belgie reist        |
      Dan krijgt Anna het bericht "grensbericht"
      En krijgt Bram het bericht "INFO uit"
      En krijgt Cees het bericht "grensbericht"

    Scenario: Twee keer over de grens van 80% in welke volgorde ook is één waarschuwing
      Gegeven Anna is in Canada
      Als tegelijk:
        | Anna voor € 40,00 aan data verbruikt |
        | Anna voor € 1,00 aan data verbruikt  |
        | Anna voor € 2,00 aan data verbruikt  |
      Dan krijgt Anna 1 berichten
      En is het verbruik van Anna € 43,00 van € 50,00
