"""The one road, with a scripted store: what goes into a batch, who is answered when, and how it ends."""

import asyncio
import sqlite3
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from gateway import engine as module
from gateway.engine import BATCH_MAX, INBOX_MAX, LARGE, Engine, Leaving
from gateway.items import (
    Busy,
    ClockMoved,
    DeliveryResult,
    EventItem,
    EventResult,
    LocationReport,
    PortalItem,
    PortalResult,
    PushDone,
    Settlement,
    SmsItem,
)
from gateway.store.dispatch import Dispatch, Ticket
from gateway.store.settle import Send
from gateway.store.store import Applied

LIMIT_S = 10
START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
PORTAL = PortalItem("patch", "+31612345678", {})
SMS = SmsItem("+31612345678", "1330", "HELP")


def event(number):
    return EventItem("/m", f"e-{number}", b"", START, "+31612345678", None, LocationReport("310-410"))


def events(count):
    return [event(number) for number in range(count)]


class Hands:
    """A clock that stands until it is moved."""

    def __init__(self):
        self.at, self.transport = START, 1000.0

    def now(self):
        return self.at

    def transport_now(self):
        return self.transport


class ScriptedStore:
    """Takes what the engine brings; while `gate` is closed a transaction lasts."""

    def __init__(self):
        self.dispatch = Dispatch()
        self.next_due = None
        self.batches = []
        self.arrived = asyncio.Queue()
        self.gate = asyncio.Event()
        self.gate.set()
        self.error = None
        self.rooms = []
        self.may_write = asyncio.Event()
        self.may_write.set()
        self.facts, self.pushes = [], []

    def begin(self, items, now, transport_now, slots, judged=lambda: None):
        return asyncio.ensure_future(self._apply(items, now, transport_now, slots, judged))

    async def _apply(self, items, now, transport_now, slots, judged):
        self.batches.append(list(items))
        self.rooms.append(slots)
        self.arrived.put_nowait(list(items))
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        if self.next_due is not None and self.next_due <= now:
            self.next_due = None
        self.dispatch.wake(transport_now)
        list(self.dispatch.expire(now))
        judged()
        await self.may_write.wait()
        sends = [
            Send(ticket.notification, ticket.recipient, "", 60, 1, "", ((1, 0, 0),))
            for ticket in self.dispatch.claim(slots)
        ]
        facts, self.facts = self.facts, []
        pushes, self.pushes = self.pushes, []
        return Applied([self._result(item) for item in items], sends, facts, pushes, due_left=False)

    @staticmethod
    def _result(item):
        match item:
            case EventItem():
                return EventResult(item.id, "accepted", "counted")
            case PortalItem():
                return PortalResult(200)
            case SmsItem():
                return DeliveryResult()
        return None


class Road:
    """An engine between a scripted store and lists of what left it."""

    def __init__(self):
        self.store, self.clock = ScriptedStore(), Hands()
        self.sent, self.pushed, self.told, self.order = [], [], [], []
        self.slots = 0
        self.looked = asyncio.Event()
        leaving = Leaving(
            send=lambda sends: self.left("send", self.sent, [send.notification for send in sends]),
            push=lambda pushes: self.left("push", self.pushed, pushes),
            tell=lambda facts: self.left("tell", self.told, facts),
            slots=lambda: self.slots,
            changed=self.looked.set,
        )
        self.engine = Engine(self.store, self.clock, leaving)

    def left(self, name, where, what):
        self.order.append(name)
        where.extend(what)

    def done(self, _index, _result):
        """A sink."""
        self.order.append("answer")

    async def batch(self):
        """The next that reaches the store."""
        async with asyncio.timeout(LIMIT_S):
            return await self.store.arrived.get()

    async def until(self, condition):
        """Looks whenever the engine has looked at everything."""
        async with asyncio.timeout(LIMIT_S):
            while not condition():
                self.looked.clear()
                await self.looked.wait()

    async def idle(self):
        await self.until(lambda: not self.engine.busy)


@asynccontextmanager
async def running():
    road = Road()
    async with asyncio.TaskGroup() as tasks:
        road.tasks = tasks
        task = tasks.create_task(road.engine.run())
        yield road
        road.store.gate.set()
        road.engine.stop()
        await asyncio.wait_for(task, LIMIT_S)


@pytest.fixture
def play():
    def _play(story):
        async def _story():
            async with running() as road:
                await story(road)

        asyncio.run(asyncio.wait_for(_story(), 3 * LIMIT_S))

    return _play


def ticket(name="m", subscription="s", lasts_s=3600):
    return Ticket(name, subscription, "help", "+31612345678", START + timedelta(seconds=lasts_s), {1: 0})


