"""What the people in a scenario do, and the clock: one function a Given or When phrase.

An act says what happens and does not wait: the runner settles after each step (play.py), or once after all that
happen at the same time. Only acts that move the clock settle on their way.

Not here: which words lead to which act (vocabulary.py), the administrator (portal.py), what goes wrong (trouble.py),
what is expected (checks.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from aiohttp import ClientError

from simulator.clock import AMSTERDAM
from simulator.gateway_client import GatewayError, Json
from simulator.places import Place
from simulator.scenarios.catalogue import prices_ueur_per_mb
from simulator.scenarios.scene import Failure, Person, Scene
from simulator.scenarios.speech import say
from simulator.scenarios.values import euro, size, stamp
from simulator.settle import NotQuiet

MEGABYTE: Final = 10**6
UNAVAILABLE: Final = 503
STEPS_MAX: Final = 1000
"""Pieces in which a volume may be used."""


@dataclass(frozen=True, slots=True)
class Call:
    """A step as understood: the values in it, in the order of its phrase, and its table."""

    values: tuple[Any, ...]
    table: Any = None


# --- Given -----------------------------------------------------------------------------------------------


async def clock_at(scene: Scene, call: Call) -> None:
    """The pair was started at this moment; nothing is left to do."""
    del scene, call


async def is_in(scene: Scene, call: Call) -> None:
    name, place = call.values
    person = scene.person(name)
    await _roam(scene, person, place, "is_in")


async def has_used(scene: Scene, call: Call) -> None:
    await use_worth(scene, call)


async def phone_is_off(scene: Scene, call: Call) -> None:
    await phone(scene, call, on=False)


# --- people ----------------------------------------------------------------------------------------------


async def travel(scene: Scene, call: Call) -> None:
    name, place = call.values
    await _roam(scene, scene.person(name), place, "travels")


async def go_home(scene: Scene, call: Call) -> None:
    await _roam(scene, scene.person(call.values[0]), "NL", "home")


async def switch_network(scene: Scene, call: Call) -> None:
    name, plmn = call.values
    await _roam(scene, scene.person(name), plmn, "network")


async def text(scene: Scene, call: Call) -> None:
    name, words, to = call.values
    person = scene.person(name)
    person.acted()
    scene.wrote(person, words, to)
    scene.world.smsc.post_mo(person.number, to, words)


async def reply(scene: Scene, call: Call) -> None:
    name, words = call.values
    await text(scene, Call((name, words, scene.world.service)))


async def stranger_texts(scene: Scene, call: Call) -> None:
    """Somebody without a subscription."""
    words, to = call.values
    scene.world.smsc.post_mo("+31699999999", to, words)


async def phone(scene: Scene, call: Call, *, on: bool) -> None:
    person = scene.person(call.values[0])
    scene.happened(person, say("phone_on" if on else "phone_off", scene.language))
    person.handset.on = on
    if on:
        scene.world.smsc.centre.reachable_again(person.number)


# --- data ------------------------------------------------------------------------------------------------


async def use(scene: Scene, call: Call, *, leak: bool = False) -> None:
    name, volume = call.values
    await _use(scene, scene.person(name), volume, leak=leak)


async def use_in_steps(scene: Scene, call: Call) -> None:
    name, volume, piece = call.values
    person = scene.person(name)
    for _ in range(min(-(-volume // piece), STEPS_MAX)):
        used = await _use(scene, person, min(piece, volume))
        await scene.world.settle()
        volume -= piece
        if not used:
            return


async def use_worth(scene: Scene, call: Call) -> None:
    name, ueur = call.values
    person = scene.person(name)
    zone = scene.world.network.location(person.number, scene.now).place.zone(scene.now)
    price = prices_ueur_per_mb()[zone]
    volume, rest = divmod(ueur * MEGABYTE, price)
    if rest:
        language = scene.language
        why = say("exact_bytes", language, found=euro(ueur, language), price=euro(price, language))
        raise Failure("broke", {"why": why}, who=person)
    await _use(scene, person, volume, worth_ueur=ueur)


async def used_earlier(scene: Scene, call: Call) -> None:
    """A record that comes late: its use lies in the past."""
    name, volume, at = call.values
    person, language = scene.person(name), scene.language
    told = say("late_use", language, volume=size(volume, language), at=stamp(at, language))
    await _late(scene, person, volume, told, used_at=at)


async def used_between(scene: Scene, call: Call) -> None:
    """A late record of use that went on for a while (Q22)."""
    name, volume, start, at = call.values
    person, language = scene.person(name), scene.language
    words = {"volume": size(volume, language), "start": stamp(start, language), "at": stamp(at, language)}
    await _late(scene, person, volume, say("late_span", language, **words), used_at=at, started_at=start)


async def used_negatively(scene: Scene, call: Call) -> None:
    """A correction that takes something off (Q28)."""
    name, volume = call.values
    person = scene.person(name)
    told = say("negative_use", scene.language, volume=size(volume, scene.language))
    await _late(scene, person, -volume, told, used_at=scene.now)


async def _late(scene: Scene, person: Person, volume: int, told: str, **instants: datetime) -> None:
    person.acted()
    scene.happened(person, told)
    made = scene.world.network.use(person.number, abs(volume), scene.now, leak=True).event
    assert made is not None
    times = {name: at.isoformat() for name, at in instants.items()}
    await _post(scene, {**made, "data": {**made["data"], "bytes": volume, **times}})


async def _use(scene: Scene, person: Person, volume: int, *, worth_ueur: int = 0, leak: bool = False) -> bool:
    """False when the network refused."""
    language = scene.language
    made = scene.world.network.use(person.number, volume, scene.now, leak=leak)
    place = scene.world.network.location(person.number, scene.now).place
    words: Mapping[str, object] = {
        "volume": size(volume, language),
        "worth": f" ({euro(worth_ueur, language)})" if worth_ueur else "",
        "place": place.nl if language == "nl" else place.en,
    }
    key = "refused_data" if made.event is None else "leaked" if made.blocked else "used"
    scene.happened(person, say(key, language, **words))
    if made.event is None:
        person.refused_use = True
        return False
    person.acted()
    await _post(scene, made.event)
    return True


async def same_event_again(scene: Scene, call: Call) -> None:
    del call
    event = scene.pair.client.last_event
    if event is None:
        raise Failure("nothing_to_repeat")
    number = event["data"].get("msisdn")
    for person in scene.people.values():
        if person.number == number:
            scene.happened(person, say("again", scene.language))
            # Its second judgement makes no decision: the answer tells.
    await _post(scene, event)


async def _post(scene: Scene, event: Json) -> None:
    try:
        result = await scene.pair.client.post_event(event)
    except (ClientError, TimeoutError, GatewayError) as error:
        refused_for_good = isinstance(error, GatewayError) and error.status != UNAVAILABLE
        if refused_for_good or not await scene.revive():
            raise
        # As a producer does with what nobody answered.
        result = await scene.pair.client.post_event(event)
    if result.get("status") not in ("accepted", "duplicate", "held"):
        errors = result.get("errors") or [result]
        first = errors[0]
        scene.refused = str(first.get("code") or first.get("message") or first.get("detail") or result["status"])


async def was_in(scene: Scene, call: Call) -> None:
    """A location that is told late: the handset is elsewhere by now (Q27)."""
    name, at, plmn = call.values
    person, language = scene.person(name), scene.language
    place = scene.world.places.at(plmn)
    assert place is not None
    shown = place.nl if language == "nl" else place.en
    scene.happened(person, say("late_place", language, place=shown, at=stamp(at, language)))
    person.acted()
    await _post(scene, scene.world.network.seen(person.number, plmn, at))


async def watch_travels(scene: Scene, call: Call) -> None:
    """The second SIM with the same number registers by itself (D4)."""
    name, plmn = call.values
    person, language = scene.person(name), scene.language
    place = scene.world.places.at(plmn)
    assert place is not None
    scene.happened(person, say("watch_travels", language, place=place.nl if language == "nl" else place.en))
    person.acted()
    await _post(scene, scene.world.network.seen(person.number, plmn, scene.now, imsi=watch_imsi(person.number)))


def watch_imsi(number: str) -> str:
    """The IMSI of the watch that goes with a number."""
    return f"2049{number[1:].rjust(11, '0')}"


async def switch_to_unknown(scene: Scene, call: Call) -> None:
    """A network that no sheet knows counts as the rest of the world (rules 4)."""
    name, plmn = call.values
    person = scene.person(name)
    names = ("een onbekend netwerk", "an unknown network")
    place = Place(plmn, "", *names, ((date.min, "ROW"),), {plmn: plmn})
    event = scene.world.network.register(person.number, place, plmn, scene.now)
    scene.happened(person, say("network", scene.language, network=plmn))
    person.acted()
    await _post(scene, event)


async def _roam(scene: Scene, person: Person, where: str, key: str) -> None:
    event = scene.world.network.roam(person.number, where, scene.now)
    place = scene.world.network.location(person.number, scene.now).place
    shown = place.nl if scene.language == "nl" else place.en
    network = place.networks.get(where, where)
    scene.happened(person, say(key, scene.language, place=shown, network=network))
    person.acted()
    await _post(scene, event)


# --- time ------------------------------------------------------------------------------------------------


async def becomes(scene: Scene, call: Call) -> None:
    await advance(scene, call.values[0])


async def passes(scene: Scene, call: Call) -> None:
    by: timedelta = call.values[0]
    # By the instant and not by the clock face: an hour of a night in which the clock changes is an hour.
    await advance(scene, scene.now.astimezone(UTC) + by)


async def next_month(scene: Scene, call: Call) -> None:
    del call
    now = scene.now.astimezone(AMSTERDAM)
    year, month = (now.year + 1, 1) if now.month == 12 else (now.year, now.month + 1)
    await advance(scene, datetime(year, month, 1, tzinfo=AMSTERDAM))


async def advance(scene: Scene, to: datetime) -> None:
    await scene.settle()
    try:
        await scene.world.advance(to=to)
    except (ClientError, TimeoutError, NotQuiet):
        if not await scene.revive():
            raise
        await scene.world.advance(to=to)
    scene.all_see(say("became", scene.language, at=scene.stamp()))


async def nothing(scene: Scene, call: Call) -> None:
    """The heading of acts at the same time; the acts follow (play.py)."""
    del scene, call
