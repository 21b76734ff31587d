"""What the figures were measured on: the machine, the versions, and how fast it is at this moment.

Machines that others share differ from minute to minute: the calibration says by how much.
Must not be put here: anything of the gateway.
"""

import os
import platform
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

PACKAGES = ("aiohttp", "aiosqlite", "apscheduler", "pydantic", "smpplib", "structlog")
_TURNS = 20_000
_TRIES = 15


def facts(folder: Path) -> dict[str, Any]:
    cpu = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpu": cpu[0].partition(":")[2].strip() if cpu else platform.processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}, {_file_system(folder)}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "packages": {name: version(name) for name in PACKAGES},
    }


def turns_us() -> float:
    """Microseconds for a fixed loop of plain Python, the best of some."""
    return min(_loop_us() for _ in range(_TRIES))


def abreast() -> float:
    """How much two processes get done together compared with one alone: 2 on two free cores."""
    code = "from tests.bench.machine import turns_us; print(turns_us())"
    root = str(Path(__file__).parents[2])
    pair = [
        subprocess.Popen([sys.executable, "-c", code], cwd=root, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    together = [float(one.communicate()[0]) for one in pair]
    alone = min(turns_us(), *together)
    return sum(alone / us for us in together)


def _loop_us() -> float:
    began = time.perf_counter()
    counts: dict[int, int] = {}
    for turn in range(_TURNS):
        key = turn * 7919 % 256
        counts[key] = counts.get(key, 0) + len(str(turn))
    return (time.perf_counter() - began) * 1e6


def _file_system(folder: Path) -> str:
    """The kind of file system: on one in memory an fsync costs nothing."""
    mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    place = str(folder.resolve())
    fitting = [(point, kind) for point, kind in mounts if place == point or place.startswith(point.rstrip("/") + "/")]
    return max(fitting, default=("", "unknown"), key=lambda mount: len(mount[0]))[1]
