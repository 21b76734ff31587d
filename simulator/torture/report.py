"""What came of a run: for each case what was sent, what a good ESME does, what this one did and its mark; and a total.

Must not be put here: how a mark is found.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from simulator.torture.cases import Case
from simulator.torture.catalogue import GROUP_OF, GROUPS

State = Literal["pass", "tolerable", "fail", "not applicable", "not run"]
WORTH: Final[dict[State, int]] = {"pass": 2, "tolerable": 1, "fail": 0, "not run": 0}
STYLES: Final[dict[State, str]] = {
    "pass": "green",
    "tolerable": "yellow",
    "fail": "bold red",
    "not applicable": "dim",
    "not run": "red",
}
STATES: Final = tuple(STYLES)


@dataclass(frozen=True, slots=True)
class Result:
    """What one case came to. `did` is what the ESME did, or why it was not played; `trace` what passed, if wanted."""

    case: Case
    state: State
    did: str
    seconds: float = 0.0
    trace: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        return GROUP_OF[self.case.name]


@dataclass(frozen=True, slots=True)
class Report:
    """All results, in the order of the catalogue."""

    results: Sequence[Result]
    seed: int
    seconds: float

    @property
    def marks(self) -> tuple[int, int]:
        """How many, of how many."""
        return marks(self.results)

    @property
    def full(self) -> bool:
        got, most = self.marks
        return got == most > 0

    def of(self, group: str) -> list[Result]:
        return [one for one in self.results if one.group == group]

    def as_json(self) -> dict[str, Any]:
        got, most = self.marks
        return {
            "seed": self.seed,
            "seconds": round(self.seconds, 1),
            "marks": got,
            "marks_max": most,
            "counts": counts(self.results),
            "groups": {group: counts(self.of(group)) for group in GROUPS if self.of(group)},
            "cases": [
                {
                    "name": one.case.name,
                    "group": one.group,
                    "sent": one.case.sends,
                    "good": one.case.good,
                    "reason": one.case.clause,
                    "did": one.did,
                    "mark": one.state,
                    "seconds": round(one.seconds, 2),
                    **({"trace": one.trace} if one.trace else {}),
                }
                for one in self.results
            ],
        }


def marks(results: Sequence[Result]) -> tuple[int, int]:
    worth = [WORTH[one.state] for one in results if one.state in WORTH]
    return sum(worth), WORTH["pass"] * len(worth)


def counts(results: Sequence[Result]) -> dict[str, int]:
    found = Counter(one.state for one in results)
    return {state: found[state] for state in STATES}


def show(console: Console, result: Result) -> None:
    """One case, as it comes."""
    case = result.case
    console.print(
        Text.assemble(
            (f"{result.state:<14} ", STYLES[result.state]), (case.name, "bold"), f"  {result.seconds:.1f} s"
        ),
    )
    for label, words in (("sent", case.sends), ("good", f"{case.good} ({case.clause})"), ("did", result.did)):
        console.print(Text(f"    {label:<5} {words}"))
    if result.state not in ("pass", "not applicable"):
        for line in result.trace:
            console.print(Text(f"          {line}", style="dim"))


def show_total(console: Console, report: Report) -> None:
    """A row for each theme, and the sum."""
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    table.add_column("")
    for state in STATES:
        table.add_column(state, justify="right")
    table.add_column("marks", justify="right")
    rows = [(group, report.of(group)) for group in GROUPS if report.of(group)]
    for name, results in (*rows, ("total", report.results)):
        found = counts(results)
        table.add_row(name, *(str(found[state] or "-") for state in STATES), "{} of {}".format(*marks(results)))
    console.print()
    console.print(table)
    console.print(f"{report.seconds:.1f} s   seed {report.seed}")


def show_list(console: Console) -> None:
    """What there is to play."""
    for group, cases in GROUPS.items():
        console.print(Text(group, style="bold"))
        for case in cases:
            needs = f"   (needs {', '.join(sorted(case.needs))})" if case.needs else ""
            console.print(Text(f"  {case.name:<32}{case.sends}{needs}"))
            console.print(Text(f"  {'':<32}{case.good} ({case.clause})", style="dim"))
