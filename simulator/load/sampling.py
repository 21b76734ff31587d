"""The gateway and the generator looked at once a second from outside, for what was busy when latencies rose.

Processor time, memory and descriptors come from /proc, the gauges from the gateway's `GET /metrics`, the size of the
write-ahead log from the file. How late the gateway's loop is, is asked of the loop: `GET /livez` does nothing but
wait its turn.

Not here: what a process's figures mean (growth.py, saturation in result.py).
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final

import aiohttp

from simulator.gateway_client import GatewayClient, GatewayError
from simulator.load import procfs
from simulator.load.histogram import Histogram
from simulator.load.subject import Subject, file_facts

EVERY_S: Final = 1.0
PROBE_S: Final = 0.2
GAUGES: Final = {
    "gateway_batches": "commits",
    "gateway_smpp_window_used": "window",
    "gateway_outbox_waiting": "outbox",
    "gateway_inbox_waiting": "inbox",
    "gateway_policy_waiting": "policies",
}
"""Metric → the name of its column."""


@dataclass
class Sampler:
    """`rows` grow by one a second while `run` runs; instants are seconds since `begin`."""

    subject: Subject
    client: GatewayClient
    generator_pid: int
    rows: list[dict[str, Any]] = field(default_factory=list)
    loop_late: Histogram = field(default_factory=Histogram)
    on_row: Callable[[dict[str, Any]], None] = lambda row: None  # noqa: ARG005 - nobody listens
    _began_s: float = 0.0
    _changed_s: float = 0.0

    async def run(self) -> None:
        """Looks until it is cancelled."""
        self._began_s = monotonic()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._probe())
            due_s = self._began_s
            while True:
                row = await self._look()
                self.rows.append(row)
                self.on_row(row)
                due_s += EVERY_S
                await asyncio.sleep(max(due_s - monotonic(), 0))

    async def _probe(self) -> None:
        while True:
            asked_s = monotonic()
            with suppress(aiohttp.ClientError, TimeoutError, GatewayError):
                await self.client.request("GET", "/livez")
                self.loop_late.record_s(monotonic() - asked_s)
            await asyncio.sleep(PROBE_S)

    async def _look(self) -> dict[str, Any]:
        row: dict[str, Any] = {"at_s": round(monotonic() - self._began_s, 3)}
        for name, pid in (("gateway", self.subject.pid), ("generator", self.generator_pid)):
            used = procfs.usage(pid) if pid is not None else None
            if used is not None:
                row[name] = {key: getattr(used, key) for key in used.__dataclass_fields__}
        busy = procfs.machine_busy_s()
        if busy is not None:
            row["machine"] = list(busy)
        wal, database = file_facts(self.subject.wal), file_facts(self.subject.database)
        if wal and database:
            # In WAL mode the database file itself is written only by a checkpoint.
            row |= {"wal_bytes": wal["bytes"], "db_bytes": database["bytes"]}
            row["checkpoint"] = bool(self._changed_s) and database["changed_s"] != self._changed_s
            self._changed_s = database["changed_s"]
        with suppress(aiohttp.ClientError, TimeoutError, GatewayError):
            _, text = await self.client.request("GET", "/metrics")
            row |= gauges(str(text))
        return row


def gauges(text: str) -> dict[str, float]:
    """The columns that stand in an exposition."""
    found = {}
    for line in text.splitlines():
        name, _, value = line.partition(" ")
        if name in GAUGES:
            found[GAUGES[name]] = float(value)
    return found
