"""One subscription's state as a frozen value.

Three parts that live as long as their owner says: `Profile` is what the portal set and lasts; `Memory` is what the
subscription did lately (where its SIMs are, what was announced, the last text); a `Period` holds all that begins
anew on the 1st (A7, B21, G1). Block intervals are history: a row each, kept as they were (Q24).
Money is integer micro-euro, volumes are bytes, instants are aware datetimes in UTC.
Must not be put here: rules. What follows from a state is in the feature modules.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

MB_BYTES = 1_000_000

SimRole = Literal["primary", "combi", "multisim"]
Reason = Literal[
    "COST_LIMIT",
    "BUNDLE_CAP",
    "ZERO_BUNDLE",
    "NO_BUNDLE_OPTION",
    "ADMIN_DATA_NON_EU",
    "ADMIN_DATA_EU",
    "ADMIN_ROAMING",
]
# The order in which reasons are shown, everywhere.
REASONS: tuple[Reason, ...] = (
    "COST_LIMIT",
    "BUNDLE_CAP",
    "ZERO_BUNDLE",
    "NO_BUNDLE_OPTION",
    "ADMIN_DATA_NON_EU",
    "ADMIN_DATA_EU",
    "ADMIN_ROAMING",
)
CATEGORIES = ("A", "B", "ROW", "WORLD")


# What is made anew for every event is a named tuple, as frozen as a dataclass and made in a fifth of the time.
_NOTHING: Mapping[Any, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Sim:
    """`msisdn` is the number the handset has; Multisim SIMs share the subscription's, a Combi SIM has its own."""

    imsi: str
    role: SimRole
    msisdn: str


@dataclass(frozen=True, slots=True)
class BundleOption:
    """Enabled by the portal (an entitlement); an instance of it is activated by the first byte (B2, B3, Q30)."""

    enabled: bool = False
    max_per_month: int = 10  # B13


@dataclass(frozen=True, slots=True)
class AdminBlocks:
    data_outside_eu: bool = False
    data_eu: bool = False
    roaming: bool = False
    premium: bool = False  # F1a
    international_calls: bool = False  # F1b
    zero_bundle_lifted: bool = False


@dataclass(frozen=True, slots=True)
class Preferences:
    """The three switches of the service, by their keyword."""

    BERICHT: bool = True
    INFO: bool = True
    LIMIET: bool = True


@dataclass(frozen=True, slots=True)
class CostLimit:
    """A limit of `eur` whole euro in force from period `since` on; each change is a new version (Q17, Q18)."""

    eur: int
    version: int
    since: str


@dataclass(frozen=True, slots=True)
class Threshold:
    """A volume with a version that re-arms its notices when it changes (Q49); `volume_bytes` None means not set."""

    volume_bytes: int | None = None
    version: int = 0


_NO_BUNDLES: Mapping[str, BundleOption] = MappingProxyType({category: BundleOption() for category in CATEGORIES})


class Profile(NamedTuple):
    """What the portal set. `bundle_gb` is a size in GB or "unlimited"; `limits` is ordered by `since`, never empty."""

    msisdn: str
    customer: str = ""
    language: str = "nl"
    type: Literal["voice_data", "data_only"] = "voice_data"  # A1
    bundle_gb: int | Literal["unlimited"] = 15
    sims: tuple[Sim, ...] = ()
    sms_capable: bool = True  # A14
    notify_msisdn: str | None = None
    m2m: bool = False
    limits: tuple[CostLimit, ...] = (CostLimit(eur=50, version=1, since=""),)  # G1
    hard_cap: bool = False
    usage_alert: Threshold = Threshold()
    roaming_limit: Threshold = Threshold()
    bundles: Mapping[str, BundleOption] = _NO_BUNDLES
    blocks: AdminBlocks = AdminBlocks()
    preferences: Preferences = Preferences()

    def limit_in(self, period: str) -> CostLimit:
        """The limit in force in `period`: the last one that began by then (G10)."""
        found = self.limits[0]
        for limit in self.limits:
            if limit.since <= period:
                found = limit
        return found

    def sim(self, imsi: str) -> Sim | None:
        return next((sim for sim in self.sims if sim.imsi == imsi), None)


