"""Bundle options and what they cover."""

import pytest

from handlers.bundles import combinable, cover, offer_for, zones_of
from handlers.subscription import BundleOption, Profile


def having(*categories):
    return Profile(
        "+31612345678", bundles={name: BundleOption(enabled=name in categories) for name in ("A", "B", "ROW", "WORLD")}
    )


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


def test_b8_b18_a_volume_is_covered_or_left_for_the_standard_rate(policy):
    assert cover(having("A"), "A", 7, policy) == (7, 0)
    assert cover(having("A"), "B", 7, policy) == (0, 7)


def test_a_category_that_the_sheet_does_not_offer_covers_nothing(policy):
    assert zones_of("MOON", policy) == frozenset()
