"""What a log line is, and what it must never hold."""

import ast
import asyncio
import io
import json
import logging
import random
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gateway.logs
from gateway.log_events import EVENTS, LEVELS, SHARED
from gateway.logs import Log, UnknownEvent, masked, start_log

NUMBER = "+31612345642"
IMSI = "204080000000001"
NOON_S = datetime(2026, 11, 2, 12, 0, 0, 123_456, tzinfo=UTC).timestamp()


class Pen:
    """A log and what it wrote."""

    def __init__(self, **options):
        self.stream = io.StringIO()
        self.log = Log(self.stream, wall_s=lambda: NOON_S, **{"key": b"pepper", "strict": True} | options)

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict]:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def pen():
    return Pen()


@pytest.fixture
def own_root_logger():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


class TestShape:
    def test_keys_stand_in_their_order(self, pen):
        pen.log.boot = 3
        pen.log("mt.accepted", smsc_id="5A3F09", msisdn=NUMBER, flow_id="f3-1", msg_id="n1")
        assert pen.text == (
            '{"ts":"2026-11-02T12:00:00.123Z","level":"info","event":"mt.accepted","flow_id":"f3-1","boot":3,'
            f'"sub":"{pen.log.sub(NUMBER)}","msisdn":"+3161…42","smsc_id":"5A3F09","msg_id":"n1"}}\n'
        )

    def test_virtual_time_is_told_where_it_is_virtual(self, pen):
        pen.log("gateway.ready", http_port=8330)
        pen.log.business_now = lambda: datetime(2027, 1, 1, tzinfo=UTC)
        pen.log("gateway.ready", http_port=8330)
        assert [line.get("vt") for line in pen.lines] == [None, "2027-01-01T00:00:00+00:00"]

    def test_time_goes_on(self):
        moments = iter([NOON_S, NOON_S + 0.5, NOON_S + 61, NOON_S + 61.9999])
        stream = io.StringIO()
        log = Log(stream, wall_s=lambda: next(moments), key=b"k")
        for _ in range(4):
            log("gateway.ready", http_port=1)
        assert re.findall(r"12:\d\d:\d\d\.\d{3}Z", stream.getvalue()) == [
            "12:00:00.123Z",
            "12:00:00.623Z",
            "12:01:01.123Z",
            "12:01:02.123Z",
        ]

    def test_what_is_none_is_left_out(self, pen):
        pen.log("notification.decided", template="cost_80", outcome="send", reason=None)
        assert "reason" not in pen.lines[0]

    def test_a_line_is_one_line(self, pen):
        pen.log("flow.failed", kind="http\r\n{", exc=ValueError("a\nb\u2028c"))
        assert pen.text.count("\n") == 1
        assert pen.lines[0]["kind"] == "http\r\n{"

    def test_values_of_any_kind_are_written(self, pen):
        values = {"a": 1, "b": [1.5, None, True], "c": {2}, "d": datetime(2026, 1, 1, tzinfo=UTC), "e": b"x"}
        pen.log("portal.changed", before=values)
        assert pen.lines[0]["before"] == {
            "a": 1,
            "b": [1.5, None, True],
            "c": [2],
            "d": "2026-01-01 00:00:00+00:00",
            "e": "b'x'",
        }

    def test_half_a_surrogate_pair_does_not_end_the_process(self):
        raw = io.BytesIO()
        stream = io.TextIOWrapper(raw, encoding="ascii")
        Log(stream, wall_s=lambda: NOON_S, key=b"k")("command.unknown", chars=1, suggestion="\ud83d é")
        stream.flush()
        assert json.loads(raw.getvalue().replace(b"\\ud83d", b"?"))["suggestion"] == "? é"

    def test_the_console_form_is_for_people(self):
        pen = Pen(format="console")
        pen.log("smpp.bound", system_id="gateway", msisdn=NUMBER)
        pen.log("flow.failed", kind="http", exc=ValueError(f"of {NUMBER}"))
        assert "smpp.bound" in pen.text
        assert "system_id=gateway" in pen.text
        assert "ValueError: of +3161…42" in pen.text
        assert NUMBER not in pen.text


