"""Whether any text could say these words: as a template has them, with its fields filled in.

Words that no template could ever yield are a typing error, and better found before a run than after it. A field
holds what its sort may be in that language: a name of a place, an amount as texts write it, a number, a date. Words
may begin and end in the middle of a value.

Not here: the text that came (checks.py), reading templates (catalogue.py).
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from simulator.scenarios.catalogue import SHEET, TEMPLATES, Catalogue, bundle_names, languages, load

SORTS: Final[Mapping[str, str]] = {
    # field → what it holds; one that is not here holds a number
    **dict.fromkeys(("mb", "uit", "in_", "sms", "limiet", "limiet2", "eur", "prijs"), "amount"),
    **dict.fromkeys(("datum", "tot"), "date"),
    **dict.fromkeys(("grens", "regel", "vervolg", "werking", "verder", "reden", "stand"), "clause"),
    "land": "place",
    "bundel": "bundle",
    "url": "link",
    "code": "code",
}
CODES: Final = ("INFO", "BERICHT", "LIMIET")
BEFORE: Final = -1
"""Where one is in the words while a text has not come to them yet."""
_FIELD: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Values:
    """What one sort of field may hold: names, or whatever fits `whole`. `parts` is made of the characters of such a
    value and fits what is cut off at either end.
    """

    names: frozenset[str] = frozenset()
    whole: re.Pattern[str] | None = None
    parts: re.Pattern[str] | None = None

    def ends(self, words: str, start: int) -> set[int]:
        """Where a value that begins at `start` may end; the end of the words where it goes on behind them."""
        rest = words[start:]
        found = {start + len(name) for name in self.names if rest.startswith(name)}
        if any(name.startswith(rest) for name in self.names):
            found.add(len(words))
        if self.whole and self.parts:
            found |= {end for end in range(start + 1, len(words) + 1) if self.whole.fullmatch(words, start, end)}
            if self.parts.fullmatch(rest):
                found.add(len(words))
        return found

    def heads(self, words: str) -> set[int]:
        """Where the words may leave a value in the middle of which they begin."""
        found = {end for end in range(1, len(words) + 1) if any(name.endswith(words[:end]) for name in self.names)}
        if self.parts:
            found |= {end for end in range(1, len(words) + 1) if self.parts.fullmatch(words, 0, end)}
        if any(words in name for name in self.names):
            found.add(len(words))
        return found


@cache
def could_be_said(words: str) -> bool:
    """Whether some template of some language could yield them."""
    return any(
        len(words) in _walk(text, words, {BEFORE}, language)
        for language in languages()
        for text in _texts(load(language))
    )


def _texts(catalogue: Catalogue) -> Iterable[str]:
    return (*catalogue.texts.values(), *catalogue.clauses.values())


def _walk(template: str, words: str, places: set[int], language: str) -> set[int]:
    """Where in the words one may be behind this template, from where one was before it."""
    for number, piece in enumerate(_FIELD.split(template)):
        if number % 2 == 0:
            places = _past(piece, words, places)
            continue
        sort = SORTS.get(piece, "number")
        if sort == "clause":
            clauses = load(language).clauses.values()
            places = {at for clause in clauses for at in _walk(clause, words, places, language)}
            continue
        values = _values(language)[sort]
        reached = places & {BEFORE, len(words)}
        for at in places - {len(words)}:
            reached |= values.heads(words) | values.ends(words, 0) if at == BEFORE else values.ends(words, at)
        places = reached
    return places


def _past(piece: str, words: str, places: set[int]) -> set[int]:
    """Where one is behind words of the template's own."""
    whole = len(words)
    reached = places & {BEFORE, whole}
    for at in places - {BEFORE, whole}:
        rest = words[at:]
        if rest.startswith(piece):
            reached.add(at + len(piece))
        elif piece.startswith(rest):
            reached.add(whole)
    if BEFORE in places:
        if words in piece:
            reached.add(whole)
        reached |= {len(piece) - at for at in range(len(piece)) if words.startswith(piece[at:])}
    return reached


# --- what a field may hold ------------------------------------------------------------------------------------------


@cache
def _values(language: str) -> Mapping[str, Values]:
    raw = tomllib.loads((TEMPLATES / f"{language}.toml").read_text(encoding="utf-8"))
    form = raw["format"]
    point = re.escape(form["decimal"])
    number, figures = rf"\d+(?:{point}\d{{1,2}})?", rf"\d+{point}?\d{{0,2}}|{point}\d{{1,2}}"
    amount = re.escape(form["money"]).replace(r"\{amount\}", rf"\d+{point}\d\d")
    months = "|".join(re.escape(month) for month in form["months"])
    date = re.escape(form["date"]).replace(r"\{day\}", r"\d{1,2}").replace(r"\{month\}", f"(?:{months})")
    return {
        "place": Values(names=_place_names(language, raw)),
        "bundle": Values(names=frozenset({*bundle_names(language).values()})),
        "code": Values(names=frozenset(CODES)),
        "amount": Values(whole=re.compile(amount), parts=re.compile(_cut(form["money"], figures))),
        "number": Values(whole=re.compile(number), parts=re.compile(figures)),
        "date": Values(whole=re.compile(date), parts=re.compile(r"\d{1,2}")),
        # An address has a dot or a slash: else every word could be one.
        "link": Values(whole=re.compile(r"[\w-]+(?:\.[\w-]+)+(?:/[\w/-]*)?"), parts=re.compile(r"[\w-]*[./][\w./-]*")),
    }


def _cut(money: str, figures: str) -> str:
    """An amount of which the beginning or the end is missing."""
    before, _, after = (re.escape(one) for one in money.partition("{amount}"))
    return rf"(?:{before})?(?:{figures})(?:{after})?|{before or after}"


def _place_names(language: str, raw: Mapping[str, Mapping[str, str]]) -> frozenset[str]:
    """The name in that language or in English, the short one of texts, and each as it begins a sentence."""
    own = raw.get("places", {})
    found = set()
    for row in tomllib.loads(SHEET.read_text(encoding="utf-8"))["place"]:
        found.add(own.get(row["key"]) or row["names"].get(language) or row["names"]["en"])
        short = row.get("short", {})
        found |= {short[one] for one in (language, "en") if one in short and row["key"] not in own}
    elsewhere = raw.get("phrases", {}).get("elsewhere", "")
    found |= {elsewhere} if elsewhere else set()
    return frozenset(found | {name[0].upper() + name[1:] for name in found})
