"""Events of CAMARA Device Roaming Status walked against a gateway process: a country where no network is named."""

from datetime import timedelta

import pytest

from tests.world.stage import UNKNOWN, new_imsi, new_number

KINDS = ("roaming-on", "roaming-off", "roaming-change-country", "roaming-status")
AMERICA = {"countryCode": 310, "countryName": ["US"]}
BRITAIN = {"countryCode": 234, "countryName": ["GB"]}


def camara(stage, kind, number, *, version="v0", **data):
    """An event of that API at the world's instant."""
    members = {"device": {"phoneNumber": number}, "subscriptionId": "qs15-h556-rt89-1298"} | data
    event_type = f"org.camaraproject.device-roaming-status-subscriptions.{version}.{kind}"
    return stage.event(event_type, stage.world.clock.now(), members, datacontenttype="application/json")


async def whereabouts(stage, number):
    return [(spot["plmn"], spot["country"], spot["zone"]) for spot in (await stage.get(number))["location"]]


@pytest.mark.parametrize("version", ["v0", "v1"])
@pytest.mark.parametrize("kind", ["roaming-on", "roaming-change-country", "roaming-status"])
def test_a_country_brings_its_tariffs_and_shows_no_network(stage, run, version, kind):
    async def story():
        data = AMERICA | ({"roaming": True} if kind == "roaming-status" else {})
        number = await stage.roamer()
        result = (await stage.post(camara(stage, kind, number, version=version, **data))).result
        assert (result["status"], result["outcome"], result["kinds"]) == (
            "accepted",
            "notified",
            ["border_world_no_bundle"],
        )
        (item,) = await stage.notices(number)
        assert "Verenigde Staten" in item["text"]
        assert "3,03/MB" in item["text"]
        assert await whereabouts(stage, number) == [(None, "US", "A")]

    run(story())


@pytest.mark.parametrize(("kind", "data"), [("roaming-off", {}), ("roaming-status", {"roaming": False})])
def test_q44_who_roams_no_more_is_home_and_hears_nothing(stage, run, kind, data):
    async def story():
        number = await stage.roamer()
        await stage.post(camara(stage, "roaming-change-country", number, **AMERICA))
        result = (await stage.post(camara(stage, kind, number, **data))).result
        assert (result["status"], result["outcome"], result["kinds"]) == ("accepted", "ignored", [])
        assert await whereabouts(stage, number) == [(None, "NL", "HOME")]
        # Q42: home resets nothing, so the same country is not told again so soon.
        again = (await stage.post(camara(stage, "roaming-change-country", number, **AMERICA))).result
        assert again["outcome"] == "suppressed"
        assert [item["reason"] for item in await stage.notices(number)] == [None, "reentry_quiet"]

    run(story())


@pytest.mark.parametrize(("kind", "data"), [("roaming-on", {}), ("roaming-status", {"roaming": True})])
def test_abroad_without_a_country_is_taken_and_leads_to_nothing(stage, run, kind, data):
    async def story():
        number = await stage.roamer()
        event = camara(stage, kind, number, **data)
        result = (await stage.post(event)).result
        assert (result["status"], result["outcome"], result["kinds"]) == ("accepted", "ignored", [])
        assert await whereabouts(stage, number) == []
        assert (await stage.post(event)).result["status"] == "duplicate"
        told = (await stage.post(camara(stage, "roaming-change-country", number, **AMERICA))).result
        assert told["kinds"] == ["border_world_no_bundle"]

    run(story())


def test_q43_a_country_does_not_take_back_a_network(stage, run):
    async def story():
        number = await stage.roamer()
        assert (await stage.post(stage.location(number, "234-50"))).result["kinds"] == ["border_eu"]
        result = (await stage.post(camara(stage, "roaming-status", number, roaming=True, **BRITAIN))).result
        assert result["outcome"] == "suppressed"
        assert await whereabouts(stage, number) == [("234-50", None, "EU")]
        first, second = await stage.notices(number)
        assert "Kanaaleil. / Man" in first["text"]
        assert second["reason"] == "same_country"

    run(story())


def test_q43_a_network_says_more_than_its_country(stage, run):
    async def story():
        number = await stage.roamer()
        await stage.post(camara(stage, "roaming-on", number, **AMERICA))
        assert (await stage.post(stage.location(number, "310-410"))).result["outcome"] == "suppressed"
        assert await whereabouts(stage, number) == [("310-410", "US", "A")]

    run(story())


