"""Events walked against a gateway process: what `POST /v1/events` takes, refuses and answers.

One gateway with a virtual clock for the module; every test has subscriptions of its own, so their order is free.
What is asked is only what the contract says; answers may hold more.
"""

import asyncio
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from simulator.clock import AMSTERDAM
from tests.world.stage import BATCH, EVENT, LOCATION, MB, UNKNOWN, new_imsi, new_number, staged

# --- 2.1 events in: modes and media types


def test_an_event_is_taken_in_each_of_the_three_modes(stage, run):
    async def story():
        number = await stage.roamer()
        structured = await stage.post(stage.usage(number, 10))
        assert structured.result == {
            "id": structured.result["id"],
            "status": "accepted",
            "outcome": "counted",
            "kinds": [],
        }
        event = stage.usage(number, 20)
        headers = {f"ce-{name}": event[name] for name in ("specversion", "id", "source", "type", "time")}
        binary = await stage.http("POST", "/v1/events", event["data"], headers=headers)
        assert (binary.result["id"], binary.result["status"]) == (event["id"], "accepted")
        batch = await stage.post_batch([stage.usage(number, 30), stage.usage(number, 40)])
        assert [result["status"] for result in batch.results] == ["accepted", "accepted"]
        assert (await stage.get(number))["usage"]["outside_eu_bytes"] == 100

    run(story())


def test_the_same_event_in_another_mode_is_a_duplicate(stage, run):
    async def story():
        event = stage.usage(await stage.roamer(), 10)
        assert (await stage.post(event)).result["status"] == "accepted"
        headers = {f"ce-{name}": event[name] for name in ("specversion", "id", "source", "type", "time")}
        binary = await stage.http("POST", "/v1/events", event["data"], headers=headers)
        assert binary.result["status"] == "duplicate"
        assert (await stage.post_batch([event])).result["status"] == "duplicate"

    run(story())


@pytest.mark.parametrize(
    ("raw", "content_type", "status"),
    [
        (b'{"specversion": ', EVENT, 400),
        (b"\xff\xfe", EVENT, 400),
        (b"", EVENT, 400),
        (b'[{"id": 1}', BATCH, 400),
        (b"{}", "text/plain", 415),
        (b"{}", "application/xml", 415),
        (b"{}", "application/json", 415),  # binary mode without any attribute
        (b"{}", BATCH, 422),
        (b"[]", EVENT, 422),
        (b"{}", EVENT, 422),
    ],
)
def test_a_body_that_is_none_is_a_problem(stage, run, raw, content_type, status):
    async def story():
        answer = await stage.http("POST", "/v1/events", raw=raw, content_type=content_type)
        assert answer.status == status, answer.body
        assert answer.problem["title"]

    run(story())


def test_a_body_beyond_8_mib_is_refused(stage, run):
    async def story():
        answer = await stage.http("POST", "/v1/events", raw=b" " * (8 * 1024 * 1024 + 1), content_type=BATCH)
        assert (answer.status, answer.problem["status"]) == (413, 413)

    run(story())


def test_a_batch_holds_at_most_10_000_events(stage, run):
    async def story():
        number = await stage.roamer()
        events = [stage.usage(number, 1) for _ in range(10_001)]
        refused = await stage.post_batch(events)
        assert refused.problem["status"] == 413
        assert "10000" in refused.problem["detail"].replace(",", "").replace("_", "")
        assert (await stage.get(number))["usage"]["outside_eu_bytes"] == 0
        taken = await stage.post_batch(events[:10_000])
        assert {result["status"] for result in taken.results} == {"accepted"}
        assert (await stage.get(number))["usage"]["outside_eu_bytes"] == 10_000

    run(story())


def test_an_empty_batch_has_no_results(stage, run):
    async def story():
        assert (await stage.post_batch([])).results == []

    run(story())


# --- 2.1 events in: what an event may hold


def variants(event, **data):
    """The event with members of data set, or left out for None."""
    members = {name: value for name, value in (event["data"] | data).items() if value is not None}
    return event | {"data": members}


