"""`python -m tests.fuzz`: a million mutated PDUs at both codecs and both sessions, and the figures of that run.

`--replay SEED:NUMBER` plays one case again and shows it. Exit code 1 when anything was found.
Must not be put here: what is played and what is checked (play.py, codecs.py, gateway_side.py, simulator_side.py).
"""

import asyncio
import faulthandler
import gc
import os
import sys
import time
import tracemalloc
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from tests.fuzz import cycles, table
from tests.fuzz.cases import case
from tests.fuzz.corpus import corpus
from tests.fuzz.found import found
from tests.fuzz.play import Figures, play, play_cases

CHUNK_CASES = 1_000
FUEL_EVERY = 10
HANG_S = 120
"""A thousand cases take two seconds. What takes so long tells where it stands, and ends."""
CYCLES, CLIENTS = 3_600, 60


def ready():
    """A worker begins: what is loaded is no garbage, so that a collection is not taken for a slow PDU."""
    gc.collect()
    gc.freeze()


def chunk(seed, first):
    """One piece of the run, in a worker."""
    faulthandler.dump_traceback_later(HANG_S, exit=True)
    try:
        return os.getpid(), play(seed, range(first, first + CHUNK_CASES), fuel_every=FUEL_EVERY)
    finally:
        faulthandler.cancel_dump_traceback_later()


def run(seed, count, workers, console):
    """All figures, and each worker's memory as it went."""
    figures, memory, first = Figures(), {}, 0
    with (
        Progress(console=console, transient=True, disable=not console.is_terminal) as progress,
        ProcessPoolExecutor(workers, initializer=ready) as pool,
    ):
        task = progress.add_task("PDUs", total=count)
        pending = set()
        while pending or figures.pdus < count:
            while figures.pdus < count and len(pending) < workers:
                pending.add(pool.submit(chunk, seed, first))
                first += CHUNK_CASES
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            for one in done:
                worker, some = one.result()
                figures.merge(some)
                held = memory.setdefault(worker, [])
                held.append(((held[-1][0] if held else 0) + some.pdus, some.memory_kb[-1][1]))
            progress.update(task, completed=min(figures.pdus, count))
    return figures, memory


def bind_and_close(count):
    tracemalloc.start()
    try:
        return asyncio.run(cycles.cycles(count, CLIENTS))
    finally:
        tracemalloc.stop()


def replay(console, wanted):
    """One case again, with what it is made of."""
    seed, number = map(int, wanted.split(":"))
    one = case(seed, number)
    for frame, done in zip(one.frames, one.done, strict=True):
        console.print(f"{', '.join(done)}: {len(frame)} octets\n  {frame[:64].hex(' ', 4)}", highlight=False)
    console.print(f"read as {', '.join(str(len(chunk)) for chunk in one.chunks)} octets", highlight=False)
    return play_cases([one])


def write_seeds(folder):
    """Inputs to begin with: single PDUs for the codecs; for the sessions streams of them, after how they are cut."""
    for name in ("codecs", "sessions"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for number, sample in enumerate(corpus()):
        (folder / "codecs" / f"{sample.command}-{number}").write_bytes(sample.frame)
        one = case(0, number)
        (folder / "sessions" / f"stream-{number}").write_bytes(
            bytes((number % 256,)) + sample.frame + one.stream[:4_000]
        )


@click.command()
@click.option("--count", default=1_000_000, help="PDUs, at least.")
@click.option("--seed", default=1)
@click.option("--workers", default=os.cpu_count() or 1, help="Processes.")
@click.option("--cycles", "bind_cycles", default=CYCLES, help=f"Bind and close cycles, of {CLIENTS} clients.")
@click.option("--seeds", type=click.Path(path_type=Path), help="Only write inputs to begin with, for atheris.")
@click.option("--replay", "wanted", metavar="SEED:NUMBER", help="Play one case again.")
def main(count, seed, workers, bind_cycles, seeds, wanted):  # noqa: PLR0917 - click gives them by name
    """Mutated PDUs at both codecs and both sessions; what should not have been is told and can be played again."""
    console = Console(highlight=False)
    if seeds:
        write_seeds(seeds)
        return
    if wanted:
        figures = replay(console, wanted)
        table.show_faults(console, figures)
        sys.exit(1 if figures.fault_count else 0)
    began_s = time.monotonic()
    kept = play_cases(found().values())
    try:
        figures, memory = run(seed, count, workers, console)
    except BrokenProcessPool:
        console.print(f"a worker ended: it hung for {HANG_S} s, and said above where it stood")
        sys.exit(1)
    left = bind_and_close(bind_cycles)
    table.show(console, figures, memory, kept, left, seed=seed, workers=workers, real_s=time.monotonic() - began_s)
    table.show_faults(console, figures)
    table.show_faults(console, kept)
    sys.exit(1 if figures.fault_count or kept.fault_count or not left.clean else 0)


if __name__ == "__main__":
    main()
