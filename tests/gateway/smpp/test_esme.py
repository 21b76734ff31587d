"""The pump over real loopback sockets against a scripted SMSC. Every wait is for something that happens."""

import asyncio
import random
import ssl
import struct

import pytest

from gateway.smpp import connection as module
from gateway.smpp import link as link_module
from gateway.smpp import pdu as p
from gateway.smpp.esme import Esme
from gateway.smpp.frames import read, split_frames, write
from gateway.smpp.pdu import MessageId, Pdu, tlv
from gateway.smpp.session import SmppSettings
from gateway.smpp.session_events import (
    BindRefused,
    Bound,
    DeliveryReceived,
    DeliveryRefused,
    PeerUnbound,
    SessionClosed,
    SubmitAnswered,
    SubmitUnanswered,
)
from tests.gateway.smpp.scripted import DELIVER, LIMIT_S, MESSAGE, RECEIPT, Owner, Smsc, bound, played, running, turns


# ------------------------------------------------------------------------------------------------ talking
def test_mo_answer_submit_receipt():
    async def conversation():
        async with running(system_id="gw", password="geheim") as (owner, smsc):
            esme = owner.esme
            assert (esme.bound, esme.free_slots) == (False, 0)
            link = await smsc.accepts()
            # the first text comes in the same octets as the answer to the bind
            await link.binds(DELIVER)
            await owner.gets(Bound)
            assert (esme.bound, esme.free_slots) == (True, 8)
            delivery = await owner.gets(DeliveryReceived)
            assert delivery.pdu == DELIVER
            assert esme.answer(delivery.token, 0) is True
            assert await link.hears("deliver_sm_resp") == Pdu("deliver_sm_resp", 0, 501, MessageId())
            esme.submit("row", MESSAGE, (tlv("user_message_reference", 7),))
            submit = await link.hears("submit_sm")
            assert (submit.body, submit.tlv("user_message_reference")) == (MESSAGE, 7)
            link.says(Pdu("submit_sm_resp", 0, submit.sequence, MessageId("1")), RECEIPT)
            answered = await owner.gets(SubmitAnswered)
            assert (answered.ref, answered.message_id) == ("row", "1")
            await owner.gets(DeliveryReceived)
            counters = esme.counters
            assert (counters.mo_in, counters.receipts_in, counters.deliveries_in) == (1, 1, 2)
            assert (counters.submits_out, counters.rejected_in) == (1, 0)
            fields = await owner.logs("smpp.bound")
            assert (fields["system_id"], fields["bind_type"], fields["version"]) == ("SMSC", "transceiver", None)
            assert "geheim" not in repr(fields)

    played(conversation)


def test_octet_by_octet():
    async def conversation():
        async with bound() as (owner, _, link):
            for octet in write(DELIVER) + write(RECEIPT):
                link.transport.write(bytes([octet]))
                await asyncio.sleep(0)
            assert [(await owner.gets(DeliveryReceived)).pdu for _ in range(2)] == [DELIVER, RECEIPT]

    played(conversation)


def test_what_is_said_in_one_turn_goes_in_one_write():
    async def conversation():
        async with bound() as (owner, _, link):
            link.says(DELIVER, DELIVER)
            tokens = [(await owner.gets(DeliveryReceived)).token for _ in range(2)]
            transport = owner.connection.link._transport
            written = []
            transport.write = written.append
            for ref in range(3):
                owner.esme.submit(ref, MESSAGE)
            for token in tokens:
                owner.esme.answer(token, 0)
            await turns(2)
            frames, _ = split_frames(bytearray(written[0]))
            assert [read(frame).command for frame in frames] == ["submit_sm"] * 3 + ["deliver_sm_resp"] * 2
            assert len(written) == 1

    played(conversation)


def test_what_the_events_lead_to_goes_in_the_write_of_that_read():
    async def conversation():
        async with bound() as (owner, _, link):
            transport = owner.connection.link._transport
            written = []
            transport.write = written.append

            def told(events):
                for event in events:
                    owner.esme.answer(event.token, 0)
                    owner.esme.submit("reply", MESSAGE)
                owner.told(events)

            owner.esme._on_events = told
            link.says(DELIVER, RECEIPT)
            await owner.gets(DeliveryReceived)
            await owner.gets(DeliveryReceived)
            await turns(2)
            assert len(written) == 1
            assert len(split_frames(bytearray(written[0]))[0]) == 4

    played(conversation)