@pytest.mark.parametrize(
    ("country", "place", "kind"),
    [
        ((901, []), (None, None, "NT"), "border_non_terrestrial"),
        ((340, ["BL", "GF", "GP", "MF", "MQ"]), (None, "GP", "EU"), "border_eu"),
        ((999, ["XX"]), (None, None, "ROW"), "border_world_no_bundle"),
    ],
)
def test_q40_q67_codes_of_no_country_of_several_and_of_none_we_know(stage, run, country, place, kind):
    async def story():
        code, names = country
        number = await stage.roamer()
        event = camara(stage, "roaming-change-country", number, countryCode=code, countryName=names)
        assert (await stage.post(event)).result["kinds"] == [kind]
        assert await whereabouts(stage, number) == [place]

    run(story())


def test_q4_the_law_follows_the_country(stage, run):
    async def story():
        silent = {"preferences": {"INFO": False}}
        germany = {"countryCode": 262, "countryName": ["DE"]}
        for data, kinds in ((germany, ["border_eu_emergency"]), (BRITAIN, []), (AMERICA, [])):
            number = await stage.roamer(**silent)
            result = (await stage.post(camara(stage, "roaming-on", number, **data))).result
            assert result["kinds"] == kinds

    run(story())


def test_q47_the_number_of_a_combi_sim_is_that_sim(stage, run):
    async def story():
        number, combi = new_number(), new_number()
        sims = [{"imsi": new_imsi(), "role": "primary"}, {"imsi": new_imsi(), "role": "combi", "msisdn": combi}]
        await stage.put(number, {"sims": sims})
        result = (await stage.post(camara(stage, "roaming-on", combi, **BRITAIN))).result
        assert result["kinds"] == ["border_combi"]
        (spot,) = (await stage.get(number))["location"]
        assert (spot["imsi"], spot["plmn"], spot["country"]) == (sims[1]["imsi"], None, "GB")
        (item,) = await stage.notices(number)
        assert item["to"] == number

    run(story())


def test_q26_sent_again_it_is_a_duplicate_and_with_other_content_a_conflict(stage, run):
    async def story():
        number = await stage.roamer()
        event = camara(stage, "roaming-on", number, **AMERICA)
        first = (await stage.post(event)).result
        again = (await stage.post(event)).result
        assert (again["status"], again["kinds"]) == ("duplicate", first["kinds"])
        other = event | {"data": event["data"] | BRITAIN}
        assert (await stage.post(other)).problem["status"] == 409
        assert len(await stage.notices(number)) == 1

    run(story())


def test_q27_an_older_country_is_ignored(stage, run):
    async def story():
        number = await stage.roamer()
        old = camara(stage, "roaming-change-country", number, **BRITAIN)
        await stage.world.advance(by=timedelta(seconds=1))
        await stage.post(camara(stage, "roaming-change-country", number, **AMERICA))
        assert (await stage.post(old)).result["outcome"] == "ignored"
        assert await whereabouts(stage, number) == [(None, "US", "A")]

    run(story())


def test_one_nobody_knows_is_rejected(stage, run):
    async def story():
        answer = await stage.post(camara(stage, "roaming-on", UNKNOWN, **AMERICA))
        assert (answer.status, answer.problem["code"]) == (422, "unknown_subscription")

    run(story())


@pytest.mark.parametrize("kind", KINDS)
def test_every_fault_has_its_place(stage, run, kind):
    async def story():
        number = await stage.roamer()
        event = camara(stage, kind, number, device={"phoneNumber": "06", "serial": 1}, countryCode="US", speed=3)
        answer = await stage.post(event)
        places = {"/data/device/phoneNumber", "/data/device/serial", "/data/countryCode", "/data/speed"}
        missing = {"roaming-status": {"/data"}}.get(kind, set())
        assert (answer.status, set(answer.pointers)) == (422, places | missing)
        (rejected,) = (await stage.post_batch([event])).results
        assert {error["pointer"] for error in rejected["errors"]} == {f"/0{place}" for place in places | missing}

    run(story())


def test_in_binary_mode_it_is_the_same_event(stage, run):
    async def story():
        number = await stage.roamer()
        event = camara(stage, "roaming-on", number, **AMERICA)
        headers = {f"ce-{name}": event[name] for name in ("specversion", "id", "source", "type", "time")}
        answer = await stage.http("POST", "/v1/events", event["data"], headers=headers)
        assert answer.result["kinds"] == ["border_world_no_bundle"]
        assert (await stage.post(event)).result["status"] == "duplicate"

    run(story())


def test_other_types_of_that_family_are_unknown(stage, run):
    async def story():
        answer = await stage.post(camara(stage, "subscription-ends", await stage.subscribed()))
        assert (answer.problem["code"], answer.pointers) == ("unknown_type", ["/type"])

    run(story())
