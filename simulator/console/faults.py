"""The verbs about what shall go wrong: fault arm, list, clear, numbers.

Not here: what a fault does (faults.py and the modules it names, one folder up).
"""

from typing import Final
from urllib.parse import quote

import click

from simulator.console import shown
from simulator.console.door import Door, Json, tell, verb
from simulator.console.moments import BadWord, span
from simulator.console.words import Suggesting
from simulator.magic import NUMBERS

NAME_COLUMNS: Final = 22


@click.group(cls=Suggesting)
def fault() -> None:
    """What shall go wrong: arm it, list it, clear it."""


@fault.command("arm")
@click.argument("name", nargs=-1, required=True)
@click.option("--next", "times", type=click.IntRange(min=1), default=None, help="Strikes so many times. [default: 1]")
@click.option("--until-cleared", is_flag=True, help="Strikes until it is cleared.")
@click.option("--phone", default=None, metavar="WHO", help="Only this one.")
@click.option("--every", type=click.IntRange(min=1), default=None, help="Only each so many-th.")
@click.option("--for", "lasts", default=None, metavar="SPAN", help="So long on the business clock, as 10m.")
@click.option("--probability", type=click.FloatRange(0, 1), default=None, help="By chance, seeded.")
@click.option("--rate", "rate_per_s", type=float, default=None, help="Of a rate limit: so many a second pass.")
@verb("fault")
def arm(
    door: Door,
    *,
    name: tuple[str, ...],
    times: int | None,
    until_cleared: bool,
    lasts: str | None,
    as_json: bool,
    **scope: object,
) -> Json:
    """Arms a fault by its id (smsc.throttle) or its Dutch or English name."""
    body: Json = {"fault": " ".join(name), **{key: value for key, value in scope.items() if value is not None}}
    if until_cleared and times is not None:
        raise click.UsageError("--next and --until-cleared exclude each other")
    if until_cleared or times is not None:
        body["times"] = times
    if lasts is not None:
        try:
            body["for_s"] = span(lasts).total_seconds()
        except BadWord as error:
            raise click.UsageError(str(error)) from None
    answer = door.post("/faults", body)
    if not as_json:
        shown.say(f"  armed {_line(answer)}", "red")
    return answer


@fault.command("list")
@click.option("--all", "everything", is_flag=True, help="Also what can be armed.")
@verb("fault")
def listed(door: Door, *, everything: bool, as_json: bool) -> Json:
    """What is armed, and what has struck."""
    answer = door.get("/faults")
    catalogue = answer["faults"]
    if not everything:
        del answer["faults"], answer["numbers"]
    if not as_json:
        for one in answer["armed"]:
            shown.say(f"  armed {_line(one)}", "red")
        for one in answer["spent"]:
            shown.say(f"  over  {_line(one)}", "dim")
        if not answer["armed"] and not answer["spent"]:
            shown.say("  nothing is armed")
        for one in catalogue if everything else ():
            where = "" if one["here"] else "   (in scenarios only)"
            shown.say(f"  {one['id']:<{NAME_COLUMNS}} {one['nl']} | {one['en']}{where}")
    return answer


@fault.command("clear")
@click.argument("name", nargs=-1)
@verb("fault")
def clear(door: Door, *, name: tuple[str, ...], as_json: bool) -> Json:
    """Clears all faults, or those of that name."""
    answer = door.delete(f"/faults/{quote(' '.join(name), safe='')}" if name else "/faults")
    if not as_json:
        for one in answer["cleared"]:
            shown.say(f"  cleared {_line(one)}")
        if not answer["cleared"]:
            shown.say("  nothing was armed")
    return answer


@fault.command("numbers")
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
def numbers(*, as_json: bool) -> None:
    """The numbers that are faults by themselves, by their last four digits."""
    if as_json:
        tell("fault", {"numbers": [{"digits": one.digits, "nl": one.nl, "en": one.en} for one in NUMBERS]})
        return
    for one in NUMBERS:
        shown.say(f"  …{one.digits}   {one.nl} | {one.en}")


def _line(one: Json) -> str:
    """As: smsc.throttle (SMSC says: too busy) next 3 of Anna   hits 0/3"""
    scope = []
    if one["every"] > 1:
        scope.append(f"each {one['every']}th")
    if one["probability"] < 1:
        scope.append(f"{one['probability']:.0%} of them")
    scope.append(f"next {one['times']}" if one["times"] is not None else "until cleared")
    if one["phone"]:
        scope.append(f"of {one['phone']}")
    most = f"/{one['times']}" if one["times"] is not None else ""
    return f"{shown.fault_name(one)} {', '.join(scope)}   hits {one['hits']}{most}"
