"""One ESME's session over real sockets: binds, an answer to every PDU, bad peers, timers."""

import asyncio

import pytest

from simulator.commands import COMMANDS, Status
from simulator.pdu import Address, Pdu, encode, raw

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
NOT_AS_RECEIVER = frozenset(REQUESTS) - {"enquire_link"}


@pytest.mark.parametrize("bind", ["", "bind_receiver", "bind_transmitter", "bind_transceiver"])
def test_every_request_is_answered_by_the_state_table(bench, run, bind):
    async def story():
        async with bench() as world:
            peer = await world.peer()
            if bind:
                await peer.bind(bind)
            for command, fields in REQUESTS.items():
                allowed = bind not in ("", "bind_receiver") or (command not in NOT_AS_RECEIVER and bind)
                status = ANSWERS[command] if allowed else Status.RINVBNDSTS
                answer = await peer.ask(command, **fields)
                assert (answer.command, answer.status) == (f"{command}_resp", status), command
                assert answer.sequence == peer.sequence

    run(story())


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
            peer.send("unbind_resp", sequence=request.sequence)
            assert (request.command, await peer.read()) == ("unbind", None)

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

            sweep(11)  # the deliver_sm is late, the caller has not bound
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
