"""The language files: kind and fields in, text out.

A file holds `[meta]`, `[format]` (how this language writes money and dates), a table per kind with its public name,
text and `parts_max`, `[phrases]` (clauses that stand in a field), `[labels]` (what scenarios call a field), and
`[places]` and `[bundles]`, if it likes: what this language calls those that the sheet does not name in it.
Texts name `{fields}` of their kind in `handlers.policy.NOTIFICATIONS`, and `{nummer}`, the service's number, and
nothing else: they are cut at load, there is no format language in them, so nothing that comes in from outside can be
more than a value.
Every file holds every kind and phrase, with the same fields; faults are told all at once.
Must not be put here: which text is due; a clock; words of any language; whether a text fits an SMS (`fitting`).
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from gateway.config import BadConfig, Fault
from gateway.settings import nearest
from gateway.smpp.alphabet import outside_gsm7
from gateway.tariffs import TEXT_NAME_MAX, Sheet
from handlers.effects import Fields, Phrase
from handlers.policy import FIELDS, Policy
from handlers.subscription import MB_BYTES

PACKAGED = Path(__file__).resolve().parent.parent / "templates"

# The clauses that handlers name, each with the field it stands in and the fields it may name itself.
PHRASES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "limit": ("grens", ("limiet",)),
    "no_limit": ("grens", ()),
    "combi_as_home": ("regel", ()),
    "combi_rate": ("regel", ("mb",)),
    "combi_data_off": ("regel", ()),
    "combi_bundle": ("regel", ("bundel",)),
    "ended_off": ("vervolg", ()),
    "ended_bundle": ("vervolg", ("bundel",)),
    "ended_rate": ("vervolg", ("mb",)),
    "works": ("werking", ()),
    "works_not": ("werking", ()),
    "on_to_limit": ("verder", ("limiet",)),
    "on_without_limit": ("verder", ()),
    "on_blocked": ("verder", ()),
    "reason_BUNDLE_CAP": ("reden", ()),
    "reason_ZERO_BUNDLE": ("reden", ()),
    "reason_NO_BUNDLE_OPTION": ("reden", ()),
    "reason_ADMIN_DATA_NON_EU": ("reden", ()),
    "reason_ADMIN_DATA_EU": ("reden", ()),
    "reason_ADMIN_ROAMING": ("reden", ()),
    "on": ("stand", ()),
    "off": ("stand", ()),
    "elsewhere": ("land", ()),
}

Value = int | str | datetime | Phrase
# A field in a text, and how to write its value.
Slot = tuple[str, Callable[[Any], str]]

_MICRO_PER_CENT = 10_000
_FIELD = re.compile(r"\{([^{}]*)\}")
_MONTHS = 12
_SECTIONS = ("meta", "format", "kind", "phrases", "labels", "places", "bundles")
# Sections of names that a file may leave out.
_NAMES = ("places", "bundles")
_UNITS = ("money", "volume", "megabytes", "date", "place", "bundle", "phrase", "word", "number")


@dataclass(frozen=True, slots=True)
class Template:
    """A text, cut at load: `pattern` has a %s for each of `slots`, and no other meaning."""

    name: str
    pattern: str
    slots: tuple[Slot, ...]
    parts_max: int = 1

    @property
    def names(self) -> frozenset[str]:
        return frozenset(name for name, _ in self.slots)

    def render(self, fields: Fields) -> str:
        values = dict(fields)
        return self.pattern % tuple([write(values[name]) for name, write in self.slots])


@dataclass(frozen=True, slots=True)
class Language:
    """One file, compiled. `places` and `bundles` are the names it writes, by the sheet's keys."""

    code: str
    name: str
    file: str
    kinds: Mapping[str, Template]
    phrases: Mapping[str, Template]
    places: Mapping[str, str]
    bundles: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Texts:
    """All languages. A subscription whose language has no file any more reads English, or what there is."""

    by_language: Mapping[str, Language]

    @classmethod
    def load(cls, folder: Path, sheet: Sheet, policy: Policy) -> "Texts":
        """Read every `*.toml` of the folder; raises `BadConfig` with every fault of every file."""
        found = list(_fields_without_unit(policy))
        if found:
            raise BadConfig(found)  # no file can be right then
        languages: dict[str, Language] = {}
        for path in sorted(folder.glob("*.toml")):
            language = _Reader(path, sheet, policy, found).language()
            if language is not None:
                languages[language.code] = language
        if not languages and not found:
            found.append(Fault(str(folder), "", "no language file", "a folder with nl.toml and others"))
        found.extend(_differences(list(languages.values())))
        if found:
            raise BadConfig(found)
        return cls(languages)

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self.by_language)

    def render(self, kind: str, language: str, fields: Fields) -> str:
        """The text of a kind. `fields` in the units of `handlers.policy.FIELDS`."""
        return self._language(language).kinds[kind].render(fields)

    def public_name(self, kind: str, language: str) -> str:
        """What scenarios and people call this kind; several kinds may share a name."""
        return self._language(language).kinds[kind].name

    def _language(self, code: str) -> Language:
        languages = self.by_language
        return languages.get(code) or languages.get("en") or next(iter(languages.values()))


