"""Store and forward in virtual time: handsets that are off, full, far away or out of coverage, and who hears of it."""

from datetime import timedelta

import pytest

from simulator.commands import Status
from simulator.messages import State, smpp_time
from simulator.pdu import Address, tlv
from simulator.reach import CONDITIONS, RETRIES, Reach, retry_after

NUMBER = "31610000001"
HANDSET = "+31610000001"
SET_DPF = tlv("set_dpf", 1)


class Handsets(dict):
    """How each handset can be reached; on when nothing was said."""

    def __missing__(self, number):
        return Reach.ON


@pytest.fixture
def played(bench, run):
    """Plays a story with an SMSC whose receipts come at once, the handsets and what they got."""

    def _played(story, **options):
        async def whole():
            handsets, got = Handsets(), []
            settings = {"receipt_delay_s": 0}
            async with bench(
                reach=handsets.__getitem__, on_delivered=got.append, settings=settings, **options
            ) as world:
                await story(world, handsets, got)

        run(whole())

    return _played


async def said(peer):
    """What the SMSC sends before it answers another request."""
    sequence, found = peer.send("enquire_link"), []
    while (pdu := await peer.read()).command != "enquire_link_resp" or pdu.sequence != sequence:
        found.append(pdu)
    return found


def texts(got):
    return [message.submit.payload for message in got]


# --- what waits, and for what


@pytest.mark.parametrize("reach", [Reach.OFF, Reach.FULL])
def test_a_handset_that_is_back_gets_what_was_kept_in_order(played, reach):
    async def story(world, handsets, got):
        handsets[HANDSET] = reach
        peer = await world.bound()
        for text in (b"one", b"two", b"three"):
            assert (await peer.submit(text, registered_delivery=0)).status == Status.ROK
        world.play(world.clock.now() + timedelta(hours=1))
        assert got == []
        world.smsc.centre.reachable_again(HANDSET)  # somebody said so, but it is not true
        assert got == []
        handsets[HANDSET] = Reach.ON
        world.smsc.centre.reachable_again(HANDSET)
        assert texts(got) == [b"one", b"two", b"three"]
        assert world.smsc.agenda.next_due is None  # nothing is left of what they waited for

    played(story)


def test_a_message_to_a_foreign_network_takes_its_time(played):
    async def story(world, handsets, got):
        handsets[HANDSET] = Reach.ROAMING
        peer = await world.bound()
        await peer.submit(b"far")
        assert got == []
        began = world.clock.now()
        world.play()
        assert (texts(got), world.clock.now() - began) == ([b"far"], timedelta(seconds=30))
        assert b"stat:DELIVRD" in (await peer.read()).octets()

    played(story)


def test_a_handset_that_is_switched_off_meanwhile_is_tried_when_it_is_on(played):
    async def story(world, handsets, got):
        handsets[HANDSET] = Reach.ROAMING
        peer = await world.bound()
        await peer.submit(b"far")
        handsets[HANDSET] = Reach.OFF
        world.play()
        assert got == []
        handsets[HANDSET] = Reach.ON
        world.smsc.centre.reachable_again(HANDSET)
        assert texts(got) == [b"far"]

    played(story)


def test_out_of_coverage_is_found_again_by_a_retry_and_no_sooner(played):
    async def story(world, handsets, got):
        handsets[HANDSET] = Reach.DETACHED
        peer = await world.bound()
        began = world.clock.now()
        await peer.submit(b"lost")
        seen = []
        while world.clock.now() - began < timedelta(hours=8):
            world.play()
            seen.append(world.clock.now() - began)
        expected = [sum(RETRIES[: n + 1], timedelta(0)) for n in range(len(seen))]
        assert seen == expected[:6] + seen[6:]
        handsets[HANDSET] = Reach.ON
        assert got == []
        world.play()
        assert texts(got) == [b"lost"]

    played(story)


def test_a_handset_that_is_found_by_a_new_text_gets_the_older_ones_first(played):
    async def story(world, handsets, got):
        handsets[HANDSET] = Reach.DETACHED
        peer = await world.bound()
        later = smpp_time(world.clock.now() + timedelta(hours=9))
        await peer.submit(b"for tonight", schedule_delivery_time=later, registered_delivery=0)
        for text in (b"one", b"two"):
            await peer.submit(text, registered_delivery=0)
        handsets[HANDSET] = Reach.ON
        await peer.submit(b"three", registered_delivery=0)
        assert texts(got) == [b"one", b"two", b"three"]
        world.play()
        assert texts(got)[3:] == [b"for tonight"]
        handsets[HANDSET] = Reach.ROAMING
        await peer.submit(b"far", registered_delivery=0)
        handsets[HANDSET] = Reach.ON
        await peer.submit(b"near", registered_delivery=0)
        assert texts(got)[4:] == [b"far", b"near"]
        handsets[HANDSET] = Reach.DETACHED
        for text in (b"five", b"six"):
            await peer.submit(text, registered_delivery=0)
        handsets[HANDSET] = Reach.ON
        world.play()  # the retry of one of them finds it for both
        assert texts(got)[6:] == [b"five", b"six"]

    played(story)


