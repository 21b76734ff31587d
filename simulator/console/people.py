"""The verbs about people: phone, text, roam, use, reach, why.

Not here: how an answer looks (shown.py), what the actions do (world.py, one folder up).
"""

from dataclasses import dataclass
from itertools import takewhile
from time import perf_counter, sleep
from typing import Any, Final
from urllib.parse import quote

import click

from simulator.console import shown
from simulator.console.door import Door, Json, Refused, verb
from simulator.console.moments import BadWord, nearest, volume_bytes
from simulator.gateway_client import NO_GATEWAY
from simulator.reach import Reach

REACHES: Final = tuple(one.value for one in Reach)
LANGUAGES: Final = ("nl", "en", "de", "fr")
LOOK_AGAIN_S: Final = 0.05
OPTIONS: Final = ("A", "B", "ROW", "WORLD")


wait_option = click.option(
    "--wait-s", default=2.0, show_default=True, help="How long an answer is waited for on a clock that runs by itself."
)


@dataclass(frozen=True, slots=True)
class Action:
    """What somebody does: `what` is the end of its path, `wait_s` how long an answer is waited for in real time."""

    who: str
    what: str
    body: Json
    wait_s: float


def path(who: str, rest: str = "") -> str:
    return f"/handsets/{quote(who, safe='')}{rest}"


@click.command()
@click.argument("words", nargs=-1, metavar="[WHO [on|off|full|roaming|detached]] | add NAME [NUMBER]")
@click.option("--language", default="nl", help=f"Of a new one: {', '.join(LANGUAGES)}.")
@click.option("--limit", type=int, default=None, help="Of a new one: its cost limit in euro.")
@click.option("--option", "options", multiple=True, help=f"Of a new one: bundle options ({', '.join(OPTIONS)}).")
@verb("phone")
def phone(door: Door, *, words: tuple[str, ...], as_json: bool, **settings: Any) -> Json:  # noqa: ANN401
    """The phones; one's conversation; switches one off and on; or makes a new one with a subscription."""
    match words:
        case ():
            answer = door.get("/handsets")
            if not as_json:
                shown.phones(answer["items"])
        case ("add", name, *rest) if len(rest) <= 1:
            answer = _add(door, name, rest[0] if rest else "", settings, as_json=as_json)
        case (who,):
            answer = door.get(path(who))
            if not as_json:
                shown.phones([answer])
                shown.conversation(answer["name"], answer["conversation"])
        case (who, state):
            answer = _reach(door, who, state, as_json=as_json)
        case _:
            raise click.UsageError("phone takes nothing, WHO, WHO with a state, or: add NAME [NUMBER]")
    return answer


def _add(door: Door, name: str, number: str, settings: Json, *, as_json: bool) -> Json:
    wrong = [option for option in settings["options"] if option not in OPTIONS]
    if wrong:
        raise click.UsageError(f"--option {wrong[0]!r}: allowed are {', '.join(OPTIONS)}")
    wanted: Json = {"bundles": {option: {"enabled": True} for option in settings["options"]}}
    if settings["limit"] is not None:
        wanted["cost_limit_eur"] = settings["limit"]
    body = {"name": name, "number": number, "language": settings["language"], "settings": wanted}
    answer = door.post("/phones", body)
    if not as_json:
        subscription = "with a subscription" if answer["subscription"] else f"without a subscription: {NO_GATEWAY}"
        shown.say(f"  {answer['name']} has {answer['number']}, {subscription}")
    return answer


def _reach(door: Door, who: str, state: str, *, as_json: bool) -> Json:
    if state not in REACHES:
        raise click.UsageError(f"{state!r}: allowed are {', '.join(REACHES)}{nearest(state, REACHES)}")
    answer = door.put(path(who, "/reach"), {"reach": state})
    if not as_json:
        shown.say(f"  {who} is {state}")
        for line in answer.get("replies", ()):
            shown.arrow(line["peer"], who, line["text"], "cyan")
    return answer


@click.command()
@click.argument("who")
@click.argument("state", type=click.Choice(REACHES))
@verb("reach")
def reach(door: Door, *, who: str, state: str, as_json: bool) -> Json:
    """A handset is switched off, full, roaming, out of coverage, or on again."""
    return _reach(door, who, state, as_json=as_json)


