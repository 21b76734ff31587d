"""Where a handset can be: places and their networks, read from the tariff sheet as data.

Of the sheet only geography is taken (ISO code, names, zone, network codes), never a price: what a text says about
money is the gateway's to get right. Reading is tolerant of further columns and of either way to write a row.

Not here: who is where (network.py).
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, Self
from unicodedata import combining, normalize

from simulator.clock import AMSTERDAM

SHEET: Final = Path(__file__).parent.parent / "gateway" / "tariffs.toml"
"""The sample sheet, the one the gateway uses when it is told of no other."""


class UnknownPlace(ValueError):  # noqa: N818 - names the culprit
    """Nobody knows this place; the message offers the nearest names."""


@dataclass(frozen=True, slots=True)
class Place:
    """One row of the sheet. `zones` holds (valid from, zone), oldest first; `networks` PLMN → operator's name."""

    key: str
    iso: str
    nl: str
    en: str
    zones: tuple[tuple[date, str], ...]
    networks: Mapping[str, str]
    mccs: tuple[str, ...] = ()

    def zone(self, at: datetime) -> str:
        """The tariff zone on that day in Amsterdam."""
        day = at.astimezone(AMSTERDAM).date()
        return next((zone for since, zone in reversed(self.zones) if since <= day), self.zones[0][1])

    @property
    def plmn(self) -> str:
        """The network a handset finds first."""
        return next(iter(self.networks))

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name in (self.iso, self.key, self.nl, self.en) if name)


@dataclass(frozen=True, slots=True)
class Places:
    """All rows of a sheet."""

    all: tuple[Place, ...]

    @classmethod
    def load(cls, path: Path = SHEET) -> Self:
        """Reads a sheet. ValueError names the file and what it lacks."""
        sheet = tomllib.loads(path.read_text(encoding="utf-8"))
        rows = sheet.get("place") or sheet.get("places") or ()
        places = tuple(_place(row) for row in rows)
        if not places:
            raise ValueError(f"{path}: no [[place]] with a network was found")
        return cls(tuple(place for place in places if place.networks))

    def find(self, where: str) -> tuple[Place, str]:
        """A place and one of its networks, by ISO code, key, Dutch or English name, or PLMN ("310-410"). The sheet's
        names have no accents that GSM 03.38 lacks; who writes them as they should be is understood.

        UnknownPlace when there is none.
        """
        wanted = _plain(where.strip())
        for place in self.all:
            if any(_plain(name) == wanted for name in place.names):
                return place, place.plmn
        by_plmn = self.at(where.strip())
        if by_plmn is not None:
            return by_plmn, where.strip()
        names = list(dict.fromkeys(name for place in self.all for name in place.names))
        near = get_close_matches(where, names, n=3, cutoff=0.5)
        hint = f" Did you mean {', '.join(near)}?" if near else ""
        raise UnknownPlace(f"no place {where!r}: an ISO code, a Dutch or English name or a PLMN is known.{hint}")

    def at(self, plmn: str) -> Place | None:
        """The place of a network: the longest match wins, network code first, then country code."""
        for place in self.all:
            if plmn in place.networks:
                return place
        mcc = plmn.partition("-")[0]
        return next((place for place in self.all if "-" in plmn and mcc in place.mccs), None)


def _plain(name: str) -> str:
    """Without capitals and accents."""
    return "".join(char for char in normalize("NFKD", name.casefold()) if not combining(char))


def _place(row: Mapping[str, Any]) -> Place:
    names = row.get("names", {})
    networks = row.get("networks", {})
    codes = [*networks] if isinstance(networks, Mapping) else []
    codes += [code for code in row.get("plmns", ()) if code not in codes]
    known: Mapping[str, str] = networks if isinstance(networks, Mapping) else {}
    mcc = row.get("mcc", ())
    return Place(
        key=str(row.get("key", "")),
        iso=str(row.get("iso", "")),
        nl=str(row.get("nl", names.get("nl", ""))),
        en=str(row.get("en", names.get("en", ""))),
        zones=tuple(_zones(row)),
        networks={code: str(known.get(code, code)) for code in codes},
        mccs=(mcc,) if isinstance(mcc, str) else tuple(mcc),
    )


def _zones(row: Mapping[str, Any]) -> Iterable[tuple[date, str]]:
    dated = row.get("zones")
    if not dated:
        return [(date.min, str(row.get("zone", "")))]
    return sorted((entry.get("from", date.min), str(entry["zone"])) for entry in dated)
