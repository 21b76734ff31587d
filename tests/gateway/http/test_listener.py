"""What connections may cost, over real sockets: heads, answers not taken, the number of them."""

import asyncio
import contextlib
import errno
import json
import ssl
from collections.abc import AsyncIterator, Callable

import pytest
from aiohttp import web

from gateway.http.edge import Edge
from gateway.http.listener import Connection, Limits, Listener

ASK = b"GET /fast HTTP/1.1\r\nHost: localhost\r\n\r\n"
LARGE = bytes(32 * 2**20)
OVERDUE = -1.0


class World:
    """A listener with three routes: fast, slow (waits for `go`) and large."""

    def __init__(self, limits: Limits, ssl_context: ssl.SSLContext | None = None) -> None:
        self.go = asyncio.Event()
        self.slow = asyncio.Semaphore(0)
        edge = Edge(host=None, tokens={"open": ""}, new_flow_id=lambda: "f", failed=lambda *_: None)

        @web.middleware
        async def around(request: web.Request, handler: Callable) -> web.StreamResponse:
            return await edge.serve(request, handler)

        app = web.Application(middlewares=[around])
        for path, handle in (("/fast", self._fast), ("/slow", self._slow), ("/large", self._large)):
            edge.scopes[handle] = "open"
            app.router.add_get(path, handle, allow_head=False)
        self.listener = Listener(app, "127.0.0.1", 0, limits=limits, ssl_context=ssl_context)
        self.port = 0

    async def _fast(self, _request: web.Request) -> web.Response:
        return web.Response(text="fast")

    async def _slow(self, _request: web.Request) -> web.Response:
        self.slow.release()
        await self.go.wait()
        return web.Response(text="slow")

    async def _large(self, _request: web.Request) -> web.Response:
        return web.Response(body=LARGE)

    @contextlib.asynccontextmanager
    async def connect(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            yield reader, writer
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def until(self, condition: Callable[[Connection], bool]) -> Connection:
        """The first connection for which it holds."""
        async with asyncio.timeout(10):
            while True:
                for one in self.listener._open():
                    if condition(one):
                        return one
                await asyncio.sleep(0)

    async def ask(self) -> bytes:
        async with self.connect() as (reader, writer):
            writer.write(ASK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
            return await asyncio.wait_for(reader.read(), 10)


@contextlib.asynccontextmanager
async def listening(ssl_context: ssl.SSLContext | None = None, **limits: float) -> AsyncIterator[World]:
    world = World(Limits(**limits), ssl_context)
    world.port = await world.listener.start()
    try:
        yield world
    finally:
        world.go.set()
        await world.listener.stop()


async def _closed(reader: asyncio.StreamReader) -> bool:
    try:
        return await asyncio.wait_for(reader.read(), 10) == b""
    except ConnectionError:
        return True


def test_head_that_takes_too_long_ends_its_connection_and_no_other() -> None:
    async def play() -> None:
        async with (
            listening(request_timeout_s=OVERDUE) as world,
            world.connect() as (slow, drip),
            world.connect() as (
                idle,
                writer,
            ),
        ):
            drip.write(b"GET /fast HT")
            await world.until(lambda one: one.head_since is not None)
            await world.until(lambda one: one.head_since is None)
            world.listener._sweep()
            assert await _closed(slow)
            writer.write(ASK)
            assert (await asyncio.wait_for(idle.readline(), 10)).startswith(b"HTTP/1.1 200")

    asyncio.run(play())


def test_head_within_its_time_is_left_alone() -> None:
    async def play() -> None:
        async with listening() as world, world.connect() as (reader, writer):
            writer.write(ASK[:10])
            await world.until(lambda one: one.head_since is not None)
            world.listener._sweep()
            writer.write(ASK[10:])
            assert (await asyncio.wait_for(reader.readline(), 10)).startswith(b"HTTP/1.1 200")
            waiting = await world.until(lambda one: one.idle_since is not None)
            assert waiting.head_since is None

    asyncio.run(play())


def test_peer_that_takes_nothing_of_its_answer_is_let_go() -> None:
    async def play() -> None:
        async with listening(send_timeout_s=OVERDUE) as world, world.connect() as (reader, writer):
            writer.write(ASK.replace(b"fast", b"large"))
            stuck = await world.until(
                lambda one: one.transport is not None and one.transport.get_write_buffer_size() > 0
            )
            world.listener._sweep()
            assert stuck.stalled_since is not None or stuck.transport is None
            with contextlib.suppress(ConnectionError):
                assert len(await asyncio.wait_for(reader.read(), 10)) < len(LARGE)

    asyncio.run(play())


def test_large_answer_that_is_taken_comes_whole() -> None:
    async def play() -> None:
        async with listening() as world, world.connect() as (reader, writer):
            writer.write(ASK.replace(b"fast", b"large"))
            await reader.readuntil(b"\r\n\r\n")
            world.listener._sweep()
            assert len(await asyncio.wait_for(reader.readexactly(len(LARGE)), 30)) == len(LARGE)

    asyncio.run(play())


def test_when_all_places_are_taken_the_longest_waiting_makes_room() -> None:
    async def play() -> None:
        async with (
            listening(connections_max=2) as world,
            world.connect() as (first, _),
            world.connect() as (second, ask),
        ):
            await world.until(lambda _: len(world.listener._open()) == 2)
            assert b"200 OK" in await world.ask()
            assert await _closed(first)
            ask.write(ASK)
            assert (await asyncio.wait_for(second.readline(), 10)).startswith(b"HTTP/1.1 200")

    asyncio.run(play())


def test_when_all_are_being_served_the_newcomer_is_sent_away() -> None:
    async def play() -> None:
        async with listening(connections_max=1) as world, world.connect() as (reader, writer):
            writer.write(ASK.replace(b"fast", b"slow"))
            await asyncio.wait_for(world.slow.acquire(), 10)
            async with world.connect() as (refused, _):
                head, _, body = (await asyncio.wait_for(refused.read(), 10)).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 503 Service Unavailable")
            assert b"Retry-After: 1" in head
            assert json.loads(body)["status"] == 503
            world.go.set()
            assert (await asyncio.wait_for(reader.readline(), 10)).startswith(b"HTTP/1.1 200")

    asyncio.run(play())


def test_stopping_lets_what_is_being_served_end() -> None:
    async def play() -> None:
        async with listening() as world, world.connect() as (reader, writer):
            writer.write(ASK.replace(b"fast", b"slow"))
            await asyncio.wait_for(world.slow.acquire(), 10)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(world.listener.stop())
                world.go.set()
                assert b"slow" in await asyncio.wait_for(reader.read(), 10)

    asyncio.run(play())


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"\x16\x03\x01\x00garbage\r\n\r\n", b"400"),
        (b"GET /fast HTTP/1.1\r\nNo colon\r\n\r\n", b"400"),
        (b"GET /fast HTTP/1.1\r\nX: " + b"x" * 9000 + b"\r\n\r\n", b"431"),
        (b"GET /fast HTTP/1.1\r\n" + b"X: x\r\n" * 100 + b"\r\n", b"400"),
    ],
)
def test_what_is_no_request_is_a_problem_and_the_end(sent: bytes, status: bytes) -> None:
    async def play() -> bytes:
        async with listening() as world, world.connect() as (reader, writer):
            writer.write(sent)
            return await asyncio.wait_for(reader.read(), 10)

    head, _, body = asyncio.run(play()).partition(b"\r\n\r\n")
    assert head.split()[1] == status
    assert b"application/problem+json" in head
    assert json.loads(body)["status"] == int(status)


