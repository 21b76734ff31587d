"""`simulator run`, `lint` and `steps`: many scenarios, several at a time, and what is said about them.

Everything is linted first; nothing is started when something is wrong. The seed is printed, and draws whatever is
left to chance. On a terminal a bar shows how far it is, elsewhere a line is written for each scenario that fails.

Not here: one scenario (play.py), the words of `steps` (steps.py), the command line (__main__.py, one folder up).
"""

import asyncio
import os
import random
import shlex
import tempfile
import webbrowser
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

from aiohttp import ClientError
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from simulator.ending import COULD_NOT_RUN, DIFFERENT, OK
from simulator.gateway_process import GatewayDied
from simulator.invoked import invoked
from simulator.reports import environment, write
from simulator.reports.model import Report, Run
from simulator.scenarios import beginning, steps
from simulator.scenarios.catalogue import SHEET, TEMPLATES
from simulator.scenarios.grammar import language_of
from simulator.scenarios.lint import Ready, check_file, shown
from simulator.scenarios.nursery import Nursery
from simulator.scenarios.pair import CONFIG
from simulator.scenarios.play import Outcome, play
from simulator.scenarios.reading import LANGUAGES, Fault, find_files
from simulator.scenarios.speech import say


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """What the command line says. `jobs` is how many scenarios play at once, 0 as many as there are cores; `targets`
    are the reports to write.
    """

    paths: Sequence[str]
    seed: int | None = None
    jobs: int = 0
    targets: write.Targets = field(default_factory=write.Targets)
    update_snapshots: bool = False
    plain: bool = False
    tags: Sequence[str] = ()
    open: bool = False
    """Whether the page is opened in a browser when it is written."""


@dataclass
class _Linted:
    ready: list[Ready] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    files: int = 0
    missing: list[str] = field(default_factory=list)
    language: str = "en"
    """The one of the first file: what is said of all of them is said in it."""


def lint_paths(paths: Sequence[str]) -> _Linted:
    """All scenarios under the paths that may be played, and everything wrong."""
    files, missing = find_files(paths)
    linted = _Linted(missing=missing)
    for path in dict.fromkeys(path for path, _ in files):
        linted.files += 1
        if linted.files == 1:
            linted.language = _language(path)
        try:
            ready, faults = check_file(path)
        except (OSError, UnicodeDecodeError) as error:
            linted.missing.append(f"{path} ({error})")
            continue
        lines = {line for file, line in files if file == path}
        if None not in lines:
            ready = [one for one in ready if lines & one.scenario.lines]
            if not ready and not faults:
                linted.missing.append(f"{path}:{min(line for line in lines if line is not None)}")
        linted.ready += ready
        linted.faults += faults
    return linted


def run_lint(paths: Sequence[str]) -> int:
    """Prints what is wrong. Exit code 0 or 2."""
    console = _console()
    linted = lint_paths(paths)
    _show_faults(console, linted)
    count = sum(len(one.steps) for one in linted.ready)
    if linted.faults or linted.missing:
        return COULD_NOT_RUN
    console.print(f"lint  {linted.files} files, {len(linted.ready)} scenarios, {count} steps  ok")
    return OK


def run_steps(languages: Sequence[str] = LANGUAGES, words: Sequence[str] = (), *, countries: bool = False) -> int:
    """Prints the vocabulary, or the countries; with words only what has them. Exit code 0, or 1 when nothing has."""
    show = steps.run_countries if countries else steps.run_steps
    return show(_console(), languages, words)


def run_new(path: Path, language: str) -> int:
    """Writes a first scenario. Exit code 0 or 2."""
    return beginning.run_new(_console(), path, language)


async def run_scenarios(options: RunOptions) -> int:
    """Plays them all. Exit code 0 all passed, 1 one came out differently, 2 they could not be played."""
    console = _console(stderr=bool(options.targets.spoken))
    linted = lint_paths(options.paths)
    _show_faults(console, linted)
    if linted.faults or linted.missing:
        _tell_unwritten(console, linted, options)
        return COULD_NOT_RUN
    ready = [one for one in linted.ready if not options.tags or set(options.tags) & set(one.scenario.tags)]
    if not ready:
        language = linted.language
        tags = say("with_tags", language, tags=" ".join(options.tags)) if options.tags else ""
        console.print(Text(say("none_chosen", language, paths=" ".join(options.paths), tags=tags)), soft_wrap=True)
        return COULD_NOT_RUN
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(100_000)
    began_s, began_at = monotonic(), datetime.now(UTC)
    try:
        async with Nursery() as nursery:
            outcomes = await _Runner(console, ready, seed, options, nursery).play_all()
    except (OSError, ClientError, GatewayDied) as error:
        console.print(Text(f"could not run: {error}", style="bold red"))
        return COULD_NOT_RUN
    real_s = monotonic() - began_s
    _summarise(console, outcomes, seed, real_s)
    ended = DIFFERENT if any(not one.passed and one.counts for one in outcomes) else OK
    if not (options.targets.any or options.open):
        if ended == OK:
            console.print(Text("--html FILE shows the conversations", style="dim"))
    elif not await _reported(console, options, outcomes, seed, (began_at, real_s)):
        return COULD_NOT_RUN
    return ended


