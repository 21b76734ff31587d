"""`simulator steps`: the vocabulary for people: every phrase with an example, what may stand in it, every country.

Words given with it choose: a phrase or a word of a list is shown when it has them all.

Not here: the phrases (vocabulary.py), what a phrase that nobody knows is most like (likeness.py).
"""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from simulator import countries
from simulator.clock import START
from simulator.ending import DIFFERENT, OK
from simulator.faultnames import FAULTS
from simulator.scenarios.catalogue import load
from simulator.scenarios.interpret import KEYWORDS
from simulator.scenarios.reading import LANGUAGES
from simulator.scenarios.speech import BLOCKS, REASONS
from simulator.scenarios.tables import BUNDLES, EXAMPLES, FAULT_KEYS, PEOPLE
from simulator.scenarios.vocabulary import VOCABULARY, Phrase

NOTHING = {
    "nl": "niets met {words}: simulator steps toont alles",
    "en": "nothing has {words}: simulator steps shows all",
}
ALSO = {"nl": "ook: {names}", "en": "also: {names}"}
ZONE = {"nl": "gebied {zone}", "en": "zone {zone}"}


def run_steps(console: Console, languages: Sequence[str] = LANGUAGES, words: Sequence[str] = ()) -> int:
    """Prints the vocabulary, or what of it has all the words. Exit code 1 when nothing has."""
    wanted = [word.casefold() for word in words]
    shown = 0
    for language in languages:
        before = ""
        for phrase in VOCABULARY:
            lines = list(_phrase(phrase, language))
            if not _has(wanted, *lines):
                continue
            shown += 1
            keyword = KEYWORDS[phrase.kind][language != "nl"]
            if keyword != before:
                console.print(Text(f"\n{keyword}", style="bold"))
                before = keyword
            console.print(Text(lines[0]))
            for line in lines[1:]:
                console.print(Text(line, style="dim"))
        shown += _show_words(console, language, wanted)
    if not shown:
        for language in languages:
            console.print(Text(NOTHING[language].format(words=", ".join(words))))
    return OK if shown else DIFFERENT


def run_countries(console: Console, languages: Sequence[str] = LANGUAGES, words: Sequence[str] = ()) -> int:
    """Prints every place of the tariff sheet under its zone, with whatever else it may be called. Exit code 1 when
    none has the words.
    """
    wanted = [word.casefold() for word in words]
    shown = 0
    for language in languages:
        before = ""
        for place in countries.places().all:
            names = ", ".join(countries.also(place, language))
            line = f"  {countries.own_name(place, language)}" + (f" ({place.iso})" if place.iso else "")
            line += "   " + ALSO[language].format(names=names) if names else ""
            if not _has(wanted, line):
                continue
            shown += 1
            zone = place.zone(START)
            if zone != before:
                console.print(Text("\n" + ZONE[language].format(zone=zone), style="bold"))
                before = zone
            console.print(Text(line))
    if not shown:
        for language in languages:
            console.print(Text(NOTHING[language].format(words=", ".join(words))))
    return OK if shown else DIFFERENT


def _has(wanted: Sequence[str], *lines: str) -> bool:
    told = " ".join(lines).casefold()
    return all(word in told for word in wanted)


def _phrase(phrase: Phrase, language: str) -> Iterator[str]:
    """The phrase, then its example with the table under it."""
    yield f"  {phrase.expression(language)}"
    yield f"      {KEYWORDS[phrase.kind][language != 'nl']} {phrase.example(language)}"
    for row in EXAMPLES.get(phrase.table.rstrip("?"), {}).get(language, ()):
        yield f"        | {' | '.join(row)} |"


def _show_words(console: Console, language: str, wanted: Sequence[str]) -> int:
    """What may stand where a phrase has {reden}, {fout} and so on; how many were shown."""
    shown = 0
    for title, words in _lists(language):
        # A list that is asked for by its name is shown whole.
        chosen = [word for word in words if _has(wanted, title, word)]
        if chosen:
            console.print(Text(f"\n{title}", style="bold"))
        for word in chosen:
            console.print(Text(f"  {word}"))
        shown += len(chosen)
    return shown


def _lists(language: str) -> tuple[tuple[str, Sequence[str]], ...]:
    english = language != "nl"
    return (
        (("berichten", "messages")[english], load(language).public_names),
        (("redenen", "reasons")[english], [pair[english] for pair in REASONS.values()]),
        (("blokkaderedenen", "block reasons")[english], [pair[english] for pair in BLOCKS.values()]),
        (("fouten", "faults")[english], [fault.name(language) for fault in FAULTS]),
        (
            ("onder een fout, voor zover die ze kent", "under a fault, as far as it has them")[english],
            [f"{one.word(language)} ({one.allowed})" for one in FAULT_KEYS],
        ),
        (
            (
                "bundels (zonder bundel staat data buiten de EU uit)",
                "bundles (without a bundle data outside the EU is off)",
            )[english],
            BUNDLES,
        ),
        (
            ("kolommen van de abonnees", "columns of the subscribers")[english],
            [f"{one.word(language)} ({one.allowed})" for one in PEOPLE],
        ),
        (
            ("landen", "countries")[english],
            [("alle: simulator steps --countries", "all: simulator steps --countries")[english]],
        ),
    )
