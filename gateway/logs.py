"""How a line of the log is written.

A line is one JSON object on stdout, keys in the order `ts level event flow_id ...`: `ts` real time in UTC with
milliseconds, `vt` the business clock where that is virtual, `boot` the start it belongs to, `sub` a stable pseudonym
of a number, `msisdn` the number with its middle left out.
No line holds a full MSISDN or IMSI, a text, a token or a password: the last step before lines are written looks
through all of them, those of exceptions too.
The one door to structlog. Must not be put here: metrics; what is worth telling (`log_events`, and its teller).
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
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, Literal, TextIO

import orjson
import structlog

from gateway.log_events import EVENTS, LEVELS, SHARED, EventType, Level

# What no line may hold, at any depth, whatever an event allows.
_FORBIDDEN: Final = frozenset({"text", "short_message", "token", "password", "secret", "authorization"})
# A number written any way: E.164 (also as in a URL), bare with the home country code, or an IMSI.
_NUMBERS: Final = r"(?:\+|%2[Bb]|(?<![0-9A-Za-z])00)[0-9]{7,15}|(?<![0-9A-Za-z])(?:31[0-9]{9}|[0-9]{15})(?![0-9])"
# What some readers take for the end of a line though JSON does not write it as an escape.
_LINE_ENDS: Final = re.compile("[\x85\u2028\u2029]")
_NUMBER: Final = re.compile(_NUMBERS.encode())


def _kind(octet: str) -> str:
    """What an octet of a line may be part of: "!" an escape or the end of a line, else a number, a word, an object."""
    if octet in "\\%\x85\xa8\xa9":
        return "!"
    if octet.isascii() and octet.isalnum():
        return "0" if octet.isdigit() else "a"
    return octet if octet in "+{" else "."


# In it all that matters shows at one look.
_KINDS: Final = "".join(_kind(chr(code)) for code in range(256)).encode()
# How a number begins, and how far before it.
_MAY_BEGIN: Final = ((b".000000000", 1), (b"+0000000", 0))
# The shortest secret that can be told from ordinary words.
_SECRET_MIN_CHARS: Final = 4
# Exceptions are for finding the place; a few kB do.
_EXC_MAX_CHARS: Final = 4000
_ONCE_MAX: Final = 10_000
_SUBS_MAX: Final = 10_000


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
        self.boot = 0  # the start that lines belong to; 0: not known yet, and not written
        self.business_now: Callable[[], datetime] | None = None
        self._wall_s = wall_s
        self._key = key
        self.keyed = True
        self._strict = strict
        self._now = (-1, "")
        self._seen: set[tuple[str, object]] = set()
        hidden = [secret for secret in secrets if len(secret) >= _SECRET_MIN_CHARS]
        self._secrets = [secret.encode("utf-8", "replace") for secret in hidden]
        self._private = re.compile(
            "|".join([*(f"(?P<secret{n}>{re.escape(secret)})" for n, secret in enumerate(hidden)), _NUMBERS])
        )
        self.sub = lru_cache(_SUBS_MAX)(self._sub)
        self._whose = lru_cache(_SUBS_MAX)(self._whose_number)
        self._stream = stream
        self._render = _console(stream) if format == "console" else None
        self._least = LEVELS.index(level)
        # Those whose level is the same each time; "" is not written. Strictly, each line is looked at.
        self._usual: dict[str, Level | Literal[""]] = {
            name: known.level if LEVELS.index(known.level) >= self._least else ""
            for name, known in EVENTS.items()
            if known.escalates is None and known.once_per is None and not strict
        }
        self.by_turns = False
        self._told, self._lines = bytearray(), 0
        self._due_in: asyncio.AbstractEventLoop | None = None

    def __call__(self, name: str, /, *, level: Level | None = None, **fields: Any) -> None:  # noqa: ANN401 - anything
        """Write one line. `level` may raise the event's own, not lower it."""
        grave = self._usual.get(name)
        if grave is None or level is not None:
            known = EVENTS.get(name)
            if self._strict:
                _judge(name, known, fields)
            if known is not None and known.once_per is not None and self._repeated(name, fields.get(known.once_per)):
                return
            grave = self._grave(known, level, fields)
            if LEVELS.index(grave) < self._least:
                return
        elif not grave:
            return
        self._tell(grave, name, fields)

    def _grave(self, known: EventType | None, level: Level | None, fields: Mapping[str, Any]) -> Level:
        grave = known.level if known else "info"
        if known is not None and known.escalates is not None:
            field, limit = known.escalates
            grave = "error" if fields.get(field, 0) >= limit else grave
        return level if level is not None and LEVELS.index(level) > LEVELS.index(grave) else grave

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

    def _tell(self, level: Level, event: str, fields: dict[str, Any]) -> None:
        """Write at once, or `by_turns`: in a loop, all lines of a turn together and behind what else it has to do.

        A commit under load brings hundreds of lines. So the answers of the turn leave before them, and they cost one
        look and one write instead of hundreds. To JSON they turn at once, while all of it is at hand.
        """
        self._told += self._line(level, event, fields)
        self._lines += 1
        # Not asked of asyncio for each line: it looks the running loop up by a call of the system.
        if self._due_in is not None and not self._due_in.is_closed():
            return
        self._due_in = _running_loop() if self.by_turns else None
        if self._due_in is None:
            self._write()
        else:
            self._due_in.call_soon(self._write)

    def _line(self, level: Level, event: str, fields: dict[str, Any]) -> bytes:
        """A line in JSON: the fixed keys first, then what the teller gave; nothing is not written.

        Four lines are written for each text. As a chain of structlog's processors with a dict between them a line took
        five times as long.
        """
        line: dict[str, Any] = {"ts": self._timestamp(self._wall_s()), "level": level, "event": event, "flow_id": ""}
        if "flow_id" in fields:
            line["flow_id"] = fields.pop("flow_id") or ""
        if self.boot:
            line["boot"] = self.boot
        if self.business_now is not None and (business := self.business_now()) is not None:
            line["vt"] = business.isoformat()
        number = fields.pop("msisdn", None)
        if number:
            line["sub"], line["msisdn"] = self._whose(number)
        line.update(fields)
        if None in fields.values():
            line = {name: value for name, value in line.items() if value is not None}
        if _FORBIDDEN.isdisjoint(fields):
            with suppress(TypeError):  # an exception, half a surrogate pair, whatever JSON has no form for
                return orjson.dumps(line, option=_PLAIN)
        return self._scrubbed_line(line)

    def _write(self) -> None:
        said, lines = bytes(self._told), self._lines
        self._told.clear()
        self._lines, self._due_in = 0, None
        if not self._is_sound(said, lines):
            each = said.splitlines(keepends=True)
            said = b"".join([one if self._is_sound(one, 1) else self._scrubbed_line(json.loads(one)) for one in each])
        text = said.decode("utf-8", "backslashreplace")
        if self._render is not None:
            text = "".join([self._render(line) for line in text.splitlines()])
        self._stream.write(text)
        self._stream.flush()

    def _is_sound(self, said: bytes, lines: int) -> bool:
        """Whether it is seen at one look that these lines have nothing that no line may hold."""
        kinds = said.translate(_KINDS)
        if b"!" in kinds or kinds.count(b"{") != lines or _has_number(said, kinds):
            return False
        return not any(secret in said for secret in self._secrets)

    def _scrubbed_line(self, line: Mapping[str, Any]) -> bytes:
        """The same, of whatever it holds, without what no line may hold."""
        return _encode(self._scrubbed(line)).encode("utf-8", "backslashreplace") + b"\n"

    def _whose_number(self, number: str) -> tuple[str, str]:
        """What a line says of a number."""
        return self.sub(number), masked(number)

    def _timestamp(self, wall_s: float) -> str:
        millisecond = int(wall_s * 1000)
        if millisecond != self._now[0]:
            at = datetime.fromtimestamp(millisecond // 1000, UTC)
            self._now = (millisecond, f"{at:%Y-%m-%dT%H:%M:%S}.{millisecond % 1000:03d}Z")
        return self._now[1]

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


def _has_number(said: bytes, kinds: bytes) -> bool:
    """Whether a number shows; to look for one at each octet would take longer than all else of a line."""
    for mark, before in _MAY_BEGIN:
        at = kinds.find(mark)
        while at >= 0:
            if _NUMBER.match(said, at + before):
                return True
            at = kinds.find(mark, at + 1)
    return False


def _mask(found: re.Match[str]) -> str:
    return "…" if found.lastgroup else masked(found[0])


def _judge(name: str, known: EventType | None, fields: Mapping[str, object]) -> None:
    if known is None:
        raise UnknownEvent(f"event: found {name}; allowed: those of gateway.log_events.EVENTS")
    missing = [field for field in known.required if fields.get(field) is None]
    unknown = fields.keys() - SHARED - {*known.required, *known.optional}
    if missing or unknown:
        raise UnknownEvent(
            f"{name}: found {sorted(fields)}; allowed: {list(known.required)}, perhaps {list(known.optional)}"
        )


_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode
# All else has a form of ours, or none.
_PLAIN: Final = (
    orjson.OPT_APPEND_NEWLINE
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)


def _console(stream: TextIO) -> Callable[[str], str]:
    """Lines for people: made of those for programs, so that nothing else has to be scrubbed."""
    colours = stream.isatty()
    render = structlog.dev.ConsoleRenderer(colors=colours, sort_keys=False, timestamp_key="ts", pad_event_to=22)

    def write(line: str) -> str:
        fields = json.loads(line)
        exc = fields.pop("exc", None)
        text = str(render(None, fields["level"], {name: value for name, value in fields.items() if value != ""}))
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
