"""When nothing is under way: the counters of this boot, and a wait for zero.

Quiet is read in one turn of the loop from what each part holds, so work cannot slip between two of them: every stage
takes its own before the earlier lets go. What waits for a session or for a later retry is not under way.
Bytes still in a socket cannot be seen from here; the frames are counted so that the other end can compare.
Must not be put here: deciding what is work.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any


class Quiet:
    """`busy` names each part and how much it has under way; `vector` is what the answer shows besides."""

    def __init__(self, busy: Callable[[], Mapping[str, int]], vector: Callable[[], dict[str, Any]]) -> None:
        self._busy = busy
        self._vector = vector
        self._event = asyncio.Event()
        self.over = False

    def end_polls(self) -> None:
        """The service ends: whoever polls is answered now, with what is still open."""
        self.over = True
        self._event.set()

    def changed(self) -> None:
        """Something ended or began: whoever waits looks again."""
        self._event.set()

    async def poll(self, timeout_s: float) -> tuple[bool, dict[str, Any]]:
        """As `wait`, for somebody who is not to hold up the end."""
        return await self._until(timeout_s, lambda: self.over)

    async def wait(self, timeout_s: float) -> tuple[bool, dict[str, Any]]:
        """True with the vector once nothing is under way; False with what still is after `timeout_s`."""
        return await self._until(timeout_s, lambda: False)

    async def _until(self, timeout_s: float, given_up: Callable[[], bool]) -> tuple[bool, dict[str, Any]]:
        try:
            async with asyncio.timeout(timeout_s):
                while any(self._busy().values()) and not given_up():
                    await self.next_change()
        except TimeoutError:
            pass
        held = {name: count for name, count in self._busy().items() if count}
        if held:
            return False, {**self._vector(), "busy": sum(held.values()), "open": held}
        return True, {**self._vector(), "busy": 0}

    async def next_change(self) -> None:
        """Wait until something changed."""
        self._event.clear()
        await self._event.wait()
