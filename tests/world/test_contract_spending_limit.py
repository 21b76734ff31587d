"""The spending limit in the shape of 3GPP TS 29.594 walked against a gateway process."""

from datetime import timedelta

import pytest

from simulator.clock import AMSTERDAM
from tests.world.stage import MB, UNKNOWN, new_imsi, path_of


async def counters(stage, number):
    """Counter → its status, and those that wait."""
    answer = await stage.http("GET", path_of(number) + "/spending-limit")
    assert answer.status == 200, answer
    infos = answer.body["statusInfos"]
    assert all(info["policyCounterId"] == name for name, info in infos.items())
    return {
        name: (
            info["currentStatus"],
            [(one["policyCounterStatus"], one["activationTime"]) for one in info.get("penPolCounterStatuses", [])],
        )
        for name, info in infos.items()
    }


async def first_of_next_month(stage):
    """The first instant of the next month on the clocks of Amsterdam, as RFC 3339."""
    now = (await stage.now()).astimezone(AMSTERDAM)
    begin = (now.replace(day=1) + timedelta(days=32)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return begin.isoformat()


def test_the_cost_state_is_a_counter_that_the_1st_opens_again(stage, run):
    async def story():
        number = await stage.roamer()
        first = await first_of_next_month(stage)
        states = []
        for volume in (16, 4, 20):
            await stage.post(stage.usage(number, volume * MB))
            status, pending = (await counters(stage, number))["outside_eu_cost"]
            states.append(status)
            assert pending == [("OPEN", first)]
            assert status == (await stage.get(number))["cost"]["state"]
            await stage.world.smsc.send_mo(number, "1330", "DOORGAAN")
        assert states == ["OPEN", "BLOCKED_100", "BLOCKED_200"]
        assert (await counters(stage, number))["outside_eu_cost"][0] == "OPEN_REST_OF_MONTH"

    run(story())


def test_g10_a_lowering_is_pending_until_the_1st_and_a_raise_is_not(stage, run):
    async def story():
        number = await stage.subscribed()
        assert (await counters(stage, number))["cost_limit"] == ("50", [])
        await stage.patch(number, {"cost_limit_eur": 30})
        assert (await counters(stage, number))["cost_limit"] == ("50", [("30", await first_of_next_month(stage))])
        await stage.patch(number, {"cost_limit_eur": 200})
        assert (await counters(stage, number))["cost_limit"] == ("200", [])

    run(story())


def test_volumes_are_counters_where_a_volume_is_set(stage, run):
    async def story():
        number = await stage.roamer()
        plain = await counters(stage, number)
        assert not {"domestic_eu_volume", "outside_eu_volume"} & plain.keys()
        await stage.patch(number, {"usage_alert_gb": 0.01, "roaming_limit_mb": 5})
        await stage.post(stage.usage(number, 8 * MB, "204-08"))
        await stage.post(stage.usage(number, 5 * MB))
        shown = await counters(stage, number)
        first = await first_of_next_month(stage)
        assert shown["domestic_eu_volume"] == ("REACHED_80", [("BELOW_80", first)])
        assert shown["outside_eu_volume"] == ("REACHED_100", [("BELOW_80", first)])

    run(story())


def test_enabled_bundles_are_counters(stage, run):
    async def story():
        number = await stage.subscribed(bundles={"A": {"enabled": True}, "ROW": {"enabled": True}})
        shown = await counters(stage, number)
        assert {name for name in shown if name.startswith("bundle:")} == {"bundle:A", "bundle:ROW"}
        assert shown["bundle:A"] == ("ENABLED", [("ENABLED", await first_of_next_month(stage))])

    run(story())


def test_the_imsi_of_the_primary_sim_names_it(stage, run):
    async def story():
        imsi = new_imsi()
        number = await stage.subscribed(sims=[{"imsi": imsi, "role": "primary"}])
        assert (await stage.http("GET", path_of(number) + "/spending-limit")).body["supi"] == f"imsi-{imsi}"
        unnamed = await stage.subscribed()
        assert "supi" not in (await stage.http("GET", path_of(unnamed) + "/spending-limit")).body

    run(story())


@pytest.mark.parametrize(("query", "status"), [("", 404), ("?period=2026-11", 422)])
def test_what_cannot_be_read(stage, run, query, status):
    async def story():
        answer = await stage.http("GET", path_of(UNKNOWN) + "/spending-limit" + query)
        assert answer.problem["status"] == status

    run(story())