def test_what_does_not_fit_or_has_no_slot_is_refused():
    async def conversation():
        async with bound(window=1) as (owner, _, _link):
            with pytest.raises(ValueError, match=r"submit_sm.short_message: found 255"):
                owner.esme.submit("a", MESSAGE._replace(short_message=bytes(255)))
            owner.esme.submit("b", MESSAGE)
            with pytest.raises(RuntimeError, match="found 0 free slots"):
                owner.esme.submit("c", MESSAGE)
            assert owner.esme.counters.submits_out == 1

    played(conversation)


def test_without_a_connection_nothing_is_submitted():
    async def conversation():
        with pytest.raises(RuntimeError, match="found no session that sends"):
            Owner().esme.submit("a", MESSAGE)

    played(conversation)


# ------------------------------------------------------------------------------------------------ coming back
def test_a_lost_connection_is_told_and_made_again():
    async def conversation():
        async with bound() as (owner, smsc, link):
            link.says(DELIVER)
            old = (await owner.gets(DeliveryReceived)).token
            owner.esme.submit("row", MESSAGE)
            await link.hears("submit_sm")
            link.transport.abort()
            assert (await owner.gets(SubmitUnanswered)).ref == "row"
            closed = await owner.gets(SessionClosed)
            assert closed.unanswered == 1
            fields = await owner.logs("smpp.unbound")
            assert (fields["reason"], fields["unanswered"]) == (closed.reason, 1)
            assert owner.esme.free_slots == 0
            second = await smsc.accepts()
            await second.binds(DELIVER)
            await owner.gets(Bound)
            new = (await owner.gets(DeliveryReceived)).token
            # an answer to the delivery of the old session goes nowhere
            assert owner.esme.answer(old, 0) is False
            assert owner.esme.answer(new, 0) is True
            await second.hears("deliver_sm_resp")
            assert second.heard.empty()

    played(conversation)


def test_the_smsc_unbinds_and_is_bound_again():
    async def conversation():
        async with bound() as (owner, smsc, link):
            link.says(Pdu("unbind", 0, 9))
            await owner.gets(PeerUnbound)
            assert (await owner.gets(SessionClosed)).reason == "peer_unbound"
            await link.hears("unbind_resp")
            await link.hears(None)
            await (await smsc.accepts()).binds()
            await owner.gets(Bound)

    played(conversation)


@pytest.mark.parametrize("status", [0x0E, 0x0D, 0x58, 0x4FF])
def test_a_refused_bind_is_told_and_tried_again(status):
    async def conversation():
        async with running(reconnect_min_s=0.001, reconnect_max_s=0.002) as (owner, smsc):
            for attempt in (1, 2, 3):
                link = await smsc.accepts()
                bind = await link.hears("bind_transceiver")
                link.says(Pdu("bind_transceiver_resp", status, bind.sequence))
                assert await owner.gets(BindRefused) == BindRefused(status)
                await owner.gets(SessionClosed)
                await link.hears(None)
                fields = await owner.logs("smpp.bind_failed")
                assert (fields["status"], fields["attempt"]) == (p.status_name(status), attempt)
            await (await smsc.accepts()).binds()
            await owner.gets(Bound)
            assert (await owner.logs("smpp.bound"))["bind_type"] == "transceiver"

    played(conversation)


def test_nobody_listens_yet():
    async def conversation():
        smsc = Smsc()
        port = await smsc.listen()
        smsc.server.close()
        await smsc.server.wait_closed()
        owner = Owner(port=port)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(owner.esme.run())
            fields = await owner.logs("smpp.bind_failed")
            assert fields["status"] == f"ConnectionRefusedError at 127.0.0.1:{port}"
            assert owner.events.empty()
            await smsc.listen(port)
            link = await smsc.accepts()
            await link.binds()
            await owner.gets(Bound)
            smsc.server.close()
            link.transport.abort()
            await owner.gets(SessionClosed)
            await owner.esme.stop(0)

    played(conversation)