def test_port_in_use_says_which() -> None:
    async def play() -> OSError:
        async with listening() as world:
            second = Listener(web.Application(), "127.0.0.1", world.port)
            with pytest.raises(OSError, match=f"cannot listen on 127.0.0.1, port {world.port}: ") as raised:
                await second.start()
            return raised.value

    assert asyncio.run(play()).errno == errno.EADDRINUSE


def test_with_tls_nothing_is_answered_in_plain_text() -> None:
    async def play() -> bytes:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        async with listening(ssl_context=context) as world:
            return await world.ask()

    assert b"HTTP" not in asyncio.run(play())


def test_error_around_the_edge_is_a_problem_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(_request: web.Request) -> web.Response:
        raise RuntimeError("secret")

    async def play() -> bytes:
        app = web.Application()
        app.router.add_get("/fast", broken)
        world = World(Limits())
        world.listener = Listener(app, "127.0.0.1", 0)
        world.port = await world.listener.start()
        try:
            return await world.ask()
        finally:
            await world.listener.stop()

    head, _, body = asyncio.run(play()).partition(b"\r\n\r\n")
    assert head.split()[1] == b"500"
    assert json.loads(body)["detail"] == "Something broke here."
    assert "secret" in caplog.text


def test_stopping_what_never_started_and_stopping_twice_do_nothing() -> None:
    async def play() -> None:
        await World(Limits()).listener.stop()
        async with listening() as world:
            await world.listener.stop()

    asyncio.run(play())
