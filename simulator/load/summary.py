"""A run's result in some thirty lines for a terminal: verdict first, then the accounts, latencies and what was busy.

Pure: the dict of result.py in, lines out. Not here: the page (page.py).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from rich.text import Text

from simulator.load.flows import MEASURES

Json = dict[str, Any]
SPARKS: Final = "▁▂▃▄▅▆▇█"
SPARKS_MAX: Final = 60
STYLES: Final = {"pass": "bold green", "fail": "bold red", "invalid": "bold yellow"}
MARKS: Final = {True: "✓", False: "✗", None: "–"}
COLUMNS: Final = ("p50", "p90", "p99", "p99.9", "max")


def lines(run: Json) -> Iterator[Text]:
    """The whole summary."""
    yield headline(run)
    yield from _block("Thresholds", _thresholds(run["thresholds"]))
    yield from _block("Accounting", accounts(run))
    yield from _block("Not sent", _reasons(run))
    yield from _latencies(run["latency_ms"])
    yield from _block("The soak" if run.get("soak") else "That moment", moment(run.get("special")))
    yield from _block("The limit", limit(run.get("limit")))
    yield from _block("Baseline", comparison(run.get("comparison")))
    yield from _block("Saturation", saturation(run["saturation"]))
    yield from _block("Growth", [growth(one) for one in run["growth"]] if run.get("soak") else [])
    yield from _block("Generator", [generator(run)])
    yield from _block("Per second", _sparks(run["series"]))


def headline(run: Json) -> Text:
    """━━ PASS ━━ 120 s · 48,000 flows · …"""
    traffic = run["traffic"]
    facts = (
        f"{run['seconds']:g} s",
        f"{traffic['finished']:,} flows",
        f"{traffic['texts']:,} SMS ({traffic['segments']:,} segments)",
        f"seed {run['seed']}",
    )
    return Text.assemble((f"━━ {run['verdict'].upper()} ━━", STYLES[run["verdict"]]), " " + " · ".join(facts))


def _block(title: str, told: Iterable[str]) -> Iterator[Text]:
    """Lines under a title that stands beside the first."""
    for number, one in enumerate(told):
        line = Text(f" {title if not number else '':<14} {one}")
        if "✗" in one:
            line.stylize("red")
        yield line


def _thresholds(judged: Sequence[Json]) -> Iterator[str]:
    for one in judged:
        actual = "nothing to judge" if one["actual"] is None else shown(one["actual"], one["unit"])
        yield f"{MARKS[one['ok']]} {one['told']:<34} {actual}"


def shown(value: float, unit: str) -> str:
    """A figure as it is read: three digits, no more."""
    digits = (
        f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:,.1f}" if value >= 10 else f"{value:.2f}"
    )
    return f"{digits} {unit}".rstrip()


def accounts(run: Json) -> list[str]:
    """The equation, and whether both sides of the wire saw the same."""
    found, traffic = run["accounting"], run["traffic"]
    terms = " + ".join(f"{state} {count:,}" for state, count in found["states"].items())
    kept = found["lost"] == found["duplicates"] == found["out_of_order"] == found["garbled"] == found["untold"] == 0
    told = [
        f"{MARKS[found['balanced']]} decided {found['decided']:,} = {terms}",
        (
            f"{MARKS[kept]} SMSC took {found['segments']:,} segments, handsets showed {found['shown']:,} texts: "
            f"lost {found['lost']}, duplicates {found['duplicates']}, out of order {found['out_of_order']}, "
            f"garbled {found['garbled']}, untold {found['untold']}"
        ),
    ]
    for month, counted in found["bytes_counted"].items():
        accepted, open_bytes = found["bytes_accepted"].get(month, 0), found["bytes_uncertain"].get(month, 0)
        kept = accepted <= counted <= accepted + open_bytes
        sign = "=" if accepted == counted else "≠"
        unsure = f" ({open_bytes:,} got no answer)" if open_bytes else ""
        told.append(f"{MARKS[kept]} {month}: {accepted:,} bytes accepted {sign} {counted:,} counted{unsure}")
    if traffic["errors"] or traffic["open"]:
        errors = [f"{count:,} × {error}" for error, count in traffic["errors"].items()]
        errors += [f"{traffic['open']:,} not finished"] if traffic["open"] else []
        told.append(f"✗ errors: {', '.join(errors)}")
    return told + [f"  {example}" for example in found["examples"]]


def _reasons(run: Json) -> list[str]:
    """Why a flow brought no text: the outcomes of its event, and the texts that were decided against."""
    outcomes: dict[str, int] = {}
    for by_outcome in run["traffic"]["outcomes"].values():
        for outcome, count in by_outcome.items():
            if outcome not in ("notified", "taken"):
                outcomes[outcome] = outcomes.get(outcome, 0) + count
    events = " · ".join(f"{name} {count:,}" for name, count in _largest(outcomes))
    texts = " · ".join(f"{name} {count:,}" for name, count in _largest(run["accounting"]["suppressed"]))
    return [line for line in (f"events: {events}" if events else "", f"texts: {texts}" if texts else "") if line]


def _largest(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda one: -one[1])


def _latencies(found: Mapping[str, Json]) -> Iterator[Text]:
    if not found:
        return
    heads = "".join(f"{name:>9}" for name in COLUMNS)
    yield Text(f" {'Latency (ms)':<24}{heads}   from the intended instant; max is exact", style="bold")
    for name, values in found.items():
        figures = "".join(f"{shown(values[column], ''):>9}" for column in COLUMNS)
        yield Text(f"   {MEASURES[name]:<22}{figures}")


def saturation(found: Json) -> list[str]:
    """What was busy."""
    told = []
    if "gateway" in found:
        gateway = found["gateway"]
        told.append(
            f"gateway {gateway['core_pct']:.0f} % of a core (loop {gateway['main_pct']:.0f} %), "
            f"{gateway['rss_mb']:.0f} MB, {gateway['descriptors']} descriptors"
        )
    words = [f"loop answers after p99 {found['loop_late_ms']['p99']:.1f} ms"]
    if "commits_per_s" in found:
        words.append(f"{found['commits_per_s']:.0f} commits/s")
    if found.get("gateway", {}).get("written_mb_per_s") is not None:
        words.append(f"{found['gateway']['written_mb_per_s']:.1f} MB/s to disk")
    if "window_max" in found:
        limit = f"/{found['window_limit']}" if found["window_limit"] else ""
        words.append(f"window at most {found['window_max']}{limit}")
    if "outbox_max" in found:
        words.append(f"outbox at most {found['outbox_max']}")
    told.append(" · ".join(words))
    if "machine_pct" in found:
        told.append(f"machine {found['machine_pct']:.0f} % busy")
    return told


def generator(run: Json) -> str:
    """Whether the generator was on time."""
    found, busy = run["generator"], run["saturation"].get("generator", {})
    word = "valid" if found["valid"] else f"INVALID: allowed are {found['lag_max_ms']:g} ms"
    core = f" · {busy['core_pct']:.0f} % of a core" if busy else ""
    mark = "" if found["valid"] else "✗ "
    return (
        f"{mark}schedule lag p99 {found['lag_ms']['p99']:.1f} ms, max {found['lag_ms']['max']:.0f} ms ({word}){core}"
    )


def moment(special: Json | None) -> list[str]:
    """What the special moment did."""
    return [f"{one['told']}: {fact(one)}" for one in special["facts"]] if special else []


def limit(found: Json | None) -> list[str]:
    """The last good rate, and what stood at its limit when the next broke."""
    if found is None:
        return []
    last = f"last good {found['last_good']:,.0f} flows/s" if found["last_good"] else "no rate that was tried was good"
    return [last, *(f"at its limit: {one}" for one in found["bottleneck"])]


def comparison(found: Json | None) -> list[str]:
    """What changed by more than the baseline's runs differ among themselves."""
    if found is None:
        return []
    told = [
        f"{'✗' if one['word'] == 'worse' else '✓'} {one['told']}: {shown(one['now'], one['unit'])}, was "
        f"{shown(one['low'], '')} to {shown(one['high'], one['unit'])}: {one['word']}"
        for one in found["rows"]
        if one["word"]
    ]
    return [*found["notes"], *(told or ["nothing changed by more than repeats differ"])]


