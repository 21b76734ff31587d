"""The message centre's memory: which message is in which state, and what may still be done to it.

Pure: the clock's `now` is an argument. States and times are those of SMPP 3.4 §5.2.28 and §7.1; a message leaves
ENROUTE once and for good. Old messages are forgotten, as in any SMSC, when MESSAGES_MAX newer ones have come.

Not here: sessions, what is told of a message (receipts.py, reporter.py), handsets.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from enum import IntEnum
from functools import lru_cache
from typing import Final

from simulator import ids
from simulator.faults import Fault
from simulator.pdu import SubmitSm
from simulator.profiles import PROFILES, STANDARD, Profile

MESSAGES_MAX: Final = 200_000
"""A soak run must not grow without end; query_sm for an older message answers ESME_RQUERYFAIL."""
VALIDITY_DEFAULT: Final = timedelta(days=3)
"""How long the SMSC tries when the message names no validity_period."""

Timer = tuple[datetime, Callable[[], None]]
"""What is to be done, and when."""
USUAL: Final = PROFILES[STANDARD]


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


class Message:
    """One accepted message and what became of it. `told_number` is what its ids are made of: its own number, or the
    short one that an ESME before version 3.4 is given. `error` is the network's code for why it was not delivered;
    `has_alert` says that its ESME will hear when the handset is back (set_dpf).
    """

    __slots__ = (
        "accepted_at",
        "account",
        "done_at",
        "error",
        "expires_at",
        "fault",
        "has_alert",
        "message_id",
        "profile",
        "retry",
        "scheduled_at",
        "state",
        "submit",
        "timers",
        "told_number",
    )

    def __init__(self, number: int, submit: SubmitSm, account: str, accepted_at: datetime, profile: Profile) -> None:
        self.told_number = number
        self.message_id = ids.FORMS[profile.answered](number)
        self.submit = submit
        self.account = account
        self.accepted_at = accepted_at
        self.profile = profile
        self.done_at: datetime | None = None
        self.expires_at: datetime | None = None
        self.scheduled_at: datetime | None = None
        self.retry: Timer | None = None
        self.timers: list[Timer] = []
        self.error = 0
        self.has_alert = False
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
        if state is State.DELIVERED:
            self.error = 0
        return True

    def share_id(self, other: "Message") -> None:
        """Both are one submit_multi's (SMPP 3.4 §4.5.2): one id for all its destinations."""
        self.message_id, self.told_number = other.message_id, other.told_number

    @property
    def wants_receipt_ever(self) -> bool:
        """Whether any outcome would be reported."""
        return bool(self.submit.registered_delivery & 0x03)

    @property
    def wants_receipt(self) -> bool:
        """registered_delivery bits 1-0 (SMPP 3.4 §5.2.17): 1 every outcome, 2 failures only, 3 (5.0) success only."""
        asked = self.submit.registered_delivery & 0x03
        return asked == 1 or (asked != 0 and (asked == 3) is (self.state is State.DELIVERED))


class Run:
    """What messages that came in a row and were delivered at once have in common; ids count up from `first_id`."""

    __slots__ = ("accepted_at", "account", "first_id", "profile")

    def __init__(self, first_id: int, account: str, accepted_at: datetime, profile: Profile) -> None:
        self.first_id = first_id
        self.account = account
        self.accepted_at = accepted_at
        self.profile = profile

    def message(self, number: int, frame: bytes) -> Message:
        """The message with that id, as it would be had it been kept one by one."""
        message = Message(number, SubmitSm(frame), self.account, self.accepted_at, self.profile)
        message.settle(State.DELIVERED, self.accepted_at)
        return message


