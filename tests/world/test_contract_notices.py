"""Notifications, decisions and data policies, walked against a gateway process."""

import asyncio
from datetime import datetime

import pytest

from simulator.faults import Fault
from tests.world.stage import MB, OPTION_B, SOURCE, new_imsi, new_number, path_of

# --- 2.2 notifications and decisions

NOTICE_KEYS = {
    *("id", "kind", "state", "reason", "text", "language", "parts", "encoding", "to", "created_at", "event"),
    *("attempts", "message_ids"),
}


def test_a_notification_tells_all_of_itself(stage, run):
    async def story():
        number = await stage.roamer(language="en", preferences={"INFO": False})
        border = stage.location(number, "206-01")
        await stage.post(border)
        await stage.world.settle()
        suppressed, sent = await stage.notices(number)
        assert sent.keys() >= NOTICE_KEYS
        assert suppressed.keys() >= NOTICE_KEYS
        assert (suppressed["kind"], suppressed["state"], suppressed["reason"]) == (
            "border_eu",
            "suppressed",
            "preference:INFO",
        )
        assert (suppressed["text"], suppressed["message_ids"]) == (None, [])
        assert (sent["kind"], sent["state"], sent["reason"]) == ("border_eu_emergency", "delivered", None)
        assert (sent["language"], sent["parts"], sent["encoding"], sent["to"]) == ("en", 1, "gsm7", number)
        assert sent["event"] == {"source": SOURCE, "id": border["id"]}
        assert datetime.fromisoformat(sent["created_at"]) == await stage.now()
        assert sent["attempts"] == 1
        (message_id,) = sent["message_ids"]
        message = stage.world.smsc.centre.messages.find(message_id, "1330")
        assert message is not None
        assert message.number == number
        (line,) = stage.world.handset(number).inbox
        assert (line.peer, line.text) == ("1330", sent["text"])

    run(story())


@pytest.mark.parametrize(
    ("stat", "state"),
    [
        *(("UNDELIV", "failed"), ("REJECTD", "failed"), ("DELETED", "failed"), ("UNKNOWN", "failed")),
        ("EXPIRED", "expired"),
    ],
)
def test_a_receipt_settles_the_state(stage, run, stat, state):
    async def story():
        number = await stage.roamer()
        fault = stage.world.faults.arm(Fault("receipt_stat", number, stat=stat))
        await stage.post(stage.location(number, "310-410"))
        await stage.world.settle()
        assert fault.hits == 1
        assert [item["state"] for item in await stage.notices(number)] == [state]

    run(story())


def test_before_its_receipt_it_is_submitted(stage, run):
    async def story():
        number = await stage.roamer()
        stage.world.faults.arm(Fault("receipt_never", number))
        await stage.post(stage.location(number, "310-410"))
        await stage.world.settle()
        assert [item["state"] for item in await stage.notices(number)] == ["submitted"]

    run(story())


def test_a_refused_text_is_failed(stage, run):
    async def story():
        number = await stage.roamer()
        stage.world.faults.arm(Fault("status", number, status=0x0B))
        await stage.post(stage.location(number, "310-410"))
        await stage.world.settle()
        (item,) = await stage.notices(number)
        assert (item["state"], item["attempts"], item["message_ids"]) == ("failed", 1, [])

    run(story())


def test_notifications_are_read_after_a_cursor(stage, run):
    async def story():
        number = await stage.roamer()
        path = path_of(number) + "/notifications"
        empty = (await stage.http("GET", path)).body
        assert empty["items"] == []
        for plmn in ("310-410", "302-720", "440-10"):
            await stage.post(stage.location(number, plmn))
        everything = (await stage.http("GET", path)).body
        assert len(everything["items"]) == 3
        since = (await stage.http("GET", f"{path}?after={empty['cursor']}&limit=1")).body
        assert since["items"][0]["id"] == everything["items"][0]["id"]
        rest = (await stage.http("GET", f"{path}?after={since['cursor']}")).body
        assert [item["id"] for item in rest["items"]] == [item["id"] for item in everything["items"][1:]]
        last = (await stage.http("GET", f"{path}?after={rest['cursor']}")).body
        assert (last["items"], last["cursor"]) == ([], rest["cursor"])
        for query in ("?after=x", "?limit=0", "?wait_s=-1", "?wait_s=soon", "?wait_s=9999", "?colour=blue"):
            assert (await stage.http("GET", path + query)).problem["status"] == 422, query

    run(story())


