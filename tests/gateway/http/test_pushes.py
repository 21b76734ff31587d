"""Data policies on their way, to a real server: in order, until it says 2xx, holding nobody else."""

import asyncio
import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from aiohttp import web

from gateway.clock import Clock
from gateway.http.pushes import TYPE, Pushes
from gateway.items import PushDone
from gateway.store.settle import Backoff

LIMIT_S = 10
START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
QUICK = Backoff(0.001, 0.01)
BODY = '{"msisdn":"+31612345678","outside_eu":"blocked"}'


class Network:
    """Takes posts; answers what the script says, else 204. While `gate` is closed it does not answer."""

    def __init__(self):
        self.posts = asyncio.Queue()
        self.script = {}  # seq → statuses still to be given
        self.gate = asyncio.Event()
        self.gate.set()
        self.gets = 0

    async def handle(self, request):
        if request.method == "GET":
            self.gets += 1
            return web.Response(status=200)
        event = json.loads(await request.text())
        self.posts.put_nowait((request.content_type, event))
        await self.gate.wait()
        statuses = self.script.get(int(event["id"][1:], 16), [])
        status = statuses.pop(0) if statuses else 204
        if status == "hang up":
            request.transport.abort()
            return web.Response()
        return web.Response(status=status, headers={"Location": "/elsewhere"} if 300 <= status < 400 else {})

    async def hears(self):
        async with asyncio.timeout(LIMIT_S):
            return await self.posts.get()


class Sender:
    def __init__(self, url, backoff):
        self.settled, self.lines = asyncio.Queue(), []
        self.changed = asyncio.Event()
        self.pushes = Pushes(
            url,
            Clock(start=START),
            backoff,
            settle=self.settled.put_nowait,
            changed=self.changed.set,
            log=lambda name, **fields: self.lines.append((name, fields)),
        )

    async def settles(self, count=1):
        async with asyncio.timeout(LIMIT_S):
            return [await self.settled.get() for _ in range(count)]

    async def until(self, condition):
        async with asyncio.timeout(LIMIT_S):
            while not condition():
                self.changed.clear()
                await self.changed.wait()


@asynccontextmanager
async def joined(backoff=QUICK):
    network = Network()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", network.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sender = Sender(f"http://127.0.0.1:{runner.addresses[0][1]}/policies", backoff)
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(sender.pushes.run())
        try:
            yield network, sender
        finally:
            network.gate.set()
            task.cancel()
    await runner.cleanup()


def play(story, **options):
    async def _story():
        async with joined(**options) as (network, sender):
            await story(network, sender)

    asyncio.run(asyncio.wait_for(_story(), 3 * LIMIT_S))


def test_one_as_the_network_expects_it():
    async def story(network, sender):
        sender.pushes.add([("s1", 0x2A, BODY)])
        content_type, event = await network.hears()
        assert content_type == "application/cloudevents+json"
        assert event == {
            "specversion": "1.0",
            "id": "p000000000000002a",
            "source": "gateway",
            "type": TYPE,
            "time": "2026-11-02T09:00:00.000Z",
            "datacontenttype": "application/json",
            "data": {"msisdn": "+31612345678", "outside_eu": "blocked"},
        }
        assert await sender.settles() == [PushDone("s1", 0x2A)]
        await sender.until(lambda: not sender.pushes.busy)
        assert (len(sender.pushes), sender.pushes.posted, sender.pushes.retry_in_s) == (0, 1, None)
        assert sender.lines == [("policy.pushed", {"id": "p000000000000002a"})]

    play(story)


def test_in_order_for_a_subscription():
    async def story(network, sender):
        network.gate.clear()
        sender.pushes.add([("s1", 1, BODY), ("s1", 2, BODY)])
        await network.hears()
        sender.pushes.add([("s1", 3, BODY)])
        assert len(sender.pushes) == 3
        assert network.posts.empty()  # one under way at a time
        network.gate.set()
        assert [done.seq for done in await sender.settles(3)] == [1, 2, 3]
        assert [(await network.hears())[1]["id"][-1] for _ in range(2)] == ["2", "3"]

    play(story)


@pytest.mark.parametrize("refusal", [500, 503, 404, 400, 302, 307, "hang up"])
def test_again_until_it_was_taken_with_the_followers_behind(refusal):
    async def story(network, sender):
        network.script[1] = [refusal, refusal]
        sender.pushes.add([("s1", 1, BODY), ("s1", 2, BODY)])
        assert [done.seq for done in await sender.settles(2)] == [1, 2]
        ids = [(await network.hears())[1]["id"][-1] for _ in range(4)]
        assert ids == ["1", "1", "1", "2"]
        assert network.gets == 0
        failed = [fields for name, fields in sender.lines if name == "policy.push_failed"]
        assert [(fields["attempt"], fields["wait_s"]) for fields in failed] == [(1, 0.001), (2, 0.002)]
        assert sender.pushes.posted == 4

    play(story)


def test_a_success_forgets_the_failures():
    async def story(network, sender):
        network.script[1] = [500]
        network.script[2] = [500]
        sender.pushes.add([("s1", 1, BODY), ("s1", 2, BODY)])
        await sender.settles(2)
        assert [fields["attempt"] for name, fields in sender.lines if name == "policy.push_failed"] == [1, 1]

    play(story)


def test_one_that_waits_holds_nobody_else_and_is_not_under_way():
    async def story(network, sender):
        network.script[1] = [500]
        sender.pushes.add([("s1", 1, BODY), ("s2", 2, BODY)])
        assert await sender.settles() == [PushDone("s2", 2)]
        await sender.until(lambda: sender.pushes.retry_in_s is not None and not sender.pushes.busy)
        assert 0 < sender.pushes.retry_in_s <= 600
        assert len(sender.pushes) == 1

    play(story, backoff=Backoff(600, 600))


def test_it_is_under_way_until_it_was_answered():
    async def story(network, sender):
        network.gate.clear()
        sender.pushes.add([("s1", 1, BODY)])
        assert sender.pushes.busy == 1
        await network.hears()
        assert sender.pushes.busy == 1
        network.gate.set()
        await sender.settles()
        await sender.until(lambda: sender.pushes.busy == 0)

    play(story)


def test_more_than_there_are_workers():
    async def story(_network, sender):
        sender.pushes.add([(f"s{n}", n, BODY) for n in range(40)])
        assert sorted(done.seq for done in await sender.settles(40)) == list(range(40))

    play(story)


def test_nobody_listens():
    async def story(network, sender):
        with_nobody = Sender("http://127.0.0.1:1/policies", Backoff(600, 600))
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(with_nobody.pushes.run())
            with_nobody.pushes.add([("s1", 1, BODY)])
            await with_nobody.until(lambda: with_nobody.pushes.retry_in_s is not None)
            task.cancel()
        ((name, fields),) = with_nobody.lines
        assert (name, fields["attempt"], fields["why"]) == ("policy.push_failed", 1, "ClientConnectorError")
        assert network.posts.empty()
        assert sender.lines == []

    play(story)
