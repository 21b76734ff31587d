"""A share of the million in every run, the inputs that once failed, and proof that each check can fail."""

import gc
import subprocess
import sys
import tracemalloc
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.smpp.session import Session as GatewaySession
from simulator.commands import COMMANDS
from simulator.pdu import Pdu, SubmitSm, decode, encode
from simulator.session import Session as SimulatorSession
from tests.fuzz import codecs, cycles, gateway_side, play, simulator_side
from tests.fuzz.cases import case, cut, replayed, rest_of
from tests.fuzz.codecs import Disagreement, judged
from tests.fuzz.corpus import corpus
from tests.fuzz.found import found
from tests.fuzz.fuel import ROOT, Fuel, OutOfFuel
from tests.fuzz.mutate import MUTATIONS
from tests.fuzz.wire import answered

SHARES = [(11, range(1_000)), (12, range(1_000))]
FUEL_EVERY = 8
FOUND = found()


def lines(figures):
    return [f"{fault.case} {fault.side}: {fault.error}" for fault in figures.faults]


@pytest.mark.parametrize(("seed", "numbers"), SHARES)
def test_mutated_pdus_are_read_or_refused_and_nothing_else(seed, numbers):
    figures = play.play(seed, numbers, fuel_every=FUEL_EVERY)
    assert lines(figures) == []
    assert figures.pdus > 5_000
    # Every mutation and every way to end had its turn, or the share proves less than it says.
    assert set(figures.mutations) == {mutation.__name__ for mutation in MUTATIONS}
    sides = Counter(outcome.partition(":")[0] for outcome in figures.outcomes)
    assert all(sides[side] > 1 for side in play.SESSIONS)
    assert figures.outcomes["read by both"] > 1_000


@pytest.mark.parametrize("name", sorted(FOUND))
def test_what_was_found_once_is_mended(name):
    assert lines(play.play_cases([FOUND[name]])) == []


def test_the_corpus_has_every_command_and_both_codecs_read_all_of_it():
    assert {sample.command for sample in corpus()} == set(COMMANDS)
    allowed = {"read by both", f"read by gateway alone: {codecs.OPAQUE}"}
    assert {judged(sample.frame).outcome for sample in corpus()} <= allowed


def test_a_case_is_the_same_every_time():
    one, again = case(3, 5), case(3, 5)
    assert (one.frames, one.chunks, one.done) == (again.frames, again.chunks, again.done)
    assert b"".join(one.chunks) == one.stream
    assert one.frames != case(3, 6).frames != case(4, 5).frames


def test_a_case_may_be_of_no_octets():
    assert case(31, 1_724).stream == b""
    assert lines(play.play(31, [1_724])) == []


def test_no_session_outlives_its_case():
    play.play(13, range(60), fuel_every=1_000)
    gc.collect()
    kinds = (GatewaySession, SimulatorSession)
    assert not [one for one in gc.get_objects() if isinstance(one, kinds)]


def test_sixty_clients_that_come_and_go_leave_nothing_behind():
    import asyncio

    tracemalloc.start()
    try:
        left = asyncio.run(cycles.cycles(3_600, 60))
    finally:
        tracemalloc.stop()
    assert left.clean, left
    assert (left.cycles, left.most_sessions > 30) == (3_600, True)


# --- each check can fail ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"fds": (10, 11)},
        {"tasks": (1, 2)},
        {"sessions": 1},
        {"unanswered": 1},
        {"texts_lost": 1},
        {"memory_bytes": (0, 100_000)},
    ],
)
def test_whatever_is_left_over_is_noticed(wrong):
    left = cycles.Left(60, 60, (10, 10), (1, 1), (0, 1_000), 0, 0, 0, 60)
    assert left.clean
    assert not replace(left, **wrong).clean


def test_a_loop_without_end_runs_out_of_fuel():
    hang = compile("while True:\n    pass\n", str(ROOT / "gateway" / "hang.py"), "exec")
    with pytest.raises(OutOfFuel, match=r"more than 500 lines executed, the last at hang\.py"), Fuel(500):
        exec(hang)  # noqa: S102 - two lines from above


def test_work_that_grows_faster_than_its_octets_runs_out_of_fuel(monkeypatch):
    """A reader that walks all it has at each octet, as one might write it."""
    source = "def walk(buffer):\n    for octet in buffer:\n        octet\n"
    scope = {}
    exec(compile(source, str(ROOT / "gateway" / "walk.py"), "exec"), scope)  # noqa: S102 - three lines from above
    before = GatewaySession.receive_bytes

    def slowly(session, data, now):
        scope["walk"](bytes(10_000))
        return before(session, data, now)

    monkeypatch.setattr(GatewaySession, "receive_bytes", slowly)
    assert any("out of fuel" in line for line in lines(play.play(1, range(3), fuel_every=1)))


def reads_otherwise(frame):
    pdu = decode(frame)
    return replace(pdu, fields={**pdu.fields, "esm_class": 99})


