"""Quiet by counting: against a gateway whose answers are a script, and never by waiting a while."""

import asyncio
from collections import deque

import pytest
from aiohttp import web

from simulator import settle
from simulator.counters import TWINS, Counters
from simulator.gateway_client import GatewayClient
from simulator.settle import NotQuiet, Settling

ZERO = dict.fromkeys(TWINS.values(), 0)


class Scripted:
    """A `GET /v1/quiet` that answers line by line; the last line stands for ever."""

    def __init__(self, *answers):
        self.answers = deque(answers)
        self.asked = 0
        self.on_ask = lambda _: None

    async def quiet(self, request):
        del request
        self.asked += 1
        self.on_ask(self.asked)
        answer = self.answers[0] if len(self.answers) == 1 else self.answers.popleft()
        if answer is None:
            return web.Response(status=500)
        body = {"boot": 1, **ZERO, "busy": 0, "next_due": None, "retry_in_s": None, **answer}
        return web.json_response(body, status=504 if body["busy"] else 200)


class Settled:
    """A Settling joined to a script over real HTTP."""

    def __init__(self, *answers, timeout_s=5.0, fresh=True, **counted):
        self.script = Scripted(*answers)
        self.counters = Counters(**counted)
        self.waiting = 0
        self.timeout_s, self.fresh = timeout_s, fresh

    async def __aenter__(self):
        app = web.Application()
        app.router.add_get("/v1/quiet", self.script.quiet)
        self.runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        self.client = GatewayClient(f"http://127.0.0.1:{self.runner.addresses[0][1]}", counters=self.counters)
        await self.client.__aenter__()
        self.settling = Settling(self.client, lambda: self.counters, lambda: self.waiting, self.timeout_s)
        if self.fresh:
            self.settling.new_life()
        return self

    async def __aexit__(self, *exc):
        await self.client.__aexit__()
        await self.runner.cleanup()


def test_two_equal_waves_are_quiet(run):
    async def story():
        async with Settled({"mo_in": 2, "submits_out": 1}, mo_out=2, submits_in=1) as world:
            wave = await world.settling.settle()
            assert (world.script.asked, wave.busy) == (2, 0)

    run(story())


def test_a_frame_still_in_the_socket_is_not_quiet(run):
    async def story():
        answers = [{"mo_in": 0}, {"mo_in": 0}, {"mo_in": 1, "submits_out": 1}]
        async with Settled(*answers, mo_out=1) as world:
            # The reply arrives while the third answer is on its way.
            world.script.on_ask = lambda n: setattr(world.counters, "submits_in", int(n >= 4))
            await world.settling.settle()
            assert world.script.asked >= 5

    run(story())


def test_a_vector_that_moved_between_two_waves_is_not_quiet(run):
    async def story():
        async with Settled({}, {"mo_in": 1}, mo_out=0) as world:
            world.script.on_ask = lambda n: setattr(world.counters, "mo_out", int(n >= 2))
            await world.settling.settle()
            assert world.script.asked == 3

    run(story())


@pytest.mark.parametrize("ours", ["unanswered", "waiting"])
def test_what_is_ours_to_finish_is_waited_for(run, ours):
    async def story():
        async with Settled({}) as world:
            holder = world.counters if ours == "unanswered" else world
            setattr(holder, ours, 1)

            def finish(asked):
                setattr(holder, ours, int(asked < 4))
                world.settling.moved.set()

            world.script.on_ask = finish
            await world.settling.settle()
            assert world.script.asked == 5

    run(story())


def test_a_retry_that_is_near_is_waited_for_and_a_far_one_is_not(run):
    async def story():
        async with Settled({"retry_in_s": 0.01}, {"retry_in_s": 0.001}, {}) as world:
            await world.settling.settle()
            assert world.script.asked == 4
        async with Settled({"retry_in_s": 30.0}) as world:
            await world.settling.settle()
            assert world.script.asked == 2

    run(story())


def test_a_gateway_that_does_not_answer_is_asked_again(run):
    async def story():
        async with Settled({}, timeout_s=0.2) as world:
            await world.runner.cleanup()
            with pytest.raises(NotQuiet, match="does not answer"):
                await world.settling.settle()

    run(story())


@pytest.mark.parametrize(
    ("answer", "counted", "told"),
    [
        ({"mo_in": 1}, {"mo_out": 2}, ["mo_out 2 here, mo_in 1 at the gateway"]),
        ({"submits_out": 3}, {"submits_in": 2}, ["submits_in 2 here, submits_out 3 at the gateway"]),
        ({"busy": 1, "open": {"outbox": 1}}, {}, ["busy with 1", "'open': {'outbox': 1}"]),
        ({}, {"unanswered": 1}, ["1 unanswered"]),
        ({"retry_in_s": 0.5}, {}, ["next retry in 0.50 s"]),
    ],
)
def test_when_it_takes_too_long_the_message_names_the_counter(run, answer, counted, told):
    async def story():
        async with Settled(answer, timeout_s=0.15, **counted) as world:
            with pytest.raises(NotQuiet) as caught:
                await world.settling.settle()
            for piece in [*told, "within 0.15 s", "boot 1"]:
                assert piece in str(caught.value)
            assert len(str(caught.value).splitlines()) == 2

    run(story())


def test_a_gateway_found_running_gives_the_sums_to_start_from(run):
    async def story():
        async with Settled({"mo_in": 40}, fresh=False) as world:
            await world.settling.settle()
            world.counters.mo_out = 1
            world.script.answers = deque([{"mo_in": 40}, {"mo_in": 41}])
            await world.settling.settle()
            world.script.answers = deque([{"mo_in": 42}])
            world.settling.timeout_s = 0.1
            with pytest.raises(NotQuiet, match="mo_out 41 here, mo_in 42"):
                await world.settling.settle()

    run(story())


def test_after_a_crash_two_idle_waves_are_the_new_start(run):
    async def story():
        async with Settled({"mo_in": 5}, mo_out=5) as world:
            await world.settling.settle()
            world.script.answers = deque([{"boot": 2, "busy": 1}, {"boot": 2, "mo_in": 3}])
            await world.settling.settle()
            world.counters.mo_out = 6
            world.script.answers = deque([{"boot": 2, "mo_in": 4}])
            await world.settling.settle()

    run(story())


def test_a_request_without_an_answer_makes_the_sums_uncertain(run):
    async def story():
        async with Settled({"events_in": 1}, events_out=2, timeout_s=1.0) as world:
            world.client.uncertain = True
            await world.settling.settle()
            assert not world.client.uncertain

    run(story())


def test_what_moves_on_our_side_wakes_the_settle(run, monkeypatch):
    """With the look-again pause out of reach, only the event can bring the next look."""
    monkeypatch.setattr(settle, "LOOK_AGAIN_S", 3600)

    async def story():
        async with Settled({"mo_in": 1}) as world, asyncio.TaskGroup() as group:
            asked = asyncio.Event()
            world.script.on_ask = lambda _: asked.set()
            settling = group.create_task(world.settling.settle())
            await asked.wait()
            world.counters.mo_out = 1
            # The answer to the first look is still under way: the event may not be lost.
            world.settling.moved.set()
            await settling

    run(story())
