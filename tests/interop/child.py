"""A child in another language, in the hand of a test: JSON lines both ways.

What it is told carries a number; the line with that number answers it. Every other line is an event, kept by name
until somebody asks. Whoever waits for an answer of a child that ends gets an EOFError.

Not here: what is said.
"""

import asyncio
import json
from collections.abc import Mapping
from contextlib import asynccontextmanager
from typing import Any

WAIT_S = 20.0


class Child:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._asked: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._said: dict[str, asyncio.Queue[dict[str, Any]]] = {}
        self._count = 0

    @classmethod
    @asynccontextmanager
    async def started(cls, *command: str, env: Mapping[str, str] | None = None):
        """It ends with its input, at the end of the block."""
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, env=env)
        child = cls(process)
        try:
            async with asyncio.TaskGroup() as group:
                reading = group.create_task(child._read())
                yield child
                reading.cancel()
        finally:
            assert process.stdin is not None
            process.stdin.close()
            await process.wait()

    async def _read(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            said = json.loads(line)
            waiting = self._asked.pop(said.get("answers", 0), None)
            if waiting is not None:
                waiting.set_result(said)
            else:
                self._queue(said["event"]).put_nowait(said)
        # Whoever waits is told at once, and not by a timeout.
        for waiting in self._asked.values():
            waiting.set_exception(EOFError("the child has ended"))

    def _queue(self, event: str) -> asyncio.Queue[dict[str, Any]]:
        return self._said.setdefault(event, asyncio.Queue())

    def tell(self, do: str, **command: Any) -> int:
        """Its number."""
        self._count += 1
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, "number": self._count, **command}).encode() + b"\n")
        return self._count

    async def ask(self, do: str, **command: Any) -> dict[str, Any]:
        number = self.tell(do, **command)
        answer = self._asked[number] = asyncio.get_running_loop().create_future()
        async with asyncio.timeout(WAIT_S):
            return await answer

    async def next(self, event: str) -> dict[str, Any]:
        async with asyncio.timeout(WAIT_S):
            return await self._queue(event).get()