def test_retries_grow_and_then_stay():
    assert [retry_after(n) for n in range(1, len(RETRIES) + 1)] == list(RETRIES)
    assert retry_after(100) == RETRIES[-1]
    assert set(CONDITIONS) == set(Reach)


def test_what_is_kept_too_long_expires_with_the_networks_reason(played):
    async def story(world, handsets, got):
        handsets[HANDSET] = Reach.FULL
        peer = await world.bound()
        message_id = (await peer.submit(validity_period="000000040000000R")).text("message_id")
        world.play()
        receipt = await peer.read()
        assert b"stat:EXPIRED err:032" in receipt.octets()
        assert receipt.tlv("network_error_code") == b"\x03\x00\x20"
        answer = await peer.ask("query_sm", message_id=message_id, source_addr="1330")
        assert (answer.integer("message_state"), answer.integer("error_code")) == (State.EXPIRED, 32)
        assert got == []

    played(story)


def test_a_data_sm_lives_as_long_as_it_says(played):
    async def story(world, handsets, _):
        handsets[HANDSET] = Reach.OFF
        peer = await world.bound()
        tlvs = (tlv("message_payload", b"x"), tlv("qos_time_to_live", 90))
        await peer.ask("data_sm", destination_addr=NUMBER, registered_delivery=1, tlvs=tlvs)
        began = world.clock.now()
        world.play()
        assert world.clock.now() - began == timedelta(seconds=90)
        assert b"stat:EXPIRED" in (await peer.read()).octets()

    played(story)


def test_an_absolute_validity_and_a_later_hour(played):
    async def story(world, _, got):
        peer = await world.bound()
        now = world.clock.now()
        await peer.submit(
            schedule_delivery_time=smpp_time(now + timedelta(hours=1)),
            validity_period=smpp_time(now + timedelta(hours=2)),
        )
        world.play()
        assert (len(got), world.clock.now() - now) == (1, timedelta(hours=1))

    played(story)


@pytest.mark.parametrize(
    ("schedule", "validity", "status"),
    [
        (-1, None, Status.RINVSCHED),
        (None, -1, Status.RINVEXPIRY),
        (None, 0, Status.RINVEXPIRY),
        (2, 1, Status.RINVEXPIRY),
        (2, 2, Status.RINVEXPIRY),
        (0, 1, Status.ROK),
    ],
)
def test_a_time_that_is_over_is_refused(played, schedule, validity, status):
    async def story(world, *_):
        def at(hours):
            return "" if hours is None else smpp_time(world.clock.now() + timedelta(hours=hours))

        peer = await world.bound()
        answer = await peer.submit(schedule_delivery_time=at(schedule), validity_period=at(validity))
        assert answer.status == status

    played(story)


def test_a_full_waiting_room_is_a_full_queue(played, monkeypatch):
    monkeypatch.setattr("simulator.centre.WAITING_MAX", 2)

    async def story(world, handsets, _):
        handsets[HANDSET] = Reach.OFF
        peer = await world.bound()
        assert [(await peer.submit()).status for _ in range(3)] == [Status.ROK, Status.ROK, Status.RMSGQFUL]
        assert (await peer.submit(number="31610000002")).status == Status.ROK

    played(story)


# --- registered_delivery


@pytest.mark.parametrize(
    ("asked", "delivered", "failed"),
    [(0, 0, 0), (1, 1, 1), (2, 0, 1), (0x10, 0, 1), (0x11, 1, 2), (0x12, 0, 2)],
)
def test_who_hears_of_what(played, asked, delivered, failed):
    """A receipt for every outcome, for failures only; an intermediate notice of the first attempt that fails."""

    async def story(world, handsets, _):
        peer = await world.bound()
        await peer.submit(registered_delivery=asked)
        assert len(await said(peer)) == delivered
        handsets[HANDSET] = Reach.OFF
        await peer.submit(registered_delivery=asked, validity_period="000000010000000R")
        world.play()
        assert len(await said(peer)) == failed

    played(story)


