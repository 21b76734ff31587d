"""The plugin's stage without pytest: pairs handed on, acts that cannot be done, what must hold at the end."""

import asyncio
import os
import signal

import pytest

from simulator.faults import Fault
from simulator.gateway_client import GatewayError
from simulator.gateway_process import GatewayDied
from simulator.places import UnknownPlace
from simulator.plugin.background import Background
from simulator.plugin.clockhand import ClockHand
from simulator.plugin.hands import FaultsHand, NetworkHand, PortalHand, is_timed
from simulator.plugin.quantities import instant
from simulator.plugin.sim import BLOCKS_MAX, Sim, SimOptions, Wanted, chance
from simulator.plugin.stage import Stage
from simulator.plugin.strict import unmet
from simulator.plugin.watching import GatewayHand, GatewayLog, SmscWatch


@pytest.fixture(scope="module")
def sim():
    made = Sim(SimOptions(seed=3))
    made.start()
    yield made
    made.close()


@pytest.fixture
def staged(sim):
    """Opens stages; those that a test did not leave are left behind it."""
    open_ = []

    def _staged(wanted=None, **options):
        lent = sim.run(sim.lend(wanted or Wanted()))
        open_.append(Stage(sim, lent, name="test", seed=sim.seed, **options))
        return open_[-1]

    yield _staged
    for stage in open_:
        if stage.world.on_delivery is not None:
            stage.leave(reusable=False)


# --- the loop --------------------------------------------------------------------------------------------


def test_what_runs_in_the_background_tells_its_end():
    background = Background()
    background.start()

    async def twice(value):
        await asyncio.sleep(0)
        return 2 * value

    async def broken():
        raise KeyError("x")

    try:
        assert background.run(twice(4)) == 8
        with pytest.raises(KeyError):
            background.run(broken())
        cancelled = []

        async def endless():
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled.append(True)
                raise

        with pytest.raises(TimeoutError):
            background.run(endless(), timeout_s=0.01)
        assert background.run(twice(1)) == 2
        assert cancelled == [True]
    finally:
        background.stop()
    background.stop()


def test_chance_is_the_tests_own():
    assert chance(1, "a").random() == chance(1, "a").random()
    assert chance(1, "a").random() != chance(1, "b").random()
    assert chance(1, "a").random() != chance(2, "a").random()


# --- pairs -----------------------------------------------------------------------------------------------


def nothing(stage):
    del stage


def text(stage):
    stage.handset(name="Anna").text("HELP").one()


def time_passes(stage):
    ClockHand(stage).advance(seconds=1)


def fault(stage):
    FaultsHand(stage).arm("smsc.throttle")
    text(stage)


def restart(stage):
    GatewayHand(stage).restart()


def phone_off(stage):
    NetworkHand(stage).coverage(stage.handset(name="Anna"), on=False)


def failed(stage):
    stage.failed = True


def many_tests(stage):
    stage.lent.blocks = BLOCKS_MAX


@pytest.mark.parametrize("happened", [nothing, text])
def test_a_pair_that_is_as_good_as_new_is_handed_on(staged, happened):
    first = staged()
    happened(first)
    first.leave()
    second = staged()
    assert second.lent is first.lent
    assert second.world.handsets == {}
    assert second.handset().number != "+31610000001"


@pytest.mark.parametrize("happened", [time_passes, fault, restart, phone_off, failed, many_tests])
def test_after_anything_else_there_is_a_new_one(staged, happened):
    first = staged()
    happened(first)
    first.leave()
    assert staged().lent is not first.lent


