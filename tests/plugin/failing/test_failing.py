"""Each fails on purpose; what pytest prints of it is looked at."""

import pytest
from hypothesis import Phase, settings

from simulator.plugin import Sms
from simulator.stateful import SubscriberMachine


def test_other_kind(anna):
    assert anna.text("HELP").kinds == ["status"]


def test_not_due_yet(handset):
    bram = handset(name="Bram", where="US", bundles="B")
    assert bram.spend("39.99").kinds == ["cost_80"]


def test_other_values(anna):
    anna.text("INFO UIT").clear()
    assert anna.text("INFO").one() == Sms("status", sender="1331", fields={"stand": "AAN"})


def test_nothing_came(anna):
    anna.text("INFO UIT").clear()
    anna.roam("US").one()


def test_something_came(anna):
    anna.text("HELP").none()


def test_another_reason(anna):
    anna.text("INFO UIT").clear()
    anna.roam("US").none(why="m2m")


def test_text_that_nobody_looked_at(anna):
    anna.text("HELP")


@pytest.mark.faults("smsc.throttle")
def test_fault_that_never_struck(anna):
    assert anna.prefs.info


def test_error_that_nobody_expected(anna, network, clock):
    event = {
        "specversion": "1.0",
        "id": "l-1",
        "source": "/network",
        "type": "nl.sms1330.location.updated.v1",
        "time": clock.now.isoformat(),
        "data": {"msisdn": anna.number, "visited_plmn": "206-01"},
    }
    network.inject(event)
    anna.inbox.clear()
    network.inject({**event, "data": {"msisdn": anna.number, "visited_plmn": "310-410"}})


def test_own_assertion(anna):
    anna.text("HELP").clear()
    assert anna.prefs.info is False


class Unsilenced(SubscriberMachine):
    """With a gateway whose border notices no switch silences (see the environment it is started in)."""

    PLACES = ("NL", "BE")
    FAULTS = ("smsc.dlr_dup",)


Unsilenced.TestCase.settings = settings(
    SubscriberMachine.TestCase.settings, max_examples=100, derandomize=True, phases=[Phase.generate]
)
TestMachine = Unsilenced.TestCase
