"""A report as JUnit XML: well-formed whatever stands in it, headline first."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

from simulator.reports.junit import document
from simulator.reports.model import Case, Decision, Entry, Report, Run

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


def case(number, **told):
    own = {"name": 'Naam & "zo"', "path": "a/b.feature", "line": 7, "state": "passed", "feature": "Een <functie>"}
    return Case(number=number, **{**own, **told})


def report():
    decision = Decision(event="usage.reported", outcome="notified", flow_id="f1-7")
    entry = Entry(kind="event", at=NOON, text="data", decisions=(decision,))
    failure = "✗ kreeg het niet\n  Waarom: x < y"
    return Report(
        run=Run(began_at=NOON, real_s=1, seed=48213),
        cases=(
            case(
                1,
                tags=("@G4", "@soepel"),
                conversation="hoi \x00 <b>",
                real_s=0.25,
                began_at=NOON,
                ended_at=NOON + timedelta(days=1),
                seed=48213,
                entries=(entry, entry),
            ),
            case(2, state="failed", headline="kreeg het niet", failure=failure, real_s=0.5),
            case(3, state="open", headline="nog niet beslist", failure="✗ …", path="a/c.feature", feature=""),
        ),
    )


def test_a_document_that_any_reader_takes():
    root = ET.fromstring(document(report()).encode())  # noqa: S314 - our own
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


def test_properties_say_how_to_find_it_again():
    root = ET.fromstring(document(report()).encode())  # noqa: S314 - our own
    properties = {one.get("name"): one.get("value") for one in root[0].find("testcase").find("properties")}
    assert properties == {"seed": "48213", "tags": "@G4 @soepel", "flow_ids": "f1-7", "virtual_s": "86400"}
    assert root[0].find("properties")[0].attrib == {"name": "seed", "value": "48213"}


def test_an_open_question_fails_nothing():
    root = ET.fromstring(document(report()).encode())  # noqa: S314 - our own
    assert root[1].get("name") == "a/c.feature"
    (one,) = root[1].findall("testcase")
    assert one.find("failure") is None
    assert one.find("skipped").get("message") == "nog niet beslist"


def test_each_case_points_at_its_place_on_the_page():
    root = ET.fromstring(document(report(), "report/index.html").encode())  # noqa: S314 - our own
    told = [one.findtext("system-out").splitlines()[-1] for one in root.iter("testcase")]
    assert told == [f"[[ATTACHMENT|report/index.html#s{number}]]" for number in (1, 2, 3)]
