"""Plays cohorts of any seed, or one run again: `python -m tests.reference --seed 4 --run 12`."""

import sys
import tempfile
from pathlib import Path

import click

from gateway.check import check
from tests.reference.replay import Loop, Replayer
from tests.reference.runs import RUNS, Run

ROOT = Path(__file__).parents[2]


@click.command()
@click.option("--seed", default=0, help="The cohort; with --cohorts the first.")
@click.option("--cohorts", default=1, help="How many cohorts.")
@click.option("--run", "number", type=int, help="One run of the cohort.")
def main(seed, cohorts, number):
    """Play the reference and the product side by side; what differs is cut down and shown."""
    differed = 0
    with Loop() as runner, tempfile.TemporaryDirectory() as folder:
        replayer = Replayer(check(ROOT / "config.toml", {}), runner, Path(folder))
        for cohort in range(seed, seed + cohorts):
            runs = {one: Run(cohort, one) for one in (range(RUNS) if number is None else [number])}
            for one, found in replayer.play(cohort, [*runs.values()]).items():
                differed += 1
                click.echo(replayer.explain(runs[one], found))
            click.echo(f"cohort {cohort}: {len(runs)} runs")
    sys.exit(1 if differed else 0)


if __name__ == "__main__":
    main()
