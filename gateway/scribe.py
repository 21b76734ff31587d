"""The log's writer as a process of its own, for when much is told: another core makes the lines and writes them.

Under load lines are a good part of what a text takes. `Scribe` is the gateway's end of the pipe, `main` the process:
it writes to the same stdout, in the order in which things were told, and ends when the pipe does, after the last line,
however the gateway ended. Signals are the gateway's affair: the scribe has its last lines to write.
Must not be put here: how a line looks (lines.py).
"""

import fcntl
import marshal
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Final, Literal

from gateway.lines import Lines

_LENGTH_BYTES: Final = 4
# A turn under load brings some 100 kB; the usual 64 kB would have the gateway wait for the scribe.
_PIPE_BYTES: Final = 1 << 20
_NOT_OURS: Final = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
_ROOT: Final = Path(__file__).parents[1]
_PROGRAM: Final = f"import sys; sys.path.insert(0, {str(_ROOT)!r}); from gateway.scribe import main; main()"


class ScribeGone(OSError):  # noqa: N818 - what is the case
    """The process ended before its time."""


class Scribe:
    """Starts the process. Until it has begun, what is written waits in the pipe."""

    def __init__(self, key: bytes, format: Literal["json", "console"], secrets: Collection[str]) -> None:  # noqa: A002
        # What is blocked here is blocked there from the first instant on.
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, _NOT_OURS)
        try:
            self._process = subprocess.Popen([sys.executable, "-c", _PROGRAM], stdin=subprocess.PIPE)  # noqa: S603 - ours
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        assert self._process.stdin is not None
        self._pipe: IO[bytes] = self._process.stdin
        with suppress(OSError, AttributeError):  # as much as this system gives
            fcntl.fcntl(self._pipe.fileno(), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        self._put(marshal.dumps((key, format, list(secrets))))

    def write(self, told: list[Any], plain: Callable[[Mapping[str, Any]], dict[str, Any]]) -> None:
        """Hand these on (`lines.Told`); `plain` makes what a pipe can carry of other fields. Raises ScribeGone."""
        try:
            octets = marshal.dumps(told)
        except ValueError:  # an exception, a path
            octets = marshal.dumps([(*one[:-1], plain(one[-1])) for one in told])
        self._put(octets)

    def close(self) -> None:
        """No more; returns when every line is written."""
        with suppress(OSError):
            self._pipe.close()
        self._process.wait()

    def _put(self, octets: bytes) -> None:
        try:
            self._pipe.write(len(octets).to_bytes(_LENGTH_BYTES, "big") + octets)
            self._pipe.flush()
        except OSError as error:
            self._process.wait()
            raise ScribeGone from error


def main() -> None:
    """The process: what it is told by stdin becomes lines on stdout."""
    source = sys.stdin.buffer
    first = _next(source)
    if first is None:
        return
    key, format_, secrets = first
    lines = Lines(sys.stdout, key, format_, secrets)
    while (told := _next(source)) is not None:
        try:
            lines.write(told)
        except OSError:
            # Nobody reads stdout any more; the gateway finds out by itself.
            os._exit(1)


def _next(source: IO[bytes]) -> Any:  # noqa: ANN401 - what was put in
    head = source.read(_LENGTH_BYTES)
    size = int.from_bytes(head, "big")
    octets = source.read(size)
    # Half of what was put in means that the gateway died over it.
    return marshal.loads(octets) if len(head) == _LENGTH_BYTES and len(octets) == size else None  # noqa: S302 - ours
