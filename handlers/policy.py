"""The operator's rules as one frozen value: numbers, words, places, rates, the notification table.

A reading of an ambiguous sentence is a field here (its rule id beside it), never a constant elsewhere. The gateway
builds it from config.toml and the tariff sheet; tests build it by hand.
Must not be put here: anything of one subscription; anything that reads files.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

Zone = Literal["HOME", "EU", "A", "B", "ROW", "NT"]
Regime = Literal["home", "member", "eea", "rlah_assoc", "voluntary", "third", "non_terrestrial"]
Control = Literal["INFO", "BERICHT", "LIMIET", "mandatory"]

# G3: exactly these ten.
COST_LIMITS_EUR = (10, 30, 50, 100, 150, 200, 500, 1000, 2000, 5000)
# A16
BUNDLE_SIZES_GB: tuple[int | str, ...] = (0, 2, 6, 15, 25, "unlimited")


@dataclass(frozen=True, slots=True)
class Rate:
    """List prices of a zone, excluding VAT, in micro-euro."""

    data_ueur_per_mb: int
    call_ueur_per_min: int
    receive_ueur_per_min: int
    sms_ueur: int


@dataclass(frozen=True, slots=True)
class BundleOffer:
    """What one instance of a bundle is (B4): a volume, a price, and the zones it covers (Q36)."""

    category: str
    volume_bytes: int
    price_ueur: int
    zones: frozenset[str]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a network is, at one moment: two networks in one place share a border (Q43).

    `key` is unique in the sheet ("US", "CHANNEL"); `country` is the ISO code or None (Q67); `realtime` false where
    usage is seen only later (Q55); `link` is the place's part of an information link.
    """

    key: str
    country: str | None
    zone: Zone
    regime: Regime
    realtime: bool = True
    link: str = ""
    known: bool = True

    @property
    def outside_eu(self) -> bool:
        """Where the cost limit, the roaming limit and the bundles live (B1, Q16)."""
        return self.zone not in ("HOME", "EU")


@dataclass(frozen=True, slots=True)
class Tariffs:
    """The sheet. `networks` maps "MCC-MNC" and "MCC" to the places it was in, each with the instant it began (Q39).

    The longest match wins (rules 4); a code that matches nothing is abroad, in the dearest zone, and not `known`.
    """

    version: str
    rates: Mapping[str, Rate]
    offers: Mapping[str, BundleOffer]
    networks: Mapping[str, tuple[tuple[datetime, Place], ...]]

    def place(self, plmn: str, at: datetime) -> Place:
        dated = self.networks.get(plmn) or self.networks.get(plmn[:3])
        if dated is None:
            return Place(f"mcc{plmn[:3]}", None, "ROW", "third", link="XX", known=False)
        if len(dated) == 1:
            return dated[0][1]
        return dated[max(0, bisect_right(dated, at, key=lambda row: row[0]) - 1)][1]


@dataclass(frozen=True, slots=True)
class NotificationRule:
    """Who controls a kind, how long the text is worth sending (Q51, Q64), and the fields its text may name."""

    control: Control
    validity_s: int
    fields: tuple[str, ...] = ()


_H = 3600
_BORDER, _DAY, _BLOCK = 4 * _H, 24 * _H, 48 * _H  # Q51, Q64