@dataclass(frozen=True, slots=True)
class Location:
    """Where a SIM is: `plmn` its network, or the MCC where only the country is known; `place` the sheet's key.

    `since` is when it entered, `at` the last update applied (Q27).
    """

    plmn: str
    place: str
    since: datetime
    at: datetime


class Said(NamedTuple):
    """A digest of sender and folded text, the instant it was judged, the block level that it left behind (Q65)."""

    digest: str
    at: datetime
    level: int


class Memory(NamedTuple):
    """What lately happened.

    `locations` by IMSI; `handset_place` by number: the place that handset was last seen in; `announced` by number:
    places announced to it and when (Q42); `texts` by a digest of the sender: its latest, the newest last (Q65);
    `unknown_replies`, by that digest: instants of the answers to unknown codes (rules 6.1).
    """

    locations: Mapping[str, Location] = _NOTHING
    handset_place: Mapping[str, str] = _NOTHING
    announced: Mapping[str, Mapping[str, datetime]] = _NOTHING
    texts: Mapping[str, tuple[Said, ...]] = _NOTHING
    unknown_replies: Mapping[str, tuple[datetime, ...]] = _NOTHING


@dataclass(frozen=True, slots=True)
class Block:
    """Data was blocked for `reason` over [start, end); `end` None: not lifted (a cost block ends with its period).

    `level` is 100 or 200 for COST_LIMIT, else 0; `category` is set for BUNDLE_CAP; `period` for what ends by itself.
    `start` None: from the beginning (a block that the subscription was born with).
    """

    id: str
    reason: Reason
    start: datetime | None
    end: datetime | None = None
    period: str | None = None
    category: str | None = None
    level: int = 0

    def holds_at(self, at: datetime) -> bool:
        return (self.start is None or self.start <= at) and (self.end is None or at < self.end)


class Instances(NamedTuple):
    """The instances of a bundle of one size: how many were started, and the bytes used in all of them (B20).

    They fill one after another: all but the last are full.
    """

    category: str
    volume_bytes: int
    started: int
    used_bytes: int

    @property
    def left_bytes(self) -> int:
        """What is left of the last one."""
        return self.started * self.volume_bytes - self.used_bytes


class Period(NamedTuple):
    """All of one calendar month. `rated` sums bytes per rate, so that money comes from cumulative bytes (Q53).

    `notices` are the thresholds that fired, as "kind:level:version"; `last_rate_ueur_per_mb` is what Q63 names;
    `bundles` are counted per category, and per size where the sheet changed that during the month.
    """

    key: str
    domestic_eu_bytes: int = 0
    outside_eu_bytes: int = 0
    leakage_bytes: int = 0
    rated: Mapping[int, int] = _NOTHING
    consent: int = 0
    notices: frozenset[str] = frozenset()
    last_rate_ueur_per_mb: int = 0
    bundles: tuple[Instances, ...] = ()

    @property
    def charges_ueur(self) -> int:
        """List-rate cost outside the EU, excluding VAT, in micro-euro (G5)."""
        if not self.rated:
            return 0  # most months; this is asked of every record, several times
        total = 0
        for rate, volume in self.rated.items():
            total += rate * volume
        return total // MB_BYTES


class Subscription(NamedTuple):
    """The whole state that an event is judged against; `periods` holds those that the event can touch."""

    id: str
    profile: Profile
    memory: Memory = Memory()
    periods: Mapping[str, Period] = _NOTHING
    blocks: tuple[Block, ...] = ()
    blocks_made: int = 0

    def in_period(self, key: str) -> Period:
        return self.periods.get(key) or Period(key)

    def with_period(self, period: Period) -> "Subscription":
        # Written out: `replace` is four times as slow, and every usage record comes by here.
        periods = {**self.periods, period.key: period}
        return Subscription(self.id, self.profile, self.memory, periods, self.blocks, self.blocks_made)
