"""A report as JSON: what its schema says, and the same value when it is read again."""

import asyncio
import json
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import jsonschema_rs
import pytest

from simulator.invoked import invoked
from simulator.reports import document, model
from simulator.scenarios.lint import check_file
from simulator.scenarios.nursery import Nursery
from simulator.scenarios.play import play

STORY = """# language: nl
@dienstbeschrijving:kostenbeheersing-buiten-de-eu
Functionaliteit: De limiet

  Achtergrond:
    Gegeven een abonnee Bram met bundel "B" hoogstens 10 per maand
    En Bram is in Canada

  @G4 @G6
  Regel: Blokkade

    @fout:smsc.throttle
    Scenario: Waarschuwing, blokkade en een verkeerde verwachting
      Als de fout SMSC zegt: te druk optreedt
      En Bram voor € 39,99 aan data verbruikt
      Dan krijgt Bram geen sms, want de grens is niet bereikt

      Als Bram voor € 10,01 aan data verbruikt
      En Bram "İ ok" naar 1330 stuurt
      Dan krijgt Bram het bericht "hulp"
      En kan Bram internetten
"""


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    """One scenario that fails at its sixth step, watched closely."""
    path = tmp_path_factory.mktemp("report") / "limiet.feature"
    path.write_text(STORY, encoding="utf-8")
    (ready,), faults = check_file(path)
    assert faults == []

    async def once():
        async with Nursery() as nursery:
            return (await play(nursery, ready, 48213, closely=True)).case

    return replace(asyncio.run(once()), number=1)


@pytest.fixture(scope="module")
def report(case):
    run = model.Run(began_at=datetime(2026, 3, 1, tzinfo=UTC), real_s=2.5, seed=48213, versions=(("Python", "3"),))
    return model.Report(run=run, cases=(case,))


@pytest.fixture(scope="module")
def schema():
    return json.loads(document.SCHEMA.read_text(encoding="utf-8"))


def test_a_report_is_what_its_schema_says(report, schema):
    found = json.loads(document.dumps(report))
    assert list(jsonschema_rs.validator_for(schema, validate_formats=True).iter_errors(found)) == []
    assert (found["schema"], found["passed"]) == (schema["properties"]["schema"]["const"], False)
    assert found["counts"] == {"total": 1, "passed": 0, "failed": 1, "open": 0}


@pytest.mark.parametrize(("place", "value"), [("state", "broken"), ("number", 0), ("steps", None), ("began_at", "3")])
def test_the_schema_refuses_what_is_none(report, schema, place, value):
    found = json.loads(document.dumps(report))
    found["cases"][0][place] = value
    assert not jsonschema_rs.validator_for(schema, validate_formats=True).is_valid(found)


def test_the_schema_knows_each_field_of_the_model(schema):
    """What the model holds is in the schema, and nothing else is."""
    places = {
        model.Run: schema["properties"]["run"],
        model.Case: schema["$defs"]["case"],
        model.Step: schema["$defs"]["step"],
        model.Entry: schema["$defs"]["entry"],
        model.Decision: schema["$defs"]["decision"],
        model.Anatomy: schema["$defs"]["entry"]["properties"]["anatomy"],
        model.Sent: schema["$defs"]["entry"]["properties"]["sent"],
        model.Change: schema["$defs"]["step"]["properties"]["changes"]["items"],
        model.Person: schema["$defs"]["case"]["properties"]["people"]["items"],
        model.FaultUse: schema["$defs"]["case"]["properties"]["faults"]["items"],
        model.Finding: schema["$defs"]["decision"]["properties"]["findings"]["items"],
        model.Held: schema["$defs"]["decision"]["properties"]["held"]["items"],
    }
    kinds = {one for one in vars(model).values() if isinstance(one, type) and is_dataclass(one)}
    assert kinds - set(places) == {model.Report}
    for kind, place in places.items():
        names = [one.name for one in fields(kind)]
        assert list(place["properties"]) == names == place["required"], kind


def test_read_again_it_is_the_same(report):
    assert document.loads(document.dumps(report)) == report