class MessageStore:
    """The newest messages by id. Ids count up from `first_id`.

    A ring: a message lies at its id modulo the size, so keeping many is one assignment of a slice and the oldest are
    forgotten by it. What was delivered at once lies there as it came, and becomes a value when somebody asks.
    """

    def __init__(self, first_id: int = 1, messages_max: int = MESSAGES_MAX) -> None:
        self.next_id = first_id
        self._ring: list[Message | bytes | None] = [None] * messages_max
        self._runs: list[Run | None] = [None] * messages_max

    def accept(
        self, submit: SubmitSm, account: str, now: datetime, profile: Profile = USUAL, *, is_old: bool = False
    ) -> Message:
        """A new message in state ENROUTE; `is_old` says that its ESME needs a short id."""
        number = self.next_id
        self.next_id = number + 1
        message = Message(ids.short(number) if is_old else number, submit, account, now, profile)
        self._ring[number % len(self._ring)] = message
        return message

    def keep(self, frames: list[bytes], account: str, now: datetime, profile: Profile = USUAL) -> Run:
        """Messages that are delivered as they are accepted."""
        run = Run(self.next_id, account, now, profile)
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

    def find(self, message_id: str, source: str, account: str | None = None) -> Message | None:
        """The message of that id as it was answered, if `source` sent it (§4.8.1: both must match), from `account`
        when one is named.
        """
        for number in ids.candidates(message_id, self.next_id - 1):
            message = self._at(number)
            if message is None or message.message_id.casefold() != message_id.casefold():
                continue
            if message.source == source and account in (None, message.account):
                return message
        return None

    def _at(self, number: int) -> Message | None:
        if not 0 <= self.next_id - number - 1 < len(self._ring):
            return None
        found = self._ring[number % len(self._ring)]
        if isinstance(found, bytes):
            run = self._runs[number % len(self._runs)]
            assert run is not None
            return run.message(number, found)
        return found

    def newest(self, count: int) -> list[Message]:
        """The last messages, the newest first."""
        found = (self._at(number) for number in range(self.next_id - 1, self.next_id - 1 - count, -1))
        return [message for message in found if message is not None]


def instant(value: str, now: datetime) -> datetime | None:
    """An SMPP time (§7.1.1) as an instant, None for the empty one. ValueError when it is no time."""
    if not value:
        return None
    meant = _meaning(value)
    return now + meant if isinstance(meant, timedelta) else meant


@lru_cache(maxsize=1024)  # an ESME asks for the same few periods again and again
def _meaning(value: str) -> datetime | timedelta:
    """An absolute time as an instant, a relative one as what is added to now."""
    digits, tail = value[:12], value[12:]
    if len(value) != 16 or not digits.isdigit() or not tail[:3].isdigit():
        raise ValueError(f"{value!r} is no SMPP time: YYMMDDhhmmsstnnp")
    year, month, day, hour, minute, second = (int(digits[n : n + 2]) for n in range(0, 12, 2))
    if tail[3] == "R":
        days = year * 365 + month * 30 + day
        return timedelta(days=days, hours=hour, minutes=minute, seconds=second)
    if tail[3] not in "+-" or int(tail[1:3]) > 48:
        raise ValueError(f"{value!r} is no SMPP time: it ends in {tail[1:]!r}")
    offset = timedelta(minutes=15 * int(tail[1:3])) * (-1 if tail[3] == "-" else 1)
    tenths = 100_000 * int(tail[0])
    return datetime(2000 + year, month, day, hour, minute, second, tenths, tzinfo=timezone(offset))


def smpp_period(seconds: int) -> str:
    """A number of seconds as a relative SMPP time (§7.1.1.1), a century at most."""
    days, rest = divmod(min(seconds, 99 * 365 * 86_400), 86_400)
    years, days = divmod(days, 365)
    months, days = divmod(days, 30)
    hours, rest = divmod(rest, 3600)
    return f"{years:02d}{months:02d}{days:02d}{hours:02d}{rest // 60:02d}{rest % 60:02d}000R"


def smpp_time(at: datetime) -> str:
    """An instant as an absolute SMPP time in UTC."""
    at = at.astimezone(UTC)
    return f"{at:%y%m%d%H%M%S}{at.microsecond // 100_000}00+"
