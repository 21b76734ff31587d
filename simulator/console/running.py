"""The verbs about the running world: clock, advance, status, receipts.

Not here: how an answer looks (shown.py), what the actions do (world.py and control_… , one folder up).
"""

from collections.abc import Callable
from datetime import datetime
from time import perf_counter
from typing import Final, TypeVar

import click

from simulator.console import shown
from simulator.console.door import Door, Json, Refused, verb
from simulator.console.moments import CLOCK_WORDS, BadWord, moment, nearest, span
from simulator.profiles import PROFILES

VERBS: Final = ("now", "to", "next-month")
T = TypeVar("T")


@click.command()
@click.argument("words", nargs=-1, metavar="[now | +SPAN | to MOMENT | next-month]")
@verb("clock")
def clock(door: Door, *, words: tuple[str, ...], as_json: bool) -> Json:
    """What time it is; or moves the virtual clock, with a line for each instant at which something fell due.

    +31d, +2h30m, to 2026-12-01, to "2026-12-01 10:15", to 10:15, next-month.
    """
    status = door.get("/status")
    match words:
        case () | ("now",):
            if not as_json:
                due = f"   next due {shown.when(status['next_due'])}" if status["next_due"] else ""
                shown.say(f"  {shown.when(status['now'])}   {status['clock']}{due}")
            return {key: status[key] for key in ("now", "clock", "next_due")}
        case ("next-month",):
            body: Json = {"next_month": True}
        case ("to", *rest) if rest:
            body = {"to": _read(lambda: moment(" ".join(rest), datetime.fromisoformat(status["now"])).isoformat())}
        case (word,) if word.startswith("+"):
            body = {"by_s": _read(lambda: span(word).total_seconds())}
        case _:
            told = " ".join(words)
            raise click.UsageError(f"{told!r}: allowed are {', '.join(CLOCK_WORDS)}{nearest(words[0], VERBS)}")
    return _move(door, body, as_json=as_json)


@click.command()
@click.argument("seconds", type=float)
@verb("advance")
def advance(door: Door, *, seconds: float, as_json: bool) -> Json:
    """Moves the virtual clock on by SECONDS; `clock +1h` says the same."""
    return _move(door, {"by_s": seconds}, as_json=as_json)


def _move(door: Door, body: Json, *, as_json: bool) -> Json:
    began_s = perf_counter()
    instants: list[Json] = []
    end: Json = {}

    def heard(line: Json) -> None:
        if "done" in line:
            end.update(line)
            return
        instants.append(line)
        if not as_json:
            shown.instant(line)

    door.stream("/clock/steps", body, heard)
    took_ms = round((perf_counter() - began_s) * 1000)
    if not end.get("done"):
        raise Refused(end.get("error") or "the answer broke off")
    if not as_json:
        count = f"{end['instants']} due instant{'s' if end['instants'] != 1 else ''}"
        shown.say(f"  {shown.when(end['from'])} → {shown.when(end['now'])}   {count}   {took_ms} ms")
    return {"from": end["from"], "now": end["now"], "instants": instants, "took_ms": took_ms}


def _read(how: Callable[[], T]) -> T:
    try:
        return how()
    except BadWord as error:
        raise click.UsageError(str(error)) from None


@click.command()
@verb("status")
def status(door: Door, *, as_json: bool) -> Json:
    """How gateway, SMSC, clock and faults stand."""
    found = door.get("/status")
    if not as_json:
        shown.status(found)
    return found


@click.command()
@click.argument("profile", type=click.Choice([*PROFILES]))
@click.option("--system-id", default="", help="For the messages of this account.")
@click.option("--number", default="", help="For the messages to this handset.")
@verb("receipts")
def receipts(door: Door, *, profile: str, system_id: str, number: str, as_json: bool) -> Json:
    """From now on receipts look as PROFILE has it, for an account or a handset."""
    if bool(system_id) is bool(number):
        raise click.UsageError("either --system-id or --number is needed")
    whose = {"system_id": system_id} if system_id else {"number": number}
    answer = door.put("/receipts", {"profile": profile, **whose})
    if not as_json:
        shown.say(f"  receipts of {system_id or number}: {profile}")
    return answer
