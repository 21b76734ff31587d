"""One run as a value: everything that a report shows, as JSON with a version of its own.

    schema sms1330.load/1
    verdict   pass | fail (a threshold broke) | invalid (the generator came late)

Latencies are in milliseconds; histograms are [lowest value in us, how many]. Later versions add members and change
none.

Pure: parts in, dict out. Not here: how it looks (summary.py, page.py), exit codes (run.py).
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from simulator.load.flows import MEASURES
from simulator.load.histogram import PERCENTILES, Histogram, percentile_name
from simulator.load.thresholds import Threshold

SCHEMA: Final = "sms1330.load/1"
MB: Final = 1_000_000
HOT_PCT: Final = 70
"""Of its core: what is left belongs to the kernel, the disk and whoever else runs there."""
FULL_PCT: Final = 90
Json = dict[str, Any]


def latencies(measures: Mapping[str, Any]) -> Json:
    """Percentiles and the histogram of each measure that has values, in the order of MEASURES."""
    found = {}
    for name in MEASURES:
        if name in measures and measures[name]["count"]:
            one = Histogram.from_json(measures[name])
            found[name] = {**one.summary_ms(), "histogram": one.to_json()["buckets"]}
    return found


def figures(ended: Json, audit: Json | None) -> dict[str, float]:
    """What thresholds are judged by. What was not looked at is not there."""
    found: dict[str, float] = {}
    for measure, values in ended["measures"].items():
        one = Histogram.from_json(values)
        if one.count:
            found |= {f"{percentile_name(p)} {measure}": one.at(p) / 1000 for p in PERCENTILES}
            found[f"max {measure}"] = one.max_us / 1000
    offered = sum(ended["offered"].values())
    broken = sum(ended["errors"].values()) + ended["open"] + ended["never_begun"]
    found["unfinished"] = ended["open"] + ended["never_begun"]
    if offered:
        found["errors"] = broken / offered * 100
    if audit is not None:
        names = {"lost": "lost", "duplicates": "duplicates", "out of order": "out_of_order"}
        names |= {"garbled": "garbled", "untold": "untold"}
        found |= {name: float(audit[key]) for name, key in names.items()}
    return found


def verdict(judged: Sequence[Json], *, valid: bool, audit: Json | None, unwell: Sequence[str]) -> str:
    """Validity first: what a late generator measured says nothing, good or bad."""
    if not valid:
        return "invalid"
    broken = any(one["ok"] is False for one in judged)
    unequal = audit is not None and not (audit["balanced"] and audit["counted_once"])
    return "fail" if broken or unequal or unwell else "pass"


def judge(thresholds: Sequence[Threshold], found: Mapping[str, float]) -> list[Json]:
    return [one.judge(found) for one in thresholds]


def traffic(ended: Json) -> Json:
    """Flows by kind and outcome, and what passed over the wire."""
    offered = ended["offered"]
    by_kind: dict[str, dict[str, int]] = {kind: {} for kind in offered}
    for kind, outcome, count in ended["outcomes"]:
        by_kind.setdefault(kind, {})[outcome] = count
    return {
        "offered": sum(offered.values()),
        "offered_by_kind": offered,
        "finished": ended["finished"],
        "done_per_s": round(ended["finished"] / max(ended["flows_took_s"], 0.001), 2),
        "open": ended["open"] + ended["never_begun"],
        "outcomes": by_kind,
        "errors": ended["errors"],
        "texts": ended["texts"],
        "segments": ended["segments"],
        "wire": ended["wire"],
        "strays": ended["strays"],
        "overdue": ended["overdue"],
        "crowded": ended["crowded"],
        "held_s": ended["held_s"],
        "complaints": ended["complaints"],
    }


# --- what was busy ---------------------------------------------------------------------------------------


def saturation(rows: Sequence[Json], loop_late: Histogram, window: int | None) -> Json:
    """The shares, rates and peaks of a run's samples."""
    found: Json = {"loop_late_ms": loop_late.summary_ms(), "samples": len(rows), "window_limit": window}
    for name in ("gateway", "generator"):
        looks = [(row["at_s"], row[name]) for row in rows if name in row]
        if len(looks) < 2:
            continue
        (from_s, first), (to_s, last) = looks[0], looks[-1]
        took_s = to_s - from_s
        found[name] = {
            "core_pct": round((last["cpu_s"] - first["cpu_s"]) / took_s * 100, 1),
            "main_pct": round((last["main_s"] - first["main_s"]) / took_s * 100, 1),
            "rss_mb": round(last["rss_bytes"] / MB, 1),
            "rss_max_mb": round(max(look["rss_bytes"] for _, look in looks) / MB, 1),
            "descriptors": last["descriptors"],
        }
        if last["written_bytes"] is not None and first["written_bytes"] is not None:
            found[name]["written_mb_per_s"] = round((last["written_bytes"] - first["written_bytes"]) / took_s / MB, 2)
    machine = [row["machine"] for row in rows if "machine" in row]
    if len(machine) > 1 and machine[-1][1] > machine[0][1]:
        (busy_0, all_0), (busy_1, all_1) = machine[0], machine[-1]
        found["machine_pct"] = round((busy_1 - busy_0) / (all_1 - all_0) * 100, 1)
    found |= _gauges(rows)
    return found


