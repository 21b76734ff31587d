"""Kinds of subscriptions walked against a gateway process: what they are, what they may, and whose a number is."""

from datetime import timedelta

import pytest

from tests.world.stage import MB, OPTION_B, new_imsi, new_number, path_of

HOME = "204-08"
READ_ONLY = {"msisdn", "period", "cost", "usage", "bundle_instances", "data", "location"}


def sim(role="primary", number=None):
    return {"imsi": new_imsi(), "role": role} | ({} if number is None else {"msisdn": number})


async def told(stage, number):
    """Kind and reason of each text, in order."""
    return [(item["kind"], item["reason"]) for item in await stage.notices(number)]


# --- what GET shows, PUT takes


async def plain(stage):
    return await stage.subscribed()


async def rich(stage):
    sims = [sim(), sim("multisim"), sim("combi", new_number())]
    return await stage.subscribed(
        customer="Bakker & Zn",
        language="en",
        bundle_gb="unlimited",
        sims=sims,
        sms_capable=False,
        notify_msisdn=new_number(),
        m2m=True,
        cost_limit_eur=200,
        hard_cap=True,
        usage_alert_gb=7.123456789,
        roaming_limit_mb=33,
        bundles={"A": {"enabled": True, "max_per_month": 3}, "ROW": {"enabled": True}},
        blocks={"data_eu": True, "premium": True},
        preferences={"BERICHT": False},
    )


@pytest.mark.parametrize("kind", [plain, rich])
def test_what_is_shown_may_be_set_again_and_changes_nothing(stage, run, kind):
    async def story():
        number = await kind(stage)
        await stage.post(stage.location(number, "310-410"))
        await stage.post(stage.usage(number, MB, HOME))
        shown = await stage.get(number)
        settable = {name: value for name, value in shown.items() if name not in READ_ONLY}
        for answer in (await stage.put(number, settable), await stage.patch(number, settable)):
            assert answer.status == 200, answer
            assert answer.body == shown
        assert await stage.get(number) == shown
        # The number still leads to its SIM, and what was announced is remembered.
        again = (await stage.post(stage.location(number, "310-260"))).result
        assert (again["status"], again["outcome"]) == ("accepted", "suppressed")
        copy = settable | {"notify_msisdn": None, "sims": [{"imsi": None, "role": "primary"}]}
        assert (await stage.put(new_number(), copy)).status == 201

    run(story())


def test_what_is_only_shown_is_refused_by_its_place(stage, run):
    async def story():
        number = await stage.subscribed()
        shown = await stage.get(number)
        answer = await stage.put(number, shown)
        assert (answer.status, set(answer.pointers)) == (422, {f"/{name}" for name in READ_ONLY})
        assert all("read-only" in error["message"] for error in answer.problem["errors"])
        assert set(shown) >= READ_ONLY

    run(story())


def test_a_sim_may_get_its_imsi_later(stage, run):
    async def story():
        number, imsi = await stage.subscribed(), new_imsi()
        await stage.post(stage.location(number, "262-01"))
        (unnamed,) = (await stage.get(number))["sims"]
        answer = await stage.patch(number, {"sims": [unnamed | {"imsi": imsi}]})
        assert answer.body["sims"] == [{"imsi": imsi, "role": "primary", "msisdn": number}]
        await stage.post(stage.usage(number, 3 * MB, HOME))
        await stage.post(stage.usage(number, 4 * MB, HOME, msisdn=None, imsi=imsi))
        assert (await stage.get(number))["usage"]["domestic_eu_bytes"] == 7 * MB

    run(story())


@pytest.mark.parametrize("role", ["multisim", "combi"])
def test_another_sim_than_the_primary_has_an_imsi(stage, run, role):
    async def story():
        number = await stage.subscribed()
        sims = [sim(), {"imsi": None, "role": role, "msisdn": new_number() if role == "combi" else number}]
        answer = await stage.patch(number, {"sims": sims})
        assert (answer.status, answer.pointers) == (422, ["/sims/1/imsi"])

    run(story())


# --- 0 GB


