"""One ESME's session over real sockets: binds, an answer to every PDU, bad peers, timers."""

import asyncio

import pytest

from simulator.accounts import Account
from simulator.commands import COMMANDS, Status
from simulator.modes import ALLOWED, BINDS, UNANSWERABLE
from simulator.pdu import Address, Pdu, encode, raw, tlv
from simulator.reach import Reach

NUMBER = "31610000001"
HANDSET = "+31610000001"


async def has_ended(peer):
    """Whether the other side closes or drops the line next."""
    try:
        return await peer.read() is None
    except ConnectionResetError:
        return True


# --- binds


@pytest.mark.parametrize("command", ["bind_transmitter", "bind_receiver", "bind_transceiver"])
def test_a_bind_is_answered_with_the_version(bench, run, command):
    async def story():
        async with bench() as world:
            peer = await world.peer()
            answer = await peer.bind(command)
            assert answer.command == f"{command}_resp"
            assert answer.text("system_id") == "simulator"
            assert answer.tlv("sc_interface_version") == b"\x34"

    run(story())


@pytest.mark.parametrize("version", [0x50, 0x34, 0x35, 0xFF])
def test_a_later_esme_is_told_which_version_is_spoken(bench, run, version):
    """SMPP 5.0 §2.11.2: it then keeps to 3.4; what only 5.0 has is an unknown command."""

    async def story():
        async with bench() as world:
            peer = await world.peer()
            assert (await peer.bind(version=version)).tlv("sc_interface_version") == b"\x34"
            peer.write(raw(0x00000111, 9, b"\0"))  # broadcast_sm
            answer = await peer.read()
            assert (answer.command, answer.status) == ("generic_nack", Status.RINVCMDID)
            congestion = ((0x0428, b"\x50"),)
            assert (await peer.submit(tlvs=congestion)).status == Status.ROK

    run(story())


@pytest.mark.parametrize("profile", ["standard", "hex"])
@pytest.mark.parametrize("version", [0x00, 0x33])
def test_an_older_esme_gets_ids_of_eight_octets_and_finds_its_messages_by_them(bench, run, version, profile):
    async def story():
        accounts = {"gateway": Account(system_id="gateway", password="secret", receipts=profile)}
        async with bench(reach=lambda _: Reach.OFF, accounts=accounts) as world:
            peer = await world.bound(version=version)
            ids = [(await peer.submit()).text("message_id") for _ in range(3)]
            assert len(set(ids)) == 3
            assert all(1 <= len(one) <= 8 for one in ids)
            for one in ids:
                key = {"message_id": one, "source_addr": "1330"}
                assert (await peer.ask("query_sm", **key)).text("message_id") == one
                assert (await peer.ask("cancel_sm", **key)).status == Status.ROK

    run(story())


def test_an_older_esme_gets_no_data_sm_and_no_alert(bench, run):
    async def story():
        accounts = {"gateway": Account(system_id="gateway", password="secret", receipts="data_sm")}
        async with bench(accounts=accounts, settings={"receipt_delay_s": 0}) as world:
            peer = await world.bound(version=0x33)
            await peer.submit()
            receipt = await peer.read()
            assert (receipt.command, receipt.tlvs) == ("deliver_sm", ())
            assert b"stat:DELIVRD" in receipt.octets()
            waiting = world.smsc.post_mo(HANDSET, "1330", "x" * 300, form="sar")
            assert (await peer.ask("enquire_link")).command == "enquire_link_resp"
            assert (waiting.finished, world.smsc.deliveries.waiting) == (False, 0)
            # What is no part of the text is left out, what was kept for a later version too.
            world.smsc.post_mo("+31610000002", "1330", "hi", tlvs=[(0x1401, b"vendor")])
            text = await peer.read()
            assert (text.octets(), text.tlvs) == (b"hi", ())
            newer = await world.bound()
            assert (await newer.read()).tlv("sar_total_segments") == b"\x02"
            asked = (tlv("message_payload", b"x"), tlv("set_dpf", 1))
            answer = await peer.ask("data_sm", destination_addr=NUMBER, tlvs=asked)
            assert (answer.status, answer.tlvs) == (Status.ROK, ())

    run(story())


