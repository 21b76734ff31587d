"""The tariff sheet: a TOML file → zones, rates, bundle offers, and what places and operators are called.

Amounts are read as decimals and become exact integer micro-euro. All faults are told at once, each with its place.
Must not be put here: rating, or anything of one subscription.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gateway.config import BadConfig, Fault
from gateway.settings import nearest
from gateway.smpp.alphabet import outside_gsm7
from handlers.policy import BundleOffer, Place, Rate, Regime, Tariffs, Zone
from handlers.subscription import CATEGORIES

PACKAGED = Path(__file__).with_name("tariffs.toml")

ZONES: tuple[str, ...] = get_args(Zone)
REGIMES: tuple[str, ...] = get_args(Regime)
# B1: no bundle at home or in the EU; Q36: none on ships and aircraft.
BUNDLE_ZONES = ("A", "B", "ROW")
# The longest name that leaves every border text in one part.
TEXT_NAME_MAX = 16
MICRO = 1_000_000

# nl is what subscribers have unless they choose; en is what every other language falls back on.
_LANGUAGES = ("nl", "en")
_PAIRED = (("HOME", "home"), ("NT", "non_terrestrial"))
_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
_RATE_KEYS = {
    "data_eur_per_mb": "data_ueur_per_mb",
    "call_eur_per_min": "call_ueur_per_min",
    "receive_eur_per_min": "receive_ueur_per_min",
    "sms_eur": "sms_ueur",
}
_PLACE_KEYS = ("key", "iso", "names", "short", "zone", "regime", "zones", "realtime", "mcc", "networks")
_TOP_KEYS = ("version", "timezone", "place", "rates", "bundles")


@dataclass(frozen=True, slots=True)
class Sheet:
    """`names` and `operators` are words only: language → place key → name, and "MCC-MNC" → operator.

    `text_names` are the names for texts (at most 16 characters), `names` the full ones; `bundle_names` likewise:
    language → category → name.
    """

    tariffs: Tariffs
    names: Mapping[str, Mapping[str, str]]
    text_names: Mapping[str, Mapping[str, str]]
    bundle_names: Mapping[str, Mapping[str, str]]
    operators: Mapping[str, str]

    def name(self, place: str, language: str) -> str | None:
        """A place's full name, in English where the language has none; None for a place not on the sheet."""
        return self.names.get(language, {}).get(place) or self.names.get("en", {}).get(place)


