"""The message centre over real sockets: values, message states, receipts, faults."""

from datetime import timedelta

import pytest

from simulator import alphabet
from simulator.commands import Status
from simulator.faults import Fault
from simulator.messages import State, smpp_time
from simulator.pdu import Address, Failure, tlv

NUMBER = "31610000001"
HANDSET = "+31610000001"


async def has_ended(peer):
    """Whether the other side closes or drops the line next."""
    try:
        return await peer.read() is None
    except ConnectionResetError:
        return True


# --- values of a submit_sm


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"registered_delivery": 3}, Status.RINVREGDLVFLG),
        ({"registered_delivery": 0x20}, Status.RINVREGDLVFLG),
        ({"destination_addr": ""}, Status.RINVDSTADR),
        ({"destination_addr": "KPN"}, Status.RINVDSTADR),
        ({"priority_flag": 4}, Status.RINVPRTFLG),
        ({"esm_class": 0x04}, Status.RINVESMCLASS),
        ({"esm_class": 0x40, "short_message": b"\x09short"}, Status.RINVESMCLASS),
        ({"tlvs": (tlv("message_payload", b"x"),)}, Status.ROPTPARNOTALLWD),
        ({"validity_period": "261102090000000!"}, Status.RINVEXPIRY),
        ({"schedule_delivery_time": "26110209000000xR"}, Status.RINVSCHED),
        ({"validity_period": "000000040000000R", "priority_flag": 3}, Status.ROK),
        ({"tlvs": ((0x1401, b"vendor"),)}, Status.ROK),
    ],
)
def test_wrong_values_have_their_own_status(bench, run, fields, status):
    async def story():
        async with bench() as world:
            peer = await world.bound()
            assert (await peer.submit(**fields)).status == status

    run(story())


# --- states


def test_a_message_is_delivered_and_queried(bench, run):
    async def story():
        got = []
        async with bench(on_delivered=got.append) as world:
            peer = await world.bound()
            message_id = (await peer.submit(b"hi")).text("message_id")
            assert [(m.number, m.source, m.submit.short_message) for m in got] == [(HANDSET, "1330", b"hi")]
            answer = await peer.ask("query_sm", message_id=message_id, source_addr="1330")
            assert answer.integer("message_state") == State.DELIVERED
            assert answer.text("final_date") == "261102080000000+"
            for wrong in ({"message_id": message_id}, {"message_id": "FF", "source_addr": "1330"}):
                assert (await peer.ask("query_sm", **wrong)).status == Status.RQUERYFAIL

    run(story())


def test_a_waiting_message_is_replaced_then_delivered_when_the_handset_is_back(bench, run):
    async def story():
        got, off = [], {HANDSET}
        async with bench(on_delivered=got.append, is_reachable=lambda n: n not in off) as world:
            peer = await world.bound()
            message_id = (await peer.submit(b"old")).text("message_id")
            key = {"message_id": message_id, "source_addr": "1330"}
            assert (await peer.ask("query_sm", **key)).integer("message_state") == State.ENROUTE
            bad = await peer.ask("replace_sm", validity_period="x" * 16, **key)
            assert bad.status == Status.RINVEXPIRY
            answer = await peer.ask("replace_sm", short_message=b"new", registered_delivery=1, **key)
            assert (answer.status, got) == (Status.ROK, [])
            off.clear()
            world.smsc.centre.reachable_again(HANDSET)
            assert [m.submit.short_message for m in got] == [b"new"]
            assert (await peer.ask("replace_sm", **key)).status == Status.RREPLACEFAIL
            assert (await peer.ask("cancel_sm", **key)).status == Status.RCANCELFAIL

    run(story())


@pytest.mark.parametrize("by_id", [True, False])
def test_a_waiting_message_is_cancelled(bench, run, by_id):
    async def story():
        async with bench(is_reachable=lambda _: False, settings={"receipt_delay_s": 0}) as world:
            peer = await world.bound()
            message_id = (await peer.submit(b"old", service_type="CMT")).text("message_id")
            key = {"message_id": message_id} if by_id else {"destination_addr": NUMBER, "service_type": "CMT"}
            wrong = {**key, "source_addr": "9999"}
            assert (await peer.ask("cancel_sm", **wrong)).status == Status.RCANCELFAIL
            peer.send("cancel_sm", source_addr="1330", **key)
            assert {(await peer.read()).command, (await peer.read()).command} == {"cancel_sm_resp", "deliver_sm"}
            answer = await peer.ask("query_sm", message_id=message_id, source_addr="1330")
            assert answer.integer("message_state") == State.DELETED

    run(story())