def fact(one: Json) -> str:
    return "not within the run" if one["value"] is None else shown(one["value"], one["unit"])


def growth(one: Json) -> str:
    unit = f" {one['unit']}" if one["unit"] else ""
    return (
        f"{MARKS[one['ok']]} {one['told']:<22} {one['slope']:+.2f}{unit} in 180,000 flows "
        f"(allowed {one['limit']}), at most {one['most']:.1f}{unit}"
    )


def _sparks(series: Sequence[Json]) -> list[str]:
    done = [float(one["done"]) for one in series]
    slow = [one["measures"].get("flow", (0, 0.0, 0.0, 0.0))[2] for one in series]
    told = [f"done {spark(done)}   p99 {spark(slow)}"] if done else []
    if slow and max(slow):
        worst = max(range(len(slow)), key=slow.__getitem__)
        why = " (a checkpoint of the database)" if series[worst].get("checkpoint") else ""
        told.append(f"worst second: {worst}, p99 {slow[worst]:.0f} ms{why}")
    return told


def spark(values: Sequence[float]) -> str:
    """One line of little columns; of many values each column is the largest of its share."""
    step = max(1, -(-len(values) // SPARKS_MAX))
    columns = [max(values[at : at + step]) for at in range(0, len(values), step)]
    top = max(columns, default=0.0) or 1.0
    return "".join(SPARKS[min(int(value / top * len(SPARKS)), len(SPARKS) - 1)] for value in columns)
