"""The data tables under steps, read strictly: which columns there are and what may stand in them.

A table is data: one row for each column or key, with its Dutch and its English word and what its cells may hold.

Not here: what is done with what was read (acts.py, checks.py).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from simulator.scenarios.catalogue import languages
from simulator.scenarios.values import BadValue, amount_ueur, volume_bytes

MICRO: Final = 1_000_000
BUNDLES: Final = ("A", "B", "ROW", "WORLD")
GB: Final = 10**9
Rows = Sequence[Sequence[str]]


class BadCell(Exception):  # noqa: N818 - names the culprit
    """What is wrong in a table: `row` from 0, and key and words for speech.py."""

    def __init__(self, row: int, found: str, key: str, **words: object) -> None:
        super().__init__(f"{key} {found!r}")
        self.row = row
        self.found = found
        self.key = key
        self.words: dict[str, Any] = {"found": found, **words}


@dataclass(frozen=True, slots=True)
class Column:
    """`read(cell, language)` gives the value; ValueError when it can not be that."""

    id: str
    nl: str
    en: str
    read: Callable[[str, str], Any]
    allowed: str

    def word(self, language: str) -> str:
        return self.nl if language == "nl" else self.en


def _text(cell: str, language: str) -> str:
    del language
    if not cell:
        raise ValueError
    return cell


def _number(cell: str, language: str) -> str:
    del language
    if not (cell.startswith("+") and cell[1:].isdigit()):
        raise ValueError
    return cell


def _euro(cell: str, language: str) -> float | int:
    ueur = amount_ueur(cell, language)
    return ueur // MICRO if ueur % MICRO == 0 else ueur / MICRO


def _bundles(cell: str, language: str) -> list[str]:
    del language
    found = [one.strip() for one in cell.replace("+", ",").split(",") if one.strip()]
    if any(one not in BUNDLES for one in found):
        raise ValueError
    return found


def _language(cell: str, language: str) -> str:
    """A code of a template file, or one of the two languages by its name."""
    del language
    code = {"nederlands": "nl", "engels": "en", "dutch": "nl", "english": "en"}.get(cell.casefold(), cell)
    if code not in languages():
        raise ValueError
    return code


def _type(cell: str, language: str) -> str:
    del language
    return {"data only": "data_only", "voice & data": "voice_data"}[cell.casefold()]


def _allowance(cell: str, language: str) -> int | str:
    if cell.casefold() in ("onbeperkt", "unlimited"):
        return "unlimited"
    return volume_bytes(cell, language) // GB


def _gb(cell: str, language: str) -> float | int:
    volume = volume_bytes(cell, language)
    return volume // GB if volume % GB == 0 else volume / GB


def _mb(cell: str, language: str) -> int:
    return volume_bytes(cell, language) // 10**6


def _yes(cell: str, language: str) -> bool:
    del language
    return {"ja": True, "nee": False, "yes": True, "no": False}[cell.casefold()]


PEOPLE: Final = (
    Column("name", "naam", "name", _text, "Anna"),
    Column("number", "nummer", "number", _number, "+31610000001"),
    Column("cost_limit_eur", "kostenlimiet", "cost limit", _euro, "€ 50"),
    Column("bundles", "bundel", "bundle", _bundles, ", ".join(BUNDLES)),
    Column("max_per_month", "hoogstens", "at most", lambda cell, _: int(cell), "1-10"),
    Column("place", "land", "country", _text, "Canada"),
    Column("language", "taal", "language", _language, "nl, en, de …"),
    Column("bundle_gb", "tegoed", "allowance", _allowance, "0 GB, 2 GB, 6 GB, 15 GB, 25 GB, onbeperkt/unlimited"),
    Column("type", "soort", "type", _type, "voice & data, data only"),
    Column("usage_alert_gb", "dataverbruikmelding", "data usage alert", _gb, "10 GB"),
    Column("roaming_limit_mb", "dataroaminglimiet", "data roaming limit", _mb, "100 MB"),
    Column("customer", "klant", "customer", _text, "acme"),
    Column("sms_capable", "sms", "texts", _yes, "ja/yes, nee/no"),
    Column("notify_msisdn", "sms naar", "texts to", _number, "+31610000009"),
    Column("combi_of", "combi sim van", "combi sim of", _text, "Anna"),
    Column("m2m", "m2m", "m2m", _yes, "ja/yes, nee/no"),
)
FAULT_KEYS: Final = (
    Column("times", "hoe vaak", "how often", lambda cell, _: _times(cell), "3, steeds/always"),
    Column("every", "om de hoeveel", "one in", lambda cell, _: _bounded(cell, 2, 1000), "2"),
    Column("who", "bij wie", "with whom", _text, "Anna"),
    Column("duration", "hoe lang", "how long", _text, "10 minuten / 10 minutes"),
    Column("probability", "kans", "chance", lambda cell, _: _percent(cell, 1, 99) / 100, "50%"),
    Column("rate_per_s", "per seconde", "per second", lambda cell, _: _bounded(cell, 1, 1000), "5"),
)


YES_NO: Final = "ja/yes, nee/no"
COST_BLOCKS: Final = {
    **dict.fromkeys(("alles", "everything"), "outside_eu"),
    **dict.fromkeys(("buiten de bundel", "out of bundle"), "out_of_bundle"),
}
CAPS: Final = {
    **dict.fromkeys(("per soort", "per kind"), "category"),
    **dict.fromkeys(("samen", "together"), "subscription"),
}
SETTINGS: Final = (
    # The operator's readings, as keys of the section policy and what stands behind them there.
    Column(
        "second_warning_pct", "tweede waarschuwing", "second warning",
        lambda cell, _: str(_percent(cell, 101, 199)), "101% - 199%",
    ),
    Column(
        "courtesy_pcts", "beleefdheidsberichten", "courtesy notices",
        lambda cell, _: str([_percent(one, 201, 10_000) for one in cell.split(",")]), "> 200%: 300%, 500%",
    ),
    Column("notify_reset", "nieuwe maand melden", "tell of a new month", lambda cell, _: _true(cell), YES_NO),
    Column(
        "cost_block_scope", "kostenblokkade", "cost block", lambda cell, _: f'"{COST_BLOCKS[cell.casefold()]}"',
        "alles/everything, buiten de bundel/out of bundle",
    ),
    Column(
        "cap_scope", "maximum bundels", "maximum of bundles", lambda cell, _: f'"{CAPS[cell.casefold()]}"',
        "per soort/per kind, samen/together",
    ),
    Column(
        "border_long_form", "lange grensberichten", "long border texts", lambda cell, _: _true(cell), YES_NO
    ),
)  # fmt: skip


EXAMPLES: Final[Mapping[str, Mapping[str, Rows]]] = {
    # What stands under a phrase with this table, as `simulator steps` shows it.
    "people": {
        "nl": (("naam", "kostenlimiet", "bundel"), ("Bram", "€ 50", "B"), ("Cees", "", "A, ROW")),
        "en": (("name", "cost limit", "bundle"), ("Bram", "€ 50", "B"), ("Cees", "", "A, ROW")),
    },
    "values": {
        "nl": (("land", "Canada"), ("data per MB", "€ 3,03")),
        "en": (("country", "Canada"), ("data per MB", "€ 3.03")),
    },
    "messages": {"nl": (("grensbericht",), ("kostenlimiet 80%",)), "en": (("border notice",), ("cost limit 80%",))},
    "counts": {
        "nl": (("grensbericht", "1"), ("kostenlimiet 80%", "2")),
        "en": (("border notice", "1"), ("cost limit 80%", "2")),
    },
    "fault": {
        "nl": (
            *(("hoe vaak", "3"), ("om de hoeveel", "2"), ("bij wie", "Anna"), ("hoe lang", "10 minuten")),
            ("kans", "50%"),
        ),
        "en": (
            *(("how often", "3"), ("one in", "2"), ("with whom", "Anna"), ("how long", "10 minutes")),
            ("chance", "50%"),
        ),
    },
    "steps": {
        "nl": (("Anna naar Canada reist",), ('Bram "HELP" naar 1330 stuurt',)),
        "en": (("Anna travels to Canada",), ('Bram texts "HELP" to 1330',)),
    },
    "settings": {
        "nl": (("tweede waarschuwing", "150%"), ("nieuwe maand melden", "ja")),
        "en": (("second warning", "150%"), ("tell of a new month", "yes")),
    },
    "log": {"nl": (("attempt", "2"),), "en": (("attempt", "2"),)},
}


def _times(cell: str) -> int | None:
    return None if cell.casefold() in ("steeds", "always") else _bounded(cell, 1, 1000)


def _bounded(cell: str, least: int, most: int) -> int:
    if not least <= int(cell) <= most:
        raise ValueError
    return int(cell)


def _percent(cell: str, least: int, most: int) -> int:
    found = int(cell.strip().removesuffix("%"))
    if not cell.strip().endswith("%") or not least <= found <= most:
        raise ValueError
    return found


def _true(cell: str) -> str:
    return {"ja": "true", "nee": "false", "yes": "true", "no": "false"}[cell.casefold()]


def people(rows: Rows, language: str) -> list[dict[str, Any]]:
    """The subscribers of phrase 5, one dict each by column id. BadCell says what is wrong."""
    columns = [_column(word, PEOPLE, language) for word in rows[0]]
    found = []
    for number, row in enumerate(rows[1:], 1):
        cells = zip(columns, row, strict=True)
        found.append({column.id: _cell(column, cell, number, language) for column, cell in cells if cell})
        if "name" not in found[-1]:
            raise BadCell(number, "", "bad_cell", column=PEOPLE[0].word(language), allowed="Anna, Bram, Cees")
    return found


def keyed(rows: Rows, columns: Sequence[Column], language: str) -> dict[str, Any]:
    """A table of two columns, key and value."""
    found = {}
    for number, row in enumerate(rows):
        column = _column(row[0], columns, language, number)
        found[column.id] = _cell(column, row[1] if len(row) > 1 else "", number, language)
    return found


def _column(word: str, columns: Sequence[Column], language: str, row: int = 0) -> Column:
    known: Mapping[str, Column] = {column.word(language): column for column in columns}
    if word in known:
        return known[word]
    raise BadCell(row, word, "unknown_column", allowed=", ".join(known), near=get_close_matches(word, known, n=1))


def _cell(column: Column, cell: str, row: int, language: str) -> Any:  # noqa: ANN401 - as the column reads it
    try:
        return column.read(cell, language)
    except BadValue as bad:
        raise BadCell(row, cell, bad.key) from None
    except (ValueError, KeyError):
        raise BadCell(row, cell, "bad_cell", column=column.word(language), allowed=column.allowed) from None
