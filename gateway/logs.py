"""The log: who has something to tell calls it, and it has lines written, all of a turn of the loop together.

Must not be put here: how a line looks and what it must not hold (lines.py), what may be told (log_events.py).
"""

import asyncio
import hmac
import logging
import secrets as random_bytes
import sys
import time
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, Final, Literal, TextIO

from gateway.lines import Lines, Told, masked
from gateway.log_events import EVENTS, LEVELS, SHARED, EventType, Level
from gateway.scribe import Scribe

__all__ = ["Log", "UnknownEvent", "masked", "start_log"]

_ONCE_MAX: Final = 10_000
# Lines of one turn from which on a process of its own writes them: under load a turn has fifty and more.
MANY: Final = 40


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
    log.by_turns = log.may_hire = True
    log.keyed = key is not None
    log.capture_libraries()
    return log


class UnknownEvent(Exception):  # noqa: N818 - what is the case
    """A line that the registry does not know, or with fields it does not have: our fault, told in strict mode."""


class Log:
    """Has lines written: `log("mt.accepted", flow_id=..., smsc_id=...)`.

    `wall_s` reads real time (seconds since 1970). `key` makes pseudonyms: keep it, and `sub` joins lines over time.
    `secrets` are cut out of every line. `strict` raises `UnknownEvent` instead of writing what the registry does not
    know. `boot` and `business_now` (of a virtual clock) are set when they are known. `may_hire`: on stdout, where much
    is told, lines may be written by a process of their own.
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
        self.boot = 0  # the start that lines belong to; 0: not known yet, and not written
        self.business_now: Callable[[], datetime] | None = None
        self.keyed = True
        self.by_turns = self.may_hire = False
        self._wall_s = wall_s
        self._key = key
        self._strict = strict
        self._seen: set[tuple[str, object]] = set()
        self._lines = Lines(stream, key, format, secrets)
        self._scribe: Scribe | None = None
        self._hire: Callable[[], Scribe] = lambda: Scribe(self._key, format, secrets)
        self.sub = self._lines.sub
        self._least = LEVELS.index(level)
        # Those whose level is the same each time; "" is not written. Strictly, each line is looked at.
        self._usual: dict[str, Level | Literal[""]] = {
            name: known.level if LEVELS.index(known.level) >= self._least else ""
            for name, known in EVENTS.items()
            if known.escalates is None and known.once_per is None and not strict
        }
        self._told: list[Told] = []
        self._due_in: asyncio.AbstractEventLoop | None = None

    def __call__(self, name: str, /, *, level: Level | None = None, **fields: Any) -> None:  # noqa: ANN401 - anything
        """Tell one thing. `level` may raise the event's own, not lower it."""
        self.tell(name, fields, level)

    def tell(self, name: str, fields: dict[str, Any], level: Level | None = None) -> None:
        """The same of fields that nobody else has."""
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

    def use_key(self, key: bytes) -> None:
        """Make pseudonyms with the key that the store keeps, so that they hold over restarts."""
        self._key = key
        self.keyed = True
        self._lines.use_key(key)
        self._dismiss()

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

    # -- writing ------------------------------------------------------------------------------------------------

    def _tell(self, level: Level, event: str, fields: dict[str, Any]) -> None:
        """Write at once, or `by_turns`: in a loop, all lines of a turn together and behind what else it has to do.

        A commit under load brings many lines. So the answers of the turn leave before them, and they cost one look and
        one write together.
        """
        vt = None if self.business_now is None else self.business_now()
        stamp = None if vt is None else vt.isoformat()
        self._told.append((self._wall_s(), stamp, self.boot, level, event, fields))
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
        try:
            if self._scribe is None and self.may_hire and len(told) >= MANY:
                self._scribe = self._hire()
            if self._scribe is not None:
                self._scribe.write(told, self._lines.plain)
                return
        except OSError:
            # There can be none, or somebody ended it: what it had is lost, this is not.
            self._scribe, self.may_hire = None, False
        self._lines.write(told)

    def close(self) -> None:
        """The end: returns when every line is written."""
        if self._told:
            self._write()
        self._dismiss()

    def _dismiss(self) -> None:
        if self._scribe is not None:
            self._scribe.close()
            self._scribe = None


def _judge(name: str, known: EventType | None, fields: Mapping[str, object]) -> None:
    if known is None:
        raise UnknownEvent(f"event: found {name}; allowed: those of gateway.log_events.EVENTS")
    missing = [field for field in known.required if fields.get(field) is None]
    unknown = fields.keys() - SHARED - {*known.required, *known.optional}
    if missing or unknown:
        raise UnknownEvent(
            f"{name}: found {sorted(fields)}; allowed: {list(known.required)}, perhaps {list(known.optional)}"
        )


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
