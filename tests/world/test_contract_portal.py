"""The portal walked against a gateway process: create, change, read, list, erase.

Every key is looked at; what is not allowed is refused with its place and changes nothing.
"""

from datetime import timedelta

import pytest

from simulator.clock import AMSTERDAM
from tests.world.stage import MB, OPTION_B, new_imsi, new_number, path_of, staged

# --- 2.2 the portal


def created_view(number, period):
    """Everything a subscription shows when nothing but its number was given."""
    return {
        "customer": "",
        "language": "nl",
        "type": "voice_data",
        "bundle_gb": 15,
        "sims": [{"imsi": None, "role": "primary", "msisdn": number}],
        "sms_capable": True,
        "notify_msisdn": None,
        "m2m": False,
        "cost_limit_eur": 50,
        "hard_cap": False,
        "usage_alert_gb": None,
        "roaming_limit_mb": None,
        "bundles": {name: {"enabled": False, "max_per_month": 10} for name in ("A", "B", "ROW", "WORLD")},
        "blocks": dict.fromkeys(
            (
                *("data_outside_eu", "data_eu", "roaming"),
                *("premium", "international_calls", "zero_bundle_lifted"),
            ),
            False,
        ),
        "preferences": {"BERICHT": True, "INFO": True, "LIMIET": True},
        "period": period,
        "cost": {"state": "OPEN", "charged_eur": "0.00", "limit_eur": 50, "pending_limit": None},
        "usage": {"domestic_eu_bytes": 0, "outside_eu_bytes": 0, "leakage_bytes": 0},
        "bundle_instances": [],
        "data": {
            "eu": "open",
            "outside_eu": "blocked",
            "blocked_categories": [],
            "reasons": ["NO_BUNDLE_OPTION"],
        },
        "location": [],
    }


def test_a_new_subscription_has_the_defaults_and_shows_every_key(stage, run):
    async def story():
        number = new_number()
        answer = await stage.put(number)
        assert answer.status == 201
        expected = created_view(number, f"{(await stage.now()).astimezone(AMSTERDAM):%Y-%m}")
        assert answer.body | expected == answer.body
        assert await stage.get(number) == answer.body
        assert (await stage.put(number)).status == 200

    run(story())


def full_settings(number):
    return {
        "customer": "acme",
        "language": "en",
        "type": "voice_data",
        "bundle_gb": "unlimited",
        "sims": [
            {"imsi": new_imsi(), "role": "primary", "msisdn": number},
            {"imsi": new_imsi(), "role": "multisim", "msisdn": number},
            {"imsi": new_imsi(), "role": "combi", "msisdn": new_number()},
        ],
        "sms_capable": False,
        "notify_msisdn": new_number(),
        "m2m": True,
        "cost_limit_eur": 200,
        "hard_cap": True,
        "usage_alert_gb": 2.5,
        "roaming_limit_mb": 100,
        "bundles": {
            "A": {"enabled": True, "max_per_month": 1},
            "B": {"enabled": False, "max_per_month": 2},
            "ROW": {"enabled": True, "max_per_month": 3},
            "WORLD": {"enabled": False, "max_per_month": 4},
        },
        "blocks": {
            "data_outside_eu": True,
            "data_eu": True,
            "roaming": True,
            "premium": True,
            "international_calls": True,
            "zero_bundle_lifted": True,
        },
        "preferences": {"BERICHT": False, "INFO": False, "LIMIET": False},
    }


def test_what_is_set_is_what_is_read(stage, run):
    async def story():
        number = new_number()
        settings = full_settings(number)
        answer = await stage.put(number, settings)
        assert answer.status == 201, answer.body
        seen = await stage.get(number)
        assert {name: seen[name] for name in settings} == settings
        assert seen["data"]["reasons"] == ["ADMIN_DATA_NON_EU", "ADMIN_DATA_EU", "ADMIN_ROAMING"]

    run(story())


@pytest.mark.parametrize("bundle_gb", [0, 2, 6, 15, 25, "unlimited"])
def test_every_bundle_size_is_taken(stage, run, bundle_gb):
    async def story():
        number = await stage.subscribed(bundle_gb=bundle_gb)
        assert (await stage.get(number))["bundle_gb"] == bundle_gb

    run(story())