def test_a_newer_message_takes_the_place_of_one_that_waits(bench, run):
    async def story():
        async with bench(is_reachable=lambda _: False) as world:
            peer = await world.bound()
            old = (await peer.submit(registered_delivery=0)).text("message_id")
            await peer.submit(replace_if_present_flag=1)
            assert world.smsc.centre.messages.find(old, "1330").state is State.DELETED

    run(story())


def test_validity_and_schedule_run_on_the_business_clock(bench, run):
    async def story():
        got = []
        async with bench(on_delivered=got.append, is_reachable=lambda n: n == HANDSET) as world:
            peer = await world.bound()
            later = smpp_time(world.clock.now() + timedelta(hours=2))
            scheduled = await peer.submit(schedule_delivery_time=later)
            expiring = await peer.submit(number="31610000009", validity_period="000000040000000R")
            assert got == []
            for hours, states in ((1, "ee"), (2, "de"), (4, "dx")):
                world.clock.set(world.clock.now().replace(hour=9 + hours))
                world.smsc.agenda.play()
                find = world.smsc.centre.messages.find
                found = [find(m.text("message_id"), "1330").state for m in (scheduled, expiring)]
                words = {"e": State.ENROUTE, "d": State.DELIVERED, "x": State.EXPIRED}
                assert found == [words[letter] for letter in states]

    run(story())


def test_submit_multi_says_which_destinations_failed(bench, run):
    async def story():
        got = []
        async with bench(on_delivered=got.append) as world:
            peer = await world.bound()
            to = (Address(NUMBER, 1, 1), Address("nobody"), Address("31610000002", 1, 1))
            answer = await peer.ask("submit_multi", dest_address=to, source_addr="1330", short_message=b"all")
            assert answer.fields["unsuccess_sme"] == (Failure("nobody", 0, 0, Status.RINVDSTADR),)
            assert [m.number for m in got] == [HANDSET, "+31610000002"]
            assert {m.message_id for m in got} == {answer.text("message_id")}
            answer = await peer.ask("submit_multi", dest_address=(Address("list", dl=True),))
            assert answer.status == Status.RINVDLNAME
            answer = await peer.ask("submit_multi", dest_address=(Address("nobody"),))
            assert answer.status == Status.RSUBMITFAIL

    run(story())


def test_data_sm_is_delivered_like_a_submit(bench, run):
    async def story():
        got = []
        async with bench(on_delivered=got.append) as world:
            peer = await world.bound()
            payload = (tlv("message_payload", b"hello"),)
            answer = await peer.ask("data_sm", destination_addr=NUMBER, tlvs=payload)
            assert (answer.status, got[0].submit.payload) == (Status.ROK, b"hello")
            answer = await peer.ask("data_sm", destination_addr="3" * 30, tlvs=payload)
            assert answer.status == Status.RINVDSTADR
            answer = await peer.ask("data_sm", source_addr="3" * 30, destination_addr=NUMBER, tlvs=payload)
            assert answer.status == Status.RINVSRCADR
            answer = await peer.ask("data_sm", destination_addr="abc", tlvs=payload)
            assert answer.status == Status.RINVDSTADR

    run(story())


# --- receipts


def test_a_receipt_comes_after_its_delay_with_text_and_tlvs(bench, run):
    async def story():
        async with bench() as world:
            peer = await world.bound()
            reference = tlv("user_message_reference", 77)
            text = "Hé { hallo, dit is meer dan twintig tekens".encode("utf-16-be")
            answer = await peer.submit(text, data_coding=8, tlvs=(reference,))
            message_id = answer.text("message_id")
            assert (await peer.ask("enquire_link")).command == "enquire_link_resp"
            assert world.smsc.counters.receipts_out == 0
            world.clock.set(world.smsc.agenda.next_due)
            world.smsc.agenda.play()
            receipt = await peer.read()
            assert (receipt.command, receipt.integer("esm_class")) == ("deliver_sm", 0x04)
            assert receipt.text("source_addr") == NUMBER
            assert receipt.text("destination_addr") == "1330"
            assert (receipt.integer("dest_addr_ton"), receipt.integer("source_addr_ton")) == (3, 1)
            assert receipt.tlv("receipted_message_id") == message_id.encode() + b"\0"
            assert receipt.tlv("message_state") == b"\x02"
            assert receipt.tlv("user_message_reference") == b"\0\x4d"
            assert alphabet.gsm_text(receipt.octets()) == (
                f"id:{message_id} sub:001 dlvrd:001 submit date:2611020900 done date:2611020900 "
                "stat:DELIVRD err:000 text:Hé { hallo, dit is m"
            )
            assert world.smsc.counters.unanswered == 1
            peer.send("deliver_sm_resp", sequence=receipt.sequence)
            await world.until(lambda: world.smsc.counters.unanswered == 0)

    run(story())