def _gauges(rows: Sequence[Json]) -> Json:
    found: Json = {}
    commits = [(row["at_s"], row["commits"]) for row in rows if "commits" in row]
    if len(commits) > 1:
        found["commits_per_s"] = round((commits[-1][1] - commits[0][1]) / (commits[-1][0] - commits[0][0]), 1)
    for name in ("window", "outbox", "inbox", "policies"):
        values = [row[name] for row in rows if name in row]
        if values:
            found[f"{name}_max"] = int(max(values))
            found[f"{name}_mean"] = round(sum(values) / len(values), 2)
    wal = [row["wal_bytes"] for row in rows if "wal_bytes" in row]
    if wal:
        found["wal_max_mb"] = round(max(wal) / MB, 1)
        found["db_mb"] = round([row["db_bytes"] for row in rows if "db_bytes" in row][-1] / MB, 1)
    return found


def bottleneck(found: Json, *, valid: bool) -> list[str]:
    """What stood at its limit, the likeliest first: words for `--find-limit`."""
    gateway, generator = found.get("gateway", {}), found.get("generator", {})
    window = found.get("window_limit")
    reasons = []
    if gateway.get("core_pct", 0) > HOT_PCT:
        whole, loop = gateway["core_pct"], gateway["main_pct"]
        shares = f"its loop {loop:.0f} %, its store's threads {whole - loop:.0f} %"
        reasons.append(f"the gateway's processor time: {whole:.0f} % of a core ({shares})")
    if found.get("machine_pct", 0) > FULL_PCT:
        reasons.append(f"the machine: {found['machine_pct']:.0f} % of all cores busy, with others' work too")
    if not valid or generator.get("core_pct", 0) > FULL_PCT:
        core = f"{generator.get('core_pct', 0):.0f} % of a core"
        reasons.append(f"the generator itself ({core}): the gateway may do more")
    if window and found.get("window_mean", 0) > 0.8 * window:
        reasons.append(f"the SMPP window: {found['window_mean']:.0f} of {window} in use on average")
    if found.get("inbox_max", 0) > 1000:
        reasons.append(f"the store's commits: {found['inbox_max']} events waited for one")
    return reasons or ["nothing that was looked at: no processor, window or queue stood at its limit"]


# --- second by second ------------------------------------------------------------------------------------


def series(closed: Sequence[Json], rows: Sequence[Json], planned: Sequence[float]) -> list[Json]:
    """One entry for each second of the plan and of the drain: what was asked, what came, what was busy."""
    seconds = {row["second"]: row for row in closed if row["second"] >= 0}
    last = max([len(planned) - 1, *seconds], default=-1)
    samples = _by_second(rows)
    empty = {"offered": 0, "done": 0, "errors": 0, "texts": 0, "measures": {}}
    return [
        {
            **empty,
            **seconds.get(second, {}),
            "second": second,
            "planned": round(planned[second], 1) if second < len(planned) else 0.0,
            **samples.get(second, {}),
        }
        for second in range(last + 1)
    ]


def _by_second(rows: Sequence[Json]) -> dict[int, Json]:
    """Each sample against the one before it."""
    found: dict[int, Json] = {}
    for before, row in pairwise(rows):
        took_s = row["at_s"] - before["at_s"]
        entry: Json = {"checkpoint": row.get("checkpoint", False)}
        for name in ("gateway", "generator"):
            if name in row and name in before and took_s > 0:
                entry[f"{name}_pct"] = round((row[name]["cpu_s"] - before[name]["cpu_s"]) / took_s * 100, 1)
                entry[f"{name}_rss_mb"] = round(row[name]["rss_bytes"] / MB, 1)
                entry[f"{name}_fds"] = row[name]["descriptors"]
        if "wal_bytes" in row:
            entry["wal_mb"] = round(row["wal_bytes"] / MB, 2)
        entry |= {name: row[name] for name in ("window", "outbox", "inbox", "blocked") if name in row}
        if "receipts" in row and "receipts" in before and took_s > 0:
            entry["receipts"] = round((row["receipts"] - before["receipts"]) / took_s, 1)
        found[int(row["at_s"])] = entry
    return found
