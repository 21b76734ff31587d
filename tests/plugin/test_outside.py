"""The plugin as its users have it: from the built wheel, in projects that are not this one."""

import re
import shutil
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import pytest

from simulator.reports.document import loads

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
STRICT = ("-W", "error", "--strict-markers", "-p", "no:cacheprovider")
LIBRARY = 17


@pytest.fixture
def project(tmp_path):
    """A folder with a project in it and nothing else."""

    def _project(name):
        return shutil.copytree(HERE / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))

    return _project


def told(result):
    return result.stdout + result.stderr


def sections(output):
    """What is printed of each failed test, by its name."""
    found = re.split(r"^_{3,} (.+?) _{3,}$", output, flags=re.MULTILINE)
    return dict(zip(found[1::2], found[2::2], strict=True))


# --- the wheel -------------------------------------------------------------------------------------------


def test_the_wheel_carries_all_that_the_programs_read(outside):
    with ZipFile(outside.wheel) as wheel:
        names = wheel.namelist()
        entries = next(name for name in names if name.endswith("entry_points.txt"))
        points = wheel.read(entries).decode()
        metadata = wheel.read(entries.replace("entry_points.txt", "METADATA")).decode()
    shipped = {path.relative_to(ROOT).as_posix() for path in data_files()}
    assert shipped <= set(names), shipped - set(names)
    assert not [name for name in names if name.startswith("tests/")]
    assert "gateway = gateway.__main__:main" in points
    assert "simulator = simulator.__main__:main" in points
    assert "[pytest11]\nsimulator = simulator.plugin.hooks" in points
    assert "Provides-Extra: pytest" in metadata


def data_files():
    yield from (ROOT / "templates").glob("*.toml")
    yield from (ROOT / "gateway").glob("*.toml")
    library = [path for path in (ROOT / "simulator" / "scenarios" / "library").rglob("*") if path.is_file()]
    assert len(library) >= LIBRARY
    yield from library


def test_the_programs_work_in_an_empty_folder(outside, tmp_path):
    demo = outside.run(tmp_path, "simulator", "demo", "--headless")
    assert demo.returncode == 0, told(demo)
    assert "The story came out as told" in demo.stdout
    lint = outside.run(tmp_path, "simulator", "lint", str(installed(outside) / "simulator/scenarios/library"))
    assert lint.returncode == 0, told(lint)
    assert list(tmp_path.iterdir()) == []


def installed(outside):
    (packages,) = (outside.home / "lib").glob("python*/site-packages")
    return packages


def test_the_gateway_begins_with_the_configuration_that_it_brings(outside, tmp_path):
    refused = outside.run(tmp_path, "gateway")
    assert refused.returncode == 2
    assert "gateway config > config.toml" in refused.stderr
    printed = outside.run(tmp_path, "gateway", "config")
    assert printed.returncode == 0
    (tmp_path / "config.toml").write_text(printed.stdout, encoding="utf-8")
    assert printed.stdout == (ROOT / "config.toml").read_text(encoding="utf-8")
    checked = outside.run(tmp_path, "gateway", "check")
    assert checked.returncode == 0, told(checked)
    assert checked.stdout.startswith("ok: 4 languages")


def test_the_simulator_does_without_pytest_and_hypothesis(outside, tmp_path):
    blocked = "import sys; sys.modules.update(pytest=None, hypothesis=None); "
    verb = "from simulator.__main__ import main; main(['demo', '--headless'])"
    result = outside.run(tmp_path, "python", "-c", blocked + verb)
    assert result.returncode == 0, told(result)


# --- a project -------------------------------------------------------------------------------------------


