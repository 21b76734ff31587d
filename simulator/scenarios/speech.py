"""Every sentence the runner says to a tester, in Dutch and in English, one table per language with the same keys.

Not here: when they are said, what is said of a file that is wrong (mistakes.py).
"""

from collections.abc import Mapping
from typing import Final

from simulator.scenarios.mistakes import MISTAKES

SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    # key: Dutch, English
    # --- what happened, in a conversation
    "travels": ("reist naar {place}", "travels to {place}"),
    "is_in": ("is in {place}", "is in {place}"),
    "home": ("terug in Nederland", "back in the Netherlands"),
    "network": ("stapt over op netwerk {network}", "switches to network {network}"),
    "used": ("data: {volume}{worth} in {place}", "data: {volume}{worth} in {place}"),
    "refused_data": (
        "data: {volume} in {place} geweigerd door het netwerk: data is geblokkeerd",
        "data: {volume} in {place} refused by the network: data is blocked",
    ),
    "leaked": ("data: {volume} in {place}, tijdens een blokkade", "data: {volume} in {place}, during a block"),
    "late_use": ("achteraf gemeld: {volume} op {at}", "reported afterwards: {volume} at {at}"),
    "late_place": ("achteraf gemeld: was op {at} in {place}", "reported afterwards: was in {place} at {at}"),
    "late_span": (
        "achteraf gemeld: {volume} van {start} tot {at}",
        "reported afterwards: {volume} from {start} to {at}",
    ),
    "negative_use": ("gemeld: min {volume}", "reported: minus {volume}"),
    "watch_travels": ("horloge: reist naar {place}", "watch: travels to {place}"),
    "portal_watch": ("horloge met hetzelfde nummer", "watch with the same number"),
    "portal": ("beheerder: {what}", "administrator: {what}"),
    "portal_limit": ("kostenlimiet {value}", "cost limit {value}"),
    "portal_alert": ("dataverbruikmelding {value}", "data usage alert {value}"),
    "portal_roaming_limit": ("dataroaminglimiet {value}", "data roaming limit {value}"),
    "portal_bundle_on": ("bundel {bundle} aan", "bundle {bundle} on"),
    "portal_bundle_off": ("bundel {bundle} uit", "bundle {bundle} off"),
    "portal_maximum": ("hoogstens {value} keer bundel {bundle} per maand", "bundle {bundle} at most {value} a month"),
    "portal_no_bundles": ("alle bundels uit", "all bundles off"),
    "portal_cap_on": ("overschrijden van de limiet verboden", "exceeding the limit forbidden"),
    "portal_cap_off": ("overschrijden van de limiet toegestaan", "exceeding the limit allowed"),
    "portal_switch_off": ("{value} uit", "{value} off"),
    "portal_zero": ("abonnement zonder data", "subscription without data"),
    "portal_pool": ("groepsbundel {value}", "shared bundle {value}"),
    "portal_data_outside_eu_on": ("dataroaming buiten de EU dicht", "data roaming outside the EU closed"),
    "portal_data_outside_eu_off": ("dataroaming buiten de EU open", "data roaming outside the EU open"),
    "portal_data_eu_on": ("dataroaming in de EU dicht", "data roaming in the EU closed"),
    "portal_data_eu_off": ("dataroaming in de EU open", "data roaming in the EU open"),
    "portal_roaming_on": ("alle roaming dicht", "all roaming closed"),
    "portal_roaming_off": ("alle roaming open", "all roaming open"),
    "portal_zero_bundle_lifted_on": ("datablokkade opgeheven", "data block lifted"),
    "phone_on": ("telefoon aan", "phone on"),
    "phone_off": ("telefoon uit", "phone off"),
    "again": ("dezelfde gebeurtenis nog eens", "the same event again"),
    "became": ("het wordt {at}", "it becomes {at}"),
    "restarted": ("de gateway herstart", "the gateway restarts"),
    "crashed": ("de gateway stopt hard en start weer", "the gateway crashes and starts again"),
    "fault_on": ("fout klaargezet: {fault}", "fault armed: {fault}"),
    "fault_now": ("fout: {fault}", "fault: {fault}"),
    "fault_off": ("fout voorbij: {fault}", "fault over: {fault}"),
    # --- headlines of failures
    "not_got": ('{who} kreeg het bericht "{name}" niet', '{who} did not get the message "{name}"'),
    "got_other": (
        '{who} kreeg het bericht "{name}" niet, maar "{found}"',
        '{who} did not get the message "{name}" but "{found}"',
    ),
    "got_first": (
        '{who} kreeg eerst "{found}", waar geen stap naar vroeg; "{name}" kwam daarna',
        '{who} first got "{found}", which no step asked about; "{name}" came after it',
    ),
    "text_first": (
        '{who} kreeg eerst "{found}", waar geen stap naar vroeg; de sms met "{text}" kwam daarna',
        '{who} first got "{found}", which no step asked about; the text with "{text}" came after it',
    ),
    "wrong_values": (
        '{who} kreeg "{name}", maar niet met deze waarden',
        '{who} got "{name}", but not with these values',
    ),
    "not_got_text": ('{who} kreeg geen sms met "{text}"', '{who} got no text with "{text}"'),
    "wrong_text": (
        'In de sms aan {who} staat niet "{text}"',
        'The text to {who} does not say "{text}"',
    ),
    "got_some": (
        "{who} kreeg {count} sms waar er geen mocht komen",
        "{who} got {count} text(s) where none may come",
    ),
    "unexpected": (
        "{who} kreeg {count} sms die geen enkele stap verwacht",
        "{who} got {count} text(s) that no step expects",
    ),
    "wrong_count": (
        "{who} kreeg {found} sms in plaats van {count}",
        "{who} got {found} message(s) instead of {count}",
    ),
    "wrong_tally": (
        "De berichten aan {who} tellen anders",
        "The messages to {who} count differently",
    ),
    "other_reason": (
        "{who} kreeg geen sms, maar niet om deze reden: {reason}",
        "{who} got no message, but not for this reason: {reason}",
    ),
    "no_last": ("Er is nog geen sms waar deze stap over kan gaan", "There is no text yet that this step can be about"),
    "wrong_sender": ("Die sms komt van {found} en niet van {sender}", "That text comes from {found}, not {sender}"),
    "too_long": (
        "Die sms is {found} segment(en) lang, niet hooguit {count}",
        "That text is {found} segment(s) long, not at most {count}",
    ),
    "not_gsm": ("Die sms past niet in GSM-7", "That text does not fit GSM-7"),
    "wrong_state": ("Die sms is {found}, niet {state}", "That text is {found}, not {state}"),
    "too_late": (
        "Die sms kwam na {found}, niet binnen {duration}",
        "That text came after {found}, not within {duration}",
    ),
    "data_on": ("{who} kan internetten, maar dat mocht niet", "{who} can use data, but should not"),
    "data_off": ("{who} kan niet internetten", "{who} cannot use data"),
    "not_blocked": (
        "Data buiten de EU van {who} is niet geblokkeerd wegens {reason}",
        "Data outside the EU of {who} is not blocked because of {reason}",
    ),
    "not_free": (
        "Data buiten de EU van {who} is niet vrij maar geblokkeerd wegens {reasons}",
        "Data outside the EU of {who} is not free but blocked because of {reasons}",
    ),
    "wrong_usage": (
        "Het verbruik van {who} is {found}, niet {expected}",
        "The usage of {who} is {found}, not {expected}",
    ),
    "wrong_volume": (
        "Het dataverbruik van {who} is {found}, niet {expected}",
        "The data use of {who} is {found}, not {expected}",
    ),
    "wrong_leakage": (
        "Van {who} is {found} niet meegeteld, in plaats van {expected}",
        "{found} of {who} was not counted, instead of {expected}",
    ),
    "wrong_share": (
        "{who} draagt {found} van de overschrijding van {customer}, niet {expected}",
        "{who} bears {found} of the overrun of {customer}, not {expected}",
    ),
    "not_closed": (
        "De maand van groepsbundel {customer} is nog niet gesloten: er is nog niets verdeeld",
        "The month of the shared bundle {customer} is not closed yet: nothing is shared out",
    ),
    "wrong_switch": ("{code} van {who} staat {found}", "{code} of {who} is {found}"),
    "wrong_bundles": (
        "{who} heeft nog {found} bundels over, niet {count}",
        "{who} has {found} bundles left, not {count}",
    ),
    "not_logged": ("{event} staat niet in de log", "{event} is not in the log"),
    "wrong_hits": (
        "De fout {fault} is {found} keer opgetreden, niet {count} keer",
        "The fault {fault} has occurred {found} times, not {count}",
    ),
    "never_fired": (
        'De fout "{fault}" was klaargezet maar is 0 keer opgetreden: dit scenario bewijst daar niets over',
        'The fault "{fault}" was armed but occurred 0 times: this scenario proves nothing about it',
    ),
    "started_anyway": (
        'De gateway had niet mogen starten: "{fault}"',
        'The gateway should not have started: "{fault}"',
    ),
    "went_back": ("De klok van de gateway ging terug", "The gateway's clock went back"),
    "wrong_health": ("De gateway is {found}, niet {state}", "The gateway is {found}, not {state}"),
    "refused": ("De gateway weigerde dit: {why}", "The gateway refused this: {why}"),
    "not_refused": ("De gateway weigerde dat niet", "The gateway did not refuse that"),
    "error_logged": (
        "De gateway logde een fout die geen enkele stap verwacht: {event}",
        "The gateway logged an error that no step expects: {event}",
    ),
    "bad_smpp": ("De gateway sprak geen goed SMPP", "The gateway spoke no proper SMPP"),
    "not_quiet": (
        "Het systeem werd niet rustig binnen {seconds} s",
        "The system did not become quiet within {seconds} s",
    ),
    "died": ("De gateway viel uit", "The gateway died"),
    "broke": ("Het scenario brak af: {why}", "The scenario broke off: {why}"),
    "snapshot_differs": (
        'Het gesprek verschilt van "{file}"',
        'The conversation differs from "{file}"',
    ),
    "snapshot_missing": (
        'Het bestand "{file}" is er nog niet: maak het met --update-snapshots',
        'The file "{file}" is not there yet: make it with --update-snapshots',
    ),
    "nothing_to_repeat": (
        "Er is nog geen gebeurtenis om te herhalen",
        "There is no event yet to repeat",
    ),
    # --- the parts of a failure
    "why": ("Waarom: ", "Why: "),
    "not_sent": ("niet verstuurd: ", "not sent: "),
    "conversation": ("Gesprek van {who} ({number})", "Conversation of {who} ({number})"),
    "no_text": ("(geen sms)", "(no text)"),
    "before": ("vooraf", "before"),
    "state": ("Toestand nu", "State now"),
    "country": ("land", "country"),
    "usage_of": ("verbruik {used} van {limit}", "used {used} of {limit}"),
    "data_free": ("data vrij", "data free"),
    "data_blocked": ("data geblokkeerd wegens {reasons}", "data blocked because of {reasons}"),
    "replay": ("Opnieuw: ", "Replay: "),
    "add": ("Voeg toe: ", "Add: "),
    "in_order": (
        "elke sms wordt in volgorde bekeken: vraag eerst naar wat eerst kwam",
        "texts are looked at in order: ask for the first one first",
    ),
    "nothing_blocks": (
        "niets blokkeert data in {place}: {standing}",
        "nothing blocks data in {place}: {standing}",
    ),
    "blocked_elsewhere": (
        "data is geblokkeerd wegens {reasons}, maar dat geldt niet in {place}",
        "data is blocked because of {reasons}, but that does not count in {place}",
    ),
    "bundles_on": ("bundel {bundles} staat aan", "bundle {bundles} is on"),
    "bundles_none": ("geen bundel", "no bundle"),
    "strict": (
        "scenario's zijn streng: elke sms moet in een Dan-stap voorkomen (of zet @soepel boven het scenario)",
        "scenarios are strict: every text must be in a Then step (or put @lenient above the scenario)",
    ),
    "expected_got": ("verwacht {expected:<14} kreeg {found}", "expected {expected:<14} got {found}"),
    "name": ("naam", "name"),
    "sender": ("afzender", "sender"),
    "parts": ("delen", "parts"),
    "switch_set": (
        '{code} staat {state}; laatst gezet door de sms "{text}" van {at}',
        '{code} is {state}; last set by the text "{text}" of {at}',
    ),
    "sent_not_come": (
        'de gateway verstuurde "{name}", maar de telefoon kreeg het niet: {state}, {count} keer geprobeerd',
        'the gateway sent "{name}", but the phone did not get it: {state}, tried {count} times',
    ),
    "open_text": (
        'gateway: "{name}" aan {who} is nog niet weg, {count} keer geprobeerd ({id}, {flow})',
        'gateway: "{name}" to {who} has not left yet, tried {count} times ({id}, {flow})',
    ),
    "sent_because": ("verstuurd: {names}", "sent: {names}"),
    "less_than": (
        "verbruik {used} is minder dan {pct}% van {whole} (= {share})",
        "usage {used} is less than {pct}% of {whole} (= {share})",
    ),
    "nobody_asked": (
        "sinds de laatste Als-stap kwam er niets bij de gateway aan waar een bericht op kan volgen",
        "since the last When step nothing reached the gateway that a message could follow",
    ),
    "refused_use": (
        "het netwerk weigerde de data, dus was er geen verbruik te melden{blocked}",
        "the network refused the data, so there was no usage to report{blocked}",
    ),
    "blocked_by": ("; data is geblokkeerd wegens {reasons}", "; data is blocked because of {reasons}"),
    "tip_bundle": (
        'Tip: zonder bundel staat data buiten de EU uit. Geef er een: een abonnee {who} met bundel "B"',
        'Tip: without a bundle data outside the EU is off. Give one: a subscriber {who} with bundle "B"',
    ),
    "tip_bundle_ways": (
        '     of: een abonnee {who} met kostenlimiet € 50 en bundel "B"; onder "de abonnees": kolom bundel',
        '     or: a subscriber {who} with cost limit € 50 and bundle "B"; under "the subscribers": column bundle',
    ),
    "unknown_text": ("(past op geen enkel sjabloon)", "(fits no template)"),
    "tip_fault": (
        'Tip: zet "Als de fout {fault} voorbij is" vóór de verwachting.',
        'Tip: put "When the fault {fault} is over" before the expectation.',
    ),
    "fault_state": ('fout "{fault}": {hits} keer opgetreden', 'fault "{fault}": occurred {hits} times'),
    "fault_still": (
        'fout "{fault}": {hits} keer opgetreden, en staat nog aan',
        'fault "{fault}": occurred {hits} times, and is still on',
    ),
    "gateway_says": ("gateway", "gateway"),
    "quiet_differs": (
        "{ours}: {here} hier, {there} bij de gateway",
        "{ours}: {here} here, {there} at the gateway",
    ),
    "quiet_unanswered": (
        "simulator: {count} onbeantwoord",
        "simulator: {count} unanswered",
    ),
    "quiet_waiting": (
        "simulator: {count} moet nog naar de gateway",
        "simulator: {count} still to be brought to the gateway",
    ),
    "quiet_busy": (
        "gateway: bezig met {count}; zegt {answer}",
        "gateway: busy with {count}; it says {answer}",
    ),
    "quiet_retry": (
        "gateway: volgende poging over {seconds} s",
        "gateway: next retry in {seconds} s",
    ),
    "passed": ("geslaagd", "passed"),
    "on": ("AAN", "ON"),
    "off": ("UIT", "OFF"),
    "none": ("geen", "none"),
    # --- states
    "suppressed": ("niet verstuurd", "not sent"),
    "pending": ("wacht", "waiting"),
    "expired": ("verlopen", "expired"),
    "cancelled": ("ingetrokken", "cancelled"),
    "delivered": ("afgeleverd", "delivered"),
    "failed": ("mislukt", "failed"),
    "submitted": ("onderweg", "under way"),
    "healthy": ("gezond", "healthy"),
    "degraded": ("verminderd", "degraded"),
    "not_ready": ("niet gereed", "not ready"),
    **MISTAKES,
}


