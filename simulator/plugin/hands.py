"""What a test takes in hand besides its subscribers and the clock: network, portal and faults. One class a fixture.

Not here: acts and outcomes (stage.py, outcome.py), the gateway's own process and its log (watching.py).
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, Final

from simulator.faultnames import FAULTS, FaultName, find_fault
from simulator.gateway_client import Json
from simulator.plugin.outcome import Outcome
from simulator.plugin.quantities import micro_euro
from simulator.plugin.stage import LANGUAGE, Stage
from simulator.plugin.subscriber import Subscriber
from simulator.plugin.watching import written
from simulator.scenarios import acts, portal, trouble
from simulator.scenarios.acts import Call
from simulator.scenarios.pair import QUICK_TIMEOUT_S

SCOPE_NAMES: Final = {"who": "phone", "duration": "lasts"}
"""What a limit is called here where a scenario's table calls it otherwise."""


class NetworkHand:
    """The mobile network: where SIMs are, what data they use, and raw events."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def roam(self, who: Subscriber, where: str, *, operator: str = "") -> Outcome:
        return who.roam(where, operator=operator)

    def use(
        self, who: Subscriber, volume: str | int, *, at: datetime | str | None = None, leak: bool = False
    ) -> Outcome:
        return who.use(volume, at=at, leak=leak)

    def spend(self, who: Subscriber, amount: str | float | Decimal) -> Outcome:
        return who.spend(amount)

    def coverage(self, who: Subscriber, *, on: bool) -> Outcome:
        """Whether her handset can be reached; what waited for it comes when it can."""
        call = Call((who.name,))
        return self._stage.act(lambda: acts.phone(self._stage.scene, call, on=on), who)

    def inject(self, event: Json | str | Sequence[Json]) -> Outcome:
        """Posts an event as it is (a dict, or JSON), or a batch of them: `events` of the outcome are the answers."""
        found = json.loads(event) if isinstance(event, str) else event
        client = self._stage.lent.pair.client

        async def post() -> None:
            if isinstance(found, Mapping):
                await client.post_event(dict(found))
            else:
                client.results += await client.post_events(list(found))

        return self._stage.act(post)

    def repeat(self) -> Outcome:
        """The newest event once more, as a producer does that got no answer."""
        return self._stage.act(lambda: acts.same_event_again(self._stage.scene, Call(())))


class PortalHand:
    """What the administrator changes. GatewayError, with `status` and `problem`, when the portal refuses."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def set_cost_limit(self, who: Subscriber, limit_eur: str | float | Decimal) -> Outcome:
        call = Call((who.name, micro_euro(limit_eur)))
        return self._stage.act(lambda: portal.set_cost_limit(self._stage.scene, call), who)

    def enable_bundle(self, who: Subscriber, bundle: str, *, max_per_month: int | None = None) -> Outcome:
        option = {"enabled": True} | ({"max_per_month": max_per_month} if max_per_month is not None else {})
        most = f", at most {max_per_month} a month" if max_per_month is not None else ""
        return self._change(who, {"bundles": {bundle: option}}, f"bundle {bundle} on{most}")

    def disable_bundle(self, who: Subscriber, bundle: str) -> Outcome:
        return self._change(who, {"bundles": {bundle: {"enabled": False}}}, f"bundle {bundle} off")

    def block(self, who: Subscriber, what: str, *, on: bool = True) -> Outcome:
        """Blocks, or lifts a block: data_outside_eu, data_eu, roaming, …"""
        return self._change(who, {"blocks": {what: on}}, f"block {what} {'on' if on else 'off'}")

    def change(self, who: Subscriber, **settings: Any) -> Outcome:  # noqa: ANN401 - what the portal takes
        """Any settings (JSON merge patch)."""
        return self._change(who, settings, ", ".join(f"{name} {json.dumps(one)}" for name, one in settings.items()))

    def _change(self, who: Subscriber, patch: Json, told: str) -> Outcome:
        return self._stage.act(lambda: portal.change(self._stage.scene, who.person, patch, told), who)

    def view(self, who: Subscriber) -> Json:
        """What the portal shows of the subscription."""
        return who.view

    def erase(self, who: Subscriber) -> Outcome:
        """Erases the subscription's personal data."""
        client = self._stage.lent.pair.client
        return self._stage.act(lambda: client.delete_subscription(who.person.owner), who)


class FaultsHand:
    """What goes wrong on purpose. A fault that was armed and never struck fails the test."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def arm(
        self, fault: str, *, phone: Subscriber | None = None, lasts: timedelta | None = None, **scope: float | None
    ) -> Outcome:
        """Arms a fault by its id or English name; the outcome is that of one that happens at once.

        It strikes at one `phone` only, as long as it `lasts`, and as `scope` says: the next `times` (None: until it is
        cleared), `every` k-th, with a `probability`, above so many a second (`rate_per_s`).
        """
        wanted, scene = _fault(fault), self._stage.scene
        limits = {"who": phone.name if phone is not None else None, "duration": lasts}
        options = {**{name: value for name, value in limits.items() if value is not None}, **scope}
        for name in options.keys() - set(wanted.scopes):
            allowed = ", ".join(SCOPE_NAMES.get(one, one) for one in wanted.scopes) or "none"
            raise ValueError(f"{wanted.id}: {SCOPE_NAMES.get(name, name)} is no limit of it; allowed: {allowed}")

        async def arm() -> None:
            pair = self._stage.lent.pair
            if wanted.timed and pair.response_timeout_s > QUICK_TIMEOUT_S:
                # It is seen when the gateway gives up waiting, and this one would wait longer than a test does.
                pair.response_timeout_s = QUICK_TIMEOUT_S
                await scene.rest()
                await pair.restart()
            await trouble.arm(scene, Call((wanted,), options))

        return self._stage.act(arm)

    def clear(self, fault: str | None = None) -> Outcome:
        """Ends one fault, or all; a gateway that could not start starts."""
        scene = self._stage.scene
        armed = dict.fromkeys(one.name for one in scene.armed)
        ended = [_fault(name) for name in ([fault] if fault is not None else armed)]

        async def clear() -> None:
            for one in ended:
                await trouble.disarm(scene, Call((one,)))

        return self._stage.act(clear)

    def hits(self, fault: str) -> int:
        """How often it struck."""
        name = _fault(fault).name(LANGUAGE)
        self._stage.sim.run(written())
        self._stage.scene.count_told()
        return sum(armed.fault.hits for armed in self._stage.scene.armed if armed.name == name)


def is_timed(fault: str) -> bool:
    """Whether it is seen when the gateway gives up waiting for an answer."""
    return _fault(fault).timed


def needs_virtual_clock(fault: str) -> bool:
    """Whether it is one by which the gateway dies: it only does so where no business is real."""
    return _fault(fault).point is None


def _fault(name: str) -> FaultName:
    found = find_fault(name, LANGUAGE)
    if found is None:
        names = [one.id for one in FAULTS] + [one.name(LANGUAGE) for one in FAULTS]
        near = get_close_matches(name, names, n=1, cutoff=0.4)
        hint = f"; did you mean {near[0]!r}?" if near else f"; allowed: {', '.join(one.id for one in FAULTS)}"
        raise ValueError(f"there is no fault {name!r}{hint}")
    return found
