"""The verbs run, lint and steps: what they print and how they end. The library itself is played here, whole."""

import asyncio
import os
import re
from dataclasses import fields, replace
from pathlib import Path
from textwrap import indent
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from simulator.__main__ import main
from simulator.ending import COULD_NOT_RUN, DIFFERENT, OK
from simulator.invoked import invoked
from simulator.outfile import STANDARD_OUTPUT
from simulator.reports import document, page
from simulator.reports.write import Targets
from simulator.scenarios.beginning import FIRST
from simulator.scenarios.lint import check_file
from simulator.scenarios.nursery import Nursery
from simulator.scenarios.play import play
from simulator.scenarios.run import RunOptions, lint_paths, run_scenarios
from simulator.scenarios.vocabulary import VOCABULARY

LIBRARY = Path("simulator/scenarios/library")
FILES = sorted(path for path in (Path(__file__).parents[2] / LIBRARY).rglob("*.feature"))

PROOF = """Feature: Proof

  Scenario: Help is a code
    Given a subscriber Anna
    When Anna texts "HELP" to 1330
    Then Anna gets the message "{name}"

  @open-question
  Scenario: Nobody knows yet
    Given a subscriber Anna
    When Anna texts "HELP" to 1330
    Then Anna gets no message

  @lenient
  Scenario: Not looked at closely
    Given a subscriber Anna
    When Anna texts "HELP" to 1330
    Then Anna can use data
"""


@pytest.fixture
def proof(tmp_path):
    def _proof(name):
        path = tmp_path / "proof.feature"
        path.write_text(PROOF.format(name=name), encoding="utf-8")
        return path

    return _proof


def played(*arguments):
    return asyncio.run(run_scenarios(RunOptions(**dict(arguments))))


def test_lint_says_how_much_there_is():
    result = CliRunner().invoke(main, ["lint", str(LIBRARY)])
    assert result.exit_code == OK, result.output
    assert result.output.startswith("lint  ")
    assert len(lint_paths([str(LIBRARY)]).ready) >= 150


def test_lint_of_what_is_wrong_ends_with_2(tmp_path):
    path = tmp_path / "bad.feature"
    path.write_text('Feature: x\n\n  Scenario: y\n    Given a subscriber Anna\n    When Ana replies "x"\n')
    for verb in ("lint", "run"):
        result = CliRunner().invoke(main, [verb, str(path)])
        assert result.exit_code == COULD_NOT_RUN
        assert 'bad.feature:5   When Ana replies "x"' in result.output
        assert "Did you mean Anna?" in result.output


def test_what_is_not_there_cannot_be_run(tmp_path):
    for path in (str(tmp_path / "nowhere"), f"{FILES[0]}:1"):
        result = CliRunner().invoke(main, ["run", path])
        assert result.exit_code == COULD_NOT_RUN
        assert "not found" in result.output
    assert CliRunner().invoke(main, ["run", str(tmp_path)]).exit_code == COULD_NOT_RUN


def test_steps_prints_every_phrase_in_both_languages():
    output = CliRunner().invoke(main, ["steps"]).output
    for phrase in VOCABULARY:
        for language in ("nl", "en"):
            assert f"  {phrase.expression(language)}\n" in output
            assert phrase.example(language) in output
    assert "SMSC zegt: te druk" in output
    assert "border notice" in output
    dutch = CliRunner().invoke(main, ["steps", "--language", "nl"]).output
    assert "grensbericht" in dutch
    assert "border notice" not in dutch


def test_steps_with_words_prints_what_has_them_all():
    output = CliRunner().invoke(main, ["steps", "--language", "en", "Bundle", "limit"]).output
    assert "a subscriber {name} with cost limit {amount} and bundle {string}" in output
    assert "travels to" not in output
    faults = CliRunner().invoke(main, ["steps", "busy"]).output
    assert "SMSC says: too busy" in faults
    nothing = CliRunner().invoke(main, ["steps", "--language", "nl", "zeppelin"])
    assert (nothing.exit_code, nothing.output) == (DIFFERENT, "niets met zeppelin: simulator steps toont alles\n")


