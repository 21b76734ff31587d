"""A run of pytest as the report that `simulator run` writes: every test that was played, and every scenario.

Each process collects its own cases; those of pytest-xdist's workers come to the first as JSON.

Not here: watching a test (watch.py), how a report looks (reports/).
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any, Final

from simulator.reports import document, environment, write
from simulator.reports.model import Case, Report, Run
from simulator.scenarios.catalogue import SHEET, TEMPLATES
from simulator.scenarios.pair import CONFIG

FORMS: Final = {"html": "index.html", "markdown": "summary.md", "junit": "junit.xml", "json": "report.json"}
"""The form of a report, by its name in `Targets` → the file in the folder."""
MARKS: Final = ("AssertionError: ", "Failed: ", "assert ")
"""What pytest puts before a headline."""


@dataclass
class Reporting:
    """`folder` is where the report goes, `asked` how the run was started."""

    folder: Path
    seed: int
    asked: str
    jobs: int = 1
    cases: list[Case] = field(default_factory=list)
    began_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    _began_s: float = field(default_factory=monotonic)

    def report(self) -> Report:
        """What there is so far, in the order of the files."""
        ordered = sorted(self.cases, key=lambda case: (case.path, case.line, case.name))
        run = Run(
            began_at=self.began_at,
            real_s=monotonic() - self._began_s,
            seed=self.seed,
            replay=f"{self.asked} --sim-seed {self.seed}",
            jobs=self.jobs,
            commit=environment.commit(Path.cwd()),
            config_digest=environment.digest(CONFIG, [SHEET, *TEMPLATES.glob("*.toml")]),
            versions=environment.versions(),
        )
        return Report(run=run, cases=tuple(replace(case, number=number) for number, case in enumerate(ordered, 1)))

    def packed(self) -> str:
        """For another process."""
        return document.dumps(self.report())

    def unpack(self, packed: str) -> None:
        """Adds what another process packed."""
        self.cases += document.loads(packed).cases

    def write(self) -> list[str]:
        """Writes all forms; what a reader should know, as lines. OSError when one can not be written."""
        targets: dict[str, Any] = {form: self.folder / name for form, name in FORMS.items()}
        told = write.write(self.report(), write.Targets(**targets))
        return [*told, f"simulator: report of {len(self.cases)} tests in {self.folder / FORMS['html']}"]


def message_of(told: str) -> str:
    """What a test says that failed, without what pytest puts before it: the headline is the first line."""
    for mark in MARKS:
        told = told.removeprefix(mark)
    return told
