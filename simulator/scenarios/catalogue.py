"""What the template files say: public names, fields and their words, and which kind a text on a handset is.

The simulator is a black box: it has the text as the handset got it, turns every template into a pattern and so
learns its kind and the values in it. A text that fits no template, or templates of two names, is worth a failure.

Not here: what is expected of a text (checks.py), what the gateway says it sent (because.py).
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

TEMPLATES: Final = Path(__file__).parents[2] / "templates"
SHEET: Final = Path(__file__).parents[2] / "gateway" / "tariffs.toml"
MICRO: Final = 1_000_000
_FIELD: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Recognised:
    """A text's kind and the values in it, by field name."""

    kind: str
    name: str
    fields: Mapping[str, str]


@dataclass(frozen=True)
class Catalogue:
    """One language: public name and text by kind, the clauses in them, and the word scenarios use for a field."""

    language: str
    names: Mapping[str, str]
    texts: Mapping[str, str]
    clauses: Mapping[str, str]
    labels: Mapping[str, str]
    _patterns: dict[str, re.Pattern[str]] = field(default_factory=dict, repr=False)

    @property
    def public_names(self) -> list[str]:
        """Each once, in the order of the file."""
        return list(dict.fromkeys(self.names.values()))

    def kinds(self, name: str) -> list[str]:
        return [kind for kind, public in self.names.items() if public == name]

    def fields_of(self, name: str) -> set[str]:
        """The words for the fields in any text of that name."""
        kinds = self.kinds(name)
        return {self.labels.get(one, one) for kind in kinds for one in self.fields_in(kind)}

    def fields_in(self, kind: str) -> set[str]:
        """The fields in that kind's text; none for a kind that nobody knows."""
        return set(_FIELD.findall(self.texts.get(kind, "")))

    def field_of(self, label: str) -> str:
        return next((name for name, word in self.labels.items() if word == label), label)

    def recognise(self, text: str) -> list[Recognised]:
        """Every kind whose template the text fits."""
        found = []
        for kind in self.names:
            match = self._pattern(kind).fullmatch(text)
            if match is not None:
                found.append(Recognised(kind, self.names[kind], match.groupdict()))
        return found

    def _pattern(self, kind: str) -> re.Pattern[str]:
        if kind not in self._patterns:
            self._patterns[kind] = re.compile(_regex(self.texts[kind]), re.DOTALL)
        return self._patterns[kind]


def _regex(text: str) -> str:
    """A template as a pattern; a field's second appearance must repeat the first."""
    seen: set[str] = set()
    pieces = []
    at = 0
    for match in _FIELD.finditer(text):
        pieces.append(re.escape(text[at : match.start()]))
        name = match[1]
        pieces.append(f"(?P={name})" if name in seen else f"(?P<{name}>.+?)")
        seen.add(name)
        at = match.end()
    pieces.append(re.escape(text[at:]))
    return "".join(pieces)


@cache
def load(language: str) -> Catalogue:
    """OSError or ValueError when the file is not there or is no template file."""
    raw: Mapping[str, Any] = tomllib.loads((TEMPLATES / f"{language}.toml").read_text(encoding="utf-8"))
    kinds = raw.get("kind", {})
    return Catalogue(
        language,
        names={kind: str(entry.get("name", kind)) for kind, entry in kinds.items()},
        texts={kind: str(entry["text"]) for kind, entry in kinds.items()},
        clauses={name: str(words) for name, words in raw.get("phrases", {}).items()},
        labels={name: str(word) for name, word in raw.get("labels", {}).items()},
    )


@cache
def languages() -> tuple[str, ...]:
    """Those that there is a template file of."""
    return tuple(sorted(path.stem for path in TEMPLATES.glob("*.toml")))


def recognise(text: str, languages: Iterable[str]) -> list[Recognised]:
    """The kinds a text may be, in the first of the languages in which it is any."""
    for language in languages:
        found = load(language).recognise(text)
        if found:
            return found
    return []


@cache
def bundle_names(language: str) -> Mapping[str, str]:
    """Bundle → what texts in that language call it, for a scenario may say either."""
    bundles = tomllib.loads(SHEET.read_text(encoding="utf-8")).get("bundles", {})
    own = tomllib.loads((TEMPLATES / f"{language}.toml").read_text(encoding="utf-8")).get("bundles", {})
    found = {}
    for key, bundle in bundles.items():
        names = bundle.get("names", {})
        found[key] = str(names.get(language) or own.get(key) or names.get("en") or bundle.get("name", key))
    return found


@cache
def prices_ueur_per_mb() -> Mapping[str, int]:
    """Zone → list price of a megabyte, to turn "data worth € 40" into bytes. Never compared with what a text says."""
    rates = tomllib.loads(SHEET.read_text(encoding="utf-8"))["rates"]
    return {zone: round(rate["data_eur_per_mb"] * MICRO) for zone, rate in rates.items()}
