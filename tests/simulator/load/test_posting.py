"""The lean HTTP client against a server that answers, closes, stalls or is not there."""

import asyncio

import pytest
from aiohttp import web

from simulator.load.posting import NO_ANSWER, Pool


class Server:
    """Answers with what it was asked; `closing` makes it close after each answer, `hang` holds requests back."""

    def __init__(self):
        self.requests = []
        self.closing = False
        self.hang = asyncio.Event()
        self.hang.set()
        self.under_way = self.most = 0

    async def __aenter__(self):
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self.handle)
        self.runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self.runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *exc):
        await self.runner.cleanup()

    async def handle(self, request):
        body = await request.read()
        self.requests.append((request.method, request.path, dict(request.headers), body))
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await self.hang.wait()
        self.under_way -= 1
        answer = web.Response(body=b"you said " + body, status=202)
        if self.closing:
            answer.force_close()
        return answer


@pytest.fixture
def posted(run):
    """Posts bodies to a server as the story arranges it; (status, body) of each in the order of answers."""

    def _posted(count, story=None, **options):
        async def play():
            answers = []
            done = asyncio.Event()

            def answered(status, body):
                answers.append((status, body))
                if len(answers) == count:
                    done.set()

            async with Server() as server, asyncio.TaskGroup() as group:
                pool = Pool(server.url, group, **options)
                pool.start()
                if story is not None:
                    story(server)
                for number in range(count):
                    body = b"%d" % number
                    pool.request("POST", "/x", body, answered, content_type="text/plain", token="t")
                server.hang.set()
                await done.wait()
                pool.stop()
            return server, answers, pool

        return run(play())

    return _posted


def test_each_request_gets_its_answer(posted):
    server, answers, pool = posted(20)
    assert sorted(answers) == sorted((202, b"you said %d" % number) for number in range(20))
    method, path, headers, _ = server.requests[0]
    assert (method, path, headers["Authorization"], headers["Content-Type"]) == (
        "POST",
        "/x",
        "Bearer t",
        "text/plain",
    )
    assert pool.busy == 0


def test_no_more_connections_than_allowed(posted):
    server, answers, _ = posted(40, connections_max=3)
    assert len(answers) == 40
    assert server.most <= 3


def test_a_server_that_closes_after_each_answer(posted):
    def story(server):
        server.closing = True

    _, answers, _ = posted(10, story, connections_max=2)
    assert {status for status, _ in answers} == {202}
    assert len(answers) == 10


def test_a_connection_that_closes_on_a_request_is_tried_once_more(run):
    async def story():
        answers = asyncio.Queue()
        taken = []

        async def serve(reader, writer):
            taken.append(await reader.readuntil(b"\r\n\r\n"))
            if len(taken) > 1:
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with asyncio.TaskGroup() as group:
            pool = Pool(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", group)
            pool.start()
            pool.request("POST", "/", b"", lambda *answer: answers.put_nowait(answer), content_type="a/b")
            first = await answers.get()
            pool.stop()
        server.close()
        return first, len(taken)

    assert run(story()) == ((200, b"ok"), 2)


def test_one_that_always_closes_gives_no_answer(run):
    async def story():
        answers = asyncio.Queue()

        async def serve(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with asyncio.TaskGroup() as group:
            pool = Pool(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", group)
            pool.start()
            pool.request("POST", "/", b"", lambda *answer: answers.put_nowait(answer), content_type="a/b")
            first = await answers.get()
            pool.stop()
        server.close()
        return first

    assert run(story()) == (NO_ANSWER, b"")


def test_where_nobody_listens_there_is_no_answer(run):
    async def story():
        answers = asyncio.Queue()
        async with asyncio.TaskGroup() as group:
            pool = Pool("http://127.0.0.1:9", group)
            pool.start()
            for _ in range(3):
                pool.request("POST", "/", b"", lambda *answer: answers.put_nowait(answer), content_type="a/b")
            found = [await answers.get() for _ in range(3)]
            pool.stop()
        return found

    assert run(story()) == [(NO_ANSWER, b"")] * 3


def test_an_answer_may_come_in_pieces(run):
    async def story():
        answers = asyncio.Queue()
        go_on = asyncio.Event()

        async def serve(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            for piece in (b"HTTP/1.1 422 No\r\nContent-Le", b"ngth: 4\r\n\r\nha", b"lf"):
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
            go_on.set()
            await reader.read()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with asyncio.TaskGroup() as group:
            pool = Pool(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", group)
            pool.start()
            pool.request("GET", "/", b"", lambda *answer: answers.put_nowait(answer), content_type="a/b")
            await go_on.wait()
            found = await answers.get()
            pool.stop()
        server.close()
        return found

    assert run(story()) == (422, b"half")


@pytest.mark.parametrize("url", ["ftp://x", "127.0.0.1:80", "http://"])
def test_what_is_no_url(run, url):
    async def story():
        async with asyncio.TaskGroup() as group:
            Pool(url, group)

    with pytest.raises(ExceptionGroup) as caught:
        run(story())
    assert caught.group_contains(ValueError, match="allowed is http://HOST:PORT")
