"""How the demo judges a step; the story against the real gateway is played elsewhere."""

import pytest

from simulator.clock import START
from simulator.demo import _differences, _Seen, run_demo
from simulator.handset import Line
from simulator.story import STORY, Expected, Step


def line(text):
    return Line("in", START, "1330", text, 1, "GSM-7")


def sent(kind, text):
    return {"kind": kind, "text": text}


STEP = Step(START, "Anna", "text", "HELP", "", Expected(kinds=("help",), wording=("Codes",)))
GOOD = _Seen(lines=[line("Codes voor 1330")], sent=[sent("help", "Codes voor 1330")])


@pytest.mark.parametrize(
    ("expected", "seen", "told"),
    [
        (STEP.expected, GOOD, []),
        (STEP.expected, _Seen(), ["texts: expected help, found nothing", "wording: 'Codes' is not in ''"]),
        (
            STEP.expected,
            _Seen(lines=[line("Codes!")], sent=[sent("help", "Codes")]),
            ["the handset got ['Codes!'], the gateway says it sent ['Codes']"],
        ),
        (Expected(refused=True), _Seen(), ["the network let through the data"]),
        (Expected(), _Seen(refused=True), ["the network refused the data"]),
        (Expected(reason="superseded"), _Seen(suppressed=[{"reason": "superseded"}]), []),
        (Expected(reason="superseded"), _Seen(decisions=[{"findings": [{"result": "superseded"}]}]), []),
        (
            Expected(reason="superseded"),
            _Seen(decisions=[{"not_sent": [{"reason": "m2m"}]}]),
            ["reason: expected superseded, found m2m"],
        ),
    ],
)
def test_how_a_step_differs_from_the_story(expected, seen, told):
    assert _differences(Step(START, "Anna", "text", "HELP", "", expected), seen) == told


def test_a_gateway_that_can_not_start_is_exit_code_2(run, monkeypatch, capsys):
    # A value no gateway can start with.
    monkeypatch.setenv("GATEWAY__SMPP__BIND", "sideways")
    assert run(run_demo(headless=True)) == 2
    assert "could not start" in capsys.readouterr().out


def test_the_story_comes_out_as_told_with_the_real_gateway(run, capsys, tmp_path):
    pcap = tmp_path / "demo.pcap"
    assert run(run_demo(headless=True, pcap=pcap)) == 0, capsys.readouterr().out
    told = capsys.readouterr().out
    assert "-- PDUs on the SMPP link\n   bind_transceiver: 1\n   bind_transceiver_resp: 1\n" in told
    assert b"INFO staat nu UIT." in pcap.read_bytes()
    assert f"The story came out as told: {len(STORY)} steps." in told
    assert "1330 -> Anna: INFO staat nu UIT." in told
    assert "because cost_100_block · kostenlimiet 100%" in told


def test_a_story_that_comes_out_differently_is_exit_code_1(run, monkeypatch, capsys):
    wrong = Step(STORY[0].at, "Anna", "text", "HELP", "", Expected(kinds=("cost_80",), blocked=True))
    monkeypatch.setattr("simulator.demo.STORY", (wrong,))
    assert run(run_demo(headless=True)) == 1
    told = capsys.readouterr().out
    assert "texts: expected cost_80, found help" in told
    assert "data here: expected blocked, found open" in told
    assert "did NOT come out" in told.replace("The story ", "")
