"""What is read from outside: /proc of this very process, an exposition, a log."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE

import pytest

from simulator.load import procfs, stories
from simulator.load.machine import facts
from simulator.load.progress import bar, line
from simulator.load.sampling import gauges
from simulator.load.subject import file_facts


def test_a_process_that_is_there():
    used = procfs.usage(os.getpid())
    assert used.rss_bytes > 10_000_000
    assert used.descriptors >= 3
    assert used.cpu_s >= used.main_s > 0


def test_the_memory_of_those_it_started_counts_too():
    with subprocess.Popen([sys.executable, "-c", "print(flush=True); input()"], stdin=PIPE, stdout=PIPE) as child:
        child.stdout.readline()
        own = int(Path(f"/proc/{child.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        with_it = procfs.usage(os.getpid()).rss_bytes
        child.communicate(b"\n")
    assert with_it - procfs.usage(os.getpid()).rss_bytes > own / 2 > 1_000_000


def test_a_process_that_is_not():
    assert procfs.usage(2**22 + 1) is None


def test_who_listens():
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
        assert procfs.listener(port) is None
        door.listen()
        assert procfs.listener(port) == os.getpid()


def test_the_machine():
    busy, whole = procfs.machine_busy_s()
    assert 0 < busy <= whole


def test_facts_of_the_machine(tmp_path):
    found = facts(tmp_path)
    assert found["cores"] == os.cpu_count()
    assert found["packages"]["aiohttp"]


def test_gauges_of_an_exposition():
    text = "# HELP gateway_batches x\ngateway_batches 12.0\ngateway_other 3\ngateway_smpp_window_used 4.0\n"
    assert gauges(text) == {"commits": 12.0, "window": 4.0}


def test_a_file_that_is_not_there(tmp_path):
    assert file_facts(None) == file_facts(tmp_path / "none") == {}
    (tmp_path / "a").write_bytes(b"abc")
    assert file_facts(tmp_path / "a")["bytes"] == 3


@pytest.mark.parametrize(("share", "told"), [(0, "▕" + " " * 30 + "▏"), (1.2, "▕" + "█" * 30 + "▏")])
def test_a_bar(share, told):
    assert bar(share) == told


def test_a_bar_grows_by_eighths():
    assert bar(1 / 60).startswith("▕▌ ")


def test_a_progress_line():
    tick = {"latest": {"offered": 9, "done": 8, "measures": {"flow": [8, 1.0, 2.0, 3.0]}}, "in_flight": 1,
            "errors": 2, "lag_p99_ms": 40.0}  # fmt: skip
    told = line(tick, {"outbox": 3.0})
    assert told == ("offered 9/s  done 8/s  p50 1.0 p99 2.0 ms  in flight 1  outbox 3  errors 2  generator 40 ms late")


FLOW = {"event_id": "e-1", "due_ts": 1000.0, "sent_ms": 1.0, "took_ms": 50.0, "flow_id": "f1-2"}


def test_a_text_is_told_by_its_instant():
    text = FLOW | {"event_id": ""}
    near = {"event": {"type": "sms.received"}, "decided_at": "1970-01-01T00:16:40.020Z"}
    far = near | {"decided_at": "1970-01-01T00:16:50Z"}
    assert stories._is_of(text, near, 0.0)
    assert not stories._is_of(text, far, 0.0)
    assert stories._is_of(text, far, 10.0)
    assert not stories._is_of(text, near | {"event": {"type": "usage.reported"}}, 0.0)
    assert stories._is_of(FLOW, {"event": {"id": "e-1"}}, 0.0)


def test_log_lines_of_a_flow(tmp_path):
    lines = [
        '{"ts":"1970-01-01T00:16:40.012Z","level":"info","event":"mt.submitted","flow_id":"f1-2","boot":1,"chars":9}',
        '{"ts":"1970-01-01T00:16:40.013Z","level":"info","event":"mt.submitted","flow_id":"f1-3","boot":1}',
        '{"flow_id":"f1-2", cut',
    ]
    (tmp_path / "log").write_text("\n".join(lines), encoding="utf-8")
    (told,) = stories.with_log([FLOW], [tmp_path / "log"])
    assert told["log"] == [{"ms": 12.0, "event": "mt.submitted", "chars": 9}]