@pytest.mark.parametrize("limit", [10, 30, 50, 100, 150, 200, 500, 1000, 2000, 5000])
def test_every_cost_limit_of_the_ten_is_taken(stage, run, limit):
    async def story():
        number = await stage.subscribed(cost_limit_eur=limit)
        seen = await stage.get(number)
        assert (seen["cost_limit_eur"], seen["cost"]["limit_eur"]) == (limit, limit)

    run(story())


@pytest.mark.parametrize("verb", ["PUT", "PATCH"])
def test_a_change_keeps_the_rest(stage, run, verb):
    async def story():
        number = new_number()
        settings = full_settings(number)
        await stage.put(number, settings)
        change = {"language": "nl", "bundles": {"A": {"max_per_month": 5}}, "preferences": {"INFO": True}}
        answer = await (stage.put if verb == "PUT" else stage.patch)(number, change)
        assert answer.status == 200, answer.body
        expected = settings | {"language": "nl"}
        expected["bundles"] = settings["bundles"] | {"A": {"enabled": True, "max_per_month": 5}}
        expected["preferences"] = settings["preferences"] | {"INFO": True}
        assert {name: answer.body[name] for name in settings} == expected

    run(story())


def test_null_in_a_merge_patch_unsets(stage, run):
    async def story():
        number = await stage.subscribed(notify_msisdn=new_number(), usage_alert_gb=1, roaming_limit_mb=5)
        answer = await stage.patch(number, {"notify_msisdn": None, "usage_alert_gb": None, "roaming_limit_mb": None})
        seen = answer.body
        assert (seen["notify_msisdn"], seen["usage_alert_gb"], seen["roaming_limit_mb"]) == (None, None, None)

    run(story())


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"colour": "blue"}, "/colour"),
        ({"customer": 5}, "/customer"),
        ({"language": "fy"}, "/language"),
        ({"language": None}, "/language"),
        ({"type": "voice"}, "/type"),
        ({"bundle_gb": 3}, "/bundle_gb"),
        ({"bundle_gb": "15"}, "/bundle_gb"),
        ({"bundle_gb": True}, "/bundle_gb"),
        ({"cost_limit_eur": 40}, "/cost_limit_eur"),
        ({"cost_limit_eur": "50"}, "/cost_limit_eur"),
        ({"cost_limit_eur": 50.0}, "/cost_limit_eur"),
        ({"hard_cap": 1}, "/hard_cap"),
        ({"hard_cap": "yes"}, "/hard_cap"),
        ({"sms_capable": None}, "/sms_capable"),
        ({"notify_msisdn": "0612345678"}, "/notify_msisdn"),
        ({"usage_alert_gb": 0}, "/usage_alert_gb"),
        ({"usage_alert_gb": -1}, "/usage_alert_gb"),
        ({"roaming_limit_mb": 0}, "/roaming_limit_mb"),
        ({"bundles": {"C": {"enabled": True}}}, "/bundles/C"),
        ({"bundles": {"A": {"on": True}}}, "/bundles/A/on"),
        ({"bundles": {"A": {"max_per_month": 0}}}, "/bundles/A/max_per_month"),
        ({"bundles": {"A": {"max_per_month": 11}}}, "/bundles/A/max_per_month"),
        ({"bundles": []}, "/bundles"),
        ({"blocks": {"everything": True}}, "/blocks/everything"),
        ({"blocks": {"data_eu": "no"}}, "/blocks/data_eu"),
        ({"preferences": {"HELP": True}}, "/preferences/HELP"),
        ({"preferences": {"INFO": "AAN"}}, "/preferences/INFO"),
        ({"sims": []}, "/sims"),
        ({"sims": [{"imsi": "1", "role": "primary"}]}, "/sims/0/imsi"),
        ({"sims": [{"imsi": "204080000000009", "role": "watch"}]}, "/sims/0/role"),
        ({"sims": [{"imsi": "204080000000009", "role": "multisim"}]}, "/sims"),
        (
            {
                "sims": [
                    {"imsi": "204080000000009", "role": "primary"},
                    {"imsi": "204080000000009", "role": "multisim"},
                ]
            },
            "/sims/1/imsi",
        ),
        ([], ""),
        ("text", ""),
    ],
)
def test_what_is_not_allowed_is_refused_with_its_place(stage, run, body, pointer):
    async def story():
        number = new_number()
        answer = await stage.put(number, body)
        assert (answer.status, answer.pointers) == (422, [pointer]), answer.body
        assert (await stage.http("GET", path_of(number))).status == 404
        await stage.put(number)
        before = await stage.get(number)
        assert (await stage.patch(number, body)).pointers == [pointer]
        assert await stage.get(number) == before

    run(story())