def test_no_number_is_a_fault_by_itself(staged):
    stage = staged()
    first = {stage.lent.next_block() % 10_000 for _ in range(BLOCKS_MAX)}
    assert len(first) < BLOCKS_MAX, "they begin anew"
    assert not [number for number in first if number // 100 == 90]


def test_who_wants_something_else_gets_a_new_one(staged):
    first = staged()
    first.leave()
    other = staged(Wanted(instant("2026-03-31T23:59:50")))
    assert other.lent is not first.lent
    assert ClockHand(other).now.isoformat() == "2026-03-31T23:59:50+02:00"
    other.leave()
    assert staged(Wanted(quick=True)).lent.pair.response_timeout_s < 5
    assert staged(Wanted(policy=(("cap_scope", '"subscription"'),))).lent.wanted.policy


def test_a_number_is_somebody_elses_in_the_next_test(staged):
    first = staged()
    anna = first.handset("+31610000042", name="Anna")
    anna.text("INFO UIT").clear()
    first.leave()
    second = staged()
    assert second.lent is first.lent
    other = second.handset("+31610000042")
    assert other.prefs.info
    assert len(other.inbox) == 0
    assert other.text("INFO").kinds == ["status"]


def test_nobody_has_two_numbers_and_no_number_two_names(staged):
    stage = staged()
    stage.handset("+31610000042", name="Anna")
    with pytest.raises(ValueError, match="Anna"):
        stage.handset(name="Anna")
    with pytest.raises(ValueError, match="42"):
        stage.handset("+31610000042")
    with pytest.raises(ValueError, match="no number"):
        stage.handset("1330")


# --- acts ------------------------------------------------------------------------------------------------


def test_what_cannot_be_done_is_told(staged):
    stage = staged()
    anna = stage.handset(name="Anna")
    with pytest.raises(UnknownPlace, match="Belgie"):
        anna.roam("Belgje")
    with pytest.raises(ValueError, match="no volume"):
        anna.use("lots")
    with pytest.raises(GatewayError, match="hard_cup"):
        PortalHand(stage).change(anna, hard_cup=True)
    with pytest.raises(GatewayError, match="cost_limit_eur"):
        stage.handset(cost_limit_eur=51)
    with pytest.raises(ValueError, match="there is no reason 'same_countri'; did you mean 'same_country'"):
        anna.roam("NL").none(why="same_countri")
    assert is_timed("smsc.silent")
    assert not is_timed("smsc.throttle")


def test_somebody_without_a_subscription(staged):
    stage = staged()
    stranger = stage.handset(subscribed=False)
    out = stranger.text("HELP")
    out.none()
    assert out.why_not() == "nothing reached the gateway that a text could follow"
    assert stranger.roam("BE").events[0]["errors"][0]["code"] == "unknown_subscription"


def test_data_that_the_network_refuses(staged):
    stage = staged()
    anna = stage.handset(name="Anna", where="US")
    assert anna.data_blocked
    assert anna.data_blocked.reasons == {"NO_BUNDLE_OPTION"}
    out = anna.use("1 MB")
    assert out.refused
    with pytest.raises(AssertionError, match="the network refused the data"):
        out.one()
    leaked = anna.use("1 MB", leak=True)
    leaked.none()
    assert anna.volumes["leakage_bytes"] == 1_000_000


def test_a_text_to_a_number_that_nobody_introduced(staged):
    """Notices may go to another number; whoever has it gets a handset, and the text is to be looked at."""
    stage = staged()
    device = stage.handset(name="Router", notify_msisdn="+31611111111", sms_capable=False)
    device.roam("BE").clear()
    assert "+31611111111 got a text that the test never looked at: border_eu" in unmet(stage)
    (message,) = stage.messages
    assert message.told is not None
    assert message.state == "delivered"


def test_a_text_that_was_sent_twice_is_one_notification(staged):
    """Neither answer nor receipt comes, so the gateway cannot know that the first copy arrived."""
    stage = staged()
    anna = stage.handset(name="Anna")
    for fault in ("smsc.resp_lost", "smsc.dlr_never"):
        FaultsHand(stage).arm(fault)
    anna.roam("BE").clear()
    assert anna.inbox.count("border_eu") == 2
    assert anna.inbox.distinct("border_eu") == 1
    assert anna.inbox[0].message_ids != anna.inbox[1].message_ids


def test_the_same_words_again_are_another_notification(staged):
    """Also when the answer to the first was lost, so that the gateway does not know the SMSC's id."""
    stage = staged()
    anna = stage.handset(name="Anna", where="US")
    FaultsHand(stage).arm("smsc.resp_lost")
    first = anna.reply("JA").clear().came[0]
    ClockHand(stage).advance(minutes=1)
    second = anna.reply("JA").one()
    assert first.text == second.text
    assert first.id != second.id
    assert first.state == second.state == "delivered"


def test_texts_in_parts_know_their_pdus(staged):
    stage = staged()
    anna = stage.handset(name="Anna")
    stage.world.smsc.post_mo(anna.number, "1330", "x" * 200)
    watch = SmscWatch(stage)
    out = anna.text("INFO " * 40)
    out.clear()
    assert len(watch.of("deliver_sm")) >= 2
    watch.stop()
    assert all(len(message.pdus) == message.segments for message in stage.messages)


# --- the end ---------------------------------------------------------------------------------------------


def test_a_sound_test_leaves_nothing(staged):
    stage = staged()
    stage.handset(name="Anna").text("HELP").one()
    assert unmet(stage) == ""


def test_a_gateway_that_died_is_the_headline(staged):
    stage = staged()
    anna = stage.handset(name="Anna")
    os.kill(stage.lent.pair.child.pid, signal.SIGKILL)
    with pytest.raises(GatewayDied, match="exit code -9"):
        anna.roam("BE")
    assert unmet(stage).startswith("The gateway died, exit code -9")


def test_a_text_must_be_what_the_gateway_says_it_sent(staged):
    stage = staged()
    message = stage.handset(name="Anna").text("HELP").one()
    message.told = {**message.told, "kind": "status"}
    assert unmet(stage) == "A text to Anna reads as help; the gateway says it sent status"


def test_bad_smpp_is_told(staged):
    stage = staged()
    stage.world.smsc.complaints.append("gateway: submit_sm is too short")
    assert unmet(stage) == "The gateway spoke no proper SMPP\n    gateway: submit_sm is too short"


def test_an_armed_fault_must_strike_unless_nobody_asks(staged):
    stage = staged()
    FaultsHand(stage).arm("smsc.throttle")
    assert "occurred 0 times" in unmet(stage)
    assert unmet(stage, armed=False) == ""


def test_errors_of_the_log_are_told_unless_they_were_looked_at(staged):
    stage = staged(lenient=True)
    anna = stage.handset(name="Anna")
    clock = ClockHand(stage)
    event = {
        "specversion": "1.0",
        "id": "l-1",
        "source": "/network",
        "type": "nl.sms1330.location.updated.v1",
        "time": clock.now.isoformat(),
        "data": {"msisdn": anna.number, "visited_plmn": "206-01"},
    }
    network = NetworkHand(stage)
    network.inject(event)
    network.inject({**event, "data": {**event["data"], "visited_plmn": "310-410"}})
    assert "event.conflict" in unmet(stage)
    log = GatewayLog(stage)
    log.expect_error("event.conflict")
    assert unmet(stage) == ""
    assert log.of("event.conflict")[0].level == "error"


def test_the_conversation_shows_everybody_and_how_to_play_it_again(staged):
    stage = staged()
    anna, bram = stage.handset(name="Anna"), stage.handset(name="Bram", lang="en")
    anna.text("HELP")
    FaultsHand(stage).arm("SMSC says: too busy", phone=bram)
    told = stage.conversations()
    assert f"Conversation of Anna ({anna.number})" in told
    assert f"Conversation of Bram ({bram.number})" in told
    assert "1330 → Anna ▶ Codes voor 1330" in told
    assert 'fault "SMSC says: too busy": occurred 0 times' in told
    assert told.endswith('Replay: pytest "test" --sim-seed 3')


def test_faults_by_hand_are_for_one_phone_and_end(staged):
    stage = staged()
    anna, bram = stage.handset(name="Anna"), stage.handset(name="Bram")
    faults = FaultsHand(stage)
    faults.arm("smsc.reject_dest", phone=bram, times=None)
    anna.text("HELP").one()
    bram.text("HELP").none()
    assert faults.hits("smsc.reject_dest") == 1
    faults.clear("smsc.reject_dest")
    bram.text("INFO").one()
    assert stage.world.faults.take("submit", bram.number) is None
    assert Fault("status").hits == 0