def test_no_answer_to_the_bind():
    async def conversation():
        async with running(response_timeout_s=0.02) as (owner, smsc):
            link = await smsc.accepts()
            await link.hears("bind_transceiver")
            assert (await owner.gets(SessionClosed)).reason == "bind_timeout"
            await link.hears(None)
            assert (await owner.logs("smpp.bind_failed"))["status"] == "bind_timeout"

    played(conversation)


def test_a_submit_without_an_answer_is_told_by_the_timer():
    async def conversation():
        async with bound(response_timeout_s=0.02, enquire_link_s=1000) as (owner, _, link):
            owner.esme.submit("a", MESSAGE)
            await link.hears("submit_sm")
            assert await owner.gets(SubmitUnanswered) == SubmitUnanswered("a", "response_timeout")
            assert owner.esme.bound
            assert owner.esme.free_slots == 8

    played(conversation)


def test_a_half_open_link_is_left_for_a_new_one():
    async def conversation():
        async with bound(response_timeout_s=0.02, enquire_link_s=0.02) as (owner, smsc, link):
            asked = await link.hears("enquire_link")
            link.says(Pdu("enquire_link_resp", 0, asked.sequence))
            await link.hears("enquire_link")
            assert (await owner.gets(SessionClosed)).reason == "link_dead"
            await link.hears(None)
            assert (await owner.logs("smpp.link_lost"))["last_pdu_s"] > 0
            assert (await owner.logs("smpp.unbound"))["reason"] == "link_dead"
            await (await smsc.accepts()).hears("bind_transceiver")

    played(conversation)


@pytest.mark.parametrize("length", [0, 8, 15, 2**32 - 1])
def test_lost_alignment_costs_the_connection_only(length):
    async def conversation():
        async with bound() as (owner, smsc, link):
            link.transport.write(struct.pack(">LLLL", length, 5, 0, 9))
            assert (await link.hears("generic_nack")).status == p.ESME_RINVCMDLEN
            assert (await owner.logs("smpp.pdu_rejected"))["why"].startswith(f"command_length: found {length}")
            assert (await owner.logs("smpp.unbound"))["reason"] == "alignment_lost"
            await (await smsc.accepts()).binds()
            assert owner.esme.counters.rejected_in == 1

    played(conversation)


def test_a_delivery_that_cannot_be_read_is_counted_and_the_session_goes_on():
    async def conversation():
        async with bound() as (owner, _, link):
            link.transport.write(struct.pack(">LLLL", 19, 5, 0, 9) + b"abc" + write(DELIVER))
            assert (await link.hears("deliver_sm_resp")).status == p.ESME_RINVMSGLEN
            fields = await owner.logs("smpp.pdu_rejected")
            assert (fields["command"], fields["bytes"]) == ("deliver_sm", 19)
            assert (owner.esme.counters.mo_in, owner.esme.counters.rejected_in) == (2, 1)

    played(conversation)


def test_a_fault_inside_the_session_costs_the_connection_only():
    async def conversation():
        async with bound() as (owner, smsc, link):

            def broken(_data, _now):
                raise ZeroDivisionError

            owner.connection.link.session.receive_bytes = broken
            link.says(DELIVER)
            assert (await owner.gets(SessionClosed)).reason == "session_failed"
            assert (await owner.logs("smpp.pdu_rejected"))["why"] == "ZeroDivisionError while reading"
            await (await smsc.accepts()).binds()
            await owner.gets(Bound)

    played(conversation)


def test_a_peer_that_never_reads_loses_the_connection(monkeypatch):
    async def conversation():
        async with bound() as (owner, smsc, link):
            monkeypatch.setattr(link_module, "WRITE_BUFFER_MAX_BYTES", -1)
            owner.esme.submit("a", MESSAGE)
            assert await owner.gets(SubmitUnanswered) == SubmitUnanswered("a", "peer_not_reading")
            await owner.gets(SessionClosed)
            await link.hears("submit_sm")
            await link.hears(None)
            await smsc.accepts()

    played(conversation)


