"""The catalogue of faults: whole, named in both languages, each shown by a scenario that arms it."""

import pytest

from gateway.faultpoints import DB_FAULT_NAMES
from gateway.faultpoints import POINTS as KILL_POINTS
from simulator.faultnames import DB_FAULT, FAULTS, KILL_AT, SCOPES, find_fault
from simulator.faults import POINTS, Fault
from simulator.scenarios.lint import check_file
from simulator.scenarios.mishaps import ACTS
from simulator.scenarios.reading import find_files

LIBRARY = "simulator/scenarios/library"
# Chapter 6 of the design of the tools, row by row.
CATALOGUE = {
    *(
        f"smsc.{one}"
        for one in ("throttle", "queue_full", "reject_dest", "syserr", "silent", "resp_lost", "resp_late")
    ),
    *(f"smsc.{one}" for one in ("slow", "disconnect", "bind_refused", "half_open", "bad_pdu")),
    *(f"smsc.dlr_{one}" for one in ("never", "dup", "before_resp", "reordered", "unknown_id", "garbled", "fail")),
    *(f"smsc.mo_{one}" for one in ("dup", "reordered", "parts_missing", "ucs2", "8bit")),
    *("phone.off", "phone.full", "phone.roaming_lost"),
    *(f"http.{one}" for one in ("duplicate", "reordered", "late_period", "burst", "malformed", "huge", "slow_body")),
    *("http.gone_before_reply", "http.skewed_clock"),
    *("policy.down", "policy.slow", "policy.refuses"),
    *("db.locked", "db.slow", "db.full", "db.readonly", "db.corrupt_page"),
    *(f"gw.kill@{point}" for point in KILL_POINTS),
    "gw.restart",
    *(f"clock.{one}" for one in ("month_edge", "dst_spring", "dst_autumn", "leap_day", "step_back", "jump_ahead")),
    *("template.missing_var", "template.too_long", "template.not_gsm7"),
}


def armed_in_the_library():
    """Fault id → the languages of the scenarios that arm it, and whether a tag says so."""
    found = {}
    for path, _ in find_files([LIBRARY])[0]:
        ready, faults = check_file(path)
        assert not faults, faults
        for one in ready:
            tags = {tag.partition(":")[2] for tag in one.scenario.tags if tag.startswith(("@fout:", "@fault:"))}
            for step in one.steps:
                if step.phrase.id == "29":
                    name = step.call.values[0]
                    found.setdefault(name.id, set()).add(one.scenario.language)
                    # A tag ends where the next @ stands.
                    own = name.id.partition("@")[0]
                    assert own in tags or not tags, f"{one.scenario.place}: {own} is not among {tags}"
    return found


def test_every_row_of_the_catalogue_is_there():
    assert {one.id for one in FAULTS} >= CATALOGUE


@pytest.mark.parametrize("language", ["nl", "en"])
def test_each_is_shown_by_a_scenario(language):
    shown = armed_in_the_library()
    assert [one.id for one in FAULTS if language not in shown.get(one.id, ())] == []


def test_names_and_ids_tell_them_apart():
    for words in ([one.id for one in FAULTS], [one.nl for one in FAULTS], [one.en for one in FAULTS]):
        assert len(set(words)) == len(words)
    for one in FAULTS:
        assert find_fault(one.nl.upper(), "nl") is find_fault(f" {one.en} ", "en") is find_fault(one.id, "nl") is one
    assert find_fault("no such fault", "en") is None


def test_each_strikes_at_a_point_or_at_a_start_or_at_once():
    for one in FAULTS:
        assert sum(map(bool, (one.effect, one.start and not one.effect, one.act))) == 1, one.id
        assert not one.act or one.act in ACTS
        assert bool(one.scopes) == (one.effect is not None)
    assert {one.effect for one in FAULTS if one.effect} == set(POINTS)


def test_the_gateways_own_points_are_all_within_reach():
    started = [one.start for one in FAULTS if one.start]
    assert {start[KILL_AT] for start in started if KILL_AT in start} == set(KILL_POINTS)
    assert {start[DB_FAULT] for start in started if DB_FAULT in start} == set(DB_FAULT_NAMES)


def test_what_may_limit_a_fault():
    scopes = {one.id: one.scopes for one in FAULTS}
    assert scopes["smsc.throttle"] == SCOPES
    assert scopes["smsc.throttle_rate"] == (*SCOPES, "rate_per_s")
    assert "who" not in scopes["smsc.bind_refused"]
    assert scopes["gw.restart"] == scopes["db.full"] == ()


def test_a_fault_is_armed_with_its_own_settings_and_the_scope_asked_for():
    fault = find_fault("smsc.dlr_expired", "en").armed("+31610000001", times=None, every=2)
    assert fault == Fault("receipt_stat", "+31610000001", None, 2, stat="EXPIRED", error=27)
    with pytest.raises(ValueError, match=r"db\.full is no fault of the SMSC"):
        find_fault("db.full", "en").armed()
