"""The command line as a whole: what is read, and what is refused before anything starts."""

import pytest

from simulator.load.options import OWN_NUMBERS, LoadOptions, read_job
from simulator.load.schedule import BadPlan


def test_what_nobody_says_is_what_the_kind_says():
    job = read_job(LoadOptions(seed=7))
    assert (job.seconds, job.subscribers, job.first_number, job.seed) == (60, 1000, OWN_NUMBERS, 7)
    assert (job.plan.burst, job.plan.on_at_s, job.plan.in_flight_max) == (0, 0, 0)


def test_a_spike_and_a_storm_come_at_half_time():
    spike = read_job(LoadOptions(kind="spike", seconds="20s")).plan
    assert (spike.burst, spike.burst_at_s) == (300, 10)
    storm = read_job(LoadOptions(kind="receipt-storm", seconds="20s"))
    assert (storm.plan.on_at_s, storm.mix.off_pct) == (10, 50)


def test_a_soak_lets_its_schedule_wait():
    plan = read_job(LoadOptions(kind="soak")).plan
    assert plan.in_flight_max > 0
    assert sum(stage.flows for stage in plan.stages) == 300 * 3600


def test_settings_and_stages_are_read():
    job = read_job(LoadOptions(stages="5s@10,5s@20", settings=("smpp.window=10", "log.level=warning")))
    assert (job.seconds, job.settings) == (10, {"smpp.window": "10", "log.level": "warning"})


def test_a_seed_is_drawn_where_none_is_given():
    assert len({read_job(LoadOptions()).seed for _ in range(5)}) > 1


def test_a_running_gateway_gets_a_block_of_its_own():
    first = read_job(LoadOptions(gateway="http://127.0.0.1:1", smpp_port=1)).first_number
    assert first != OWN_NUMBERS
    assert first.startswith("+3165")
    assert len(first) == 12


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"stages": "5s@1", "rate": 3.0}, "leave out --rate"),
        ({"subscribers": 10**9}, "--subscribers 1000000000"),
        ({"gateway": "http://x"}, "--gateway needs --smpp-port"),
        ({"gateway": "http://x", "smpp_port": 1, "settings": ("a.b=1",)}, "leave out --gateway"),
        ({"gateway": "http://x", "smpp_port": 1, "kind": "month-edge"}, "leave out --gateway"),
        ({"account": "gateway"}, "SYSTEM_ID:PASSWORD"),
        ({"settings": ("smpp",)}, "SECTION.KEY=VALUE"),
        ({"html_path": "-"}, "- is for --json"),
        ({"numbers": "0612"}, "E.164"),
        ({"seconds": "long"}, "is no duration"),
        ({"mix": "none"}, "no such file"),
        ({"thresholds": ("p99",)}, "is no threshold"),
    ],
)
def test_what_is_refused(options, told):
    with pytest.raises(BadPlan) as caught:
        read_job(LoadOptions(**options))
    assert told in str(caught.value)


def test_tokens_are_not_in_a_repr():
    assert "hidden" not in repr(LoadOptions(events_token="hidden", portal_token="hidden", control_token="hidden"))
