"""Writes a report as the files that were asked for.

Not here: how each of them looks (junit.py, document.py and their neighbours).
"""

import os
from dataclasses import dataclass
from pathlib import Path

from simulator.reports import document, junit
from simulator.reports.model import Report


@dataclass(frozen=True, kw_only=True)
class Targets:
    """Where each form goes; None: nowhere."""

    junit: Path | None = None
    json: Path | None = None

    @property
    def any(self) -> bool:
        return any(path is not None for path in (self.junit, self.json))


def write(report: Report, targets: Targets) -> list[str]:
    """Writes them, with the folders they lie in. OSError when one can not be written.

    What a reader should know of them, as lines.
    """
    if targets.junit is not None:
        _put(targets.junit, junit.document(report))
    if targets.json is not None:
        _put(targets.json, document.dumps(report))
    return []


def _put(path: Path, text: str) -> None:
    """Whole or not at all: a reader never sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        half.write_text(text, encoding="utf-8", errors="replace", newline="\n")
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
