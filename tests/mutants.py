"""What mutation testing left alive, held against what is said of it: `python -m tests.mutants`, after `mutmut run`.

Each survivor must be a row of mutants.md, by the function and the words that its changed line holds; a row that no
survivor needs any more is told of too. At least nine in ten must be killed. Not a test by itself: the run takes long.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import click

ROOT = Path(__file__).parents[1]
FOUND = ROOT / "mutants" / "handlers"
ARGUED = Path(__file__).with_suffix(".md")
KILLED_MIN_PCT = 90
# Exit codes of pytest under a mutant: 0 no test noticed, 33 no test reaches it; any other ended the run.
_ALIVE = (0, 33)


class Row(NamedTuple):
    """One argument: where, and what the changed line holds."""

    where: str
    changed: str


def rows(markdown):
    """The table's rows; its first cell names a function, the second changes of its lines, each in backticks."""
    for line in markdown.splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))]
        if len(cells) == 3 and cells[0].startswith("`"):
            for changed in re.findall(r"`([^`]+)`", cells[1].replace("\\|", "|")):
                yield Row(cells[0].strip("`"), changed)


def judged():
    """Exit code by mutant; None where it was not tried yet."""
    codes = {}
    for meta in sorted(FOUND.glob("*.meta")):
        codes |= json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
    return codes


def where(mutant):
    """`handlers.policy.xǁPolicyǁperiod_of__mutmut_2` is in policy.Policy.period_of."""
    _, module, name = mutant.rpartition("__mutmut_")[0].split(".", 2)
    return f"{module}.{name.removeprefix('x').removeprefix('_').strip('ǁ').replace('ǁ', '.')}"


def changed(mutant):
    """The line as it was changed."""
    command = [sys.executable, "-m", "mutmut", "show", mutant]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    added = [line[1:].strip() for line in shown.splitlines() if line.startswith("+") and not line.startswith("+++")]
    return " ".join(added)


def main():
    """Tell the share that was killed, survivors without an argument, and arguments without a survivor."""
    codes = judged()
    tried = [code for code in codes.values() if code is not None]
    alive = [mutant for mutant, code in codes.items() if code in _ALIVE]
    pct = 100 * (len(tried) - len(alive)) / len(tried)
    argued, needed, open_ = list(rows(ARGUED.read_text(encoding="utf-8"))), set(), []
    for mutant in alive:
        line = changed(mutant)
        why = [row for row in argued if row.where == where(mutant) and row.changed in line]
        needed.update(why)
        if not why:
            open_.append(f"{where(mutant)}: {line}")
    untried = len(codes) - len(tried)
    click.echo(f"{len(tried)} mutants of handlers, {pct:.1f} % killed, {len(alive)} alive; {untried} not tried")
    for one in open_:
        click.echo(f"not argued: {one}")
    for row in argued:
        if row not in needed:
            click.echo(f"argued, but not alive: {row.where}: {row.changed}")
    sys.exit(1 if open_ or untried or pct < KILLED_MIN_PCT else 0)


if __name__ == "__main__":
    main()
