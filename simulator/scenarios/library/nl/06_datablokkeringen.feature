# language: nl
@dienstbeschrijving:datablokkeringen
Functionaliteit: Wat de beheerder blokkeert, blijft dicht tot hij het vrijgeeft

  @F1c
  Regel: Dataroaming buiten de EU

    Scenario: Dicht buiten de EU, open daarbinnen
      Gegeven een abonnee Anna met bundel "A" hoogstens 10 per maand
      Als de beheerder dataroaming buiten de EU voor Anna blokkeert
      En Anna naar Canada reist
      Dan krijgt Anna een sms met "data is uit en kost dus niets"
      En kan Anna niet internetten
      En is data buiten de EU van Anna geblokkeerd wegens de beheerder

      Als Anna naar Belgie reist
      Dan krijgt Anna het bericht "grensbericht"
      En kan Anna internetten

    Scenario: Vrijgegeven is weer open
      Gegeven een abonnee Anna met bundel "A" hoogstens 10 per maand
      En Anna is in Canada
      Als de beheerder dataroaming buiten de EU voor Anna blokkeert
      Dan kan Anna niet internetten

      Als de beheerder dataroaming buiten de EU voor Anna vrijgeeft
      Dan kan Anna internetten
      En is data buiten de EU van Anna vrij

    @Q56
    Scenario: Een sms heft dit niet op
      Gegeven een abonnee Anna met bundel "A" hoogstens 10 per maand
      En data buiten de EU van Anna is geblokkeerd wegens de beheerder
      En Anna is in Canada
      Als Anna antwoordt met "DOORGAAN"
      Dan krijgt Anna het bericht "opheffen kan niet per sms" met
        | reden | je beheerder (buiten de EU) |
      En kan Anna niet internetten

    @Q34 @Q56
    Scenario: Van twee redenen neemt een antwoord alleen de kosten weg
      Gegeven een abonnee Anna met bundel "B" hoogstens 10 per maand
      En Anna is in Canada
      En data buiten de EU van Anna is geblokkeerd wegens de kostenlimiet
      En data buiten de EU van Anna is geblokkeerd wegens de beheerder
      Als Anna antwoordt met "JA"
      Dan krijgt Anna het bericht "kostenblokkade opgeheven, data blijft uit"
      En kan Anna niet internetten
      En is data buiten de EU van Anna geblokkeerd wegens de beheerder

  @F1d
  Regel: Dataroaming in de EU

    Scenario: Dicht in Belgie, open in Nederland
      Gegeven een abonnee Anna
      Als de beheerder dataroaming in de EU voor Anna blokkeert
      En Anna naar Belgie reist
      Dan krijgt Anna een sms met "data staat uit, vraag je beheerder"
      En kan Anna niet internetten

      Als Anna terugkeert naar Nederland
      Dan kan Anna internetten

    Scenario: Vrijgegeven is ook in de EU weer open
      Gegeven een abonnee Anna
      En Anna is in Belgie
      Als de beheerder dataroaming in de EU voor Anna blokkeert
      Dan kan Anna niet internetten

      Als de beheerder dataroaming in de EU voor Anna vrijgeeft
      Dan kan Anna internetten

  @F1e @Q50
  Regel: Alle roaming

    Scenario: Wie nergens mag roamen, krijgt ook geen tarieven
      Gegeven een abonnee Anna met bundel "A" hoogstens 10 per maand
      Als de beheerder alle roaming voor Anna blokkeert
      En Anna naar Canada reist
      Dan krijgt Anna geen sms, want roaming is geblokkeerd
      En kan Anna niet internetten

      Als de beheerder alle roaming voor Anna vrijgeeft
      Dan kan Anna internetten
      En krijgt Anna geen sms

  @F1
  Regel: Een sms kan altijd

    Abstract Scenario: HELP werkt bij elke blokkade
      Gegeven een abonnee Anna met bundel "B" hoogstens 10 per maand
      En Anna is in Canada
      En data buiten de EU van Anna is geblokkeerd wegens <reden>
      Als Anna "HELP" naar 1330 stuurt
      Dan krijgt Anna het bericht "hulp"

      Voorbeelden:
        | reden                       |
        | de kostenlimiet             |
        | de beheerder                |
        | de beheerder (alle roaming) |
        | het ontbreken van een bundel |
        | een abonnement zonder data  |

  @A8 @A9
  Regel: Een abonnement van 0 GB heeft nergens data

    Scenario: Vanaf het begin dicht, ook thuis, tot de beheerder opheft
      Gegeven de abonnees
        | naam | tegoed |
        | Anna | 0 GB   |
      Als Anna 1 MB verbruikt
      Dan krijgt Anna geen sms
      En kan Anna niet internetten

      Als Anna antwoordt met "DOORGAAN"
      Dan krijgt Anna het bericht "opheffen kan niet per sms"
      En kan Anna niet internetten

      Als de beheerder de datablokkade van Anna opheft
      Dan kan Anna internetten

  @F2
  Regel: Een beetje verbruik tijdens een blokkade is geen fout

    Scenario: Achtergrondverkeer telt niet en meldt niets
      Gegeven een abonnee Anna met bundel "B" hoogstens 10 per maand
      En Anna is in Canada
      Als de beheerder dataroaming buiten de EU voor Anna blokkeert
      En Anna ondanks de blokkade 500 kB verbruikt
      Dan krijgt Anna geen sms, want het was verbruik tijdens een blokkade
      En is van Anna 500 kB niet meegeteld
      En is het verbruik van Anna € 0,00 van € 50,00
