"""A gateway as a child process: started, watched through its log, stopped or killed.

Its log is read line by line as JSON; what is no JSON is kept as text. Nothing is waited for by time alone: a wait
ends with the event, with the child's death (and its last lines), or at a bound.

Not here: what the gateway is told (gateway_client.py), when it is quiet (settle.py).
"""

import asyncio
import json
import os
import signal
import sys
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

LINES_MAX: Final = 20_000
LAST_LINES: Final = 15
STOP_S: Final = 15.0
"""A drain takes at most this; after it the child is killed."""


class GatewayDied(Exception):  # noqa: N818 - what it says
    """The child ended, or did not say what it should; the message holds its last lines."""


@dataclass
class GatewayProcess(asyncio.SubprocessProtocol):
    """One child. `log` holds its lines as dicts, plain text under the key `text`."""

    exit_code: int | None = None
    log: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=LINES_MAX))
    _rest: bytes = b""
    _moved: asyncio.Event = field(default_factory=asyncio.Event)
    _transport: asyncio.SubprocessTransport | None = None

    @classmethod
    async def start(
        cls, config: Path | None = None, env: Mapping[str, str] | None = None, *, cwd: Path | None = None
    ) -> Self:
        """Starts `python -m gateway` with `env` (`GATEWAY__SECTION__KEY`) over ours. Does not wait for anything."""
        command = [sys.executable, "-m", "gateway"]
        if config is not None:
            command += ["--config", str(config)]
        root = str(Path(__file__).parent.parent)
        path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
        child_env = {**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1", **(env or {})}
        loop = asyncio.get_running_loop()
        _, child = await loop.subprocess_exec(
            cls, *command, stdin=None, stderr=asyncio.subprocess.STDOUT, env=child_env, cwd=cwd
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
        try:
            entry = json.loads(text)
        except ValueError:
            entry = None
        if text.strip():
            self.log.append(entry if isinstance(entry, dict) else {"text": text})

    # --- what the owner does -----------------------------------------------------------------------------

    @property
    def pid(self) -> int:
        assert self._transport is not None
        return self._transport.get_pid()

    @property
    def is_running(self) -> bool:
        return self.exit_code is None

    def events(self, event: str) -> list[dict[str, Any]]:
        """The log lines of that event so far."""
        return [entry for entry in self.log if entry.get("event") == event]

    def last_lines(self) -> str:
        """The end of the log, for an error message."""
        last = list(self.log)[-LAST_LINES:]
        return "\n".join("    " + (entry.get("text") or json.dumps(entry, ensure_ascii=False)) for entry in last)

    async def wait_for(self, event: str, *, timeout_s: float = 10.0, count: int = 1) -> dict[str, Any]:
        """The `count`-th log line of that event. GatewayDied when the child ends before, or after `timeout_s`."""
        try:
            async with asyncio.timeout(timeout_s):
                while len(found := self.events(event)) < count:
                    if not self.is_running:
                        raise GatewayDied(f"the gateway ended with {self.exit_code}:\n{self.last_lines()}")
                    self._moved.clear()
                    await self._moved.wait()
        except TimeoutError:
            raise GatewayDied(f"no {event!r} within {timeout_s:g} s; it says:\n{self.last_lines()}") from None
        return found[count - 1]

    async def ready(self, *, timeout_s: float = 10.0) -> int:
        """Waits until it takes requests and is bound; its HTTP port."""
        line = await self.wait_for("gateway.ready", timeout_s=timeout_s)
        await self.wait_for("smpp.bound", timeout_s=timeout_s)
        return int(line["http_port"])

    async def stop(self, *, timeout_s: float = STOP_S) -> int:
        """SIGTERM, and SIGKILL when it does not drain in time. Its exit code."""
        return await self._end(signal.SIGTERM, timeout_s)

    async def kill(self) -> int:
        """SIGKILL: a crash."""
        return await self._end(signal.SIGKILL, STOP_S)

    async def _end(self, how: signal.Signals, timeout_s: float) -> int:
        assert self._transport is not None
        if self.is_running:
            self._signal(how)
            try:
                async with asyncio.timeout(timeout_s):
                    await self._gone()
            except TimeoutError:
                self._signal(signal.SIGKILL)
                await self._gone()
        self._transport.close()
        assert self.exit_code is not None
        return self.exit_code

    def _signal(self, how: signal.Signals) -> None:
        # Not by the transport: it would reap a child that has just died, and its exit code would be lost.
        with suppress(ProcessLookupError):
            os.kill(self.pid, how)

    async def _gone(self) -> None:
        while self.is_running:
            self._moved.clear()
            await self._moved.wait()
