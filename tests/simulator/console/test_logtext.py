"""A log for people: words for each event, a bracket around each flow."""

import json

import pytest
from click.testing import CliRunner

from simulator.console.logs import Wanted
from simulator.console.logtext import WORDS, Brackets, told
from simulator.console.verbs import VERBS

TAIL = next(verb for verb in VERBS if verb.name == "tail")


def entry(event, ms=0, flow="f1-1", **fields):
    return {"ts": f"2026-03-03T10:15:00.{ms:03d}Z", "level": "info", "event": event, "flow_id": flow, **fields}


STORY = [
    entry("usage.received", 12, sub="s_9367baf94b", zone="A", bytes=4_000_000, source_event_id="cdr-88123"),
    entry("other.thing", 13, flow="f1-2", colour="red"),
    entry("block.activated", 21, reason="COST_LIMIT", block_level=100),
    entry("notification.decided", 23, template="cost_100_block", outcome="send"),
    entry("notification.decided", 24, template="cost_80", outcome="not_sent", reason="superseded"),
    entry("mt.submitted", 43, msg_id="m1", segments=1, encoding="gsm7", attempt=1),
    entry("mt.delivered", 900, dlr_stat="DELIVRD"),
]


def test_a_flow_is_a_bracket():
    assert list(Brackets().grouped(STORY)) == [
        "10:15:00.012 ┌ s_9367 uses 4000000 bytes in zone A (cdr-88123)   f1-1",
        "       +9 ms │ BLOCK COST_LIMIT at 100 %",
        "      +11 ms │ decided: send cost_100_block",
        "      +12 ms │ decided: not cost_80 (superseded)",
        "      +31 ms │ sms m1, 1 segment(s) gsm7, attempt 1",
        "     +888 ms └ delivered (DELIVRD)",
        "10:15:00.013 ┌ other.thing colour=red   f1-2",
    ]


def test_lines_as_they_come_are_told_apart():
    brackets = Brackets()
    lines = [brackets.line(one) for one in STORY[:3]]
    assert lines[1].startswith("10:15:00.013 ┌ other.thing")
    assert lines[2].startswith("       +9 ms │ BLOCK")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ({"text": "Traceback"}, "Traceback"),
        (entry("gateway.ready", http_port=8330), "takes requests on port 8330"),
        (entry("gateway.ready"), "gateway.ready"),
        (entry("location.received", zone="A"), "registers zone A"),
        (entry("mt.failed", status="ESME_RINVDSTADR"), "FAILED: ESME_RINVDSTADR"),
        (entry("mt.failed"), "FAILED"),
    ],
)
def test_words(line, words):
    assert told(line) == words


def test_a_line_without_a_flow_or_an_instant():
    assert Brackets().line({"text": "plain"}) == "             · plain"
    assert Brackets().line({**entry("gateway.ready", flow="", http_port=1), "level": "error"}) == (
        "10:15:00.000 · ✗ takes requests on port 1"
    )


def test_every_pattern_can_be_filled():
    for event, pattern in WORDS.items():
        assert pattern.count("[") == pattern.count("]"), event


def test_what_is_wanted():
    one = entry("mt.submitted", sub="s_12")
    assert Wanted().fits(one)
    assert Wanted(event="mt.*", sub="s_1", flow="f1-1").fits(one)
    for wanted in (Wanted(event="mo.*"), Wanted(sub="s_2"), Wanted(flow="f1-9"), Wanted(level="warning")):
        assert not wanted.fits(one)


def test_tail_reads_a_file_and_a_pipe(tmp_path):
    text = "\n".join(map(json.dumps, STORY)) + "\nplain\n"
    path = tmp_path / "gateway.log"
    path.write_text(text, encoding="utf-8")
    whole = CliRunner().invoke(TAIL, [str(path)])
    assert whole.output.splitlines()[1].endswith("BLOCK COST_LIMIT at 100 %")
    piped = CliRunner().invoke(TAIL, ["-", "--event", "block.*"], input=text)
    assert piped.output.splitlines() == ["10:15:00.021 ┌ BLOCK COST_LIMIT at 100 %   f1-1"]
    missing = CliRunner().invoke(TAIL, [str(tmp_path / "none")])
    assert missing.exit_code == 2
