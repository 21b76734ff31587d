"""What the gateway tells its operators: the registry of log events, and the one way a line is written.

A line is one JSON object on stdout, keys in the order `ts level event flow_id ...`: `ts` real time in UTC with
milliseconds, `vt` the business clock where that is virtual, `boot` the start it belongs to, `sub` a stable pseudonym
of a number, `msisdn` the number with its middle left out. Levels: error = a person must act; warning = degraded,
heals by itself; info = business facts; debug = traces. An event's name says its structure: noun.verb_past.
No line holds a full MSISDN or IMSI, a text, a token or a password: the last step before a line is written goes
through every string in it, those of exceptions too.
The one door to structlog. Must not be put here: metrics; what is worth telling (that is its teller's).
"""

import asyncio
import hmac
import io
import json
import logging
import re
import secrets as random_bytes
import sys
import time
import traceback
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, Literal, TextIO

import structlog

Level = Literal["debug", "info", "warning", "error"]
LEVELS: Final[tuple[Level, ...]] = ("debug", "info", "warning", "error")


@dataclass(frozen=True, slots=True)
class EventType:
    """One event: how grave, what a line must and may hold besides `SHARED`, and what it means.

    `escalates` = (field, from): from that value of the field on it is an error. `once_per`: only the first line for
    each value of that field.
    """

    level: Level
    required: tuple[str, ...]
    optional: tuple[str, ...]
    meaning: str
    escalates: tuple[str, int] | None = None
    once_per: str | None = None


# What any line may hold.
SHARED: Final = frozenset({"flow_id", "parent_flow_id", "msg_id", "sub", "msisdn", "exc"})

