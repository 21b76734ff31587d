"""The one road: everything that happens enters by `accept`, is applied in batches, and leaves by what was committed.

A batch is what waits when the writer is free, at most `BATCH_MAX` items; no timer makes it wait for more. Answers of
the SMSC go first (they free the window), then texts and portal calls, then events. Nothing is acknowledged before
the commit, and nothing is discarded: a full inbox is told to the sender.
The engine is one task; no lock per subscription is needed, since the batch is the unit.
Must not be put here: what an item means, how a text leaves.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from gateway.clock import Clock
from gateway.items import Busy, EventItem, Item, Result
from gateway.store.settle import Send
from gateway.store.store import Applied, Fact, Push, Store

# One commit for at most this many. A commit and its two changes of thread cost some 2 ms, whatever it holds; a text
# that comes while one of this size is under way waits some 50 ms for it.
BATCH_MAX: Final = 1024
# While so many are judged the interpreter is the writer's: see `calm`.
LARGE: Final = 128
# What may wait in memory unacknowledged: about a second of work, some 20 MB.
INBOX_MAX: Final = 20_000
# A full batch takes some 50 ms; what takes so long as this is the disk, and somebody should know.
SLOW_S: Final = 0.25


class Sink(Protocol):
    """Where the result of an item goes after the commit."""

    def done(self, index: int, result: Result | None) -> None: ...


Entry = tuple[Item, Sink | None, int]


class _Call:
    """The items of one `accept`: answered together when the last of them is committed."""

    def __init__(self, count: int) -> None:
        self.results: list[Result | None] = [None] * count
        self.left = count
        self.future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def abandon(self) -> None:
        """The store is gone: nothing of this was acknowledged, and the sender must come again."""
        if not self.future.done():
            self.future.set_exception(Busy())

    def done(self, index: int, result: Result | None) -> None:
        self.results[index] = result
        self.left -= 1
        if not self.left and not self.future.done():
            self.future.set_result(None)


@dataclass(frozen=True, slots=True)
class Leaving:
    """What the engine hands on after a commit."""

    send: Callable[[Sequence[Send]], None]
    push: Callable[[Sequence[Push]], None]
    tell: Callable[[Sequence[Fact]], None]
    slots: Callable[[], int]
    changed: Callable[[], None]


class Engine:
    def __init__(self, store: Store, clock: Clock, leaving: Leaving) -> None:
        self._store = store
        self._clock = clock
        self._leaving = leaving
        self._answers: deque[Entry] = deque()
        self._urgent: deque[Entry] = deque()
        self._usual: deque[Entry] = deque()
        self._wake = asyncio.Event()
        self._calm = asyncio.Event()
        self._calm.set()
        self._applying: list[Entry] | None = None
        # What is on disk and not yet handed on, and how many parts were claimed in it.
        self._committed: tuple[list[Entry], Applied] | None = None
        self._claimed = 0
        self._stopping = False
        self._retry_timer: asyncio.TimerHandle | None = None
        self.batches = 0
        self.applied = 0

    # -- entering -----------------------------------------------------------------------------------------------

    async def accept(self, items: Sequence[Item]) -> list[Result | None]:
        """Take all of them or none: raises Busy at once, else answers when they are committed."""
        if not items:
            return []
        self._admit(len(items))
        call = _Call(len(items))
        queue = self._usual if isinstance(items[0], EventItem) else self._urgent
        queue.extend((item, call, index) for index, item in enumerate(items))
        self._wake.set()
        await call.future
        return call.results

    def deliver(self, item: Item, sink: Sink) -> None:
        """A text or receipt of the SMSC; raises Busy when it cannot be taken now."""
        self._admit(1)
        self._urgent.append((item, sink, 0))
        self._wake.set()

    def settle(self, item: Item) -> None:
        """An answer to what we sent: always taken (its number is bounded by the window)."""
        self._answers.append((item, None, 0))
        self._wake.set()

    async def calm(self) -> None:
        """Before much is read into items: wait while the writer judges a large batch.

        What is read meanwhile would wait for the next batch anyway, and take turns with the writer at the one
        interpreter there is; while the batch is written SQLite needs none, and that is a third of its time.
        """
        await self._calm.wait()

    def look(self) -> None:
        """Something outside the inbox may have come: a moment, a session, room in the window."""
        self._wake.set()

    def _admit(self, count: int) -> None:
        if self._stopping or self.waiting + count > INBOX_MAX:
            raise Busy

    # -- being looked at ----------------------------------------------------------------------------------------

    @property
    def waiting(self) -> int:
        """Items that are not yet in a batch, answers aside."""
        return len(self._urgent) + len(self._usual)

    @property
    def busy(self) -> int:
        """Work under way: what waits, what is being applied, what could be sent now and what awaits an answer."""
        if self._applying is not None or self._committed is not None:
            return 1 + self.waiting + len(self._answers)
        dispatch = self._store.dispatch
        sendable = dispatch.ready if self._leaving.slots() > 0 else 0
        return self.waiting + len(self._answers) + dispatch.flying + sendable + self._wake.is_set()

    @property
    def next_due(self) -> datetime | None:
        """The next moment of the business clock at which something happens by itself."""
        moments = [at for at in (self._store.next_due, self._store.dispatch.next_expiry()) if at is not None]
        return min(moments, default=None)

    @property
    def retry_in_s(self) -> float | None:
        """Real seconds to the earliest waiting retry."""
        at = self._store.dispatch.next_retry()
        return None if at is None else max(0.0, at - self._clock.transport_now())

    # -- the road -----------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Apply batch after batch until `stop`. A fault of the store leaves from here and ends the service."""
        try:
            await self._run()
        finally:
            self._stopping = True
            self._calm.set()
            self._abandon()

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._has_work():
                await self._turn()
                if not self._has_work():
                    self._hand_on()
            self._leaving.changed()
            if self._stopping:
                return
            self._arm_retry()

    def stop(self) -> None:
        """Take nothing new; `run` ends when all that was taken is committed."""
        self._stopping = True
        self._wake.set()

    def _abandon(self) -> None:
        committed = self._committed[0] if self._committed else ()
        for _, sink, _ in (*committed, *(self._applying or ()), *self._urgent, *self._usual):
            if isinstance(sink, _Call):
                sink.abandon()

    def _has_work(self) -> bool:
        if self._answers or self._urgent or self._usual:
            return True
        if self._room() > 0 and self._store.dispatch.ready:
            return True
        retry = self._store.dispatch.next_retry()
        if retry is not None and retry <= self._clock.transport_now() and self._room() > 0:
            return True
        due = self.next_due
        return due is not None and due <= self._clock.now()

    async def _turn(self) -> None:
        entries = self._applying = self._next_batch()
        began = self._clock.transport_now()
        items = [entry[0] for entry in entries]
        if len(items) < LARGE:
            work = self._store.begin(items, self._clock.now(), began, self._room())
        else:
            self._calm.clear()
            loop = asyncio.get_running_loop()
            work = self._store.begin(
                items, self._clock.now(), began, self._room(), lambda: loop.call_soon_threadsafe(self._calm.set)
            )
        # While the writer is at work: half of what a text takes is on this side.
        self._hand_on()
        applied = await work
        self._calm.set()
        took_s = self._clock.transport_now() - began
        if took_s > SLOW_S:
            self._leaving.tell([("db.slow", {"ms": round(took_s * 1000)})])
        self._applying, self._committed = None, (entries, applied)
        self._claimed = sum(len(send.parts) for send in applied.sends)
        self.batches += 1
        self.applied += len(entries)

    def _next_batch(self) -> list[Entry]:
        entries: list[Entry] = []
        for queue in (self._answers, self._urgent, self._usual):
            room = BATCH_MAX - len(entries)
            if len(queue) <= room:
                entries += queue
                queue.clear()
            else:
                entries += [queue.popleft() for _ in range(room)]
        return entries

    def _room(self) -> int:
        """How many parts may be claimed now: those that were, and are yet to be handed on, have their slots."""
        return max(0, self._leaving.slots() - (self._claimed if self._committed else 0))

    def _hand_on(self) -> None:
        """Answer and send what the last batch led to, if that was not done yet."""
        if self._committed is None:
            return
        (entries, applied), self._committed = self._committed, None
        for (_, sink, index), result in zip(entries, applied.results, strict=True):
            if sink is not None:
                sink.done(index, result)
        if applied.facts:
            self._leaving.tell(applied.facts)
        if applied.sends:
            self._leaving.send(applied.sends)
        if applied.pushes:
            self._leaving.push(applied.pushes)

    def _arm_retry(self) -> None:
        if self._retry_timer is not None:
            self._retry_timer.cancel()
            self._retry_timer = None
        wait_s = self.retry_in_s
        # Without room in the window a retry waits for the session, not for its moment.
        if wait_s is not None and self._leaving.slots() > 0:
            self._retry_timer = asyncio.get_running_loop().call_later(wait_s, self._wake.set)
