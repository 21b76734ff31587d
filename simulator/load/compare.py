"""A run beside earlier ones: what changed by more than those differ among themselves.

A baseline is the `--json` of one run or of several (`--repeat 3`). A figure is marked only where it lies outside the
range of the baseline's runs by more than that range is wide (at least a tenth); with one run there is no range, and a
fifth is taken.

Pure but for the reading. Not here: thresholds; a comparison breaks nothing.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from simulator.load.flows import MEASURES
from simulator.load.result import SCHEMA
from simulator.load.schedule import BadPlan

Json = dict[str, Any]
SPREAD_OF_ONE: Final = 0.2
SPREAD_MIN: Final = 0.1
"""Two runs that happen to agree to a hair do not promise that the third will."""
FIGURES: Final = (  # path in a run, how it is told, unit, whether more is better
    *(
        (("latency_ms", name, rank), f"{rank} {MEASURES[name]}", "ms", False)
        for name in MEASURES
        for rank in ("p50", "p99")
    ),
    (("saturation", "gateway", "core_pct"), "gateway, of a core", "%", False),
    (("saturation", "gateway", "rss_max_mb"), "gateway memory", "MB", False),
    (("saturation", "commits_per_s"), "commits", "/s", None),
    (("traffic", "done_per_s"), "flows done", "/s", True),
)
LIKE: Final = ("kind", "stages", "spacing", "subscribers", "mix_name")
"""What must be the same for two runs to be compared without a word."""


def read_baselines(paths: Sequence[str]) -> list[Json]:
    """The runs in these files. BadPlan says which is none."""
    runs: list[Json] = []
    for name in paths:
        try:
            runs += _runs(json.loads(Path(name).read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError) as error:
            allowed = f"a file that --json wrote, with schema {SCHEMA}"
            raise BadPlan(f"--baseline {name!r}: {error}; allowed is {allowed}") from None
    return runs


def _runs(found: Json) -> list[Json]:
    if found["schema"] != SCHEMA:
        raise ValueError(f"schema {found['schema']!r}")
    return list(found["runs"])


def compare(run: Json, baseline: Sequence[Json]) -> Json | None:
    """None without a baseline."""
    if not baseline:
        return None
    rows = []
    for path, told, unit, more_is_better in FIGURES:
        now, before = _figure(run, path), [value for one in baseline if (value := _figure(one, path)) is not None]
        if now is not None and before:
            rows.append(_row(told, unit, now, before, more_is_better=more_is_better))
    return {"rows": rows, "notes": _notes(run, baseline), "runs": len(baseline)}


def _row(told: str, unit: str, now: float, before: Sequence[float], *, more_is_better: bool | None) -> Json:
    low, high = min(before), max(before)
    spread = max(high - low, high * SPREAD_MIN) if len(before) > 1 else high * SPREAD_OF_ONE
    middle = sorted(before)[len(before) // 2]
    word = ""
    if more_is_better is not None and (now > high + spread or now < low - spread):
        word = "better" if (now > high) == more_is_better else "worse"
    return {
        "told": told,
        "unit": unit,
        "now": now,
        "low": low,
        "high": high,
        "change_pct": (now - middle) / middle * 100 if middle else None,
        "word": word,
    }


def _notes(run: Json, baseline: Sequence[Json]) -> list[str]:
    notes = [f"{len(baseline)} earlier run{'s' if len(baseline) > 1 else ''}, begun {baseline[0]['began_at']}."]
    if len(baseline) == 1:
        notes.append("Of one run nobody knows how far repeats differ: a fifth is taken. --repeat 3 measures it.")
    notes += [
        f"Not the same {name}: {one[name]} then, {run[name]} now."
        for one in baseline
        for name in LIKE
        if one[name] != run[name]
    ]
    if any(one["machine"]["processor"] != run["machine"]["processor"] for one in baseline):
        notes.append("Not the same machine.")
    if any(one["verdict"] == "invalid" for one in (*baseline, run)):
        notes.append("At least one of the runs is INVALID.")
    return list(dict.fromkeys(notes))


def _figure(run: Json, path: Sequence[str]) -> float | None:
    value: Any = run
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return None if value is None else float(value)