def test_back_off_doubles_to_the_most_and_is_spread():
    settings = SmppSettings(reconnect_min_s=0.5, reconnect_max_s=30)
    esme = Esme(settings, lambda _: None, log=lambda *_, **__: None, rng=random.Random(7))
    (connection,) = esme.connections
    waits = {}
    for attempt in (1, 2, 3, 6, 7, 8, 5000):
        connection._attempt = attempt
        waits[attempt] = [connection._back_off_s() for _ in range(200)]
    bounds = {1: (0.5, 0.75), 2: (0.5, 1), 3: (1, 2), 6: (8, 16), 7: (15, 30), 8: (15, 30), 5000: (15, 30)}
    for attempt, (least, most) in bounds.items():
        assert least <= min(waits[attempt]) < max(waits[attempt]) <= most
        assert max(waits[attempt]) - min(waits[attempt]) > (most - least) * 0.9
    # where all are the same there is nothing to spread
    connection.settings = SmppSettings(reconnect_min_s=3, reconnect_max_s=3)
    assert connection._back_off_s() == 3


@pytest.mark.parametrize(("pause_s", "expected"), [(1000, [1, 2, 3]), (1e-9, [1, 1, 1])])
def test_who_is_thrown_out_at_once_knocks_ever_more_slowly(pause_s, expected):
    """A session that lived no longer than the pause before it is one more attempt, a longer one begins anew."""

    async def conversation():
        attempts = []
        async with running(reconnect_min_s=pause_s, reconnect_max_s=pause_s) as (owner, smsc):

            async def without_waiting(delay_s):
                assert delay_s == pause_s
                attempts.append(owner.connection._attempt)

            owner.connection._pause = without_waiting
            for _ in range(3):
                link = await smsc.accepts()
                await link.binds(Pdu("unbind", 0, 9))
                await link.hears("unbind_resp")
                await link.hears(None)
            await smsc.accepts()
        assert attempts == expected

    played(conversation)


# ------------------------------------------------------------------------------------------------ ending
def test_stop_waits_for_what_is_open_then_unbinds():
    async def conversation():
        async with bound() as (owner, _, link):
            esme = owner.esme
            link.says(DELIVER)
            token = (await owner.gets(DeliveryReceived)).token
            esme.submit("row", MESSAGE)
            submit = await link.hears("submit_sm")
            async with asyncio.TaskGroup() as tasks:
                stopping = tasks.create_task(esme.stop(LIMIT_S))
                await asyncio.sleep(0)
                assert esme.free_slots == 0
                link.says(DELIVER._replace(sequence=777))
                assert (await owner.gets(DeliveryRefused)).status == p.ESME_RMSGQFUL
                assert (await link.hears("deliver_sm_resp")).sequence == 777
                link.says(Pdu("submit_sm_resp", 0, submit.sequence, MessageId("1")))
                await owner.gets(SubmitAnswered)
                assert not stopping.done()
                assert esme.answer(token, 0)
                assert (await link.hears("deliver_sm_resp")).sequence == 501
                unbind = await link.hears("unbind")
                link.says(Pdu("unbind_resp", 0, unbind.sequence))
            assert (await owner.gets(SessionClosed)).reason == "unbound"
            await link.hears(None)
            assert esme.counters.mo_in == 2

    played(conversation)


@pytest.mark.parametrize(("timeout_s", "unbind_s"), [(0.02, 1000), (1000, 0.02)])
def test_stop_waits_no_longer_than_it_may(timeout_s, unbind_s, monkeypatch):
    monkeypatch.setattr(module, "UNBIND_MAX_S", unbind_s)

    async def conversation():
        async with bound(response_timeout_s=timeout_s) as (owner, _, link):
            owner.esme.submit("row", MESSAGE)
            await link.hears("submit_sm")
            await owner.esme.stop(0)  # and the SMSC does not answer the unbind either
            assert (await owner.gets(SubmitUnanswered)).ref == "row"
            assert (await owner.gets(SessionClosed)).reason == "unbound"

    played(conversation)


def test_stop_when_the_connection_goes_while_it_waits():
    async def conversation():
        async with bound() as (owner, _, link):
            owner.esme.submit("row", MESSAGE)
            await link.hears("submit_sm")
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(owner.esme.stop(LIMIT_S))
                await asyncio.sleep(0)
                link.transport.abort()
            await owner.gets(SubmitUnanswered)

    played(conversation)


