"""Armed by name and number of passing; otherwise nothing happens."""

import signal
import sqlite3

import pytest

from gateway import faultpoints
from gateway.faultpoints import DB_FAULTS, POINTS, FaultPoints


@pytest.fixture
def kills(monkeypatch):
    """What was sent instead of the end of this process."""
    sent = []
    monkeypatch.setattr(faultpoints.os, "kill", lambda pid, number: sent.append((pid, number)))
    return sent


def test_unarmed_nothing_happens(kills):
    for name in POINTS:
        FaultPoints().passing(name)
    FaultPoints().transaction()
    assert kills == []


@pytest.mark.parametrize(("armed", "passing"), [("after_event_commit", 1), ("after_event_commit:3", 3)])
def test_the_process_dies_at_that_passing(kills, armed, passing):
    points = FaultPoints(armed)
    for number in range(1, 6):
        points.passing("during_period_roll")
        points.passing("after_event_commit")
        assert len(kills) == (number >= passing)
    assert kills == [(faultpoints.os.getpid(), signal.SIGKILL)]


def test_a_slow_transaction_is_no_error(monkeypatch):
    slept = []
    monkeypatch.setattr(faultpoints.time, "sleep", slept.append)
    points = FaultPoints("", "slow:2")
    for _ in range(3):
        points.transaction()
    assert slept == [faultpoints.SLOW_S]


@pytest.mark.parametrize("name", DB_FAULTS)
def test_a_database_fault_is_one_of_its_own_errors(name):
    points = FaultPoints("", f"{name}:2")
    points.transaction()
    with pytest.raises(sqlite3.OperationalError, match=DB_FAULTS[name]):
        points.transaction()
    points.transaction()