_PIECES = st.sampled_from((
    "+", "%2B", "%2b", "00", "31", "0", "7", "1234567", "61234564", "a", "_", "-", ":", ",", '"', "\\", "{", "}", " ",
    "…", "é", "\n", "\x85", "\u2028", "\ud83d", "hunter2", "null", "text",
))  # fmt: skip


class TestWhatALineMustNotHold:
    """The quick look at many lines finds whatever the slow one through each string would."""

    @given(st.lists(st.lists(_PIECES, max_size=9).map("".join), min_size=1, max_size=5))
    def test_lines_together_are_what_each_is_when_it_is_looked_through(self, values):
        stream = io.StringIO()
        log = Log(stream, wall_s=lambda: NOON_S, key=b"k", secrets=["hunter2"])
        log.by_turns = True

        async def turn():
            for value in values:
                log("flow.failed", flow_id=value, kind=value, where=value, outcome=len(value))
            await asyncio.sleep(0)

        asyncio.run(turn())
        looked_through = [log._lines.scrubbed(value) for value in values]
        told = [json.loads(line) for line in stream.getvalue().split("\n")[:-1]]
        assert [(one["flow_id"], one["kind"], one["outcome"]) for one in told] == [
            (value, value, len(before)) for value, before in zip(looked_through, values, strict=True)
        ]

    @pytest.mark.parametrize("name", ["text", "password", "token"])
    def test_a_key_at_any_depth(self, name):
        pen = Pen(strict=False)
        pen.log("flow.failed", kind="a", **{name: "b"})
        pen.log("flow.failed", kind={"c": [{name: "b"}, "d"]})
        assert [line["kind"] for line in pen.lines] == ["a", {"c": [{}, "d"]}]
        assert name not in pen.text


class TestLevels:
    def test_each_event_has_its_own(self, pen):
        pen.log("mt.expired")
        pen.log("event.conflict", source_event_id="e")
        assert [line["level"] for line in pen.lines] == ["warning", "error"]

    def test_what_is_below_the_level_is_not_written(self):
        pen = Pen(level="warning")
        pen.log("gateway.ready", http_port=1)
        pen.log("mt.expired")
        assert [line["event"] for line in pen.lines] == ["mt.expired"]

    def test_debug_is_written_when_asked_for(self):
        pen = Pen(level="debug")
        pen.log("smpp.pdu", dir="in", command="enquire_link")
        assert pen.lines[0]["level"] == "debug"

    def test_a_level_can_be_raised_and_not_lowered(self, pen):
        pen.log("mt.expired", level="error")
        pen.log("mt.expired", level="debug")
        assert [line["level"] for line in pen.lines] == ["error", "warning"]

    def test_the_fifth_failed_bind_is_an_error(self, pen):
        for attempt in range(1, 7):
            pen.log("smpp.bind_failed", status="ESME_RBINDFAIL", attempt=attempt)
        assert [line["level"] for line in pen.lines] == ["warning"] * 4 + ["error"] * 2

    def test_an_unknown_network_is_told_once(self, pen):
        for plmn in ("999-01", "999-02", "999-01", "999-01"):
            pen.log("network.unknown", plmn=plmn)
        assert [line["plmn"] for line in pen.lines] == ["999-01", "999-02"]


class TestRegistry:
    @pytest.mark.parametrize("name", EVENTS)
    def test_each_entry_holds_together(self, name):
        known = EVENTS[name]
        assert re.fullmatch(r"[a-z]+\.[a-z_]+", name)
        assert known.level in LEVELS
        assert known.meaning
        own = (*known.required, *known.optional)
        assert len(own) == len(set(own))
        assert not set(own) & (SHARED | {"ts", "level", "event", "boot", "vt", "text", "token", "password"})
        assert known.escalates is None or known.escalates[0] in own
        assert known.once_per is None or known.once_per in known.required

    @pytest.mark.parametrize(
        ("name", "fields"),
        [
            ("sms.sent", {}),
            ("gateway.ready", {}),
            ("gateway.ready", {"http_port": None}),
            ("gateway.ready", {"http_port": 1, "text": "hello"}),
            ("mo.received", {"chars": 5, "message": "hello"}),
        ],
    )
    def test_strict_mode_tells_our_own_faults(self, pen, name, fields):
        with pytest.raises(UnknownEvent):
            pen.log(name, **fields)
        assert pen.text == ""

    def test_strict_mode_looks_at_lines_that_are_not_written_too(self):
        with pytest.raises(UnknownEvent):
            Pen(level="error").log("mt.expired", age=1)

    def test_otherwise_a_line_is_better_than_none(self):
        pen = Pen(strict=False)
        pen.log("sms.sent", to=NUMBER, text="hello", why={"Token": "t", "text": "hello", "n": 1})
        assert pen.lines[0] | {"ts": ""} == {
            "ts": "",
            "level": "info",
            "event": "sms.sent",
            "flow_id": "",
            "to": "+3161…42",
            "why": {"n": 1},
        }


