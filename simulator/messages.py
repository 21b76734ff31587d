"""The message centre's memory: which message is in which state, and what may still be done to it.

Pure: the clock's `now` is an argument. States and times are those of SMPP 3.4 §5.2.28 and §7.1; a message leaves
ENROUTE once and for good. Old messages are forgotten, as in any SMSC, when MESSAGES_MAX newer ones have come.

Not here: sessions, receipts on their way (deliveries.py), handsets.
"""

from datetime import UTC, datetime, timedelta, timezone
from enum import IntEnum
from typing import Final

from simulator import alphabet
from simulator.faults import Fault
from simulator.pdu import SubmitSm, Value, body_octets, tlv

MESSAGES_MAX: Final = 200_000
"""A soak run must not grow without end; query_sm for an older message answers ESME_RQUERYFAIL."""
VALIDITY_DEFAULT: Final = timedelta(days=3)
"""How long the SMSC tries when the message names no validity_period."""
RECEIPT_TEXT_CHARS: Final = 20
"""SMPP 3.4 appendix B: the receipt repeats the first 20 characters."""


class State(IntEnum):
    """message_state (SMPP 3.4 §5.2.28)."""

    ENROUTE = 1
    DELIVERED = 2
    EXPIRED = 3
    DELETED = 4
    UNDELIVERABLE = 5
    ACCEPTED = 6
    UNKNOWN = 7
    REJECTED = 8


STATS: Final = {  # SMPP 3.4 appendix B
    State.ENROUTE: "ENROUTE",
    State.DELIVERED: "DELIVRD",
    State.EXPIRED: "EXPIRED",
    State.DELETED: "DELETED",
    State.UNDELIVERABLE: "UNDELIV",
    State.ACCEPTED: "ACCEPTD",
    State.UNKNOWN: "UNKNOWN",
    State.REJECTED: "REJECTD",
}
STATES: Final = {stat: state for state, stat in STATS.items()}
ERRORS: Final = {State.DELIVERED: 0, State.EXPIRED: 27, State.DELETED: 0, State.UNDELIVERABLE: 1, State.REJECTED: 34}
"""Network error codes of our own; the specification leaves them to the SMSC."""


class Message:
    """One accepted message and what became of it."""

    __slots__ = (
        "accepted_at",
        "account",
        "done_at",
        "expires_at",
        "fault",
        "message_id",
        "scheduled_at",
        "state",
        "submit",
    )

    def __init__(self, message_id: str, submit: SubmitSm, account: str, accepted_at: datetime) -> None:
        self.message_id = message_id
        self.submit = submit
        self.account = account
        self.accepted_at = accepted_at
        self.done_at: datetime | None = None
        self.expires_at: datetime | None = None
        self.scheduled_at: datetime | None = None
        self.fault: Fault | None = None
        self.state = State.ENROUTE

    @property
    def number(self) -> str:
        """The handset it is for, E.164 with +."""
        return "+" + self.submit.destination.decode("ascii").removeprefix("+")

    @property
    def source(self) -> str:
        return self.submit.source.decode("ascii")

    def settle(self, state: State, at: datetime) -> bool:
        """Leaves ENROUTE; False when it had left before."""
        if self.state is not State.ENROUTE:
            return False
        self.state, self.done_at = state, at
        return True

    @property
    def wants_receipt_ever(self) -> bool:
        """Whether any outcome would be reported."""
        return bool(self.submit.registered_delivery & 0x03)

    @property
    def wants_receipt(self) -> bool:
        """registered_delivery bits 1-0 (SMPP 3.4 §5.2.17): 1 every outcome, 2 failures only."""
        asked = self.submit.registered_delivery & 0x03
        return asked == 1 or (asked == 2 and self.state is not State.DELIVERED)


class Run:
    """What messages that came in a row and were delivered at once have in common; ids count up from `first_id`."""

    __slots__ = ("accepted_at", "account", "first_id")

    def __init__(self, first_id: int, account: str, accepted_at: datetime) -> None:
        self.first_id = first_id
        self.account = account
        self.accepted_at = accepted_at

    def message(self, number: int, frame: bytes) -> Message:
        """The message with that id, as it would be had it been kept one by one."""
        message = Message(f"{number:X}", SubmitSm(frame), self.account, self.accepted_at)
        message.settle(State.DELIVERED, self.accepted_at)
        return message


