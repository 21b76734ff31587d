"""CloudEvents 1.0 in JSON → the engine's items.

Every attribute and every member of `data` is a row of a table: how it is read and how the API description shows it.
One pass walks what was sent along the tables, so that all faults of an event are found at once; a plain good event
is known at sight (`_plain`) and never comes there. A fault concerns its event alone: it becomes a rejected result with
a code and JSON Pointers into the structured form of the event ("/data/bytes"), also where it came in binary mode.
Codes: invalid, unknown_type, time_in_future (Q66). What depends on a subscription is judged behind the engine.
A type of event is added by a row of `TYPES`. Must not be put here: HTTP; any look at a clock.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from gateway.http.problems import expected, pointer
from gateway.items import EventItem, EventResult, FieldError, LocationReport, UsageReport

# Q66: one wrong clock must not roll the month.
AHEAD_MAX = timedelta(minutes=5)
# Far above any producer's ids; it keeps a key of the store small.
TEXT_CHARS_MAX = 512
# The store's integers have 63 bits and a sign.
BYTES_END = 2**63
DIGEST_BYTES = 16
# Events of a batch share their seconds, and an event's used_at is mostly its time.
INSTANTS_KEPT = 1024

_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)
_MSISDN = re.compile(r"\+[1-9][0-9]{6,14}")  # E.164 §6.2: at most 15 digits, no leading zero
_IMSI = re.compile(r"[0-9]{14,15}")  # E.212: 15 digits, 14 with some two-digit network codes
_PLMN = re.compile(r"[0-9]{3}-[0-9]{2,3}")
_EXTENSION = re.compile(r"[a-z0-9]+")
# CloudEvents 1.0.2 §type system: no control characters, surrogates or non-characters in a String.
_UNSOUND = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# What digests are of.
_LOCATION_SAID = "\x1f".join(["%s"] * 5)
_USAGE_SAID = "\x1f".join(["%s"] * 10)

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Member:
    """One attribute or member of data: `read` gives its value or raises ValueError with the message of the fault."""

    read: Callable[[Any], Any]
    schema: Schema


def sound_text(value: object, chars_max: int = TEXT_CHARS_MAX) -> str:
    """A string of 1 to `chars_max` characters that every part of the road can carry; else ValueError."""
    if not isinstance(value, str) or not 0 < len(value) <= chars_max:
        raise ValueError(expected(value, f"a string of 1 to {chars_max} characters"))
    if not (value.isascii() and value.isprintable()) and _UNSOUND.search(value):
        raise ValueError(expected(value, "a string without control characters, lone surrogates or non-characters"))
    return value


@lru_cache(maxsize=INSTANTS_KEPT)
def _parsed(text: str) -> datetime | None:
    """None: not RFC 3339, which has fewer forms than ISO 8601, or no instant of the calendar."""
    if not _INSTANT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def instant(value: object) -> datetime:
    """RFC 3339 with offset → UTC; else ValueError."""
    if isinstance(value, str) and (at := _parsed(value)) is not None:
        return at
    raise ValueError(expected(value, 'an instant of RFC 3339 with offset, as "2026-11-02T09:00:00+01:00"'))


def msisdn(value: object) -> str:
    """E.164 with "+"; else ValueError."""
    if isinstance(value, str) and _MSISDN.fullmatch(value):
        return value
    raise ValueError(expected(value, 'a number of E.164 with 7 to 15 digits, as "+31612345678"'))


def imsi(value: object) -> str:
    """14 or 15 digits; else ValueError."""
    if isinstance(value, str) and _IMSI.fullmatch(value):
        return value
    raise ValueError(expected(value, "a string of 14 or 15 digits"))


def _plmn(value: object) -> str:
    if isinstance(value, str) and _PLMN.fullmatch(value):
        return value
    raise ValueError(expected(value, '"MCC-MNC" with 3 and 2 or 3 digits, as "310-410"'))


def _volume_bytes(value: object) -> int:
    # Q28: negative volumes are refused. `type`, because a bool is an int to isinstance.
    if type(value) is int and 0 <= value < BYTES_END:
        return value
    raise ValueError(expected(value, "an integer from 0 to 2^63 - 1"))


def _specversion(value: object) -> str:
    if value == "1.0":
        return "1.0"
    raise ValueError(expected(value, '"1.0"'))


def _source(value: object) -> str:
    text = sound_text(value)
    if " " in text:
        raise ValueError(expected(value, "a URI reference, which has no spaces"))
    return text


def _content_type(value: object) -> str:
    if isinstance(value, str) and value.partition(";")[0].strip().lower() == "application/json":
        return value
    raise ValueError(expected(value, '"application/json"'))


def _data(value: object) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise ValueError(expected(value, "an object"))


_TEXT = {"type": "string", "minLength": 1, "maxLength": TEXT_CHARS_MAX}
_TIME = {"type": "string", "format": "date-time"}
_VOLUME = {"type": "integer", "minimum": 0, "maximum": BYTES_END - 1}

# CloudEvents 1.0.2 §context attributes; `data` belongs to the type.
ATTRIBUTES: Mapping[str, Member] = {
    "specversion": Member(_specversion, {"const": "1.0"}),
    "id": Member(sound_text, {**_TEXT, "description": "With `source` it names the event (Q26)."}),
    "source": Member(_source, {**_TEXT, "format": "uri-reference"}),
    "type": Member(sound_text, _TEXT),
    "time": Member(instant, {**_TIME, "description": "When it happened; at most 5 minutes ahead of the clock (Q66)."}),
    "subject": Member(sound_text, _TEXT),
    "dataschema": Member(sound_text, {**_TEXT, "format": "uri"}),
    "datacontenttype": Member(_content_type, {"const": "application/json"}),
    "data": Member(_data, {"type": "object"}),
}
REQUIRED = frozenset({"specversion", "id", "source", "type", "time", "data"})

_SIM: Mapping[str, Member] = {
    "msisdn": Member(msisdn, {"type": "string", "pattern": f"^{_MSISDN.pattern}$"}),
    "imsi": Member(imsi, {"type": "string", "pattern": f"^{_IMSI.pattern}$"}),
    "visited_plmn": Member(_plmn, {"type": "string", "pattern": f"^{_PLMN.pattern}$"}),
}
LOCATION: Mapping[str, Member] = _SIM
USAGE: Mapping[str, Member] = {
    **_SIM,
    "bytes": Member(_volume_bytes, {**_VOLUME, "description": "The volume of this record (1 MB = 10^6; Q53)."}),
    "session": Member(sound_text, _TEXT),
    "total_bytes": Member(_volume_bytes, {**_VOLUME, "description": "The session's total so far, merged by maximum."}),
    "used_at": Member(instant, {**_TIME, "description": "The end of the reported slice; picks the period (Q22)."}),
    "started_at": Member(instant, {**_TIME, "description": "The begin of the slice, not after used_at."}),
}

LOCATION_UPDATED = "nl.sms1330.location.updated.v1"
USAGE_REPORTED = "nl.sms1330.usage.reported.v1"

Values = Mapping[str, Any]
Faults = list[FieldError]


def _location(values: Values) -> LocationReport:
    return LocationReport(values["visited_plmn"])


def _usage(values: Values) -> UsageReport:
    return UsageReport(
        values["visited_plmn"],
        values["used_at"],
        values.get("bytes", 0),
        values.get("session"),
        values.get("total_bytes", 0),
        values.get("started_at"),
    )


def _no_faults(data: Values, values: Values) -> Faults:  # noqa: ARG001 - a row of `TYPES` has the shape of its fellows
    return []


def _usage_faults(data: Values, values: Values) -> Faults:
    """One volume, told one way; a slice begins before it ends."""
    faults = []
    if "bytes" in data:
        one_way = "session" not in data and "total_bytes" not in data
    else:
        one_way = "session" in data and "total_bytes" in data
    if not one_way:
        given = ", ".join(name for name in ("bytes", "session", "total_bytes") if name in data) or "none of them"
        faults.append(FieldError("/data", f"found {given}, allowed is bytes, or session with total_bytes"))
    if "started_at" in values and "used_at" in values and values["started_at"] > values["used_at"]:
        faults.append(FieldError("/data/started_at", "is after used_at"))
    return faults


@dataclass(frozen=True, slots=True)
class EventType:
    """A type of event: the members of its data, what they must be together, and the report they make."""

    members: Mapping[str, Member]
    required: frozenset[str]
    faults: Callable[[Values, Values], Faults]
    report: Callable[[Values], LocationReport | UsageReport]
    summary: str
    # What `faults` asks beyond the members, as the API description shows it.
    together: tuple[Schema, ...] = ()


TYPES: Mapping[str, EventType] = {
    LOCATION_UPDATED: EventType(
        LOCATION, frozenset({"visited_plmn"}), _no_faults, _location, "A SIM registered with a network."
    ),
    USAGE_REPORTED: EventType(
        USAGE,
        frozenset({"visited_plmn", "used_at"}),
        _usage_faults,
        _usage,
        "Data was used: the volume of one record, or the running total of a session.",
        (
            {
                "oneOf": [
                    {"required": ["bytes"]},
                    {"anyOf": [{"required": ["session"]}, {"required": ["total_bytes"]}]},
                ]
            },
            {"dependentRequired": {"session": ["total_bytes"], "total_bytes": ["session"]}},
        ),
    ),
}


def _read_extension(name: str, value: object) -> None:
    """CloudEvents 1.0.2 §extension context attributes: none means anything here, so their shape is all that counts."""
    if name == "data_base64":
        raise ValueError("is not taken: data is JSON, in the attribute data")
    if not _EXTENSION.fullmatch(name):
        raise ValueError("is no attribute: names of extensions have lower-case letters and digits only")
    if isinstance(value, dict | list | float):
        raise ValueError(expected(value, "a string, an integer or a boolean"))  # noqa: TRY004 - as all faults here


def _read_attributes(event: Mapping[str, Any], faults: Faults) -> dict[str, Any]:
    values = {}
    for name, value in event.items():
        try:
            member = ATTRIBUTES.get(name)
            if member is None:
                _read_extension(name, value)
            # CloudEvents JSON format §2.2: null is the same as absent.
            elif value is not None:
                values[name] = member.read(value)
        except ValueError as fault:
            faults.append(FieldError(pointer(name), str(fault)))
    if not values.keys() >= REQUIRED:
        missing = [name for name in ATTRIBUTES if name in REQUIRED and event.get(name) is None]
        faults.extend(FieldError("", f"the attribute {name} is missing") for name in missing)
    return values


def _read_data(data: Values, event_type: EventType, faults: Faults) -> dict[str, Any]:
    values = {}
    members = event_type.members
    for name, value in data.items():
        member = members.get(name)
        if member is None:
            allowed = ", ".join(members)
            faults.append(
                FieldError(pointer("data", name), f"is not known in this type of event; there are {allowed}")
            )
            continue
        try:
            values[name] = member.read(value)
        except ValueError as fault:
            faults.append(FieldError(pointer("data", name), str(fault)))
    if ("msisdn" in data) is ("imsi" in data):
        given = "both" if "msisdn" in data else "neither"
        faults.append(FieldError("/data", f"found {given}, allowed is exactly one of msisdn and imsi"))
    if not data.keys() >= event_type.required:
        missing = [name for name in members if name in event_type.required and name not in data]
        faults.extend(FieldError("/data", f"{name} is missing") for name in missing)
    faults.extend(event_type.faults(data, values))
    return values


def _us(at: datetime) -> int:
    # As text an aware datetime takes five times as long.
    return (at - _EPOCH) // _MICROSECOND


def _digest(
    kind: str, at: datetime, number: str | None, sim: str | None, report: LocationReport | UsageReport
) -> bytes:
    """Of type, time and data as they were understood: the order and the spelling of what was sent do not count."""
    if isinstance(report, UsageReport):
        plmn, used_at, volume, session, total, started_at = report
        at_us = _us(at)
        used_us = at_us if used_at == at else _us(used_at)
        started_us = "" if started_at is None else _us(started_at)
        # A session has no empty name, and none of these can hold the separator.
        said = _USAGE_SAID % (kind, at_us, number, sim, plmn, used_us, volume, total, started_us, session or "")
    else:
        said = _LOCATION_SAID % (kind, _us(at), number, sim, report.plmn)
    return blake2b(said.encode(), digest_size=DIGEST_BYTES).digest()


def _rejected(event: object, code: str, faults: Faults) -> EventResult:
    name = event.get("id") if isinstance(event, dict) else None
    return EventResult(name if isinstance(name, str) else "", "rejected", code=code, errors=tuple(faults))


def _ahead(moments: Mapping[str, datetime], now: datetime) -> Faults:
    return [
        FieldError(place, f"{moment.isoformat()} is more than 5 minutes ahead of the clock, {now.isoformat()}")
        for place, moment in moments.items()
        if moment > now + AHEAD_MAX
    ]


def _plain(event: Any, now: datetime, flow_id: str) -> EventItem | None:  # noqa: ANN401 - whatever JSON holds
    """A good event of the plainest form; None for all others, good or bad: the tables say more of them.

    Straight through: by the tables an event takes three times as long, and producers send thousands at once, all of
    this form: the required attributes, in ASCII, and no member of data that could be left out.
    """
    try:
        name, source, time, kind, data = event["id"], event["source"], event["time"], event["type"], event["data"]
        number, sim, plmn = data.get("msisdn"), data.get("imsi"), data["visited_plmn"]
        at = _parsed(time)
        if (
            at is None
            or len(event) != len(REQUIRED)
            or event["specversion"] != "1.0"
            or not (_is_plain(name) and _is_plain(source) and " " not in source and _PLMN.fullmatch(plmn))
            or not (_MSISDN.fullmatch(number) if sim is None else number is None and _IMSI.fullmatch(sim))
        ):
            return None
        report: LocationReport | UsageReport | None = None
        used_at = at
        if kind == USAGE_REPORTED:
            used = data["used_at"]
            found = at if used == time else _parsed(used)
            if found is not None:
                used_at = found
                report = _plain_usage(data, plmn, used_at)
        elif kind == LOCATION_UPDATED and len(data) == 2:
            report = LocationReport(plmn)
    except (KeyError, TypeError, AttributeError):  # something is missing, or of another kind
        return None
    # Q66
    if report is None or max(at, used_at) > now + AHEAD_MAX:
        return None
    return EventItem(source, name, _digest(kind, at, number, sim, report), at, number, sim, report, flow_id)


def _plain_usage(data: Values, plmn: str, used_at: datetime) -> UsageReport | None:
    if "bytes" in data:
        volume = data["bytes"]
        if len(data) == 4 and type(volume) is int and 0 <= volume < BYTES_END:
            return UsageReport(plmn, used_at, volume)
        return None
    session, total = data["session"], data["total_bytes"]
    if len(data) == 5 and _is_plain(session) and type(total) is int and 0 <= total < BYTES_END:
        return UsageReport(plmn, used_at, 0, session, total)
    return None


def _is_plain(text: str) -> bool:
    """What `sound_text` takes too, known at sight."""
    return text.isascii() and text.isprintable() and 0 < len(text) <= TEXT_CHARS_MAX


def read_event(event: object, now: datetime, flow_id: str) -> EventItem | EventResult:
    """One event in structured form → an item for the engine, or a rejected result with all its faults.

    `now` is the business clock's; the pointers begin at the event.
    """
    return _plain(event, now, flow_id) or _by_the_tables(event, now, flow_id)


def _by_the_tables(event: object, now: datetime, flow_id: str) -> EventItem | EventResult:
    if not isinstance(event, dict):
        return _rejected(event, "invalid", [FieldError("", expected(event, "an event, which is an object"))])
    faults: Faults = []
    attributes = _read_attributes(event, faults)
    kind = attributes.get("type")
    event_type = TYPES.get(kind) if kind is not None else None
    if kind is not None and event_type is None:
        faults.append(FieldError("/type", expected(kind, "one of " + ", ".join(TYPES))))
        return _rejected(event, "unknown_type", faults)
    if event_type is None or "data" not in attributes:
        return _rejected(event, "invalid", faults)
    values = _read_data(attributes["data"], event_type, faults)
    if faults:
        return _rejected(event, "invalid", faults)
    at: datetime = attributes["time"]
    # Q66. `started_at` is not after `used_at`, so it needs no look of its own.
    if max(at, values.get("used_at", at)) > now + AHEAD_MAX:
        moments = {"/time": at} | ({"/data/used_at": values["used_at"]} if "used_at" in values else {})
        return _rejected(event, "time_in_future", _ahead(moments, now))
    number, sim, report = values.get("msisdn"), values.get("imsi"), event_type.report(values)
    digest = _digest(attributes["type"], at, number, sim, report)
    return EventItem(attributes["source"], attributes["id"], digest, at, number, sim, report, flow_id)