def test_a_long_poll_ends_with_the_first_notification(stage, run):
    async def story():
        number = await stage.roamer()
        path = path_of(number) + "/notifications"
        assert (await stage.http("GET", f"{path}?wait_s=0.01")).body["items"] == []
        async with asyncio.TaskGroup() as group:
            polls = [group.create_task(stage.http("GET", f"{path}?wait_s=20")) for _ in range(3)]
            await stage.post(stage.location(number, "310-410"))
        assert [[item["kind"] for item in poll.result().body["items"]] for poll in polls] == [
            ["border_world_no_bundle"]
        ] * 3
        (at_once,) = (await stage.http("GET", f"{path}?wait_s=20")).body["items"]
        assert at_once["kind"] == "border_world_no_bundle"

    run(story())


def test_decisions_tell_why_with_the_figures(stage, run):
    async def story():
        number = await stage.roamer()
        counted, crossing = stage.usage(number, MB), stage.usage(number, 15 * MB)
        await stage.post_batch([counted, crossing])
        page = (await stage.http("GET", path_of(number) + "/decisions")).body
        created, first, second = page["items"]
        assert second["event"] == {"type": "usage.reported", "source": SOURCE, "id": crossing["id"]}
        assert created["outcome"] == "ignored"
        assert (first["outcome"], first["sent"]) == ("counted", [])
        assert any(finding["result"] == "below_threshold" for finding in first["findings"])
        assert (second["outcome"], second["sent"]) == ("notified", ["cost_80"])
        sent = next(finding for finding in second["findings"] if finding["result"] == "send")
        assert (sent["rule"], sent["figures"]["charges_ueur"]) == ("G4", 40_000_000)
        assert second["tariffs"]
        after = (await stage.http("GET", f"{path_of(number)}/decisions?after={page['cursor']}")).body
        assert after["items"] == []
        one = (await stage.http("GET", f"{path_of(number)}/decisions?limit=1")).body
        assert len(one["items"]) == 1
        assert (await stage.http("GET", f"{path_of(number)}/decisions?after=x")).status == 422

    run(story())


# --- 2.3 data blocks out


def test_the_network_hears_the_first_state_and_each_change_in_order(stage, run):
    async def story():
        heard = []
        stage.world.on_policy = heard.append
        imsi, number = new_imsi(), new_number()
        await stage.put(number, {"sims": [{"imsi": imsi, "role": "primary"}]})
        await stage.patch(number, {"language": "en"})
        await stage.patch(number, {"bundles": OPTION_B})
        await stage.post_batch([stage.usage(number, MB), stage.usage(number, 20 * MB)])
        await stage.world.smsc.send_mo(number, "1330", "DOORGAAN")
        await stage.patch(number, {"blocks": {"data_eu": True}})
        await stage.world.settle()
        stage.world.on_policy = None
        mine = [event for event in heard if event["data"]["msisdn"] == number]
        assert [(e["data"]["eu"], e["data"]["outside_eu"], e["data"]["reasons"]) for e in mine] == [
            ("open", "blocked", ["NO_BUNDLE_OPTION"]),
            ("open", "open", []),
            ("open", "blocked", ["COST_LIMIT"]),
            ("open", "open", []),
            ("blocked", "open", ["ADMIN_DATA_EU"]),
        ]
        for event in mine:
            assert (event["specversion"], event["type"]) == ("1.0", "nl.sms1330.data-policy.changed.v1")
            assert {"id", "source", "time"} <= event.keys()
            assert event["data"].keys() == {"msisdn", "imsis", "eu", "outside_eu", "blocked_categories", "reasons"}
            assert (event["data"]["imsis"], event["data"]["blocked_categories"]) == ([imsi], [])
        assert len({event["id"] for event in mine}) == len(mine)

    run(story())


def test_a_refused_push_is_repeated_until_it_is_taken_and_keeps_the_order(stage, run, monkeypatch):
    async def story():
        world, number, other = stage.world, new_number(), new_number()
        refused, taken = [], []

        def obey(event):
            if event["data"]["msisdn"] == number and len(refused) < 3:
                refused.append(event)
                raise ValueError("not now")
            taken.append(event)

        monkeypatch.setattr(world, "obey", obey)
        await stage.put(number, {"bundles": OPTION_B})
        await stage.patch(number, {"blocks": {"data_eu": True}})
        await stage.put(other)
        await world.settle()
        assert len(refused) == 3
        assert {event["id"] for event in refused} == {refused[0]["id"]}
        mine = [event for event in taken if event["data"]["msisdn"] == number]
        assert [event["data"]["eu"] for event in mine] == ["open", "blocked"]
        assert mine[0]["id"] == refused[0]["id"]
        assert sum(event["data"]["msisdn"] == other for event in taken) == 1

    run(story())
