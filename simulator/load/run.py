"""`simulator load`: one run or several, held against its thresholds, told in the terminal and in files.

    exit code 0   every threshold kept         2   could not run, or the generator came late (INVALID)
              99  a threshold broke

Not here: the command line (__main__.py, one folder up), making a run (pair.py), how it looks (summary.py, page.py).
"""

import asyncio
import json
import shlex
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from aiohttp import ClientError

from simulator.clock import SystemClock
from simulator.ending import COULD_NOT_RUN, OK
from simulator.gateway_client import GatewayError
from simulator.gateway_process import GatewayDied
from simulator.invoked import invoked
from simulator.load import machine, result, special
from simulator.load.compare import compare, read_baselines
from simulator.load.histogram import Histogram
from simulator.load.limit import Search
from simulator.load.options import Job, LoadOptions, read_job
from simulator.load.page import page
from simulator.load.pair import LoadedPair, NoPair, Watcher, joined
from simulator.load.progress import Progress
from simulator.load.schedule import BadPlan, seconds_of, stage
from simulator.load.steering import GeneratorDied
from simulator.load.summary import lines
from simulator.outfile import put

BROKEN: Final = 99
"""A threshold broke."""
VERDICTS: Final = {"pass": OK, "fail": BROKEN, "invalid": COULD_NOT_RUN}
CANNOT: Final = (NoPair, GatewayDied, GeneratorDied, GatewayError, ClientError, OSError, TimeoutError)
Json = dict[str, Any]


def run_load(options: LoadOptions) -> int:
    """Its exit code."""
    try:
        job, baseline = read_job(options), read_baselines(options.baselines)
    except BadPlan as fault:
        sys.stderr.write(f"{fault}\n")
        return COULD_NOT_RUN
    try:
        return asyncio.run(_run(job, baseline))
    except (*CANNOT, ExceptionGroup) as error:
        leaves = _leaves(error)
        if not all(isinstance(leaf, CANNOT) for leaf in leaves):
            raise
        for leaf in leaves:
            sys.stderr.write(f"the load could not run: {str(leaf) or type(leaf).__name__}\n")
        return COULD_NOT_RUN


async def _run(job: Job, baseline: Sequence[Json]) -> int:
    progress = Progress.open(plain=job.options.plain or job.options.json_path == "-")
    runs = []
    for number in range(1, job.options.repeat + 1):
        if job.options.repeat > 1:
            progress.say(f"run {number} of {job.options.repeat}")
        runs.append(await _one(job, progress, baseline))
        for line in lines(runs[-1]):
            progress.say(line)
    _write(job.options, runs)
    return max((VERDICTS[run["verdict"]] for run in runs), key=[OK, COULD_NOT_RUN, BROKEN].index)


async def _one(job: Job, progress: Progress, baseline: Sequence[Json]) -> Json:
    async with _folder(job.options) as folder:
        began = SystemClock().now()
        watcher = Watcher(progress.stage, progress.tick)
        search: Search | None = None
        with progress.running(job.seconds):
            async with joined(job, folder, watcher) as pair:
                if job.options.find_limit:
                    search = await _searched(job, pair, progress)
                    parts = search.parts
                else:
                    parts = await pair.run(job.plan)
                audit = await pair.audit()
                slowest = await pair.stories(parts["ended"])
        run = _result(job, pair, parts, audit=audit, slowest=slowest, began=began)
        run["limit"] = None
        if search is not None:
            shown = search.last_good or search.steps[0]["rate"]
            step_s = seconds_of(job.options.step)
            run |= {"limit": search.to_json(), "seconds": step_s, "stages": [[step_s, shown, shown]]}
        run["comparison"] = compare(run, baseline)
        return run


async def _searched(job: Job, pair: LoadedPair, progress: Progress) -> Search:
    """Step by step to the limit."""
    step_s = seconds_of(job.options.step)

    async def step(rate: float) -> Json:
        progress.seconds = step_s
        return await pair.run(replace(job.plan, stages=(stage(step_s, rate),)))

    search = Search(step, job.thresholds, job.options.lag_max_ms, progress.say)
    await search.go(job.plan.stages[0].rate)
    return search


def _result(job: Job, pair: LoadedPair, parts: Json, *, audit: Json, slowest: list[Json], began: datetime) -> Json:
    ended, options = parts["ended"], job.options
    found = result.figures(ended, audit)
    judged = result.judge(job.thresholds, found)
    lag = Histogram.from_json(ended["lag"]).summary_ms()
    # A soak judges growth and not latencies: there a late generator falsifies nothing.
    valid = lag["p99"] <= options.lag_max_ms or job.kind.soak
    grown = [one["told"] for one in parts["growth"] if not one["ok"]] if job.kind.soak else []
    return {
        "schema": result.SCHEMA,
        "verdict": result.verdict(judged, valid=valid, audit=audit, unwell=grown),
        "began_at": began.isoformat(timespec="seconds"),
        "command": f"{invoked()} {shlex.join(sys.argv[1:])}",
        "kind": options.kind,
        "seed": job.seed,
        "seconds": job.seconds,
        "took_s": ended["took_s"],
        "stages": [[one.seconds, one.rate, one.rate_end] for one in job.plan.stages],
        "spacing": options.spacing,
        "subscribers": job.subscribers,
        "first_number": job.first_number,
        "mix_name": job.mix.name,
        "mix": job.mix.tables(),
        "gateway": {"own": not options.gateway, "url": pair.subject.url, "settings": dict(job.settings)},
        "machine": machine.facts(pair.folder),
        "thresholds": judged,
        "figures": found,
        "latency_ms": result.latencies(ended["measures"]),
        "traffic": result.traffic(ended),
        "accounting": audit,
        "saturation": parts["saturation"],
        "generator": {"lag_ms": lag, "lag_max_ms": options.lag_max_ms, "valid": valid},
        "growth": parts["growth"],
        "soak": job.kind.soak,
        "special": special.figures(options.kind, job.seconds, ended, parts["series"], job.settings),
        "series": parts["series"],
        "slowest": slowest,
    }


def _write(options: LoadOptions, runs: list[Json]) -> None:
    if options.html_path:
        # Of several runs the one in the middle is shown whole, the others beside it.
        ordered = sorted(runs, key=lambda run: run["figures"].get("p99 flow", 0.0))
        middle = ordered[len(ordered) // 2]
        others = [run for run in runs if run is not middle]
        put(Path(options.html_path), page(middle, others))
    if options.json_path:
        text = json.dumps({"schema": result.SCHEMA, "runs": runs}, ensure_ascii=False, indent=1)
        put(Path(options.json_path), text + "\n")


@asynccontextmanager
async def _folder(options: LoadOptions) -> AsyncIterator[Path]:
    """Where databases, logs and journals lie while it runs."""
    parent = options.folder or None
    if options.keep:
        yield Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="sms1330-load-", dir=parent))
        return
    with tempfile.TemporaryDirectory(prefix="sms1330-load-", dir=parent, ignore_cleanup_errors=True) as name:
        yield Path(name)


def _leaves(error: BaseException) -> list[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        return [leaf for one in error.exceptions for leaf in _leaves(one)]
    return [error]
