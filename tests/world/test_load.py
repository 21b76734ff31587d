"""`simulator load` as a person types it: its figures beside an onlooker that counts PDUs on the line; its exit codes.

How quick the machine is at this moment is not the question here, so no latency may break a run.
"""

import asyncio
import json
import os
import socket
import sys
from pathlib import Path

import pytest

from simulator.gateway_process import GatewayProcess
from tests.world.onlooker import Onlooker

ROOT = Path(__file__).parents[2]
CONFIG = """\
[http]
port = 0
[smpp]
port = {smpp_port}
reconnect_min_s = 0.05
reconnect_max_s = 0.2
[store]
url = "sqlite:///gateway.db"
[network]
url = "http://127.0.0.1:{policies_port}/policies"
"""
PATIENT = (
    *("--lag-max-ms", 60000, "--threshold", "p99 flow < 60 s"),
    *("--threshold", "p99 event-handset < 60 s", "--threshold", "p99 mo-reply < 60 s"),
)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def load(*arguments):
    """The command, as a person types it: its exit code and its result."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "simulator", "load", *map(str, arguments), "--json", "-"),
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, told = await process.communicate()
    runs = json.loads(output)["runs"] if output else [None]
    return process.returncode, runs[-1], told.decode()


def test_an_outside_counter_saw_what_the_report_says(run, tmp_path):
    async def story():
        smsc_port, policies_port = free_port(), free_port()
        async with Onlooker.between(smsc_port) as line:
            config = tmp_path / "config.toml"
            config.write_text(CONFIG.format(smpp_port=line.port, policies_port=policies_port), encoding="utf-8")
            gateway = await GatewayProcess.start(config, cwd=tmp_path)
            try:
                port = (await gateway.wait_for("gateway.ready", timeout_s=30))["http_port"]
                code, found, told = await load(
                    *("--gateway", f"http://127.0.0.1:{port}", "--smpp-port", smsc_port),
                    *("--policies-port", policies_port, "--rate", 60, "--for", "5s", "--subscribers", 60),
                    *PATIENT,
                )
            finally:
                await gateway.stop()
        return code, found, told, line

    code, found, told, line = run(story())
    assert (code, found["verdict"]) == (0, "pass"), told
    assert line.sessions == 1
    wire, accounts, traffic = found["traffic"]["wire"], found["accounting"], found["traffic"]
    # Texts out, each answered; nothing was refused, so each submit_sm is a segment of a text that was decided on.
    assert line.seen["submit_sm"] == wire["submits"] == accounts["segments"] == traffic["segments"] > 60
    assert line.seen["submit_sm_resp 0x0"] == line.seen["submit_sm"]
    assert accounts["decided"] == sum(accounts["states"].values()) == accounts["segments"]
    # A receipt for each of them, and a deliver_sm for each flow that is a text; all were taken.
    assert line.seen["receipt"] == wire["receipts"] == accounts["states"]["delivered"] + accounts["states"]["failed"]
    texts = traffic["offered_by_kind"]["mo"] + traffic["offered_by_kind"]["reply"]
    assert line.seen["deliver_sm"] == wire["mo"] == texts
    assert line.seen["deliver_sm_resp 0x0"] == texts + line.seen["receipt"]
    assert sum(line.destinations.values()) == accounts["decided"]
    assert len(line.destinations) <= 60
    # What the counter cannot see: that each was shown, once and in order, and that no byte was lost.
    assert accounts["shown"] == accounts["states"]["delivered"]
    assert (accounts["lost"], accounts["duplicates"], accounts["out_of_order"], accounts["garbled"]) == (0, 0, 0, 0)
    assert accounts["bytes_accepted"] == accounts["bytes_counted"]
    assert sum(accounts["bytes_counted"].values()) > 0


def test_a_gateway_of_its_own_keeps_every_threshold(run):
    code, found, told = run(load("--rate", 40, "--for", "3s", "--subscribers", 40, "--seed", 5, *PATIENT))
    assert (code, found["verdict"]) == (0, "pass"), told
    assert "━━ PASS ━━ 3 s" in told
    assert "✓ decided" in told
    assert (found["seed"], found["schema"], found["gateway"]["own"]) == (5, "sms1330.load/1", True)
    assert (
        found["traffic"]["finished"] == found["traffic"]["offered"] == sum(one["offered"] for one in found["series"])
    )
    assert found["saturation"]["gateway"]["rss_mb"] > 10
    assert all(one["ok"] in (True, None) for one in found["thresholds"])
    slowest = found["slowest"][0]
    assert slowest["took_ms"] == found["latency_ms"]["flow"]["max"]
    assert slowest["decision"]["outcome"] == slowest["outcome"] or slowest["outcome"] == "taken"
    assert slowest["log"] or slowest["outcome"] == "counted"


def test_a_broken_threshold_is_exit_code_99(run):
    code, found, told = run(
        load("--rate", 20, "--for", "1s", "--subscribers", 20, *PATIENT, "--threshold", "max flow < 0.001 ms")
    )
    assert (code, found["verdict"]) == (99, "fail")
    assert "✗ max whole flow < 0.001 ms" in told


def test_a_generator_that_came_late_makes_a_run_invalid(run):
    code, found, told = run(load("--rate", 20, "--for", "1s", "--subscribers", 20, *PATIENT, "--lag-max-ms", 0))
    assert (code, found["verdict"]) == (2, "invalid")
    assert "INVALID: allowed are 0 ms" in told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--mix", "none"), "no such file"),
        (("--set", "smpp.windw=3"), "did you mean window?"),
        (("--kind", "stedy"), "'stedy' is not one of"),
    ],
)
def test_what_cannot_run_is_exit_code_2(run, arguments, told):
    code, found, said = run(load("--rate", 20, "--for", "1s", *arguments))
    assert (code, found) == (2, None)
    assert told in said


def test_a_month_ends_under_load_and_every_byte_is_in_its_month(run):
    code, found, told = run(load("--kind", "month-edge", "--rate", 60, "--for", "6s", "--subscribers", 60, *PATIENT))
    assert (code, found["verdict"]) == (0, "pass"), told
    (first, second) = sorted(found["accounting"]["bytes_counted"])
    assert first < second
    assert found["accounting"]["bytes_counted"] == found["accounting"]["bytes_accepted"]
    assert min(found["accounting"]["bytes_counted"].values()) > 0
    facts = {one["told"]: one["value"] for one in found["special"]["facts"]}
    assert facts["blocked for their costs when the month ended"] > 20
    assert facts["fewest blocked after it"] < facts["blocked for their costs when the month ended"]


def test_phones_that_come_on_get_what_was_kept_for_them(run):
    code, found, told = run(
        load("--kind", "receipt-storm", "--rate", 60, "--for", "6s", "--subscribers", 60, "--seed", 3, *PATIENT)
    )
    assert (code, found["verdict"]) == (0, "pass"), told
    facts = {one["told"]: one["value"] for one in found["special"]["facts"]}
    assert facts["phones that came on"] > 10
    states = found["accounting"]["states"]
    assert states["pending"] == 0
    assert found["accounting"]["shown"] == states["delivered"]


def test_a_soak_goes_as_fast_as_it_can_and_says_nothing_of_latencies(run):
    code, found, told = run(load("--kind", "soak", "--for", "3s", "--subscribers", 100))
    assert (code, found["verdict"]) == (0, "pass"), told
    assert {one["name"] for one in found["thresholds"]} == {"lost", "duplicates", "out of order", "errors"}
    assert found["traffic"]["finished"] == found["traffic"]["offered"] > 100
    assert found["traffic"]["held_s"] > 0


def test_the_limit_is_searched_step_by_step(run, tmp_path):
    page = tmp_path / "limit.html"
    code, found, told = run(
        load("--find-limit", "--rate", 20, "--step", "1s", "--subscribers", 30, "--html", page, *PATIENT,
             "--threshold", "p50 flow < 0.001 ms")
    )  # fmt: skip
    assert (code, found["verdict"]) == (99, "fail"), told
    step, again = found["limit"]["steps"]
    assert step["rate"] == again["rate"]
    assert (step["rate"], step["ok"], found["limit"]["last_good"]) == (20, False, 0)
    assert "p50 whole flow < 0.001 ms" in step["broken"][0]
    assert "The limit" in page.read_text(encoding="utf-8")


def test_repeats_are_a_baseline_for_later_runs(run, tmp_path):
    base = tmp_path / "base.json"

    async def story():
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        arguments = ("--rate", 20, "--for", "1s", "--subscribers", 20, "--repeat", 2, "--json", base, *PATIENT)
        words = map(str, arguments)
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", "simulator", "load", *words, env=env)
        assert await process.wait() == 0
        return await load("--rate", 20, "--for", "1s", "--subscribers", 20, "--baseline", base, *PATIENT)

    code, found, _ = run(story())
    assert code == 0
    assert found["comparison"]["runs"] == 2
    assert {"p99 whole flow", "flows done"} <= {one["told"] for one in found["comparison"]["rows"]}
