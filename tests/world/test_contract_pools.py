"""Shared bundles walked against a gateway process: what was used together, and who bears an overrun."""

from datetime import datetime
from urllib.parse import quote

import pytest

from simulator.clock import AMSTERDAM
from tests.world.stage import new_imsi, new_number, path_of, staged

GB = 10**9
HOME = "204-08"


async def pools(stage, customer, query=""):
    answer = await stage.http("GET", f"/v1/customers/{quote(customer, safe='')}/pools{query}")
    assert answer.status == 200, answer
    return answer.body


def used(pool):
    return {one["msisdn"]: one["used_bytes"] for one in pool["subscriptions"]}


def shares(pool):
    return {one["msisdn"]: one["overrun_share_bytes"] for one in pool["subscriptions"]}


def test_a2_a3_a15_one_customer_and_one_size_share(stage, run):
    async def story():
        customer = f"a/b & sons {new_number()}"
        phone = await stage.subscribed(customer=customer, bundle_gb=2)
        tablet = await stage.subscribed(customer=customer, bundle_gb=2, type="data_only")
        large = await stage.subscribed(customer=customer, bundle_gb=25)
        for size in (0, "unlimited"):
            await stage.subscribed(customer=customer, bundle_gb=size)
        await stage.subscribed(customer=customer + "!", bundle_gb=2)
        await stage.post(stage.usage(phone, 3 * GB, HOME))
        await stage.post(stage.usage(tablet, GB, "262-01"))
        shown = await pools(stage, customer)
        assert (shown["customer"], shown["closed"]) == (customer, False)
        small, big = shown["pools"]
        assert (small["bundle_gb"], small["size_bytes"], small["used_bytes"]) == (2, 4 * GB, 4 * GB)
        assert (small["overrun_bytes"], used(small)) == (0, {phone: 3 * GB, tablet: GB})
        assert (big["bundle_gb"], big["size_bytes"], used(big)) == (25, 25 * GB, {large: 0})
        assert set(shares(small).values()) == {None}

    run(story())


def test_a12_a_combi_sim_counts_on_its_parent(stage, run):
    async def story():
        customer, number, combi = f"c{new_number()}", new_number(), new_number()
        sims = [{"imsi": new_imsi(), "role": "primary"}, {"imsi": new_imsi(), "role": "combi", "msisdn": combi}]
        await stage.put(number, {"customer": customer, "bundle_gb": 6, "sims": sims})
        await stage.post(stage.usage(combi, GB, HOME))
        (pool,) = (await pools(stage, customer))["pools"]
        assert (pool["size_bytes"], used(pool)) == (6 * GB, {number: GB})

    run(story())


def test_a4_a6_an_overrun_is_shared_out_when_the_month_is_closed_and_told_to_nobody(run, tmp_path):
    async def story():
        async with staged(tmp_path) as stage:
            one, two, three = sorted([await stage.subscribed(customer="acme", bundle_gb=2) for _ in range(3)])
            for number, volume in ((one, 5 * GB), (two, 3 * GB), (three, 1)):
                await stage.post(stage.usage(number, volume, HOME))
            (pool,) = (await pools(stage, "acme"))["pools"]
            assert (pool["overrun_bytes"], shares(pool)) == (2 * GB + 1, dict.fromkeys((one, two, three)))
            await stage.world.advance(to=datetime(2026, 12, 15, 23, 59, 59, tzinfo=AMSTERDAM))
            november = await pools(stage, "acme", "?period=2026-11")
            assert (november["closed"], november["closes_at"]) == (False, "2026-12-16T00:00:00+01:00")
            await stage.world.advance(to=datetime(2026, 12, 16, tzinfo=AMSTERDAM))
            november = await pools(stage, "acme", "?period=2026-11")
            assert november["closed"] is True
            (pool,) = november["pools"]
            # 2,000,000,001 of 8,000,000,001 bytes: 5/8 and 3/8, and what is left of it to the largest remainder.
            assert shares(pool) == {one: 1_250_000_001, two: 750_000_000, three: 0}
            assert sum(shares(pool).values()) == pool["overrun_bytes"]
            assert (await pools(stage, "acme"))["pools"][0]["used_bytes"] == 0
            for number in (one, two, three):
                assert await stage.notices(number) == []

    run(story())


@pytest.mark.parametrize("period", ["2026-13", "2026-1", "november", "0000-01", "9999-12", "2026-11-01"])
def test_a_month_that_is_none_is_refused(stage, run, period):
    async def story():
        customer = f"c{new_number()}"
        await stage.subscribed(customer=customer)
        answer = await stage.http("GET", f"/v1/customers/{customer.replace('+', '%2B')}/pools?period={period}")
        assert answer.problem["status"] == 422
        assert "period" in answer.problem["detail"]

    run(story())


def test_who_is_no_customer_is_404(stage, run):
    async def story():
        answer = await stage.http("GET", "/v1/customers/nobody/pools")
        assert (answer.problem["status"], answer.problem["code"]) == (404, "unknown_customer")
        customer = f"c{new_number()}"
        number = await stage.subscribed(customer=customer)
        await stage.http("DELETE", path_of(number))
        gone = await stage.http("GET", f"/v1/customers/{customer.replace('+', '%2B')}/pools")
        assert gone.problem["status"] == 404

    run(story())