class TestAccept:
    def test_answers_stand_in_the_order_of_the_items(self, play):
        async def story(road):
            results = await road.engine.accept(events(3))
            assert [result.id for result in results] == ["e-0", "e-1", "e-2"]
            assert await road.engine.accept([PORTAL]) == [PortalResult(200)]
            assert await road.engine.accept([ClockMoved()]) == [None]
            assert await road.engine.accept([]) == []

        play(story)

    def test_nothing_is_answered_before_the_commit(self, play):
        async def story(road):
            road.store.gate.clear()
            answer = road.tasks.create_task(road.engine.accept([event(1)]))
            road.engine.deliver(SMS, road)
            await road.batch()
            assert not answer.done()
            assert road.order == []
            road.store.gate.set()
            assert [result.id for result in await answer] == ["e-1"]

        play(story)

    def test_more_than_a_batch_is_answered_when_the_last_is_committed(self, play):
        async def story(road):
            answer = road.tasks.create_task(road.engine.accept(events(2 * BATCH_MAX + 1)))
            sizes = [len(await road.batch()) for _ in range(3)]
            assert sizes == [BATCH_MAX, BATCH_MAX, 1]
            assert len(await answer) == 2 * BATCH_MAX + 1

        play(story)

    def test_what_waits_when_the_writer_is_free_is_a_batch(self, play):
        async def story(road):
            road.store.gate.clear()
            answers = [road.tasks.create_task(road.engine.accept([event(0)]))]
            assert len(await road.batch()) == 1
            answers += [road.tasks.create_task(road.engine.accept([event(n)])) for n in range(1, 40)]
            await asyncio.sleep(0)
            road.store.gate.set()
            assert len(await road.batch()) == 39
            assert [(await answer)[0].id for answer in answers] == [f"e-{n}" for n in range(40)]
            assert (road.engine.batches, road.engine.applied) == (2, 40)

        play(story)

    def test_a_waiter_that_went_away_stops_nothing(self, play):
        async def story(road):
            road.store.gate.clear()
            gone = asyncio.ensure_future(road.engine.accept([event(1)]))
            await road.batch()
            gone.cancel()
            with pytest.raises(asyncio.CancelledError):
                await gone
            stays = road.tasks.create_task(road.engine.accept([event(2)]))
            road.store.gate.set()
            assert (await stays)[0].id == "e-2"

        play(story)


class TestOrder:
    def test_answers_of_the_smsc_first_then_texts_and_the_portal_then_events(self, play):
        async def story(road):
            road.store.gate.clear()
            first = road.tasks.create_task(road.engine.accept([event(0)]))
            await road.batch()
            later = [road.tasks.create_task(road.engine.accept(events(2)))]
            later.append(road.tasks.create_task(road.engine.accept([PORTAL])))
            await asyncio.sleep(0)
            road.engine.deliver(SMS, road)
            road.engine.settle(PushDone("s", 1))
            road.store.gate.set()
            assert [type(item) for item in await road.batch()] == [PushDone, PortalItem, SmsItem, EventItem, EventItem]
            await asyncio.gather(first, *later)

        play(story)

    def test_a_full_batch_leaves_the_rest_in_order(self, play):
        async def story(road):
            road.store.gate.clear()
            first = road.tasks.create_task(road.engine.accept([PORTAL]))
            await road.batch()
            many = road.tasks.create_task(road.engine.accept(events(BATCH_MAX)))
            await asyncio.sleep(0)
            road.engine.settle(PushDone("s", 1))
            road.engine.deliver(SMS, road)
            road.store.gate.set()
            batch = await road.batch()
            assert [type(item) for item in batch[:2]] == [PushDone, SmsItem]
            assert [item.id for item in batch[2:] + await road.batch()] == [f"e-{n}" for n in range(BATCH_MAX)]
            await asyncio.gather(first, many)

        play(story)

    def test_whoever_asked_is_answered_then_it_is_told_sent_and_pushed(self, play):
        async def story(road):
            road.slots = 1
            road.store.facts, road.store.pushes = [("mo.received", {})], [("s", 1, "{}")]
            road.store.dispatch.add(ticket())
            road.engine.deliver(SMS, road)
            await road.until(lambda: len(road.order) == 4)
            assert road.order == ["answer", "tell", "send", "push"]
            assert (road.sent, road.pushed) == (["m"], [("s", 1, "{}")])

        play(story)