@pytest.mark.parametrize("profile", ["standard", "payload", "tlv_only"])
def test_a_receipt_made_for_a_later_version_loses_its_tlvs(bench, run, profile):
    async def story():
        accounts = {"gateway": Account(system_id="gateway", password="secret", receipts=profile)}
        async with bench(accounts=accounts, settings={"receipt_delay_s": 0}) as world:
            sender = await world.bound("bind_transmitter")
            await sender.submit()
            old = await world.bound("bind_receiver", version=0x33)
            receipt = await old.read()
            assert (receipt.command, receipt.tlvs) == ("deliver_sm", ())
            assert (b"stat:DELIVRD" in receipt.octets()) is (profile != "tlv_only")

    run(story())


def test_an_older_esme_gets_no_optional_parameters(bench, run):
    async def story():
        async with bench(settings={"receipt_delay_s": 0}) as world:
            peer = await world.peer()
            assert (await peer.bind(version=0x33)).tlvs == ()
            await peer.submit()
            receipt = await peer.read()
            assert receipt.tlvs == ()
            assert receipt.octets().startswith(b"id:")

    run(story())


@pytest.mark.parametrize(
    ("system_id", "password", "status"),
    [
        ("gateway", "wrong", Status.RINVPASWD),
        ("gateway", "", Status.RINVPASWD),
        ("nobody", "secret", Status.RINVSYSID),
    ],
)
def test_who_may_not_bind_is_told_why_and_may_try_again(bench, run, system_id, password, status):
    async def story():
        async with bench() as world:
            peer = await world.peer()
            answer = await peer.ask("bind_transceiver", system_id=system_id, password=password)
            assert (answer.command, answer.status) == ("bind_transceiver_resp", status)
            await peer.bind()

    run(story())


def test_a_second_bind_on_one_session_is_refused(bench, run):
    async def story():
        async with bench() as world:
            peer = await world.bound()
            answer = await peer.ask("bind_receiver", system_id="gateway", password="secret")
            assert answer.status == Status.RALYBND

    run(story())


def test_several_sessions_are_bound_at_once(bench, run):
    async def story():
        async with bench(settings={"receipt_delay_s": 0}) as world:
            sender = await world.bound("bind_transmitter")
            receiver = await world.bound("bind_receiver")
            other = await world.bound(system_id="other", password="word")
            assert len(world.smsc.bound_sessions) == 3
            message_id = (await sender.submit()).text("message_id")
            # The receipt goes to the same account's receiver, never to another account.
            assert (await receiver.read()).tlv("receipted_message_id") == message_id.encode() + b"\0"
            assert (await other.ask("enquire_link")).command == "enquire_link_resp"

    run(story())


# --- an answer to every PDU

REQUESTS = {
    "submit_sm": {"destination_addr": NUMBER, "short_message": b"hi"},
    "submit_multi": {"dest_address": (Address(NUMBER, 1, 1),), "short_message": b"hi"},
    "data_sm": {"destination_addr": NUMBER},
    "query_sm": {"message_id": "1"},
    "cancel_sm": {"message_id": "1"},
    "replace_sm": {"message_id": "1"},
    "enquire_link": {},
    "deliver_sm": {},
}
ANSWERS = {  # bound as transceiver
    "submit_sm": Status.ROK,
    "submit_multi": Status.ROK,
    "data_sm": Status.RMISSINGOPTPARAM,
    "query_sm": Status.RQUERYFAIL,
    "cancel_sm": Status.RCANCELFAIL,
    "replace_sm": Status.RREPLACEFAIL,
    "enquire_link": Status.ROK,
    "deliver_sm": Status.RINVBNDSTS,
}
AS_RECEIVER = {"enquire_link", "data_sm"}


@pytest.mark.parametrize("bind", ["", "bind_receiver", "bind_transmitter", "bind_transceiver"])
def test_every_request_is_answered_by_the_state_table(bench, run, bind):
    """SMPP 3.4 table 2-1: what an ESME may send in which state."""

    async def story():
        async with bench() as world:
            peer = await world.peer()
            if bind:
                await peer.bind(bind)
            for command, fields in REQUESTS.items():
                allowed = bind in ("bind_transmitter", "bind_transceiver") or (bind and command in AS_RECEIVER)
                status = ANSWERS[command] if allowed else Status.RINVBNDSTS
                answer = await peer.ask(command, **fields)
                assert (answer.command, answer.status) == (f"{command}_resp", status), command
                assert answer.sequence == peer.sequence

    run(story())


