"""Moments, spans and volumes as people type them: `+31d`, `+2h30m`, `2026-12-01 10:15`, `4`, `500kB`, `1.5 GB`.

Pure: text in, value out, or BadWord with what was found, what is allowed, and the nearest right word.

Not here: the values of scenarios, which are sentences in a language (scenarios/values.py).
"""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from difflib import get_close_matches
from typing import Final

from simulator.clock import AMSTERDAM

SPANS: Final = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
VOLUMES: Final = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9}
"""Decimal, as the service counts (Q53)."""
CLOCK_WORDS: Final = ("now", "to", "next-month", "+31d", "+2h30m")
_SPAN: Final = re.compile(r"\+?((?:\d+(?:\.\d+)?(?:min|[smhdw]))+)")
_PIECE: Final = re.compile(r"(\d+(?:\.\d+)?)(min|[smhdw])")
_VOLUME: Final = re.compile(r"(\d+(?:[.,]\d+)?)\s*([A-Za-z]*)")
_FORMS: Final = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d", "%d-%m-%Y %H:%M", "%d-%m-%Y")


class BadWord(ValueError):  # noqa: N818 - names the culprit
    """Nobody can read this; the message says what is allowed."""


def span(text: str) -> timedelta:
    """`+31d`, `2h30m`, `90s`."""
    match = _SPAN.fullmatch(text.strip())
    if match is None:
        raise BadWord(f"{text!r} is no span: allowed are +31d, +2h30m, +90s (units {', '.join(SPANS)})")
    return timedelta(seconds=sum(float(number) * SPANS[unit] for number, unit in _PIECE.findall(match[1])))


def moment(text: str, now: datetime) -> datetime:
    """A date with or without a time, or a time of the day that `now` is in; Amsterdam's where no offset is told."""
    text = text.strip()
    for form in _FORMS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=AMSTERDAM)
        except ValueError:
            continue
    if re.fullmatch(r"\d{1,2}:\d{2}", text):
        hour, minute = map(int, text.split(":"))
        if hour < 24 and minute < 60:
            return now.astimezone(AMSTERDAM).replace(hour=hour, minute=minute, second=0, microsecond=0)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        allowed = "2026-12-01, 2026-12-01 10:15, 10:15 (of the same day) or RFC 3339"
        raise BadWord(f"{text!r} is no moment: allowed are {allowed}") from None
    return at if at.tzinfo is not None else at.replace(tzinfo=AMSTERDAM)


def volume_bytes(text: str) -> int:
    """`4` (MB), `500kB`, `1.5 GB`."""
    match = _VOLUME.fullmatch(text.strip())
    unit = (match[2] or "MB").lower() if match else ""
    if match is None or unit not in VOLUMES:
        near = nearest(unit, [*VOLUMES]) if unit else ""
        raise BadWord(f"{text!r} is no volume: allowed are 4 (MB), 500kB, 1.5GB{near}")
    return int(Decimal(match[1].replace(",", ".")) * VOLUMES[unit])


def nearest(word: str, known: list[str] | tuple[str, ...]) -> str:
    """`; did you mean clear?`, or nothing."""
    near = get_close_matches(word.casefold(), known, n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else ""