class TestAhead:
    def test_the_writer_has_the_next_before_the_last_is_handed_on(self, play):
        async def story(road):
            begin = road.store.begin

            def noted(*args, **more):
                road.order.append("begin")
                return begin(*args, **more)

            road.store.begin = noted
            road.store.gate.clear()
            road.engine.deliver(SMS, road)
            await road.batch()
            road.engine.deliver(SMS, road)
            road.store.gate.set()
            await road.until(lambda: len(road.order) == 4)
            assert road.order == ["begin", "begin", "answer", "answer"]

        play(story)

    def test_what_is_claimed_and_not_handed_on_has_its_slots(self, play):
        async def story(road):
            road.slots = 3
            for one in "abcd":
                road.store.dispatch.add(ticket(one, one))
            road.store.gate.clear()
            road.engine.deliver(SMS, road)
            await road.batch()
            road.engine.deliver(SMS, road)
            road.store.gate.set()
            await road.batch()
            assert road.store.rooms == [3, 0]
            road.slots = 0
            await road.until(lambda: len(road.order) == 3)
            assert road.sent == ["a", "b", "c"]

        play(story)


class TestCalm:
    def test_who_reads_much_waits_while_a_large_batch_is_judged(self, play):
        async def story(road):
            road.store.gate.clear()
            road.store.may_write.clear()
            answer = road.tasks.create_task(road.engine.accept(events(LARGE)))
            await road.batch()
            reading = road.tasks.create_task(road.engine.calm())
            await asyncio.sleep(0)
            assert not reading.done()
            road.store.gate.set()
            await reading
            assert not answer.done()
            road.store.may_write.set()
            await answer

        play(story)

    def test_a_small_one_keeps_nobody_waiting(self, play):
        async def story(road):
            road.store.gate.clear()
            answer = road.tasks.create_task(road.engine.accept(events(LARGE - 1)))
            await road.batch()
            await road.engine.calm()
            assert not answer.done()
            road.store.gate.set()
            await answer

        play(story)

    def test_a_store_that_fails_keeps_nobody_waiting(self):
        async def story():
            async with asyncio.timeout(LIMIT_S):
                road = Road()
                road.store.gate.clear()
                road.store.error = sqlite3.OperationalError("disk I/O error")
                run = asyncio.ensure_future(road.engine.run())
                answer = asyncio.ensure_future(road.engine.accept(events(LARGE)))
                await road.batch()
                reading = asyncio.ensure_future(road.engine.calm())
                road.store.gate.set()
                await reading
                for failed, error in ((run, sqlite3.OperationalError), (answer, Busy)):
                    with pytest.raises(error):
                        await failed

        asyncio.run(story())


class TestFull:
    def test_all_of_them_or_none(self, play, monkeypatch):
        monkeypatch.setattr(module, "INBOX_MAX", 10)

        async def story(road):
            road.store.gate.clear()
            taken = [road.tasks.create_task(road.engine.accept([PORTAL]))]
            await road.batch()
            taken.append(road.tasks.create_task(road.engine.accept(events(8))))
            await asyncio.sleep(0)
            with pytest.raises(Busy) as caught:
                await road.engine.accept(events(3))
            assert caught.value.retry_after_s == 1
            assert road.engine.waiting == 8
            road.engine.deliver(SMS, road)
            taken.append(road.tasks.create_task(road.engine.accept([PORTAL])))
            await asyncio.sleep(0)
            with pytest.raises(Busy):
                road.engine.deliver(SMS, road)
            road.engine.settle(PushDone("s", 1))  # always taken: the window bounds it
            road.store.gate.set()
            await asyncio.gather(*taken)
            assert sum(map(len, road.store.batches)) == 1 + 8 + 1 + 1 + 1

        play(story)

    def test_a_post_of_the_largest_size_has_room(self):
        assert INBOX_MAX >= 10_000

    def test_once_stopping_nothing_new_is_taken(self, play):
        async def story(road):
            road.engine.stop()
            with pytest.raises(Busy):
                await road.engine.accept([PORTAL])
            with pytest.raises(Busy):
                road.engine.deliver(SMS, road)

        play(story)


class TestEnd:
    def test_a_stop_waits_for_all_that_was_taken(self):
        async def story():
            async with asyncio.timeout(LIMIT_S):
                road = Road()
                road.store.gate.clear()
                async with asyncio.TaskGroup() as tasks:
                    run = tasks.create_task(road.engine.run())
                    answer = tasks.create_task(road.engine.accept(events(BATCH_MAX + 5)))
                    await road.batch()
                    road.engine.stop()
                    road.engine.settle(PushDone("s", 1))
                    assert not run.done()
                    road.store.gate.set()
                assert len(answer.result()) == BATCH_MAX + 5
                assert [len(batch) for batch in road.store.batches] == [BATCH_MAX, 6]

        asyncio.run(story())

    def test_a_broken_store_ends_it_and_lets_nobody_wait(self):
        """Whoever had not been answered is told to come again; what was delivered is not answered at all."""

        async def story():
            road = Road()
            road.store.gate.clear()
            road.store.error = sqlite3.OperationalError("disk I/O error")
            run = asyncio.ensure_future(road.engine.run())
            async with asyncio.timeout(LIMIT_S):
                applying = asyncio.ensure_future(road.engine.accept([event(1)]))
                await road.batch()
                waiting = [asyncio.ensure_future(road.engine.accept(some)) for some in ([event(2)], [PORTAL])]
                await asyncio.sleep(0)
                gone = asyncio.ensure_future(road.engine.accept([PORTAL]))
                await asyncio.sleep(0)
                gone.cancel()
                road.engine.deliver(SMS, road)
                road.store.gate.set()
                with pytest.raises(sqlite3.OperationalError, match="disk I/O error"):
                    await run
                for one in (applying, *waiting):
                    with pytest.raises(Busy):
                        await one
                with pytest.raises(Busy):
                    await road.engine.accept([event(3)])
            assert road.order == []

        asyncio.run(story())


