"""Feature files as values: languages, backgrounds, outlines, tables, and files that are none."""

from pathlib import Path

import pytest

from simulator.scenarios.lint import check_file
from simulator.scenarios.reading import find_files, read

OUTLINE = """# language: nl
@laag
Functionaliteit: Proef

  Achtergrond:
    Gegeven een abonnee Anna

  Regel: Eén

    @traag @soepel
    Abstract Scenario: Naar <land>
      Als Anna naar <land> reist
      Maar Anna naar Canada reist
      Dan krijgt Anna achtereenvolgens de berichten
        | grensbericht |

      Voorbeelden:
        | land   |
        | Belgie |
        | Japan  |
"""


@pytest.fixture
def written(tmp_path):
    def _written(text, name="proef.feature"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return _written


def test_an_outline_is_a_scenario_for_each_row(written):
    path = written(OUTLINE)
    scenarios, faults = read(path)
    assert faults == []
    assert [one.name for one in scenarios] == ["Naar Belgie [Belgie]", "Naar Japan [Japan]"]
    first, second = scenarios
    assert (first.language, first.feature, first.path) == ("nl", "Proef", path)
    assert first.tags == ("@laag", "@traag", "@soepel")
    assert first.lenient
    assert not first.open_question
    assert (first.line, second.line) == (19, 20)
    assert first.lines == {11, 19}
    assert [(step.kind, step.keyword, step.text) for step in first.steps] == [
        ("given", "Gegeven", "een abonnee Anna"),
        ("when", "Als", "Anna naar Belgie reist"),
        ("when", "Maar", "Anna naar Canada reist"),
        ("then", "Dan", "krijgt Anna achtereenvolgens de berichten"),
    ]
    assert [step.shared for step in first.steps] == [True, False, False, False]
    then = first.steps[-1]
    assert (then.rows, then.row_lines, then.line, then.column) == ((("grensbericht",),), (15,), 14, 10)


def test_a_dutch_file_without_its_language_line_is_told_so(written):
    scenarios, faults = read(written("Functionaliteit: Geen taalregel\n"))
    assert scenarios == []
    assert [(one.line, one.message) for one in faults] == [
        (1, "Dit bestand is Nederlands: zet er bovenaan  # language: nl  bij.")
    ]


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("", 1, "A file begins with Feature:"),
        ("# language: fr\nFonctionnalité: Non\n", 1, "The language fr is not possible: nl or en."),
        (
            "Feature: x\n  Scenario: y\n    Given z\n    nonsense here\n",
            4,
            "A step begins with Given, When, Then, And or But.",
        ),
    ],
)
def test_what_is_no_scenario_file(written, text, line, told):
    scenarios, faults = read(written(text))
    assert scenarios == []
    assert faults[0].line == line
    assert told in faults[0].message


def test_files_are_found_by_folder_by_name_and_by_line(written, tmp_path):
    path = written(OUTLINE)
    assert find_files([str(tmp_path)]) == ([(path, None)], [])
    assert find_files([f"{path}:11"]) == ([(path, 11)], [])
    assert find_files([str(tmp_path / "nowhere")]) == ([], [str(tmp_path / "nowhere")])
    assert find_files([]) == ([], [])
    assert isinstance(find_files([str(path)])[0][0][0], Path)


@pytest.mark.parametrize(
    ("body", "line", "told"),
    [
        ("  Scenario: y\n    Gegeven een abonnee Anna\n    Krijgt Anna niets\n", 5,
         "Een stap begint met Gegeven, Als, Dan, En of Maar."),
        ("  Scenario: y\n    Krijgt Anna geen sms\n    Als Anna naar Canada reist\n    Dan wordt dat geweigerd\n", 4,
         "Een stap begint met Gegeven, Als, Dan, En of Maar."),
        ("", 2, "Dit bestand heeft geen scenario: schrijf er een onder Scenario:"),
        ("  Scenario: y\n", 3, "Dit scenario heeft geen stappen: een stap begint met"),
        ("  Scenario: y\n    Gegeven de abonnees\n      | a | b |\n      | c |\n", 6, "niet evenveel cellen"),
        ("  @tag\n", 4, "Het bestand houdt hier op"),
    ],
)  # fmt: skip
def test_what_the_parser_finds_is_told_in_the_language_of_the_file(written, body, line, told):
    ready, (fault, *_) = check_file(written(f"# language: nl\nFunctionaliteit: x\n{body}"))
    assert ready == []
    assert fault.line == line
    assert fault.message.startswith(told) or told in fault.message
    assert "expected" not in fault.message


def test_a_description_is_no_step(written):
    text = "Feature: x\n\n  Scenario: y\n    Anna is in Canada.\n    It is about travel\n    Given a subscriber Anna\n"
    text += "    When Anna travels to Canada\n    Then nobody gets a message\n"
    assert check_file(written(text))[1] == []


FAULTY = """# language: nl
Functionaliteit: Proef

  {tag}
  Scenario: y
    Gegeven een abonnee Anna
    Als de fout {fault} optreedt
    {row}
    En Anna naar Canada reist
    Dan krijgt Anna geen sms
"""


@pytest.mark.parametrize(
    ("tag", "fault", "row", "told"),
    [
        ("@fout:smsc.throtle", "SMSC zwijgt", "", 'De fout "smsc.throtle" ken ik niet. Bedoelde u smsc.throttle?'),
        ("@fout:gw.kill", "gateway valt om", "| hoe vaak | 2 |", 'De fout "gateway valt om" kent geen "hoe vaak"'),
        ("@x", "aanmelden geweigerd", "| bij wie | Anna |", "wel: hoe vaak, om de hoeveel, hoe lang, kans."),
        ("@x", "SMSC zwijgt", "| per seconde | 2 |", 'kent geen "per seconde"'),
        ("@x", "SMSC zwijgt", "| kans | 100% |", '"100%" kan niet in de kolom "kans"'),
        ("@x", "SMSC zwijgt", "| om de hoeveel | 1 |", '"1" kan niet in de kolom "om de hoeveel"'),
    ],
)
def test_a_fault_that_is_limited_in_a_way_it_has_not_is_told(written, tag, fault, row, told):
    ready, faults = check_file(written(FAULTY.format(tag=tag, fault=fault, row=row)))
    assert ready == []
    assert told in faults[0].message


def test_a_fault_of_the_clock_moves_the_clock_of_the_lint(written):
    text = FAULTY.format(tag="@x", fault="maandgrens", row="En het {moment} wordt")
    ready, faults = check_file(written(text.replace("{moment}", "29 november 2026 09:00")))
    assert ready == []
    assert "De klok kan niet terug" in faults[0].message
    assert check_file(written(text.replace("{moment}", "1 december 2026 09:00")))[1] == []


def test_a_text_block_is_no_part_of_the_language(written):
    text = 'Feature: x\n\n  Scenario: y\n    Given a subscriber Anna\n      """\n      hello\n      """\n'
    ready, faults = check_file(written(text))
    assert ready == []
    assert [(one.line, one.message) for one in faults] == [(4, "This step takes no table.")]


def test_a_background_of_a_rule_is_shared_too(written):
    text = """Feature: x

  Rule: r

    Background:
      Given a subscriber Anna

    Scenario: y
      When a thing happens
"""
    scenarios, _ = read(written(text))
    assert [step.shared for step in scenarios[0].steps] == [True, False]