# Rules 2.1: the single source of truth. Nothing else may decide what a switch silences.
NOTIFICATIONS: Mapping[str, NotificationRule] = {
    "border_eu": NotificationRule("INFO", _BORDER, ("land", "url")),
    "border_eu_vas": NotificationRule("INFO", _BORDER, ("url",)),
    "border_eu_emergency": NotificationRule("mandatory", _BORDER, ("land", "url")),
    "border_eu_data_off": NotificationRule("INFO", _BORDER, ("land", "url")),
    "border_world_bundle": NotificationRule("INFO", _BORDER, ("land", "bundel", "gb", "uit", "in_", "sms", "url")),
    "border_world_no_bundle": NotificationRule("INFO", _BORDER, ("land", "mb", "uit", "in_", "sms", "grens")),
    "border_world_data_off": NotificationRule("INFO", _BORDER, ("land", "uit", "in_", "sms", "url")),
    "border_world_blocked": NotificationRule("INFO", _BORDER, ("land", "limiet", "mb", "url")),
    "border_no_realtime": NotificationRule("mandatory", _BORDER, ("land", "limiet", "url")),
    "border_non_terrestrial": NotificationRule("INFO", _BORDER, ("land", "mb", "uit", "sms")),
    "border_combi": NotificationRule("INFO", _BORDER, ("suffix", "land", "regel")),
    "usage_80": NotificationRule("BERICHT", _DAY, ("pct", "gb", "used")),
    "usage_100": NotificationRule("BERICHT", _DAY, ("gb", "used", "werking")),
    "roaming_limit_80": NotificationRule("LIMIET", _DAY, ("pct", "limiet_mb")),
    "roaming_limit_100": NotificationRule("LIMIET", _DAY, ("limiet_mb", "verder")),
    "bundle_activated": NotificationRule("mandatory", _DAY, ("bundel", "gb", "prijs", "tot", "rest")),
    "bundle_80": NotificationRule("BERICHT", _DAY, ("bundel", "left", "prijs", "rest")),
    "bundle_80_last": NotificationRule("BERICHT", _DAY, ("max", "bundel", "left", "rest")),
    "bundle_renewed": NotificationRule("mandatory", _DAY, ("bundel", "gb", "prijs", "tot", "rest")),
    "bundle_renewed_many": NotificationRule("mandatory", _DAY, ("n", "bundel", "nr", "gb", "prijs", "tot", "rest")),
    "bundle_ended": NotificationRule("mandatory", _DAY, ("bundel", "rest", "vervolg")),
    "bundle_cap_reached": NotificationRule("mandatory", _DAY, ("max", "bundel", "datum", "rest")),
    "cost_80": NotificationRule("LIMIET", _BLOCK, ("eur", "limiet")),
    "cost_100_block": NotificationRule("mandatory", _BLOCK, ("limiet", "limiet2", "mb")),
    "cost_100_block_hard": NotificationRule("mandatory", _BLOCK, ("limiet", "datum")),
    "cost_200_block": NotificationRule("mandatory", _BLOCK, ("eur", "limiet2", "mb", "datum")),
    "cost_lifted_100": NotificationRule("mandatory", _BLOCK, ("mb", "limiet2", "eur", "min")),
    "cost_lifted_200": NotificationRule("mandatory", _BLOCK, ("tot", "mb", "eur")),
    "cost_unblocked_admin": NotificationRule("mandatory", _BLOCK, ("limiet", "eur", "mb")),
    "cost_second_warning": NotificationRule("LIMIET", _BLOCK, ("eur", "limiet2")),
    "cost_courtesy": NotificationRule("LIMIET", _BLOCK, ("eur", "mb", "datum")),
    "period_reset": NotificationRule("LIMIET", _BLOCK, ("limiet",)),
    "lift_refused_hard_cap": NotificationRule("mandatory", _BLOCK, ("limiet", "datum")),
    "lift_refused_other": NotificationRule("mandatory", _BLOCK, ("reden",)),
    "lift_partial": NotificationRule("mandatory", _BLOCK, ("mb", "eur", "reden")),
    "nothing_to_lift": NotificationRule("mandatory", _BLOCK, ("eur", "limiet")),
    "lift_declined": NotificationRule("mandatory", _BLOCK, ("datum",)),
    "pref_bericht_on": NotificationRule("mandatory", _DAY),
    "pref_bericht_off": NotificationRule("mandatory", _DAY),
    "pref_info_on": NotificationRule("mandatory", _DAY),
    "pref_info_off": NotificationRule("mandatory", _DAY),
    "pref_limiet_on": NotificationRule("mandatory", _DAY, ("limiet",)),
    "pref_limiet_off": NotificationRule("mandatory", _DAY, ("limiet",)),
    "pref_already": NotificationRule("mandatory", _DAY, ("code", "stand")),
    "status": NotificationRule("mandatory", _DAY, ("code", "stand")),
    "help": NotificationRule("mandatory", _DAY),
    "unknown": NotificationRule("mandatory", _DAY),
}