_E = EventType
EVENTS: Final[Mapping[str, EventType]] = {
    # --- the service
    "service.started": _E("info", ("version",), ("config_sha", "clock_mode", "db", "pid"), "the process began"),
    "gateway.ready": _E("info", ("http_port",), (), "events are taken"),
    "service.stopping": _E("info", ("reason",), ("in_flight",), "nothing new is taken, what is under way is finished"),
    "service.stopped": _E("info", (), ("reason", "in_flight", "drained_ms"), "the process ends"),
    "service.failed": _E("error", (), ("reason", "code"), "a part broke and the process ends"),
    "config.loaded": _E("info", ("file",), ("keys", "overrides"), "the configuration holds"),
    "config.rejected": _E("error", ("key", "why"), ("file",), "the configuration has a fault"),
    "loop.lagged": _E("warning", ("lag_ms",), ("task",), "the event loop was held up"),
    "library.logged": _E("warning", ("logger", "message"), (), "a library had something to say"),
    # --- the store
    "db.migrated": _E("info", ("from_version", "to_version"), ("ms",), "the database has a newer shape"),
    "db.slow": _E("warning", ("ms",), ("statement", "wait_ms"), "a transaction took long"),
    "db.failed": _E("error", ("operation",), ("why", "errno", "retry"), "the database refused"),
    # --- the link to the SMSC
    "smpp.bound": _E("info", ("system_id",), ("bind_type", "peer", "version", "ms"), "texts can come and go"),
    "smpp.bind_failed": _E(
        "warning", ("status",), ("attempt", "next_retry_s"), "no session, tried again", escalates=("attempt", 5)
    ),
    "smpp.unbound": _E("warning", ("reason",), ("session_s", "unanswered"), "the session ended"),
    "smpp.link_lost": _E("warning", ("last_pdu_s",), (), "the SMSC no longer answers"),
    "smpp.pdu": _E("debug", ("dir", "command"), ("seq", "status", "bytes"), "one PDU"),
    "smpp.pdu_rejected": _E("warning", ("why",), ("command", "bytes"), "a PDU that cannot be read, or a nack of ours"),
    # --- texts to the service number
    "mo.received": _E(
        "info", ("chars",), ("short_code", "encoding", "segments", "keyword", "keyword_match"), "a text came in"
    ),
    "mo.reassembly_expired": _E("warning", ("ref", "have", "want"), (), "parts of a long text never came"),
    "mo.duplicate": _E("info", (), ("first_flow_id", "age_s"), "a handset's repeat, answered once"),
    "mo.unknown_sender": _E("info", (), ("provisioned",), "a text of a number without a subscription: no answer"),
    "command.executed": _E("info", ("command",), ("before", "after", "changed"), "a shortcode did its work"),
    "command.unknown": _E("info", ("chars",), ("suggestion",), "a text that is no shortcode"),
    # --- events from the network
    "location.received": _E(
        "info", ("zone",), ("country", "operator", "prev_country", "source_event_id"), "a SIM registered"
    ),
    "usage.received": _E("info", ("zone", "bytes"), ("cost_eur", "period", "source_event_id"), "data was used"),
    "event.duplicate": _E(
        "info", ("source_event_id",), ("first_flow_id",), "known already; the first answer repeated"
    ),
    "event.conflict": _E("error", ("source_event_id",), ("first_flow_id",), "a known id with other content"),
    "event.rejected": _E("warning", ("why",), ("field", "http_status", "source_event_id"), "an event was refused"),
    "event.quarantined": _E("error", (), ("quarantine", "source_event_id"), "an event could not be judged"),
    "event.late": _E("warning", ("period",), ("lag_s", "applied"), "a record of a month gone by"),
    "network.unknown": _E("warning", ("plmn",), ("zone",), "a network that is not on the sheet", once_per="plmn"),
    # --- decisions
    "notification.decided": _E(
        "info", ("template", "outcome"), ("reason", "lang", "dedupe_key", "inputs"), "a text is due, or why not"
    ),
    "block.activated": _E(
        "info",
        ("reason",),
        ("kind", "by", "block_level", "next_block_at", "version_from", "version_to"),
        "data is off",
    ),
    "block.lifted": _E(
        "info", ("reason",), ("kind", "by", "block_level", "next_block_at", "version_from", "version_to"), "data is on"
    ),
    "bundle.activated": _E("info", ("category", "n"), ("max", "remaining"), "a bundle began, and is paid for"),
    "bundle.exhausted": _E("info", ("category", "n"), ("max", "remaining"), "a bundle is used up"),
    "policy.pushed": _E("info", (), ("id", "attempt", "http_status"), "the network knows what data may do"),
    "policy.push_failed": _E(
        "warning",
        ("attempt",),
        ("why", "wait_s", "kind", "target", "http_status"),
        "the network did not take it",
        escalates=("attempt", 5),
    ),
    "portal.changed": _E(
        "info", (), ("actor", "field", "fields", "created", "before", "after", "effective_from"), "settings changed"
    ),
    "portal.erased": _E("info", (), ("actor",), "a subscription's personal data is gone"),
    "period.rolled": _E("info", ("period",), ("subscribers", "blocks_lifted", "ms"), "a month began"),
    # --- texts to subscribers
    "mt.submitted": _E(
        "info",
        ("segments", "chars"),
        ("encoding", "attempt", "smpp_seq", "short_code", "text_sha"),
        "handed to the SMSC",
    ),
    "mt.accepted": _E("info", (), ("smsc_id", "part", "rtt_ms"), "the SMSC has it"),
    "mt.late_response": _E("info", ("status",), (), "an answer after its time"),
    "mt.retry_scheduled": _E("warning", ("status",), ("attempt", "wait_s", "next_attempt_at"), "tried again later"),
    "mt.delivered": _E("info", (), ("dlr_stat", "dlr_err", "submit_to_dlr_ms"), "the handset has it"),
    "mt.failed": _E("warning", (), ("status", "dlr_stat", "dlr_err", "attempts", "final"), "it will not arrive"),
    "mt.expired": _E("warning", (), ("age_s",), "it waited longer than it was worth"),
    "mt.cancelled": _E("info", (), ("reason",), "a newer text took its place"),
    "mt.unknown": _E("warning", ("reason",), ("again",), "perhaps sent: the only source of a second text"),
    "dlr.orphaned": _E("warning", (), ("smsc_id",), "a receipt for a text we do not know"),
    # --- clock and control
    "clock.refused": _E("warning", ("to",), (), "virtual time was asked to go back"),
    "clock.advanced": _E("info", ("to",), ("instants",), "virtual time moved"),
    "control.used": _E("info", ("verb",), ("token_id",), "somebody steered the gateway"),
    "scheduler.late": _E("warning", ("late_s",), ("due_at", "kind"), "something due was noticed late"),
    # --- the line at the end of each flow
    "flow.completed": _E(
        "info",
        ("kind", "outcome"),
        ("duration_ms", "db_ms", "db_queries", "decisions", "mt_count", "segments", "reason"),
        "a flow is done",
    ),
    "flow.failed": _E("error", ("kind",), ("where", "retried"), "our own fault ended a flow"),
}

