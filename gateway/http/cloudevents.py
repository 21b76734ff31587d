"""CloudEvents 1.0 in JSON → the engine's items.

Every attribute and every member of `data` is a row of a table: how it is read and how the API description shows it.
One pass walks what was sent along the tables, so that all faults of an event are found at once; a plain good event
is known at sight (`_plain`) and never comes there. A fault concerns its event alone: it becomes a rejected result with
a code and JSON Pointers into the structured form of the event ("/data/bytes"), also where it came in binary mode.
Codes: invalid, unknown_type, time_in_future (Q66). What depends on a subscription is judged behind the engine.
A type of event is added by a row of `TYPES`. Must not be put here: HTTP; any look at a clock.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

from gateway.http import camara
from gateway.http.members import (
    BYTES_END,
    IMSI,
    MSISDN,
    NUMBER,
    PLMN,
    TEXT,
    TEXT_CHARS_MAX,
    TIME,
    VOLUME,
    EventType,
    Faults,
    Inside,
    Member,
    Report,
    Schema,
    Values,
    imsi,
    instant,
    msisdn,
    parsed,
    sound_text,
    volume_bytes,
)
from gateway.http.members import plmn as read_plmn
from gateway.http.problems import expected, pointer
from gateway.items import EventItem, EventResult, FieldError, LocationReport, UsageReport

DIGEST_BYTES = 16

_EXTENSION = re.compile(r"[a-z0-9]+")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# What digests are of.
_LOCATION_SAID = "\x1f".join(["%s"] * 5)
_USAGE_SAID = "\x1f".join(["%s"] * 10)


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


# CloudEvents 1.0.2 §context attributes; `data` belongs to the type.
ATTRIBUTES: Mapping[str, Member] = {
    "specversion": Member(_specversion, {"const": "1.0"}),
    "id": Member(sound_text, {**TEXT, "description": "With `source` it names the event (Q26)."}),
    "source": Member(_source, {**TEXT, "format": "uri-reference"}),
    "type": Member(sound_text, TEXT),
    "time": Member(instant, {**TIME, "description": "When it happened; `policy.ahead_max_s` ahead at most (Q66)."}),
    "subject": Member(sound_text, TEXT),
    "dataschema": Member(sound_text, {**TEXT, "format": "uri"}),
    "datacontenttype": Member(_content_type, {"const": "application/json"}),
    "data": Member(_data, {"type": "object"}),
}
REQUIRED = frozenset({"specversion", "id", "source", "type", "time", "data"})

_SIM: Mapping[str, Member] = {
    "msisdn": Member(msisdn, NUMBER),
    "imsi": Member(imsi, {"type": "string", "pattern": f"^{IMSI.pattern}$"}),
    "visited_plmn": Member(read_plmn, {"type": "string", "pattern": f"^{PLMN.pattern}$"}),
}
LOCATION: Mapping[str, Member] = _SIM
USAGE: Mapping[str, Member] = {
    **_SIM,
    "bytes": Member(volume_bytes, {**VOLUME, "description": "The volume of this record (1 MB = 10^6; Q53)."}),
    "session": Member(sound_text, TEXT),
    "total_bytes": Member(volume_bytes, {**VOLUME, "description": "The session's total so far, merged by maximum."}),
    "used_at": Member(instant, {**TIME, "description": "The end of the reported slice; picks the period (Q22)."}),
    "started_at": Member(instant, {**TIME, "description": "The begin of the slice, not after used_at."}),
}

LOCATION_UPDATED = "nl.sms1330.location.updated.v1"
USAGE_REPORTED = "nl.sms1330.usage.reported.v1"

# One SIM, named one way; `_sim_faults` says it of what is sent, this of what is described.
_ONE_SIM: Schema = {"oneOf": [{"required": ["msisdn"]}, {"required": ["imsi"]}]}


def _location(values: Values, _home_mcc: str) -> LocationReport:
    return LocationReport(values["visited_plmn"])


def _usage(values: Values, _home_mcc: str) -> UsageReport:
    return UsageReport(
        values["visited_plmn"],
        values["used_at"],
        values.get("bytes", 0),
        values.get("session"),
        values.get("total_bytes", 0),
        values.get("started_at"),
    )


def _sim_faults(data: Values, _values: Values) -> Faults:
    if ("msisdn" in data) is not ("imsi" in data):
        return []
    given = "both" if "msisdn" in data else "neither"
    return [FieldError("/data", f"found {given}, allowed is exactly one of msisdn and imsi")]


def _usage_faults(data: Values, values: Values) -> Faults:
    """One SIM; one volume, told one way; a slice begins before it ends."""
    faults = _sim_faults(data, values)
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


TYPES: Mapping[str, EventType] = {
    LOCATION_UPDATED: EventType(
        "LocationUpdated",
        LOCATION,
        frozenset({"visited_plmn"}),
        _sim_faults,
        _location,
        "A SIM registered with a network.",
        (_ONE_SIM,),
    ),
    USAGE_REPORTED: EventType(
        "UsageReported",
        USAGE,
        frozenset({"visited_plmn", "used_at"}),
        _usage_faults,
        _usage,
        "Data was used: the volume of one record, or the running total of a session.",
        (
            _ONE_SIM,
            {
                "oneOf": [
                    {"required": ["bytes"]},
                    {"anyOf": [{"required": ["session"]}, {"required": ["total_bytes"]}]},
                ]
            },
            {"dependentRequired": {"session": ["total_bytes"], "total_bytes": ["session"]}},
        ),
    ),
    **camara.TYPES,
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
        except Inside as object_faults:
            within = pointer("data", name)
            faults.extend(FieldError(within + fault.pointer, fault.message) for fault in object_faults.faults)
        except ValueError as fault:
            faults.append(FieldError(pointer("data", name), str(fault)))
    if not data.keys() >= event_type.required:
        missing = [name for name in members if name in event_type.required and name not in data]
        faults.extend(FieldError("/data", f"{name} is missing") for name in missing)
    faults.extend(event_type.faults(data, values))
    return values


def _us(at: datetime) -> int:
    # As text an aware datetime takes five times as long.
    return (at - _EPOCH) // _MICROSECOND


def _digest(kind: str, at: datetime, number: str | None, sim: str | None, report: Report) -> bytes:
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


def _ahead(moments: Mapping[str, datetime], latest: datetime) -> Faults:
    return [
        FieldError(place, f"{moment.isoformat()} is too far ahead of the clock, allowed: up to {latest.isoformat()}")
        for place, moment in moments.items()
        if moment > latest
    ]


def _plain(event: Any, latest: datetime, flow_id: str) -> EventItem | None:  # noqa: ANN401 - whatever JSON holds
    """A good event of the plainest form; None for all others, good or bad: the tables say more of them.

    Straight through: by the tables an event takes three times as long, and producers send thousands at once, all of
    this form: the required attributes, in ASCII, and no member of data that could be left out.
    """
    try:
        name, source, time, kind, data = event["id"], event["source"], event["time"], event["type"], event["data"]
        number, sim, plmn = data.get("msisdn"), data.get("imsi"), data["visited_plmn"]
        at = parsed(time)
        if (
            at is None
            or len(event) != len(REQUIRED)
            or event["specversion"] != "1.0"
            or not (_is_plain(name) and _is_plain(source) and " " not in source and PLMN.fullmatch(plmn))
            or not (MSISDN.fullmatch(number) if sim is None else number is None and IMSI.fullmatch(sim))
        ):
            return None
        report: Report | None = None
        used_at = at
        if kind == USAGE_REPORTED:
            used = data["used_at"]
            found = at if used == time else parsed(used)
            if found is not None:
                used_at = found
                report = _plain_usage(data, plmn, used_at)
        elif kind == LOCATION_UPDATED and len(data) == 2:
            report = LocationReport(plmn)
    except (KeyError, TypeError, AttributeError):  # something is missing, or of another kind
        return None
    # Q66
    if report is None or max(at, used_at) > latest:
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


def read_event(event: object, latest: datetime, flow_id: str, home_mcc: str) -> EventItem | EventResult:
    """One event in structured form → an item for the engine, or a rejected result with all its faults.

    What happened after `latest` is not taken; `home_mcc` is where a SIM is that roams no more; the pointers begin at
    the event.
    """
    return _plain(event, latest, flow_id) or _by_the_tables(event, latest, flow_id, home_mcc)


def _by_the_tables(event: object, latest: datetime, flow_id: str, home_mcc: str) -> EventItem | EventResult:
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
    if max(at, values.get("used_at", at)) > latest:
        moments = {"/time": at} | ({"/data/used_at": values["used_at"]} if "used_at" in values else {})
        return _rejected(event, "time_in_future", _ahead(moments, latest))
    report = event_type.report(values, home_mcc)
    number, sim = values.get("msisdn", values.get(camara.DEVICE)), values.get("imsi")
    digest = _digest(attributes["type"], at, number, sim, report)
    return EventItem(attributes["source"], attributes["id"], digest, at, number, sim, report, flow_id)
