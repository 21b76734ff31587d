"""Reads a step strictly: the phrase it is, each value as what it must be, its table. What is wrong gets a place.

Nothing is started for it: countries and networks come from the tariff sheet, names and values of messages from the
template files, people from the scenario itself.

Not here: rules over a whole scenario or file (lint.py).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from simulator import countries
from simulator.faultnames import FAULTS, find_fault
from simulator.scenarios import likeness, matching, tables, values
from simulator.scenarios.acts import Call
from simulator.scenarios.catalogue import load
from simulator.scenarios.matching import Value
from simulator.scenarios.reading import Step
from simulator.scenarios.speech import BLOCKS, REASONS, say
from simulator.scenarios.values import BadValue, Language
from simulator.scenarios.vocabulary import VOCABULARY, Phrase
from simulator.scenarios.wording import CODES, could_be_said

KEYWORDS: Mapping[str, tuple[str, str]] = {
    "given": ("Gegeven", "Given"),
    "when": ("Als", "When"),
    "then": ("Dan", "Then"),
}
INTRODUCING = frozenset({"2", "3", "4", "76", "77"})
"""Phrases that bring somebody into the scenario by name."""
SIMULTANEOUS = frozenset(
    {
        *("13", "14", "15", "16", "17", "18", "20", "24", "25", "25-off", "25-max"),
        *("26", "26-world-on", "26-eu-off", "26-eu-on", "26-roaming-off", "26-roaming-on"),
        *("27", "27-off", "28", "64", "65", "67"),
    }
)
_ARTICLE = re.compile(r"^(de|het|the) ", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a step: a sentence, and where in its text (start, length), or in which row of its table."""

    message: str
    mark: tuple[int, int] | None = None
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Understood:
    """A step as it will be played; `inner` holds the acts that happen at the same time."""

    step: Step
    phrase: Phrase
    call: Call
    inner: tuple["Understood", ...] = ()
    mentions: frozenset[str] = frozenset()


class Misread(Exception):  # noqa: N818 - caught at once
    """Carries a Wrong out of a value."""

    def __init__(self, wrong: Wrong) -> None:
        super().__init__(wrong.message)
        self.wrong = wrong


