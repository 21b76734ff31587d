"""A run as JUnit XML: well-formed whatever stands in it, headline first."""

from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

from simulator.scenarios.junit import document, write
from simulator.scenarios.play import Outcome
from simulator.scenarios.reading import Scenario

SCENARIO = Scenario(Path("a/b.feature"), "Een <functie>", 'Naam & "zo"', "nl", 7, frozenset({7}), ("@G4",), ())
OPEN = Scenario(Path("a/c.feature"), "Vraag", "Open", "nl", 3, frozenset({3}), ("@open-vraag",), ())


def outcomes():
    return [
        Outcome(SCENARIO, conversation="hoi \x00 <b>", real_s=0.25, virtual=timedelta(days=1)),
        Outcome(SCENARIO, "kreeg het niet", "✗ kreeg het niet\n  Waarom: x < y", "…", 0.5),
        Outcome(OPEN, "nog niet beslist", "✗ nog niet beslist"),
    ]


def test_a_document_that_any_reader_takes():
    root = ET.fromstring(document(outcomes(), 48213).encode())  # noqa: S314 - our own
    assert root.attrib == {"name": "scenarios", "tests": "3", "failures": "1", "errors": "0", "skipped": "1",
                           "time": "0.750"}  # fmt: skip
    suite = root[0]
    assert (suite.get("name"), suite.get("tests")) == ("Een <functie>", "2")
    passed, failed = suite.findall("testcase")
    assert (passed.get("classname"), passed.get("name")) == ("a.b", 'Naam & "zo"')
    assert (passed.get("file"), passed.get("line")) == ("a/b.feature", "7")
    assert passed.find("failure") is None
    assert passed.findtext("system-out") == "hoi � <b>"
    failure = failed.find("failure")
    assert failure.get("message") == "kreeg het niet"
    assert failure.text.splitlines()[0] == "✗ kreeg het niet"


def test_an_open_question_fails_nothing():
    root = ET.fromstring(document(outcomes(), 1).encode())  # noqa: S314 - our own
    (case,) = root[1].findall("testcase")
    assert case.find("failure") is None
    assert case.find("skipped").get("message") == "nog niet beslist"


def test_the_file_is_written_with_its_folder(tmp_path):
    path = tmp_path / "report" / "junit.xml"
    write(path, outcomes(), 1)
    assert ET.parse(path).getroot().tag == "testsuites"  # noqa: S314 - our own