@pytest.mark.parametrize("bind", ["", "bind_receiver", "bind_transmitter", "bind_transceiver"])
@pytest.mark.parametrize("command", ["bind_receiver", "bind_transmitter", "bind_transceiver", "unbind"])
def test_sessions_begin_and_end_by_the_state_table(bench, run, bind, command):
    async def story():
        async with bench() as world:
            peer = await world.peer()
            if bind:
                await peer.bind(bind)
            fields = {"system_id": "gateway", "password": "secret"} if command != "unbind" else {}
            answer = await peer.ask(command, **fields)
            if command == "unbind":
                expected = Status.ROK if bind else Status.RINVBNDSTS
            else:
                expected = Status.RALYBND if bind else Status.ROK
            assert (answer.command, answer.status) == (f"{command}_resp", expected)

    run(story())


def test_every_command_of_the_specification_is_in_the_tables():
    requests = {name for name in COMMANDS if not name.endswith("_resp") and name != "generic_nack"}
    assert requests == set(ALLOWED) | set(BINDS)
    assert set(REQUESTS) == set(ALLOWED) - UNANSWERABLE - {"unbind"}


@pytest.mark.parametrize("command", ["outbind", "alert_notification"])
def test_what_only_an_smsc_may_say_is_nacked(bench, run, command):
    async def story():
        async with bench() as world:
            peer = await world.bound()
            answer = await peer.ask(command)
            assert (answer.command, answer.status) == ("generic_nack", Status.RINVBNDSTS)

    run(story())


@pytest.mark.parametrize("command", [name for name in COMMANDS if name.endswith("_resp") or name == "generic_nack"])
def test_an_answer_nobody_asked_for_is_not_answered(bench, run, command):
    async def story():
        async with bench() as world:
            peer = await world.bound()
            peer.send(command, sequence=900, status=Status.RSYSERR)
            if command == "unbind_resp":
                assert await peer.read() is None
            else:
                assert (await peer.ask("enquire_link")).command == "enquire_link_resp"

    run(story())


def test_unbind_is_answered_and_then_the_line_is_closed(bench, run):
    async def story():
        async with bench() as world:
            peer = await world.bound()
            assert (await peer.ask("unbind")).command == "unbind_resp"
            assert await peer.read() is None
            await world.until(lambda: not world.smsc.sessions)

    run(story())


def test_the_smsc_can_unbind_alert_and_call(bench, run):
    async def story():
        async with bench() as world:
            peer = await world.bound("bind_receiver")
            (session,) = world.smsc.sessions
            session.alert(HANDSET)
            alert = await peer.read()
            assert (alert.command, alert.text("source_addr")) == ("alert_notification", NUMBER)
            session.unbind()
            request = await peer.read()
            world.smsc.post_mo(HANDSET, "1330", "too late")
            peer.send("unbind_resp", sequence=request.sequence)
            assert (request.command, await peer.read()) == ("unbind", None)
            assert world.smsc.deliveries.queued == 1

    run(story())


# --- bad frames


@pytest.mark.parametrize(
    ("frame", "command", "status"),
    [
        (raw(0x0999, 5, b"what"), "generic_nack", Status.RINVCMDID),
        (raw(COMMANDS["submit_sm"], 5, b"\0\0"), "generic_nack", Status.RINVCMDLEN),
        (raw(COMMANDS["submit_sm"], 5, b"TOOLONG\0"), "submit_sm_resp", Status.RINVSERTYP),
        (raw(COMMANDS["query_sm"], 5, b"1" * 70 + b"\0\0\0\0"), "query_sm_resp", Status.RINVMSGID),
        (raw(COMMANDS["alert_notification"], 5, b"\0"), "generic_nack", Status.RINVCMDLEN),
        (raw(COMMANDS["enquire_link"], 5, b"\0"), "enquire_link_resp", Status.RINVOPTPARSTREAM),
    ],
)
def test_a_frame_that_can_not_be_read_is_answered_and_the_session_goes_on(bench, run, frame, command, status):
    async def story():
        async with bench() as world:
            peer = await world.bound()
            peer.write(frame)
            answer = await peer.read()
            assert (answer.command, answer.status, answer.sequence) == (command, status, 5)
            assert (await peer.ask("enquire_link")).status == Status.ROK
            assert len(world.smsc.complaints) == 1

    run(story())


