"""Shared bundles: who is in a pool, what was used, and how an overrun is shared out once the month is closed."""

import asyncio
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.store import pools
from gateway.store.pools import Pools, TooMany, share_out
from tests.gateway.store.bench import IMSI, NUMBER, OTHER, OTHER_IMSI, THIRD

GB = 10**9
# 16 December 00:00 in Amsterdam.
NOVEMBER_CLOSES = datetime(2026, 12, 15, 23, 0, tzinfo=UTC)


@pytest.fixture
def pooled(bench):
    """Two subscriptions of acme with 2 GB each."""
    bench.apply(
        bench.put(customer="acme", bundle_gb=2, sims=[{"imsi": IMSI, "role": "primary", "msisdn": NUMBER}]),
        bench.put(OTHER, customer="acme", bundle_gb=2, type="data_only"),
    )
    return bench


def shown(bench, customer="acme", period=None):
    async def read():
        one = await Pools.open(bench.path, bench.loaded.policy, lambda: bench.now)
        try:
            return await one.of(customer, period)
        finally:
            await one.close()

    return bench.runner.run(asyncio.wait_for(read(), 20))


def uses(bench, gb, number=NUMBER, plmn="204-08"):
    result = bench.one(bench.usage(gb * 1000, plmn, msisdn=number))
    assert result.status == "accepted", result


def shares(pool):
    return [one["overrun_share_bytes"] for one in pool["subscriptions"]]


def test_a2_a3_a15_one_customer_and_one_size_make_a_pool_of_whatever_type(pooled):
    pooled.apply(pooled.put(THIRD, customer="acme", bundle_gb=6), pooled.put("+31699999999", bundle_gb=2))
    uses(pooled, 0.5)
    uses(pooled, 1, OTHER, "262-01")
    assert shown(pooled) == {
        "customer": "acme",
        "period": "2026-11",
        "closed": False,
        "closes_at": "2026-12-16T00:00:00+01:00",
        "pools": [
            {
                "bundle_gb": 2,
                "size_bytes": 4 * GB,
                "used_bytes": 1_500_000_000,
                "overrun_bytes": 0,
                "subscriptions": [
                    {"msisdn": number, "type": kind, "used_bytes": used, "overrun_share_bytes": None}
                    for number, kind, used in sorted(
                        [(NUMBER, "voice_data", 500_000_000), (OTHER, "data_only", 1_000_000_000)]
                    )
                ],
            },
            {
                "bundle_gb": 6,
                "size_bytes": 6 * GB,
                "used_bytes": 0,
                "overrun_bytes": 0,
                "subscriptions": [
                    {"msisdn": THIRD, "type": "voice_data", "used_bytes": 0, "overrun_share_bytes": None}
                ],
            },
        ],
    }


@pytest.mark.parametrize("size", [0, "unlimited"])
def test_a2_without_a_volume_there_is_nothing_to_share(pooled, size):
    pooled.apply(pooled.put(OTHER, bundle_gb=size))
    (pool,) = shown(pooled)["pools"]
    assert [one["msisdn"] for one in pool["subscriptions"]] == [NUMBER]
    pooled.apply(pooled.patch(bundle_gb=size))
    assert shown(pooled)["pools"] == []


def test_use_outside_the_eu_is_no_use_of_the_pool(pooled):
    pooled.apply(pooled.patch(bundles={"B": {"enabled": True}}))
    uses(pooled, 0.001, plmn="310-410")
    assert shown(pooled)["pools"][0]["used_bytes"] == 0


def test_a12_a_combi_sim_counts_on_its_parent(pooled):
    sims = [
        {"imsi": IMSI, "role": "primary", "msisdn": NUMBER},
        {"imsi": OTHER_IMSI, "role": "combi", "msisdn": THIRD},
    ]
    pooled.apply(pooled.patch(sims=sims))
    uses(pooled, 1, THIRD)
    (pool,) = shown(pooled)["pools"]
    assert pool["size_bytes"] == 4 * GB
    assert {one["msisdn"]: one["used_bytes"] for one in pool["subscriptions"]} == {NUMBER: GB, OTHER: 0}


