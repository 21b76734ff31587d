"""The part of the simulator's HTTP door where faults are armed: what may go wrong, what shall, and how often it has.

    GET    /faults                    what is armed with its hits, what can be armed, and the numbers that are faults
    POST   /faults                    {"fault": "smsc.throttle", "phone": "Anna", "times": 3, "every": 2, "for_s": 60,
                                      "probability": 0.5, "rate_per_s": 2}: all but the fault may be left out; without
                                      times it strikes once, with null until it is cleared
    DELETE /faults, /faults/{fault}   clears all, or those of that name

A fault goes by its id, or by its Dutch or English name. Those that need a gateway of our own (a crash, a broken
database) are for scenarios and answered 422.

Not here: what a fault does (faults.py, misconduct.py), its names (faultnames.py).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from simulator.faultnames import FAULTS, FaultName, find_fault
from simulator.faults import Fault
from simulator.jsonbody import json_object, json_string
from simulator.magic import NUMBERS

if TYPE_CHECKING:
    from simulator.world import World

ARMABLE: Final = tuple(one for one in FAULTS if one.point is not None)
MEMBERS: Final = ("fault", "phone", "times", "every", "for_s", "probability", "rate_per_s")
LASTS_MAX_S: Final = 366 * 86_400


class FaultsDoor:
    """The handlers, for one World."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._armed: list[tuple[FaultName, Fault]] = []

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/faults", self._list),
            web.post("/faults", self._arm),
            web.delete("/faults", self._clear),
            web.delete("/faults/{fault}", self._clear),
        ]

    async def _list(self, request: web.Request) -> web.StreamResponse:
        del request
        return web.json_response(
            {
                "armed": [self._view(fault) for fault in self._world.faults.all if not self._over(fault)],
                "spent": [self._view(fault) for fault in self._world.faults.all if self._over(fault)],
                "faults": [
                    {"id": one.id, "nl": one.nl, "en": one.en, "scopes": list(one.scopes), "here": one in ARMABLE}
                    for one in FAULTS
                ],
                "numbers": [{"digits": one.digits, "nl": one.nl, "en": one.en} for one in NUMBERS],
            }
        )

    async def _arm(self, request: web.Request) -> web.StreamResponse:
        body = json_object(await request.read(), *MEMBERS)
        wanted = self._find(json_string(body, "fault"))
        number = self._world.person(json_string(body, "phone")).number if body.get("phone") is not None else None
        if number is not None and "who" not in wanted.scopes:
            raise ValueError(f"{wanted.id} is no fault of a single phone; leave out the phone")
        lasts = self._number(body, "for_s", LASTS_MAX_S)
        scope: dict[str, Any] = {}
        if "times" in body:
            scope["times"] = None if body["times"] is None else int(self._number(body, "times", 1e6) or 1)
        elif lasts is not None:
            scope["times"] = None
        for key, most in (("every", 1e6), ("probability", 1.0), ("rate_per_s", 1e6)):
            found = self._number(body, key, most)
            if found is not None:
                scope[key] = int(found) if key == "every" else found
        fault = self._world.arm(
            wanted, number=number, lasts=None if lasts is None else timedelta(seconds=lasts), **scope
        )
        self._armed.append((wanted, fault))
        return web.json_response(self._view(fault))

    async def _clear(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info.get("fault", "")
        wanted = self._find(name) if name else None
        cleared = []
        for fault in [one for faults in self._world.faults.armed.values() for one in faults]:
            if wanted is None or self._name(fault) is wanted:
                self._world.faults.clear(fault)
                cleared.append(self._view(fault))
        return web.json_response({"cleared": cleared})

    @contextmanager
    def watched(self) -> Iterator[list[dict[str, Any]]]:
        """At the end the faults that struck meanwhile, with how often: `hits` are those only."""
        struck: list[dict[str, Any]] = []
        before = {id(fault): fault.hits for fault in self._world.faults.all}
        yield struck
        for fault in self._world.faults.all:
            hits = fault.hits - before.get(id(fault), 0)
            if hits:
                struck.append({**self._view(fault), "hits": hits})

    # --- inside ------------------------------------------------------------------------------------------

    @staticmethod
    def _find(name: str) -> FaultName:
        found = find_fault(name, "nl") or find_fault(name, "en")
        if found is None:
            names = [word for one in ARMABLE for word in (one.id, one.nl, one.en)]
            near = get_close_matches(name.casefold(), names, n=2, cutoff=0.4)
            hint = f"did you mean {' or '.join(near)}?" if near else "GET /faults lists them"
            raise ValueError(f"no fault {name!r}; {hint}")
        return found

    @staticmethod
    def _number(body: Mapping[str, Any], key: str, most: float) -> float | None:
        value = body.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= most:
            raise ValueError(f"{key}: a number above 0, at most {most:g}, is needed, found {value!r}")
        return float(value)

    def _name(self, fault: Fault) -> FaultName | None:
        return next((name for name, armed in self._armed if armed is fault), None)

    def _over(self, fault: Fault) -> bool:
        return not any(fault is one for faults in self._world.faults.armed.values() for one in faults)

    def _view(self, fault: Fault) -> dict[str, Any]:
        name = self._name(fault)
        who = self._world.handsets.get(fault.number) if fault.number else None
        return {
            "fault": name.id if name is not None else fault.effect,
            "nl": name.nl if name is not None else "",
            "en": name.en if name is not None else "",
            "phone": who.name if who is not None else fault.number,
            "times": fault.times,
            "every": fault.every,
            "probability": fault.probability,
            "hits": fault.hits,
        }
