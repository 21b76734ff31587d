"""The typed values in steps: amounts, volumes, durations, moments, as people write them in Dutch and English.

Pure: text in, value out, or BadValue with a message in the scenario's language. A decimal comma is Dutch, a point is
English; the other one is a fault and not a guess, since 1.500 would be either.

Not here: names, countries and message kinds, which depend on the scenario or on data files (lint.py).
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, Literal

from simulator.clock import AMSTERDAM

Language = Literal["nl", "en"]

MONTHS: Final[Mapping[str, tuple[str, ...]]] = {
    "nl": (
        *("januari", "februari", "maart", "april", "mei", "juni"),
        *("juli", "augustus", "september", "oktober", "november", "december"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}
SHORT_MONTHS: Final[Mapping[str, tuple[str, ...]]] = {
    "nl": ("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}
UNITS: Final[Mapping[str, Mapping[str, int]]] = {  # word → seconds
    "nl": {
        **dict.fromkeys(("seconde", "seconden"), 1),
        **dict.fromkeys(("minuut", "minuten"), 60),
        **dict.fromkeys(("uur", "uren"), 3600),
        **dict.fromkeys(("dag", "dagen"), 86400),
        **dict.fromkeys(("week", "weken"), 604800),
    },
    "en": {
        **dict.fromkeys(("second", "seconds"), 1),
        **dict.fromkeys(("minute", "minutes"), 60),
        **dict.fromkeys(("hour", "hours"), 3600),
        **dict.fromkeys(("day", "days"), 86400),
        **dict.fromkeys(("week", "weeks"), 604800),
    },
}
SPANS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {  # one and many, the largest first
    "nl": (("dag", "dagen"), ("uur", "uur"), ("minuut", "minuten"), ("seconde", "seconden")),
    "en": (("day", "days"), ("hour", "hours"), ("minute", "minutes"), ("second", "seconds")),
}
VOLUMES: Final = {"B": 1, "kB": 10**3, "KB": 10**3, "MB": 10**6, "GB": 10**9}
"""Decimal, as the service counts (Q53)."""
MICRO: Final = 1_000_000
SEASONS: Final[Mapping[str, Mapping[str, int]]] = {  # which of two equal clock faces: `fold` of a datetime
    "nl": {"zomertijd": 0, "wintertijd": 1},
    "en": {"summer time": 0, "winter time": 1},
}
_MOMENT: Final = re.compile(r"(\d{1,2}) ([^\W\d]+) (\d{4}) (\d{1,2}):(\d{2})(?: (\D+))?")
_NUMBER: Final = {
    "nl": re.compile(r"(\d{1,3}(?:\.\d{3})+|\d+)(?:,(\d+))?"),
    "en": re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?"),
}


class BadValue(ValueError):  # noqa: N818 - names the culprit
    """A value nobody can read; `key` and `words` are what speech.py makes a sentence of."""

    def __init__(self, key: str, **words: object) -> None:
        super().__init__(f"{key} {words}")
        self.key = key
        self.words = words


def decimal(text: str, language: str) -> Decimal | None:
    """A number as written in that language; None when it is none."""
    match = _NUMBER[language].fullmatch(text.strip())
    if match is None:
        return None
    whole = re.sub(r"[.,]", "", match[1])
    return Decimal(f"{whole}.{match[2] or '0'}")


def amount_ueur(text: str, language: str) -> int:
    """Micro-euro of "€ 40,00", "€ 50" or "€ 1.000" (English: "€ 40.00", "€1,000")."""
    found = decimal(text.strip().removeprefix("€").strip(), language)
    if found is None or not text.strip().startswith("€"):
        raise BadValue("bad_amount", found=text)
    return int(found * MICRO)


def volume_bytes(text: str, language: str) -> int:
    """Bytes of "7,5 GB", "500 kB" (English: "7.5 GB")."""
    number, _, unit = text.strip().rpartition(" ")
    found = decimal(number, language)
    if found is None or unit not in VOLUMES:
        raise BadValue("bad_volume", found=text)
    size = found * VOLUMES[unit]
    if size != int(size):
        raise BadValue("bad_volume", found=text)
    return int(size)


def duration(text: str, language: str) -> timedelta:
    """A span such as "30 minuten", "4 uur", "1 dag" (English: "4 hours")."""
    number, _, unit = text.strip().partition(" ")
    seconds = UNITS[language].get(unit)
    if seconds is None or not number.isdigit():
        raise BadValue("bad_duration", found=text)
    return timedelta(seconds=int(number) * seconds)


def moment(text: str, language: str) -> datetime:
    """An instant as "2 maart 2026 09:00" in Amsterdam. The hour that a summer night skips is a fault; the hour that
    an autumn night has twice needs "zomertijd" or "wintertijd" behind it.
    """
    match = _MOMENT.fullmatch(text.strip())
    months = [month.casefold() for month in MONTHS[language]]
    if match is None or match[2].casefold() not in months:
        raise BadValue("bad_moment", found=text)
    season = (match[6] or "").strip()
    if season and season not in SEASONS[language]:
        raise BadValue("bad_moment", found=text)
    numbers = (int(match[3]), months.index(match[2].casefold()) + 1, int(match[1]), int(match[4]), int(match[5]))
    try:
        local = datetime(*numbers, tzinfo=AMSTERDAM)
    except ValueError:
        raise BadValue("impossible_date", found=text) from None
    if local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset():
        return local
    if datetime.fromtimestamp(local.timestamp(), AMSTERDAM).hour != local.hour:
        raise BadValue("skipped_hour", found=text)
    if not season:
        raise BadValue("double_hour", found=text)
    return local.replace(fold=SEASONS[language][season])


# --- shown again -----------------------------------------------------------------------------------------


def euro(ueur: int, language: str) -> str:
    """An amount as this language's texts show it: "€ 40,00", "€40.00"."""
    shown = f"{ueur / MICRO:.2f}"
    return f"€ {shown.replace('.', ',')}" if language == "nl" else f"€{shown}"


def size(volume: int, language: str) -> str:
    """A volume in the largest unit that shows it exactly, or nearly."""
    unit = "GB" if volume >= VOLUMES["GB"] else "MB" if volume >= VOLUMES["MB"] else "kB"
    shown = f"{volume / VOLUMES[unit]:.6f}".rstrip("0").rstrip(".")
    return f"{shown.replace('.', ',') if language == 'nl' else shown} {unit}"


def stamp(at: datetime, language: str) -> str:
    """An instant as "03 mrt 10:00", with seconds where there are any."""
    local = at.astimezone(AMSTERDAM)
    seconds = f":{local:%S}" if local.second else ""
    return f"{local.day:02d} {SHORT_MONTHS[language][local.month - 1]} {local:%H:%M}{seconds}"


def span(took: timedelta, language: str) -> str:
    """A span in its largest units: "17 uur 12 minuten"."""
    left = round(took.total_seconds())
    pieces = []
    for one, many in SPANS[language]:
        count, left = divmod(left, UNITS[language][one])
        if count:
            pieces.append(f"{count} {one if count == 1 else many}")
    return " ".join(pieces) or f"0 {SPANS[language][-1][1]}"


def same(expected: str, found: str, language: str) -> bool:
    """Whether two shown values are one: letter for letter, or as amounts (€ 50 is € 50,00)."""
    if " ".join(expected.split()) == " ".join(found.split()):
        return True
    try:
        return amount_ueur(expected, language) == amount_ueur(found, language)
    except BadValue:
        return False
