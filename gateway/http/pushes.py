"""Data policies on their way to the network: at least once, in order per subscription, until it says 2xx.

The rows in the store are the truth; here is who is due. A few workers post; a subscription has one post under way,
and a refused one waits for its back-off with its followers behind it, holding nobody else.
Must not be put here: what may be used (handlers), SQL.
"""

import asyncio
import json
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

import aiohttp

from gateway.clock import Clock
from gateway.items import Item, PushDone
from gateway.store.settle import Backoff
from gateway.store.store import Push
from gateway.store.views import instant

WORKERS: Final = 8
TIMEOUT_S: Final = 5.0
TYPE: Final = "nl.sms1330.data-policy.changed.v1"


class Pushes:
    def __init__(
        self,
        url: str,
        clock: Clock,
        backoff: Backoff,
        *,
        settle: Callable[[Item], None],
        changed: Callable[[], None],
        log: Callable[..., None],
    ) -> None:
        self._url = url
        self._clock = clock
        self._backoff = backoff
        self._settle = settle
        self._changed = changed
        self._log = log
        self._queues: dict[str, deque[Push]] = {}
        self._due: asyncio.Queue[str] = asyncio.Queue()
        self._failures: dict[str, int] = {}
        self._waiting: dict[str, float] = {}
        self._posting = 0
        self.posted = 0

    @property
    def busy(self) -> int:
        """Posts under way or due; those that wait for a back-off are not."""
        return self._posting + self._due.qsize()

    @property
    def retry_in_s(self) -> float | None:
        """Real seconds to the earliest waiting retry."""
        soonest = min(self._waiting.values(), default=None)
        return None if soonest is None else max(0.0, soonest - self._clock.transport_now())

    def __len__(self) -> int:
        return sum(len(queue) for queue in self._queues.values())

    def add(self, pushes: Sequence[Push]) -> None:
        """Queue committed policies behind what their subscription already has."""
        for push in pushes:
            queue = self._queues.get(push[0])
            if queue is None:
                self._queues[push[0]] = deque((push,))
                self._due.put_nowait(push[0])
            else:
                queue.append(push)

    async def run(self) -> None:
        """Post until cancelled."""
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
        async with aiohttp.ClientSession(timeout=timeout) as session, asyncio.TaskGroup() as workers:
            for _ in range(WORKERS):
                workers.create_task(self._work(session))

    async def _work(self, session: aiohttp.ClientSession) -> None:
        while True:
            subscription = await self._due.get()
            self._posting += 1
            try:
                push = self._queues[subscription][0]
                fault = await self._post(session, push)
                self._after(push, fault)
            finally:
                self._posting -= 1
                self._changed()

    async def _post(self, session: aiohttp.ClientSession, push: Push) -> str:
        """Post one; "" when it was taken, else why not."""
        _, seq, body = push
        event = {
            "specversion": "1.0",
            "id": f"p{seq:016x}",
            "source": "gateway",
            "type": TYPE,
            "time": instant(self._clock.now()),
            "datacontenttype": "application/json",
            "data": json.loads(body),
        }
        self.posted += 1
        try:
            headers = {"Content-Type": "application/cloudevents+json"}
            # Following a redirect would make a GET of it, without the policy, and take its 200 for an answer.
            async with session.post(
                self._url, data=json.dumps(event), headers=headers, allow_redirects=False
            ) as response:
                return "" if 200 <= response.status < 300 else f"status {response.status}"
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return type(error).__name__

    def _after(self, push: Push, fault: str) -> None:
        subscription, seq, _ = push
        if fault:
            failures = self._failures[subscription] = self._failures.get(subscription, 0) + 1
            wait_s = self._backoff.after(failures)
            self._waiting[subscription] = self._clock.transport_now() + wait_s
            asyncio.get_running_loop().call_later(wait_s, self._again, subscription)
            self._log("policy.push_failed", attempt=failures, why=fault, wait_s=wait_s)
            return
        self._failures.pop(subscription, None)
        self._settle(PushDone(subscription, seq))
        self._log("policy.pushed", id=f"p{seq:016x}")
        queue = self._queues[subscription]
        queue.popleft()
        if queue:
            self._due.put_nowait(subscription)
        else:
            del self._queues[subscription]

    def _again(self, subscription: str) -> None:
        self._waiting.pop(subscription, None)
        self._due.put_nowait(subscription)