@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        ({"bytes": -1}, "/data/bytes"),
        ({"bytes": 1.5}, "/data/bytes"),
        ({"bytes": "10"}, "/data/bytes"),
        ({"bytes": True}, "/data/bytes"),
        ({"bytes": 2**64}, "/data/bytes"),
        ({"bytes": None}, "/data"),
        ({"session": "s-1"}, "/data"),
        ({"bytes": None, "session": "s-1"}, "/data"),
        ({"bytes": None, "total_bytes": 5}, "/data"),
        ({"bytes": None, "session": "s-1", "total_bytes": -5}, "/data/total_bytes"),
        ({"bytes": None, "session": 7, "total_bytes": 5}, "/data/session"),
        ({"visited_plmn": 310410}, "/data/visited_plmn"),
        ({"visited_plmn": "310410"}, "/data/visited_plmn"),
        ({"visited_plmn": "31-0410"}, "/data/visited_plmn"),
        ({"visited_plmn": None}, "/data"),
        ({"used_at": None}, "/data"),
        ({"used_at": "2026-11-02T09:00:00"}, "/data/used_at"),
        ({"used_at": "yesterday"}, "/data/used_at"),
        ({"used_at": "2026-02-30T09:00:00Z"}, "/data/used_at"),
        ({"started_at": 5}, "/data/started_at"),
        ({"msisdn": None}, "/data"),
        ({"msisdn": "0612345678"}, "/data/msisdn"),
        ({"msisdn": 31612345678}, "/data/msisdn"),
        ({"imsi": "204080000000001"}, "/data"),
        ({"msisdn": None, "imsi": "20408"}, "/data/imsi"),
        ({"colour": "blue"}, "/data/colour"),
        ({"a/b~c": 1}, "/data/a~1b~0c"),
    ],
)
def test_wrong_data_is_rejected_with_its_place(stage, run, data, pointer):
    async def story():
        number = await stage.roamer()
        event = variants(stage.usage(number, 10), **data)
        answer = await stage.post(event)
        assert (answer.status, answer.problem["code"]) == (422, "invalid"), answer.body
        assert pointer in answer.pointers
        result = (await stage.post_batch([event])).result
        assert (result["status"], result["code"]) == ("rejected", "invalid")
        assert "/0" + pointer in [error["pointer"] for error in result["errors"]]
        assert (await stage.get(number))["usage"]["outside_eu_bytes"] == 0

    run(story())


@pytest.mark.parametrize(
    ("attributes", "pointer"),
    [
        ({"specversion": "0.3"}, "/specversion"),
        ({"specversion": None}, ""),
        ({"id": ""}, "/id"),
        ({"id": 5}, "/id"),
        ({"id": None}, ""),
        ({"source": None}, ""),
        ({"source": "two words"}, "/source"),
        ({"time": None}, ""),
        ({"time": "2026-11-02"}, "/time"),
        ({"type": None}, ""),
        ({"data": None}, ""),
        ({"data": [1]}, "/data"),
        ({"data_base64": "AA=="}, "/data_base64"),
        ({"datacontenttype": "text/xml"}, "/datacontenttype"),
        ({"Capital": 1}, "/Capital"),
    ],
)
def test_wrong_attributes_are_rejected_with_their_place(stage, run, attributes, pointer):
    async def story():
        event = stage.usage(await stage.roamer(), 10) | attributes
        answer = await stage.post({name: value for name, value in event.items() if value is not None})
        assert (answer.status, answer.problem["code"]) == (422, "invalid"), answer.body
        assert pointer in answer.pointers

    run(story())


def test_all_faults_of_an_event_are_told_at_once(stage, run):
    async def story():
        event = variants(stage.usage(UNKNOWN, 10), bytes=-1, used_at="never", visited_plmn="x")
        pointers = (await stage.post(event)).pointers
        assert {"/data/bytes", "/data/used_at", "/data/visited_plmn"} <= set(pointers)

    run(story())


