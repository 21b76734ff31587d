"""What happened to a subscription: the inputs of `decide`.

Every event says when it happened (`at`) and when it is looked at (`now`), both aware datetimes in UTC; handlers read
no clock. Values arrive checked for shape (types, ranges, known places of a network code); what depends on the
subscription's state is judged by the handlers. Must not be put here: anything about transport, identifiers of
requests, or storage.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple


class SmsReceived(NamedTuple):
    """A text to the service number, joined from its parts.

    `sender` is the number it came from: the subscription's own, or that of one of its SIMs.
    """

    at: datetime
    now: datetime
    sender: str
    text: str


@dataclass(frozen=True, slots=True)
class LocationUpdated:
    """A SIM registered with a network. `imsi` names the SIM; "" is the primary one, not named by the portal (yet).

    `plmn` is "MCC-MNC", the MCC alone where only the country is known, or "" for abroad, nobody says where.
    """

    at: datetime
    now: datetime
    imsi: str
    plmn: str


class UsageReported(NamedTuple):
    """`volume_bytes` of data were used on `plmn`; `at` is the end of the reported slice (Q22).

    `started_at` is the begin of the slice where the producer knows it.
    """

    at: datetime
    now: datetime
    imsi: str
    plmn: str
    volume_bytes: int
    started_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SettingsChanged:
    """The portal set something. `changes` has the shape of the portal's JSON, checked, nested objects partial.

    `created` is true for the event that brings the subscription into being: the state judged is then the default one.
    """

    at: datetime
    now: datetime
    changes: Mapping[str, Any]
    created: bool = False


@dataclass(frozen=True, slots=True)
class PeriodBegan:
    """A due row of the 1st: what ended with the old month is told to the network. Nothing else hangs on it (Q20)."""

    at: datetime
    now: datetime


Event = SmsReceived | LocationUpdated | UsageReported | SettingsChanged | PeriodBegan