def test_success_only_is_for_who_speaks_5_0(played):
    async def story(world, handsets, _):
        old, new = await world.bound(), await world.bound(system_id="other", password="word", version=0x50)
        assert (await old.submit(registered_delivery=3)).status == Status.RINVREGDLVFLG
        assert (await new.submit(registered_delivery=3)).status == Status.ROK
        assert b"stat:DELIVRD" in (await new.read()).octets()
        handsets[HANDSET] = Reach.OFF
        assert (await new.submit(registered_delivery=3, validity_period="000000010000000R")).status == Status.ROK
        world.play()
        assert world.smsc.counters.receipts_out == 1

    played(story)


def test_an_intermediate_notice_comes_once(played):
    async def story(world, handsets, _):
        handsets[HANDSET] = Reach.DETACHED
        peer = await world.bound()
        await peer.submit(registered_delivery=0x10)
        notice = await peer.read()
        assert (notice.integer("esm_class"), notice.tlv("message_state")) == (0x20, b"\x01")
        assert b"stat:ENROUTE err:027" in notice.octets()
        for _ in range(3):
            world.play()
        assert world.smsc.counters.receipts_out == 1

    played(story)


# --- one attempt: datagram and transaction mode


@pytest.mark.parametrize("command", ["submit_sm", "data_sm"])
@pytest.mark.parametrize(("mode", "lost"), [(1, Status.ROK), (2, Status.RDELIVERYFAILURE)])
def test_what_is_not_stored_has_one_attempt(played, command, mode, lost):
    async def story(world, handsets, got):
        peer = await world.bound()
        payload = (tlv("message_payload", b"now"),)
        more = {"tlvs": payload} if command == "data_sm" else {"short_message": b"now"}

        async def send():
            return await peer.ask(
                command, source_addr="1330", destination_addr=NUMBER, esm_class=mode, registered_delivery=1, **more
            )

        assert (await send()).status == Status.ROK
        handsets[HANDSET] = Reach.ROAMING
        assert (await send()).status == Status.ROK
        assert texts(got) == [b"now", b"now"]
        handsets[HANDSET] = Reach.OFF
        answer = await send()
        assert answer.status == lost
        if command == "data_sm":
            reason = answer.tlv("delivery_failure_reason")
            expected = (b"\0", b"\x03\x00\x1b") if mode == 2 else (None, None)
            assert (reason, answer.tlv("network_error_code")) == expected
        handsets[HANDSET] = Reach.ON
        world.smsc.centre.reachable_again(HANDSET)
        assert len(got) == 2
        assert world.smsc.counters.receipts_out == 0
        later = smpp_time(world.clock.now() + timedelta(hours=1))
        assert (await peer.submit(esm_class=mode, schedule_delivery_time=later)).status == Status.RINVSCHED

    played(story)


# --- set_dpf and alert_notification


@pytest.mark.parametrize("command", ["submit_sm", "data_sm"])
def test_an_esme_that_asked_hears_when_the_handset_is_back(played, command):
    async def story(world, handsets, got):
        handsets[HANDSET] = Reach.OFF
        peer = await world.bound()
        sent = {"source_addr_ton": 3, "source_addr": "1330", "destination_addr": NUMBER}
        if command == "data_sm":
            answer = await peer.ask("data_sm", tlvs=(tlv("message_payload", b"push"), SET_DPF), **sent)
            assert answer.tlv("dpf_result") == b"\x01"
        else:
            await peer.ask("submit_sm", short_message=b"push", tlvs=(SET_DPF,), **sent)
        handsets[HANDSET] = Reach.ON
        world.smsc.centre.reachable_again(HANDSET)
        alert = await peer.read()
        assert alert.command == "alert_notification"
        assert (alert.text("source_addr"), alert.integer("source_addr_ton")) == (NUMBER, 1)
        assert (alert.text("esme_addr"), alert.integer("esme_addr_ton")) == ("1330", 3)
        assert alert.tlv("ms_availability_status") == b"\0"
        assert texts(got) == [b"push"]
        world.smsc.centre.reachable_again(HANDSET)
        assert (await peer.ask("enquire_link")).command == "enquire_link_resp"

    played(story)


def test_no_flag_is_set_for_a_handset_that_is_there(played):
    async def story(world, *_):
        peer = await world.bound()
        payload = tlv("message_payload", b"push")
        answer = await peer.ask("data_sm", destination_addr=NUMBER, tlvs=(payload, SET_DPF))
        assert (answer.status, answer.tlv("dpf_result")) == (Status.ROK, b"\0")
        answer = await peer.ask("data_sm", destination_addr=NUMBER, tlvs=(payload, tlv("set_dpf", 0)))
        assert answer.tlv("dpf_result") is None

    played(story)


