"""One listener and the ESME that binds to it: plays a case, and sees to it that the ESME is back for the next one.

Who does not come back after a case has failed it, whatever it did before; where it is ours to start, it is started
anew, else the run is over.

Must not be put here: which cases are played (grade.py), what a case does.
"""

import asyncio
import itertools
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from simulator.child import LAST_LINES, Child
from simulator.torture.cases import Case
from simulator.torture.listener import Listener
from simulator.torture.play import Expected, Failed, Mark, Play
from simulator.torture.report import Result, State
from simulator.torture.wire import Heard, Line

STATES: dict[Mark, State] = {Mark.PASS: "pass", Mark.TOLERABLE: "tolerable", Mark.FAIL: "fail"}


class CouldNotRun(Exception):  # noqa: N818 - what is the case
    """Nothing can be said of this ESME."""


@dataclass
class Station:
    """`command` starts the ESME, empty: somebody else does. `start_s`: how long its first bind may take.

    `traced`: results hold what passed on the wire.
    """

    listener: Listener
    expected: Expected
    seed: int
    command: Sequence[str] = ()
    start_s: float = 60.0
    traced: bool = False
    over: bool = False
    _child: Child | None = None
    _found: tuple[Line, Heard] | None = None
    _numbers: Iterator[str] = field(default_factory=lambda: iter(()))
    # An SMSC does not give an id twice, not even in two runs against an ESME that remembers.
    _message_ids: Iterator[int] = field(default_factory=lambda: itertools.count(int(time.time()) << 14))

    def __post_init__(self) -> None:
        first = int(self.expected.first_number.removeprefix("+"))
        self._numbers = itertools.cycle(f"+{first + index}" for index in range(self.expected.numbers))

    async def start(self) -> None:
        """The ESME, if it is ours to start, and its first bind. CouldNotRun without it."""
        try:
            if self.command:
                self._child = await Child.run(self.command)
        except OSError as error:
            raise CouldNotRun(f"the command cannot be started: {error}") from None
        self._found = await self._next_bind(self.start_s)
        if self._found is None:
            raise CouldNotRun(f"no ESME asked to bind at {self.where}{self._last_words()}")

    async def stop(self) -> None:
        """The ESME first: it may unbind."""
        if self._child is not None:
            stopping = Play(self.listener, self.expected, random.Random(0), self._numbers, self._message_ids)
            self.listener.player = stopping
            await self._child.stop(timeout_s=self.expected.response_timeout_s + self.expected.patience_s)
            self._child = None
        self._found = None
        self.listener.hang_up()

    @property
    def where(self) -> str:
        return f"{self.listener.host}:{self.listener.port}"

    async def play(self, case: Case) -> Result:
        """One case on a fresh bind. CouldNotRun where there is none."""
        if self._found is None:
            await self.stop()
            await self.start()
        assert self._found is not None
        play = Play(
            self.listener,
            self.expected,
            random.Random(f"{self.seed} {case.name}"),
            self._numbers,
            self._message_ids,
            subject=self._child,
        )
        self.listener.player = play
        play.taken_up(self._found)
        self._found = None
        began_s = asyncio.get_running_loop().time()
        try:
            await case.act(play)
        except Failed as failed:
            play.fail(str(failed))
        seconds = asyncio.get_running_loop().time() - began_s
        trace = tuple(self.listener.trace.lines()) if self.traced else ()
        await self._make_ready(play, case)
        return Result(case, STATES[play.mark], "; ".join(play.words), seconds, trace)

    async def _make_ready(self, play: Play, case: Case) -> None:
        """For the next case: the session ends, the ESME comes back."""
        self.listener.hang_up()
        self.listener.trace.clear()
        if "command" in case.needs:
            return  # it was told to stop
        self._found = await self._next_bind(self.expected.back_s)
        if self._found is None:
            gone = self._child is not None and not self._child.is_running
            play.fail("ended" if gone else f"did not come back within {self.expected.back_s:.1f} s")
            self.over = self._child is None

    async def _next_bind(self, within_s: float) -> tuple[Line, Heard] | None:
        """None too when the ESME has ended."""
        child = self._child
        if child is None:
            return await self.listener.next_bind(within_s)
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(child.gone())
            watching.add_done_callback(lambda _task: self.listener.watch.moved())
            found = await self.listener.next_bind(within_s, lambda: not child.is_running)
            watching.cancel()
        return found

    def _last_words(self) -> str:
        if self._child is None:
            return f" within {self.start_s:g} s"
        lines = "".join(f"\n    {entry.get('text', entry)}" for entry in list(self._child.log)[-LAST_LINES:])
        how = f"runs since {self.start_s:g} s" if self._child.is_running else f"ended with {self._child.exit_code}"
        return f"; the command {how}, its last lines:{lines or ' none'}"