@click.command()
@click.argument("who")
@click.argument("text")
@click.option("--to", default="1330", show_default=True, help="The number it is sent to.")
@wait_option
@verb("text")
def text(door: Door, *, who: str, text: str, to: str, wait_s: float, as_json: bool) -> Json:
    """WHO sends TEXT; what comes back."""
    return _done(door, Action(who, "/texts", {"text": text, "to": to}, wait_s), as_json=as_json)


@click.command()
@click.argument("who")
@click.argument("place", nargs=-1, required=True)
@wait_option
@verb("roam")
def roam(door: Door, *, who: str, place: tuple[str, ...], wait_s: float, as_json: bool) -> Json:
    """WHO registers in PLACE: a country in Dutch or English, an ISO code, or a network (310-410)."""
    action = Action(who, "/roam", {"to": " ".join(place)}, wait_s)
    return _done(door, action, as_json=as_json)


@click.command()
@click.argument("who")
@click.argument("volume", nargs=-1, required=True)
@wait_option
@verb("use")
def use(door: Door, *, who: str, volume: tuple[str, ...], wait_s: float, as_json: bool) -> Json:
    """WHO uses VOLUME of data where it is: 4 (MB), 500kB, 1.5GB."""
    try:
        amount = volume_bytes(" ".join(volume))
    except BadWord as error:
        raise click.UsageError(str(error)) from None
    return _done(door, Action(who, "/use", {"bytes": amount}, wait_s), as_json=as_json)


def _done(door: Door, action: Action, *, as_json: bool) -> Json:
    """An action, and what the gateway says it made of it."""
    who, began_s = action.who, perf_counter()
    seen = _conversation(door, who) if action.wait_s else []
    before = _told(door, who, 1)[0] if action.wait_s else []
    answer = door.post(path(who, action.what), action.body)
    if not answer["replies"] and not answer.get("blocked") and action.wait_s:
        answer["replies"] = _late(door, action, len(seen), began_s)
    answer["settled_ms"] = round((perf_counter() - began_s) * 1000, 1)
    answer["told"], answer["untold"] = [], ""
    if not answer.get("blocked"):
        items, answer["untold"] = _told(door, who, max(len(answer["replies"]), 1))
        answer["told"] = _since(items, before)
    if as_json:
        return answer
    if "text" in action.body:
        shown.arrow(who, action.body["to"], action.body["text"], "green")
    shown.settled(who, answer)
    return answer


def _conversation(door: Door, who: str) -> list[Json]:
    """None of somebody nobody has heard of yet."""
    try:
        lines: list[Json] = door.get(path(who))["conversation"]
    except Refused:
        return []
    return lines


def _late(door: Door, action: Action, seen: int, began_s: float) -> list[Json]:
    """On a clock that runs by itself an answer takes its time: it is waited for a moment."""
    if door.get("/status")["clock"] == "virtual":
        return []
    while perf_counter() - began_s < action.wait_s:
        replies = [line for line in _conversation(door, action.who)[seen:] if line["direction"] == "in"]
        if replies:
            return replies
        sleep(LOOK_AGAIN_S)
    return []


def _told(door: Door, who: str, count: int) -> tuple[list[Json], str]:
    """The newest decisions, or why there are none: no gateway can be asked, or it knows nobody with that number."""
    try:
        items: list[Json] = door.get(path(who, "/why"), limit=str(count))["items"]
    except Refused as refused:
        return [], str(refused)
    return items, ""


def _since(items: list[Json], before: list[Json]) -> list[Json]:
    """Those of a later flow than what was the newest: an older decision says nothing of what was done now."""
    flows = {one["flow_id"] for one in before if one["flow_id"]}
    return list(takewhile(lambda one: one["flow_id"] not in flows, items))


@click.command()
@click.argument("who")
@click.argument("kind", default="")
@click.option("--limit", type=click.IntRange(min=1), default=5, show_default=True, help="How many, the newest first.")
@verb("why")
def why(door: Door, *, who: str, kind: str, limit: int, as_json: bool) -> Json:
    """Why WHO got a text or none; KIND as cost_80, or by its public name."""
    answer = door.get(path(who, "/why"), kind=kind, limit=str(limit))
    if kind and not answer["items"]:
        known = [name for name in answer["kinds"] if name]
        raise Refused(f"nothing of {kind!r} was decided for {who}{nearest(kind, known)}")
    if not as_json:
        shown.reasons(answer["items"])
    return answer
