"""Writes a report as the files that were asked for.

Not here: how each of them looks (junit.py, document.py and their neighbours), what is done to a path (outfile.py).
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from simulator.outfile import STANDARD_OUTPUT, put
from simulator.reports import document, junit, markdown, page
from simulator.reports.coverage import coverage
from simulator.reports.model import Report
from simulator.reports.words import number, word

PAGE_BYTES_MAX: Final = 3_000_000
"""What a page of 500 scenarios stays under, and a browser opens at once."""


@dataclass(frozen=True, kw_only=True)
class Targets:
    """Where each form goes; None: nowhere, `-`: the standard output, but for the page."""

    junit: Path | None = None
    html: Path | None = None
    markdown: Path | None = None
    json: Path | None = None

    @property
    def spoken(self) -> list[str]:
        """The names of those that go to the standard output."""
        return [name for name in ("junit", "html", "markdown", "json") if getattr(self, name) == STANDARD_OUTPUT]

    @property
    def any(self) -> bool:
        return any(path is not None for path in (self.junit, self.html, self.markdown, self.json))


def write(report: Report, targets: Targets) -> list[str]:
    """Writes them, with the folders they lie in. OSError when one can not be written.

    What a reader should know of them, as lines.
    """
    told = []
    if targets.junit is not None:
        put(targets.junit, junit.document(report, _seen_from(targets.junit, targets.html)))
    if targets.html is not None:
        size = put(targets.html, page.document(report))
        covered = coverage(report)
        if covered is not None:
            words = {"proved": covered.proved, "total": covered.total, "path": targets.html}
            told.append(word("covered", report.language, **words))
        if size > PAGE_BYTES_MAX:
            megabytes = (number(one / 10**6, report.language) for one in (size, PAGE_BYTES_MAX))
            sizes = dict(zip(("size", "most"), megabytes, strict=True))
            told.append(word("too_large", report.language, path=targets.html, **sizes))
    if targets.markdown is not None:
        put(targets.markdown, markdown.document(report))
    if targets.json is not None:
        put(targets.json, document.dumps(report))
    return told


def _seen_from(path: Path, other: Path | None) -> str:
    """Where the other file lies, as a link in the first."""
    return Path(os.path.relpath(other, path.parent)).as_posix() if other is not None else ""