class MessageStore:
    """The newest messages by id. Ids count up from `first_id`, in hexadecimal, as many an SMSC has them.

    A ring: a message lies at its id modulo the size, so keeping many is one assignment of a slice and the oldest are
    forgotten by it. What was delivered at once lies there as it came, and becomes a value when somebody asks.
    """

    def __init__(self, first_id: int = 1, messages_max: int = MESSAGES_MAX) -> None:
        self.next_id = first_id
        self._ring: list[Message | bytes | None] = [None] * messages_max
        self._runs: list[Run | None] = [None] * messages_max

    def accept(self, submit: SubmitSm, account: str, now: datetime, *, message_id: str | None = None) -> Message:
        """A new message in state ENROUTE; `message_id` is given when several share one (submit_multi)."""
        if message_id is not None:
            return Message(message_id, submit, account, now)
        number = self.next_id
        self.next_id = number + 1
        message = Message(f"{number:X}", submit, account, now)
        self._ring[number % len(self._ring)] = message
        return message

    def keep(self, frames: list[bytes], account: str, now: datetime) -> Run:
        """Messages that are delivered as they are accepted."""
        run = Run(self.next_id, account, now)
        size = len(self._ring)
        done, count = 0, len(frames)
        while done < count:
            at = (self.next_id + done) % size
            step = min(count - done, size - at)
            self._ring[at : at + step] = frames[done : done + step]
            self._runs[at : at + step] = [run] * step
            done += step
        self.next_id += count
        return run

    def find(self, message_id: str, source: str) -> Message | None:
        """The message of that id, if `source` sent it (§4.8.1: both must match)."""
        try:
            number = int(message_id, 16)
        except ValueError:
            return None
        if not 0 <= self.next_id - number - 1 < len(self._ring):
            return None
        found = self._ring[number % len(self._ring)]
        if isinstance(found, bytes):
            run = self._runs[number % len(self._runs)]
            assert run is not None
            found = run.message(number, found)
        if found is None or found.message_id != message_id.upper() or found.source != source:
            return None
        return found


def instant(value: str, now: datetime) -> datetime | None:
    """An SMPP time (§7.1.1) as an instant, None for the empty one. ValueError when it is no time."""
    if not value:
        return None
    digits, tail = value[:12], value[12:]
    if len(value) != 16 or not digits.isdigit() or not tail[:3].isdigit():
        raise ValueError(f"{value!r} is no SMPP time: YYMMDDhhmmsstnnp")
    year, month, day, hour, minute, second = (int(digits[n : n + 2]) for n in range(0, 12, 2))
    if tail[3] == "R":
        days = year * 365 + month * 30 + day
        return now + timedelta(days=days, hours=hour, minutes=minute, seconds=second)
    if tail[3] not in "+-" or int(tail[1:3]) > 48:
        raise ValueError(f"{value!r} is no SMPP time: it ends in {tail[1:]!r}")
    offset = timedelta(minutes=15 * int(tail[1:3])) * (-1 if tail[3] == "-" else 1)
    tenths = 100_000 * int(tail[0])
    return datetime(2000 + year, month, day, hour, minute, second, tenths, tzinfo=timezone(offset))


def smpp_time(at: datetime) -> str:
    """An instant as an absolute SMPP time in UTC."""
    at = at.astimezone(UTC)
    return f"{at:%y%m%d%H%M%S}{at.microsecond // 100_000}00+"


def receipt_body(message: Message, *, with_tlvs: bool, stat: str | None = None) -> bytes:
    """The deliver_sm body that reports a message's state (SMPP 3.4 §4.6, appendix B)."""
    submit = message.submit
    state = message.state if stat is None else STATES.get(stat, State.UNKNOWN)
    done = message.done_at or message.accepted_at
    delivered = 1 if state is State.DELIVERED else 0
    text = (
        f"id:{message.message_id} sub:001 dlvrd:{delivered:03d} submit date:{message.accepted_at:%y%m%d%H%M}"
        f" done date:{done:%y%m%d%H%M} stat:{STATS[state] if stat is None else stat}"
        f" err:{ERRORS.get(state, 1):03d} text:{_opening(submit)}"
    )
    octets = alphabet.gsm_octets(text) or b""
    tlvs = []
    if with_tlvs:
        tlvs = [tlv("receipted_message_id", message.message_id), tlv("message_state", int(state))]
        # §4.6.1: a receipt may carry the reference of the message it reports.
        tlvs += [pair for pair in submit.tlvs if pair[0] == tlv("user_message_reference", 0)[0]]
    at = submit.frame.index(0, 16) + 1
    source_ton, source_npi = submit.frame[at], submit.frame[at + 1]
    at += 3 + len(submit.source)
    fields: dict[str, Value] = {
        "source_addr_ton": submit.frame[at],
        "source_addr_npi": submit.frame[at + 1],
        "source_addr": submit.destination.decode("ascii"),
        "dest_addr_ton": source_ton,
        "dest_addr_npi": source_npi,
        "destination_addr": message.source,
        "esm_class": 0x04,
        "short_message": octets,
    }
    return body_octets("deliver_sm", fields, tlvs)


def _opening(submit: SubmitSm) -> str:
    octets = submit.payload
    if submit.esm_class & alphabet.UDHI:
        try:
            _, octets = alphabet.split_header(octets)
        except ValueError:
            return ""
    text = alphabet.text_of(octets[: RECEIPT_TEXT_CHARS * 4], submit.data_coding)[:RECEIPT_TEXT_CHARS]
    return "".join(char if alphabet.gsm_octets(char) else "?" for char in text)
