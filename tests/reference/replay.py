"""Playing runs on stores of their own, and cutting a run down to what its difference needs."""

import asyncio

from tests.reference.pair import Pair
from tests.reference.runs import clock

# Reading a long run costs more than a few more seconds of cutting; beyond this many replays it does not.
REPLAYS_MAX = 400


class Loop:
    """An event loop that runs one thing after another; `asyncio.Runner` takes and returns SIGINT each time."""

    def __enter__(self):
        self.loop = asyncio.new_event_loop()
        return self

    def run(self, coroutine):
        return self.loop.run_until_complete(coroutine)

    def __exit__(self, *_):
        self.loop.close()


class Replayer:
    """`folder` takes one file for each play."""

    def __init__(self, loaded, runner, folder):
        self.loaded, self.runner, self.folder = loaded, runner, folder
        self.played = 0

    def play(self, seed, runs):
        """{run number: (tick, what differed first)}"""
        self.played += 1
        pair = Pair(self.folder / f"{self.played}.db", self.loaded, self.runner, seed)
        try:
            return pair.play(runs)
        finally:
            pair.bench.close()

    def explain(self, run, found):
        """What differed in a run, as short as it can be made."""
        if not self.differs(run):
            return f"{story(run, found)}\nbut not when it is played alone: play the whole cohort"
        smallest = self.cut(run.until(found[0]))
        return story(smallest, self.differs(smallest))

    def differs(self, run):
        return self.play(run.seed, [run]).get(run.number)

    def cut(self, run):
        """Leave out, by halves and then one by one, whatever the difference does not need."""
        size, bound = len(run.places()), self.played + REPLAYS_MAX
        while size and self.played < bound:
            begin = 0
            while begin < len(run.places()):
                smaller = run.without(set(run.places()[begin : begin + size]))
                if self.differs(smaller):
                    run = smaller
                else:
                    begin += size
            size //= 2
        return run


def story(run, found):
    """The run as a person reads it, with the command that plays it again."""
    tick, text = found
    lines = [
        f".venv/bin/python -m tests.reference --seed {run.seed} --run {run.number}",
        f"the portal sets {run.first}",
    ]
    for number, (now, actions) in enumerate(zip(clock(run.seed), run.ticks, strict=True)):
        lines += [f"{number:3} {now:%Y-%m-%d %H:%M:%S} {action}" for action in actions if number <= tick]
    return "\n".join([*lines, f"  => at {tick}: {text}"])
