"""Several sessions as one: what is sent is shared, what is lost is one session's, what is slowed down is all."""

import asyncio

import pytest

from gateway.smpp import connection as connections
from gateway.smpp import pace as paces
from gateway.smpp import pdu as p
from gateway.smpp.pdu import MessageId, Pdu
from gateway.smpp.session_events import (
    BindRefused,
    Bound,
    DeliveryReceived,
    DeliveryRefused,
    SessionClosed,
    SubmitAnswered,
    SubmitUnanswered,
)
from tests.gateway.smpp.scripted import DELIVER, LIMIT_S, MESSAGE, played, running

SLOW = {"reconnect_min_s": 1000, "reconnect_max_s": 1000}


async def all_bound(owner, smsc, count):
    """The SMSC's ends by the type of their bind."""
    links = {}
    for _ in range(count):
        link = await smsc.accepts()
        async with asyncio.timeout(LIMIT_S):
            bind = await link.heard.get()
        link.says(Pdu(f"{bind.command}_resp", 0, bind.sequence, p.BindResp("SMSC")))
        await owner.gets(Bound)
        links.setdefault(bind.command.removeprefix("bind_"), []).append(link)
    return links


def answer(submit, status=0):
    return Pdu("submit_sm_resp", status, submit.sequence, MessageId("1"))


# ------------------------------------------------------------------------------------------------ two directions
def test_one_session_for_each_direction():
    async def conversation():
        async with running(bind="transmitter+receiver") as (owner, smsc):
            esme = owner.esme
            links = await all_bound(owner, smsc, 2)
            ((sender,), (receiver,)) = links["transmitter"], links["receiver"]
            assert {(await owner.logs("smpp.bound"))["bind_type"] for _ in range(2)} == {"transmitter", "receiver"}
            assert (esme.bound, esme.sending, esme.sessions, esme.free_slots) == (True, True, 2, 8)
            receiver.says(DELIVER)
            token = (await owner.gets(DeliveryReceived)).token
            esme.submit("row", MESSAGE)
            assert esme.answer(token, 0)
            await receiver.hears("deliver_sm_resp")
            sender.says(answer(await sender.hears("submit_sm")))
            assert (await owner.gets(SubmitAnswered)).ref == "row"
            assert receiver.heard.empty()

    played(conversation)


@pytest.mark.parametrize(("lost", "slots"), [("transmitter", 0), ("receiver", 8)])
def test_without_one_direction_it_is_not_whole(lost, slots):
    async def conversation():
        async with running(bind="transmitter+receiver", **SLOW) as (owner, smsc):
            links = await all_bound(owner, smsc, 2)
            links[lost][0].transport.abort()
            await owner.gets(SessionClosed)
            esme = owner.esme
            assert (esme.bound, esme.sending, esme.free_slots, esme.sessions) == (False, slots > 0, slots, 1)

    played(conversation)


# ------------------------------------------------------------------------------------------------ several
def test_the_windows_add_up_and_are_filled_evenly():
    async def conversation():
        async with running(binds=3, window=2) as (owner, smsc):
            links = (await all_bound(owner, smsc, 3))["transceiver"]
            labels = {(await owner.logs("smpp.bound"))["bind_type"] for _ in range(3)}
            assert labels == {"transceiver 1/3", "transceiver 2/3", "transceiver 3/3"}
            assert owner.esme.free_slots == 6
            for ref in range(6):
                owner.esme.submit(ref, MESSAGE)
            assert (owner.esme.free_slots, owner.esme.submits_open) == (0, 6)
            for link in links:
                await link.hears("submit_sm")
                await link.hears("submit_sm")
                assert link.heard.empty()
            with pytest.raises(RuntimeError, match="found 0 free slots"):
                owner.esme.submit("seventh", MESSAGE)

    played(conversation)


def test_one_is_lost_and_the_others_go_on():
    async def conversation():
        async with running(binds=2, **SLOW) as (owner, smsc):
            first, second = (await all_bound(owner, smsc, 2))["transceiver"]
            for ref in range(4):
                owner.esme.submit(ref, MESSAGE)
            kept = [await second.hears("submit_sm") for _ in range(2)]
            first.says(DELIVER)
            old = (await owner.gets(DeliveryReceived)).token
            first.transport.abort()
            gone = {(await owner.gets(SubmitUnanswered)).ref for _ in range(2)}
            await owner.gets(SessionClosed)
            assert (owner.esme.bound, owner.esme.sessions, owner.esme.free_slots) == (True, 1, 6)
            assert owner.esme.answer(old, 0) is False
            second.says(*map(answer, kept))
            answered = {(await owner.gets(SubmitAnswered)).ref for _ in range(2)}
            assert gone | answered == {0, 1, 2, 3}
            owner.esme.submit("next", MESSAGE)
            await second.hears("submit_sm")

    played(conversation)