def test_an_unknown_number_or_imsi_or_type_is_rejected_by_name(stage, run):
    async def story():
        for event, code in (
            (stage.usage(UNKNOWN, 10), "unknown_subscription"),
            (variants(stage.usage(UNKNOWN, 10), msisdn=None, imsi="204089999999999"), "unknown_subscription"),
            (stage.location(UNKNOWN, "310-410"), "unknown_subscription"),
            (stage.usage(UNKNOWN, 10) | {"type": "nl.sms1330.usage.reported.v9"}, "unknown_type"),
        ):
            answer = await stage.post(event)
            assert (answer.status, answer.problem["code"]) == (422, code)
            assert answer.problem["errors"]
            assert (await stage.post_batch([event])).result["code"] == code

    run(story())


def test_five_minutes_ahead_is_allowed_and_more_is_not(stage, run):
    async def story():
        number = await stage.roamer()
        now = await stage.now()
        edge, beyond = now + timedelta(minutes=5), now + timedelta(minutes=5, seconds=1)
        assert (await stage.post(stage.usage(number, 1, used_at=edge.isoformat()))).result["status"] == "accepted"
        for event, pointer in (
            (stage.usage(number, 1, used_at=beyond.isoformat()), "/data/used_at"),
            (stage.usage(number, 1) | {"time": beyond.isoformat()}, "/time"),
            (stage.location(number, "310-410") | {"time": beyond.isoformat()}, "/time"),
        ):
            answer = await stage.post(event)
            assert (answer.problem["code"], answer.pointers) == ("time_in_future", [pointer])
        assert (await stage.get(number))["usage"]["outside_eu_bytes"] == 1

    run(story())


def test_q66_how_far_ahead_is_the_operators_choice(run, tmp_path):
    async def story():
        async with staged(tmp_path, GATEWAY__POLICY__AHEAD_MAX_S="60") as stage:
            number = await stage.roamer()
            now = await stage.now()
            for ahead_s, status in ((60, "accepted"), (61, "rejected")):
                moment = (now + timedelta(seconds=ahead_s)).isoformat()
                batch = await stage.post_batch([stage.usage(number, 1, used_at=moment) | {"time": moment}])
                assert [result["status"] for result in batch.results] == [status]

    run(story())


def test_a_session_total_is_merged_by_maximum(stage, run):
    async def story():
        number = await stage.roamer()
        totals = ((5, 5), (9, 9), (7, 9), (9, 9), (12, 12))
        for total, expected in totals:
            event = stage.usage(number, 0, bytes=None, session="s-1", total_bytes=total)
            assert (await stage.post(event)).result["status"] == "accepted"
            assert (await stage.get(number))["usage"]["outside_eu_bytes"] == expected
        other = stage.usage(number, 0, bytes=None, session="s-2", total_bytes=3)
        batch = await stage.post_batch([other, variants(other, total_bytes=4) | {"id": other["id"] + "b"}])
        assert [result["status"] for result in batch.results] == ["accepted", "accepted"]
        assert (await stage.get(number))["usage"]["outside_eu_bytes"] == 16
        # Another subscription's session of the same name is another session.
        stranger = await stage.roamer()
        await stage.post(stage.usage(stranger, 0, bytes=None, session="s-1", total_bytes=4))
        assert (await stage.get(stranger))["usage"]["outside_eu_bytes"] == 4

    run(story())


def test_a_record_over_the_months_end_is_split_by_started_at(stage, run):
    async def story():
        number = await stage.roamer()
        first = (await stage.now()).astimezone(AMSTERDAM).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        event = stage.usage(
            number,
            4_000_000,
            started_at=(first - timedelta(hours=1)).isoformat(),
            used_at=(first + timedelta(hours=3)).isoformat(),
        )
        assert (await stage.post(event)).result["status"] == "accepted"
        previous = f"{first - timedelta(days=1):%Y-%m}"
        assert (await stage.get(number))["cost"]["charged_eur"] == "7.50"
        assert (await stage.get(number, f"?period={previous}"))["cost"]["charged_eur"] == "2.50"
        backwards = stage.usage(number, 1, started_at=(first + timedelta(hours=9)).isoformat())
        backwards["data"]["used_at"] = first.isoformat()
        assert (await stage.post(backwards)).pointers == ["/data/started_at"]

    run(story())