def test_a_flag_is_kept_until_somebody_who_may_hear_it_is_bound(played):
    async def story(world, handsets, _):
        handsets[HANDSET] = Reach.DETACHED
        sender = await world.bound("bind_transmitter")
        await sender.ask("submit_sm", destination_addr=NUMBER, tlvs=(SET_DPF,))
        await world.bound("bind_receiver", version=0x33)
        await world.bound(system_id="other", password="word")
        handsets[HANDSET] = Reach.ON
        world.play()  # found by a retry
        receiver = await world.bound("bind_receiver")
        assert (await receiver.read()).command == "alert_notification"
        again = await world.bound("bind_receiver")
        assert (await again.ask("enquire_link")).command == "enquire_link_resp"

    played(story)


def test_what_can_be_told_to_nobody_is_kept_up_to_a_bound(played, monkeypatch):
    monkeypatch.setattr("simulator.alerts.ALERTS_MAX", 1)

    async def story(world, handsets, _):
        peer = await world.bound("bind_transmitter")
        for number in (NUMBER, "31610000002"):
            handsets["+" + number] = Reach.OFF
            await peer.ask("submit_sm", destination_addr=number, tlvs=(SET_DPF,))
            handsets["+" + number] = Reach.ON
            world.smsc.centre.reachable_again("+" + number)
        receiver = await world.bound("bind_receiver")
        assert [pdu.text("source_addr") for pdu in await said(receiver)] == [NUMBER]

    played(story)


def test_more_flags_than_fit_are_not_promised(played, monkeypatch):
    monkeypatch.setattr("simulator.alerts.ALERTS_MAX", 1)

    async def story(world, handsets, _):
        peer = await world.bound("bind_transmitter")
        results = []
        for number in (NUMBER, "31610000002", NUMBER):
            handsets["+" + number] = Reach.OFF
            tlvs = (tlv("message_payload", b"push"), SET_DPF)
            results.append((await peer.ask("data_sm", destination_addr=number, tlvs=tlvs)).tlv("dpf_result"))
        assert results == [b"\x01", b"\0", b"\x01"]
        handsets.clear()
        for number in ("+" + NUMBER, "+31610000002"):
            world.smsc.centre.reachable_again(number)
        receiver = await world.bound("bind_receiver")
        assert (await receiver.read()).command == "alert_notification"
        assert (await receiver.ask("enquire_link")).command == "enquire_link_resp"

    played(story)


# --- changes of what waits


def test_a_newer_time_goes_for_the_message_that_waits(played):
    async def story(world, handsets, got):
        handsets[HANDSET] = Reach.OFF
        peer = await world.bound()
        message_id = (await peer.submit(b"old", validity_period="000000010000000R")).text("message_id")
        key = {"message_id": message_id, "source_addr": "1330"}
        answer = await peer.ask("replace_sm", short_message=b"new", validity_period="000000050000000R", **key)
        assert answer.status == Status.ROK
        world.play(world.clock.now() + timedelta(hours=2))
        handsets[HANDSET] = Reach.ON
        world.smsc.centre.reachable_again(HANDSET)
        assert texts(got) == [b"new"]

    played(story)


@pytest.mark.parametrize("how", ["query_sm", "cancel_sm", "replace_sm", "by address", "newer"])
def test_no_account_touches_another_ones_message(played, how):
    async def story(world, handsets, _):
        handsets[HANDSET] = Reach.OFF
        mine, other = await world.bound(), await world.bound(system_id="other", password="word")
        message_id = (await mine.submit(registered_delivery=0)).text("message_id")
        if how == "newer":
            await other.submit(replace_if_present_flag=1)
        elif how == "by address":
            assert (await other.ask("cancel_sm", source_addr="1330", destination_addr=NUMBER)).status == 0x11
        else:
            answer = await other.ask(how, message_id=message_id, source_addr="1330")
            assert answer.status in (Status.RQUERYFAIL, Status.RCANCELFAIL, Status.RREPLACEFAIL)
        answer = await mine.ask("query_sm", message_id=message_id, source_addr="1330")
        assert answer.integer("message_state") == State.ENROUTE

    played(story)


def test_one_id_cancels_all_of_a_submit_multi(played):
    async def story(world, handsets, got):
        numbers = [NUMBER, "31610000002", "31610000003"]
        for number in numbers[:2]:
            handsets["+" + number] = Reach.OFF
        peer = await world.bound()
        dests = tuple(Address(number, 1, 1) for number in numbers)
        answer = await peer.ask("submit_multi", source_addr="1330", dest_address=dests, short_message=b"hi")
        assert len(got) == 1
        key = {"message_id": answer.text("message_id"), "source_addr": "1330"}
        assert (await peer.ask("cancel_sm", **key)).status == Status.ROK
        assert list(world.smsc.centre.waiting()) == []
        assert (await peer.ask("cancel_sm", **key)).status == Status.RCANCELFAIL

    played(story)
