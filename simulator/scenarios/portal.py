"""What the administrator does: new subscriptions, and every change of their settings.

A change that the gateway refuses is remembered; a step must speak of it (play.py).

Not here: what subscribers do (acts.py).
"""

from collections.abc import Mapping
from itertools import count
from typing import Any, Final

from simulator.gateway_client import GatewayError, Json
from simulator.scenarios import acts
from simulator.scenarios.acts import Call
from simulator.scenarios.scene import Person, Scene
from simulator.scenarios.speech import say
from simulator.scenarios.values import MICRO, euro, size

FIRST_NUMBER: Final = 31_610_000_001
MEGABYTE: Final = 10**6
GIGABYTE: Final = 10**9


async def subscriber(scene: Scene, call: Call, **settings: Any) -> None:  # noqa: ANN401 - what the portal takes
    await _subscribe(scene, {"name": call.values[0], **settings})


async def subscriber_with_limit(scene: Scene, call: Call) -> None:
    name, ueur = call.values
    await _subscribe(scene, {"name": name, "cost_limit_eur": _euros(ueur)})


async def subscriber_with_bundle(scene: Scene, call: Call) -> None:
    """With at most so many a month, where the step says how many."""
    name, bundle, *most = call.values
    maximum = {"max_per_month": most[0]} if most else {}
    await _subscribe(scene, {"name": name, "bundles": [bundle], **maximum})


async def subscriber_with_both(scene: Scene, call: Call) -> None:
    name, ueur, bundle = call.values
    await _subscribe(scene, {"name": name, "cost_limit_eur": _euros(ueur), "bundles": [bundle]})


async def subscribers(scene: Scene, call: Call) -> None:
    for row in call.table:
        await _subscribe(scene, dict(row))


async def _subscribe(scene: Scene, row: dict[str, Any]) -> None:
    name = row.pop("name")
    taken = {person.number for person in scene.people.values()}
    number = row.pop("number", "") or next(
        one for one in (f"+{FIRST_NUMBER + n}" for n in count()) if one not in taken
    )
    if "combi_of" in row:
        await _combi(scene, name, number, scene.person(row["combi_of"]))
        return
    place, most = row.pop("place", None), row.pop("max_per_month", None)
    language = row.get("language", scene.language)
    scene.people[name] = Person(name, scene.world.handset(number, name, language))
    options = {
        bundle: {"enabled": True, **({"max_per_month": most} if most else {})} for bundle in row.pop("bundles", ())
    }
    settings = {"language": language, **row, **({"bundles": options} if options else {})}
    await scene.pair.client.put_subscription(number, settings)
    if place:
        await scene.world.settle()
        await acts.is_in(scene, Call((name, place)))


async def _combi(scene: Scene, name: str, number: str, parent: Person) -> None:
    """A second SIM under a subscription, with a number and a whereabouts of its own (A11, Q47)."""
    handset = scene.world.handset(number, name, parent.handset.language)
    scene.people[name] = Person(name, handset, parent=parent)
    sims = (await scene.pair.client.subscription(parent.number))["sims"]
    combi = {"role": "combi", "msisdn": number, "imsi": f"204{number[1:].rjust(12, '0')}"}
    try:
        await scene.pair.client.patch_subscription(parent.number, {"sims": [*sims, combi]})
    except GatewayError as error:
        if error.status not in (409, 422):
            raise
        scene.refused, scene.refusal = str(error).partition("→ ")[2], error


async def has_watch(scene: Scene, call: Call) -> None:
    """A second SIM with the same number (D4); each of the two then needs an IMSI."""
    person = scene.person(call.values[0])
    phone = {"role": "primary", "imsi": f"2048{person.number[1:].rjust(11, '0')}"}
    watch = {"role": "multisim", "imsi": acts.watch_imsi(person.number)}
    await _patch(scene, person, {"sims": [phone, watch]}, "watch")


async def has_switched_off(scene: Scene, call: Call) -> None:
    name, code = call.values
    await _patch(scene, scene.person(name), {"preferences": {code: False}}, "switch_off", value=code)