def test_steps_lists_the_countries_under_their_zone():
    output = CliRunner().invoke(main, ["steps", "--countries", "--language", "en"]).output
    assert "zone A\n  Turkiye (TR)   also: Turkey\n" in output
    assert "Kenya (KE)" in output
    assert CliRunner().invoke(main, ["steps", "--countries", "Engeland"]).output.splitlines()[1:] == [
        "gebied EU",
        "  Verenigd Koninkrijk (GB)   ook: VK, UK, Engeland, Groot-Brittannie, Schotland, Wales, Noord-Ierland",
    ]
    assert CliRunner().invoke(main, ["steps", "--countries", "Narnia"]).exit_code == DIFFERENT


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_first_scenario_passes_and_overwrites_nothing(language, tmp_path, capsys):
    path = tmp_path / "first.feature"
    written = CliRunner().invoke(main, ["new", str(path), "--language", language])
    assert (written.exit_code, written.output.split()[0]) == (OK, str(path))
    assert played(("paths", [str(path)]), ("seed", 1)) == OK, capsys.readouterr().out
    path.write_text("mine", encoding="utf-8")
    again = CliRunner().invoke(main, ["new", str(path), "--language", language])
    assert again.exit_code == COULD_NOT_RUN
    assert {"nl": "is er al", "en": "is there already"}[language] in again.output
    assert path.read_text(encoding="utf-8") == "mine"


def test_a_first_scenario_has_a_name_that_a_run_finds(tmp_path):
    for name, told in (("first.txt", "first.feature"), ("nowhere/first.feature", "could not be written")):
        result = CliRunner().invoke(main, ["new", str(tmp_path / name), "--language", "en"])
        assert result.exit_code == COULD_NOT_RUN
        assert told in result.output
    assert list(tmp_path.iterdir()) == []


def test_the_readme_shows_the_first_scenario():
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert indent(FIRST["nl"], " " * 7) in readme


def test_a_run_that_comes_out_as_told(proof, tmp_path, capsys):
    junit = tmp_path / "report.xml"
    path = proof("help")
    assert played(("paths", [str(path)]), ("targets", Targets(junit=junit)), ("seed", 7)) == OK
    output = capsys.readouterr().out
    assert "3 scenarios  ✓2 ✗0 ⊘1 (@open-vraag)  @soepel 1" in output
    assert "seed 7" in output
    assert "shows the conversations" not in output
    assert ET.parse(junit).getroot().get("failures") == "0"  # noqa: S314 - our own


def test_where_all_passed_it_is_said_how_to_see_it(proof, capsys):
    assert played(("paths", [str(proof("help"))])) == OK
    assert capsys.readouterr().out.splitlines()[-1] == "--html FILE shows the conversations"


def test_a_run_that_comes_out_differently(proof, capsys):
    path = proof("status")
    assert played(("paths", [f"{path}:3"]), ("jobs", 1)) == DIFFERENT
    output = capsys.readouterr().out
    assert '✗ Anna did not get the message "status" but "help"' in output
    assert "✗ proof.feature:3  Anna did not get" in output
    assert "1 scenarios  ✓0 ✗1" in output
    assert "shows the conversations" not in output


def test_reports_are_written_whatever_came_out(proof, tmp_path, capsys):
    forms = {form.name: tmp_path / f"report.{form.name}" for form in fields(Targets)}
    assert played(("paths", [str(proof("status"))]), ("targets", Targets(**forms)), ("seed", 7)) == DIFFERENT
    assert all(path.stat().st_size for path in forms.values())
    report = document.loads(forms["json"].read_text(encoding="utf-8"))
    assert [(case.number, case.state) for case in report.cases] == [(1, "failed"), (2, "open"), (3, "passed")]
    assert (report.run.seed, report.run.jobs) == (7, os.cpu_count())
    assert report.run.replay == f"{invoked()} run {tmp_path / 'proof.feature'} --seed 7"
    assert report.run.config_digest
    assert report.cases[0].entries[-1].decisions, "a report is worth a closer look"
    assert "could not write" not in capsys.readouterr().out


