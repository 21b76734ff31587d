"""Every reason why a text does not come, once, from end to end: the handset stays silent and the reason is told.

A text that was held back is a notification with the state `suppressed`; where no text was in question the reason
stands among the findings of the decision. A repeated event leaves neither: its answer says `duplicate`.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from handlers.effects import REASON_WORDS
from tests.world.stage import MB, OPTION_B, conversation, new_number

LINE = {"bundles": OPTION_B}
OFF = {"preferences": {"BERICHT": False, "INFO": False, "LIMIET": False}}


@dataclass(frozen=True, kw_only=True)
class Silence:
    """The last of `steps` brings no text. `kind` is the notification held back, None where none was in question.

    `sent` are texts that come all the same.
    """

    settings: dict[str, Any] = field(default_factory=lambda: LINE)
    steps: tuple[tuple[str, Any], ...]
    kind: str | None = None
    sent: tuple[str, ...] = ()


SILENCES: dict[str, Silence] = {
    "preference:INFO": Silence(settings=LINE | OFF, steps=(("roam", "US"),), kind="border_world_no_bundle"),
    "preference:BERICHT": Silence(settings=LINE | OFF | {"usage_alert_gb": 1}, steps=(("use", 800),), kind="usage_80"),
    "preference:LIMIET": Silence(settings=LINE | OFF, steps=(("roam", "US"), ("use", 16)), kind="cost_80"),
    "superseded": Silence(steps=(("roam", "US"), ("use", 20)), kind="cost_80", sent=("cost_100_block",)),
    "same_country": Silence(steps=(("roam", "310-410"), ("roam", "310-260")), kind="border_world_no_bundle"),
    "reentry_quiet": Silence(
        steps=(("roam", "BE"), ("roam", "NL"), ("wait", 4 * 3600 - 1), ("roam", "BE")), kind="border_eu"
    ),
    "roaming_barred": Silence(
        settings=LINE | {"blocks": {"roaming": True}}, steps=(("roam", "US"),), kind="border_world_data_off"
    ),
    "rate_limited": Silence(steps=(("text", "wat kost dit"), ("text", "en dat dan")), kind="unknown"),
    "no_sms_device": Silence(
        settings=LINE | {"type": "data_only", "sms_capable": False}, steps=(("roam", "BE"),), kind="border_eu"
    ),
    "m2m": Silence(settings=LINE | {"m2m": True}, steps=(("roam", "BE"),), kind="border_eu"),
    "below_threshold": Silence(steps=(("roam", "US"), ("use", 15))),
    "already_notified": Silence(steps=(("roam", "US"), ("use", 16), ("use", 1))),
    "not_applicable_zone": Silence(steps=(("roam", "US"), ("roam", "204-08"))),
    "open_rest_of_month": Silence(
        steps=(("roam", "US"), ("use", 40), ("text", "DOORGAAN"), ("use", 100)),
    ),
    "covered_by_bundle": Silence(steps=(("roam", "JP"), ("use", 1), ("use", 100))),
    "leakage": Silence(steps=(("roam", "US"), ("use", 20), ("leak", 5))),
    "late_record": Silence(steps=(("late", 50),)),
    "duplicate_mo": Silence(steps=(("text", "HELP"), ("wait", 29), ("text", "help!"))),
    "stale_location": Silence(steps=(("roam", "US"), ("stale", "CA"))),
    "not_configured": Silence(steps=(("use", 5000),)),
}
ANSWERED = "duplicate_event"
"""Told by the answer to the event itself, so it leaves nothing here; it has a test of its own."""


def test_every_reason_has_its_story():
    assert SILENCES.keys() | {ANSWERED} == REASON_WORDS


async def act(stage, handset, step):
    world, (verb, value) = stage.world, step
    match verb:
        case "roam":
            await world.roam(handset, value)
        case "use":
            await world.use(handset, megabytes=value)
        case "leak":
            assert (await world.use(handset, megabytes=value, leak=True)).result["outcome"] == "leakage"
        case "text":
            await world.text(handset, value)
        case "wait":
            await world.advance(by=timedelta(seconds=value))
        case "late":
            used_at = (world.clock.now().replace(day=1, hour=0) - timedelta(hours=1)).isoformat()
            result = (await stage.post(stage.usage(handset.number, value * MB, used_at=used_at))).result
            assert result["outcome"] == "late"
        case "stale":
            place, plmn = world.places.find(value)
            event = stage.location(handset.number, plmn)
            event["time"] = (world.clock.now() - timedelta(minutes=1)).isoformat()
            assert (await stage.post(event)).result["outcome"] == "ignored", place
    await world.settle()


@pytest.mark.parametrize("reason", SILENCES)
def test_a_text_that_does_not_come_has_its_reason(stage, run, reason):
    story = SILENCES[reason]

    async def played():
        handset = stage.world.handset(await stage.subscribed(**story.settings))
        number = handset.number
        for step in story.steps[:-1]:
            await act(stage, handset, step)
        told, judged = len(await stage.notices(number)), len(await stage.client.decisions(number))
        heard = len(handset.inbox)
        await act(stage, handset, story.steps[-1])
        notices = (await stage.notices(number))[told:]
        held = [(item["kind"], item["reason"], item["text"]) for item in notices if item["state"] == "suppressed"]
        sent = tuple(item["kind"] for item in notices if item["state"] != "suppressed")
        assert sent == story.sent, conversation(handset)
        assert len(handset.inbox) - heard == len(story.sent), conversation(handset)
        assert held == ([] if story.kind is None else [(story.kind, reason, None)])
        (decision,) = (await stage.client.decisions(number))[judged:]
        assert reason in [finding["result"] for finding in decision["findings"]]
        assert decision["sent"] == list(story.sent)

    run(played())


def test_a_repeated_event_is_told_by_its_answer(stage, run):
    async def played():
        handset = stage.world.handset(await stage.roamer())
        event = stage.usage(handset.number, 20 * MB)
        for status in ("accepted", "duplicate", "duplicate"):
            assert (await stage.post(event)).result["status"] == status
        await stage.world.settle()
        assert len(handset.inbox) == 1
        assert len(await stage.notices(handset.number)) == 2

    run(played())


@pytest.mark.parametrize("sender", ["1330", "+1330", "KPN", "0612345678", "+31699999999"])
def test_who_has_no_subscription_gets_no_answer(stage, run, sender):
    async def played():
        stage.world.handset(new_number())
        before = (await stage.http("GET", "/v1/quiet")).body["submits_out"]
        assert await stage.world.smsc.send_mo(sender, "1330", "HELP") == [0]
        await stage.world.settle()
        assert (await stage.http("GET", "/v1/quiet")).body["submits_out"] == before

    run(played())


def test_a_text_to_another_number_is_taken_and_not_answered(stage, run):
    async def played():
        handset = stage.world.handset(await stage.subscribed())
        assert await stage.world.text(handset, "HELP", to="1331") == []
        assert await stage.notices(handset.number) == []
        assert len(await stage.world.text(handset, "HELP")) == 1

    run(played())


def test_texts_of_a_line_without_a_handset_go_to_the_number_named(stage, run):
    async def played():
        admin = stage.world.handset(new_number())
        router = stage.world.handset(await stage.roamer(sms_capable=False, notify_msisdn=admin.number))
        await stage.world.roam(router, "US")
        assert [line.peer for line in admin.inbox] == ["1330"]
        assert router.inbox == []
        (item,) = await stage.notices(router.number)
        assert (item["to"], item["state"]) == (admin.number, "delivered")

    run(played())


def test_a_machine_still_hears_of_its_block(stage, run):
    async def played():
        machine = stage.world.handset(await stage.roamer(m2m=True))
        await stage.world.roam(machine, "US")
        await stage.world.use(machine, megabytes=16)
        assert machine.inbox == []
        await stage.world.use(machine, megabytes=4)
        assert ["geblokkeerd" in line.text for line in machine.inbox] == [True]

    run(played())


def test_the_quiet_time_at_a_border_ends(stage, run):
    async def played():
        handset = stage.world.handset(await stage.roamer())
        texts = []
        for wait in (timedelta(hours=3), timedelta(hours=1), timedelta(0)):
            texts.append(len(await stage.world.roam(handset, "BE")))
            await stage.world.roam(handset, "NL")
            await stage.world.advance(by=wait)
        # Entered at 0, 3 and 4 hours: announced less than four hours ago only the second time (Q42).
        assert texts == [1, 0, 1]
        # Another country in between has a text of its own and takes nothing away.
        assert len(await stage.world.roam(handset, "DE")) == 1
        assert len(await stage.world.roam(handset, "BE")) == 0

    run(played())


def test_a_ship_is_announced_at_every_connection(stage, run):
    async def played():
        handset = stage.world.handset(await stage.roamer())
        for plmn in ("901-12", "204-08", "901-12", "901-12", "901-18"):
            lines = await stage.world.roam(handset, plmn)
            assert len(lines) == (plmn != "204-08"), plmn

    run(played())