def _fields_without_unit(policy: Policy) -> Iterator[Fault]:
    for kind, rule in policy.notifications.items():
        for name in rule.fields:
            if FIELDS.get(name) not in _UNITS:
                allowed = f"a field of FIELDS, with its unit ({', '.join(_UNITS)})"
                yield Fault("handlers/policy.py", f"NOTIFICATIONS.{kind}", f"{{{name}}}", allowed)


def _differences(languages: list[Language]) -> Iterator[Fault]:
    """The same fields in every language: a price that one reader is told, every reader is told."""
    for other in languages[1:]:
        first = languages[0]
        pairs = [("kind", first.kinds, other.kinds), ("phrases", first.phrases, other.phrases)]
        for section, ours, theirs in pairs:
            for key in (key for key in ours if key in theirs):
                if ours[key].names != theirs[key].names:
                    found, allowed = _braced(theirs[key].names), _braced(ours[key].names)
                    yield Fault(other.file, f"{section}.{key}", found, f"{allowed}, as in {first.file}")


def _braced(names: Iterable[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names)) or "no field"


@dataclass(slots=True)
class _Reader:
    """Reads one file and adds to the faults; lives for one load."""

    path: Path
    sheet: Sheet
    policy: Policy
    faults: list[Fault]
    writers: dict[str, Callable[[Any], str]] = field(default_factory=dict)

    def fault(self, key: str, found: object, allowed: str) -> None:
        shown = "nothing" if found is None else found if isinstance(found, str) and found else repr(found)
        self.faults.append(Fault(str(self.path), key, shown, allowed))

    def language(self) -> Language | None:
        try:
            raw = tomllib.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            self.fault("", str(error), "TOML 1.0 in UTF-8")
            return None
        for key in (key for key in raw if key not in _SECTIONS):
            self.fault(key, "an unknown section", ", ".join(_SECTIONS))
        tables = {name: self._table(name, raw.get(name)) for name in _SECTIONS if name not in _NAMES}
        code, name = tables["meta"].get("language"), tables["meta"].get("name")
        if code != self.path.stem:
            self.fault("meta.language", code, f'"{self.path.stem}", as the file is called')
        if not isinstance(name, str) or not name:
            self.fault("meta.name", name, "what the language is called in itself")
        phrases: dict[str, Template] = {}
        bundles = self._names("bundles", raw, self.sheet.bundle_names)
        self.writers = self._writers(tables["format"], phrases) | {"bundle": bundles.__getitem__}
        phrases |= self._phrases(tables["phrases"])
        places = self._names("places", raw, self.sheet.text_names)
        elsewhere = phrases["elsewhere"].render(()) if "elsewhere" in phrases else ""
        self.writers["place"] = _place_writer(places, elsewhere)
        self._labels(tables["labels"])
        kinds = self._kinds(tables["kind"])
        return Language(self.path.stem, str(name), str(self.path), kinds, phrases, places, bundles)

    def _table(self, key: str, value: object) -> dict[str, Any]:
        if isinstance(value, dict):
            return value
        self.fault(key, value, "a table")
        return {}

    def _writers(self, table: dict[str, Any], phrases: Mapping[str, Template]) -> dict[str, Callable[[Any], str]]:
        """How this language writes each type of field."""
        money, decimal, date = (table.get(key) for key in ("money", "decimal", "date"))
        months = table.get("months")
        if not isinstance(money, str) or set(_FIELD.findall(money)) != {"amount"}:
            self.fault("format.money", money, "a text with {amount}")
            money = "{amount}"
        if not isinstance(decimal, str) or len(decimal) != 1:
            self.fault("format.decimal", decimal, "one character")
            decimal = "."
        if not isinstance(date, str) or set(_FIELD.findall(date)) != {"day", "month"}:
            self.fault("format.date", date, "a text with {day} and {month}")
            date = "{day} {month}"
        if not isinstance(months, list) or len(months) != _MONTHS or not all(isinstance(name, str) for name in months):
            self.fault("format.months", months, "twelve texts")
            months = [""] * _MONTHS
        return {
            "money": _money_writer(money, decimal),
            "volume": _volume_writer(self.policy.gb_bytes, decimal),
            "megabytes": _volume_writer(MB_BYTES, decimal),
            "date": _date_writer(date, months, self.policy.timezone),
            "word": str,
            "number": str,
            "phrase": lambda phrase: phrases[phrase.name].render(phrase.fields),
            "place": str,
        }

    def _phrases(self, table: dict[str, Any]) -> dict[str, Template]:
        self._all_of("phrases", table, PHRASES)
        return {
            name: Template(name, *self._cut(f"phrases.{name}", table[name], fields))
            for name, (_, fields) in PHRASES.items()
            if name in table
        }

    def _names(self, section: str, raw: dict[str, Any], names: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
        """The sheet's names in this language first, then this file's own, then the sheet's English ones."""
        table = self._table(section, raw.get(section, {}))
        for key, name in table.items():
            # A sheet of the operator's own may have fewer places, so a name for one that is not on it is no fault.
            if not isinstance(name, str) or not 0 < len(name) <= TEXT_NAME_MAX:
                self.fault(f"{section}.{key}", name, f"a name of at most {TEXT_NAME_MAX} characters")
            elif odd := outside_gsm7(name):
                self.fault(f"{section}.{key}", "".join(odd), "characters of the GSM 03.38 alphabet")
        return {**names["en"], **table, **names.get(self.path.stem, {})}

    def _labels(self, table: dict[str, Any]) -> None:
        self._all_of("labels", table, FIELDS)
        seen: dict[object, str] = {}
        for name, label in table.items():
            if not isinstance(label, str) or not label:
                self.fault(f"labels.{name}", label, "a word")
            elif label in seen:
                self.fault(f"labels.{name}", label, f"a word of its own: {seen[label]} is called so")
            seen.setdefault(label, name)

    def _kinds(self, table: dict[str, Any]) -> dict[str, Template]:
        notifications = self.policy.notifications
        self._all_of("kind", table, notifications)
        kinds: dict[str, Template] = {}
        for kind, rule in notifications.items():
            if kind not in table:
                continue
            row = self._table(f"kind.{kind}", table[kind])
            self._all_of(f"kind.{kind}", row, ("name", "text", "parts_max"))
            name, parts_max = row.get("name", ""), row.get("parts_max", 1)
            if "name" in row and (not isinstance(name, str) or not name):
                self.fault(f"kind.{kind}.name", name, "a public name")
            if isinstance(parts_max, bool) or not isinstance(parts_max, int) or not 1 <= parts_max <= 3:
                self.fault(f"kind.{kind}.parts_max", parts_max, "1, 2 or 3")
                parts_max = 1
            if "text" in row:
                cut = self._cut(f"kind.{kind}.text", row["text"], rule.fields)
                kinds[kind] = Template(str(name), *cut, parts_max)
        return kinds

    def _all_of(self, section: str, table: Mapping[str, Any], names: Iterable[str]) -> None:
        known = dict.fromkeys(names)
        for name in (name for name in known if name not in table):
            if section == "kind":
                table_of_it = f"[kind.{name}] with name, text and parts_max"
                self.fault(f"kind.{name}", "no such table", f"{table_of_it}, as in every language file")
            else:
                self.fault(f"{section}.{name}", None, "each of them in every language file")
        for name in (name for name in table if name not in known):
            self.fault(f"{section}.{name}", "an unknown key", f"what this version speaks of{nearest(name, known)}")

    def _cut(self, key: str, text: object, fields: tuple[str, ...]) -> tuple[str, tuple[Slot, ...]]:
        """A text as pattern and slots; what is not a field of this kind is a fault."""
        if not isinstance(text, str) or not text:
            self.fault(key, text, "a text")
            return "", ()
        pieces = _FIELD.split(text.replace("{nummer}", self.policy.service_number))
        words, names = pieces[::2], pieces[1::2]
        for name in names:
            if name not in fields:
                self.fault(key, f"{{{name}}}", _braced(fields))
        if any("{" in word or "}" in word for word in words):
            self.fault(key, "a brace that belongs to no field", _braced(fields))
        elif odd := outside_gsm7("".join(words)):
            self.fault(key, "".join(odd), "characters of the GSM 03.38 alphabet")
        slots = [(name, self.writers[FIELDS[name]]) for name in names if name in fields]
        # "het buitenland" opens a text with a capital, as a name does by itself
        if slots and not words[0] and FIELDS[slots[0][0]] == "place":
            slots[0] = (slots[0][0], _capitalised(slots[0][1]))
        return "%s".join(word.replace("%", "%%") for word in words), tuple(slots)


def _money_writer(pattern: str, decimal: str) -> Callable[[int], str]:
    before, _, after = pattern.partition("{amount}")

    @lru_cache(maxsize=1024)  # rates and limits are few and come back all day
    def write(ueur: int) -> str:
        """Half up to whole cents; no thousands separator, always two decimals."""
        euro, cents = divmod((ueur + _MICRO_PER_CENT // 2) // _MICRO_PER_CENT, 100)
        return f"{before}{euro}{decimal}{cents:02d}{after}"

    return write


def _volume_writer(unit_bytes: int, decimal: str) -> Callable[[int], str]:
    def write(volume_bytes: int) -> str:
        """At most two decimals, half up, without idle zeros: 7,5."""
        whole, hundredths = divmod((volume_bytes * 100 + unit_bytes // 2) // unit_bytes, 100)
        return f"{whole}{decimal}{hundredths:02d}".rstrip("0") if hundredths else str(whole)

    return write


def _date_writer(pattern: str, months: list[str], timezone: ZoneInfo) -> Callable[[datetime], str]:
    def write(at: datetime) -> str:
        # Q21: a day is a day of the service's zone.
        local = at.astimezone(timezone)
        return pattern.replace("{day}", str(local.day)).replace("{month}", months[local.month - 1])

    return write


def _capitalised(write: Callable[[str], str]) -> Callable[[str], str]:
    def write_first(place: str) -> str:
        name = write(place)
        return name[:1].upper() + name[1:]

    return write_first


def _place_writer(names: Mapping[str, str], elsewhere: str) -> Callable[[str], str]:
    def write(place: str) -> str:
        return names.get(place, elsewhere)

    return write