# What each field of a text holds; the language files may name no other.
#   money: micro-euro · volume: bytes, shown in GB · megabytes: bytes, shown in MB · date: the local day of an instant
#   place: a place's key · bundle: its category · phrase: a clause of the file · word, number: as given
FIELDS: Mapping[str, str] = {
    "land": "place",
    "url": "word",
    "bundel": "bundle",
    "gb": "volume",
    "used": "volume",
    "left": "volume",
    "limiet_mb": "megabytes",
    "mb": "money",
    "uit": "money",
    "in_": "money",
    "sms": "money",
    "limiet": "money",
    "limiet2": "money",
    "eur": "money",
    "prijs": "money",
    "datum": "date",
    "tot": "date",
    "pct": "number",
    "min": "number",
    "rest": "number",
    "max": "number",
    "n": "number",
    "nr": "number",
    "suffix": "word",
    "code": "word",
    "grens": "phrase",
    "regel": "phrase",
    "vervolg": "phrase",
    "werking": "phrase",
    "verder": "phrase",
    "reden": "phrase",
    "stand": "phrase",
}


@lru_cache(maxsize=64)  # asked of every record, twice
def _month(year: int, month: int) -> str:
    return f"{year:04d}-{month:02d}"


@lru_cache(maxsize=64)
def _edges(zone: ZoneInfo, year: int, month: int) -> tuple[datetime, datetime]:
    """When a month begins and ends in a zone, in UTC."""
    begin = datetime(year, month, 1, tzinfo=zone).astimezone(UTC)
    end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=zone).astimezone(UTC)
    return begin, end


@dataclass(frozen=True, slots=True)
class Policy:
    """All the numbers and words. Defaults are the readings of the rules."""

    tariffs: Tariffs
    version: str = "1"
    service_number: str = "1330"
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Amsterdam"))  # Q21
    vat_pct: int = 21  # Q12
    gb_bytes: int = 1_000_000_000  # Q53
    cost_block_scope: Literal["outside_eu", "out_of_bundle"] = "outside_eu"  # Q15
    cap_scope: Literal["category", "subscription"] = "category"  # Q31
    reentry_quiet_s: int = 14_400  # Q42
    late_until_day: int = 15  # Q23
    ahead_max_s: int = 300  # Q66, kept at the door
    mo_repeat_s: int = 30  # Q65
    unblock_words: frozenset[str] = frozenset({"DOORGAAN", "JA", "YES", "VERDER", "CONTINUE", "DEBLOKKEER"})
    decline_words: frozenset[str] = frozenset({"NEE", "NO"})
    second_warning_pct: int = 0  # Q9
    courtesy_pcts: tuple[int, ...] = ()  # Q10
    notify_reset: bool = False  # Q20
    period_lift_spread_s: int = 600  # Q20: the time after the 1st began in which the network hears what ended
    border_long_form: bool = False
    unknown_reply_per_hour: int = 1  # Q65
    unknown_reply_per_day: int = 3
    lift_within_min: int = 15
    info_url: str = "roam.example"
    notifications: Mapping[str, NotificationRule] = field(default_factory=lambda: NOTIFICATIONS)

    def period_of(self, at: datetime) -> str:
        """The calendar month of an instant, "YYYY-MM", on the clock of the service's zone (Q21)."""
        # Far from a month's edge no zone is in another month than UTC; this is asked of every record, twice.
        if 1 < at.day < 28:
            return _month(at.year, at.month)
        if MINYEAR < at.year < MAXYEAR:
            begin, end = _edges(self.timezone, at.year, at.month)
            if begin <= at < end:
                return _month(at.year, at.month)
        local = at.astimezone(self.timezone)
        return _month(local.year, local.month)

    def period_start(self, key: str) -> datetime:
        """The first instant of a period."""
        return datetime(int(key[:4]), int(key[5:7]), 1, tzinfo=self.timezone)

    def next_period(self, key: str) -> str:
        year, month = int(key[:4]), int(key[5:7])
        return f"{year + month // 12:04d}-{month % 12 + 1:02d}"

    def previous_period(self, key: str) -> str:
        year, month = int(key[:4]), int(key[5:7])
        return f"{year - (month == 1):04d}-{(month + 10) % 12 + 1:02d}"

    def period_end(self, key: str) -> datetime:
        """The first instant after a period."""
        return self.period_start(self.next_period(key))

    def including_vat(self, ueur: int) -> int:
        """Border tariffs are shown with VAT (Q12)."""
        return ueur * (100 + self.vat_pct) // 100

    def late_deadline(self, key: str) -> datetime:
        """The first instant at which a record of period `key` comes too late (Q23, C2)."""
        return self.period_end(key).replace(day=self.late_until_day) + timedelta(days=1)