# What no line may hold, at any depth, whatever an event allows.
_FORBIDDEN: Final = frozenset({"text", "short_message", "token", "password", "secret", "authorization"})
# A number written any way: E.164 (also as in a URL), bare with the home country code, or an IMSI.
_NUMBERS: Final = r"(?:\+|%2[Bb]|(?<![0-9A-Za-z])00)[0-9]{7,15}|(?<![0-9A-Za-z])(?:31[0-9]{9}|[0-9]{15})(?![0-9])"
# What some readers take for the end of a line though JSON does not write it as an escape.
_LINE_ENDS: Final = re.compile("[\x85\u2028\u2029]")
# The shortest string that may hold one, and the shortest secret that can be told from ordinary words.
_NUMBER_MIN_CHARS: Final = 8
_SECRET_MIN_CHARS: Final = 4
# Exceptions are for finding the place; a few kB do.
_EXC_MAX_CHARS: Final = 4000
_ONCE_MAX: Final = 10_000
_SUBS_MAX: Final = 10_000
_TEXTS_MAX: Final = 4_000


def start_log(
    format: Literal["json", "console"],  # noqa: A002 - as the key of [log] is called
    level: Level,
    *,
    key: bytes | None = None,
    secrets: Collection[str] = (),
    strict: bool = False,
) -> "Log":
    """The log of a process: on stdout, with the real clock, and libraries' warnings in it.

    Without a key (`keyed` false) the pseudonyms hold for this run only, or by the key that the store keeps.
    """
    chance = random_bytes.token_bytes(32)
    log = Log(
        sys.stdout, wall_s=time.time, key=key or chance, level=level, format=format, secrets=secrets, strict=strict
    )
    log.by_turns = True
    log.keyed = key is not None
    log.capture_libraries()
    return log


class UnknownEvent(Exception):  # noqa: N818 - what is the case
    """A line that the registry does not know, or with fields it does not have: our fault, told in strict mode."""


