"""What the load is made of, read from TOML: how often each flow, of what size, by whom, and what counts as good.

`default` is the file of that name beside this one; another file is laid over it, key by key. Faults are told all at
once, each with its place, what was found and what is allowed.

Pure but for the reading. Not here: when flows arrive (schedule.py), who is drawn (people.py).
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, Literal, Self

from simulator.load.schedule import BadPlan

Kind = Literal["roam", "usage", "mo", "reply"]
KINDS: Final[tuple[Kind, ...]] = ("roam", "usage", "mo", "reply")
MIXES: Final = Path(__file__).parent / "mixes"
BYTES_MAX: Final = 10**12
COST_LIMITS_EUR: Final = (10, 30, 50, 100, 150, 200, 500, 1000, 2000, 5000)
OPTIONS: Final = ("A", "B", "ROW", "WORLD", "")


@dataclass(frozen=True, slots=True)
class Mix:
    """One mix, checked. `thresholds` are as written; thresholds.py reads them."""

    name: str
    weights: Mapping[Kind, float]
    home_pct: float
    places: tuple[str, ...]
    bytes_min: int
    bytes_max: int
    english_pct: float
    cost_limits_eur: tuple[int, ...]
    bundles: tuple[str, ...]
    failing_pct: float
    off_pct: float
    answer_s: float
    receipt_s: float
    thresholds: Mapping[str, str]

    @classmethod
    def load(cls, name: str) -> Self:
        """A mix by its name, or by the path of its file. BadPlan tells everything that is wrong with it."""
        defaults = _tables(MIXES / "default.toml")
        path = MIXES / f"{name}.toml" if name.replace("-", "").isalnum() else Path(name)
        if not path.is_file():
            known = ", ".join(sorted(one.stem for one in MIXES.glob("*.toml")))
            raise BadPlan(f"--mix {name!r}: no such file; a path is allowed, or one of {known}")
        given = defaults if path.name == "default.toml" and path.parent == MIXES else _tables(path)
        faults = [*_unknown(given, defaults), *_broken({**defaults, **given})]
        if faults:
            raise BadPlan("\n".join(f"{path}: {fault}" for fault in faults))
        return cls.from_tables(path.stem, {**defaults, **{k: {**defaults[k], **v} for k, v in given.items()}})

    @classmethod
    def from_tables(cls, name: str, tables: Mapping[str, Mapping[str, Any]]) -> Self:
        """From whole and checked tables, as `tables` of another process gives them."""
        people, smsc = tables["subscribers"], tables["smsc"]
        return cls(
            name=name,
            weights={kind: float(tables["flows"][kind]) for kind in KINDS},
            home_pct=tables["roam"]["home_pct"],
            places=tuple(tables["roam"]["places"]),
            bytes_min=tables["usage"]["bytes"][0],
            bytes_max=tables["usage"]["bytes"][1],
            english_pct=people["english_pct"],
            cost_limits_eur=tuple(people["cost_limits_eur"]),
            bundles=tuple(people["bundles"]),
            failing_pct=people["failing_pct"],
            off_pct=people["off_pct"],
            answer_s=smsc["answer_ms"] / 1000,
            receipt_s=smsc["receipt_s"],
            thresholds=dict(tables["thresholds"]),
        )

    def tables(self) -> dict[str, dict[str, Any]]:
        """Back to the tables, for another process and for the report."""
        return {
            "flows": {str(kind): weight for kind, weight in self.weights.items()},
            "roam": {"home_pct": self.home_pct, "places": list(self.places)},
            "usage": {"bytes": [self.bytes_min, self.bytes_max]},
            "subscribers": {
                "english_pct": self.english_pct,
                "cost_limits_eur": list(self.cost_limits_eur),
                "bundles": list(self.bundles),
                "failing_pct": self.failing_pct,
                "off_pct": self.off_pct,
            },
            "smsc": {"answer_ms": self.answer_s * 1000, "receipt_s": self.receipt_s},
            "thresholds": dict(self.thresholds),
        }


def _tables(path: Path) -> dict[str, dict[str, Any]]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadPlan(f"{path}: {error}; allowed is a file of TOML") from None


def _unknown(given: Mapping[str, Any], defaults: Mapping[str, Mapping[str, Any]]) -> list[str]:
    faults = []
    for name, table in given.items():
        if name not in defaults:
            faults.append(f"[{name}] is no section{_nearest(name, [*defaults])}")
        elif not isinstance(table, dict):
            faults.append(f"{name} = {table!r}: allowed is a section [{name}]")
        elif name != "thresholds":
            known = [*defaults[name]]
            faults += [f"{name}.{key} is no key{_nearest(key, known)}" for key in table if key not in known]
    return faults


def _nearest(word: str, known: Sequence[str]) -> str:
    near = get_close_matches(word, known, n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else f"; allowed are {', '.join(known)}"


def _is_number(value: object, least: float, most: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most


def _is_list(value: object, allowed: Sequence[object] | None = None) -> bool:
    """A list, of these values if any are named, and then not empty."""
    return isinstance(value, list) and (allowed is None or (bool(value) and all(one in allowed for one in value)))


def _is_span(value: object) -> bool:
    whole = isinstance(value, list) and len(value) == 2 and all(type(one) is int for one in value)
    return whole and isinstance(value, list) and 0 < value[0] <= value[1] <= BYTES_MAX


_PCT = ("0 to 100", lambda value: _is_number(value, 0, 100))
_RULES: Final[Mapping[tuple[str, str], tuple[str, Any]]] = {  # section, key: what is allowed, the check
    **{("flows", kind): ("a weight from 0 on", lambda value: _is_number(value, 0, 1e6)) for kind in KINDS},
    ("roam", "home_pct"): _PCT,
    ("roam", "places"): ("a list of ISO codes", lambda value: _is_list(value) and all(type(v) is str for v in value)),
    ("usage", "bytes"): ("[least, most], whole numbers above 0", _is_span),
    ("subscribers", "english_pct"): _PCT,
    ("subscribers", "cost_limits_eur"): (
        f"a list of {COST_LIMITS_EUR}",
        lambda value: _is_list(value, COST_LIMITS_EUR),
    ),
    ("subscribers", "bundles"): (f"a list of {OPTIONS}", lambda value: _is_list(value, OPTIONS)),
    ("subscribers", "failing_pct"): _PCT,
    ("subscribers", "off_pct"): _PCT,
    ("smsc", "answer_ms"): ("0 to 60000", lambda value: _is_number(value, 0, 60_000)),
    ("smsc", "receipt_s"): ("0 to 3600", lambda value: _is_number(value, 0, 3600)),
}


def _broken(tables: Mapping[str, Any]) -> list[str]:
    faults = []
    for (section, key), (allowed, check) in _RULES.items():
        table = tables.get(section)
        if isinstance(table, dict) and key in table and not check(table[key]):
            faults.append(f"{section}.{key} = {table[key]!r}: allowed is {allowed}")
    weights = tables.get("flows")
    if isinstance(weights, dict) and not faults and not any(weights.get(kind) for kind in KINDS):
        faults.append("flows: every weight is 0; at least one must not be")
    return faults