def say(key: str, language: str, **words: object) -> str:
    """The sentence. KeyError for one that does not exist."""
    dutch, english = SENTENCES[key]
    return (dutch if language == "nl" else english).format(**words)


REASONS: Final[Mapping[str, tuple[str, str]]] = {
    # the gateway's closed list: code, Dutch, English
    "preference:BERICHT": ("BERICHT staat uit", "BERICHT is off"),
    "preference:INFO": ("INFO staat uit", "INFO is off"),
    "preference:LIMIET": ("LIMIET staat uit", "LIMIET is off"),
    "below_threshold": ("de grens is niet bereikt", "the threshold is not reached"),
    "already_notified": ("dat is al gemeld", "that has been told already"),
    "superseded": ("er ging een belangrijker bericht voor", "a more important message took its place"),
    "same_country": ("het is hetzelfde land", "it is the same country"),
    "reentry_quiet": ("dat land is kort geleden al gemeld", "that country was told not long ago"),
    "roaming_barred": ("roaming is geblokkeerd", "roaming is barred"),
    "not_applicable_zone": ("dat geldt hier niet", "that does not apply here"),
    "open_rest_of_month": ("er is deze maand geen limiet meer", "there is no limit for the rest of the month"),
    "covered_by_bundle": ("de bundel dekt het", "the bundle covers it"),
    "leakage": ("het was verbruik tijdens een blokkade", "it was usage during a block"),
    "duplicate_event": ("die gebeurtenis is al verwerkt", "that event has been handled already"),
    "late_record": ("het hoort bij een vorige maand", "it belongs to an earlier month"),
    "duplicate_mo": ("dezelfde sms is net al beantwoord", "the same text has just been answered"),
    "rate_limited": ("daar is net al op geantwoord", "that was answered not long ago"),
    "no_sms_device": ("het toestel kan geen sms ontvangen", "the device cannot receive texts"),
    "m2m": ("het is een apparaat zonder gebruiker", "it is a machine without a user"),
    "stale_location": ("er is al een nieuwere plaats bekend", "a newer place is known already"),
    "not_configured": ("dat is niet ingesteld", "that is not set"),
}
BLOCKS: Final[Mapping[str, tuple[str, str]]] = {
    # why data is blocked: code, Dutch, English
    "COST_LIMIT": ("de kostenlimiet", "the cost limit"),
    "BUNDLE_CAP": ("het maximum aantal bundels", "the maximum number of bundles"),
    "ZERO_BUNDLE": ("een abonnement zonder data", "a subscription without data"),
    "NO_BUNDLE_OPTION": ("het ontbreken van een bundel", "having no bundle"),
    "ADMIN_DATA_NON_EU": ("de beheerder", "the administrator"),
    "ADMIN_DATA_EU": ("de beheerder (in de EU)", "the administrator (in the EU)"),
    "ADMIN_ROAMING": ("de beheerder (alle roaming)", "the administrator (all roaming)"),
}


def reason_words(code: str, language: str) -> str:
    """A reason in words, the code itself where nobody wrote any."""
    pair = REASONS.get(code) or BLOCKS.get(code.partition(":")[0])
    return pair[language != "nl"] if pair else code
