"""When nothing is under way: read in one turn of the loop, waited for without a clock."""

import asyncio

from gateway.quiet import Quiet

LIMIT_S = 10


class Parts:
    def __init__(self, **held):
        self.held = held
        self.quiet = Quiet(lambda: dict(self.held), lambda: {"boot": 3})

    def now(self, **held):
        self.held = held
        self.quiet.changed()


def play(story):
    asyncio.run(asyncio.wait_for(story(), LIMIT_S))


def test_nothing_under_way_is_answered_at_once():
    async def story():
        assert await Parts(engine=0, pushes=0).quiet.wait(0) == (True, {"boot": 3, "busy": 0})
        assert await Parts().quiet.wait(0) == (True, {"boot": 3, "busy": 0})

    play(story)


def test_it_names_what_is_still_open():
    async def story():
        quiet, vector = await Parts(engine=2, pushes=0, requests=1).quiet.wait(0)
        assert not quiet
        assert vector == {"boot": 3, "busy": 3, "open": {"engine": 2, "requests": 1}}

    play(story)


def test_a_change_that_is_none_goes_on_waiting():
    async def story():
        parts = Parts(engine=1)
        waiting = asyncio.ensure_future(parts.quiet.wait(LIMIT_S))
        for held in (1, 3, 2):
            parts.now(engine=held)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            assert not waiting.done()
        parts.now(engine=0)
        assert await waiting == (True, {"boot": 3, "busy": 0})

    play(story)


def test_whoever_polls_is_answered_when_the_service_ends():
    async def story():
        parts = Parts(engine=1)
        polling = asyncio.ensure_future(parts.quiet.poll(LIMIT_S))
        waiting = asyncio.ensure_future(parts.quiet.wait(LIMIT_S))
        await asyncio.sleep(0)
        parts.quiet.end_polls()
        assert await polling == (False, {"boot": 3, "busy": 1, "open": {"engine": 1}})
        # The end itself waits for what is under way.
        assert not waiting.done()
        parts.now(engine=0)
        assert await waiting == (True, {"boot": 3, "busy": 0})

    play(story)


def test_what_is_handed_on_within_a_turn_is_never_seen_as_quiet():
    """One part lets go and another takes: whoever waits must not look in between."""

    async def story():
        parts = Parts(engine=1, pushes=0)
        waiting = asyncio.ensure_future(parts.quiet.wait(LIMIT_S))
        await asyncio.sleep(0)
        parts.now(engine=0, pushes=0)
        parts.now(engine=0, pushes=1)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not waiting.done()
        parts.now(engine=0, pushes=0)
        await waiting

    play(story)


def test_many_may_wait():
    async def story():
        parts = Parts(engine=1)
        waiting = [asyncio.ensure_future(parts.quiet.wait(LIMIT_S)) for _ in range(3)]
        changes = [asyncio.ensure_future(parts.quiet.next_change()) for _ in range(3)]
        await asyncio.sleep(0)
        parts.now()
        assert all(quiet for quiet, _ in await asyncio.gather(*waiting))
        await asyncio.gather(*changes)

    play(story)
