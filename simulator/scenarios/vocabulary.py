"""The closed vocabulary: every phrase a scenario may use, in Dutch and in English, with an example and its handler.

One wording a meaning; synonyms only for getting a text: krijgt/ontvangt, gets/receives, sms/bericht, message/text. A
phrase is a row here, a function (acts.py, portal.py, trouble.py, checks.py) and a scenario that uses it. In an
expression {word} is a value (matching.py), a/b either word, (x) may be left out.
A phrase that cannot be carried out is not here.

Not here: what a value may be (interpret.py).
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from simulator.scenarios import acts, checks, portal, trouble
from simulator.scenarios.acts import Call
from simulator.scenarios.reading import Kind
from simulator.scenarios.scene import Scene

Handler = Callable[[Scene, Call], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Phrase:
    """`words` says what a {string} in it is: message, text, bundle, network, file, customer. `table` names the table
    that belongs under it; one that ends in ? may be left out.
    """

    id: str
    kind: Kind
    nl: str
    en: str
    nl_example: str
    en_example: str
    handler: Handler
    words: str = ""
    table: str = ""

    def expression(self, language: str) -> str:
        return self.nl if language == "nl" else self.en

    def example(self, language: str) -> str:
        return self.nl_example if language == "nl" else self.en_example


GIVEN: Final = (
    Phrase(
        "1", "given", "de klok staat op {moment}", "the clock is at {moment}",
        "de klok staat op 2 maart 2026 09:00", "the clock is at 2 March 2026 09:00", acts.clock_at,
    ),
    Phrase("2", "given", "een abonnee {naam}", "a subscriber {name}",
        "een abonnee Anna", "a subscriber Anna", portal.subscriber),
    Phrase(
        "3", "given", "een abonnee {naam} met kostenlimiet {bedrag}", "a subscriber {name} with cost limit {amount}",
        "een abonnee Anna met kostenlimiet € 50", "a subscriber Anna with cost limit € 50",
        portal.subscriber_with_limit,
    ),
    Phrase(
        "4", "given", "een abonnee {naam} met bundel {string} hoogstens {int} per maand",
        "a subscriber {name} with bundle {string} at most {int} per month",
        'een abonnee Cees met bundel "ROW" hoogstens 10 per maand',
        'a subscriber Cees with bundle "ROW" at most 10 per month', portal.subscriber_with_bundle, words="bundle",
    ),
    Phrase("76", "given", "een abonnee {naam} met bundel {string}", "a subscriber {name} with bundle {string}",
        'een abonnee Bram met bundel "B"', 'a subscriber Bram with bundle "B"',
        portal.subscriber_with_bundle, words="bundle"),
    Phrase(
        "77", "given", "een abonnee {naam} met kostenlimiet {bedrag} en bundel {string}",
        "a subscriber {name} with cost limit {amount} and bundle {string}",
        'een abonnee Bram met kostenlimiet € 50 en bundel "B"',
        'a subscriber Bram with cost limit € 50 and bundle "B"', portal.subscriber_with_both, words="bundle",
    ),
    Phrase("5", "given", "de abonnees", "the subscribers", "de abonnees", "the subscribers",
        portal.subscribers, table="people"),
    Phrase("6", "given", "{naam} is in {land}", "{name} is in {country}",
        "Bram is in de Verenigde Staten", "Bram is in the United States", acts.is_in),
    Phrase("7", "given", "{naam} heeft al {bedrag} verbruikt", "{name} has already used {amount}",
        "Bram heeft al € 30,00 verbruikt", "Bram has already used € 30.00", acts.has_used),
    Phrase("8", "given", "{naam} heeft {code} uitgezet", "{name} has switched {code} off",
        "Anna heeft INFO uitgezet", "Anna has switched INFO off", portal.has_switched_off),
    Phrase("9", "given", "de telefoon van {naam} staat uit", "{name}'s phone is off",
        "de telefoon van Dora staat uit", "Dora's phone is off", acts.phone_is_off),
    Phrase(
        "10", "given", "data buiten de EU van {naam} is geblokkeerd wegens {blokkadereden}",
        "data outside the EU of {name} is blocked because of {block_reason}",
        "data buiten de EU van Bram is geblokkeerd wegens de kostenlimiet",
        "data outside the EU of Bram is blocked because of the cost limit", portal.is_blocked,
    ),
    Phrase(
        "11", "given", "overschrijden van de limiet is voor {naam} niet toegestaan",
        "exceeding the limit is not allowed for {name}",
        "overschrijden van de limiet is voor Bram niet toegestaan",
        "exceeding the limit is not allowed for Bram", partial(portal.hard_cap, on=True),
    ),
    Phrase(
        "12", "given", "een groepsbundel {string} van {data} voor {namen}",
        "a shared bundle {string} of {data} for {names}",
        'een groepsbundel "acme" van 30 GB voor Anna en Bram', 'a shared bundle "acme" of 30 GB for Anna and Bram',
        portal.pool, words="customer",
    ),
    Phrase("70", "given", "de gateway is ingesteld met", "the gateway is configured with",
        "de gateway is ingesteld met", "the gateway is configured with", acts.nothing, table="settings"),
    Phrase("71", "given", "{naam} heeft een horloge met hetzelfde nummer", "{name} has a watch with the same number",
        "Anna heeft een horloge met hetzelfde nummer", "Anna has a watch with the same number", portal.has_watch),
)  # fmt: skip

WHEN: Final = (
    Phrase("13", "when", "{naam} naar {land} reist", "{name} travels to {country}",
        "Anna naar Canada reist", "Anna travels to Canada", acts.travel),
    Phrase("14", "when", "{naam} terugkeert naar Nederland", "{name} returns to the Netherlands",
        "Anna terugkeert naar Nederland", "Anna returns to the Netherlands", acts.go_home),
    Phrase("15", "when", "{naam} overstapt op netwerk {string}", "{name} switches to network {string}",
        'Anna overstapt op netwerk "310-260"', 'Anna switches to network "310-260"',
        acts.switch_network, words="network"),
    Phrase("16", "when", "{naam} {string} naar {kortnummer} stuurt", "{name} texts {string} to {shortcode}",
        'Anna "INFO UIT" naar 1330 stuurt', 'Anna texts "INFO UIT" to 1330', acts.text, words="text"),
    Phrase("17", "when", "{naam} antwoordt met {string}", "{name} replies {string}",
        'Bram antwoordt met "JA"', 'Bram replies "YES"', acts.reply, words="text"),
    Phrase("18", "when", "{naam} {data} verbruikt", "{name} uses {data} of data",
        "Cees 45 GB verbruikt", "Cees uses 45 GB of data", acts.use),
    Phrase(
        "19", "when", "{naam} {data} verbruikt in stappen van {data}", "{name} uses {data} of data in steps of {data}",
        "Cees 100 MB verbruikt in stappen van 10 MB", "Cees uses 100 MB of data in steps of 10 MB",
        acts.use_in_steps,
    ),
    Phrase("20", "when", "{naam} voor {bedrag} aan data verbruikt", "{name} uses data worth {amount}",
        "Bram voor € 40,00 aan data verbruikt", "Bram uses data worth € 40.00", acts.use_worth),
    Phrase("21", "when", "het {moment} wordt", "it becomes {moment}",
        "het 1 april 2026 00:00 wordt", "it becomes 1 April 2026 00:00", acts.becomes),
    Phrase("22", "when", "er {duur} voorbijgaat/voorbijgaan", "{duration} pass(es)",
        "er 4 uur voorbijgaat", "4 hours pass", acts.passes),
    Phrase("23", "when", "de volgende maand begint", "the next month begins",
        "de volgende maand begint", "the next month begins", acts.next_month),
    Phrase(
        "24", "when", "de beheerder de kostenlimiet van {naam} op {bedrag} zet",
        "the administrator sets the cost limit of {name} to {amount}",
        "de beheerder de kostenlimiet van Bram op € 100 zet",
        "the administrator sets the cost limit of Bram to € 100", portal.set_cost_limit,
    ),
    Phrase(
        "25", "when", "de beheerder bundel {string} voor {naam} aanzet",
        "the administrator switches bundle {string} on for {name}",
        'de beheerder bundel "A" voor Anna aanzet', 'the administrator switches bundle "A" on for Anna',
        partial(portal.switch_bundle, on=True), words="bundle",
    ),
    Phrase(
        "25-off", "when", "de beheerder bundel {string} voor {naam} uitzet",
        "the administrator switches bundle {string} off for {name}",
        'de beheerder bundel "A" voor Anna uitzet', 'the administrator switches bundle "A" off for Anna',
        partial(portal.switch_bundle, on=False), words="bundle",
    ),
    Phrase(
        "25-max", "when", "de beheerder het maximum van bundel {string} voor {naam} op {int} zet",
        "the administrator sets the maximum of bundle {string} for {name} to {int}",
        'de beheerder het maximum van bundel "A" voor Anna op 5 zet',
        'the administrator sets the maximum of bundle "A" for Anna to 5', portal.set_maximum, words="bundle",
    ),
    Phrase(
        "26", "when", "de beheerder dataroaming buiten de EU voor {naam} blokkeert",
        "the administrator blocks data roaming outside the EU for {name}",
        "de beheerder dataroaming buiten de EU voor Anna blokkeert",
        "the administrator blocks data roaming outside the EU for Anna",
        partial(portal.block, what="data_outside_eu", on=True),
    ),
    Phrase(
        "26-world-on", "when", "de beheerder dataroaming buiten de EU voor {naam} vrijgeeft",
        "the administrator allows data roaming outside the EU for {name}",
        "de beheerder dataroaming buiten de EU voor Anna vrijgeeft",
        "the administrator allows data roaming outside the EU for Anna",
        partial(portal.block, what="data_outside_eu", on=False),
    ),
    Phrase(
        "26-eu-off", "when", "de beheerder dataroaming in de EU voor {naam} blokkeert",
        "the administrator blocks data roaming in the EU for {name}",
        "de beheerder dataroaming in de EU voor Anna blokkeert",
        "the administrator blocks data roaming in the EU for Anna", partial(portal.block, what="data_eu", on=True),
    ),
    Phrase(
        "26-eu-on", "when", "de beheerder dataroaming in de EU voor {naam} vrijgeeft",
        "the administrator allows data roaming in the EU for {name}",
        "de beheerder dataroaming in de EU voor Anna vrijgeeft",
        "the administrator allows data roaming in the EU for Anna", partial(portal.block, what="data_eu", on=False),
    ),
    Phrase(
        "26-roaming-off", "when", "de beheerder alle roaming voor {naam} blokkeert",
        "the administrator blocks all roaming for {name}",
        "de beheerder alle roaming voor Anna blokkeert", "the administrator blocks all roaming for Anna",
        partial(portal.block, what="roaming", on=True),
    ),
    Phrase(
        "26-roaming-on", "when", "de beheerder alle roaming voor {naam} vrijgeeft",
        "the administrator allows all roaming for {name}",
        "de beheerder alle roaming voor Anna vrijgeeft", "the administrator allows all roaming for Anna",
        partial(portal.block, what="roaming", on=False),
    ),
    Phrase("27", "when", "de telefoon van {naam} aangaat", "{name}'s phone goes on",
        "de telefoon van Dora aangaat", "Dora's phone goes on", partial(acts.phone, on=True)),
    Phrase("27-off", "when", "de telefoon van {naam} uitgaat", "{name}'s phone goes off",
        "de telefoon van Dora uitgaat", "Dora's phone goes off", partial(acts.phone, on=False)),
    Phrase("28", "when", "dezelfde gebeurtenis nog eens binnenkomt", "the same event arrives again",
        "dezelfde gebeurtenis nog eens binnenkomt", "the same event arrives again", acts.same_event_again),
    Phrase("29", "when", "de fout {fout} optreedt", "the fault {fault} occurs",
        "de fout SMSC zegt: te druk optreedt", "the fault SMSC says: too busy occurs", trouble.arm, table="fault?"),
    Phrase("30", "when", "de fout {fout} voorbij is", "the fault {fault} is over",
        "de fout SMSC zwijgt voorbij is", "the fault SMSC is silent is over", trouble.disarm),
    Phrase("31", "when", "de gateway herstart", "the gateway restarts",
        "de gateway herstart", "the gateway restarts", trouble.restart),
    Phrase("31-kill", "when", "de gateway hard stopt en weer start", "the gateway crashes and starts",
        "de gateway hard stopt en weer start", "the gateway crashes and starts", trouble.crash),
    Phrase("32", "when", "tegelijk:", "at the same time:", "tegelijk:", "at the same time:",
        acts.nothing, table="steps"),
    Phrase("60", "when", "{naam} ondanks de blokkade {data} verbruikt",
        "{name} uses {data} of data in spite of the block",
        "Bram ondanks de blokkade 1 MB verbruikt", "Bram uses 1 MB of data in spite of the block",
        partial(acts.use, leak=True)),
    Phrase(
        "61", "when", "achteraf blijkt dat {naam} {data} verbruikte op {moment}",
        "it turns out that {name} used {data} of data at {moment}",
        "achteraf blijkt dat Bram 4 MB verbruikte op 30 maart 2026 12:00",
        "it turns out that Bram used 4 MB of data at 30 March 2026 12:00", acts.used_earlier,
    ),
    Phrase(
        "62", "when", "de beheerder de dataverbruikmelding van {naam} op {data} zet",
        "the administrator sets the data usage alert of {name} to {data}",
        "de beheerder de dataverbruikmelding van Anna op 10 GB zet",
        "the administrator sets the data usage alert of Anna to 10 GB", portal.set_usage_alert,
    ),
    Phrase(
        "63", "when", "de beheerder de dataroaminglimiet van {naam} op {data} zet",
        "the administrator sets the data roaming limit of {name} to {data}",
        "de beheerder de dataroaminglimiet van Anna op 100 MB zet",
        "the administrator sets the data roaming limit of Anna to 100 MB", portal.set_roaming_limit,
    ),
    Phrase(
        "64", "when", "de beheerder overschrijden van de limiet voor {naam} verbiedt",
        "the administrator forbids exceeding the limit for {name}",
        "de beheerder overschrijden van de limiet voor Bram verbiedt",
        "the administrator forbids exceeding the limit for Bram", partial(portal.hard_cap, on=True),
    ),
    Phrase(
        "65", "when", "de beheerder overschrijden van de limiet voor {naam} toestaat",
        "the administrator allows exceeding the limit for {name}",
        "de beheerder overschrijden van de limiet voor Bram toestaat",
        "the administrator allows exceeding the limit for Bram", partial(portal.hard_cap, on=False),
    ),
    Phrase(
        "66", "when", "de beheerder de datablokkade van {naam} opheft",
        "the administrator lifts the data block of {name}",
        "de beheerder de datablokkade van Anna opheft", "the administrator lifts the data block of Anna",
        partial(portal.block, what="zero_bundle_lifted", on=True),
    ),
    Phrase("67", "when", "een onbekend nummer {string} naar {kortnummer} stuurt",
        "an unknown number texts {string} to {shortcode}",
        'een onbekend nummer "HELP" naar 1330 stuurt', 'an unknown number texts "HELP" to 1330',
        acts.stranger_texts, words="text"),
    Phrase(
        "68", "when", "achteraf blijkt dat {naam} {data} verbruikte van {moment} tot {moment}",
        "it turns out that {name} used {data} of data from {moment} to {moment}",
        "achteraf blijkt dat Bram 4 MB verbruikte van 31 maart 2026 23:30 tot 1 april 2026 00:30",
        "it turns out that Bram used 4 MB of data from 31 March 2026 23:30 to 1 April 2026 00:30", acts.used_between,
    ),
    Phrase(
        "69", "when", "achteraf blijkt dat {naam} op {moment} in {land} was",
        "it turns out that {name} was at {moment} in {country}",
        "achteraf blijkt dat Anna op 2 maart 2026 08:00 in Frankrijk was",
        "it turns out that Anna was at 2 March 2026 08:00 in France", acts.was_in,
    ),
    Phrase("72", "when", "voor {naam} min {data} aan verbruik wordt gemeld",
        "for {name} minus {data} of use is reported",
        "voor Bram min 4 MB aan verbruik wordt gemeld", "for Bram minus 4 MB of use is reported",
        acts.used_negatively),
    Phrase("73", "when", "{naam} overstapt op het onbekende netwerk {string}",
        "{name} switches to the unknown network {string}",
        'Anna overstapt op het onbekende netwerk "999-99"', 'Anna switches to the unknown network "999-99"',
        acts.switch_to_unknown, words="plmn"),
    Phrase("74", "when", "het horloge van {naam} naar {land} reist", "{name}'s watch travels to {country}",
        "het horloge van Anna naar Belgie reist", "Anna's watch travels to Belgium", acts.watch_travels),
)  # fmt: skip

THEN: Final = (
    Phrase(
        "33", "then", "krijgt/ontvangt {naam} het bericht {string}", "{name} gets/receives the message {string}",
        'krijgt Anna het bericht "grensbericht"', 'Anna gets the message "border notice"',
        checks.gets_message, words="message",
    ),
    Phrase(
        "34", "then", "krijgt/ontvangt {naam} het bericht {string} met",
        "{name} gets/receives the message {string} with",
        'krijgt Anna het bericht "grensbericht" met', 'Anna gets the message "border notice" with',
        checks.gets_message, words="message", table="values",
    ),
    Phrase("35", "then", "krijgt/ontvangt {naam} een sms/bericht met {string}",
        "{name} gets/receives a text/message with {string}",
        'krijgt Anna een sms met "INFO staat nu UIT"', 'Anna gets a text with "INFO is now OFF"',
        checks.gets_text_with, words="wording"),
    Phrase(
        "36", "then", "krijgt/ontvangt {naam} achtereenvolgens de berichten",
        "{name} gets/receives in this order the messages",
        "krijgt Anna achtereenvolgens de berichten", "Anna gets in this order the messages",
        checks.gets_in_order, table="messages",
    ),
    Phrase("37", "then", "krijgt/ontvangt {naam} {int} berichten", "{name} gets/receives {int} messages/texts",
        "krijgt Anna 2 berichten", "Anna gets 2 messages", checks.gets_count),
    Phrase("38", "then", "tellen de berichten aan {naam} als", "the messages to {name} count as",
        "tellen de berichten aan Anna als", "the messages to Anna count as",
        checks.messages_count_as, table="counts"),
    Phrase("39", "then", "krijgt/ontvangt {naam} geen sms/bericht", "{name} gets/receives no message/text",
        "krijgt Anna geen sms", "Anna gets no message", checks.gets_nothing),
    Phrase("40", "then", "krijgt/ontvangt niemand een sms/bericht", "nobody gets/receives a message/text",
        "krijgt niemand een sms", "nobody gets a message", checks.nobody_gets),
    Phrase(
        "41", "then", "krijgt/ontvangt {naam} geen sms/bericht, want {reden}",
        "{name} gets/receives no message/text, because {reason}",
        "krijgt Anna geen sms, want INFO staat uit", "Anna gets no message, because INFO is off",
        checks.gets_nothing_because,
    ),
    Phrase("42", "then", "komt die sms van {afzender}", "that text comes from {sender}",
        "komt die sms van 1330", "that text comes from 1330", checks.comes_from),
    Phrase(
        "43", "then", "is die sms hooguit {int} {segmenten} lang", "that text is at most {int} {segments} long",
        "is die sms hooguit 1 segment lang", "that text is at most 1 segment long", checks.is_short,
    ),
    Phrase("44", "then", "past die sms in GSM-7", "that text fits GSM-7",
        "past die sms in GSM-7", "that text fits GSM-7", checks.fits_gsm7),
    Phrase("45", "then", "is die sms afgeleverd", "that text is delivered",
        "is die sms afgeleverd", "that text is delivered", partial(checks.is_state, state="delivered")),
    Phrase("45-failed", "then", "is die sms mislukt", "that text is failed",
        "is die sms mislukt", "that text is failed", partial(checks.is_state, state="failed")),
    Phrase("45-under-way", "then", "is die sms onderweg", "that text is under way",
        "is die sms onderweg", "that text is under way", partial(checks.is_state, state="submitted")),
    Phrase("46", "then", "komt die sms binnen {duur}", "that text arrives within {duration}",
        "komt die sms binnen 5 seconden", "that text arrives within 5 seconds", checks.arrives_within),
    Phrase("47", "then", "kan {naam} internetten", "{name} can use data",
        "kan Anna internetten", "Anna can use data", partial(checks.data_works, works=True)),
    Phrase("47-not", "then", "kan {naam} niet internetten", "{name} cannot use data",
        "kan Anna niet internetten", "Anna cannot use data", partial(checks.data_works, works=False)),
    Phrase(
        "48", "then", "is data buiten de EU van {naam} vrij", "data outside the EU of {name} is free",
        "is data buiten de EU van Bram vrij", "data outside the EU of Bram is free", checks.data_outside_eu_free,
    ),
    Phrase(
        "48-blocked", "then", "is data buiten de EU van {naam} geblokkeerd wegens {blokkadereden}",
        "data outside the EU of {name} is blocked because of {block_reason}",
        "is data buiten de EU van Bram geblokkeerd wegens de kostenlimiet",
        "data outside the EU of Bram is blocked because of the cost limit", checks.data_outside_eu,
    ),
    Phrase(
        "49", "then", "is het verbruik van {naam} {bedrag} van {bedrag}",
        "the usage of {name} is {amount} of {amount}",
        "is het verbruik van Bram € 40,00 van € 50,00", "the usage of Bram is € 40.00 of € 50.00", checks.usage_is,
    ),
    Phrase("50", "then", "staat {code} van {naam} {stand}", "{code} of {name} is {state}",
        "staat INFO van Anna uit", "INFO of Anna is off", checks.switch_is),
    Phrase("51", "then", "zijn er nog {int} bundels over voor {naam}", "{int} bundles are left for {name}",
        "zijn er nog 9 bundels over voor Cees", "9 bundles are left for Cees", checks.bundles_left),
    Phrase("52", "then", "staat er in de log {event}", "the log has {event}",
        "staat er in de log mt.retry_scheduled", "the log has mt.retry_scheduled", checks.log_has, table="log?"),
    Phrase("53", "then", "is fout {fout} {int} keer opgetreden", "the fault {fault} has occurred {int} time(s)",
        "is fout SMSC zegt: te druk 3 keer opgetreden", "the fault SMSC says: too busy has occurred 3 times",
        checks.fault_occurred),
    Phrase("54", "then", "is de gateway gezond", "the gateway is healthy",
        "is de gateway gezond", "the gateway is healthy", partial(checks.health_is, state="healthy")),
    Phrase("54-degraded", "then", "is de gateway verminderd", "the gateway is degraded",
        "is de gateway verminderd", "the gateway is degraded", partial(checks.health_is, state="degraded")),
    Phrase("54-not-ready", "then", "is de gateway niet gereed", "the gateway is not ready",
        "is de gateway niet gereed", "the gateway is not ready", partial(checks.health_is, state="not_ready")),
    Phrase("55", "then", "is het gesprek gelijk aan bestand {string}", "the conversation equals file {string}",
        'is het gesprek gelijk aan bestand "anna.txt"', 'the conversation equals file "anna.txt"',
        checks.same_as_file, words="file"),
    Phrase("56", "then", "wordt dat geweigerd", "that is refused",
        "wordt dat geweigerd", "that is refused", checks.refused),
    Phrase(
        "57", "then", "is het dataverbruik van {naam} in Nederland en de EU {data}",
        "the data use of {name} in the Netherlands and the EU is {data}",
        "is het dataverbruik van Anna in Nederland en de EU 8 GB",
        "the data use of Anna in the Netherlands and the EU is 8 GB", checks.home_and_eu_volume_is,
    ),
    Phrase(
        "58", "then", "is het dataverbruik van {naam} buiten de EU {data}",
        "the data use of {name} outside the EU is {data}",
        "is het dataverbruik van Anna buiten de EU 20 MB",
        "the data use of Anna outside the EU is 20 MB", checks.outside_eu_volume_is,
    ),
    Phrase("59", "then", "is van {naam} {data} niet meegeteld", "of {name} {data} was not counted",
        "is van Bram 1 MB niet meegeteld", "of Bram 1 MB was not counted", checks.leakage_is),
    Phrase(
        "75", "then", "draagt {naam} {data} van de overschrijding van groepsbundel {string}",
        "{name} bears {data} of the overrun of shared bundle {string}",
        'draagt Anna 2 GB van de overschrijding van groepsbundel "acme"',
        'Anna bears 2 GB of the overrun of shared bundle "acme"', checks.share_is, words="text",
    ),
)  # fmt: skip

VOCABULARY: Final = (*GIVEN, *WHEN, *THEN)