@pytest.mark.parametrize(("asked", "count"), [(0, 0), (1, 1), (2, 0)])
def test_registered_delivery_is_honoured(bench, run, asked, count):
    async def story():
        async with bench(settings={"receipt_delay_s": 0}) as world:
            peer = await world.bound("bind_transmitter")
            await peer.submit(registered_delivery=asked)
            assert world.smsc.deliveries.queued == count

    run(story())


def test_a_failure_is_reported_to_who_asked_for_failures(bench, run):
    async def story():
        async with bench(settings={"receipt_delay_s": 0}) as world:
            world.smsc.faults.arm(Fault("receipt_stat", stat="EXPIRED"))
            peer = await world.bound()
            await peer.submit(registered_delivery=2)
            receipt = await peer.read()
            assert b"stat:EXPIRED err:027" in receipt.octets()
            assert b"dlvrd:000" in receipt.octets()
            assert receipt.tlv("message_state") == bytes([State.EXPIRED])

    run(story())


# --- faults


def test_faults_of_an_answer_strike_as_often_as_planned(bench, run):
    async def story():
        async with bench(settings={"receipt_delay_s": 0}) as world:
            plan = world.smsc.faults
            throttled = plan.arm(Fault("status", times=2))
            silent = plan.arm(Fault("silent", number="+31610000002"))
            peer = await world.bound("bind_transmitter")
            found = [(await peer.submit()).status for _ in range(3)]
            assert found == [Status.RTHROTTLED, Status.RTHROTTLED, Status.ROK]
            peer.send("submit_sm", destination_addr="31610000002")
            assert (await peer.ask("enquire_link")).command == "enquire_link_resp"
            assert (throttled.hits, silent.hits, plan.unfired) == (2, 1, [])
            assert world.smsc.counters.submits_in == 4

    run(story())


@pytest.mark.parametrize(("effect", "delivered"), [("disconnect", 0), ("resp_lost", 1)])
def test_a_connection_is_dropped_before_or_after_the_message_is_taken(bench, run, effect, delivered):
    async def story():
        got = []
        async with bench(on_delivered=got.append) as world:
            world.smsc.faults.arm(Fault(effect))
            peer = await world.bound("bind_transmitter")
            peer.send("submit_sm", destination_addr=NUMBER)
            assert await has_ended(peer)
            assert len(got) == delivered

    run(story())


def test_a_slow_answer_is_under_way_until_it_comes(bench, run):
    async def story():
        async with bench() as world:
            world.smsc.faults.arm(Fault("slow", delay_s=0.01))
            peer = await world.bound()
            peer.send("submit_sm", destination_addr=NUMBER)
            await world.until(lambda: world.smsc.counters.unanswered == 1)
            assert (await peer.read()).command == "submit_sm_resp"
            assert world.smsc.counters.unanswered == 0

    run(story())


@pytest.mark.parametrize(
    ("effect", "commands"),
    [
        ("receipt_never", ["submit_sm_resp"]),
        ("receipt_twice", ["submit_sm_resp", "deliver_sm", "deliver_sm"]),
        ("receipt_before_resp", ["deliver_sm", "submit_sm_resp"]),
    ],
)
def test_receipts_go_wrong_as_planned(bench, run, effect, commands):
    async def story():
        async with bench(settings={"receipt_delay_s": 0}) as world:
            world.smsc.faults.arm(Fault(effect))
            peer = await world.bound()
            peer.send("submit_sm", destination_addr=NUMBER, registered_delivery=1)
            assert [(await peer.read()).command for _ in commands] == commands
            # Nothing more is on its way.
            assert (await peer.ask("enquire_link")).command == "enquire_link_resp"
            assert (world.smsc.deliveries.queued, world.smsc.agenda.next_due) == (0, None)

    run(story())


def test_a_bind_can_be_refused_on_purpose(bench, run):
    async def story():
        async with bench() as world:
            world.smsc.faults.arm(Fault("bind_status", status=Status.RBINDFAIL))
            peer = await world.peer()
            answer = await peer.ask("bind_transceiver", system_id="gateway", password="secret")
            assert answer.status == Status.RBINDFAIL
            await peer.bind()

    run(story())
