"""`simulator torture`: listens as an SMSC, plays the cases against whoever binds, and says what came of it.

With a command that starts the ESME several stations play at once, each with an ESME of its own; the cases are dealt to
whoever is free. The seed draws what is left to chance; one case played alone is the same as in a whole run.

Must not be put here: the command line (`__main__`, one folder up), one case's run (station.py).
"""

import asyncio
import json
import random
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from simulator.ending import COULD_NOT_RUN, DIFFERENT, OK
from simulator.tls import BadCertificate, server_context
from simulator.torture.cases import Case, Need
from simulator.torture.catalogue import CASES
from simulator.torture.listener import Listener
from simulator.torture.play import Expected, Unfit
from simulator.torture.report import Report, Result, show, show_list, show_total
from simulator.torture.station import CouldNotRun, Station


@dataclass(frozen=True, kw_only=True)
class TortureOptions:
    """What the command line says. `cases`: by name, none is all. `command` may name what `placeholders` has."""

    host: str = "127.0.0.1"
    port: int = 0
    command: str = ""
    system_id: str = "gateway"
    password: str = field(default="secret", repr=False)
    cases: Sequence[str] = ()
    seed: int | None = None
    jobs: int = 1
    start_s: float = 60.0
    tls_cert_file: Path | None = None
    tls_key_file: Path | None = None
    as_json: bool = False
    trace: bool = False
    expected: Expected = field(default_factory=Expected)

    def placeholders(self, port: int) -> Mapping[str, object]:
        """What stands in braces in the command."""
        own = {"host": self.host, "port": port, "system_id": self.system_id, "password": self.password}
        return asdict(self.expected) | own


def list_cases() -> int:
    """Prints what there is to play."""
    show_list(_console(terminal=sys.stdout.isatty()))
    return OK


async def run_torture(options: TortureOptions) -> int:
    """Its exit code: 0 full marks, 1 not, 2 it could not run."""
    console = _console(terminal=sys.stdout.isatty() and not options.as_json, stderr=options.as_json)
    try:
        report = await grade(options, console)
    except (CouldNotRun, Unfit, OSError, BadCertificate) as error:
        console.print(f"could not run: {error}", style="bold red", markup=False)
        return COULD_NOT_RUN
    if options.as_json:
        print(json.dumps(report.as_json(), indent=2, ensure_ascii=False))
    else:
        show_total(console, report)
    return OK if report.full else DIFFERENT


async def grade(options: TortureOptions, console: Console) -> Report:
    """Plays the cases. CouldNotRun, Unfit or OSError where nothing can be said."""
    unknown = [name for name in options.cases if name not in CASES]
    if unknown:
        raise CouldNotRun(f"no case {', '.join(unknown)}; --list shows them")
    chosen = [case for name, case in CASES.items() if not options.cases or name in options.cases]
    seed = random.SystemRandom().randrange(1_000_000) if options.seed is None else options.seed
    began_s = monotonic()
    results = await _Run(options, chosen, seed, console).play_all()
    return Report([results[case.name] for case in chosen], seed, monotonic() - began_s)


class _Run:
    """Cases that wait, stations that take the next, results by name."""

    def __init__(self, options: TortureOptions, chosen: Sequence[Case], seed: int, console: Console) -> None:
        self._options = options
        self._seed = seed
        self._console = console
        self._results: dict[str, Result] = {}
        able: set[Need] = set()
        if options.expected.replies:
            able.add("replies")
        if options.command:
            able.add("command")
        if options.tls_cert_file is not None:
            able.add("tls")
        for case in chosen:
            if not case.needs <= able:
                self._results[case.name] = Result(case, "not applicable", _missing(case.needs - able))
        waiting = [case for case in chosen if case.name not in self._results]
        # What ends the ESME comes last: it need not be started again for it.
        waiting.sort(key=lambda case: "command" in case.needs)
        self._waiting = waiting[::-1]

    async def play_all(self) -> Mapping[str, Result]:
        """All of them. CouldNotRun, Unfit or OSError where nothing can be said."""
        options = self._options
        jobs = min(options.jobs, len(self._waiting))
        terminal = self._console.is_terminal
        columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        for result in self._results.values():
            show(self._console, result)
        with Progress(*columns, console=self._console, transient=True, disable=not terminal) as progress:
            task = progress.add_task("", total=len(self._waiting))
            try:
                async with asyncio.TaskGroup() as group:
                    for number in range(jobs):
                        group.create_task(self._work(options.port if number == 0 else 0, progress, task))
            except* (CouldNotRun, Unfit, OSError, BadCertificate) as errors:
                raise errors.exceptions[0] from None
        for case in self._waiting:
            self._results[case.name] = Result(case, "not run", "the ESME was gone")
        return self._results

    async def _work(self, port: int, progress: Progress, task: TaskID) -> None:
        """One station, from its first case to its last."""
        options = self._options
        key_file = options.tls_key_file
        tls = server_context(options.tls_cert_file, key_file) if options.tls_cert_file is not None else None
        listener = Listener(options.host, port, tls)
        await listener.up()
        self._console.print(f"listening at {options.host}:{listener.port}", markup=False)
        words = shlex.split(options.command)
        command = [word.format_map(options.placeholders(listener.port)) for word in words]
        station = Station(listener, options.expected, self._seed, command, options.start_s, traced=options.trace)
        try:
            await station.start()
            while self._waiting and not station.over:
                case = self._waiting.pop()
                progress.update(task, description=case.name)
                result = self._results[case.name] = await station.play(case)
                progress.update(task, advance=1)
                show(self._console, result)
        finally:
            await station.stop()
            await listener.down()


def _missing(needs: frozenset[Need]) -> str:
    words = {"replies": "an ESME that replies", "tls": "--tls-cert-file", "command": "--command"}
    return f"it needs {', '.join(words[need] for need in sorted(needs))}"


def _console(*, terminal: bool, stderr: bool = False) -> Console:
    if terminal:
        return Console(highlight=False)
    # No wrapping at a width that a pipe does not have.
    return Console(highlight=False, color_system=None, soft_wrap=True, stderr=stderr)
