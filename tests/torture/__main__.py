"""`make torture`: grades four ESMEs and prints the table of the README; the whole reports go to build/torture/.

    python -m tests.torture [--peer NAME …] [--seed N] [--jobs N]

Exit code 0 when our gateway has full marks; the others are graded as their libraries' documents have them used.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from rich.console import Console

from simulator.torture.catalogue import GROUPS
from simulator.torture.grade import TortureOptions, grade
from simulator.torture.report import counts, show_total
from tests.torture.commands import CERTIFICATES, OVER_TLS, PEERS, ROOT, expected

OURS = "our gateway"
TLS_CASE = "tls-cut-mid-pdu"
REPORTS = ROOT / "build" / "torture"


async def graded(name, options, console):
    """One ESME's report; the progress is shown on `console`, every case goes into its file."""
    file = REPORTS / f"{name.replace(' ', '_')}.txt"
    with file.open("w", encoding="utf-8") as out:
        to_file = Console(file=out, soft_wrap=True, color_system=None)
        report = await grade(options, to_file)
        show_total(to_file, report)
    console.print(f"{name}: {report.seconds:.0f} s, {file.relative_to(ROOT)}")
    return report


def with_tls(plain, tls):
    """The case that needs TLS is played over TLS, and is a case like all."""
    found = {one.case.name: one for one in tls.results if one.case.name == TLS_CASE}
    return replace(plain, results=[found.get(one.case.name, one) for one in plain.results])


def named(name):
    """With the version that was graded."""
    if name == OURS:
        return name
    if name == "node-smpp":
        package = Path(os.environ["NODE_PATH"]) / "smpp" / "package.json"
        return f"{name} {json.loads(package.read_text(encoding='utf-8'))['version']}"
    return f"{name} {version(name)}"


def row(name, report):
    """Passed of played in each theme, and the marks."""
    cells = []
    for group in GROUPS:
        found = counts(report.of(group))
        cells.append(f"{found['pass']}/{sum(found.values()) - found['not applicable']}")
    whole = counts(report.results)
    got, most = report.marks
    return f"| {named(name)} | {' | '.join(cells)} | {whole['tolerable']} | {whole['fail']} | {got} of {most} |"


async def run(options, console):
    """The exit code."""
    reports = {}
    for name in options.peer or PEERS:
        chosen = TortureOptions(command=PEERS[name], seed=options.seed, jobs=options.jobs, expected=expected())
        reports[name] = await graded(name, chosen, console)
    full = True
    if OURS in reports:
        chosen = TortureOptions(
            command=OVER_TLS,
            seed=options.seed,
            cases=("plain", TLS_CASE),
            tls_cert_file=CERTIFICATES / "smsc.pem",
            expected=expected(),
        )
        reports[OURS] = with_tls(reports[OURS], await graded(f"{OURS} over TLS", chosen, console))
        full = reports[OURS].full
    print()
    print(f"| ESME | {' | '.join(GROUPS)} | tolerable | failed | marks |")
    print(f"|---|{'--:|' * len(GROUPS)}--:|--:|--:|")
    for name, report in reports.items():
        print(row(name, report))
    return 0 if full else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", action="append", choices=PEERS, help="only this one; may be repeated")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=3)
    options = parser.parse_args()
    REPORTS.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("NODE_PATH", str(ROOT / "build" / "interop" / "node_modules"))
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TMPDIR"] = folder  # where our gateway puts its database
        sys.exit(asyncio.run(run(options, Console(stderr=True, highlight=False))))


if __name__ == "__main__":
    main()