def test_a_project_that_uses_it(outside, project, tmp_path):
    folder = project("sample")
    asked = ("--junitxml", str(tmp_path / "report.xml"), "--sim-report", str(tmp_path / "report"))
    result = outside.run(folder, "pytest", "-n", "2", *STRICT, *asked)
    assert result.returncode == 0, told(result)
    assert "Traceback" not in result.stderr, "it ends as quietly as it began"
    reported(loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8")))
    cases = list(ET.parse(tmp_path / "report.xml").iter("testcase"))  # noqa: S314 - our own
    names = [case.get("name") for case in cases]
    assert len(names) == len(set(names)) >= 35
    assert {"Een grensbericht", "Zo schrijft niemand het [info uit]", "test_unblock_flow"} <= set(names)
    outcomes = Counter(child.tag for case in cases for child in case if child.tag not in ("properties", "system-out"))
    # The open question, which is told and fails nothing.
    assert outcomes == {"skipped": 1}


def test_what_the_readme_shows(outside, tmp_path):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (example,) = [
        block for block in re.findall(r"```python\n(.+?)```", readme, re.DOTALL) if "simulator.plugin" in block
    ]
    (tmp_path / "test_readme.py").write_text(example, encoding="utf-8")
    result = outside.run(tmp_path, "pytest", *STRICT)
    assert result.returncode == 0, told(result)
    assert "1 passed" in result.stdout


def reported(report):
    """What both workers played, each test with its lines, its texts and why they came."""
    assert report.run.jobs == 2
    assert ("sms1330", "0.1.0") in report.run.versions
    assert len(report.of("passed")) >= 30
    assert [case.name for case in report.of("open")] == ["Daar is nog niet over besloten"]
    case = next(case for case in report.cases if case.name == "test_unblock_flow")
    assert case.path == "test_service.py"
    assert 'assert anna.spend("40.00").kinds == ["cost_80"]' in [step.text for step in case.steps]
    (notice,) = [entry for entry in case.entries if entry.sent is not None and entry.sent.kind == "cost_80"]
    assert notice.sent.state == "delivered"
    assert notice.decisions[0].findings[0].rule == "G4"
    changed = [(change.before, change.after) for step in case.steps for change in step.changes]
    assert ("€40.00 of €50.00", "€50.00 of €50.00") in changed
    assert case.virtual.days == 28


def test_a_project_on_the_system_clock(outside, project):
    folder = project("sample")
    result = outside.run(folder, "pytest", *STRICT, "--sim-realtime", "test_service.py", "-k", "texts or two_people")
    assert result.returncode == 0, told(result)
    assert "2 passed" in result.stdout
    moved = outside.run(
        folder, "pytest", *STRICT, "--sim-realtime", "-rs", "test_service.py", "-k", "unblock or stands"
    )
    assert moved.returncode == 0, told(moved)
    assert "2 skipped" in moved.stdout
    assert "this test moves the clock" in moved.stdout


def test_the_state_machine_does_without_pytest(outside, project):
    folder = project("sample")
    result = outside.run(folder, "python", "-W", "error", "-m", "unittest", "test_machine")
    assert result.returncode == 0, told(result)
    assert "Traceback" not in told(result)


def test_a_project_that_does_not_use_it(outside, project):
    folder = project("foreign")
    result = outside.run(folder, "pytest", *STRICT, "test_plain.py")
    assert result.returncode == 0, told(result)
    assert "1 passed" in result.stdout
    collected = outside.run(folder, "pytest", *STRICT, "--collect-only")
    assert "collected 1 item" in collected.stdout, told(collected)
    asked = outside.run(folder, "pytest", *STRICT, "other.feature")
    assert asked.returncode != 0
    assert "I do not know this step" in asked.stdout


# --- what a failure tells --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def failing(outside, once):
    """What a project leaves behind in which everything fails: what is printed, JUnit, the simulator's own report."""

    def fill(folder):
        project = shutil.copytree(HERE / "failing", folder / "project")
        unswitched = {"GATEWAY__POLICY__NOTIFICATIONS__BORDER_EU": "mandatory"}
        reports = ("--junitxml", str(folder / "report.xml"), "--sim-report", str(folder / "report"))
        arguments = ("-n", "2", "--sim-seed", "11", *STRICT, *reports)
        result = outside.run(project, "pytest", *arguments, **unswitched)
        (folder / "printed.txt").write_text(result.stdout, encoding="utf-8")

    return once("failing", fill)


@pytest.fixture
def failures(failing):
    """Each test by its name, what is printed, and the JUnit file."""
    printed = (failing / "printed.txt").read_text(encoding="utf-8")
    return sections(printed), printed, (failing / "report.xml").read_text(encoding="utf-8")


def test_the_report_points_at_what_failed(failing):
    folder = failing / "report"
    assert {path.name for path in folder.iterdir()} == {"index.html", "summary.md", "junit.xml", "report.json"}
    assert "Anna got no text, but one was expected" in (folder / "index.html").read_text(encoding="utf-8")
    report = loads((folder / "report.json").read_text(encoding="utf-8"))
    cases = {case.name: case for case in report.cases}
    assert cases.keys() == (HEADLINES.keys() | {"test_own_assertion"}) - {"TestMachine.runTest"}
    assert {case.state for case in cases.values()} == {"failed"}
    for name, case in cases.items():
        if name != "test_own_assertion":
            assert case.headline.startswith(HEADLINES[name].removeprefix("✗ ")), case.headline
            assert case.failure.startswith(f"✗ {case.headline}\n"), case.failure
    failed = [step.text for step in cases["test_nothing_came"].steps if step.state == "failed"]
    assert failed == ['anna.roam("US").one()']
    own = cases["test_own_assertion"]
    assert [step.text for step in own.steps if step.state == "failed"] == ["assert anna.prefs.info is False"]
    (unseen,) = [entry for entry in cases["test_text_that_nobody_looked_at"].entries if entry.pointed]
    assert unseen.sent.kind == "help"
    (fault,) = cases["test_fault_that_never_struck"].faults
    assert (fault.id, fault.hits) == ("smsc.throttle", 0)


def test_all_that_should_fail_does(failures):
    assert re.search(rf"^=+ {len(HEADLINES) + 1} failed in ", failures[1].splitlines()[-1]), failures[1]


HEADLINES = {
    "test_other_kind": "Anna got help; expected was status",
    "test_not_due_yet": "Bram got no text; expected was cost_80",
    "test_other_values": "Anna got status, but not with these values",
    "test_nothing_came": "Anna got no text, but one was expected",
    "test_something_came": "Anna got a text where none may come: help",
    "test_another_reason": "Anna got no text, but not because of m2m: preference:INFO",
    "test_text_that_nobody_looked_at": "Anna got a text that the test never looked at: help",
    "test_fault_that_never_struck": 'The fault "SMSC says: too busy" was armed but occurred 0 times',
    "test_error_that_nobody_expected": "The gateway logged an error that the test does not expect: event.conflict",
    "Nog niet op 80%": '✗ Bram kreeg het bericht "kostenlimiet 80%" niet',
    "TestMachine.runTest": "border_eu was sent although INFO is off",
}


@pytest.mark.parametrize("name", HEADLINES)
def test_the_headline_is_the_first_thing_said(failures, name):
    told, output, junit = failures
    lines = [line.removeprefix("E").strip() for line in told[name].splitlines()]
    said = [line for line in lines if HEADLINES[name] in line]
    assert said, told[name]
    assert f"::{name} - " in output.replace("::TestMachine::runTest", "::TestMachine.runTest")
    messages = [failure.get("message") for failure in ET.fromstring(junit).iter("failure")]  # noqa: S314 - our own
    first = [message.splitlines()[0] for message in messages if message]
    assert any(HEADLINES[name].removeprefix("✗ ") in message for message in first), first


@pytest.mark.parametrize("name", [name for name in HEADLINES if name.startswith("test_")])
def test_the_conversation_is_attached(failures, name):
    told = failures[0][name]
    assert re.search(r"^-+ conversation -+$", told, re.MULTILINE), told
    assert re.search(r"^Conversation of (Anna|Bram) \(\+3161", told, re.MULTILINE)
    assert "State now   country" in told
    assert f'::{name}" --sim-seed 11' in told


def test_each_criterion_has_its_verdict(failures):
    told = failures[0]["test_other_values"]
    assert re.search(r"sender +✗ expected 1331 +got 1330", told)
    assert re.search(r"stand +✗ expected AAN +got UIT", told)
    assert re.search(r"kind +✓ status", told)


def test_the_reason_is_the_gateways_own(failures):
    told, *_ = failures
    assert "Why: usage €39.99 is less than 80% of €50.00 (= €40.00)      [below_threshold]" in told["test_not_due_yet"]
    assert "Why: INFO is off      [preference:INFO]" in told["test_nothing_came"]
    assert "verbruik € 39,99 is minder dan 80% van € 50,00" in told["Nog niet op 80%"]


def test_what_a_developer_asserts_himself_has_the_conversation_too(failures):
    told = failures[0]["test_own_assertion"]
    assert "assert True is False" in told
    assert "Anna → 1330   HELP" in told


def test_the_texts_that_nobody_looked_at_are_pointed_at(failures):
    told = failures[0]["test_text_that_nobody_looked_at"]
    assert "1330 → Anna ▶ Codes voor 1330" in told
    assert "@pytest.mark.lenient" in told


def test_a_broken_invariant_tells_the_whole_story(failures):
    told = failures[0]["TestMachine.runTest"]
    assert "Anna → 1330   INFO UIT" in told
    assert "(where): 'BE'" in told


def test_a_failed_gateway_can_be_kept(outside, project):
    folder = project("failing")
    result = outside.run(folder, "pytest", *STRICT, "--sim-keep", "test_failing.py::test_own_assertion")
    kept = Path(re.search(r"^Kept: (.+)$", result.stdout, re.MULTILINE)[1])
    try:
        assert {"config.toml", "gateway.db", "gateway.log"} <= {path.name for path in kept.iterdir()}
        assert '"gateway.ready"' in (kept / "gateway.log").read_text(encoding="utf-8")
    finally:
        shutil.rmtree(kept)


def test_a_gateway_that_cannot_start_says_why(outside, project):
    folder = project("failing")
    unreadable = {"GATEWAY__POLICY__CAP_SCOPE": "world"}
    result = outside.run(folder, "pytest", *STRICT, "test_failing.py::test_own_assertion", **unreadable)
    assert result.returncode == 1
    assert re.search(r"^No gateway came up: the gateway ended with 2:$", result.stdout, re.MULTILINE)
    assert 'GATEWAY__POLICY__CAP_SCOPE: found "world"; allowed: one of' in result.stdout


def test_a_slip_in_a_scenario_is_an_error_of_collection(outside, tmp_path):
    lines = ["# language: nl", "Functionaliteit: Proef", "  Scenario: Wie", "    Gegeven een abonnee Anna"]
    lines += ['    Als Ana "HELP" naar 1330 stuurt', "    Dan krijgt Anna geen sms"]
    (tmp_path / "wie.feature").write_text("\n".join(lines), encoding="utf-8")
    result = outside.run(tmp_path, "pytest", *STRICT)
    assert result.returncode == 2
    assert 'Abonnee "Ana" bestaat niet in dit scenario. Bedoelde u Anna?' in result.stdout
