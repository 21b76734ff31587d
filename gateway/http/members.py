"""Values that events and bodies are made of, read one at a time, and the tables they stand in.

A reader gives the value or raises ValueError with the message of the fault: what was found, what is allowed. Beside
it in the table stands how the API description shows it. An object with faults of its own raises `Inside`.
Must not be put here: which members an event or a body has.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from gateway.http.problems import expected
from gateway.items import FieldError, LocationReport, UsageReport

# Far above any producer's ids; it keeps a key of the store small.
TEXT_CHARS_MAX = 512
# The store's integers have 63 bits and a sign.
BYTES_END = 2**63
# Events of a batch share their seconds, and an event's used_at is mostly its time.
INSTANTS_KEPT = 1024

MSISDN = re.compile(r"\+[1-9][0-9]{6,14}")  # E.164 §6.2: at most 15 digits, no leading zero
IMSI = re.compile(r"[0-9]{14,15}")  # E.212: 15 digits, 14 with some two-digit network codes
PLMN = re.compile(r"[0-9]{3}-[0-9]{2,3}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)
# CloudEvents 1.0.2 §type system: no control characters, surrogates or non-characters in a String.
_UNSOUND = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")

Schema = Mapping[str, Any]
Values = Mapping[str, Any]
Faults = list[FieldError]
Report = LocationReport | UsageReport

TEXT: Schema = {"type": "string", "minLength": 1, "maxLength": TEXT_CHARS_MAX}
TIME: Schema = {"type": "string", "format": "date-time"}
VOLUME: Schema = {"type": "integer", "minimum": 0, "maximum": BYTES_END - 1}
NUMBER: Schema = {"type": "string", "pattern": f"^{MSISDN.pattern}$"}


class Inside(ValueError):  # noqa: N818 - where the faults are
    """Faults of what an object holds; their pointers begin at the object."""

    def __init__(self, faults: Faults) -> None:
        super().__init__(faults)
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Member:
    """One attribute or member of data: `read` gives its value or raises ValueError with the message of the fault."""

    read: Callable[[Any], Any]
    schema: Schema


@dataclass(frozen=True, slots=True)
class EventType:
    """A type of event: the members of its data, what they must be together, and the report they make.

    `report` is given the values and the home country's MCC. `together` is what `faults` asks beyond the members, as
    the API description shows it.
    """

    name: str
    members: Mapping[str, Member]
    required: frozenset[str]
    faults: Callable[[Values, Values], Faults]
    report: Callable[[Values, str], Report]
    summary: str
    together: tuple[Schema, ...] = ()


def sound_text(value: object, chars_max: int = TEXT_CHARS_MAX) -> str:
    """A string of 1 to `chars_max` characters that every part of the road can carry; else ValueError."""
    if not isinstance(value, str) or not 0 < len(value) <= chars_max:
        raise ValueError(expected(value, f"a string of 1 to {chars_max} characters"))
    if not (value.isascii() and value.isprintable()) and _UNSOUND.search(value):
        raise ValueError(expected(value, "a string without control characters, lone surrogates or non-characters"))
    return value


@lru_cache(maxsize=INSTANTS_KEPT)
def parsed(text: str) -> datetime | None:
    """None: not RFC 3339, which has fewer forms than ISO 8601, or no instant of the calendar."""
    if not _INSTANT.fullmatch(text):
        return None
    try:
        if text.endswith(("Z", "+00:00")):
            return datetime.fromisoformat(text)  # in UTC already
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def instant(value: object) -> datetime:
    """RFC 3339 with offset → UTC; else ValueError."""
    if isinstance(value, str) and (at := parsed(value)) is not None:
        return at
    raise ValueError(expected(value, 'an instant of RFC 3339 with offset, as "2026-11-02T09:00:00+01:00"'))


def msisdn(value: object) -> str:
    """E.164 with "+"; else ValueError."""
    if isinstance(value, str) and MSISDN.fullmatch(value):
        return value
    raise ValueError(expected(value, 'a number of E.164 with 7 to 15 digits, as "+31612345678"'))


def imsi(value: object) -> str:
    """14 or 15 digits; else ValueError."""
    if isinstance(value, str) and IMSI.fullmatch(value):
        return value
    raise ValueError(expected(value, "a string of 14 or 15 digits"))


def plmn(value: object) -> str:
    """A network, "MCC-MNC" as text; else ValueError."""
    if isinstance(value, str) and PLMN.fullmatch(value):
        return value
    raise ValueError(expected(value, '"MCC-MNC" with 3 and 2 or 3 digits, as "310-410"'))


def volume_bytes(value: object) -> int:
    """A volume that the store can hold; else ValueError."""
    # Q28: negative volumes are refused. `type`, because a bool is an int to isinstance.
    if type(value) is int and 0 <= value < BYTES_END:
        return value
    raise ValueError(expected(value, "an integer from 0 to 2^63 - 1"))
