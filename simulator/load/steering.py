"""The generator from its parent's side: started, told line by line, ended by the end of its input.

Not here: what it does (generator.py).
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

LINE_BYTES_MAX: Final = 1 << 26
END_S: Final = 10.0


class GeneratorDied(Exception):  # noqa: N818 - what it says
    """The process ended, or could not begin; the message is its own."""


@dataclass
class Steering:
    """One generator process."""

    process: asyncio.subprocess.Process

    @property
    def pid(self) -> int:
        return self.process.pid

    def tell(self, **command: Any) -> None:  # noqa: ANN401 - any JSON
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(command).encode() + b"\n")

    async def hear(self) -> dict[str, Any]:
        """Its next line."""
        assert self.process.stdout is not None
        line = await self.process.stdout.readline()
        if not line:
            raise GeneratorDied(f"the generator ended with {await self.process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        if "failed" in answer:
            raise GeneratorDied(answer["failed"])
        return answer

    async def end(self) -> None:
        """Closes its input; what does not end by itself is killed."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        try:
            async with asyncio.timeout(END_S):
                await self.process.wait()
        except TimeoutError:
            self.process.kill()
            await self.process.wait()


@asynccontextmanager
async def generator() -> AsyncIterator[Steering]:
    """A generator that waits for its job."""
    root = str(Path(__file__).parents[2])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "simulator.load.generator"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
        limit=LINE_BYTES_MAX,
    )
    steering = Steering(process)
    try:
        yield steering
    finally:
        await steering.end()
