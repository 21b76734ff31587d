"""A month as a row: what is written is read back, in few bytes, and what an earlier version wrote is read too."""

import orjson
from hypothesis import given
from hypothesis import strategies as st

from gateway.store import rows
from handlers.subscription import (
    CATEGORIES,
    AdminBlocks,
    BundleOption,
    CostLimit,
    Instances,
    Period,
    Preferences,
    Profile,
    Sim,
    Threshold,
)

COUNTS = st.integers(0, 2**53)
MONTHS = st.builds(
    Period,
    st.just("2026-11"),
    domestic_eu_bytes=COUNTS,
    outside_eu_bytes=COUNTS,
    leakage_bytes=COUNTS,
    rated=st.dictionaries(st.integers(1, 10**9), COUNTS, max_size=4),
    consent=st.integers(0, 2),
    notices=st.frozensets(st.text(max_size=20), max_size=4),
    last_rate_ueur_per_mb=COUNTS,
    bundles=st.lists(
        st.builds(Instances, st.sampled_from(CATEGORIES), st.integers(1, 2**53), st.integers(0, 10), COUNTS),
        max_size=5,
    ).map(tuple),
)

WORDS = st.text(st.characters(codec="utf-8"), max_size=20) | st.just('x,"language":"nl"')
THRESHOLDS = st.builds(Threshold, st.none() | COUNTS, st.integers(0, 9))
PROFILES = st.builds(
    Profile,
    WORDS,
    customer=WORDS,
    language=st.sampled_from(("nl", "en")),
    type=st.sampled_from(("voice_data", "data_only")),
    bundle_gb=st.sampled_from((0, 15, "unlimited")),
    sims=st.lists(st.builds(Sim, WORDS, st.sampled_from(("primary", "combi")), WORDS), max_size=3).map(tuple),
    sms_capable=st.booleans(),
    notify_msisdn=st.none() | WORDS,
    m2m=st.booleans(),
    limits=st.lists(st.builds(CostLimit, COUNTS, st.integers(1, 9), WORDS), min_size=1, max_size=3).map(tuple),
    hard_cap=st.booleans(),
    usage_alert=THRESHOLDS,
    roaming_limit=THRESHOLDS,
    bundles=st.fixed_dictionaries({name: st.builds(BundleOption, st.booleans(), COUNTS) for name in CATEGORIES}),
    blocks=st.builds(AdminBlocks, *[st.booleans()] * 6),
    preferences=st.builds(Preferences, *[st.booleans()] * 3),
)


@given(PROFILES)
def test_a_profile_is_read_back(profile):
    assert rows.decode_profile(rows.encode_profile(profile)) == profile


@given(PROFILES)
def test_a_profile_of_before_its_owner_stood_first_is_read_too(profile):
    row = orjson.loads(rows.encode_profile(profile))
    order = ("msisdn", "customer", "language", "type", "bundle_gb", "sims")
    older = {name: row[name] for name in (*order, *(name for name in row if name not in order))}
    assert rows.decode_profile(rows.dumps(older)) == profile


@given(MONTHS)
def test_what_is_written_is_read_back(month):
    body = rows.encode_period(month)
    assert rows.decode_period("2026-11", body) == month
    assert isinstance(orjson.loads(body), list)


def test_most_months_are_one_number():
    month = Period("2026-11", domestic_eu_bytes=1_234_567)
    assert rows.encode_period(month) == "[1234567]"
    assert rows.decode_period("2026-11", "[1234567]") == month
    assert rows.decode_period("2026-11", rows.encode_period(Period("2026-11"))) == Period("2026-11")


def test_a_month_of_the_first_format():
    body = (
        '{"domestic_eu":1,"outside_eu":2,"leakage":3,"rated":{"2500000":4},"consent":1,'
        '"notices":["cost_80:80:1"],"last_rate":2500000}'
    )
    assert rows.decode_period("2026-11", body) == Period(
        "2026-11", 1, 2, 3, {2_500_000: 4}, 1, frozenset({"cost_80:80:1"}), 2_500_000, ()
    )