class TestLooking:
    def test_room_in_the_window_is_used(self, play):
        async def story(road):
            road.store.dispatch.add(ticket("a", "s"))
            road.store.dispatch.add(ticket("b", "t"))
            road.engine.look()
            await road.idle()
            assert road.store.batches == []  # no room: they wait for a session
            road.slots = 1
            road.engine.look()
            assert await road.batch() == []
            road.slots = 0
            assert road.engine.busy > 0

        play(story)

    def test_a_moment_that_came(self, play):
        async def story(road):
            road.store.next_due = START + timedelta(days=1)
            assert road.engine.next_due == road.store.next_due
            road.engine.look()
            await road.idle()
            assert road.store.batches == []
            road.clock.at = road.store.next_due
            road.engine.look()
            assert await road.batch() == []
            await road.idle()
            assert road.engine.next_due is None

        play(story)

    def test_a_text_that_is_no_longer_worth_sending(self, play):
        async def story(road):
            road.store.dispatch.add(ticket(lasts_s=60))
            road.store.next_due = START + timedelta(days=1)
            assert road.engine.next_due == START + timedelta(seconds=60)
            road.clock.at += timedelta(seconds=60)
            road.engine.look()
            assert await road.batch() == []
            await road.idle()
            assert len(road.store.dispatch) == 0

        play(story)

    def test_a_retry_comes_by_itself(self, play):
        async def story(road):
            loop = asyncio.get_running_loop()
            road.clock.transport_now = loop.time
            dispatch, one = road.store.dispatch, ticket()
            dispatch.add(one)
            assert list(dispatch.claim(1)) == [one]
            dispatch.hold(one, loop.time() + 0.02)
            assert 0 < road.engine.retry_in_s <= 0.02
            road.slots = 1
            road.engine.look()
            assert await road.batch() == []
            road.slots = 0
            await road.until(lambda: road.sent == ["m"])
            assert road.engine.retry_in_s is None

        play(story)

    def test_without_room_no_timer_runs(self, play):
        async def story(road):
            dispatch, one = road.store.dispatch, ticket()
            dispatch.add(one)
            list(dispatch.claim(1))
            dispatch.hold(one, 0.0)
            road.engine.look()
            await road.idle()
            assert road.engine._retry_timer is None
            assert road.engine.retry_in_s == 0.0
            assert road.engine.busy == 0  # it waits for a session

        play(story)

    def test_a_timer_is_replaced_and_not_added_to(self, play):
        async def story(road):
            dispatch, one = road.store.dispatch, ticket()
            dispatch.add(one)
            list(dispatch.claim(1))
            dispatch.hold(one, road.clock.transport + 1000)
            road.slots = 1
            timers = []
            for _ in range(2):
                road.looked.clear()
                road.engine.look()
                async with asyncio.timeout(LIMIT_S):
                    await road.looked.wait()
                timers.append(road.engine._retry_timer)
            assert [timer.cancelled() for timer in timers] == [True, False]
            timers[1].cancel()

        play(story)


class TestBusy:
    def test_from_the_door_to_the_answer_of_the_smsc(self, play):
        async def story(road):
            await road.idle()
            assert road.engine.busy == 0
            road.store.gate.clear()
            answer = road.tasks.create_task(road.engine.accept(events(3)))
            await asyncio.sleep(0)
            assert road.engine.busy >= 3
            await road.batch()
            assert road.engine.busy >= 1
            road.store.dispatch.add(ticket())
            road.slots = 1
            road.store.gate.set()
            await answer
            assert road.engine.busy == 1  # the text is under way
            road.slots = 0
            road.store.dispatch.land(road.store.dispatch.flight("m"))
            road.engine.settle(Settlement("m", 1, "accepted"))
            assert road.engine.busy >= 1
            await road.batch()
            await road.batch()
            await road.idle()
            assert road.engine.busy == 0

        play(story)
