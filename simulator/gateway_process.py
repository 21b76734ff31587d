"""A gateway as a child process, watched through its log.

Its log is read line by line as JSON; what is no JSON is kept as text.

Not here: starting and ending a child (child.py), what the gateway is told (gateway_client.py), when it is quiet
(settle.py).
"""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from simulator.child import LAST_LINES, Child


class GatewayDied(Exception):  # noqa: N818 - what it says
    """The child ended, or did not say what it should; the message holds its last lines."""


class GatewayProcess(Child):
    """One child. `log` holds its lines as dicts, plain text under the key `text`."""

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
        return await cls.run(command, {"PYTHONPATH": path, **(env or {})}, cwd=cwd)

    @staticmethod
    def entry(text: str) -> dict[str, Any]:
        """The line's own keys where it is JSON."""
        try:
            entry = json.loads(text)
        except ValueError:
            entry = None
        return entry if isinstance(entry, dict) else {"text": text}

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
