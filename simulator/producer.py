"""How the network's events reach the gateway when something is wrong with the network: one function a fault.

Each posts what such a network would post, once or more, and gives the result that its sender would have seen. What is
counted and what is not known any more is kept straight (`events_out`, `uncertain`), so that settle still knows quiet.

Not here: when a fault strikes (faults.py), sound events (gateway_client.py), data policies (control.py).
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from simulator.clock import AMSTERDAM, pause
from simulator.faults import Effect, Fault

if TYPE_CHECKING:
    from simulator.gateway_client import GatewayClient, Json

PIECES: Final = 20
"""Records into which a burst breaks what was one."""
HUGE_BYTES: Final = 9 * 1024 * 1024
"""More than any body may have (8 MiB)."""
TRICKLE_PIECES: Final = 10
TRICKLE_S: Final = 0.02
AHEAD: Final = timedelta(hours=1)
REFUSED: Final = (400, 413)

_Post = Callable[["GatewayClient", "Json", Fault], Awaitable["Json"]]


async def post(client: "GatewayClient", event: "Json", fault: Fault) -> "Json":
    """What becomes of an event that a fault strikes."""
    return await _POSTS[fault.effect](client, event, fault)


async def _twice(client: "GatewayClient", event: "Json", fault: Fault) -> "Json":
    del fault
    first = await client.post_sound(event)
    await client.post_sound(event)
    return first


async def _reordered(client: "GatewayClient", event: "Json", fault: Fault) -> "Json":
    """It goes after the next one."""
    del fault
    client.held.append(event)
    return {"id": event["id"], "status": "held"}


async def _late(client: "GatewayClient", event: "Json", fault: Fault) -> "Json":
    """It happened on the last day of the month before."""
    del fault
    at = datetime.fromisoformat(event["time"]).astimezone(AMSTERDAM)
    return await client.post_sound(_at(event, at.replace(day=1, hour=12, minute=0, second=0) - timedelta(days=1)))


async def _burst(client: "GatewayClient", event: "Json", fault: Fault) -> "Json":
    """Many small records at once: of a use its pieces, of a place the same again and again."""
    del fault
    pieces = list(_pieces(event))
    async with asyncio.TaskGroup() as group:
        posts = [group.create_task(client.post_sound(piece)) for piece in pieces]
    results = [one.result() for one in posts]
    return next((one for one in results if one.get("kinds")), results[0])


def _pieces(event: "Json") -> "list[Json]":
    volume = event["data"].get("bytes")
    found = []
    for number in range(PIECES):
        data = dict(event["data"])
        if volume is not None:
            data["bytes"] = volume // PIECES + (volume % PIECES if number == 0 else 0)
        found.append({**event, "id": f"{event['id']}-{number}", "data": data})
    return found


async def _malformed(client: "GatewayClient", event: "Json", fault: Fault) -> "Json":
    """Once a value that can not be, once no JSON at all."""
    if fault.hits % 2:
        data: dict[str, Any] = {**event["data"], "visited_plmn": 31026}
        return await client.post_sound({**event, "data": data})
    return await _refused(client, json.dumps(event).encode()[:-2])


async def _huge(client: "GatewayClient", event: "Json", fault: Fault) -> "Json":
    del fault
    padded = {**event, "data": {**event["data"], "padding": "x" * HUGE_BYTES}}
    return await _refused(client, json.dumps(padded).encode())


async def _refused(client: "GatewayClient", body: bytes) -> "Json":
    """A body that is refused whole. Whether its event was counted is the gateway's own affair."""
    client.uncertain = True
    status, answer = await client.post_body(body, allowed=REFUSED)
    told = answer if isinstance(answer, Mapping) else {}
    return {**told, "status": "refused", "http_status": status}


async def _slow_body(client: "GatewayClient", event: "Json", fault: Fault) -> "Json":
    """Its body comes in drops."""
    del fault
    body = json.dumps(event).encode()
    size = -(-len(body) // TRICKLE_PIECES)

    async def drops() -> AsyncIterator[bytes]:
        for at in range(0, len(body), size):
            yield body[at : at + size]
            await pause(TRICKLE_S)

    return await client.post_sound(event, drops())


async def _gone(client: "GatewayClient", event: "Json", fault: Fault) -> "Json":
    """The sender does not wait for its answer, and sends the same again."""
    del fault
    body = json.dumps(event).encode()
    url = urlsplit(client.url)
    _, writer = await asyncio.open_connection(url.hostname, url.port)
    head = (
        f"POST {client.events_path} HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Type: application/cloudevents+json\r\n"
        f"Content-Length: {len(body)}\r\n"
    )
    head += f"Authorization: Bearer {client.tokens.events}\r\n" if client.tokens.events else ""
    writer.write(head.encode() + b"\r\n" + body)
    await writer.drain()
    writer.transport.abort()
    # It may have been read and counted, or not.
    client.uncertain = True
    return await client.post_sound(event)


async def _future(client: "GatewayClient", event: "Json", fault: Fault) -> "Json":
    """As a network tells it whose clock is wrong."""
    del fault
    return await client.post_sound(_at(event, datetime.fromisoformat(event["time"]) + AHEAD))


def _at(event: "Json", at: datetime) -> "Json":
    data = dict(event["data"])
    if "used_at" in data:
        data["used_at"] = at.isoformat()
    return {**event, "time": at.isoformat(), "data": data}


_POSTS: Final[Mapping[Effect, _Post]] = {
    "event_twice": _twice,
    "event_reordered": _reordered,
    "event_late": _late,
    "event_burst": _burst,
    "event_malformed": _malformed,
    "event_huge": _huge,
    "event_slow_body": _slow_body,
    "event_gone": _gone,
    "event_future": _future,
}