class Log:
    """Writes lines: `log("mt.accepted", flow_id=..., smsc_id=...)`.

    `wall_s` reads real time (seconds since 1970). `key` makes pseudonyms: keep it, and `sub` joins lines over time.
    `secrets` are cut out of every line. `strict` raises `UnknownEvent` instead of writing what the registry does not
    know. `boot` and `business_now` (of a virtual clock) are set when they are known.
    """

    def __init__(
        self,
        stream: TextIO,
        *,
        wall_s: Callable[[], float],
        key: bytes,
        level: Level = "info",
        format: Literal["json", "console"] = "json",  # noqa: A002 - as the key of [log] is called
        secrets: Collection[str] = (),
        strict: bool = False,
    ) -> None:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # half a surrogate pair must not end us
        self._boot, self._start = 0, ""
        self.business_now: Callable[[], datetime] | None = None
        self._wall_s = wall_s
        self._key = key
        self.keyed = True
        self._strict = strict
        self._second = (-1, "")
        self._seen: set[tuple[str, object]] = set()
        hidden = [re.escape(secret) for secret in secrets if len(secret) >= _SECRET_MIN_CHARS]
        self._private = re.compile(
            "|".join([*(f"(?P<secret{n}>{secret})" for n, secret in enumerate(hidden)), _NUMBERS])
        )
        self._shortest = _SECRET_MIN_CHARS if hidden else _NUMBER_MIN_CHARS
        self.sub = lru_cache(_SUBS_MAX)(self._sub)
        # The words of our own come back all day, an id in three or four lines.
        self._spelled_text = lru_cache(_TEXTS_MAX)(self._spell_text)
        self._whose = lru_cache(_SUBS_MAX)(self._whose_number)
        self._stream = stream
        self._render = _console(stream) if format == "console" else None
        self._least = LEVELS.index(level)
        self.by_turns = False
        self._told: list[_Told] = []
        self._due_in: asyncio.AbstractEventLoop | None = None

    def __call__(self, name: str, /, *, level: Level | None = None, **fields: Any) -> None:  # noqa: ANN401 - anything
        """Write one line. `level` may raise the event's own, not lower it."""
        known = EVENTS.get(name)
        if self._strict:
            _judge(name, known, fields)
        grave = known.level if known else "info"
        if (
            known is not None
            and known.escalates is not None
            and fields.get(known.escalates[0], 0) >= known.escalates[1]
        ):
            grave = "error"
        if level is not None and LEVELS.index(level) > LEVELS.index(grave):
            grave = level
        if known is not None and known.once_per is not None and self._repeated(name, fields.get(known.once_per)):
            return
        if LEVELS.index(grave) >= self._least:
            self._tell((self._wall_s(), self.business_now and self.business_now(), grave, name, fields))

    @property
    def boot(self) -> int:
        """The start that lines belong to; 0: not known yet, and not written."""
        return self._boot

    @boot.setter
    def boot(self, boot: int) -> None:
        self._boot, self._start = boot, f',"boot":{boot}' if boot else ""

    def _sub(self, number: str) -> str:
        """A stable pseudonym of a number; without the key nobody can go back by trying all numbers."""
        return "s_" + hmac.digest(self._key, number.encode(), "sha256").hex()[:10]

    def use_key(self, key: bytes) -> None:
        """Make pseudonyms with the key that the store keeps, so that they hold over restarts."""
        self._key = key
        self.keyed = True
        self.sub.cache_clear()
        self._whose.cache_clear()

    def text_sha(self, text: str) -> str:
        """Tells equal texts apart from others without holding any."""
        return hmac.digest(self._key, text.encode("utf-8", "replace"), "sha256").hex()[:6]

    def capture_libraries(self) -> None:
        """Warnings of libraries become lines too, instead of loose text on stderr."""
        logging.basicConfig(handlers=[_Libraries(self)], level=logging.WARNING, force=True)

    def _repeated(self, name: str, value: object) -> bool:
        one = (name, value)
        if one in self._seen:
            return True
        if value is not None and len(self._seen) < _ONCE_MAX:
            self._seen.add(one)
        return False

    # -- a line -------------------------------------------------------------------------------------------------

    def _tell(self, told: "_Told") -> None:
        """Write at once, or `by_turns`: in a loop, all lines of a turn together and behind what else it has to do.

        A commit under load brings hundreds of lines. So the answers of the turn leave before them, and they cost one
        write instead of hundreds.
        """
        self._told.append(told)
        # Not asked of asyncio for each line: it looks the running loop up by a call of the system.
        if self._due_in is not None and not self._due_in.is_closed():
            return
        self._due_in = _running_loop() if self.by_turns else None
        if self._due_in is None:
            self._write()
        else:
            self._due_in.call_soon(self._write)

    def _write(self) -> None:
        told, self._told, self._due_in = self._told, [], None
        self._stream.write("".join([self._line(*one) for one in told]))
        self._stream.flush()

    def _line(self, wall_s: float, business: datetime | None, level: str, event: str, fields: dict[str, Any]) -> str:
        """A line as JSON: the fixed keys first, then what the teller gave; nothing is not written.

        One pass shapes, scrubs and spells. Four lines are written for each text, and as a chain of structlog's
        processors with a dict between them a line took three times as long (measured: 15 against 5 us).
        """
        spelled = self._spelled_text
        text = (
            f'{{"ts":"{self._timestamp(wall_s)}","level":"{level}","event":{spelled(event)},"flow_id":'
            f"{spelled(fields.pop('flow_id', None) or '')}{self._start}"
        )
        if business is not None:
            text += f',"vt":"{business.isoformat()}"'
        number = fields.pop("msisdn", None)
        if number:
            text += self._whose(number)
        for name, value in fields.items():
            kind = type(value)
            if name in _FORBIDDEN or value is None:
                continue
            if kind is int:
                text += f',"{name}":{value}'
            elif kind is str:
                text += f',"{name}":{spelled(value)}'
            else:
                text += f',"{name}":{_encode(self._scrubbed(value))}'
        text += "}\n"
        return text if self._render is None else self._render(level, text)

    def _whose_number(self, number: str) -> str:
        """What a line says of a number."""
        return f',"sub":"{self.sub(number)}","msisdn":{_quoted(masked(number))}'

    def _timestamp(self, wall_s: float) -> str:
        second = int(wall_s)
        if second != self._second[0]:
            self._second = (second, datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S"))
        return f"{self._second[1]}.{int((wall_s - second) * 1000):03d}Z"

    def _spell_text(self, text: str) -> str:
        """The last step that looks at a text, whatever it holds: JSON without what no line may hold."""
        if text.isascii() and (len(text) < self._shortest or not self._private.search(text)):
            return _quoted(text)
        return _encode(self._scrubbed(text))

    def _scrubbed(self, value: object) -> Any:  # noqa: ANN401 - what JSON can hold, one answer for each
        match value:
            case str():
                return self._private.sub(_mask, _LINE_ENDS.sub("\n", value))
            case None | bool() | int() | float():
                return value
            case Mapping():
                return {
                    self._scrubbed(str(key)): self._scrubbed(inner)
                    for key, inner in value.items()
                    if str(key).lower() not in _FORBIDDEN
                }
            case list() | tuple() | set() | frozenset():
                return [self._scrubbed(inner) for inner in value]
            case BaseException():
                return self._scrubbed("".join(traceback.format_exception(value))[-_EXC_MAX_CHARS:])
            case _:
                return self._scrubbed(str(value))


def masked(number: str) -> str:
    """+3161…42: enough to recognise one's own, too little to know another's."""
    head = 5 if len(number) > 10 else 2
    return f"{number[:head]}…{number[-2:]}"


def _mask(found: re.Match[str]) -> str:
    return "…" if found.lastgroup else masked(found[0])


def _judge(name: str, known: EventType | None, fields: Mapping[str, object]) -> None:
    if known is None:
        raise UnknownEvent(f"event: found {name}; allowed: those of gateway.logs.EVENTS")
    missing = [field for field in known.required if fields.get(field) is None]
    unknown = fields.keys() - SHARED - {*known.required, *known.optional}
    if missing or unknown:
        raise UnknownEvent(
            f"{name}: found {sorted(fields)}; allowed: {list(known.required)}, perhaps {list(known.optional)}"
        )


_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode
_quoted: Final = json.encoder.encode_basestring

# What is told and not yet written: real time, virtual time, level, event, fields.
_Told = tuple[float, datetime | None, str, str, dict[str, Any]]


def _console(stream: TextIO) -> Callable[[str, str], str]:
    """Lines for people: made of those for programs, so that nothing else has to be scrubbed."""
    colours = stream.isatty()
    render = structlog.dev.ConsoleRenderer(colors=colours, sort_keys=False, timestamp_key="ts", pad_event_to=22)

    def write(level: str, line: str) -> str:
        fields = json.loads(line)
        exc = fields.pop("exc", None)
        text = str(render(None, level, {name: value for name, value in fields.items() if value != ""}))
        return f"{text}\n{exc}\n" if exc else text + "\n"

    return write


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:  # none in this thread
        return None


class _Libraries(logging.Handler):
    """Hands records of the standard library's logging on; the message may hold anything, so it is scrubbed too."""

    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        level: Level = "error" if record.levelno >= logging.ERROR else "warning"
        self._log("library.logged", level=level, logger=record.name, message=record.getMessage(), exc=error)