def test_all_faults_of_a_body_are_told_at_once(stage, run):
    async def story():
        answer = await stage.put(new_number(), {"type": "x", "cost_limit_eur": 1, "blocks": {"roaming": 3}, "y": 1})
        assert set(answer.pointers) == {"/type", "/cost_limit_eur", "/blocks/roaming", "/y"}

    run(story())


@pytest.mark.parametrize("verb", ["PUT", "PATCH"])
def test_a_portal_body_that_is_no_json_is_400(stage, run, verb):
    async def story():
        number = await stage.subscribed()
        assert (await stage.http(verb, path_of(number), raw=b"{nope")).problem["status"] == 400
        assert (await stage.http(verb, path_of(number), raw=b"a=b", content_type="text/plain")).status == 415
        nested = b'{"bundles": ' + b"[" * 100 + b"]" * 100 + b"}"
        assert (await stage.http(verb, path_of(number), raw=nested)).status in (400, 422)

    run(story())


@pytest.mark.parametrize("number", ["0612345678", "+31", "+0612345678", "abc", "+316123456789012345"])
def test_a_path_without_a_number_is_refused(stage, run, number):
    async def story():
        for method, body in (("PUT", {}), ("PATCH", {}), ("GET", None), ("DELETE", None)):
            answer = await stage.http(method, path_of(number), body)
            assert answer.problem["status"] in (404, 422), (method, answer.body)

    run(story())


def test_who_is_not_there_is_404(stage, run):
    async def story():
        path = path_of(new_number())
        for method, place, body in (
            ("GET", path, None),
            ("PATCH", path, {}),
            ("DELETE", path, None),
            ("GET", f"{path}/notifications", None),
            ("GET", f"{path}/decisions", None),
            ("GET", f"{path}?period=2026-10", None),
        ):
            assert (await stage.http(method, place, body)).problem["status"] == 404, (method, place)

    run(story())


def test_a_number_or_imsi_of_another_subscription_is_a_conflict(stage, run):
    async def story():
        imsi, combi, owner = new_imsi(), new_number(), new_number()
        sims = [{"imsi": imsi, "role": "primary"}, {"imsi": new_imsi(), "role": "combi", "msisdn": combi}]
        assert (await stage.put(owner, {"sims": sims})).status == 201
        taken = await stage.put(new_number(), {"sims": [{"imsi": imsi, "role": "primary"}]})
        assert (taken.status, taken.pointers) == (409, ["/sims/0/imsi"])
        number = await stage.subscribed()
        mine = {"imsi": new_imsi(), "role": "primary"}
        for theirs in (combi, owner):
            body = {"sims": [mine, {"imsi": new_imsi(), "role": "combi", "msisdn": theirs}]}
            refused = await stage.patch(number, body)
            assert (refused.status, refused.pointers) == (409, ["/sims/1/msisdn"])
        assert (await stage.put(combi, {})).problem["status"] == 409
        # One 409 changes nothing, and the owner may say the same again.
        assert (await stage.get(number))["sims"] == [{"imsi": None, "role": "primary", "msisdn": number}]
        assert (await stage.put(owner, {"sims": sims})).status == 200

    run(story())


@pytest.mark.parametrize(
    ("first", "then"),
    [({"WORLD": {"enabled": True}}, "A"), ({"ROW": {"enabled": True}}, "WORLD"), ({"B": {"enabled": True}}, "WORLD")],
)
def test_world_stands_beside_no_other_bundle(stage, run, first, then):
    async def story():
        number = await stage.subscribed(bundles=first)
        answer = await stage.patch(number, {"language": "en", "bundles": {then: {"enabled": True}}})
        assert (answer.status, answer.problem["status"]) == (409, 409)
        seen = await stage.get(number)
        assert (seen["language"], seen["bundles"][then]["enabled"]) == ("nl", False)
        both = {"A": {"enabled": True}, "WORLD": {"enabled": True}}
        assert (await stage.put(new_number(), {"bundles": both})).status == 409
        # In one change from the one to the other is no conflict.
        swap = {name: {"enabled": False} for name in first} | {then: {"enabled": True}}
        assert (await stage.patch(number, {"bundles": swap})).status == 200

    run(story())


