"""Lines of the log: what was told, as JSON or for people, without what no line may hold.

A line is one JSON object, keys in the order `ts level event flow_id ...`: `ts` real time in UTC with milliseconds,
`vt` the business clock where that is virtual, `boot` the start it belongs to, `sub` a stable pseudonym of a number,
`msisdn` the number with its middle left out.
No line holds a full MSISDN or IMSI, a text, a token or a password: the last step before lines are written looks
through all of them, those of exceptions too.
The one door to structlog. Must not be put here: what may be told (log_events.py), when it is written (logs.py).
"""

import hmac
import io
import json
import re
import traceback
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, Literal, TextIO

import orjson

# What is told: real time (seconds since 1970), the virtual clock's, boot, level, event, fields.
Told = tuple[float, str | None, int, str, str, dict[str, Any]]

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
_SUBS_MAX: Final = 10_000


class Lines:
    """Writes what was told to `stream`. `key` makes pseudonyms; `secrets` are cut out of every line."""

    def __init__(
        self,
        stream: TextIO,
        key: bytes,
        format: Literal["json", "console"] = "json",  # noqa: A002 - as the key of [log] is called
        secrets: Collection[str] = (),
    ) -> None:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # half a surrogate pair must not end us
        self._stream = stream
        self._key = key
        self._now = (-1, "")
        hidden = [secret for secret in secrets if len(secret) >= _SECRET_MIN_CHARS]
        self._secrets = [secret.encode("utf-8", "replace") for secret in hidden]
        self._private = re.compile(
            "|".join([*(f"(?P<secret{n}>{re.escape(secret)})" for n, secret in enumerate(hidden)), _NUMBERS])
        )
        self.sub = lru_cache(_SUBS_MAX)(self._sub)
        self._whose = lru_cache(_SUBS_MAX)(self._whose_number)
        self._render = _console(stream) if format == "console" else None

    def use_key(self, key: bytes) -> None:
        """Make pseudonyms with another key from now on."""
        self._key = key
        self.sub.cache_clear()
        self._whose.cache_clear()

    def write(self, told: Sequence[Told]) -> None:
        """One line for each, all in one write."""
        # In one buffer, so that what a line is made in is free for the next one.
        buffer = bytearray()
        for one in told:
            buffer += self._line(one)
        said = bytes(buffer)
        if not self._is_sound(said, len(told)):
            each = said.splitlines(keepends=True)
            said = b"".join([one if self._is_sound(one, 1) else self._scrubbed_line(json.loads(one)) for one in each])
        text = said.decode("utf-8", "backslashreplace")
        if self._render is not None:
            text = "".join([self._render(line) for line in text.split("\n")[:-1]])
        self._stream.write(text)
        self._stream.flush()

    def plain(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """The same in what JSON can hold, scrubbed."""
        return {name: self.scrubbed(value) for name, value in fields.items()}

    def _line(self, told: Told) -> bytes:
        """A line in JSON: the fixed keys first, then what the teller gave; nothing is not written.

        Four lines are written for each text, and as a chain of structlog's processors with a dict between them a line
        took some times as long.
        """
        wall_s, vt, boot, level, event, fields = told
        line: dict[str, Any] = {"ts": self._timestamp(wall_s), "level": level, "event": event, "flow_id": ""}
        if "flow_id" in fields:
            line["flow_id"] = fields.pop("flow_id") or ""
        if boot:
            line["boot"] = boot
        if vt is not None:
            line["vt"] = vt
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

    def _is_sound(self, said: bytes, lines: int) -> bool:
        """Whether it is seen at one look that these lines have nothing that no line may hold."""
        kinds = said.translate(_KINDS)
        if b"!" in kinds or kinds.count(b"{") != lines or _has_number(said, kinds):
            return False
        return not any(secret in said for secret in self._secrets)

    def _scrubbed_line(self, line: Mapping[str, Any]) -> bytes:
        """The same, of whatever it holds, without what no line may hold."""
        return _encode(self.scrubbed(line)).encode("utf-8", "backslashreplace") + b"\n"

    def _whose_number(self, number: str) -> tuple[str, str]:
        """What a line says of a number."""
        return self.sub(number), masked(number)

    def _timestamp(self, wall_s: float) -> str:
        millisecond = int(wall_s * 1000)
        if millisecond != self._now[0]:
            at = datetime.fromtimestamp(millisecond // 1000, UTC)
            self._now = (millisecond, f"{at:%Y-%m-%dT%H:%M:%S}.{millisecond % 1000:03d}Z")
        return self._now[1]

    def scrubbed(self, value: object) -> Any:  # noqa: ANN401 - what JSON can hold, one answer for each
        match value:
            case str():
                return self._private.sub(_mask, _LINE_ENDS.sub("\n", value))
            case None | bool() | int() | float():
                return value
            case Mapping():
                return {
                    self.scrubbed(str(key)): self.scrubbed(inner)
                    for key, inner in value.items()
                    if str(key).lower() not in _FORBIDDEN
                }
            case list() | tuple() | set() | frozenset():
                return [self.scrubbed(inner) for inner in value]
            case BaseException():
                return self.scrubbed("".join(traceback.format_exception(value))[-_EXC_MAX_CHARS:])
            case _:
                return self.scrubbed(str(value))

    def _sub(self, number: str) -> str:
        """A stable pseudonym of a number; without the key nobody can go back by trying all numbers."""
        return "s_" + hmac.digest(self._key, number.encode(), "sha256").hex()[:10]


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
    import structlog  # noqa: PLC0415 - most starts write JSON, and do without it

    colours = stream.isatty()
    render = structlog.dev.ConsoleRenderer(colors=colours, sort_keys=False, timestamp_key="ts", pad_event_to=22)

    def write(line: str) -> str:
        fields = json.loads(line)
        exc = fields.pop("exc", None)
        text = str(render(None, fields["level"], {name: value for name, value in fields.items() if value != ""}))
        return f"{text}\n{exc}\n" if exc else text + "\n"

    return write