def told_lines() -> list[tuple[str, str, set[str], bool]]:
    """Each place in the gateway that tells an event by name: where, the name, its fields, and whether more come."""
    found = []
    for path in sorted(Path(gateway.logs.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                teller = getattr(node.func, "attr", None) or getattr(node.func, "id", None)
                if teller in ("log", "_log", "note"):
                    fields = {keyword.arg for keyword in node.keywords if keyword.arg}
                    more = any(keyword.arg is None for keyword in node.keywords)
                    found.append((f"{path.name}:{node.lineno}", str(node.args[0].value), fields, more))
    return found


@pytest.mark.parametrize(("place", "name", "fields", "more"), told_lines(), ids=[row[0] for row in told_lines()])
def test_each_teller_keeps_to_the_registry(place, name, fields, more):
    assert name in EVENTS, place
    known = EVENTS[name]
    assert fields - {"level"} - SHARED <= {*known.required, *known.optional}, place
    assert more or fields >= set(known.required), place


class TestPrivacy:
    @pytest.mark.parametrize(
        ("number", "shown"),
        [
            (NUMBER, "+3161…42"),
            ("+31970123456789", "+3197…89"),
            (IMSI, "20408…01"),
            ("+3212345", "+3…45"),
            ("1330", "13…30"),
        ],
    )
    def test_a_number_loses_its_middle(self, number, shown):
        assert masked(number) == shown

    @pytest.mark.parametrize(
        "written",
        [
            NUMBER,
            f"to {NUMBER}.",
            f"tel:{NUMBER};x=1",
            "/v1/subscriptions/%2B31612345642/notifications",
            "/v1/subscriptions/%2b31612345642",
            "0031612345642",
            "31612345642",
            "addr=31612345642,",
            IMSI,
            f"imsi {IMSI} of {NUMBER}",
            f"e-{NUMBER}-{IMSI}",
        ],
    )
    def test_numbers_are_found_however_they_are_written(self, pen, written):
        pen.log("event.rejected", why=written, field=[written, {"x": {written: (written,)}}])
        assert "612345642" not in pen.text
        assert "8000000000" not in pen.text
        assert pen.lines[0]["why"]

    @pytest.mark.parametrize("ours", ["f3-1a", "n01862f3a9c0000031612", "1762070400000-3-12", "5A3F09", "q1762070400"])
    def test_ids_stay_whole(self, pen, ours):
        pen.log("mt.accepted", msg_id=ours, smsc_id=ours, flow_id=ours)
        assert {pen.lines[0][key] for key in ("msg_id", "smsc_id", "flow_id")} == {ours}

    def test_volumes_stay_whole(self, pen):
        pen.log("usage.received", zone="A", bytes=31_612_345_642)
        assert pen.lines[0]["bytes"] == 31_612_345_642

    def test_exceptions_are_scrubbed_with_their_causes(self, pen):
        error = ValueError(f"no {NUMBER}")
        error.__cause__ = KeyError(IMSI)
        pen.log("flow.failed", kind="event", exc=error)
        shown = pen.lines[0]["exc"]
        assert "ValueError: no +3161…42" in shown
        assert "KeyError: '20408…01'" in shown
        assert NUMBER not in pen.text
        assert IMSI not in pen.text

    def test_a_long_trace_keeps_its_end(self, pen):
        pen.log("flow.failed", kind="event", exc=ValueError("x" * 9000 + "the end"))
        assert len(pen.text) < 4300
        assert "the end" in pen.text

    def test_secrets_are_cut_out(self):
        pen = Pen(secrets=["hunter22", 'qu"ote\\', "abc"])
        pen.log("smpp.bind_failed", status='refused hunter22 and qu"ote\\')
        pen.log("flow.failed", kind="http", exc=ValueError("Bearer hunter22"))
        assert "hunter22" not in pen.text
        assert "ote" not in pen.text
        assert pen.lines[0]["status"] == "refused … and …"

    def test_a_pseudonym_is_stable_and_needs_the_key(self):
        one, same, other = Pen().log, Pen().log, Pen(key=b"salt").log
        assert re.fullmatch(r"s_[0-9a-f]{10}", one.sub(NUMBER))
        assert one.sub(NUMBER) == one.sub(NUMBER) == same.sub(NUMBER) != other.sub(NUMBER)
        assert one.sub(NUMBER) != one.sub("+31612345643")
        assert one.text_sha("DOORGAAN") != one.text_sha("doorgaan")

    def test_a_thousand_lines_with_known_numbers(self):
        rng = random.Random(1330)
        numbers = [f"+316{rng.randrange(10**8):08d}" for _ in range(50)]
        imsis = [f"20408{rng.randrange(10**10):010d}" for _ in range(50)]
        words = ["sterrenwacht", "balpenvulling"]
        pen = Pen(secrets=["t0p-secret"], strict=False)
        names = sorted(EVENTS)
        for _ in range(1000):
            number, imsi = rng.choice(numbers), rng.choice(imsis)
            forms = [
                number,
                imsi,
                f"x {number}",
                number[1:],
                f"%2B{number[1:]}",
                [number, {"n": imsi}],
                ValueError(imsi),
            ]
            fields = {f"f{n}": rng.choice(forms) for n in range(4)}
            fields |= {"text": rng.choice(words), "password": "t0p-secret", "note": f"Bearer t0p-secret {number}"}
            pen.log(rng.choice(names), msisdn=number, flow_id=f"f1-{number}", level="error", **fields)
        text = pen.text
        assert len(pen.lines) == 1000
        for digits in (*(number[1:] for number in numbers), *imsis):
            assert digits not in text
            assert digits[2:] not in text
        assert not [word for word in (*words, "t0p-secret") if word in text]

    @given(st.text(), st.from_regex(r"\+[1-9][0-9]{8,14}", fullmatch=True), st.text())
    def test_whatever_stands_around_it(self, before, number, after):
        pen = Pen()
        pen.log("event.rejected", why=f"{before}{number}{after}", msisdn=number)
        assert number not in pen.text


@pytest.mark.usefixtures("own_root_logger")
class TestLibraries:
    def test_their_warnings_are_lines_too(self):
        pen = Pen()
        pen.log.capture_libraries()
        logger = logging.getLogger("aiohttp.server")
        logger.info("not this")
        logger.warning("odd request from %s", NUMBER)
        logger.error("while serving", exc_info=OSError(f"gone {IMSI}"))
        first, second = pen.lines
        assert (first["level"], first["logger"], first["message"]) == (
            "warning",
            "aiohttp.server",
            "odd request from +3161…42",
        )
        assert second["level"] == "error"
        assert "OSError: gone 20408…01" in second["exc"]

    def test_a_process_starts_its_log_with_one_call(self, capsys):
        log = start_log("json", "info", key=b"k", secrets=["hunter22"])
        log("service.started", version="1")
        log("config.rejected", key="smpp", why="hunter22")
        logging.getLogger("x").warning("y")
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [line["event"] for line in lines] == ["service.started", "config.rejected", "library.logged"]
        assert lines[1]["why"] == "…"
        assert datetime.fromisoformat(lines[0]["ts"]).year >= 2026

    def test_without_a_key_pseudonyms_hold_for_one_run(self, capsys):
        assert start_log("json", "info").sub(NUMBER) != start_log("json", "info").sub(NUMBER)
        assert capsys.readouterr().out == ""
