"""`python -m tests.settles`: a thousand settles beside busy cores, and the control that must fail.

Exit code 1 when a settle was wrong, or the control was not. Must not be put here: what a round is (play.py).
"""

import asyncio
import sys
import tempfile
from pathlib import Path

import click

from tests.settles.play import DELAY_S, NAP_S, busy_cores, naps, settles


@click.command()
@click.option("--count", default=1_000, help="Settles.")
@click.option("--control", default=100, help="Rounds of the control.")
@click.option("--seed", default=1)
def main(count, control, seed):
    """Is everything there when both sides are quiet?"""
    with tempfile.TemporaryDirectory() as folder, busy_cores():
        found = {}
        for name, rounds, wanted in (("settled", settles, count), ("napped", naps, control)):
            (Path(folder) / name).mkdir()
            found[name] = asyncio.run(rounds(Path(folder) / name, wanted, seed))
    for name, one in found.items():
        how = f"waiting {NAP_S * 1000:.0f} ms each" if name == "napped" else "by counting"
        mean_ms, longest_ms = 1000 * one.total_s / one.played, 1000 * one.longest_s
        took = f"{mean_ms:.0f} ms on average, at most {longest_ms:.0f} ms"
        click.echo(f"{name} {one.played} times {how}: {len(one.wrong)} wrong; {took}")
    click.echo(f"SMSC 0 to {DELAY_S * 1000:.0f} ms late, every core busy, seed {seed}")
    sys.exit(1 if found["settled"].wrong or not found["napped"].wrong else 0)


if __name__ == "__main__":
    main()