@dataclass
class Interpreter:
    """Reads the steps of one scenario in order and remembers who is in it."""

    language: Language
    people: list[str] = field(default_factory=list)
    maybe: set[str] = field(default_factory=set)
    """Who may be in it: named by a step that could not be read."""

    def read(self, step: Step) -> Understood | Wrong:
        """What the step means, or what is wrong with it."""
        found = self._find(step)
        if found is None or found[0].kind != step.kind:
            return self._misplaced(step, found)
        phrase, raw = found
        try:
            read = [self._value(phrase, value) for value in raw if value.kind != "segments"]
            table, inner = self._table(phrase, step, raw)
            if phrase.words == "customer":
                self._check_pool(read, raw[1])
        except Misread as misread:
            return misread.wrong
        mentioned = _mentioned(phrase, raw, table, inner)
        return Understood(step, phrase, Call(tuple(read), table), tuple(inner), mentioned)

    def _misplaced(self, step: Step, found: tuple[Phrase, list[Value]] | None) -> Wrong:
        """No phrase of ours, or one that belongs after another keyword."""
        if found is None:
            if step.kind == "given":
                self._maybe_introduces(step)
            return self._unknown(step)
        phrase = found[0]
        if phrase.id in {*INTRODUCING, "5"}:
            self._maybe_introduces(step, [value.text for value in found[1]])
        right, wrong = (KEYWORDS[kind][self.language != "nl"] for kind in (phrase.kind, step.kind))
        return Wrong(say("wrong_kind", self.language, right=right, found=wrong), (0, len(step.text)))

    def knows(self, step: Step) -> bool:
        """Whether it is one of our phrases at all, whatever its values."""
        return self._find(step) is not None

    def _find(self, step: Step) -> tuple[Phrase, list[Value]] | None:
        # A Given and a Then may have the same words.
        for phrase in sorted(VOCABULARY, key=lambda one: one.kind != step.kind):
            values_ = matching.match(phrase.expression(self.language), step.text)
            if values_ is not None:
                return phrase, values_
        return None

    def _unknown(self, step: Step) -> Wrong:
        lines = [say("unknown_step", self.language)]
        near = self._near(step)
        if near:
            lines[0] += " " + say("most_like", self.language)
        for phrase in near:
            keyword = step.keyword if phrase.kind == step.kind else KEYWORDS[phrase.kind][self.language != "nl"]
            lines.append(f"  {keyword} {phrase.expression(self.language)}")
            lines.append(
                "      " + say("for_example", self.language, step=f"{keyword} {phrase.example(self.language)}")
            )
        lines.append(say("all_steps", self.language))
        return Wrong("\n".join(lines))

    def _near(self, step: Step) -> list[Phrase]:
        """Among those of its own keyword, before the others are looked at."""
        for kinds in ((step.kind,), tuple(kind for kind in KEYWORDS if kind != step.kind)):
            own = {one.expression(self.language): one for one in VOCABULARY if one.kind in kinds}
            near = likeness.nearest(step.text, own)
            if near:
                return [own[one] for one in near]
        return []

    def _maybe_introduces(self, step: Step, named: Iterable[str] = ()) -> None:
        """One mistake, one message: whoever a step may have brought in that cannot be read is not missed later."""
        self.maybe |= {*named, *likeness.names_in(step.text), *(row[0] for row in step.rows if row)}

    def _wrong(self, key: str, value: Value, near: Iterable[str] = (), **words: object) -> Misread:
        message = say(key, self.language, found=value.text, **words)
        nearest = get_close_matches(value.text, list(near), n=1, cutoff=0.5)
        if nearest:
            message += " " + say("meant", self.language, near=nearest[0])
        return Misread(Wrong(message, (value.start, len(value.text))))

    # --- values ------------------------------------------------------------------------------------------

    def _value(self, phrase: Phrase, value: Value) -> Any:  # noqa: ANN401 - as its kind reads it
        readers: Mapping[str, Callable[[], Any]] = {
            "name": lambda: self._name(phrase, value),
            "names": lambda: [self._known(Value("name", one, value.start)) for one in _names(value.text)],
            "country": lambda: self._country(value),
            "amount": lambda: values.amount_ueur(value.text, self.language),
            "volume": lambda: values.volume_bytes(value.text, self.language),
            "duration": lambda: values.duration(value.text, self.language),
            "moment": lambda: values.moment(value.text, self.language),
            "int": lambda: int(value.text),
        }
        try:
            return readers.get(value.kind, lambda: self._word(phrase, value))()
        except BadValue as bad:
            raise Misread(Wrong(say(bad.key, self.language, **bad.words), (value.start, len(value.text)))) from None

    def _word(self, phrase: Phrase, value: Value) -> Any:  # noqa: ANN401 - as its kind reads it
        match value.kind:
            case "code":
                if value.text not in CODES:
                    raise self._wrong("unknown_code", value, CODES)
            case "switch":
                return value.text in ("aan", "on")
            case "reason":
                return self._of(REASONS, "unknown_reason", value)
            case "block":
                return self._of(BLOCKS, "unknown_reason", value)
            case "fault":
                fault = find_fault(value.text, self.language)
                if fault is None:
                    raise self._wrong("unknown_fault", value, [one.name(self.language) for one in FAULTS])
                return fault
            case "string":
                return self._string(phrase, value)
        return value.text

    def _name(self, phrase: Phrase, value: Value) -> str:
        if phrase.id not in INTRODUCING:
            return self._known(value)
        if value.text in self.people:
            raise self._wrong("twice_person", value)
        self.people.append(value.text)
        return value.text

    def _known(self, value: Value) -> str:
        if value.text not in self.people and value.text not in self.maybe:
            raise self._wrong("unknown_person", value, self.people)
        return value.text

    def _country(self, value: Value) -> str:
        bare = _ARTICLE.sub("", value.text)
        for name in (value.text, bare):
            plmn = countries.plmn_of(name, self.language)
            if plmn is not None:
                return plmn
        lost = len(value.text) - len(bare)
        misread = self._wrong("unknown_country", Value(value.kind, bare, value.start + lost))
        wrong, near = misread.wrong, countries.near(bare, self.language)
        meant = [say("meant", self.language, near=near[0])] if near else []
        told = " ".join([wrong.message, *meant, say("all_countries", self.language)])
        raise Misread(Wrong(told, wrong.mark))

    def _of(self, table: Mapping[str, tuple[str, str]], key: str, value: Value) -> str:
        wanted = value.text.casefold()
        for code, (dutch, english) in table.items():
            words = dutch if self.language == "nl" else english
            if wanted in (code.casefold(), words.casefold()):
                return code
        raise self._wrong(key, value, [*(pair[self.language != "nl"] for pair in table.values()), *table])

    def _string(self, phrase: Phrase, value: Value) -> str:
        match phrase.words:
            case "message":
                self._message(value)
            case "bundle":
                if value.text not in tables.BUNDLES:
                    raise self._wrong("unknown_bundle", value, tables.BUNDLES)
            case "network":
                return self._network(value)
            case "plmn":
                if not re.fullmatch(r"\d{3}-\d{2,3}", value.text) or countries.places().at(value.text) is not None:
                    raise self._wrong("known_network", value)
            case "wording":
                self._wording(value)
        return value.text

    def _message(self, value: Value) -> None:
        names = load(self.language).public_names
        if value.text not in names:
            raise self._wrong("unknown_message", value, names)

    def _network(self, value: Value) -> str:
        """A PLMN, or an operator's name."""
        places = countries.places()
        for place in places.all:
            for plmn, operator in place.networks.items():
                if operator.casefold() == value.text.casefold():
                    return plmn
        if re.fullmatch(r"\d{3}-\d{2,3}", value.text) and places.at(value.text) is not None:
            return value.text
        raise self._wrong("unknown_network", value, [name for place in places.all for name in place.networks.values()])

    def _wording(self, value: Value) -> None:
        """Words that no template could ever say are a typing error."""
        if not could_be_said(value.text):
            raise self._wrong("no_template", value)

    # --- tables ------------------------------------------------------------------------------------------

    def _table(self, phrase: Phrase, step: Step, raw: list[Value]) -> tuple[Any, list[Understood]]:
        shape = phrase.table.rstrip("?")
        if not step.rows:
            if phrase.table and not phrase.table.endswith("?"):
                raise Misread(Wrong(say("needs_table", self.language, shape=self._shape(shape))))
            return None, []
        if not shape:
            raise Misread(Wrong(say("no_table", self.language)))
        try:
            match shape:
                case "people":
                    return self._people(step), []
                case "fault":
                    return self._fault(step, raw[0]), []
                case "steps":
                    return None, [self._inner(step, number) for number in range(len(step.rows))]
                case "values":
                    return self._values(step, raw), []
                case _:
                    return self._other(shape, step), []
        except tables.BadCell as bad:
            message = say(bad.key, self.language, **bad.words)
            for near in bad.words.get("near", ()):
                message += " " + say("meant", self.language, near=near)
            raise Misread(Wrong(message, row=bad.row)) from None

    def _shape(self, shape: str) -> str:
        columns = {
            "people": tables.PEOPLE,
            "fault": tables.FAULT_KEYS,
            "settings": tables.SETTINGS,
        }.get(shape)
        return ", ".join(column.word(self.language) for column in columns) if columns else "| … |"

    def _people(self, step: Step) -> list[dict[str, Any]]:
        try:
            rows = tables.people(step.rows, self.language)
        except tables.BadCell:
            # Who is in it is known all the same: one mistake, one message.
            self.people += [row[0] for row in step.rows[1:] if row[0]]
            raise
        for number, row in enumerate(rows, 1):
            if row["name"] in self.people:
                raise Misread(Wrong(say("twice_person", self.language, found=row["name"]), row=number))
            self.people.append(row["name"])
            if "combi_of" in row:
                self._cell(number, lambda row=row: self._known(Value("name", row["combi_of"], 0)))
            if "place" in row:
                row["place"] = self._cell(number, lambda row=row: self._country(Value("country", row["place"], 0)))
        return rows

    def _fault(self, step: Step, named: Value) -> dict[str, Any]:
        options = tables.keyed(step.rows, tables.FAULT_KEYS, self.language)
        self._check_scopes(named.text, list(options))
        if "who" in options:
            self._cell(0, lambda: self._known(Value("name", options["who"], 0)))
        if "duration" in options:
            try:
                options["duration"] = values.duration(options["duration"], self.language)
            except BadValue as bad:
                raise Misread(Wrong(say(bad.key, self.language, **bad.words), row=0)) from None
        return options

    def _check_scopes(self, named: str, keys: list[str]) -> None:
        """Not every fault can be limited in every way: a gateway dies once, and of nobody."""
        fault = find_fault(named, self.language)
        assert fault is not None, "the step's own value was read before its table"
        words = {column.id: column.word(self.language) for column in tables.FAULT_KEYS}
        for row, key in enumerate(keys):
            if key not in fault.scopes:
                allowed = ", ".join(words[one] for one in fault.scopes) or say("none", self.language)
                message = say("no_scope", self.language, fault=named, found=words[key], allowed=allowed)
                raise Misread(Wrong(message, row=row))

    def _inner(self, step: Step, number: int) -> Understood:
        cells = step.rows[number]
        read = self.read(Step("when", step.keyword, cells[0], step.row_lines[number], 0))
        if isinstance(read, Wrong):
            raise Misread(Wrong(read.message, row=number))
        if read.phrase.id not in SIMULTANEOUS:
            raise Misread(Wrong(say("not_simultaneous", self.language, found=cells[0]), row=number))
        return read

    def _values(self, step: Step, raw: list[Value]) -> dict[str, str]:
        name = raw[-1].text
        catalogue = load(self.language)
        allowed = catalogue.fields_of(name) | {say("sender", self.language), say("parts", self.language)}
        found = {}
        for number, row in enumerate(step.rows):
            if row[0] not in allowed or len(row) < 2:
                words = ", ".join(sorted(allowed))
                message = say("unknown_field", self.language, name=name, found=row[0], allowed=words)
                near = get_close_matches(row[0], allowed, n=1)
                if near:
                    message += " " + say("meant", self.language, near=near[0])
                raise Misread(Wrong(message, row=number))
            found[row[0]] = row[1]
        return found

    def _other(self, shape: str, step: Step) -> Any:  # noqa: ANN401 - as the phrase takes it
        if shape == "settings":
            return tables.keyed(step.rows, tables.SETTINGS, self.language)
        if shape in ("messages", "counts"):
            for number, row in enumerate(step.rows):
                self._cell(number, lambda row=row: self._message(Value("string", row[0], 0)))
        if shape == "messages":
            return [row[0] for row in step.rows]
        if shape == "counts":
            if any(len(row) < 2 or not row[1].isdigit() for row in step.rows):
                raise Misread(Wrong(say("needs_table", self.language, shape="| kostenlimiet 80% | 1 |"), row=0))
            return {row[0]: int(row[1]) for row in step.rows}
        return {row[0]: row[1] for row in step.rows if len(row) > 1}

    def _cell(self, row: int, read: Any) -> Any:  # noqa: ANN401 - as it reads
        """A cell has no place in the step's line: what is wrong is told at its row."""
        try:
            return read()
        except Misread as misread:
            raise Misread(Wrong(misread.wrong.message, row=row)) from None

    def _check_pool(self, read: list[Any], volume: Value) -> None:
        """A shared bundle is made of equal bundles that exist (A2, A3)."""
        each, rest = divmod(read[1], len(read[2]))
        if rest or each not in (2 * 10**9, 6 * 10**9, 15 * 10**9, 25 * 10**9):
            raise self._wrong("pool_size", volume, count=len(read[2]))


def _mentioned(phrase: Phrase, raw: Iterable[Value], table: Any, inner: Iterable[Understood]) -> frozenset[str]:  # noqa: ANN401 - as the phrase takes it
    """Everybody whom a step is about."""
    people = {value.text for value in raw if value.kind == "name"}
    people |= {one for value in raw if value.kind == "names" for one in _names(value.text)}
    if phrase.table == "people":
        people |= {row["name"] for row in table}
    for step in inner:
        people |= step.mentions
    if phrase.table.startswith("fault") and table and "who" in table:
        people.add(table["who"])
    return frozenset(people)


def _names(text: str) -> list[str]:
    return [one for one in re.split(r", | en | and ", text) if one]
