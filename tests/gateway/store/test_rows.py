"""A month as a row: what is written is read back, in few bytes, and what an earlier version wrote is read too."""

import orjson
from hypothesis import given
from hypothesis import strategies as st

from gateway.store import rows
from handlers.subscription import CATEGORIES, Instances, Period

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
