# language: nl
@dienstbeschrijving:shortcodes
Functionaliteit: Met een sms naar 1330 zet je berichten aan en uit

  Achtergrond:
    Gegeven een abonnee Anna

  @E11
  Regel: HELP geeft een overzicht van de codes

    Scenario: Anna vraagt om hulp
      Als Anna "HELP" naar 1330 stuurt
      Dan krijgt Anna het bericht "hulp"
      En komt die sms van 1330
      En is die sms hooguit 1 segment lang
      En past die sms in GSM-7

    @6.1
    Abstract Scenario: Hulp mag op meer manieren worden gevraagd
      Als Anna "<tekst>" naar 1330 stuurt
      Dan krijgt Anna het bericht "hulp"

      Voorbeelden:
        | tekst |
        | help  |
        | Hulp  |
        | Help! |
        | ?     |

  Regel: Elke code zet één soort bericht aan of uit

    Abstract Scenario: Een code uitzetten en weer aanzetten
      Als Anna "<code> UIT" naar 1330 stuurt
      Dan krijgt Anna het bericht "<code> uit"
      En staat <code> van Anna uit

      Als Anna "<code> AAN" naar 1330 stuurt
      Dan krijgt Anna het bericht "<code> aan"
      En staat <code> van Anna aan

      @E5 @E6
      Voorbeelden: Meldingen over verbruik
        | code    |
        | BERICHT |

      @E7 @E8
      Voorbeelden: Tarieven bij de grens
        | code |
        | INFO |

      @E9 @E10
      Voorbeelden: Waarschuwingen over limieten
        | code   |
        | LIMIET |

    @E8 @6.1
    Abstract Scenario: Zo schrijft niemand het, zo bedoelt iedereen het
      Als Anna "<tekst>" naar 1330 stuurt
      Dan krijgt Anna het bericht "INFO uit"

      Voorbeelden:
        | tekst      |
        | info uit   |
        | INFO  UIT. |
        | Info-uit   |
        | uit info   |
        | INFOUIT    |
        | İNFO uit   |

    @E7
    Scenario: Wat al aan stond, blijft aan, en dat wordt gezegd
      Als Anna "INFO AAN" naar 1330 stuurt
      Dan krijgt Anna het bericht "niets gewijzigd" met
        | code  | INFO |
        | stand | AAN  |

    @E4
    Scenario: Een code zonder AAN of UIT vraagt hoe het staat
      Als Anna "LIMIET" naar 1330 stuurt
      Dan krijgt Anna het bericht "stand" met
        | code  | LIMIET |
        | stand | AAN    |
      En staat LIMIET van Anna aan

  @6.1
  Regel: Alleen een hele tekst is een code

    Scenario: Een code midden in een zin is geen code
      Als Anna "ik wil geen info aan" naar 1330 stuurt
      Dan krijgt Anna het bericht "onbekende code"
      En staat INFO van Anna aan

    @H
    Scenario: Een instelcode van de telefoon is hier onbekend
      Als Anna "*43#" naar 1330 stuurt
      Dan krijgt Anna het bericht "onbekende code"

    @Q65
    Scenario: Op onbekende teksten komt hooguit één antwoord per uur
      Als Anna "hoi" naar 1330 stuurt
      Dan krijgt Anna het bericht "onbekende code"

      Als Anna "is daar iemand" naar 1330 stuurt
      Dan krijgt Anna geen sms, want daar is net al op geantwoord

      Als er 61 minuten voorbijgaan
      En Anna "hallo" naar 1330 stuurt
      Dan krijgt Anna het bericht "onbekende code"

    @Q65
    Scenario: Een sms die de telefoon twee keer stuurt, wordt één keer beantwoord
      Als Anna "INFO UIT" naar 1330 stuurt
      En Anna "INFO UIT" naar 1330 stuurt
      Dan krijgt Anna het bericht "INFO uit"
      En staat INFO van Anna uit

  @N @Q54
  Regel: Alleen wie een abonnement heeft, krijgt antwoord

    Scenario: Een onbekend nummer krijgt geen antwoord
      Als een onbekend nummer "HELP" naar 1330 stuurt
      Dan krijgt niemand een sms

    @Q54
    Scenario: Ook vanuit het buitenland werkt een code
      Gegeven Anna is in Canada
      Als Anna "INFO UIT" naar 1330 stuurt
      Dan krijgt Anna het bericht "INFO uit"
