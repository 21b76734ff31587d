"""The cost limit over the months, and the state that follows from it."""

import pytest

from handlers.limits import derive, with_limit
from handlers.limits import pending_limit as pending
from handlers.subscription import CostLimit

NOW, NEXT = "2026-11", "2026-12"
FIFTY = (CostLimit(50, 1, ""),)

EUR = 1_000_000
STATES = [
    # charges, limit, consent, state (rules 2.2)
    (0, 50, 0, "OPEN"),
    (50 * EUR - 1, 50, 0, "OPEN"),
    (50 * EUR, 50, 0, "BLOCKED_100"),
    (50 * EUR, 50, 1, "OPEN"),
    (100 * EUR - 1, 50, 1, "OPEN"),
    (100 * EUR, 50, 1, "BLOCKED_200"),
    (100 * EUR, 50, 0, "BLOCKED_200"),
    (100 * EUR, 50, 2, "OPEN_REST_OF_MONTH"),
    (0, 50, 2, "OPEN_REST_OF_MONTH"),
]


@pytest.mark.parametrize(("charges", "limit", "consent", "state"), STATES)
def test_the_state_follows_from_limit_charges_and_consent(charges, limit, consent, state):
    assert derive(charges, limit * EUR, consent) == state


def test_q17_a_raise_counts_from_this_month():
    assert with_limit(FIFTY, 100, NOW, NEXT) == (*FIFTY, CostLimit(100, 2, NOW))


def test_q17_a_second_raise_in_a_month_replaces_the_first():
    assert with_limit((*FIFTY, CostLimit(100, 2, NOW)), 200, NOW, NEXT) == (*FIFTY, CostLimit(200, 3, NOW))


def test_g10_a_lowering_counts_from_the_next():
    assert with_limit(FIFTY, 30, NOW, NEXT) == (*FIFTY, CostLimit(30, 2, NEXT))


def test_q18_of_two_lowerings_the_last_counts():
    lowered = with_limit(FIFTY, 30, NOW, NEXT)
    assert with_limit(lowered, 10, NOW, NEXT) == (*FIFTY, CostLimit(10, 3, NEXT))
    assert with_limit(lowered, 30, NOW, NEXT) is lowered


@pytest.mark.parametrize("eur", [50, 100])
def test_q18_a_raise_or_the_current_value_cancels_a_lowering(eur):
    lowered = with_limit(FIFTY, 30, NOW, NEXT)
    assert with_limit(lowered, eur, NOW, NEXT)[-1].since <= NOW


def test_the_limit_of_an_earlier_month_stays_what_it_was(story):
    told = story()
    told.sets(cost_limit_eur=100).silence()
    assert (told.profile.limit_in("2026-10").eur, told.profile.limit_in("2026-11").eur) == (50, 100)


def test_g10_a_lowering_shows_as_pending(story):
    told = story()
    assert pending(told.state, NOW) is None
    told.sets(cost_limit_eur=30).silence()
    assert pending(told.state, NOW) == CostLimit(30, 2, NEXT)
    assert pending(told.state, NEXT) is None


def test_g10_a_raise_is_never_pending_whichever_month_is_asked_for(story):
    told = story(now="2026-12-02 09:00")
    told.sets(cost_limit_eur=100).silence()
    assert told.profile.limits[-1] == CostLimit(100, 2, NEXT)
    assert pending(told.state, NOW) is None


def test_g10_nothing_is_pending_in_a_month_that_is_past(story):
    told = story()
    told.sets(cost_limit_eur=30).silence()
    assert pending(told.state, NOW, NOW) == CostLimit(30, 2, NEXT)
    assert pending(told.state, "2026-10", NOW) is None
    assert pending(told.state, NOW, NEXT) is None