def test_a8_a9_an_empty_bundle_is_blocked_everywhere_until_the_portal_lifts_it(stage, run):
    async def story():
        number = await stage.subscribed(bundle_gb=0, bundles=OPTION_B)
        data = (await stage.get(number))["data"]
        assert (data["eu"], data["outside_eu"], data["reasons"]) == ("blocked", "blocked", ["ZERO_BUNDLE"])
        assert (await stage.post(stage.usage(number, MB, HOME))).result["outcome"] == "leakage"
        await stage.world.smsc.send_mo(number, "1330", "DOORGAAN")
        assert await told(stage, number) == [("lift_refused_other", None)]
        assert (await stage.get(number))["data"] == data
        lifted = (await stage.patch(number, {"blocks": {"zero_bundle_lifted": True}})).body
        assert (lifted["data"]["eu"], lifted["data"]["outside_eu"], lifted["data"]["reasons"]) == ("open", "open", [])
        # A10: what is used now counts as at home, and never for the cost limit.
        assert (await stage.post(stage.usage(number, 900 * MB, HOME))).result["outcome"] == "counted"
        shown = await stage.get(number)
        assert (shown["usage"]["domestic_eu_bytes"], shown["cost"]["charged_eur"]) == (900 * MB, "0.00")
        again = (await stage.patch(number, {"blocks": {"zero_bundle_lifted": False}})).body
        assert again["data"]["reasons"] == ["ZERO_BUNDLE"]

    run(story())


# --- Data Only, M2M


def test_a11_a_combi_sim_needs_voice_and_data(stage, run):
    async def story():
        combi = {"sims": [sim(), sim("combi", new_number())]}
        refused = await stage.put(new_number(), {"type": "data_only"} | combi)
        assert (refused.status, refused.pointers) == (422, ["/sims/1/role"])
        number = await stage.subscribed(type="data_only")
        assert (await stage.patch(number, combi)).pointers == ["/sims/1/role"]
        phone = await stage.subscribed(**combi | {"sims": [sim(), sim("combi", new_number())]})
        assert (await stage.patch(phone, {"type": "data_only"})).pointers == ["/type"]
        assert (await stage.get(phone))["type"] == "voice_data"

    run(story())


def test_a14_q46_a_device_without_texts_has_a_number_to_notify_or_a_row_that_says_so(stage, run):
    async def story():
        other = new_number()
        settings = {"type": "data_only", "sms_capable": False, "bundles": OPTION_B}
        number = await stage.subscribed(**settings, notify_msisdn=other)
        await stage.post(stage.usage(number, 20 * MB))
        (*_, item) = await stage.notices(number)
        assert (item["kind"], item["state"] != "suppressed", item["to"]) == ("cost_100_block", True, other)
        assert await stage.notices(number) != []
        silent = await stage.subscribed(**settings)
        result = (await stage.post(stage.usage(silent, 20 * MB))).result
        assert (result["outcome"], result["kinds"]) == ("suppressed", [])
        (*_, item) = await stage.notices(silent)
        assert (item["kind"], item["reason"], item["text"]) == ("cost_100_block", "no_sms_device", None)
        assert (await stage.get(silent))["cost"]["state"] == "BLOCKED_100"

    run(story())


def test_q46_a_machine_hears_of_its_block_alone(stage, run):
    async def story():
        number = await stage.roamer(m2m=True, usage_alert_gb=1, roaming_limit_mb=10)
        await stage.post(stage.location(number, "262-01"))
        await stage.post(stage.usage(number, 1000 * MB, HOME))
        await stage.post(stage.usage(number, 16 * MB))
        await stage.post(stage.usage(number, 4 * MB))
        notices = await told(stage, number)
        assert [kind for kind, reason in notices if reason is None] == ["cost_100_block"]
        silenced = {kind for kind, reason in notices if reason == "m2m"}
        assert silenced == {"border_eu", "usage_100", "roaming_limit_100", "cost_80"}

    run(story())


# --- several SIMs


def test_d4_multisim_shares_number_border_and_counters_and_each_has_a_place(stage, run):
    async def story():
        phone, watch = sim(), sim("multisim")
        number = await stage.roamer(sims=[phone, watch])
        moved = [
            (await stage.post(stage.event(event["type"], stage.world.clock.now(), data))).result["outcome"]
            for event, data in (
                (stage.location(number, "310-410"), {"imsi": one["imsi"], "visited_plmn": plmn})
                for one, plmn in ((phone, "310-410"), (watch, "310-260"))
            )
        ]
        assert moved == ["notified", "suppressed"]
        assert await told(stage, number) == [
            ("border_world_no_bundle", None),
            ("border_world_no_bundle", "same_country"),
        ]
        for one in (phone, watch):
            await stage.post(stage.usage(number, 4 * MB, msisdn=None, imsi=one["imsi"]))
        shown = await stage.get(number)
        assert {spot["imsi"]: spot["plmn"] for spot in shown["location"]} == {
            phone["imsi"]: "310-410",
            watch["imsi"]: "310-260",
        }
        assert shown["cost"]["charged_eur"] == "20.00"

    run(story())


