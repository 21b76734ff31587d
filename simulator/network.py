"""The mobile network: which handset is on which network, what data it uses, and what it may not use.

Pure: values in, CloudEvents out; `at` is an argument. It honours the data policies the gateway pushes, and knows
nothing of limits, rates or bundles: a handset that is blocked uses nothing, and no usage event is made (unless the
caller lets some leak, as real networks do).

Not here: sending events (gateway_client.py), SMS (smsc.py), where places come from (places.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from simulator import countries
from simulator.places import Place, Places

LOCATION: Final = "nl.sms1330.location.updated.v1"
USAGE: Final = "nl.sms1330.usage.reported.v1"
POLICY: Final = "nl.sms1330.data-policy.changed.v1"
HOME_REASONS: Final = frozenset({"ZERO_BUNDLE"})
"""The only reason that reaches into the home network (A8); the others are about roaming."""
SEEN_MAX: Final = 10_000
"""Policy ids remembered to tell a repeat from a change."""

CloudEvent = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DataPolicy:
    """What a subscription may use, as last pushed. A number nobody pushed anything for may use everything."""

    eu: str = "open"
    outside_eu: str = "open"
    blocked_categories: frozenset[str] = frozenset()
    reasons: tuple[str, ...] = ()

    def blocks(self, zone: str) -> bool:
        """Whether data is refused in a tariff zone."""
        if zone == "HOME":
            return not HOME_REASONS.isdisjoint(self.reasons)
        if zone == "EU":
            return self.eu == "blocked"
        return self.outside_eu == "blocked" or zone in self.blocked_categories


OPEN: Final = DataPolicy()


@dataclass(frozen=True, slots=True)
class Location:
    """Where a handset is registered."""

    place: Place
    plmn: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Use:
    """What came of an attempt to use data: `event` is None when the network refused."""

    blocked: bool
    event: CloudEvent | None


@dataclass
class Network:
    """The network's memory. `source` names it in its events and must differ from run to run against one gateway."""

    places: Places
    source: str = "urn:sms1330:simulator"
    locations: dict[str, Location] = field(default_factory=dict)
    policies: dict[str, DataPolicy] = field(default_factory=dict)
    repeats: int = 0
    _events: int = 0
    _seen: dict[str, None] = field(default_factory=dict)

    def roam(self, number: str, where: str, at: datetime) -> CloudEvent:
        """Registers a handset somewhere and says so. UnknownPlace when there is no such place."""
        return self.register(number, *countries.find(self.places, where), at)

    def register(self, number: str, place: Place, plmn: str, at: datetime) -> CloudEvent:
        """The same for a place that is known already."""
        self.locations[number] = Location(place, plmn, at)
        return self.seen(number, plmn, at)

    def seen(self, number: str, plmn: str, at: datetime, *, imsi: str = "") -> CloudEvent:
        """That a SIM was on a network at that time, wherever the handset is now; by its IMSI where there is one."""
        who = {"imsi": imsi} if imsi else {"msisdn": number}
        return self._event(LOCATION, at, {**who, "visited_plmn": plmn})

    def use(self, number: str, volume_bytes: int, at: datetime, *, leak: bool = False) -> Use:
        """Uses data where the handset is. ValueError for a negative volume."""
        if volume_bytes < 0:
            raise ValueError(f"a handset can not use {volume_bytes} bytes")
        blocked = self.is_blocked(number, at)
        if blocked and not leak:
            return Use(blocked=True, event=None)
        data = {
            "msisdn": number,
            "visited_plmn": self.location(number, at).plmn,
            "bytes": volume_bytes,
            "used_at": at.isoformat(),
        }
        return Use(blocked, self._event(USAGE, at, data))

    def location(self, number: str, at: datetime) -> Location:
        """Where a handset is; at home when it was never seen elsewhere."""
        found = self.locations.get(number)
        if found is None:
            place, plmn = self.places.find("NL")
            found = self.locations[number] = Location(place, plmn, at)
        return found

    def is_blocked(self, number: str, at: datetime) -> bool:
        return self.policies.get(number, OPEN).blocks(self.location(number, at).place.zone(at))

    def apply(self, event: Mapping[str, Any]) -> DataPolicy:
        """Obeys a pushed data policy; a repeat changes nothing. ValueError says what is wrong with it."""
        if event.get("type") != POLICY:
            raise ValueError(f"type {event.get('type')!r}: allowed is {POLICY}")
        data = event.get("data")
        if not isinstance(data, Mapping) or not isinstance(data.get("msisdn"), str):
            raise ValueError("data.msisdn: a text is needed")  # noqa: TRY004 - the peer's fault, answered 422
        for name in ("eu", "outside_eu"):
            if data.get(name) not in ("open", "blocked"):
                raise ValueError(f"data.{name} {data.get(name)!r}: allowed are open and blocked")
        policy = DataPolicy(
            eu=data["eu"],
            outside_eu=data["outside_eu"],
            blocked_categories=frozenset(data.get("blocked_categories", ())),
            reasons=tuple(data.get("reasons", ())),
        )
        key = f"{event.get('source')} {event.get('id')}"
        if key in self._seen:
            self.repeats += 1
            return self.policies.get(data["msisdn"], policy)
        self._seen[key] = None
        if len(self._seen) > SEEN_MAX:
            del self._seen[next(iter(self._seen))]
        self.policies[data["msisdn"]] = policy
        return policy

    def _event(self, kind: str, at: datetime, data: dict[str, Any]) -> CloudEvent:
        self._events += 1
        return {
            "specversion": "1.0",
            "id": f"{kind.split('.')[2]}-{self._events}",
            "source": self.source,
            "type": kind,
            "time": at.isoformat(),
            "datacontenttype": "application/json",
            "data": data,
        }