def test_the_lost_one_comes_back_by_itself():
    async def conversation():
        async with running(binds=2) as (owner, smsc):
            first, _ = (await all_bound(owner, smsc, 2))["transceiver"]
            first.transport.abort()
            await owner.gets(SessionClosed)
            await all_bound(owner, smsc, 1)
            assert (owner.esme.sessions, owner.esme.free_slots) == (2, 16)

    played(conversation)


def test_an_smsc_that_takes_one_bind_only():
    async def conversation():
        async with running(binds=2, **SLOW) as (owner, smsc):
            one, other = await smsc.accepts(), await smsc.accepts()
            await one.binds()
            await owner.gets(Bound)
            bind = await other.hears("bind_transceiver")
            other.says(Pdu("bind_transceiver_resp", 0x05, bind.sequence))
            assert await owner.gets(BindRefused) == BindRefused(0x05)
            await owner.gets(SessionClosed)
            assert (owner.esme.bound, owner.esme.sessions, owner.esme.free_slots) == (True, 1, 8)

    played(conversation)


def test_stop_drains_and_unbinds_all():
    async def conversation():
        async with running(binds=2) as (owner, smsc):
            links = (await all_bound(owner, smsc, 2))["transceiver"]
            owner.esme.submit("a", MESSAGE)
            owner.esme.submit("b", MESSAGE)
            submits = [await link.hears("submit_sm") for link in links]
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(owner.esme.stop(LIMIT_S))
                for link, submit in zip(links, submits, strict=True):
                    link.says(answer(submit))
                    unbind = await link.hears("unbind")
                    link.says(Pdu("unbind_resp", 0, unbind.sequence))
            for _ in range(2):
                await owner.gets(SubmitAnswered)
                assert (await owner.gets(SessionClosed)).reason == "unbound"
            assert (owner.esme.bound, owner.esme.sessions) == (False, 0)

    played(conversation)


def test_an_error_of_whoever_takes_the_events_ends_all():
    async def conversation():
        async with asyncio.timeout(LIMIT_S), running(binds=2) as (owner, smsc):

            def broken(_events):
                raise LookupError("ours")

            owner.esme._on_events = broken
            links = [await smsc.accepts(), await smsc.accepts()]
            await links[0].binds()
            await asyncio.Future()

    with pytest.raises(ExceptionGroup) as caught:
        played(conversation)
    assert caught.group_contains(LookupError, match="ours")


def test_deliveries_are_refused_in_all_sessions_and_those_to_come():
    async def conversation():
        async with running(binds=2) as (owner, smsc):
            links = (await all_bound(owner, smsc, 2))["transceiver"]
            owner.esme.refuse_deliveries()
            links[0].transport.abort()
            await owner.gets(SessionClosed)
            links[0] = (await all_bound(owner, smsc, 1))["transceiver"][0]
            for link in links:
                link.says(DELIVER)
                assert (await link.hears("deliver_sm_resp")).status == p.ESME_RMSGQFUL
                await owner.gets(DeliveryRefused)
            assert owner.esme.free_slots == 16

    played(conversation)


# ------------------------------------------------------------------------------------------------ timers
def test_a_session_that_is_not_used_is_left_for_a_new_one():
    async def conversation():
        async with running(inactivity_s=0.02, enquire_link_s=0.005) as (owner, smsc):
            link = await smsc.accepts()
            await link.binds()
            await owner.gets(Bound)
            async with asyncio.timeout(LIMIT_S):
                while (pdu := await link.heard.get()).command == "enquire_link":
                    link.says(Pdu("enquire_link_resp", 0, pdu.sequence))
            assert pdu.command == "unbind"
            link.says(Pdu("unbind_resp", 0, pdu.sequence))
            assert (await owner.gets(SessionClosed)).reason == "inactive"
            await (await smsc.accepts()).binds()
            await owner.gets(Bound)

    played(conversation)