def load(path: Path, *, gb_bytes: int = 1_000_000_000) -> Sheet:
    """Read a sheet; `gb_bytes` is what one GB of a bundle is (Q53). Raises `BadConfig` with every fault."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise BadConfig([Fault(str(path), "", str(reason), "a readable tariff sheet")]) from error
    except tomllib.TOMLDecodeError as error:
        raise BadConfig([Fault(str(path), "", str(error), "TOML 1.0")]) from error
    return _Reader(str(path), gb_bytes).sheet(raw)


def home_mcc(tariffs: Tariffs) -> str:
    """The country code of home (Q44); a sheet without one is not loaded."""
    return next(code for code, dated in tariffs.networks.items() if "-" not in code and _is_home(dated))


def _is_home(dated: Sequence[tuple[datetime, Place]]) -> bool:
    return dated[-1][1].zone == "HOME"


@dataclass(slots=True)
class _Reader:
    """Walks a sheet and gathers faults; lives for one load."""

    file: str
    gb_bytes: int
    faults: list[Fault] = field(default_factory=list)
    zone_info: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    networks: dict[str, tuple[tuple[datetime, Place], ...]] = field(default_factory=dict)
    operators: dict[str, str] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    names: dict[str, dict[str, str]] = field(default_factory=dict)
    text_names: dict[str, dict[str, str]] = field(default_factory=dict)
    bundle_names: dict[str, dict[str, str]] = field(default_factory=dict)

    def fault(self, key: str, found: object, allowed: str) -> None:
        shown = f'"{found}"' if isinstance(found, str) else "nothing" if found is None else str(found)
        self.faults.append(Fault(self.file, key, shown, allowed))

    def sheet(self, raw: dict[str, Any]) -> Sheet:
        self._known("", raw, _TOP_KEYS)
        version = raw.get("version")
        if not isinstance(version, str) or not version:
            self.fault("version", version, "a name for this sheet")
        self._timezone(raw.get("timezone", "UTC"))
        rates = dict(self._rates(self._table("rates", raw.get("rates"))))
        offers = dict(self._offers(self._table("bundles", raw.get("bundles"))))
        places = raw.get("place")
        if not isinstance(places, list) or not places:
            self.fault("place", places, "a list of places")
            places = []
        for number, place in enumerate(places, 1):
            self._place(number, self._table(f"place {number}", place))
        if places and not any("-" not in code and _is_home(dated) for code, dated in self.networks.items()):
            self.fault("place", "no MCC in zone HOME", "the home country with its country code")
        if self.faults:
            raise BadConfig(self.faults)
        tariffs = Tariffs(str(version), rates, offers, self.networks)
        return Sheet(tariffs, self.names, self.text_names, self.bundle_names, self.operators)

    def _table(self, key: str, value: object) -> dict[str, Any]:
        if isinstance(value, dict):
            return value
        self.fault(key, value, "a table")
        return {}

    def _known(self, where: str, table: Mapping[str, Any], keys: tuple[str, ...]) -> None:
        for key in table:
            if key not in keys:
                close = nearest(key, dict.fromkeys(keys))
                self.fault(f"{where}{key}", "an unknown key", f"{', '.join(keys)}{close}")

    def _timezone(self, name: object) -> None:
        try:
            self.zone_info = ZoneInfo(str(name))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.fault("timezone", name, "a zone of the IANA database")

    def _amount(self, key: str, value: object) -> int:
        """Euro as number or text → micro-euro, exactly."""
        micro = Decimal(-1)
        if isinstance(value, int | Decimal | str) and re.fullmatch(r"\d{1,6}(\.\d{1,6})?", str(value)):
            micro = Decimal(value) * MICRO
        if micro < 0:
            self.fault(key, value, "an amount in euro from 0, with at most 6 decimals")
        return int(micro)

    def _rates(self, table: dict[str, Any]) -> Iterator[tuple[str, Rate]]:
        for zone in table:
            if zone not in ZONES:
                self.fault(f"rates.{zone}", "an unknown zone", ", ".join(ZONES))
        for zone in ZONES:
            if zone not in table:
                self.fault(f"rates.{zone}", None, "the rates of every zone")
                continue
            row = self._table(f"rates.{zone}", table[zone])
            self._known(f"rates.{zone}.", row, tuple(_RATE_KEYS))
            amounts = {to: self._amount(f"rates.{zone}.{key}", row.get(key)) for key, to in _RATE_KEYS.items()}
            yield zone, Rate(**amounts)

    def _offers(self, table: dict[str, Any]) -> Iterator[tuple[str, BundleOffer]]:
        for category in table:
            if category not in CATEGORIES:
                self.fault(f"bundles.{category}", "an unknown category", ", ".join(CATEGORIES))
        for category in CATEGORIES:
            key = f"bundles.{category}"
            if category not in table:
                self.fault(key, None, "an offer for every category")
                continue
            row = self._table(key, table[category])
            self._known(f"{key}.", row, ("name", "names", "gb", "price_eur", "zones"))
            self._bundle_names(key, category, row)
            gb, zones = row.get("gb"), row.get("zones")
            if isinstance(gb, bool) or not isinstance(gb, int | Decimal) or gb <= 0:
                self.fault(f"{key}.gb", gb, "a volume in GB above 0")
                gb = 1
            if not isinstance(zones, list) or not zones or not all(zone in BUNDLE_ZONES for zone in zones):
                self.fault(f"{key}.zones", zones, f"some of {', '.join(BUNDLE_ZONES)}")
                zones = []
            price = self._amount(f"{key}.price_eur", row.get("price_eur"))
            yield category, BundleOffer(category, int(gb * self.gb_bytes), price, frozenset(zones))

    def _bundle_names(self, key: str, category: str, row: dict[str, Any]) -> None:
        """One name for all languages, or one for each."""
        where, names = f"{key}.name", dict.fromkeys(_LANGUAGES, row.get("name"))
        if "names" in row:
            where, names = f"{key}.names", self._table(f"{key}.names", row["names"])
            self._in_nl_and_en(key, names)
            if "name" in row:
                self.fault(where, "names beside name", "one of the two")
        for name in dict.fromkeys(names.values()):
            if not isinstance(name, str) or not 0 < len(name) <= TEXT_NAME_MAX:
                self.fault(where, name, f"a name of at most {TEXT_NAME_MAX} characters")
            elif odd := outside_gsm7(name):
                self.fault(where, "".join(odd), "characters of the GSM 03.38 alphabet")
        for language, name in names.items():
            self.bundle_names.setdefault(language, {})[category] = str(name)

    def _place(self, number: int, row: dict[str, Any]) -> None:
        key, iso = row.get("key"), row.get("iso")
        where = f"place {number}"
        if not isinstance(key, str) or not re.fullmatch(r"[A-Z]{2,10}", key):
            self.fault(f"{where}.key", key, "2 to 10 capitals")
        else:
            where = f"place {key}"
            self._own(where, f"key {key}", where)
        self._known(f"{where}.", row, _PLACE_KEYS)
        if iso is not None and not (isinstance(iso, str) and re.fullmatch(r"[A-Z]{2}", iso)):
            self.fault(f"{where}.iso", iso, "an ISO 3166 code of two capitals, or none (Q67)")
        if not isinstance(row.get("realtime", True), bool):
            self.fault(f"{where}.realtime", row["realtime"], "true or false")
        self._names(where, str(key), row)
        dated = tuple(
            (since, Place(str(key), iso, zone, regime, bool(row.get("realtime", True)), str(iso or key)))
            for since, zone, regime in self._zones(where, row)
        )
        self._codes(where, row, dated)

    def _names(self, where: str, key: str, row: dict[str, Any]) -> None:
        full = self._table(f"{where}.names", row.get("names"))
        short = self._table(f"{where}.short", row.get("short", {}))
        self._in_nl_and_en(where, full)
        for language, name in full.items():
            text_name = short.get(language, name)
            if not all(isinstance(value, str) and value for value in (name, text_name)):
                self.fault(f"{where}.names.{language}", name, "a name")
            elif odd := outside_gsm7(name + text_name):
                self.fault(f"{where}.names.{language}", "".join(odd), "characters of the GSM 03.38 alphabet")
            elif len(text_name) > TEXT_NAME_MAX:
                self.fault(f"{where}.short.{language}", text_name, f"a name of at most {TEXT_NAME_MAX} characters")
            self.names.setdefault(language, {})[key] = name
            self.text_names.setdefault(language, {})[key] = text_name
        for language in (language for language in short if language not in full):
            self.fault(f"{where}.short.{language}", short[language], "a short name only beside a full one")

    def _in_nl_and_en(self, where: str, names: Mapping[str, object]) -> None:
        for language in _LANGUAGES:
            if language not in names:
                self.fault(f"{where}.names.{language}", None, "a name in nl and en at least")

    def _zones(self, where: str, row: dict[str, Any]) -> Iterator[tuple[datetime, Any, Any]]:
        """The zone and regime, since when: one row for a place that never changed, else each with its day."""
        rows = row.get("zones")
        if rows is None:
            rows = [{key: row[key] for key in ("zone", "regime") if key in row}]
        elif "zone" in row or "regime" in row:
            self.fault(f"{where}.zones", "zones beside zone or regime", "one of the two")
        if not isinstance(rows, list) or not rows:
            self.fault(f"{where}.zones", rows, "a list of { from, zone, regime }")
            return
        before = None
        for number, item in enumerate(rows):
            inner = self._table(f"{where}.zones", item)
            zone, regime, day = inner.get("zone"), inner.get("regime"), inner.get("from")
            if zone not in ZONES:
                self.fault(f"{where}.zone", zone, f"one of {', '.join(ZONES)}")
            if regime not in REGIMES:
                self.fault(f"{where}.regime", regime, f"one of {', '.join(REGIMES)}")
            elif any((zone == one) != (regime == other) for one, other in _PAIRED):
                self.fault(f"{where}.regime", regime, "home just for HOME, non_terrestrial just for NT")
            since = _ALWAYS
            if number and isinstance(day, date) and not isinstance(day, datetime):
                # Q21, Q39: a day of the sheet begins at midnight in the sheet's time zone.
                since = datetime.combine(day, time(), self.zone_info).astimezone(UTC)
            if (number == 0) != (day is None) or (before is not None and since <= before):
                self.fault(f"{where}.zones.from", day, "no day in the first row, then later and later days")
            before = since
            yield since, zone, regime

    def _codes(self, where: str, row: dict[str, Any], dated: tuple[tuple[datetime, Place], ...]) -> None:
        mccs = row.get("mcc", [])
        networks = self._table(f"{where}.networks", row.get("networks", {}))
        if not isinstance(mccs, list):
            self.fault(f"{where}.mcc", mccs, "a list of codes")
            mccs = []
        if not mccs and not networks:
            self.fault(where, "neither mcc nor networks", "at least one code")
        for code in mccs:
            if not isinstance(code, str) or not re.fullmatch(r"\d{3}", code):
                self.fault(f"{where}.mcc", code, 'text of three digits, such as "204"')
            elif self._own(where, f"MCC {code}", f"{where}.mcc"):
                self.networks[code] = dated
        for code, operator in networks.items():
            if not re.fullmatch(r"\d{3}-\d{2,3}", code):
                self.fault(f"{where}.networks", code, 'MCC-MNC, such as "204-08"')
            elif self._own(where, f"network {code}", f"{where}.networks"):
                self.networks[code] = dated
            if not isinstance(operator, str) or not operator:
                self.fault(f"{where}.networks.{code}", operator, "an operator's name")
            self.operators[code] = operator
        self._inside(f"{where}.networks", networks, mccs)

    def _inside(self, key: str, networks: Mapping[str, object], mccs: list[object]) -> None:
        """A place without an MCC lies inside that of others (Q43); one with an MCC has all its networks there."""
        for code in (code for code in networks if mccs and code[:3] not in mccs):
            self.fault(key, code, f"a network of MCC {', '.join(map(str, mccs))}")

    def _own(self, where: str, what: str, key: str) -> bool:
        """A key or code belongs to one place; whoever claims it again is told whose it is."""
        if what in self.owners:
            self.fault(key, what, f"each once: it is already of {self.owners[what]}")
            return False
        self.owners[what] = where
        return True
