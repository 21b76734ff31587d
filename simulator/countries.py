"""What people call a country, beside what the tariff sheet calls it, and how a place of the sheet is listed.

The sheet has the names that fit a text; who writes a scenario writes USA or Engeland. An alias is a row here, for one
language, and leads to a key of the sheet; it never takes a name that the sheet has.

Not here: the sheet (places.py).
"""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from typing import Final
from unicodedata import combining, normalize

from simulator.places import Place, Places, UnknownPlace

LIKE: Final = 0.75
"""Less alike is another country: Holland is not Poland."""
ALIASES: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "nl": {
        "NL": ("Holland",),
        "US": ("VS", "V.S.", "USA", "U.S.A.", "Amerika", "Verenigde Staten van Amerika"),
        "GB": ("VK", "UK", "Engeland", "Groot-Brittannie", "Schotland", "Wales", "Noord-Ierland"),
        "AE": ("Verenigde Arabische Emiraten", "Arabische Emiraten", "Emiraten", "VAE", "UAE", "Dubai", "Abu Dhabi"),
        "CW": ("Curacao", "Bonaire", "Sint Maarten", "Saba", "Sint Eustatius", "Caribisch Nederland", "Antillen"),
        "GP": ("Guadeloupe", "Martinique", "Frans-Guyana", "Franse Antillen"),
        "RE": ("Reunion", "Mayotte"),
        "CZ": ("Tsjechische Republiek",),
        "DO": ("Dominicaanse Republiek",),
        "BA": ("Bosnie", "Bosnie en Herzegovina"),
        "MK": ("Macedonie",),
        "KR": ("Korea", "Republiek Korea"),
        "FO": ("Faeroereilanden", "Faroer"),
        "CHANNEL": ("Kanaaleilanden", "Man", "Jersey", "Guernsey"),
        "RU": ("Russische Federatie",),
    },
    "en": {
        "NL": ("Holland",),
        "US": ("USA", "U.S.A.", "U.S.", "America", "United States of America", "States"),
        "GB": ("UK", "U.K.", "Great Britain", "Britain", "England", "Scotland", "Wales", "Northern Ireland"),
        "TR": ("Turkey",),
        "CZ": ("Czech Republic",),
        "AE": ("UAE", "U.A.E.", "Emirates", "Dubai", "Abu Dhabi"),
        "CW": ("Curacao", "Bonaire", "Sint Maarten", "St Maarten", "Saba", "Sint Eustatius", "Caribbean Netherlands"),
        "GP": ("Guadeloupe", "Martinique", "French Guiana"),
        "RE": ("Reunion", "Mayotte"),
        "BA": ("Bosnia", "Bosnia and Herzegovina"),
        "MK": ("Macedonia",),
        "KR": ("Korea", "Republic of Korea"),
        "FO": ("Faroes",),
        "CHANNEL": ("Channel Islands", "Isle of Man", "Jersey", "Guernsey"),
        "NSEA": ("North Sea",),
        "RU": ("Russian Federation",),
        "SK": ("Slovak Republic",),
        "MD": ("Republic of Moldova",),
    },
}


@cache
def places() -> Places:
    """The sheet, read once."""
    return Places.load()


def plmn_of(name: str, language: str) -> str | None:
    """The network that a handset finds first in a country, by a name of the sheet or by an alias; None when there is
    no such country.
    """
    try:
        return find(places(), name, (language,))[1]
    except UnknownPlace:
        return None


def find(sheet: Places, name: str, languages: Iterable[str] = tuple(ALIASES)) -> tuple[Place, str]:
    """A place of a sheet and one of its networks, by what the sheet calls it or by an alias. UnknownPlace."""
    try:
        return sheet.find(name)
    except UnknownPlace:
        keys = {_keys(language).get(_plain(name)) for language in languages}
        for place in sheet.all:
            if place.key in keys:
                return place, place.plmn
        raise


def near(name: str, language: str) -> list[str]:
    """What may have been meant, where anything is near enough."""
    known = {_plain(own_name(place, language)): own_name(place, language) for place in places().all}
    known |= {_plain(alias): alias for aliases in ALIASES[language].values() for alias in aliases if len(alias) > 4}
    return [known[one] for one in get_close_matches(_plain(name), known, n=1, cutoff=LIKE)]


def own_name(place: Place, language: str) -> str:
    return place.nl if language == "nl" else place.en


def also(place: Place, language: str) -> tuple[str, ...]:
    """What else it may be called in that language."""
    return ALIASES[language].get(place.key, ())


@cache
def _keys(language: str) -> Mapping[str, str]:
    return {_plain(alias): key for key, aliases in ALIASES[language].items() for alias in aliases}


def _plain(name: str) -> str:
    """Without capitals, accents and hyphens."""
    bare = "".join(char for char in normalize("NFKD", name.casefold()) if not combining(char))
    return bare.replace("-", " ").strip()