@pytest.mark.parametrize(
    ("reader", "otherwise", "kind"),
    [
        ("decode", reads_otherwise, "esm_class"),
        ("encode", lambda _: b"", "not written as read"),
        ("read", lambda _: codecs.ours.Malformed("no such thing", 8, command_id=4, sequence=7), "read by one"),
        ("read", lambda _: codecs.ours.Malformed("found more than 200", 8, command_id=5), "header not kept"),
        ("SubmitSm", lambda frame: SubmitSm(frame.replace(b"1330", b"1331")), "fast reader"),
    ],
)
def test_codecs_that_disagree_are_told(monkeypatch, reader, otherwise, kind):
    frame = encode(Pdu("submit_sm", 7, 0, {"source_addr": "1330", "short_message": b"x"}))
    assert judged(frame).outcome == "read by both"
    monkeypatch.setattr(codecs, reader, otherwise)
    with pytest.raises(Disagreement, match=kind):
        judged(frame)


REQUEST, RESPONSE = b"\0\0\0\x10\0\0\0\x15\0\0\0\0\0\0\0\x07", b"\0\0\0\x10\x80\0\0\x15\0\0\0\0\0\0\0\x07"
NACK = b"\0\0\0\x10\x80\0\0\0\0\0\0\x03\0\0\0\x07"


def test_each_request_has_one_answer():
    assert answered([REQUEST, REQUEST], [RESPONSE, NACK]) == []
    assert answered([REQUEST, REQUEST], [RESPONSE]) == ["7: 0x80000015"]
    with pytest.raises(Disagreement, match="answered without a request"):
        answered([REQUEST], [RESPONSE, NACK])
    with pytest.raises(Disagreement, match="answered without a request"):
        answered([REQUEST], [RESPONSE.replace(b"\x07", b"\x08")])


@pytest.mark.parametrize(
    ("owner", "name", "wrong", "told"),
    [
        (GatewaySession, "_on_enquire_link", lambda *_: None, "request without an answer"),
        (
            GatewaySession,
            "_respond",
            lambda self, *_: self._outgoing.append(b"\0\0\0\x10" + bytes(12)),
            "not in SMPP 3.4",
        ),
        (GatewaySession, "_close", lambda *_: [], "alignment"),
        (SimulatorSession, "_on_unbind", lambda self, _: self.close(), "undocumented end"),
        (SimulatorSession, "_refuse", lambda *_: None, "request without an answer"),
        (SimulatorSession, "_on_response", lambda *_: 1 / 0, "ZeroDivisionError"),
    ],
)
def test_a_session_that_breaks_its_word_is_told(monkeypatch, owner, name, wrong, told):
    monkeypatch.setattr(owner, name, wrong)
    assert told in " ".join(lines(play.play(1, range(40), fuel_every=1_000)))


def test_a_buffer_beyond_its_bound_is_told(monkeypatch):
    monkeypatch.setattr(gateway_side, "LONGEST", 100)
    monkeypatch.setattr(simulator_side, "WINDOW", -1)
    told = lines(play.play_cases([replayed([b"\0\0\x04\0" + bytes(500)])]))
    assert sum("out of bounds" in line for line in told) == 2


def test_streams_are_cut_as_the_specification_has_it():
    pdu = b"\0\0\0\x10" + bytes(12)
    assert cut(pdu + pdu + b"\0\0", 100) == ([pdu, pdu], b"\0\0", False)
    assert cut(pdu + b"\0\0\0\x0f", 100) == ([pdu], b"\0\0\0\x0f", True)
    assert cut(b"\0\0\0\x65", 100) == ([], b"\0\0\0\x65", True)
    for rest in (b"", b"\0", b"\0\0\0", b"\0\0\0\x20", b"\0\0\0\x20" + bytes(20)):
        frames, left, lost = cut(rest + rest_of(rest, 100) + pdu, 100)
        assert (frames[-1:], left, lost) == ([pdu], b"", False)
    assert cut(b"\xff" + rest_of(b"\xff", 100), 100)[2]


# --- the command -----------------------------------------------------------------------------------------------------


def run(*arguments):
    command = [sys.executable, "-m", "tests.fuzz", *arguments]
    root = Path(__file__).parents[2]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=100, check=False)


def test_the_command_prints_its_figures():
    done = run("--count", "500", "--cycles", "60", "--workers", "1", "--seed", "9")
    assert done.returncode == 0, done.stdout + done.stderr
    for words in ("mutated PDUs", "seed 9", "us per PDU", "read by both", "kB for 100,000 PDUs", "found: 0"):
        assert words in done.stdout
    assert f"kept from before: {len(FOUND)} inputs, 0 fail again" in done.stdout


def test_one_case_is_played_again_by_its_number(tmp_path):
    done = run("--replay", "1:7")
    assert (done.returncode, done.stderr) == (0, "")
    assert all(name in done.stdout for names in case(1, 7).done for name in names)
    assert run("--seeds", str(tmp_path)).returncode == 0
    assert len(list(tmp_path.rglob("*-*"))) == 2 * len(corpus())