def test_a6_c2_an_overrun_is_shared_out_when_the_last_record_has_come(pooled):
    uses(pooled, 5)
    uses(pooled, 1, OTHER)
    (pool,) = shown(pooled)["pools"]
    assert (pool["overrun_bytes"], shares(pool)) == (2 * GB, [None, None])
    pooled.now = datetime(2026, 12, 15, 22, 59, 59, tzinfo=UTC)
    assert shown(pooled, period="2026-11")["closed"] is False
    late = pooled.usage(1500, "204-08", msisdn=OTHER, at=datetime(2026, 11, 30, 12, tzinfo=UTC))
    assert pooled.one(late).outcome == "late"
    pooled.now = NOVEMBER_CLOSES
    closed = shown(pooled, period="2026-11")
    assert closed["closed"] is True
    (pool,) = closed["pools"]
    assert (pool["used_bytes"], pool["overrun_bytes"]) == (7_500_000_000, 3_500_000_000)
    by_number = {one["msisdn"]: one["overrun_share_bytes"] for one in pool["subscriptions"]}
    assert by_number == {NUMBER: 2_333_333_333, OTHER: 1_166_666_667}


def test_a7_each_month_has_its_own_use(pooled):
    uses(pooled, 5)
    pooled.now = NOVEMBER_CLOSES
    uses(pooled, 1)
    used = [shown(pooled, period=key)["pools"][0]["used_bytes"] for key in ("2026-11", "2026-12", "2027-01")]
    assert used == [5 * GB, GB, 0]


def test_who_came_after_the_month_was_not_in_it(pooled):
    pooled.now = NOVEMBER_CLOSES
    pooled.apply(pooled.put(THIRD, customer="acme", bundle_gb=2))
    assert len(shown(pooled, period="2026-11")["pools"][0]["subscriptions"]) == 2
    assert len(shown(pooled)["pools"][0]["subscriptions"]) == 3
    assert shown(pooled, period="2026-10")["pools"] == []


def test_who_came_after_the_month_and_has_use_in_it_was_in_it(pooled):
    pooled.now = datetime(2026, 12, 2, tzinfo=UTC)
    pooled.apply(pooled.put(THIRD, customer="acme", bundle_gb=2))
    late = pooled.usage(1000, "204-08", msisdn=THIRD, at=datetime(2026, 11, 30, 12, tzinfo=UTC))
    assert pooled.one(late).outcome == "late"
    (pool,) = shown(pooled, period="2026-11")["pools"]
    assert (pool["size_bytes"], pool["used_bytes"]) == (6 * GB, GB)


def test_a_closed_month_without_an_overrun_shares_out_nothing(pooled):
    uses(pooled, 4)
    pooled.now = NOVEMBER_CLOSES
    (pool,) = shown(pooled, period="2026-11")["pools"]
    assert (pool["overrun_bytes"], shares(pool)) == (0, [0, 0])


def test_a4_an_overrun_is_told_to_nobody(pooled):
    uses(pooled, 9)
    pooled.now = NOVEMBER_CLOSES
    shown(pooled, period="2026-11")
    assert pooled.sent() == pooled.sent(OTHER) == []


@pytest.mark.parametrize("customer", ["nobody", "", "ACME"])
def test_a_customer_that_nobody_has(pooled, customer):
    assert shown(pooled, customer) is None


def test_an_erased_subscription_is_gone_from_its_pool(pooled):
    uses(pooled, 1, OTHER)
    pooled.apply(pooled.delete(OTHER))
    (pool,) = shown(pooled)["pools"]
    assert (pool["size_bytes"], pool["used_bytes"]) == (2 * GB, 0)
    pooled.apply(pooled.delete())
    assert shown(pooled) is None


def test_more_than_are_shown_at_once(pooled, monkeypatch):
    monkeypatch.setattr(pools, "MEMBERS_MAX", 1)
    with pytest.raises(TooMany, match="more than 1 subscriptions"):
        shown(pooled)
    monkeypatch.setattr(pools, "MEMBERS_MAX", 2)
    assert len(shown(pooled)["pools"]) == 1


@given(st.lists(st.integers(0, 10**13), min_size=1, max_size=20), st.data())
def test_a6_shares_are_whole_bytes_in_proportion_and_add_up(volumes, data):
    used = {f"+316{index:08}": volume for index, volume in enumerate(volumes)}
    total = sum(volumes)
    overrun = data.draw(st.integers(0, total))
    found = share_out(overrun, used)
    assert list(found) == list(used)
    assert sum(found.values()) == overrun
    for number, share in found.items():
        assert 0 <= share <= used[number]
        assert abs(share * total - overrun * used[number]) < max(total, 1)


def test_a6_equal_remainders_round_up_in_order():
    assert share_out(2, {"a": 1, "b": 1, "c": 1}) == {"a": 1, "b": 1, "c": 0}
