"""The processes of the bench: a gateway under its own command, its peers, and what the system says of them.

Every process is ended by the `with` that began it. Must not be put here: what is measured with them.
"""

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
START_MAX_S = 30.0
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class Failed(Exception):  # noqa: N818 - what is the case
    """A process did not do its part: the message holds what it said."""


class Gateway:
    """A gateway that is bound. `bound_s`: seconds from its start to `smpp.bound`."""

    def __init__(self, child: "subprocess.Popen[bytes]", log: Path) -> None:
        self._child = child
        self._log = log
        began = time.perf_counter()
        self.port = self.bound_s = 0
        self.bound_s = 0.0
        watchdog = threading.Timer(START_MAX_S, child.kill)
        watchdog.start()
        entry: dict[str, Any] = {}
        assert child.stdout is not None
        with log.open("wb") as kept:
            while not (self.port and self.bound_s):
                line = child.stdout.readline()
                kept.write(line)
                if not line:
                    break
                with contextlib.suppress(ValueError):  # what is no JSON is the end of it: kept, and shown below
                    entry = json.loads(line)
                if entry.get("event") == "gateway.ready":
                    self.port = entry["http_port"]
                elif entry.get("event") == "smpp.bound":
                    self.bound_s = time.perf_counter() - began
        watchdog.cancel()
        if not line:
            child.wait()
            raise Failed(f"the gateway ended with {child.returncode}:\n{log.read_text()[-2000:]}")
        # A full pipe would hold the gateway up.
        self._drain = threading.Thread(target=self._keep_log, daemon=True)
        self._drain.start()

    def _keep_log(self) -> None:
        assert self._child.stdout is not None
        with self._log.open("ab", buffering=0) as kept:
            while octets := os.read(self._child.stdout.fileno(), 1 << 20):
                kept.write(octets)

    @property
    def rss_mb(self) -> float:
        """Resident memory now."""
        status = Path(f"/proc/{self._child.pid}/status").read_text()
        (kib,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(kib) * 1024 / 1e6

    @property
    def cpu_s(self) -> float:
        """Processor seconds of all its threads and of the process that writes its log, in the kernel for them too."""
        children = Path(f"/proc/{self._child.pid}/task/{self._child.pid}/children").read_text().split()
        ticks = 0
        for pid in (self._child.pid, *children):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / _TICKS_PER_S

    def batches(self) -> float:
        """Commits so far, as its metrics have it."""
        text = self._get("/metrics").decode()
        return next(float(line.split()[1]) for line in text.splitlines() if line.startswith("gateway_batches "))

    def quiet(self) -> dict[str, Any]:
        """Wait until nothing is under way; its counters."""
        report: dict[str, Any] = json.loads(self._get("/v1/quiet?timeout_s=30"))
        return report

    def _get(self, path: str) -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=60) as answer:
            body: bytes = answer.read()
            return body

    def stop(self) -> None:
        self._child.terminate()
        self._child.wait(30)
        self._drain.join(30)


@contextlib.contextmanager
def gateway(database: Path, smsc_port: int, **settings: object) -> Iterator[Gateway]:
    """`python -m gateway` on a database; `settings` by their environment names, as SMPP__WINDOW."""
    environment = {
        **os.environ,
        "GATEWAY__HTTP__PORT": "0",
        "GATEWAY__SMPP__PORT": str(smsc_port),
        "GATEWAY__STORE__URL": f"sqlite:///{database}",
        **{f"GATEWAY__{name}": str(value) for name, value in settings.items()},
    }
    command = [sys.executable, "-m", "gateway", "--config", str(ROOT / "config.toml")]
    child = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0
    )
    try:
        one = Gateway(child, database.with_suffix(".log"))
        yield one
        one.stop()
        if child.returncode:
            raise Failed(f"the gateway ended with {child.returncode}: {database.with_suffix('.log')}")
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()
        if child.stdout is not None:
            child.stdout.close()


class Peer:
    """A process of `tests.bench` that speaks JSON lines."""

    def __init__(self, child: "subprocess.Popen[str]") -> None:
        self._child = child

    def read(self) -> dict[str, Any]:
        """The next line it says."""
        assert self._child.stdout is not None
        line = self._child.stdout.readline()
        if not line:
            raise Failed(f"{self._child.args!r} ended with {self._child.wait()}")
        value: dict[str, Any] = json.loads(line)
        return value

    def finish(self) -> None:
        """Let it end."""
        assert self._child.stdin is not None
        self._child.stdin.close()


@contextlib.contextmanager
def peer(module: str, *arguments: object) -> Iterator[Peer]:
    command = [sys.executable, "-m", f"tests.bench.{module}", *map(str, arguments)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        try:
            yield Peer(child)
            if child.stdin is not None and not child.stdin.closed:
                child.stdin.close()
            child.wait(30)
        finally:
            if child.poll() is None:
                child.kill()