def test_a_sim_is_found_by_its_imsi(stage, run):
    async def story():
        imsi, combi_imsi, combi = new_imsi(), new_imsi(), new_number()
        sims = [
            {"imsi": imsi, "role": "primary"},
            {"imsi": combi_imsi, "role": "combi", "msisdn": combi},
        ]
        number = await stage.roamer(sims=sims)
        for data in ({"imsi": imsi}, {"imsi": combi_imsi}, {"msisdn": combi}, {"msisdn": number}):
            event = variants(stage.usage(number, 10), **({"msisdn": None} | data))
            assert (await stage.post(event)).result["status"] == "accepted"
        # A12: all of it counts on the parent.
        assert (await stage.get(number))["usage"]["outside_eu_bytes"] == 40
        for data, plmn in (({"msisdn": number}, "310-410"), ({"msisdn": combi}, "440-10")):
            await stage.post(stage.event(LOCATION, stage.world.clock.now(), data | {"visited_plmn": plmn}))
        located = {spot["imsi"]: spot for spot in (await stage.get(number))["location"]}
        assert located.keys() == {imsi, combi_imsi}
        assert (located[imsi]["plmn"], located[imsi]["country"], located[imsi]["zone"]) == ("310-410", "US", "A")
        assert (located[combi_imsi]["country"], located[combi_imsi]["zone"]) == ("JP", "B")
        assert datetime.fromisoformat(located[imsi]["since"]) == await stage.now()

    run(story())


# --- 2.1 events in: what comes of them


def test_each_outcome_has_its_word(stage, run):
    async def story():
        number = await stage.roamer()
        now = await stage.now()
        last_month = now.astimezone(AMSTERDAM).replace(day=1) - timedelta(days=1)

        async def outcome(event):
            result = (await stage.post(event)).result
            assert result["status"] == "accepted"
            return result["outcome"], result["kinds"]

        assert await outcome(stage.location(number, "310-410")) == ("notified", ["border_world_no_bundle"])
        assert await outcome(stage.location(number, "310-260")) == ("suppressed", [])
        assert await outcome(stage.location(number, "204-08")) == ("ignored", [])
        older = stage.location(number, "302-720") | {"time": (now - timedelta(hours=1)).isoformat()}
        assert await outcome(older) == ("ignored", [])
        assert await outcome(stage.usage(number, MB)) == ("counted", [])
        assert await outcome(stage.usage(number, MB, used_at=last_month.isoformat())) == ("late", [])
        assert await outcome(stage.usage(number, 15 * MB)) == ("notified", ["cost_80"])
        assert await outcome(stage.usage(number, 4 * MB)) == ("notified", ["cost_100_block"])
        assert await outcome(stage.usage(number, MB)) == ("leakage", [])
        silent = await stage.roamer(preferences={"LIMIET": False})
        assert await outcome(stage.usage(silent, 16 * MB)) == ("suppressed", [])

    run(story())


def test_a_duplicate_repeats_the_first_answer_and_counts_nothing(stage, run):
    async def story():
        number = await stage.roamer()
        event = stage.usage(number, 20 * MB)
        first = (await stage.post(event)).result
        assert (first["status"], first["outcome"], first["kinds"]) == ("accepted", "notified", ["cost_100_block"])
        for _ in range(2):
            assert (await stage.post(event)).result == first | {"status": "duplicate"}
        assert (await stage.get(number))["cost"]["charged_eur"] == "50.00"
        # The same content in another spelling is the same event; another source's id is another event.
        respelled = variants(event, used_at=stage.world.clock.now().astimezone(UTC).isoformat()) | {"subject": "x"}
        assert (await stage.post(respelled)).result["status"] == "duplicate"
        assert (await stage.post(event | {"source": "/elsewhere"})).result["status"] == "accepted"

    run(story())


