"""`simulator doctor`: whether this machine and what runs on it are as they should be, one line for each thing.

✓ as it should be, ⚠ works, but look, ✗ does not work. Exit code 2 when there is a ✗.

Not here: how a running pair stands in detail (status, running.py).
"""

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from simulator.console.door import Door, Json, Refused, at_option, json_option
from simulator.console.shown import say, unheard
from simulator.ending import COULD_NOT_RUN
from simulator.gateway_client import NO_GATEWAY
from simulator.load.machine import facts

Mark = Literal["✓", "⚠", "✗"]
PORTS: Final = {2775: "SMSC", 8330: "gateway", 8331: "control"}
PYTHON_MIN: Final = (3, 11)
FREE_BYTES_MIN: Final = 1_000_000_000
CHECK_S: Final = 60.0
STYLES: Final = {"✓": "", "⚠": "yellow", "✗": "bold red"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    mark: Mark
    what: str
    told: str


def findings(door: Door) -> Iterator[Finding]:
    """Everything, in the order it is shown."""
    try:
        status = door.get("/status")
    except Refused:
        status = None
    yield from _python()
    yield from _machine()
    yield from ports(PORTS, _ours(door, status) if status is not None else {})
    yield from _gateway_check()
    yield from _running(door, status)


def _python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("✓" if sys.version_info >= PYTHON_MIN else "✗", "python", version)
    try:
        ZoneInfo("Europe/Amsterdam")
        yield Finding("✓", "time zones", "Europe/Amsterdam is known")
    except ZoneInfoNotFoundError:
        yield Finding("✗", "time zones", "Europe/Amsterdam is not known: install tzdata")
    yield Finding("✓", "sqlite", sqlite3.sqlite_version)


def _machine() -> Iterator[Finding]:
    folder = Path(tempfile.gettempdir())
    found = facts(folder)
    cores = found["cores"] or 1
    alone = "" if cores > 1 else ": a load run cannot give its generator one of its own"
    yield Finding("✓" if cores > 1 else "⚠", "processor", f"{cores} cores{alone}")
    free = shutil.disk_usage(folder).free
    enough = free >= FREE_BYTES_MIN
    yield Finding("✓" if enough else "⚠", "disk", f"{free / 1e9:.1f} GB free in {folder} ({found['file_system']})")
    if found["file_system"] == "tmpfs":
        told = f"{folder} lies in memory: load figures leave out the disk (--folder names another)"
        yield Finding("⚠", "disk", told)
    if not Path("/proc/self/stat").exists():
        yield Finding("⚠", "system", "no /proc: load reports leave out processor and memory")


def _ours(door: Door, status: Json) -> dict[int | None, str]:
    """The ports of what answers at the door: who has each."""
    ours: dict[int | None, str] = {status["smsc"]["port"]: "serve or demo", urlsplit(door.at).port: "serve or demo"}
    gateway = status["gateway"]
    if gateway is not None and gateway["answers"]:
        ours[urlsplit(gateway["url"]).port] = "the gateway that serve or demo asks"
    return ours


def ports(wanted: Mapping[int, str], ours: Mapping[int | None, str]) -> Iterator[Finding]:
    """Whether what listens there by default can; what is `ours` already does, or is asked by what does."""
    for port, name in wanted.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                yield Finding("✓", f"port {port}", f"free ({name})")
            except OSError:
                mark: Mark = "✓" if port in ours else "⚠"
                yield Finding(mark, f"port {port}", f"in use by {ours.get(port, 'another program')} ({name})")


def _gateway_check() -> Iterator[Finding]:
    """What `gateway check` says of the configuration, the texts and the tariffs."""
    root = str(Path(__file__).parents[2])
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))}
    try:
        checked = subprocess.run(
            [sys.executable, "-m", "gateway", "check"],
            capture_output=True, text=True, timeout=CHECK_S, check=False, env=env,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        yield Finding("✗", "gateway check", str(error))
        return
    lines = [line for line in (checked.stdout + checked.stderr).splitlines() if line.strip()]
    mark: Mark = "✓" if checked.returncode == 0 else "⚠"
    yield Finding(mark, "gateway check", lines[-1] if lines else f"ended with {checked.returncode}")
    if checked.returncode:
        for line in lines[:-1][:5]:
            yield Finding("⚠", "", line)


def _running(door: Door, status: Json | None) -> Iterator[Finding]:
    if status is None:
        yield Finding("⚠", "serve or demo", f"nothing answers at {door.at}")
        return
    yield Finding("✓", "serve or demo", f"answers at {door.at}, {status['phones']} phones, clock {status['clock']}")
    gateway, sessions = status["gateway"], status["smsc"]["sessions"]
    if gateway is None:
        yield Finding("⚠", "gateway", f"texts pass, roaming and data use do not: {NO_GATEWAY}")
    elif not gateway["ready"]:
        yield Finding("✗", "gateway", f"{gateway['url']} {gateway.get('error') or 'takes no events now'}")
    else:
        yield Finding("✓", "gateway", f"{gateway['url']} takes events")
    names = ", ".join(one["system_id"] for one in sessions)
    yield Finding("✓" if sessions else "✗", "SMPP", f"bound: {names}" if sessions else "nobody has bound to the SMSC")
    if status["unheard_blocks"]:
        yield Finding("⚠", "policies", unheard(status))
    if status["faults_armed"]:
        yield Finding("⚠", "faults", f"{status['faults_armed']} armed")
    for complaint in status["smsc"]["complaints"]:
        yield Finding("⚠", "SMPP", complaint)


@click.command()
@at_option
@json_option
def doctor(*, at: str, as_json: bool) -> None:
    """Whether this machine, the configuration and what runs are as they should be."""
    found: list[Json] = []
    for one in findings(Door(at)):
        found.append({"mark": one.mark, "what": one.what, "told": one.told})
        if not as_json:
            say(f"  {one.mark} {one.what:<14} {one.told}", STYLES[one.mark])
    broken = any(one["mark"] == "✗" for one in found)
    if as_json:
        click.echo(json.dumps({"verb": "doctor", "ok": not broken, "findings": found}, ensure_ascii=False))
    sys.exit(COULD_NOT_RUN if broken else 0)
