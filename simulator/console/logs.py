"""The verbs about a gateway's log: tail and flow, from a running demo, a file, or a pipe.

    simulator tail                      of the demo at --at
    python -m gateway | simulator tail -
    simulator tail gateway.log --follow
    simulator flow f1-2

Not here: what a line says (logtext.py).
"""

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from time import sleep
from typing import Final

import click

from simulator.console.door import Door, Json, Refused, refuse, verb
from simulator.console.logtext import Brackets
from simulator.console.shown import say

LOOK_AGAIN_S: Final = 0.3
LEVELS: Final = ("debug", "info", "warning", "error")
STYLES: Final = {"error": "bold red", "warning": "yellow"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines are shown."""

    sub: str = ""
    flow: str = ""
    event: str = ""
    level: str = "info"

    def fits(self, entry: Json) -> bool:
        level = str(entry.get("level", "info"))
        return (
            (not self.sub or str(entry.get("sub", "")).startswith(self.sub))
            and (not self.flow or entry.get("flow_id") == self.flow)
            and (not self.event or fnmatch(str(entry.get("event", "")), self.event))
            and (level not in LEVELS or LEVELS.index(level) >= LEVELS.index(self.level))
        )


def entries_of(lines: Iterable[str]) -> Iterator[Json]:
    """JSON lines; what is none is kept as text."""
    for line in lines:
        text = line.rstrip("\n")
        try:
            entry = json.loads(text)
        except ValueError:
            entry = None
        if text.strip():
            yield entry if isinstance(entry, dict) else {"text": text}


def file_lines(path: Path, *, follow: bool) -> Iterator[str]:
    """The lines of a file; with `follow` also those that come."""
    with path.open(encoding="utf-8", errors="replace") as lines:
        while True:
            line = lines.readline()
            if line:
                yield line
            elif follow:
                sleep(LOOK_AGAIN_S)
            else:
                return


def door_entries(door: Door, *, follow: bool, flow: str = "") -> Iterator[Json]:
    """The log of the gateway of a running demo."""
    after = 0
    while True:
        answer = door.get("/log", after=str(after), **({"flow": flow} if flow else {}))
        yield from answer["items"]
        seen = max([after, *(one["n"] for one in answer["items"])])
        caught_up = len(answer["items"]) == 0 or seen >= answer["next"]
        after = seen
        if caught_up and not follow:
            return
        if caught_up:
            sleep(LOOK_AGAIN_S)


def show(entries: Iterable[Json], wanted: Wanted, *, as_json: bool, grouped: bool) -> None:
    """Prints what is wanted."""
    fitting = (entry for entry in entries if wanted.fits(entry))
    brackets = Brackets()
    if as_json:
        for entry in fitting:
            click.echo(json.dumps(entry, ensure_ascii=False))
    elif grouped:
        for line in brackets.grouped(fitting):
            say(line)
    else:
        for entry in fitting:
            say(brackets.line(entry), STYLES.get(str(entry.get("level")), ""))


@click.command()
@click.argument("source", default="", metavar="[FILE|-]")
@click.option("--follow", "-f", is_flag=True, help="Goes on with what comes.")
@click.option("--sub", default="", help="Only lines of this pseudonym, s_…")
@click.option("--flow", default="", help="Only lines of this flow.")
@click.option("--event", default="", help="Only these events, as 'mt.*'.")
@click.option("--level", type=click.Choice(LEVELS), default="info", show_default=True, help="At least so grave.")
@click.option("--at", default="http://127.0.0.1:8331", show_default=True, envvar="SIMULATOR_AT", help="Of a demo.")
@click.option("--json", "as_json", is_flag=True, help="The lines as they are.")
def tail(*, source: str, follow: bool, at: str, as_json: bool, **wanted: str) -> None:
    """A gateway's log for people, each flow in a bracket: of a running demo, a FILE, or - for what comes in."""
    try:
        if source == "-":
            entries = entries_of(sys.stdin)
        elif source:
            entries = entries_of(file_lines(Path(source), follow=follow))
        else:
            entries = door_entries(Door(at), follow=follow)
        show(entries, Wanted(**wanted), as_json=as_json, grouped=not follow and source != "-")
    except (Refused, OSError) as error:
        refuse("tail", str(error), as_json)
    except KeyboardInterrupt:
        return


@click.command()
@click.argument("flow_id")
@click.option("--file", "path", type=click.Path(dir_okay=False, path_type=Path), help="Of a log file, not a demo.")
@verb("flow")
def flow(door: Door, *, flow_id: str, path: Path | None, as_json: bool) -> Json:
    """All lines of one flow."""
    try:
        whole = entries_of(file_lines(path, follow=False)) if path else None
        entries = door_entries(door, follow=False, flow=flow_id) if whole is None else whole
        found = [entry for entry in entries if entry.get("flow_id") == flow_id]
    except OSError as error:
        raise Refused(str(error)) from None
    if not found:
        raise Refused(f"no line of flow {flow_id!r} in {path or 'the last lines of the log'}")
    if not as_json:
        show(found, Wanted(level="debug"), as_json=False, grouped=True)
    return {"flow_id": flow_id, "lines": found}