async def _reported(
    console: Console, options: RunOptions, outcomes: Sequence[Outcome], seed: int, ran: tuple[datetime, float]
) -> bool:
    """Writes what was asked for; False when that could not be."""
    cases = [one.case for one in outcomes if one.case is not None]
    run = Run(
        began_at=ran[0],
        real_s=ran[1],
        seed=seed,
        replay=f"{invoked()} run {shlex.join(options.paths)} --seed {seed}",
        jobs=_jobs(options),
        commit=await asyncio.to_thread(environment.commit, Path.cwd()),
        config_digest=await asyncio.to_thread(environment.digest, CONFIG, [SHEET, *TEMPLATES.glob("*.toml")]),
        versions=environment.versions(),
    )
    report = Report(run=run, cases=tuple(replace(one, number=number) for number, one in enumerate(cases, 1)))
    targets = options.targets
    if options.open and targets.html is None:
        targets = replace(targets, html=Path(tempfile.mkdtemp(prefix="sms1330-report-"), "index.html"))
    try:
        told = await asyncio.to_thread(write.write, report, targets)
    except OSError as error:
        console.print(Text(f"could not write {error.filename}: {error.strerror}", style="bold red"))
        return False
    for line in told:
        console.print(Text(line), soft_wrap=True)
    if options.open and targets.html is not None:
        console.print(Text(str(targets.html)), soft_wrap=True)
        place = f"#s{report.failed[0].number}" if report.failed else ""
        await asyncio.to_thread(webbrowser.open, targets.html.absolute().as_uri() + place)
    return True


def _jobs(options: RunOptions) -> int:
    return options.jobs or os.cpu_count() or 1


@dataclass
class _Runner:
    """Workers that take the next scenario when theirs is over; outcomes are kept in the order of the files."""

    console: Console
    ready: Sequence[Ready]
    seed: int
    options: RunOptions
    nursery: Nursery
    outcomes: dict[int, Outcome] = field(default_factory=dict)

    async def play_all(self) -> list[Outcome]:
        waiting = list(enumerate(self.ready))
        waiting.reverse()
        jobs = _jobs(self.options)
        terminal = self.console.is_terminal and not self.options.plain
        columns = (
            BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[counts]}"), TextColumn("{task.description}"),
            TimeElapsedColumn(),
        )  # fmt: skip
        with Progress(*columns, console=self.console, transient=True, disable=not terminal) as progress:
            task = progress.add_task("", total=len(self.ready), counts="")
            try:
                async with asyncio.TaskGroup() as group:
                    for _ in range(min(jobs, len(waiting))):
                        group.create_task(self._work(waiting, progress, task))
            except* (OSError, ClientError, GatewayDied) as errors:
                raise errors.exceptions[0] from None
        return [self.outcomes[number] for number in sorted(self.outcomes)]

    async def _work(self, waiting: list[tuple[int, Ready]], progress: Progress, task: TaskID) -> None:
        while waiting:
            number, ready = waiting.pop()
            progress.update(task, description=escape(ready.scenario.name[:50]))
            outcome = await play(
                self.nursery,
                ready,
                self.seed,
                update_snapshots=self.options.update_snapshots,
                closely=self.options.targets.any or self.options.open,
            )
            self.outcomes[number] = outcome
            passed = sum(one.passed for one in self.outcomes.values())
            progress.update(task, advance=1, counts=f"✓{passed} ✗{len(self.outcomes) - passed}")
            if not outcome.passed:
                self.console.print(Text(outcome.text + "\n"), soft_wrap=True)


def _summarise(console: Console, outcomes: Sequence[Outcome], seed: int, real_s: float) -> None:
    passed = sum(one.passed for one in outcomes)
    failed = [one for one in outcomes if not one.passed and one.counts]
    open_ = sum(not one.passed and not one.counts for one in outcomes)
    virtual = sum((one.virtual for one in outcomes), timedelta())
    lenient = sum(one.scenario.lenient for one in outcomes)
    for one in failed:
        console.print(Text(f"✗ {one.scenario.place}  {one.headline}", style="red"), soft_wrap=True)
    counts = f"✓{passed} ✗{len(failed)}" + (f" ⊘{open_} (@open-vraag)" if open_ else "")
    counts += f"  @soepel {lenient}" if lenient else ""
    console.print(
        Text(
            f"{len(outcomes)} scenarios  {counts}   {real_s:.1f} s   virtual time {virtual.days} d   seed {seed}",
            style="bold red" if failed else "bold green",
        ),
        soft_wrap=True,
    )


def _language(path: Path) -> str:
    try:
        return language_of(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return "en"


def _tell_unwritten(console: Console, linted: _Linted, options: RunOptions) -> None:
    """Whoever asked for a report learns why there is none."""
    asked = [getattr(options.targets, form.name) for form in fields(options.targets)]
    for path in [one for one in asked if one is not None]:
        console.print(Text(say("not_written", linted.language, file=path)), soft_wrap=True)


def _show_faults(console: Console, linted: _Linted) -> None:
    for fault in linted.faults:
        console.print(Text(shown(fault)), soft_wrap=True)
    for one in linted.missing:
        console.print(Text(f"{one}: niet gevonden / not found", style="red"), soft_wrap=True)


def _console(*, stderr: bool = False) -> Console:
    """`stderr` where a report is the output."""
    console = Console(highlight=False, stderr=stderr)
    if console.is_terminal:
        return console
    return Console(highlight=False, color_system=None, soft_wrap=True, stderr=stderr)
