"""What travels the one road: the items that `Engine.accept` takes and the results it gives back.

An item is a thing from outside (an event, an SMS part, a portal call, an answer of the SMSC, a receipt) or a moment
that has come (expiry, month begin). Each is judged inside one transaction of `Store.apply`, and its result is known
only after the commit. Instants are aware datetimes in UTC; numbers are E.164 with "+".
What comes by the ten thousand is a named tuple: as frozen as a dataclass, made in a fifth of the time.
Must not be put here: behaviour.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple


class LocationReport(NamedTuple):
    """`plmn` is "MCC-MNC", the MCC alone where only the country is known, or "" for abroad, nobody says where."""

    plmn: str


class UsageReport(NamedTuple):
    """Either `volume_bytes` of this record, or `session` with its running total, merged by maximum."""

    plmn: str
    used_at: datetime
    volume_bytes: int = 0
    session: str | None = None
    total_bytes: int = 0
    started_at: datetime | None = None


class EventItem(NamedTuple):
    """One CloudEvent, checked for shape. `digest` is over its content: same id and other digest is a conflict (Q26).

    Exactly one of `msisdn` and `imsi` names the SIM. `at` is the envelope's time.
    """

    source: str
    id: str
    digest: bytes
    at: datetime
    msisdn: str | None
    imsi: str | None
    report: LocationReport | UsageReport
    flow_id: str = ""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One fault in a body: a JSON Pointer to it, and what was found and is allowed."""

    pointer: str
    message: str


class EventResult(NamedTuple):
    """`status` accepted | duplicate | conflict | rejected; `outcome` and `kinds` of an accepted one.

    `code` of a rejected one: unknown_subscription, rejected_late, time_in_future, quarantined, unknown_type, invalid.
    """

    id: str
    status: Literal["accepted", "duplicate", "conflict", "rejected"]
    outcome: str | None = None
    kinds: tuple[str, ...] = ()
    code: str | None = None
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class PortalItem:
    """PUT, PATCH or DELETE of a subscription; `changes` has the shape of the portal's JSON, partial and checked."""

    verb: Literal["put", "patch", "delete"]
    msisdn: str
    changes: Mapping[str, Any]
    flow_id: str = ""


@dataclass(frozen=True, slots=True)
class PortalResult:
    """`status` is the HTTP status; `body` the subscription as GET shows it (200, 201), or None.

    404 unknown; 409 a number or IMSI that another has, or WORLD beside another bundle; 422 with `errors`.
    """

    status: int
    body: Mapping[str, Any] | None = None
    detail: str = ""
    errors: tuple[FieldError, ...] = ()


class SmsItem(NamedTuple):
    """A delivery of the SMSC that holds a text to the service number, whole or one part of it.

    `number` of `total` with the sender's `reference`; a whole text is 1 of 1. `payload` is undecoded when `total` > 1,
    since an escape or surrogate pair may straddle two parts; `text` is set when it is whole.
    """

    sender: str
    destination: str
    text: str | None
    payload: bytes = b""
    data_coding: int = 0
    reference: int = 0
    number: int = 1
    total: int = 1
    flow_id: str = ""


class ReceiptItem(NamedTuple):
    """A delivery receipt. `keys` are the ways its message id may be written, the literal one first.

    `state` is delivered, failed, expired, or "" for those that change nothing (ENROUTE, ACCEPTD). `reference` is the
    `user_message_reference` of the text, where the SMSC repeats it.
    """

    keys: tuple[str, ...]
    recipient: str
    state: str
    stat: str
    error: str
    reference: int | None = None


class Settlement(NamedTuple):
    """What became of one part that was submitted.

    `verdict`: accepted (with `message_id`), retry, failed, unknown (no answer: it may or may not have arrived), or
    unsent (the session was gone before it left).
    """

    notification: str
    number: int
    verdict: Literal["accepted", "retry", "failed", "unknown", "unsent"]
    message_id: str = ""
    status: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PushDone:
    """The network took a data policy: its row can go."""

    subscription: str
    seq: int


@dataclass(frozen=True, slots=True)
class ClockMoved:
    """The virtual clock was moved: the instant is committed, so that a restart does not go back."""


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """What to answer the SMSC: true after the commit; there is no other answer once it was accepted."""

    taken: bool = True


Item = EventItem | PortalItem | SmsItem | ReceiptItem | Settlement | PushDone | ClockMoved
Result = EventResult | PortalResult | DeliveryResult


class Busy(Exception):  # noqa: N818 - it says what to do, not what broke
    """The inbox cannot take this now: nothing was accepted; come back after `retry_after_s`."""

    def __init__(self, retry_after_s: int = 1) -> None:
        super().__init__(f"inbox full, retry after {retry_after_s} s")
        self.retry_after_s = retry_after_s
