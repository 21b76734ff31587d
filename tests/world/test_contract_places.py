"""Places walked against a gateway process: by network before country, by zone and by regime (rules 4)."""

from datetime import datetime

import pytest

from simulator.clock import AMSTERDAM
from tests.world.stage import MB, staged


async def enters(stage, number, plmn):
    """What was told of a network, and where the SIM is shown."""
    result = (await stage.post(stage.location(number, plmn))).result
    (spot,) = (await stage.get(number))["location"]
    assert spot["plmn"] == plmn
    return result["kinds"], (spot["country"], spot["zone"])


@pytest.mark.parametrize(
    ("plmn", "kinds", "place"),
    [
        ("204-16", [], ("NL", "HOME")),  # Q44
        ("262-01", ["border_eu"], ("DE", "EU")),
        ("234-02", ["border_eu"], ("GB", "EU")),  # Q38
        ("234-50", ["border_eu"], (None, "EU")),  # Q43
        ("234-58", ["border_eu"], (None, "EU")),
        ("280-01", ["border_eu"], ("CY", "EU")),
        ("286-01", ["border_world_no_bundle"], ("TR", "A")),  # the north of Cyprus too
        ("340-01", ["border_eu"], ("GP", "EU")),
        ("255-03", ["border_eu"], ("UA", "EU")),  # Q39
        ("901-71", ["border_world_no_bundle"], (None, "A")),  # Q41
        ("901-12", ["border_non_terrestrial"], (None, "NT")),  # Q40
        ("901-14", ["border_non_terrestrial"], (None, "NT")),
        ("438-02", ["border_world_no_bundle", "border_no_realtime"], ("TM", "ROW")),  # Q55, Q62
        ("999-99", ["border_world_no_bundle"], (None, "ROW")),
    ],
)
def test_a_network_is_where_the_sheet_says(stage, run, plmn, kinds, place):
    async def story():
        assert await enters(stage, await stage.roamer(), plmn) == (kinds, place)

    run(story())


@pytest.mark.parametrize(
    ("plmn", "kinds"),
    [
        ("262-01", ["border_eu_emergency"]),  # member
        ("242-01", ["border_eu_emergency"]),  # eea
        ("259-01", ["border_eu_emergency"]),  # rlah_assoc
        ("228-01", []),  # voluntary
        ("286-01", []),  # third
        ("901-12", []),  # non_terrestrial
        ("438-02", ["border_no_realtime"]),  # Q55: no opt-out from that
        ("204-08", []),
    ],
)
def test_q4_with_info_off_the_regime_decides_on_112(stage, run, plmn, kinds):
    async def story():
        number = await stage.roamer(preferences={"INFO": False})
        assert (await enters(stage, number, plmn))[0] == kinds
        for item in await stage.notices(number):
            assert ("112" in (item["text"] or "")) == (item["kind"] == "border_eu_emergency")

    run(story())


@pytest.mark.parametrize("plmn", ["262-01", "228-01", "234-50"])
def test_art_15_a_text_of_the_eu_zone_tells_of_112_where_it_is_a_courtesy_too(stage, run, plmn):
    async def story():
        number = await stage.roamer()
        await enters(stage, number, plmn)
        (item,) = await stage.notices(number)
        assert "112" in item["text"]

    run(story())


def test_two_places_with_one_country_code_are_two_borders(stage, run):
    """Q43: from the Kingdom to Jersey, and from the south of Cyprus to the north."""

    async def story():
        number = await stage.roamer()
        kinds = [(await enters(stage, number, plmn))[0] for plmn in ("234-02", "234-50", "280-01", "286-01")]
        assert kinds == [["border_eu"], ["border_eu"], ["border_eu"], ["border_world_no_bundle"]]

    run(story())


def test_q40_a_ship_is_charged_without_a_bundle_and_feeds_the_limit(stage, run):
    async def story():
        number = await stage.subscribed(bundles={"WORLD": {"enabled": True}})
        await stage.post(stage.usage(number, 4 * MB, "901-12"))
        shown = await stage.get(number)
        assert (shown["cost"]["charged_eur"], shown["bundle_instances"]) == ("40.00", [])
        assert [item["kind"] for item in await stage.notices(number)] == ["cost_80"]

    run(story())


def test_q41_a_platform_is_charged_as_zone_a(stage, run):
    async def story():
        number = await stage.roamer()
        await stage.post(stage.usage(number, 4 * MB, "901-71"))
        assert (await stage.get(number))["cost"]["charged_eur"] == "10.00"

    run(story())


def test_q55_where_usage_comes_late_the_counter_runs_all_the_same(stage, run):
    async def story():
        number = await stage.roamer()
        await stage.post(stage.usage(number, 10 * MB, "438-02"))
        assert (await stage.get(number))["cost"]["state"] == "BLOCKED_100"

    run(story())


def test_an_unknown_network_is_charged_in_the_dearest_zone_of_the_world(stage, run):
    async def story():
        number = await stage.roamer()
        await stage.post(stage.usage(number, MB, "999-99"))
        assert (await stage.get(number))["cost"]["charged_eur"] == "5.00"

    run(story())


def test_d1_over_wifi_abroad_a_phone_is_at_home_and_texts_are_answered(stage, run):
    async def story():
        handset = stage.world.handset(await stage.roamer())
        await stage.world.roam(handset, "310-410")
        assert await enters(stage, handset.number, "204-08") == ([], ("NL", "HOME"))
        (answer,) = await stage.world.text(handset, "HELP")
        assert "DOORGAAN" in answer.text
        # Q42: back on the network of the country it never left.
        kinds, place = await enters(stage, handset.number, "310-410")
        assert (kinds, place) == ([], ("US", "A"))

    run(story())


def test_q39_ukraine_and_moldova_are_as_at_home_from_2026(run, tmp_path):
    async def story():
        async with staged(tmp_path, start=datetime(2025, 12, 31, 23, 0, tzinfo=AMSTERDAM)) as stage:
            first, second = await stage.roamer(), await stage.roamer()
            assert await enters(stage, first, "255-03") == (["border_world_no_bundle"], ("UA", "A"))
            await stage.post(stage.usage(first, 4 * MB, "259-01"))
            assert (await stage.get(first))["cost"]["charged_eur"] == "10.00"
            await stage.world.advance(to=datetime(2026, 1, 1, tzinfo=AMSTERDAM))
            assert await enters(stage, second, "255-03") == (["border_eu"], ("UA", "EU"))
            await stage.post(stage.usage(first, 4 * MB, "259-01"))
            shown = await stage.get(first)
            assert (shown["cost"]["charged_eur"], shown["usage"]["domestic_eu_bytes"]) == ("0.00", 4 * MB)
            # A record that comes later is charged by where it was used when it was used.
            late = stage.usage(first, 4 * MB, "259-01", used_at="2025-12-31T23:30:00+01:00")
            assert (await stage.post(late)).result["outcome"] == "late"
            assert (await stage.get(first, "?period=2025-12"))["cost"]["charged_eur"] == "20.00"

    run(story())
