"""A child process: started, its output kept, stopped or killed by its pid.

Nothing is waited for by time alone: a wait ends with what it waits for, with the child's death, or at a bound.

Not here: what a particular program says (gateway_process.py), why it is started.
"""

import asyncio
import os
import signal
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

LINES_MAX: Final = 20_000
LAST_LINES: Final = 15
STOP_S: Final = 15.0
"""A drain takes at most this; after it the child is killed."""


@dataclass
class Child(asyncio.SubprocessProtocol):
    """One child. `log` holds its last lines, each as a dict with the key `text`; stderr is among them. `noted` is how
    many there were.
    """

    exit_code: int | None = None
    noted: int = 0
    log: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=LINES_MAX))
    _rest: bytes = b""
    _moved: asyncio.Event = field(default_factory=asyncio.Event)
    _transport: asyncio.SubprocessTransport | None = None

    @classmethod
    async def run(
        cls, command: Sequence[str], env: Mapping[str, str] | None = None, *, cwd: Path | None = None
    ) -> Self:
        """Starts `command` with `env` over ours. OSError when it cannot be started; does not wait for anything."""
        loop = asyncio.get_running_loop()
        _, child = await loop.subprocess_exec(
            cls,
            *command,
            stdin=None,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})},
            cwd=cwd,
        )
        return child

    # --- asyncio.SubprocessProtocol ----------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.SubprocessTransport)
        self._transport = transport

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        del fd
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._note(line)
        self._moved.set()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if self._rest:
            self._note(self._rest)
            self._rest = b""
        assert self._transport is not None
        self.exit_code = self._transport.get_returncode()
        self._moved.set()

    def _note(self, line: bytes) -> None:
        text = line.decode("utf-8", "replace")
        if text.strip():
            self.log.append(self.entry(text))
            self.noted += 1

    # --- what the owner does -----------------------------------------------------------------------------

    @staticmethod
    def entry(text: str) -> dict[str, Any]:
        """What is kept of a line."""
        return {"text": text}

    @property
    def pid(self) -> int:
        assert self._transport is not None
        return self._transport.get_pid()

    @property
    def is_running(self) -> bool:
        return self.exit_code is None

    async def stop(self, *, timeout_s: float = STOP_S) -> int:
        """SIGTERM, and SIGKILL when it does not drain in time. Its exit code."""
        return await self._end(signal.SIGTERM, timeout_s)

    async def kill(self) -> int:
        """SIGKILL: a crash."""
        return await self._end(signal.SIGKILL, STOP_S)

    def terminate(self) -> None:
        """SIGTERM, and no waiting."""
        self._signal(signal.SIGTERM)

    async def gone(self) -> int:
        """Waits until it has ended; its exit code."""
        while self.exit_code is None:
            self._moved.clear()
            await self._moved.wait()
        return self.exit_code

    async def _end(self, how: signal.Signals, timeout_s: float) -> int:
        assert self._transport is not None
        if self.is_running:
            self._signal(how)
            try:
                async with asyncio.timeout(timeout_s):
                    await self.gone()
            except TimeoutError:
                self._signal(signal.SIGKILL)
                await self.gone()
        self._transport.close()
        assert self.exit_code is not None
        return self.exit_code

    def _signal(self, how: signal.Signals) -> None:
        # Not by the transport: it would reap a child that has just died, and its exit code would be lost.
        with suppress(ProcessLookupError):
            os.kill(self.pid, how)
