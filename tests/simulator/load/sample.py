"""A run as the generator, the sampler and the audit would have told it, made of a few hundred invented flows."""

import random

from simulator.load import growth, result, special
from simulator.load.audit import STATES
from simulator.load.histogram import Histogram
from simulator.load.mix import Mix
from simulator.load.tally import Tally
from simulator.load.thresholds import read_thresholds

MB = 1_000_000


def ended(*, seconds=20, rate=20, slow_second=None, errors=0, seed=1):
    """What play.py says at the end of a run."""
    chance = random.Random(seed)
    tally = Tally()
    for second in range(seconds):
        for number in range(rate):
            due_s = second + number / rate
            took_s = chance.uniform(0.002, 0.02) * (20 if second == slow_second else 1)
            kind, outcome = chance.choice([("roam", "notified"), ("usage", "counted"), ("mo", "taken")])
            tally.started(kind, due_s, due_s + 0.001)
            if outcome != "counted":
                tally.text_shown(due_s + took_s)
                tally.segments += 1
                tally.told["help"] += 1
                tally.answered_submit(0.0001)
            if kind == "roam":
                tally.measured("event-handset", due_s, took_s)
            tally.measured("mo-reply" if kind == "mo" else "event-200", due_s, took_s)
            error = "HTTP 503" if errors > number and second == 0 else ""
            tally.done(kind, due_s, due_s + took_s, outcome=outcome, error=error, burst=second == slow_second)
    closed = tally.closed(seconds + 1, keep=-1)
    return {
        **tally.to_json(), "closed": closed, "took_s": float(seconds), "flows_took_s": float(seconds),
        "open": 0, "never_begun": 0, "crowded": 0,
        "held_s": 0.0, "strays": 0, "overdue": 0, "complaints": [], "came_on": 0, "pace_per_s": 0.0,
        "wire": {"submits": tally.segments, "receipts": tally.segments, "mo": 0, "policies": 0},
    }  # fmt: skip


def rows(seconds=20, *, gateway_pct=30, window=3, leak_bytes=0):
    """What the sampler saw."""
    return [
        {
            "at_s": second + 0.01, "flows": second * 20, "commits": second * 50.0, "window": window, "outbox": 1.0,
            "inbox": 0.0, "policies": 0.0, "blocked": 3, "receipts": second * 7,
            "machine": [second * 1.2, second * 2.0],
            "wal_bytes": 4 * MB, "db_bytes": 9 * MB, "checkpoint": second == 7,
            "gateway": {
                "cpu_s": second * gateway_pct / 100, "main_s": second * gateway_pct / 200,
                "rss_bytes": 80 * MB + second * leak_bytes, "descriptors": 40, "written_bytes": second * MB,
            },
            "generator": {
                "cpu_s": second * 0.1, "main_s": second * 0.1, "rss_bytes": 50 * MB, "descriptors": 30,
                "written_bytes": None,
            },
        }
        for second in range(seconds + 1)
    ]  # fmt: skip


def audit(texts, **changes):
    """Books that agree, unless told otherwise."""
    return {
        "decided": texts, "states": {state: texts if state == "delivered" else 0 for state in STATES},
        "suppressed": {"same_country": 4}, "kinds": {"help": texts}, "segments": texts, "shown": texts, "lost": 0,
        "duplicates": 0, "out_of_order": 0, "garbled": 0, "untold": 0, "bytes_accepted": {"2026-11": 5},
        "bytes_counted": {"2026-11": 5}, "bytes_uncertain": {}, "uncertain": 0, "examples": [], "balanced": True,
        "counted_once": True, **changes,
    }  # fmt: skip


SLOW = {
    "at_s": 3.5, "due_ts": 0.0, "took_ms": 40.0, "kind": "roam", "number": "+31640000001",
    "told": "registers in <Curacao>", "event_id": "location-1", "outcome": "notified", "kinds": ["border_eu"],
    "sent_ms": 1.0, "answered_ms": 30.0, "submits_ms": [35.0], "shown_ms": [40.0], "flow_id": "f1-2",
    "decision": {"flow_id": "f1-2", "findings": [{"rule": "E1", "result": "send", "figures": {"kind": "border_eu"}}]},
    "log": [{"ms": 12.0, "event": "notification.decided", "template": "border_eu"}],
}  # fmt: skip


def run(*, kind="steady", verdict="pass", seconds=20, slow_second=None, changed=None, p99=100.0, soak=False):
    """The whole dict of result.py."""
    told = ended(seconds=seconds, slow_second=slow_second)
    books = audit(told["segments"], **(changed or {}))
    samples = rows(seconds)
    figures = result.figures(told, books)
    thresholds = read_thresholds({"p99 flow": f"{p99} ms", "lost": "0", "errors": "0.1 %", "p99 mo-resp": "9 ms"})
    series = result.series(told["closed"], samples, [20.0] * seconds)
    judged = (growth.judge(limit, *growth.column(samples, limit.name)) for limit in growth.LIMITS)
    return {
        "schema": result.SCHEMA, "verdict": verdict, "began_at": "2026-11-02T09:00:00+01:00",
        "command": "simulator load", "stages": [[seconds, 20.0, 20.0]],
        "kind": kind, "seed": 7, "seconds": float(seconds), "took_s": told["took_s"],
        "spacing": "poisson", "subscribers": 100, "first_number": "+31640000001", "mix_name": "default",
        "mix": Mix.load("default").tables(), "gateway": {"own": True, "url": "http://127.0.0.1:1", "settings": {}},
        "machine": {
            "processor": "A <machine>", "cores": 2, "system": "Linux", "file_system": "ext4", "python": "3.11",
            "sqlite": "3.45", "packages": {"aiohttp": "3.14"},
        },
        "thresholds": result.judge(thresholds, figures), "figures": figures,
        "latency_ms": result.latencies(told["measures"]), "traffic": result.traffic(told), "accounting": books,
        "saturation": result.saturation(samples, Histogram(), 64),
        "generator": {"lag_ms": Histogram.from_json(told["lag"]).summary_ms(), "lag_max_ms": 10.0, "valid": True},
        "growth": [one.to_json() for one in judged if one is not None], "soak": soak,
        "special": special.figures(kind, seconds, told, series, {}), "series": series, "slowest": [SLOW],
        "limit": None, "comparison": None,
    }  # fmt: skip


def _lag(seconds):
    lag = Histogram()
    lag.record_s(seconds)
    return lag.to_json()


def step_parts(rate, *, broken_above, lag_s=0.001):
    """What pair.run gives for a step of a search: slow where the rate is above what this gateway holds."""
    told = ended(slow_second=5 if rate > broken_above else None)
    told["lag"] = _lag(lag_s)
    samples = rows(gateway_pct=95 if rate > broken_above else 40)
    return {"ended": told, "saturation": result.saturation(samples, Histogram(), 64)}
