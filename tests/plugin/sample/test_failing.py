from simulator.plugin import Sms
import pytest


def test_a(anna):
    assert anna.text("HELP").kinds == ["status"]


def test_b(anna):
    assert anna.text("HELP").one() == Sms("help", sender="1331", segments=1, contains="LIMIET")


def test_c(anna):
    anna.text("HELP")


def test_d(anna, portal):
    portal.enable_bundle(anna, "B")
    anna.roam("US").clear()
    anna.spend("39").one()


def test_e(anna, portal):
    portal.enable_bundle(anna, "B")
    anna.roam("US").clear()
    assert anna.spend("39").kinds == ["cost_80"]


def test_f(anna):
    anna.text("HELP").none()


@pytest.mark.faults("smsc.throttle")
def test_g(anna):
    anna.text("HELP", to="1331")
