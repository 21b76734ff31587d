"""What the special moment did: how it was before, how bad it got, and when it was like before again."""

from simulator.load import special
from tests.simulator.load import sample


def facts(kind, **changes):
    told = {**sample.ended(slow_second=10), **changes}
    run = sample.run(kind=kind, slow_second=10)
    found = special.figures(kind, 20, told, run["series"], {"policy.period_lift_spread_s": "5"})
    return {one["told"]: one["value"] for one in found["facts"]}


def test_a_burst_is_measured_by_itself():
    found = facts("spike")
    assert found["SIMs that registered within a second"] == 20
    assert 0 < found["p50 of their flows"] <= found["p99 of their flows"] <= found["the last of them"]


def test_how_long_until_it_is_like_before():
    found = facts("spike")
    assert found["p99 flow of a usual second before"] < 25 < found["of the worst one after"]
    assert found["like before again after"] == 1


def test_what_never_becomes_like_before_says_so():
    slow = [(second, 500.0) for second in range(10, 20)]
    assert special._back_s(slow, 10.0, 10) is None


def test_phones_that_came_on():
    found = facts("receipt-storm", came_on=55)
    assert found["phones that came on"] == 55
    assert found["receipts in the busiest second"] == 7


def test_a_month_that_ended():
    found = facts("month-edge")
    assert found["blocked for their costs when the month ended"] == 3
    assert found["the network hears of it within"] == 5


def test_a_soak_says_how_much_of_an_hour_it_was():
    found = special.figures("soak", 240, {**sample.ended(), "finished": 540_000, "pace_per_s": 2250.0}, [], {})
    assert {one["told"]: one["value"] for one in found["facts"]} == {
        "flows": 540_000, "of an hour at 300 a second": 30, "played in": 4, "its pace after the first seconds": 2250,
    }  # fmt: skip


def test_a_steady_run_has_no_such_moment():
    assert special.figures("steady", 20, sample.ended(), [], {}) is None
    assert special.figures("spike", 2, sample.ended(), [], {}) is None
