"""Figures second by second: each handed out once; what comes too late for its second counts in the totals."""

from simulator.load.tally import OPEN_SECONDS, Tally


def test_a_latency_stands_in_the_second_it_was_meant_for():
    tally = Tally(begin_s=10.0)
    tally.started("usage", 10.5, 10.5)
    tally.measured("flow", 10.5, 1.25)
    tally.done("usage", 10.5, 11.75, outcome="counted", error="", burst=False)
    first, second = tally.closed(12.0, keep=-1)
    assert (first["second"], first["offered"], first["done"]) == (0, 1, 0)
    assert first["measures"]["flow"] == [2, 1250.0, 1250.0, 1250.0]
    assert (second["second"], second["done"]) == (1, 1)


def test_a_second_is_handed_out_once():
    tally = Tally()
    tally.started("usage", 0.5, 0.5)
    assert tally.closed(OPEN_SECONDS) == []
    assert [one["second"] for one in tally.closed(OPEN_SECONDS + 1.5)] == [0]
    tally.measured("flow", 0.5, 30.0)
    assert tally.closed(OPEN_SECONDS + 3) == []
    assert tally.measures["flow"].count == 1


def test_the_latest_second_for_a_progress_line():
    tally = Tally()
    assert tally.latest(1.0)["offered"] == 0
    tally.started("mo", 0.5, 0.5)
    tally.text_shown(0.6)
    assert (tally.latest(1.2)["offered"], tally.latest(1.2)["texts"]) == (1, 1)


def test_lag_is_how_late_the_generator_was():
    tally = Tally()
    tally.started("mo", 1.0, 1.25)
    assert tally.lag.max_us == 250_000


def test_a_burst_has_figures_of_its_own():
    tally = Tally()
    tally.done("roam", 1.0, 1.5, outcome="notified", error="", burst=True)
    tally.done("roam", 1.0, 1.1, outcome="notified", error="", burst=False)
    assert (tally.burst.count, tally.finished) == (1, 2)


def test_room_does_not_grow_with_time():
    tally = Tally()
    for second in range(10_000):
        tally.started("usage", second, second)
        tally.closed(float(second))
    assert len(tally._seconds) <= OPEN_SECONDS + 2