def test_a_lowering_is_pending_and_a_raise_is_not(stage, run):
    async def story():
        number = await stage.subscribed()
        now = (await stage.now()).astimezone(AMSTERDAM)
        first = (now.replace(day=1) + timedelta(days=32)).replace(day=1)
        pending = {"eur": 30, "from": f"{first:%Y-%m-%d}"}
        lowered = (await stage.patch(number, {"cost_limit_eur": 30})).body
        assert (lowered["cost_limit_eur"], lowered["cost"]["limit_eur"]) == (50, 50)
        assert lowered["cost"]["pending_limit"] == pending
        assert (await stage.patch(number, {"language": "en"})).body["cost"]["pending_limit"] == pending
        raised = (await stage.patch(number, {"cost_limit_eur": 100})).body
        assert (raised["cost_limit_eur"], raised["cost"]["limit_eur"]) == (100, 100)
        assert raised["cost"]["pending_limit"] is None
        await stage.patch(number, {"cost_limit_eur": 10})
        cancelled = (await stage.patch(number, {"cost_limit_eur": 100})).body
        assert cancelled["cost"]["pending_limit"] is None

    run(story())


def test_a_subscription_shows_its_costs_and_blocks(stage, run):
    async def story():
        number = await stage.roamer()
        states = []
        for volume in (16, 4, 20):
            await stage.post(stage.usage(number, volume * MB))
            if volume == 4:
                await stage.world.smsc.send_mo(number, "1330", "DOORGAAN")
            seen = await stage.get(number)
            states.append((seen["cost"]["state"], seen["cost"]["charged_eur"], seen["data"]["outside_eu"]))
        assert states == [
            ("OPEN", "40.00", "open"),
            ("OPEN", "50.00", "open"),
            ("BLOCKED_200", "100.00", "blocked"),
        ]
        assert seen["data"]["reasons"] == ["COST_LIMIT"]
        await stage.world.smsc.send_mo(number, "1330", "JA")
        seen = await stage.get(number)
        assert (seen["cost"]["state"], seen["data"]["outside_eu"]) == ("OPEN_REST_OF_MONTH", "open")
        assert (await stage.get(await stage.subscribed(bundle_gb=0)))["data"] == {
            "eu": "blocked",
            "outside_eu": "blocked",
            "blocked_categories": [],
            "reasons": ["ZERO_BUNDLE", "NO_BUNDLE_OPTION"],
        }

    run(story())


def test_money_is_shown_half_up(stage, run):
    async def story():
        number = await stage.roamer()
        # € 2.50 a MB: 2,000 bytes are half a cent.
        await stage.post(stage.usage(number, 2_000))
        assert (await stage.get(number))["cost"]["charged_eur"] == "0.01"
        await stage.post(stage.usage(number, 3_999))
        assert (await stage.get(number))["cost"]["charged_eur"] == "0.01"
        await stage.post(stage.usage(number, 1))
        assert (await stage.get(number))["cost"]["charged_eur"] == "0.02"

    run(story())


def test_subscriptions_are_listed_page_by_page_and_by_customer(stage, run):
    async def story():
        customer = f"customer {new_number()}"
        numbers = sorted([await stage.subscribed(customer=customer) for _ in range(5)])
        params = customer.replace(" ", "%20").replace("+", "%2B")
        listed, cursor = [], ""
        for _ in range(5):
            query = f"?customer={params}&limit=2" + (f"&cursor={cursor.replace('+', '%2B')}" if cursor else "")
            page = (await stage.http("GET", f"/v1/subscriptions{query}")).body
            listed += [item["sims"][0]["msisdn"] for item in page["items"]]
            cursor = page["cursor"]
            if cursor is None:
                break
        assert listed == numbers
        assert all(item["customer"] == customer for item in page["items"])
        everybody = (await stage.http("GET", "/v1/subscriptions?limit=1000")).body["items"]
        assert set(numbers) < {item["sims"][0]["msisdn"] for item in everybody}
        assert (await stage.http("GET", "/v1/subscriptions?customer=nobody")).body["items"] == []
        for query in ("?limit=0", "?limit=x", "?limit=100000", "?colour=blue", "?cursor=%00"):
            assert (await stage.http("GET", f"/v1/subscriptions{query}")).problem["status"] == 422, query

    run(story())


