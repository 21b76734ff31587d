"""Where much is told another process writes it: the same lines in the same order, however either of the two ends."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.logs import MANY

ROOT = Path(__file__).parents[2]
NUMBER = "+31612345642"
LIMIT_S = 30

# What a gateway does with its log, in a process whose stdout can be read to its end.
_BEGIN = """
import asyncio, os, signal, sys
from pathlib import Path
from gateway.logs import MANY, start_log

def tell(first, count):
    for n in range(first, first + count):
        log("mt.accepted", flow_id=f"f1-{n:x}", msg_id=f"m{n}", part=1, smsc_id=str(n), msisdn="+31612345642")

async def turns(*counts):
    first = 0
    for count in counts:
        tell(first, count)
        first += count
        await asyncio.sleep(0)

log = start_log("json", "info", key=b"k" * 32, secrets=["hunter2"])
log.boot = 3
"""


def told_by(program, **more):
    """The lines on stdout of a process that did this, once all that write to it have ended."""
    ran = subprocess.run(
        [sys.executable, "-c", _BEGIN + program],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
        **more,
    )
    return [json.loads(line) for line in ran.stdout.splitlines()], ran


def ids(lines):
    return [line["msg_id"] for line in lines]


def test_the_lines_are_those_that_the_gateway_itself_writes():
    quiet, _ = told_by("log.may_hire = False; asyncio.run(turns(MANY)); log.close()")
    busy, ran = told_by("asyncio.run(turns(MANY)); assert log._scribe; log.close()")
    assert ran.returncode == 0, ran.stderr
    assert [line | {"ts": ""} for line in busy] == [line | {"ts": ""} for line in quiet]
    assert (len(busy), busy[0]["msisdn"], busy[0]["boot"]) == (MANY, "+3161…42", 3)


def test_they_stay_in_order_over_the_change():
    lines, ran = told_by("asyncio.run(turns(5, MANY, 5)); log.close()")
    assert ran.returncode == 0, ran.stderr
    assert ids(lines) == [f"m{n}" for n in range(MANY + 10)]


def test_a_quiet_gateway_is_one_process():
    lines, ran = told_by("asyncio.run(turns(*[MANY - 1] * 3)); assert log._scribe is None; log.close()")
    assert (len(lines), ran.returncode) == (3 * (MANY - 1), 0), ran.stderr


def test_what_no_line_may_hold_is_in_none_of_them():
    lines, ran = told_by(
        "asyncio.run(turns(MANY)); log('library.logged', logger='x', message='hunter2 of +31612345642', "
        "exc=ValueError('00316 12345642 0031612345642')); log('service.failed', reason=Path('/a'), code={2}); "
        "log.close()"
    )
    assert ran.returncode == 0, ran.stderr
    assert lines[-2]["message"] == "… of +3161…42"
    assert "ValueError: 00316 12345642 00316…42" in lines[-2]["exc"]
    assert (lines[-1]["reason"], lines[-1]["code"]) == ("/a", [2])
    assert "hunter2" not in ran.stdout


def test_a_gateway_that_is_killed_leaves_no_line_behind():
    lines, ran = told_by("asyncio.run(turns(5 * MANY)); os.kill(os.getpid(), signal.SIGKILL)")
    assert ran.returncode == -signal.SIGKILL
    assert ids(lines) == [f"m{n}" for n in range(5 * MANY)]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_to_all_of_them_is_the_gateways_affair(number):
    lines, ran = told_by(
        f"signal.signal({number}, lambda *_: None); asyncio.run(turns(MANY)); os.killpg(0, {number}); "
        "asyncio.run(turns(MANY)); log.close()",
        start_new_session=True,
    )
    assert ran.returncode == 0, ran.stderr
    assert len(lines) == 2 * MANY


def test_the_gateway_goes_on_where_its_scribe_was_killed():
    lines, ran = told_by(
        "asyncio.run(turns(MANY)); scribe = log._scribe._process; scribe.kill(); scribe.wait(); "
        "asyncio.run(turns(MANY, MANY)); assert log._scribe is None; log.close()"
    )
    assert ran.returncode == 0, ran.stderr
    assert ids(lines)[-2 * MANY :] == [f"m{n}" for n in range(2 * MANY)]


def test_where_no_process_can_be_started_the_gateway_writes_by_itself():
    lines, ran = told_by(
        "from gateway import scribe\n"
        "def none(*_, **__): raise OSError('no more processes')\n"
        "scribe.subprocess.Popen = none\n"
        "asyncio.run(turns(MANY, MANY)); assert log._scribe is None; log.close()"
    )
    assert ran.returncode == 0, ran.stderr
    assert ids(lines) == [f"m{n}" for n in range(2 * MANY)]


def test_a_stdout_that_nobody_reads_any_more_ends_nothing_early():
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w") as nowhere:  # noqa: PTH123 - a descriptor
        ran = subprocess.run(
            [sys.executable, "-c", _BEGIN + "asyncio.run(turns(MANY)); log._scribe._process.wait(); log.close()"],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=nowhere,
            stderr=subprocess.PIPE,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
    assert ran.returncode == 0, ran.stderr
    assert "Traceback" not in ran.stderr