def test_a12_q47_a_combi_sim_has_a_place_of_its_own_and_all_else_of_its_parent(stage, run):
    async def story():
        combi = new_number()
        sims = [sim(), sim("combi", combi)]
        number = await stage.roamer(sims=sims)
        assert (await stage.post(stage.location(number, "262-01"))).result["kinds"] == ["border_eu"]
        assert (await stage.post(stage.location(combi, "262-01"))).result["kinds"] == ["border_combi"]
        await stage.post(stage.usage(combi, 20 * MB))
        assert (await stage.get(number))["cost"]["state"] == "BLOCKED_100"
        # A text from the Combi SIM acts on the parent, and the answer goes to the parent.
        await stage.world.smsc.send_mo(combi, "1330", "DOORGAAN")
        shown = await stage.get(number)
        assert shown["cost"]["state"] == "OPEN"
        assert {item["to"] for item in await stage.notices(number)} == {number}
        assert [kind for kind, _ in await told(stage, number)][-1] == "cost_lifted_100"
        # The number of a Combi SIM is no subscription of its own.
        assert (await stage.http("GET", path_of(combi))).status == 404
        await stage.world.smsc.send_mo(combi, "1330", "INFO UIT")
        assert (await stage.get(number))["preferences"]["INFO"] is False

    run(story())


# --- recycled numbers (rules 5)


def test_a_number_that_moves_belongs_to_each_in_his_time(stage, run):
    async def story():
        combi, imsi = new_number(), new_imsi()
        one = await stage.subscribed(sims=[sim(), {"imsi": imsi, "role": "combi", "msisdn": combi}])
        two = await stage.subscribed(sims=[sim()])
        before = stage.world.clock.now()
        await stage.world.advance(by=timedelta(hours=1))
        own = [given for given in (await stage.get(one))["sims"] if given["role"] == "primary"]
        assert (await stage.patch(one, {"sims": own})).status == 200
        theirs = (await stage.get(two))["sims"]
        moved = {"imsi": imsi, "role": "combi", "msisdn": combi}
        assert (await stage.patch(two, {"sims": [*theirs, moved]})).status == 200
        await stage.world.advance(by=timedelta(hours=1))
        for name in ({"msisdn": combi}, {"msisdn": None, "imsi": imsi}):
            assert (
                await stage.post(stage.usage(combi, 3 * MB, HOME, used_at=before.isoformat(), **name))
            ).status == 200
            assert (await stage.post(stage.usage(combi, 5 * MB, HOME, **name))).status == 200
        used = [(await stage.get(number))["usage"]["domestic_eu_bytes"] for number in (one, two)]
        assert used == [6 * MB, 10 * MB]
        # A text is judged by whose the number is now.
        await stage.world.smsc.send_mo(combi, "1330", "INFO UIT")
        assert [(await stage.get(number))["preferences"]["INFO"] for number in (one, two)] == [True, False]

    run(story())


def test_an_erased_number_begins_anew_with_its_next_owner(stage, run):
    async def story():
        number = await stage.roamer()
        before = stage.world.clock.now()
        await stage.post(stage.usage(number, 20 * MB))
        await stage.world.settle()
        await stage.http("DELETE", path_of(number))
        await stage.world.advance(by=timedelta(hours=1))
        assert (await stage.put(number, {"bundles": OPTION_B})).status == 201
        late = await stage.post(stage.usage(number, 20 * MB, used_at=before.isoformat()))
        assert (late.status, late.problem["code"]) == (422, "unknown_subscription")
        assert (await stage.get(number))["cost"]["charged_eur"] == "0.00"
        assert (await stage.post(stage.usage(number, 4 * MB))).result["status"] == "accepted"
        assert (await stage.get(number))["cost"]["charged_eur"] == "10.00"

    run(story())