def test_erasing_takes_the_person_and_leaves_the_number_free(stage, run):
    async def story():
        imsi, number = new_imsi(), new_number()
        await stage.put(number, {"sims": [{"imsi": imsi, "role": "primary"}], "bundles": OPTION_B})
        await stage.post(stage.usage(number, 20 * MB))
        await stage.world.settle()
        gone = await stage.http("DELETE", path_of(number))
        assert (gone.status, gone.body) == (204, "")
        for place in ("", "/notifications", "/decisions"):
            assert (await stage.http("GET", path_of(number) + place)).status == 404
        assert (await stage.http("DELETE", path_of(number))).status == 404
        assert (await stage.post(stage.usage(number, 1))).problem["code"] == "unknown_subscription"
        event = stage.usage(number, 1, msisdn=None, imsi=imsi)
        assert (await stage.post(event)).problem["code"] == "unknown_subscription"
        again = await stage.put(number, {"sims": [{"imsi": imsi, "role": "primary"}]})
        assert (again.status, again.body["cost"]["charged_eur"]) == (201, "0.00")
        assert await stage.notices(number) == []

    run(story())


def test_erasing_leaves_no_number_in_any_file_or_line_of_the_log(run, tmp_path):
    """P15: after a life abroad with a Combi SIM, of many beside whom others live on; again after a restart."""

    async def story():
        async with staged(tmp_path) as stage:
            people = []
            for _ in range(60):
                own, combi = (new_imsi(), new_number()), (new_imsi(), new_number())
                sims = [{"imsi": own[0], "role": "primary"}, {"imsi": combi[0], "role": "combi", "msisdn": combi[1]}]
                await stage.put(own[1], {"sims": sims, "bundles": OPTION_B, "notify_msisdn": new_number()})
                people.append((own, combi))
            for plmn in ("206-01", "310-410", "440-10", "438-02"):
                events = [stage.location(number, plmn) for person in people for _, number in person]
                events += [stage.usage(number, 6 * MB, plmn) for (_, number), _ in people]
                assert (await stage.post_batch(events)).status == 200
            await stage.world.settle()
            gone, left = people[::2], people[1::2]
            for (_, number), _ in gone:
                assert (await stage.http("DELETE", path_of(number))).status == 204

            def found(some):
                files = b"".join(path.read_bytes() for path in tmp_path.glob("gateway.db*"))
                lines = "".join(str(line) for life in stage.lives for line in life.log)
                values = [value.strip("+") for person in some for one in person for value in one]
                return [v for v in values if v.encode() in files], [v for v in values if v in lines]

            assert found(gone) == ([], [])
            held, told = found(left)
            assert (len(held), told) == (4 * len(left), [])
            await stage.restart()
            assert found(gone) == ([], [])

    run(story())


def test_an_earlier_period_keeps_its_counters(run, tmp_path):
    async def story():
        async with staged(tmp_path) as stage:
            number = await stage.roamer()
            await stage.post(stage.usage(number, 20 * MB))
            await stage.patch(number, {"cost_limit_eur": 30})
            await stage.world.next_month()
            await stage.post(stage.usage(number, MB))
            december = await stage.get(number)
            assert (december["period"], december["cost"]["charged_eur"]) == ("2026-12", "2.50")
            assert (december["cost_limit_eur"], december["cost"]["pending_limit"]) == (30, None)
            november = await stage.get(number, "?period=2026-11")
            assert (november["period"], november["cost"]["charged_eur"]) == ("2026-11", "50.00")
            assert november["cost"]["state"] == "BLOCKED_100"
            assert november["usage"]["outside_eu_bytes"] == 20 * MB
            assert (await stage.get(number, "?period=2026-10"))["cost"]["charged_eur"] == "0.00"
            for query in ("?period=2026-13", "?period=november", "?period=2026-11-01", "?colour=blue"):
                assert (await stage.http("GET", path_of(number) + query)).problem["status"] == 422

    run(story())