@pytest.mark.parametrize("length", [0, 15, 0x12000, 2**32 - 1])
def test_a_lost_alignment_ends_that_session_and_no_other(bench, run, length):
    async def story():
        async with bench() as world:
            good, bad = await world.bound(), await world.bound()
            bad.write(raw(4, 77, b"rest", length=length))
            answer = await bad.read()
            assert (answer.command, answer.status, answer.sequence) == ("generic_nack", Status.RINVCMDLEN, 77)
            assert await bad.read() is None
            assert (await good.submit()).status == Status.ROK

    run(story())


def test_a_broken_answer_is_noted_and_still_counts(bench, run):
    async def story():
        async with bench() as world:
            peer = await world.bound()
            delivery = world.smsc.post_mo(HANDSET, "1330", "HELP")
            request = await peer.read()
            peer.write(raw(COMMANDS["deliver_sm_resp"], request.sequence, b"no end"))
            await world.until(lambda: delivery.finished)
            assert "no closing NUL" in world.smsc.complaints[0]
            assert world.smsc.counters.unanswered == 0

    run(story())


# --- timers


def test_the_sweep_finds_late_answers_silent_peers_and_callers_who_never_bind(bench, run):
    async def story():
        async with bench(settings={"sweep_s": 3600.0}) as world:
            peer = await world.bound()
            idle = await world.peer()
            delivery = world.smsc.post_mo(HANDSET, "1330", "HELP")
            request = await peer.read()
            await world.until(lambda: len(world.smsc.sessions) == 2)
            now_s = asyncio.get_running_loop().time()

            def sweep(after_s):
                for session in list(world.smsc.sessions):
                    session.sweep(now_s + after_s)

            deaf = await world.bound(system_id="other", password="word")
            (leaving,) = [one for one in world.smsc.bound_sessions if one.account == "other"]
            leaving.unbind()
            assert (await deaf.read()).command == "unbind"
            sweep(11)  # the deliver_sm is late, the caller has not bound, an unbind was not answered
            assert await has_ended(deaf)
            assert delivery.attempts == 1
            await world.until(lambda: len(world.smsc.sessions) == 1)
            assert await has_ended(idle)
            again = await peer.read()
            assert again.octets() == request.octets()
            peer.send("deliver_sm_resp", sequence=request.sequence)  # too late: nobody waits for it
            peer.send("deliver_sm_resp", sequence=again.sequence)
            await world.until(lambda: delivery.finished)
            assert world.smsc.strays == 1
            sweep(41)
            probe = await peer.read()
            assert probe.command == "enquire_link"
            peer.send("enquire_link_resp", sequence=probe.sequence)
            await peer.ask("enquire_link")
            sweep(41)
            assert (await peer.read()).command == "enquire_link"
            sweep(60)  # no answer to the probe: the line is dead
            await world.until(lambda: not world.smsc.sessions)

    run(story())


def test_split_and_coalesced_frames_are_one_stream(bench, run):
    async def story():
        async with bench() as world:
            peer = await world.bound()
            stream = b"".join(encode(Pdu("enquire_link", n)) for n in (1, 2, 3))
            peer.write(stream[:20])
            assert (await peer.read()).sequence == 1
            peer.write(stream[20:])
            assert [(await peer.read()).sequence, (await peer.read()).sequence] == [2, 3]

    run(story())


# --- accounts: what each may


def account(**limits):
    return {"gateway": Account(system_id="gateway", password="secret", **limits), "other": "word"}


def test_no_more_sessions_than_granted(bench, run):
    async def story():
        async with bench(accounts=account(sessions_max=2)) as world:
            first, _ = await world.bound("bind_transmitter"), await world.bound("bind_receiver")
            peer = await world.peer()
            fields = {"system_id": "gateway", "password": "secret"}
            assert (await peer.ask("bind_transceiver", **fields)).status == Status.RALYBND
            await world.bound(system_id="other", password="word")
            await first.ask("unbind")
            assert await first.read() is None
            await peer.bind()

    run(story())


def test_only_binds_that_were_granted(bench, run):
    async def story():
        async with bench(accounts=account(binds=frozenset({"receiver"}))) as world:
            peer = await world.peer()
            fields = {"system_id": "gateway", "password": "secret"}
            for command in ("bind_transmitter", "bind_transceiver"):
                assert (await peer.ask(command, **fields)).status == Status.RBINDFAIL
            await peer.bind("bind_receiver")

    run(story())


def burst(count, command="submit_sm"):
    fields = REQUESTS[command]
    tlvs = (tlv("message_payload", b"x"),) if command == "data_sm" else ()
    return b"".join(encode(Pdu(command, n, 0, fields, tlvs)) for n in range(1, count + 1))