def test_a_field_of_a_later_program_is_left_alone(report):
    found = json.loads(document.dumps(report))
    found["cases"][0]["mood"] = "good"
    assert document.loads(json.dumps(found)) == report


@pytest.mark.parametrize("text", ["[]", "{}", '{"schema": "sms1330.report/2"}', '{"schema": "sms1330.report/1"}'])
def test_what_is_no_report_says_so(text):
    with pytest.raises(ValueError, match=r"schema .* allowed is 'sms1330.report/1'|no report: "):
        document.loads(text)


def test_a_state_that_nobody_knows_is_none(report):
    with pytest.raises(ValueError, match="allowed are passed, failed, open"):
        document.loads(document.dumps(report).replace('"state": "failed"', '"state": "lost"', 1))


# --- what was watched


def test_each_step_has_its_state(case):
    states = [step.state for step in case.steps]
    assert states == [*["passed"] * 7, "failed", "skipped"]
    assert [step.shared for step in case.steps] == [True, True, *[False] * 7]
    assert (case.state, case.headline) == ("failed", 'Bram kreeg het bericht "hulp" niet, maar "kostenlimiet 100%"')
    assert case.failure.startswith(f"✗ {case.headline}")
    assert (case.feature, case.rule, case.rules) == ("De limiet", "Blokkade", ("G4", "G6"))


def test_a_text_tells_how_it_travelled_and_why_it_came(case):
    blocked = next(one for one in case.entries if one.sent and one.sent.kind == "cost_100_block")
    assert (blocked.kind, blocked.who, blocked.peer, blocked.step) == ("in", "Bram", "1330", 6)
    assert blocked.pointed
    assert (blocked.anatomy.parts, blocked.anatomy.encoding, blocked.anatomy.room) == (1, "GSM-7", 160)
    assert blocked.anatomy.chars < blocked.anatomy.units <= 160, "the euro sign takes two septets"
    assert (blocked.sent.name, blocked.sent.attempts) == ("kostenlimiet 100%", 2), "the first one was throttled"
    (decision,) = blocked.decisions
    assert decision.flow_id == blocked.sent.flow_id
    assert ("G6", "send", "verstuurd “kostenlimiet 100%” · kosten € 50,00 · limiet € 50,00 · 100%") in [
        (one.rule, one.result, one.told) for one in decision.findings
    ]
    assert [(one.name, one.reason) for one in decision.held] == [("kostenlimiet 80%", "superseded")]
    wrote = next(one for one in case.entries if one.kind == "out")
    assert (wrote.text, wrote.anatomy.encoding, wrote.anatomy.foreign, wrote.anatomy.room) == (
        "İ ok",
        "UCS-2",
        "İ",
        70,
    )


def test_silence_tells_why_too(case):
    used = next(one for one in case.entries if one.text.startswith("data: 15,996 MB"))
    (decision,) = used.decisions
    assert [(one.rule, one.result) for one in decision.findings] == [("G4", "below_threshold")]
    assert "de grens is niet bereikt" in decision.findings[0].told


def test_a_step_tells_what_it_changed(case):
    changed = {(one.what, one.before, one.after) for one in case.steps[5].changes}
    assert ("kosten", "€ 39,99 van € 50,00", "€ 50,00 van € 50,00") in changed
    assert ("data buiten de EU", "open", "dicht: de kostenlimiet") in changed
    assert all(one.who == "Bram" for one in case.steps[5].changes)
    assert case.steps[7].changes == ()


def test_a_fault_tells_how_often_it_struck(case):
    (fault,) = case.faults
    assert (fault.id, fault.name, fault.hits, fault.times, fault.who) == (
        "smsc.throttle",
        "SMSC zegt: te druk",
        1,
        1,
        "",
    )


def test_where_it_came_from(case):
    assert case.place == f"{case.path}:13"
    assert case.replay == f"{invoked()} run {case.path}:13 --seed 48213 --open"
    assert case.flow_ids
    assert Path(case.path).name == "limiet.feature"
