"""Bundle options and what they cover; instances as counts."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.bundles import (
    combinable,
    cover_for,
    is_spent,
    leftovers,
    listed,
    offer_for,
    spare,
    started,
    use,
    zones_of,
)
from handlers.subscription import BundleOption, Instances, Period, Profile, Subscription

GB = 1_000_000_000
PROPERTY = settings(deadline=None, derandomize=True, max_examples=200)


def having(*categories, most=10):
    options = {name: BundleOption(name in categories, most) for name in ("A", "B", "ROW", "WORLD")}
    return Profile("+31612345678", bundles=options)


def month(*bundles):
    return Period("2026-11", bundles=tuple(Instances(*row) for row in bundles))


@pytest.mark.parametrize(
    ("categories", "allowed"),
    [
        ((), True),
        (("A", "B"), True),
        (("A", "ROW"), True),
        (("A", "B", "ROW"), True),
        (("WORLD",), True),
        (("WORLD", "A"), False),
        (("WORLD", "B", "ROW"), False),
    ],
)
def test_b5_b6_which_options_go_together(categories, allowed):
    assert combinable(having(*categories)) is allowed


@pytest.mark.parametrize(
    ("categories", "zone", "category"),
    [
        (("A", "B"), "A", "A"),
        (("A", "B"), "ROW", None),
        (("WORLD",), "ROW", "WORLD"),
        (("WORLD",), "NT", None),  # Q36
        (("A",), "EU", None),  # B1
        ((), "A", None),
    ],
)
def test_q36_which_option_covers_a_zone(categories, zone, category, policy):
    offer = offer_for(having(*categories), zone, policy)
    assert (offer.category if offer else None) == category


def test_a_category_that_the_sheet_does_not_offer_covers_nothing(policy):
    assert zones_of("MOON", policy) == frozenset()
    bare = replace(policy, tariffs=replace(policy.tariffs, offers={}))
    assert offer_for(having("A"), "A", bare) is None
    assert use(having("A"), month(), "A", 7, bare) == ((), (), 7)


def test_b8_b18_a_volume_is_covered_or_left_for_the_standard_rate(policy):
    covered = use(having("A"), month(), "A", 7, policy)
    assert (covered.takes[0].covered_bytes, covered.rest_bytes) == (7, 0)
    assert use(having("A"), month(), "B", 7, policy) == ((), (), 7)


def test_b3_b19_the_first_byte_starts_an_instance_of_the_sheets_size(policy):
    used = use(having("B"), month(), "B", 1, policy)
    assert used.instances == (Instances("B", 7_500_000_000, 1, 1),)
    (take,) = used.takes
    assert (take.fresh, take.first, take.last, take.used_up) == (True, 0, 1, 0)
    assert take.left_bytes == 7_499_999_999


def test_q29_nothing_starts_nothing(policy):
    assert use(having("B"), month(), "B", 0, policy) == ((), (), 0)
    held = month(("B", 5, 1, 5))
    assert use(having("B"), held, "B", 0, policy) == (held.bundles, (), 0)


def test_q60_full_to_the_byte_starts_the_next(policy):
    used = use(having("ROW"), month(("ROW", 5 * GB, 1, 1)), "ROW", 5 * GB - 1, policy)
    assert used.instances == (Instances("ROW", 5 * GB, 2, 5 * GB),)
    assert (used.takes[0].used_up, used.takes[0].last, used.takes[0].left_bytes) == (1, 2, 5 * GB)


def test_q32_what_the_last_instance_cannot_take_is_left_over(policy):
    used = use(having("ROW", most=2), month(("ROW", 5 * GB, 2, 9 * GB)), "ROW", 3 * GB, policy)
    assert used.instances == (Instances("ROW", 5 * GB, 2, 10 * GB),)
    assert (used.takes[0].covered_bytes, used.rest_bytes, used.takes[0].left_bytes) == (GB, 2 * GB, 0)


def test_b4_an_instance_keeps_the_size_it_was_sold_with(policy):
    held = month(("ROW", 4 * GB, 2, 7 * GB))
    used = use(having("ROW"), held, "ROW", 2 * GB, policy)
    assert used.instances == (Instances("ROW", 4 * GB, 2, 8 * GB), Instances("ROW", 5 * GB, 1, GB))
    assert (used.takes[0].first, used.takes[0].last, used.takes[0].left_bytes) == (2, 3, 4 * GB)
    after = month(*used.instances)
    assert started(after, "ROW") == 3
    assert list(listed(after)) == [
        ("ROW", 1, 4 * GB, 4 * GB),
        ("ROW", 2, 4 * GB, 4 * GB),
        ("ROW", 3, GB, 5 * GB),
    ]
    again = use(having("ROW"), after, "ROW", GB, policy).instances
    assert again == (Instances("ROW", 4 * GB, 2, 8 * GB), Instances("ROW", 5 * GB, 1, 2 * GB))


@pytest.mark.parametrize(
    ("before", "volume", "warned"),
    [
        (0, 4 * GB - 1, 0),
        (0, 4 * GB, 1),
        (4 * GB, 1, 0),  # it was told
        (4 * GB - 1, 1, 1),
        (4 * GB - 1, GB + 1, 1),  # full by this record, and the next is empty
        (4 * GB, 2 * GB, 0),
        (4 * GB, 5 * GB, 2),  # the second has 4
        (0, 12 * GB, 2),  # two full, the third has 2
        (0, 14 * GB, 3),
    ],
)
def test_b10_q11_the_newest_instance_that_came_to_the_warning(policy, before, volume, warned):
    held = month(("ROW", 5 * GB, 1, before)) if before else month()
    assert use(having("ROW"), held, "ROW", volume, policy).takes[0].warned == warned


@pytest.mark.parametrize(
    ("scope", "spares"), [("category", {"A": 8, "B": 9, "ROW": 10}), ("subscription", {"A": 7, "B": 7, "ROW": 7})]
)
def test_b13_b15_q31_how_many_more_may_be_started(policy, scope, spares):
    held = month(("A", 30 * GB, 2, 31 * GB), ("B", 7, 1, 1))
    scoped = replace(policy, cap_scope=scope)
    assert {name: spare(having("A", "B", "ROW"), held, name, scoped) for name in spares} == spares
    assert spare(having("A", most=1), held, "A", scoped) == 0


def test_b14_an_option_is_spent_when_nothing_is_left_and_none_may_start(policy):
    full, running = month(("B", 7, 2, 14)), month(("B", 7, 2, 13))
    assert is_spent(having("B", most=2), full, "B", policy)
    assert not is_spent(having("B", most=2), running, "B", policy)
    assert not is_spent(having("B", most=3), full, "B", policy)
    assert not is_spent(having("A", most=2), full, "B", policy)
    assert not is_spent(having("B", most=1), month(), "B", policy)


def test_q35_what_is_left_of_an_option_switched_off_goes_first(policy):
    held = month(("A", 30 * GB, 1, 29 * GB), ("B", 7, 1, 7))
    switched = having("WORLD")
    assert leftovers(switched, held) == ("A",)
    assert leftovers(having("A"), held) == ()
    one = Subscription("s1", switched, periods={"2026-11": held})
    assert cover_for(one, "A", "2026-11", policy).category == "A"
    assert cover_for(one, "B", "2026-11", policy).category == "WORLD"
    assert cover_for(one, "A", "2026-12", policy).category == "WORLD"
    used = use(switched, held, "A", 2 * GB, policy)
    assert [(take.offer.category, take.enabled, take.covered_bytes) for take in used.takes] == [
        ("A", False, GB),
        ("WORLD", True, GB),
    ]
    assert use(switched, held, "A", GB, policy).takes[-1].left_bytes == 0
    assert use(having(), held, "A", 2 * GB, policy).rest_bytes == GB


@PROPERTY
@given(
    most=st.integers(1, 10),
    volumes=st.lists(st.sampled_from([0, 1, GB, 4 * GB, 5 * GB, 5 * GB - 1, 5 * GB + 1, 23 * GB]), max_size=12),
)
def test_any_split_of_a_volume_comes_to_the_same_counts(policy, most, volumes):
    """And each byte is used in an instance or left over, none holds more than its size, none is one too many."""
    profile = having("ROW", most=most)
    held, rest = month(), 0
    for volume in volumes:
        used = use(profile, held, "ROW", volume, policy)
        held, rest = month(*used.instances), rest + used.rest_bytes
    whole = use(profile, month(), "ROW", sum(volumes), policy)
    assert (held.bundles, rest) == (whole.instances, whole.rest_bytes)
    one_by_one = list(listed(held))
    assert sum(used for _, _, used, _ in one_by_one) + rest == sum(volumes)
    assert [number for _, number, _, _ in one_by_one] == list(range(1, len(one_by_one) + 1))
    assert all(used == size for _, _, used, size in one_by_one[:-1])
    assert len(one_by_one) <= most
    assert not rest or is_spent(profile, held, "ROW", policy)