async def answers(peer, count):
    found = [await peer.read() for _ in range(count)]
    assert [one.sequence for one in found] == list(range(1, count + 1))
    return [one.status for one in found]


OK, FULL, SLOW = Status.ROK, Status.RMSGQFUL, Status.RTHROTTLED


@pytest.mark.parametrize("is_shown", [False, True])
@pytest.mark.parametrize("command", ["submit_sm", "submit_multi", "data_sm"])
def test_what_is_sent_above_the_window_is_refused(bench, run, command, is_shown):
    async def story():
        async with bench(accounts=account(window=3)) as world:
            if is_shown:
                world.smsc.on_frame = lambda *_: None
            peer = await world.bound()
            for _ in range(2):
                peer.write(burst(5, command))
                assert await answers(peer, 5) == [OK] * 3 + [FULL] * 2
            other = await world.bound(system_id="other", password="word")
            other.write(burst(5, command))
            assert await answers(other, 5) == [OK] * 5

    run(story())


def test_answers_that_take_their_time_hold_the_window(bench, run):
    async def story():
        async with bench(accounts=account(window=2, answer_s=0.01)) as world:
            peer = await world.bound()
            peer.write(burst(2))
            await world.until(lambda: world.smsc.counters.unanswered == 2)
            assert world.smsc.counters.submits_in == 2
            peer.write(encode(Pdu("submit_sm", 3, 0, REQUESTS["submit_sm"])))
            assert await answers(peer, 3) == [OK, OK, FULL]
            assert world.smsc.counters.unanswered == 0
            peer.write(burst(2))
            assert await answers(peer, 2) == [OK, OK]
            peer.write(burst(1))
            await world.until(lambda: world.smsc.counters.unanswered == 1)
            await peer.close()  # nobody is left to be answered
            await world.until(lambda: world.smsc.counters.unanswered == 0)

    run(story())


@pytest.mark.parametrize("is_shown", [False, True])
@pytest.mark.parametrize("command", ["submit_sm", "submit_multi", "data_sm"])
def test_what_is_sent_above_the_rate_is_throttled_on_all_sessions_together(bench, run, command, is_shown):
    async def story():
        # So slow that no token comes back while the test runs.
        async with bench(accounts=account(rate_per_s=1e-6, burst=4)) as world:
            if is_shown:
                world.smsc.on_frame = lambda *_: None
            first, second = await world.bound(), await world.bound()
            first.write(burst(3, command))
            assert await answers(first, 3) == [OK] * 3
            second.write(burst(3, command))
            assert await answers(second, 3) == [OK, SLOW, SLOW]
            assert (await second.ask("enquire_link")).status == Status.ROK
            assert world.smsc.centre.messages.newest(9)[4:] == []

    run(story())


def test_a_text_goes_to_the_account_whose_number_it_is_for(bench, run):
    async def story():
        accounts = {
            "gateway": Account(system_id="gateway", password="secret", numbers=("1330",)),
            "other": Account(system_id="other", password="word"),
        }
        async with bench(accounts=accounts) as world:
            other = await world.bound(system_id="other", password="word")
            world.smsc.post_mo(HANDSET, "1330", "mine")
            world.smsc.post_mo("+31610000002", "9999", "anybody's")
            assert (await other.read()).octets() == b"anybody's"
            assert (world.smsc.deliveries.queued, world.smsc.deliveries.waiting) == (1, 0)
            mine = await world.bound()
            assert (await mine.read()).octets() == b"mine"

    run(story())


# --- distribution lists


def test_a_distribution_list_is_sent_to_its_members(bench, run):
    async def story():
        got = []
        lists = {"staff": (HANDSET, "+31610000002")}
        async with bench(lists=lists, on_delivered=got.append) as world:
            peer = await world.bound()
            dests = (Address("staff", dl=True), Address("31610000003", 1, 1), Address("KPN", 5, 0))
            answer = await peer.ask("submit_multi", source_addr="1330", dest_address=dests, short_message=b"hi")
            assert [message.number for message in got] == [HANDSET, "+31610000002", "+31610000003"]
            assert [one.addr for one in answer.fields["unsuccess_sme"]] == ["KPN"]
            assert len({message.message_id for message in got}) == 1
            dests = (Address("nobody", dl=True), Address(NUMBER, 1, 1))
            assert (await peer.ask("submit_multi", dest_address=dests)).status == Status.RINVDLNAME

    run(story())
