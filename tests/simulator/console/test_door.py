"""The console in real time, and at a door that says odd things."""

import asyncio
import json
import socket

from aiohttp import web
from click.testing import CliRunner

from simulator.__main__ import main
from simulator.console import doctor


class Door:
    """Answers as it is told, by path."""

    def __init__(self, answers):
        self.answers = answers
        self.asked = []

    async def __aenter__(self):
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self.handle)
        self.runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self.runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *exc):
        await self.runner.cleanup()

    async def handle(self, request):
        self.asked.append(f"{request.method} {request.path}")
        answer = self.answers[request.path]
        status, body = answer() if callable(answer) else answer
        if isinstance(body, str):
            return web.Response(status=status, text=body)
        return web.json_response(body, status=status)


def typed(run, answers, *words):
    async def story():
        async with Door(answers) as door:
            return await asyncio.to_thread(CliRunner().invoke, main, [*words, "--at", door.url]), door.asked

    return run(story())


def line(direction, text):
    return {"direction": direction, "at": "2026-11-02T09:00:00+01:00", "peer": "1330", "text": text, "parts": 1,
            "encoding": "GSM-7"}  # fmt: skip


def test_in_real_time_the_answer_is_waited_for(run):
    looks = iter([[], [], [], [line("in", "Codes")]])
    answers = {
        "/handsets/Anna": lambda: (200, {"conversation": next(looks)}),
        "/handsets/Anna/texts": (200, {"replies": []}),
        "/handsets/Anna/why": (200, {"items": [], "kinds": []}),
        "/status": (200, {"clock": "system"}),
    }
    found, asked = typed(run, answers, "text", "Anna", "HELP", "--json")
    assert json.loads(found.output)["replies"][0]["text"] == "Codes"
    assert asked.count("GET /handsets/Anna") == 4


def test_nobody_has_to_wait(run):
    answers = {
        "/handsets/Anna/texts": (200, {"replies": []}),
        "/handsets/Anna/why": (422, {"detail": "no gateway is told to serve"}),
    }
    found, asked = typed(run, answers, "text", "Anna", "HELP", "--wait-s", "0")
    assert found.exit_code == 0
    assert "(settled in " in found.output
    assert "  (no answer: no gateway is told to serve)\n" in found.output
    assert asked == ["POST /handsets/Anna/texts", "GET /handsets/Anna/why"]


def test_an_older_decision_says_nothing_of_what_was_done_now(run):
    old = {"flow_id": "f1-1", "outcome": "not sent", "reason": "counted", "why": [], "kind": "", "state": None}
    answers = {
        "/handsets/Anna": (200, {"conversation": []}),
        "/handsets/Anna/texts": (200, {"replies": []}),
        "/handsets/Anna/why": (200, {"items": [old], "kinds": []}),
        "/status": (200, {"clock": "virtual"}),
    }
    found, _ = typed(run, answers, "text", "Anna", "hello", "--to", "112")
    assert "  (no answer)\n" in found.output
    assert "counted" not in found.output


def test_a_gateway_that_is_not_told_of_is_shown_with_what_to_do(run):
    smsc = {"port": 2775, "sessions": [{"system_id": "gateway", "bound_as": "transceiver"}], "complaints": []}
    answer = {
        "gateway": None, "smsc": smsc, "clock": "system", "now": "2026-11-02T09:00:00+01:00", "next_due": None,
        "phones": 1, "faults_armed": 0, "counters": {}, "unheard_blocks": [], "policies_url": "http://a/policies",
    }  # fmt: skip
    told = "no gateway is told to serve: start it with --gateway http://127.0.0.1:8330"
    for verb in ("status", "doctor"):
        assert told in typed(run, {"/status": (200, answer)}, verb)[0].output
    answer["unheard_blocks"] = ["+31610000001"]
    for verb in ("status", "doctor"):
        told = typed(run, {"/status": (200, answer)}, verb)[0].output
        assert "the gateway blocks data of +31610000001" in told
        assert '[network] url should be "http://a/policies"' in told


def test_an_option_before_its_command_is_answered_with_where_it_belongs():
    for words, told in (
        (("--json", "status"), "Put it after the command: status --json"),
        (("--phone", "fault", "arm"), "Put it after the command: fault --phone"),
        (("--nonsense", "status"), "No such option"),
    ):
        found = CliRunner().invoke(main, words)
        assert found.exit_code == 2
        assert told in found.stderr
        assert ("after the command" in found.stderr) is ("after" in told)


def test_an_answer_that_is_no_json_is_told(run):
    found, _ = typed(run, {"/status": (500, "broken")}, "status")
    assert (found.exit_code, found.stderr) == (2, "500 Internal Server Error\n")
    found, _ = typed(run, {"/status": (200, "broken")}, "status")
    assert found.exit_code == 2
    assert "does not answer" in found.stderr


def test_a_clock_that_breaks_off_is_no_success(run):
    answers = {
        "/status": (200, {"clock": "virtual", "now": "2026-11-02T09:00:00+01:00", "next_due": None}),
        "/clock/steps": (200, '{"done": false, "error": "not quiet", "instants": 0, "from": "", "now": ""}\n'),
    }
    found, _ = typed(run, answers, "clock", "+1d")
    assert (found.exit_code, found.stderr) == (2, "not quiet\n")


def test_a_port_of_our_own_is_as_it_should_be():
    with socket.socket() as one, socket.socket() as other:
        for taken in (one, other):
            taken.bind(("127.0.0.1", 0))
            taken.listen()
        ours, theirs = one.getsockname()[1], other.getsockname()[1]
        found = list(doctor.ports({ours: "SMSC", theirs: "gateway"}, {ours: "serve or demo"}))
    assert [(item.mark, item.told) for item in found] == [
        ("✓", "in use by serve or demo (SMSC)"),
        ("⚠", "in use by another program (gateway)"),
    ]