async def is_blocked(scene: Scene, call: Call) -> None:
    """Arranges that data outside the EU is blocked for this reason, in the way it happens in life."""
    name, reason = call.values
    person = scene.person(name)
    match reason:
        case "COST_LIMIT":
            view = await scene.pair.client.subscription(person.number)
            await acts.use_worth(scene, Call((name, view["cost"]["limit_eur"] * MICRO)))
        case "NO_BUNDLE_OPTION":
            off = {bundle: {"enabled": False} for bundle in ("A", "B", "ROW", "WORLD")}
            await _patch(scene, person, {"bundles": off}, "no_bundles")
        case "ZERO_BUNDLE":
            await _patch(scene, person, {"bundle_gb": 0}, "zero")
        case "ADMIN_ROAMING":
            await _patch(scene, person, {"blocks": {"roaming": True}}, "roaming_on")
        case "ADMIN_DATA_NON_EU":
            await _patch(scene, person, {"blocks": {"data_outside_eu": True}}, "data_outside_eu_on")
        case _:
            raise ValueError(f"{reason} is no way to block data outside the EU")


async def hard_cap(scene: Scene, call: Call, *, on: bool) -> None:
    await _patch(scene, scene.person(call.values[0]), {"hard_cap": on}, "cap_on" if on else "cap_off")


async def pool(scene: Scene, call: Call) -> None:
    """A shared bundle is what a customer's subscriptions of one size make together (A2)."""
    customer, volume, names = call.values
    each = volume // len(names) // GIGABYTE
    for name in names:
        await _patch(scene, scene.person(name), {"customer": customer, "bundle_gb": each}, "pool", value=customer)


async def set_cost_limit(scene: Scene, call: Call) -> None:
    name, ueur = call.values
    shown = euro(ueur, scene.language)
    await _patch(scene, scene.person(name), {"cost_limit_eur": _euros(ueur)}, "limit", value=shown)


async def switch_bundle(scene: Scene, call: Call, *, on: bool) -> None:
    bundle, name = call.values
    told = "bundle_on" if on else "bundle_off"
    await _patch(scene, scene.person(name), {"bundles": {bundle: {"enabled": on}}}, told, bundle=bundle)


async def set_maximum(scene: Scene, call: Call) -> None:
    bundle, name, most = call.values
    patch = {"bundles": {bundle: {"max_per_month": most}}}
    await _patch(scene, scene.person(name), patch, "maximum", bundle=bundle, value=most)


async def block(scene: Scene, call: Call, *, what: str, on: bool) -> None:
    await _patch(scene, scene.person(call.values[0]), {"blocks": {what: on}}, f"{what}_{'on' if on else 'off'}")


async def set_usage_alert(scene: Scene, call: Call) -> None:
    name, volume = call.values
    gb = volume // GIGABYTE if volume % GIGABYTE == 0 else volume / GIGABYTE
    shown = size(volume, scene.language)
    await _patch(scene, scene.person(name), {"usage_alert_gb": gb}, "alert", value=shown)


async def set_roaming_limit(scene: Scene, call: Call) -> None:
    name, volume = call.values
    shown = size(volume, scene.language)
    patch = {"roaming_limit_mb": volume // MEGABYTE}
    await _patch(scene, scene.person(name), patch, "roaming_limit", value=shown)


async def _patch(scene: Scene, person: Person, patch: Json, told: str, **words: object) -> None:
    """A change at the portal; `told` is how the conversation names it."""
    await change(scene, person, patch, say(f"portal_{told}", scene.language, **words))


async def change(scene: Scene, person: Person, patch: Json, told: str) -> None:
    """Any change; `told` is what it is in words."""
    scene.happened(person, say("portal", scene.language, what=told))
    person.acted()
    try:
        await scene.pair.client.patch_subscription(person.owner, patch)
    except GatewayError as error:
        if error.status not in (409, 422):
            raise
        scene.refusal = error
        problem = error.problem if isinstance(error.problem, Mapping) else {}
        faults = [f"{one.get('pointer')}: {one.get('message')}" for one in problem.get("errors") or ()]
        scene.refused = "; ".join(faults) or str(error).partition("→ ")[2]


def _euros(ueur: int) -> float | int:
    return ueur // MICRO if ueur % MICRO == 0 else ueur / MICRO
