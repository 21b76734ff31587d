"""What Linux says of a process from outside: processor time, memory, descriptors, bytes written, who listens where.

On a system without /proc, or for a process that is gone, a figure is None and the report leaves it out.

Not here: when it is asked (sampling.py).
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc")
LISTEN: Final = "0A"
"""The state of a listening socket in /proc/net/tcp."""
_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Usage:
    """One look at a process. `main_s` is the time of its first thread: in ours the event loop. Memory is that of the
    processes that it started too: under load ours has one that writes its log.
    """

    cpu_s: float
    main_s: float
    rss_bytes: int
    descriptors: int
    written_bytes: int | None


def usage(pid: int) -> Usage | None:
    """None when there is nothing to see."""
    folder = PROC / str(pid)
    try:
        return Usage(
            cpu_s=_cpu_s(folder / "stat"),
            main_s=_cpu_s(folder / "task" / str(pid) / "stat"),
            rss_bytes=_memory(folder),
            descriptors=sum(1 for _ in (folder / "fd").iterdir()),
            written_bytes=_written(folder / "io"),
        )
    except (OSError, ValueError):
        return None


def machine_busy_s() -> tuple[float, float] | None:
    """(busy, all) processor seconds of the machine since it started: of two looks, the share that was busy."""
    try:
        first = (PROC / "stat").read_text(encoding="ascii").splitlines()[0].split()[1:9]
    except (OSError, IndexError):
        return None
    user, nice, system, idle, iowait, irq, softirq, steal = (int(one) / _TICKS_PER_S for one in first)
    busy = user + nice + system + irq + softirq + steal
    return busy, busy + idle + iowait


def listener(port: int) -> int | None:
    """The process that listens on a TCP port of this machine, if it may be seen."""
    inodes = {
        fields[9]
        for table in ("tcp", "tcp6")
        for fields in _rows(PROC / "net" / table)
        if fields[3] == LISTEN and int(fields[1].rpartition(":")[2], 16) == port
    }
    if not inodes:
        return None
    for folder in PROC.iterdir():
        if folder.name.isdigit() and _holds(folder, inodes):
            return int(folder.name)
    return None


def _holds(folder: Path, inodes: set[str]) -> bool:
    with suppress(OSError):
        for one in (folder / "fd").iterdir():
            with suppress(OSError):
                if str(one.readlink()).removeprefix("socket:[").removesuffix("]") in inodes:
                    return True
    return False


def _rows(path: Path) -> list[list[str]]:
    try:
        return [line.split() for line in path.read_text(encoding="ascii").splitlines()[1:]]
    except OSError:
        return []


def _memory(folder: Path) -> int:
    found = _resident(folder)
    for child in _children(folder):
        with suppress(OSError):  # it has just ended
            found += _resident(PROC / child)
    return found


def _resident(folder: Path) -> int:
    status = (folder / "status").read_text(encoding="utf-8", errors="replace")
    return next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS:")), 0)


def _children(folder: Path) -> list[str]:
    with suppress(OSError):
        return (folder / "task" / folder.name / "children").read_text(encoding="ascii").split()
    return []


def _cpu_s(path: Path) -> float:
    fields = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S


def _written(path: Path) -> int | None:
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith("write_bytes:")), None)
