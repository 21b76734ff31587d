"""Events of CAMARA Device Roaming Status (device-roaming-status-subscriptions, v0 and v1), read as locations.

That API tells of countries, not of networks: `countryCode` is the MCC as a number, and `roaming-on` and `roaming-off`
have none at all. So a report names the MCC alone; for a SIM that roams no more that of the home country; and nothing
where a SIM began to roam and nobody says where (its country comes with another event, and until then nothing is
known that could be told). `countryName` follows from the code, by a list that is not our sheet: its shape is checked,
its words are not read. MCC 901 has no country, some codes have several (Q40, Q43).
A device is known here by its phone number alone.
Must not be put here: what a place is (the sheet), what follows from being there (handlers).
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from gateway.http.members import NUMBER, TEXT, EventType, Faults, Inside, Member, Schema, Values, msisdn, sound_text
from gateway.http.problems import expected, pointer
from gateway.items import FieldError, LocationReport

PREFIX: Final = "org.camaraproject.device-roaming-status-subscriptions"
VERSIONS: Final = ("v0", "v1")
# The member that names the SIM; read, it is the phone number.
DEVICE: Final = "device"
# No code has so many countries; it bounds what a hostile list can cost.
COUNTRIES_MAX = 300

_COUNTRY = re.compile(r"[A-Z]{2}")


def _ipv4(value: object) -> dict[str, Any]:
    if isinstance(value, dict) and all(type(part) in (str, int) for part in value.values()):
        return value
    raise ValueError(expected(value, "an object of addresses and a port"))


def _unknown(_value: object) -> None:
    raise ValueError(f"is not known in a device; there are {', '.join(_NAMES)}")


# The ways to name a device. Those beside the number name the same device, so their shape is all that counts.
_NAMES: Mapping[str, Member] = {
    "phoneNumber": Member(msisdn, NUMBER),
    "networkAccessIdentifier": Member(sound_text, TEXT),
    "ipv4Address": Member(_ipv4, {"type": "object", "additionalProperties": {"type": ["string", "integer"]}}),
    "ipv6Address": Member(sound_text, TEXT),
}
_UNKNOWN = Member(_unknown, {})


def _device(value: object) -> str:
    """The device's number; else ValueError, or `Inside` with the place."""
    if not isinstance(value, dict):
        raise ValueError(expected(value, "an object with a phoneNumber"))  # noqa: TRY004 - as all faults here
    faults = []
    for name, one in value.items():
        try:
            _NAMES.get(name, _UNKNOWN).read(one)
        except ValueError as fault:
            faults.append(FieldError(pointer(name), str(fault)))
    if "phoneNumber" not in value:
        faults.append(FieldError("", "phoneNumber is missing: a device is known here by its number"))
    if faults:
        raise Inside(faults)
    return str(value["phoneNumber"])


def _mcc(value: object) -> str:
    # `type`, because a bool is an int to isinstance.
    if type(value) is int and 0 < value <= 999:
        return f"{value:03d}"
    raise ValueError(expected(value, "a mobile country code as an integer of up to three digits, as 208"))


def _countries(value: object) -> list[Any]:
    if not isinstance(value, list) or len(value) > COUNTRIES_MAX:
        raise ValueError(expected(value, 'a list of ISO 3166 codes, as ["FR"]'))
    faults = [
        FieldError(pointer(index), expected(name, "an ISO 3166 code of two capitals"))
        for index, name in enumerate(value)
        if not isinstance(name, str) or not _COUNTRY.fullmatch(name)
    ]
    if faults:
        raise Inside(faults)
    return value


def _roaming(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError(expected(value, "true or false"))


_DEVICE_SCHEMA: Schema = {
    "type": "object",
    "properties": {name: member.schema for name, member in _NAMES.items()},
    "required": ["phoneNumber"],
    "additionalProperties": False,
}
_MEMBERS: Mapping[str, Member] = {
    DEVICE: Member(_device, _DEVICE_SCHEMA),
    "subscriptionId": Member(sound_text, TEXT),
    "countryCode": Member(
        _mcc, {"type": "integer", "minimum": 1, "maximum": 999, "description": "The mobile country code (MCC)."}
    ),
    "countryName": Member(
        _countries,
        {"type": "array", "items": {"type": "string", "pattern": "^[A-Z]{2}$"}, "maxItems": COUNTRIES_MAX},
    ),
}
_STATUS: Mapping[str, Member] = {**_MEMBERS, "roaming": Member(_roaming, {"type": "boolean"})}


def _no_faults(_data: Values, _values: Values) -> Faults:
    return []


def _abroad(values: Values, _home_mcc: str) -> LocationReport:
    return LocationReport(values.get("countryCode", ""))


def _home(_values: Values, home_mcc: str) -> LocationReport:
    return LocationReport(home_mcc)


def _status(values: Values, home_mcc: str) -> LocationReport:
    return _abroad(values, home_mcc) if values["roaming"] else _home(values, home_mcc)


_NAMED = frozenset({DEVICE})
_KINDS: Mapping[str, EventType] = {
    "roaming-on": EventType(
        "RoamingOn",
        _MEMBERS,
        _NAMED,
        _no_faults,
        _abroad,
        "CAMARA: a device began to roam. Without countryCode it is taken and leads to nothing.",
    ),
    "roaming-off": EventType("RoamingOff", _MEMBERS, _NAMED, _no_faults, _home, "CAMARA: a device is home again."),
    "roaming-change-country": EventType(
        "RoamingChangeCountry",
        _MEMBERS,
        _NAMED | {"countryCode"},
        _no_faults,
        _abroad,
        "CAMARA: a roaming device is in another country.",
    ),
    "roaming-status": EventType(
        "RoamingStatus",
        _STATUS,
        _NAMED | {"roaming"},
        _no_faults,
        _status,
        "CAMARA: a device began to roam, or is home again.",
    ),
}
TYPES: Mapping[str, EventType] = {
    f"{PREFIX}.{version}.{name}": kind for version in VERSIONS for name, kind in _KINDS.items()
}
