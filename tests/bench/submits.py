"""How many submit_sm a second an SMSC answers on one connection: the simulator's, beside two of other hands.

Each server is a process of its own, loaded by the same client (`submitter`) in another, one after the other: its
figures are its own and the machine's. The client says how much of its time it worked; where that comes near to all of
it, the client was what was measured.
node-smpp is run when NODE_PATH leads to it (`make bench` sees to that) and is told as missing when it does not.
Must not be put here: figures; every number printed was measured in this run.

Alone: `python -m tests.bench.submits`.
"""

import argparse
import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from tests.bench import processes
from tests.bench.submitter import TEXT

WINDOWS = (100, 1000)
TRIES = 3
NODE_SCRIPT = Path(__file__).with_name("centre.js")


def measure(count: int, tries: int = TRIES) -> dict[str, Any]:
    """Each server at each window: the median of its tries. The slow ones get a tenth of the messages."""
    report: dict[str, Any] = {}
    for name, opened, part in (
        ("simulator", lambda: processes.peer("centres", "simulator"), 1),
        ("node-smpp", node, 10),
        ("smpplib", lambda: processes.peer("centres", "smpplib"), 10),
    ):
        try:
            report[name] = _one(opened, max(1, count // part), tries)
        except Missing as missing:
            report[name] = {"missing": str(missing)}
    return report


class Missing(Exception):  # noqa: N818 - what is the case
    """A server that this machine does not have."""


def _one(opened: Callable[[], AbstractContextManager[processes.Peer]], count: int, tries: int) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    with opened() as server:
        port = server.read()["port"]
        answered = refused = 0
        for window in WINDOWS:
            arguments = ("--port", port, "--window", window, "--count", count, "--tries", tries)
            with processes.peer("submitter", *arguments, "--warm-up", count // 10) as client:
                answer = client.read()
            answered += answer["answered"]
            refused += answer["refused"]
            seconds = statistics.median(answer["seconds"])
            figures[str(window)] = {
                "per_s": round(count / seconds),
                "best_per_s": round(count / min(answer["seconds"])),
                "client_busy": round(sum(answer["cpu_s"]) / sum(answer["seconds"]), 2),
            }
        server.finish()
        figures |= {"answered": answered, "refused": refused, "seen": server.read()}
    return figures


@contextlib.contextmanager
def node() -> Iterator[processes.Peer]:
    """node-smpp's server. Missing when there is no Node, or no package on NODE_PATH."""
    program = shutil.which("node")
    if program is None:
        raise Missing("there is no node")
    command = [program, str(NODE_SCRIPT)]
    # stderr is thrown away: a package that is not there says so in many lines of its loader.
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ},
    ) as child:
        try:
            try:
                peer = processes.Peer(child)
                first = peer.read()
            except processes.Failed:
                raise Missing("node does not find the package smpp; `make bench` installs it") from None
            yield _Begun(child, first)
            if child.stdin is not None and not child.stdin.closed:
                child.stdin.close()
            child.wait(30)
        finally:
            if child.poll() is None:
                child.kill()


class _Begun(processes.Peer):
    """A peer whose first line was read already, to see whether it lives."""

    def __init__(self, child: "subprocess.Popen[str]", first: dict[str, Any]) -> None:
        super().__init__(child)
        self._first: dict[str, Any] | None = first

    def read(self) -> dict[str, Any]:
        if self._first is not None:
            first, self._first = self._first, None
            return first
        return super().read()


def lines(report: dict[str, Any]) -> list[str]:
    """The report for people."""
    heads = [f"window {window}" for window in WINDOWS]
    rows = [f"{'submit_sm answered a second, one connection':46}" + "".join(f"{head:>14}" for head in heads)]
    rows[0] += f"{'client busy':>14}"
    for name, figures in report.items():
        if "missing" in figures:
            rows.append(f"{name:46}not run: {figures['missing']}")
            continue
        cells = [f"{figures[str(window)]['per_s']:,}" for window in WINDOWS]
        cells.append(" / ".join(f"{figures[str(window)]['client_busy']:.0%}" for window in WINDOWS))
        rows.append(f"{name:46}" + "".join(f"{cell:>14}" for cell in cells))
    rows.append(f"median of {TRIES}; texts of {len(TEXT)} characters; the simulator keeps every message and gives ids")
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.submits", description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=500_000, help="messages in a try")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    try:
        report = measure(options.count)
    except processes.Failed as failed:
        sys.stderr.write(f"{failed}\n")
        return 1
    sys.stdout.write((json.dumps(report, indent=2) if options.json else "\n".join(lines(report))) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