def test_a_report_may_be_the_output_and_all_else_goes_to_stderr(proof, capsys):
    targets = Targets(markdown=STANDARD_OUTPUT)
    assert played(("paths", [str(proof("help"))]), ("targets", targets), ("seed", 7)) == OK
    said = capsys.readouterr()
    assert said.out.startswith("## ")
    assert "3 scenarios  ✓2" not in said.out
    assert "3 scenarios  ✓2" in said.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--html", "-"), "--html -: the page goes to a file; - is for --markdown, --junit and --json-report"),
        (("--markdown", "-", "--junit", "-"), "junit and markdown go to the output: - is allowed once"),
    ],
)
def test_what_the_output_can_not_be_is_said(proof, arguments, told):
    result = CliRunner().invoke(main, ["run", str(proof("help")), *arguments])
    assert result.exit_code == COULD_NOT_RUN
    assert told in result.output


def test_a_report_that_can_not_be_written_ends_with_2(proof, tmp_path, capsys):
    path = tmp_path / "folder"
    path.mkdir()
    assert played(("paths", [str(proof("help"))]), ("targets", Targets(html=path))) == COULD_NOT_RUN
    assert "could not write" in capsys.readouterr().out


@pytest.mark.parametrize(("name", "place"), [("help", ""), ("status", "#s1")])
def test_the_page_is_opened_where_it_failed(proof, tmp_path, monkeypatch, name, place):
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    played(("paths", [str(proof(name))]), ("open", True))
    (address,) = opened
    assert address.endswith(f"/index.html{place}")
    assert Path(address.removeprefix("file://").removesuffix(place)).is_file()


def test_where_lint_refuses_no_report_is_written_and_that_is_said(tmp_path, capsys):
    path, page_ = tmp_path / "bad.feature", tmp_path / "page.html"
    path.write_text(
        "# language: nl\nFunctionaliteit: x\n\n  Scenario: y\n    Gegeven een klant Anna\n", encoding="utf-8"
    )
    assert played(("paths", [str(path)]), ("targets", Targets(html=page_))) == COULD_NOT_RUN
    assert f"{page_} is niet geschreven: er is niets gespeeld" in capsys.readouterr().out
    assert not page_.exists()


def test_where_nothing_is_found_it_is_said_where_and_in_the_language_of_the_file(capsys):
    feature = LIBRARY / "nl" / "08_een_reis.feature"
    assert played(("paths", [str(feature)]), ("tags", ["@zz"])) == COULD_NOT_RUN
    assert capsys.readouterr().out == f"Geen scenario gevonden in {feature} met @zz.\n"


def test_a_page_of_500_scenarios_is_less_than_3_megabytes(tmp_path):
    """The longest file of the library, over and over."""
    path = tmp_path / "report.json"
    feature = LIBRARY / "nl" / "03_kostenlimiet.feature"
    assert played(("paths", [str(feature)]), ("targets", Targets(json=path)), ("seed", 1)) == OK
    report = document.loads(path.read_text(encoding="utf-8"))
    cases = [replace(report.cases[number % len(report.cases)], number=number + 1) for number in range(500)]
    assert len(page.document(replace(report, cases=tuple(cases))).encode()) < 3_000_000


def test_tags_choose(proof, capsys):
    assert played(("paths", [str(proof("status"))]), ("tags", ["@lenient"])) == OK
    assert "1 scenarios" in capsys.readouterr().out


SIMULTANEOUS = """Feature: Order

  Scenario: Whatever comes first
    Given a subscriber Anna
    When at the same time:
      | Anna texts "INFO" to 1330    |
      | Anna texts "BERICHT" to 1330 |
      | Anna texts "LIMIET" to 1330  |
      | Anna texts "HELP" to 1330    |
    Then Anna gets 4 messages
"""


def test_what_happens_at_the_same_time_is_ordered_by_the_seed(tmp_path):
    path = tmp_path / "order.feature"
    path.write_text(SIMULTANEOUS, encoding="utf-8")
    (ready,), _ = check_file(path)

    async def orders(*seeds):
        async with Nursery() as nursery:
            outcomes = [await play(nursery, ready, seed) for seed in seeds]
        assert all(one.passed for one in outcomes), outcomes[0].text
        return [re.findall(r"Anna → 1330 +(\w+)", one.conversation) for one in outcomes]

    first, again, other = asyncio.run(orders(1, 1, 2))
    assert first == again
    assert first != other
    assert sorted(first) == sorted(other) == ["BERICHT", "HELP", "INFO", "LIMIET"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_library_comes_out_as_told(path, capsys):
    code = played(("paths", [str(path)]), ("seed", 1))
    assert code == OK, capsys.readouterr().out
