"""A client of the gateway's HTTP API that costs little: prepared requests over a few connections, each in its turn.

Runs as a process of its own (`python -m tests.bench.exchange`), so that its work is not the gateway's; prints one
JSON object. What it counts are words of the answers. Must not be put here: what is asked.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.bench import population

_HEAD = "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
BATCH = "application/cloudevents-batch+json"


@dataclass
class Tally:
    """What came back; latencies in seconds."""

    latencies_s: list[float] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    accepted: int = 0
    notified: int = 0

    def take(self, head: bytes, body: bytes, waited_s: float) -> None:
        self.latencies_s.append(waited_s)
        status = head[9:12].decode()
        self.statuses[status] = self.statuses.get(status, 0) + 1
        self.accepted += body.count(b'"status":"accepted"')
        self.notified += body.count(b'"outcome":"notified"')


class _Connection(asyncio.Protocol):
    """Sends the next request when the last is answered."""

    def __init__(self, requests: Iterator[bytes], tally: Tally) -> None:
        self._requests = requests
        self._tally = tally
        self._buffer = bytearray()
        self._sent_at = 0.0
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self._buffer[:end])
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        if len(self._buffer) < end + 4 + length:
            return
        body = bytes(self._buffer[end + 4 :])
        self._buffer.clear()
        self._tally.take(head, body, time.perf_counter() - self._sent_at)
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.closed.done():
            self.closed.set_exception(exc or ConnectionError("the gateway closed the connection"))

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self.closed.set_result(None)
            self._transport.close()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(request)


async def exchange(port: int, requests: list[bytes], connections: int) -> tuple[Tally, float]:
    """All of them, over so many connections; what came back, and the seconds from the first to the last."""
    tally, queue = Tally(), iter(requests)
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    pairs = [
        await loop.create_connection(lambda: _Connection(queue, tally), "127.0.0.1", port) for _ in range(connections)
    ]
    for _, connection in pairs:
        await connection.closed
    return tally, time.perf_counter() - began


def request(method: str, path: str, media_type: str, body: bytes) -> bytes:
    return (_HEAD % (method, path, media_type, len(body))).encode() + body


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("subscriptions", "events"))
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--subscriptions", type=int, required=True)
    parser.add_argument("--events", type=int, default=0)
    parser.add_argument("--batch", type=int, default=100)
    options = parser.parse_args()
    if options.what == "events":
        bodies = population.event_bodies(options.events, options.batch, options.subscriptions)
        requests = [request("POST", "/v1/events", BATCH, body) for body in bodies]
    else:
        requests = [
            request(
                "PUT",
                f"/v1/subscriptions/{population.msisdn(n)}",
                "application/json",
                population.settings(n),
            )
            for n in range(options.subscriptions)
        ]
    tally, seconds = asyncio.run(exchange(options.port, requests, options.connections))
    json.dump(vars(tally) | {"seconds": seconds}, sys.stdout)


if __name__ == "__main__":
    main()