def test_stop_before_the_bind_is_answered():
    async def conversation():
        async with running() as (owner, smsc):
            link = await smsc.accepts()
            await link.hears("bind_transceiver")
            await owner.esme.stop(LIMIT_S)
            assert (await owner.gets(SessionClosed)).reason == "unbound"
            await link.hears(None)

    played(conversation)


def test_stop_while_connecting(monkeypatch):
    async def conversation():
        reached = asyncio.Event()

        async def never(*_args, **_kwargs):
            reached.set()
            await asyncio.Future()

        monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", never)
        owner = Owner()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(owner.esme.run())
            await reached.wait()
            async with asyncio.timeout(LIMIT_S):
                await owner.esme.stop(LIMIT_S)
        assert owner.events.empty()

    played(conversation)


def test_stop_when_the_connection_stands_but_nobody_knows_yet(monkeypatch):
    """The loop has made the connection; `run` goes on after `stop` has asked."""

    async def conversation():
        smsc = Smsc()
        owner = Owner(port=await smsc.listen())
        loop = asyncio.get_running_loop()
        connect = loop.create_connection

        async def then_stops(*args, **kwargs):
            made = await connect(*args, **kwargs)
            owner.connection._stopping.set()
            return made

        monkeypatch.setattr(loop, "create_connection", then_stops)
        async with asyncio.timeout(LIMIT_S):
            await owner.esme.run()
        assert (await owner.gets(SessionClosed)).reason == "unbound"
        await (await smsc.accepts()).hears("bind_transceiver")
        smsc.server.close()
        await smsc.server.wait_closed()

    played(conversation)


def test_stop_during_the_back_off():
    async def conversation():
        smsc = Smsc()
        port = await smsc.listen()
        smsc.server.close()
        owner = Owner(port=port, reconnect_min_s=1000, reconnect_max_s=1000)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(owner.esme.run())
            await owner.logs("smpp.bind_failed")
            async with asyncio.timeout(LIMIT_S):
                await owner.esme.stop(0)

    played(conversation)


def test_stop_without_run_and_run_after_stop():
    async def conversation():
        owner = Owner()
        await owner.esme.stop(0)
        await owner.esme.run()
        assert owner.lines.empty()

    played(conversation)


# ------------------------------------------------------------------------------------------------ our own faults
def test_an_error_of_whoever_takes_the_events_is_raised():
    async def conversation():
        smsc = Smsc()
        owner = Owner(port=await smsc.listen())

        def broken(_events):
            raise LookupError("ours")

        owner.esme._on_events = broken

        async def both():
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(owner.esme.run())
                link = await smsc.accepts()
                await link.binds()
                await link.hears(None)

        with pytest.raises(ExceptionGroup) as caught:
            await both()
        smsc.server.close()
        await smsc.server.wait_closed()
        assert [type(error) for error in caught.value.exceptions] == [LookupError]

    played(conversation)


def test_an_error_after_the_end_is_nobodys():
    async def conversation():
        async with bound() as (owner, _, peer):
            link = owner.connection.link
            link.closed.cancel()
            link.fail(LookupError("too late"))
            await peer.hears(None)
            assert link.closed.cancelled()

    played(conversation)


def test_credentials_that_do_not_fit_are_raised():
    async def conversation():
        smsc = Smsc()
        owner = Owner(port=await smsc.listen(), password="ninechars")
        with pytest.raises(ValueError, match=r"^bind_transceiver.password: found 9 octets, allowed 8$"):
            await owner.esme.run()
        smsc.server.close()
        await smsc.server.wait_closed()

    played(conversation)


def test_tls_says_nothing_to_a_peer_without_it():
    async def conversation():
        Smsc.plain = False
        try:
            async with running(tls=True, password="geheim22") as (owner, smsc):
                assert owner.connection._tls.context().verify_mode is ssl.CERT_REQUIRED
                link = await smsc.accepts()
                await link.hears(None)
                assert link.chunks
                assert not any(b"geheim22" in chunk for chunk in link.chunks)
                assert (await owner.logs("smpp.bind_failed"))["status"].endswith(f":{owner.esme.settings.port}")
        finally:
            Smsc.plain = True

    played(conversation)
