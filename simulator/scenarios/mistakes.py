"""What is said of a scenario that cannot be played as it stands, in Dutch and in English.

Not here: finding it (lint.py, interpret.py), the sentences of a run (speech.py).
"""

from collections.abc import Mapping
from typing import Final

MISTAKES: Final[Mapping[str, tuple[str, str]]] = {
    # key: Dutch, English
    # --- the file
    "no_keyword": (
        "Een stap begint met Gegeven, Als, Dan, En of Maar.",
        "A step begins with Given, When, Then, And or But.",
    ),
    "no_feature": (
        "Een bestand begint met Functionaliteit: en een naam, en heeft daaronder scenario's.",
        "A file begins with Feature: and a name, and has scenarios under it.",
    ),
    "no_scenario_here": (
        "Dit hoort hier niet: hier kan een Scenario:, een Regel:, een Achtergrond: of een tag (@…).",
        "This does not belong here: a Scenario:, a Rule:, a Background: or a tag (@…) can stand here.",
    ),
    "file_ends": (
        "Het bestand houdt hier op: er ontbreekt nog een Scenario: onder deze regel.",
        "The file ends here: a Scenario: is missing under this line.",
    ),
    "uneven_table": (
        "Deze rij heeft niet evenveel cellen als de eerste van haar tabel.",
        "This row has not as many cells as the first of its table.",
    ),
    "unknown_language": ("De taal {found} kan niet: nl of en.", "The language {found} is not possible: nl or en."),
    "no_scenario": (
        "Dit bestand heeft geen scenario: schrijf er een onder Scenario: (simulator new BESTAND maakt een voorbeeld).",
        "This file has no scenario: write one under Scenario: (simulator new FILE makes an example).",
    ),
    "no_steps": (
        "Dit scenario heeft geen stappen: een stap begint met Gegeven, Als, Dan, En of Maar.",
        "This scenario has no steps: a step begins with Given, When, Then, And or But.",
    ),
    "none_chosen": (
        "Geen scenario gevonden in {paths}{tags}.",
        "No scenario was found in {paths}{tags}.",
    ),
    "with_tags": (" met {tags}", " with {tags}"),
    "not_written": (
        "{file} is niet geschreven: er is niets gespeeld, want er klopt iets niet (zie hierboven).",
        "{file} was not written: nothing was played, for something is wrong (see above).",
    ),
    # --- steps
    "unknown_step": ("Deze stap ken ik niet.", "I do not know this step."),
    "most_like": ("Lijkt het meest op:", "It is most like:"),
    "for_example": ("bv.: {step}", "e.g.: {step}"),
    "all_steps": (
        "Alle stappen: simulator steps --language nl (of simulator steps WOORD)",
        "All phrases: simulator steps --language en (or simulator steps WORD)",
    ),
    "all_countries": ("Alle landen: simulator steps --countries", "All countries: simulator steps --countries"),
    "unknown_person": (
        'Abonnee "{found}" bestaat niet in dit scenario.',
        'There is no subscriber "{found}" in this scenario.',
    ),
    "meant": ("Bedoelde u {near}?", "Did you mean {near}?"),
    "unknown_country": ('Het land "{found}" ken ik niet.', 'I do not know the country "{found}".'),
    "unknown_network": ('Het netwerk "{found}" ken ik niet.', 'I do not know the network "{found}".'),
    "known_network": (
        '"{found}" is geen netwerk dat onbekend is: schrijf het als 999-99.',
        '"{found}" is no network that is unknown: write it as 999-99.',
    ),
    "unknown_message": (
        'Een bericht "{found}" bestaat niet.',
        'There is no message "{found}".',
    ),
    "unknown_field": (
        'Het bericht "{name}" heeft geen waarde "{found}"; wel: {allowed}.',
        'The message "{name}" has no value "{found}"; it has: {allowed}.',
    ),
    "unknown_bundle": ('De bundel "{found}" bestaat niet.', 'There is no bundle "{found}".'),
    "unknown_reason": ('De reden "{found}" ken ik niet.', 'I do not know the reason "{found}".'),
    "unknown_fault": ('De fout "{found}" ken ik niet.', 'I do not know the fault "{found}".'),
    "unknown_code": ('De code "{found}" ken ik niet.', 'I do not know the code "{found}".'),
    "unknown_column": (
        'De kolom "{found}" ken ik niet; wel: {allowed}.',
        'I do not know the column "{found}"; known are: {allowed}.',
    ),
    "bad_cell": (
        '"{found}" kan niet in de kolom "{column}"; wel: {allowed}.',
        '"{found}" is not possible in column "{column}"; allowed: {allowed}.',
    ),
    "bad_amount": (
        '"{found}" is geen bedrag: schrijf het als € 40,00.',
        '"{found}" is no amount: write it as € 40.00.',
    ),
    "bad_volume": (
        '"{found}" is geen hoeveelheid data: schrijf die als 500 MB of 7,5 GB.',
        '"{found}" is no volume of data: write it as 500 MB or 7.5 GB.',
    ),
    "bad_duration": (
        '"{found}" is geen duur: schrijf die als 30 minuten, 4 uur of 2 dagen.',
        '"{found}" is no duration: write it as 30 minutes, 4 hours or 2 days.',
    ),
    "bad_moment": (
        '"{found}" is geen moment: schrijf het als 2 maart 2026 09:00.',
        '"{found}" is no moment: write it as 2 March 2026 09:00.',
    ),
    "impossible_date": ("{found} bestaat niet.", "{found} does not exist."),
    "skipped_hour": (
        "{found} bestaat niet: die nacht gaat de klok van 02:00 naar 03:00.",
        "{found} does not exist: that night the clock goes from 02:00 to 03:00.",
    ),
    "double_hour": (
        "{found} is er twee keer: zet er zomertijd of wintertijd achter.",
        "{found} is there twice: put summer time or winter time behind it.",
    ),
    "clock_back": (
        "De klok kan niet terug: het is hier al {now}.",
        "The clock cannot go back: here it is already {now}.",
    ),
    "clock_first": (
        "De klok wordt gezet voordat er iets anders is: zet deze stap vooraan.",
        "The clock is set before anything else: put this step first.",
    ),
    "settings_first": (
        "Hoe de gateway is ingesteld, staat vast voordat er iets anders is: zet deze stap vooraan.",
        "How the gateway is configured is settled before anything else: put this step first.",
    ),
    "then_without_when": ("Dan zonder Als: er is nog niets gebeurd.", "Then without When: nothing has happened yet."),
    "no_then": ("Dit scenario verwacht niets: het heeft geen Dan.", "This scenario expects nothing: it has no Then."),
    "wrong_kind": (
        "Deze stap hoort achter {right}, niet achter {found}.",
        "This step belongs after {right}, not after {found}.",
    ),
    "unused_person": (
        'Abonnee "{found}" doet niets in dit scenario.',
        'Subscriber "{found}" does nothing in this scenario.',
    ),
    "twice_person": ('Abonnee "{found}" is er al.', 'There is a subscriber "{found}" already.'),
    "same_name": (
        'Een ander scenario heet ook "{found}" (regel {line}).',
        'Another scenario is called "{found}" too (line {line}).',
    ),
    "fault_unchecked": (
        'De fout "{found}" wordt klaargezet, maar daarna gebeurt er niets dat hem kan laten optreden.',
        'The fault "{found}" is armed, but nothing happens after it that could make it occur.',
    ),
    "no_scope": (
        'De fout "{fault}" kent geen "{found}"; wel: {allowed}.',
        'The fault "{fault}" has no "{found}"; allowed: {allowed}.',
    ),
    "needs_table": ("Onder deze stap hoort een tabel: {shape}.", "This step needs a table: {shape}."),
    "no_table": ("Onder deze stap hoort geen tabel.", "This step takes no table."),
    "not_simultaneous": (
        "Deze stap kan niet tegelijk met andere: {found}",
        "This step cannot be simultaneous with others: {found}",
    ),
    "no_template": (
        'Geen enkel sjabloon kan "{found}" zeggen. Waarden staan zoals in de sms: Turkije, € 40,00, 31-3.',
        'No template can say "{found}". Values stand as in the text: Turkiye, €40.00, 31 Mar.',
    ),
    "unknown_section": (
        "Het hoofdstuk {found} is er niet; wel: {allowed}.",
        "There is no chapter {found}; there are: {allowed}.",
    ),
    "unknown_rule": (
        "Een regel {found} is er niet.",
        "There is no rule {found}.",
    ),
    "pool_size": (
        "{found} is voor {count} abonnees geen bundel die bestaat: per abonnee kan 2, 6, 15 of 25 GB.",
        "{found} is no bundle that exists for {count} subscribers: each can have 2, 6, 15 or 25 GB.",
    ),
    "exact_bytes": (
        "{found} is bij {price} per MB geen geheel aantal bytes.",
        "{found} is no whole number of bytes at {price} per MB.",
    ),
}
