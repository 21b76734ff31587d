"""A subscriber to whom anything happens, as a project would derive one of its own."""

from hypothesis import settings

from simulator.stateful import SubscriberMachine


class Commuter(SubscriberMachine):
    PLACES = ("NL", "BE", "US")
    FAULTS = ("smsc.throttle", "smsc.resp_lost", "smsc.dlr_dup")


Commuter.TestCase.settings = settings(
    SubscriberMachine.TestCase.settings, max_examples=4, stateful_step_count=12, derandomize=True
)
TestCommuter = Commuter.TestCase