def test_who_keeps_us_waiting_before_the_bind_is_left(monkeypatch):
    """The connection stands but its TLS hello is never answered, or the bind is not."""

    async def conversation():
        async with running(session_init_s=0.3, response_timeout_s=1000) as (owner, smsc):
            link = await smsc.accepts()
            await link.hears("bind_transceiver")
            assert (await owner.gets(SessionClosed)).reason == "bind_timeout"
        async with running(session_init_s=0.3, tls=True) as (owner, smsc):
            await smsc.accepts()
            smsc.plain = True  # it reads and says nothing
            fields = await owner.logs("smpp.bind_failed")
            assert fields["status"] == f"TimeoutError at 127.0.0.1:{owner.esme.settings.port}"

    monkeypatch.setattr(connections, "UNBIND_MAX_S", 0)
    played(conversation)


# ------------------------------------------------------------------------------------------------ pace
def test_a_bound_on_all_together():
    async def conversation():
        async with running(binds=2, rate_per_s=0.001, rate_burst=3) as (owner, smsc):
            esme = owner.esme
            await all_bound(owner, smsc, 2)
            for ref in range(3):
                assert (esme.free_slots, esme.held_back) == (3 - ref, False)
                esme.submit(ref, MESSAGE)
            assert (esme.free_slots, esme.held_back) == (0, True)

    played(conversation)


def test_a_word_when_there_is_room_again():
    async def conversation():
        async with running(rate_per_s=4, rate_burst=1) as (owner, smsc):
            esme = owner.esme
            await all_bound(owner, smsc, 1)
            woken = asyncio.Queue()
            esme._on_events = woken.put_nowait
            esme.submit("a", MESSAGE)
            async with asyncio.timeout(LIMIT_S):
                assert await woken.get() == []
            assert (esme.free_slots, esme.held_back) == (1, False)

    played(conversation)


def test_whoever_still_waits_for_a_token_is_not_woken_after_the_end():
    async def conversation():
        async with running(rate_per_s=0.001, rate_burst=1) as (owner, smsc):
            (link,) = (await all_bound(owner, smsc, 1))["transceiver"]
            owner.esme.submit("a", MESSAGE)
            link.says(answer(await link.hears("submit_sm")))
            await owner.gets(SubmitAnswered)
            assert owner.esme.held_back
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(owner.esme.stop(LIMIT_S))
                link.says(Pdu("unbind_resp", 0, (await link.hears("unbind")).sequence))
            await owner.gets(SessionClosed)
            async with asyncio.timeout(LIMIT_S):
                await link.hears(None)
            await asyncio.sleep(0)
            assert not owner.esme.held_back

    played(conversation)


def test_deliveries_are_refused_before_there_is_a_connection():
    async def conversation():
        async with running(**SLOW) as (owner, smsc):
            owner.esme.refuse_deliveries()
            (link,) = (await all_bound(owner, smsc, 1))["transceiver"]
            link.says(DELIVER)
            assert (await link.hears("deliver_sm_resp")).status == p.ESME_RMSGQFUL

    played(conversation)


def test_throttled_on_one_session_all_are_held_back(monkeypatch):
    monkeypatch.setattr(paces, "FLOOR_PER_S", 0.001)

    async def conversation():
        async with running(binds=2) as (owner, smsc):
            esme = owner.esme
            first, _ = (await all_bound(owner, smsc, 2))["transceiver"]
            esme.submit("a", MESSAGE)
            first.says(answer(await first.hears("submit_sm"), p.ESME_RTHROTTLED))
            assert (await owner.gets(SubmitAnswered)).status == p.ESME_RTHROTTLED
            assert (esme.free_slots, esme.held_back, esme.pace.slowed) == (0, True, True)
            assert esme.bound

    played(conversation)


def test_an_error_when_there_is_room_again_is_raised():
    async def conversation():
        async with asyncio.timeout(LIMIT_S), running(rate_per_s=0.001, rate_burst=1) as (owner, smsc):
            await all_bound(owner, smsc, 1)

            def broken(_events):
                raise LookupError("ours")

            owner.esme._on_events = broken
            owner.esme.submit("a", MESSAGE)
            owner.esme._on_pace()
            await asyncio.Future()

    with pytest.raises(ExceptionGroup) as caught:
        played(conversation)
    assert caught.group_contains(LookupError, match="ours")


def test_nobody_is_woken_when_nothing_can_be_sent():
    async def conversation():
        async with running(rate_per_s=0.001, rate_burst=1, **SLOW) as (owner, smsc):
            (link,) = (await all_bound(owner, smsc, 1))["transceiver"]
            esme = owner.esme
            esme.submit("a", MESSAGE)
            link.transport.abort()
            await owner.gets(SubmitUnanswered)
            await owner.gets(SessionClosed)
            assert esme.held_back
            esme._on_events = None  # who calls it fails
            esme._on_pace()
            assert not esme.held_back

    played(conversation)