def test_the_same_id_with_other_content_is_a_conflict(stage, run):
    async def story():
        number = await stage.roamer()
        event = stage.usage(number, 10)
        await stage.post(event)
        answer = await stage.post(variants(event, bytes=11))
        assert answer.status == 409
        assert answer.problem["id"] == event["id"]
        result = (await stage.post_batch([variants(event, bytes=12)])).result
        assert (result["id"], result["status"]) == (event["id"], "conflict")
        assert (await stage.get(number))["usage"]["outside_eu_bytes"] == 10

    run(story())


def test_a_rejected_event_of_a_batch_stops_nothing_else(stage, run):
    async def story():
        number = await stage.roamer()
        first, last = stage.usage(number, 1), stage.usage(number, 2)
        ahead = (await stage.now() + timedelta(hours=1)).isoformat()
        batch = [
            first,
            stage.usage(UNKNOWN, 10),
            variants(stage.usage(number, 10), bytes=-1),
            first,
            "no event",
            variants(first, bytes=99),
            stage.usage(number, 10) | {"type": "x.y"},
            stage.usage(number, 10, used_at=ahead),
            stage.location(number, "310-410"),
            last,
        ]
        results = (await stage.post_batch(batch)).results
        assert [result["status"] for result in results] == [
            *("accepted", "rejected", "rejected", "duplicate", "rejected"),
            *("conflict", "rejected", "rejected", "accepted", "accepted"),
        ]
        codes = [result["code"] for result in results if result["status"] == "rejected"]
        assert codes == ["unknown_subscription", "invalid", "invalid", "unknown_type", "time_in_future"]
        assert all(result["errors"] for result in results if result["status"] == "rejected")
        assert results[2]["errors"][0]["pointer"] == "/2/data/bytes"
        assert [result["id"] for result in (results[0], results[9])] == [first["id"], last["id"]]
        assert (await stage.get(number))["usage"]["outside_eu_bytes"] == 3
        # A rejected event leaves no id behind.
        assert (await stage.post(batch[2] | {"data": batch[0]["data"]})).result["status"] == "accepted"

    run(story())


def test_a_batch_is_applied_in_the_order_given(stage, run):
    async def story():
        number = await stage.roamer()
        steps = [stage.usage(number, megabytes * MB) for megabytes in (16, 4, 1)]
        results = (await stage.post_batch([*steps, stage.location(number, "310-410")])).results
        assert [(result["outcome"], result["kinds"]) for result in results] == [
            ("notified", ["cost_80"]),
            ("notified", ["cost_100_block"]),
            ("leakage", []),
            ("notified", ["border_world_blocked"]),
        ]

    run(story())


def test_a_closed_month_is_rejected_late_and_stays_so(stage, run):
    async def story():
        number = await stage.roamer()
        long_ago = (await stage.now() - timedelta(days=62)).isoformat()
        event = stage.usage(number, 10, used_at=long_ago)
        for _ in range(2):
            answer = await stage.post(event)
            assert (answer.status, answer.problem["code"], answer.pointers) == (
                422,
                "rejected_late",
                ["/data/used_at"],
            )
        assert (await stage.post(variants(event, bytes=11))).status == 409

    run(story())


def test_a_lost_answer_is_no_lost_event(stage, run):
    """The producer hangs up before the answer and asks again with the same id."""

    async def story():
        number = await stage.roamer()
        event = stage.usage(number, 7)
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as hasty:
            request = asyncio.ensure_future(
                hasty.post(stage.client.url + "/v1/events", json=event, headers={"Content-Type": EVENT})
            )
            await asyncio.sleep(0)
            request.cancel()
            await asyncio.gather(request, return_exceptions=True)
        assert (await stage.post(event)).result["status"] in ("accepted", "duplicate")
        assert (await stage.post(event)).result["status"] == "duplicate"
        assert (await stage.get(number))["usage"]["outside_eu_bytes"] == 7

    run(story())
