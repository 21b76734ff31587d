"""The report as one page: no server, no network, no script; it can be mailed, printed and kept beside a release.

The verdict stands first, then what it rests on: thresholds, the seconds, latencies, the accounts, what was busy, the
slowest flows with their story, and how to make the run again.

Pure: the dict of result.py in, markup out. Not here: how a chart is drawn (charts.py), the lower parts (sections.py).
"""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from statistics import fmean
from typing import Any, Final

from simulator.load import charts, sections
from simulator.load.charts import Line, Mark
from simulator.load.flows import MEASURES
from simulator.load.kinds import HALF, KINDS
from simulator.load.summary import fact, saturation, shown

Json = dict[str, Any]
STYLE: Final = Path(__file__).parent / "page.css"
COLUMNS: Final = ("p50", "p90", "p99", "p99.9", "max")
WORDS: Final = {
    "pass": "Every threshold was kept and the books agree.",
    "fail": "Not as it should be:",
    "invalid": "The generator itself came late, so these figures say nothing about the gateway.",
}
SPECIAL: Final = {"spike": "a plane lands", "month-edge": "a month ends", "receipt-storm": "phones come on"}


def page(run: Json, repeats: Sequence[Json] = ()) -> str:
    """The whole document of one run; `repeats` are the other runs of the same command."""
    parts = [
        _header(run),
        _thresholds(run["thresholds"]),
        sections.limit(run.get("limit")),
        sections.repeats([*repeats, run] if repeats else []),
        sections.comparison(run.get("comparison")),
        _moment(run.get("special")),
        _seconds(run),
        _latencies(run["latency_ms"]),
        sections.accounts(run),
        _busy(run),
        sections.growth(run.get("growth", []) if run.get("soak") else []),
        sections.slowest(run["slowest"]),
        sections.again(run),
    ]
    title = f"{run['verdict'].upper()} · {run['kind']} · {run['began_at'][:16].replace('T', ' ')}"
    style = STYLE.read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title><style>{style}</style></head><body><main>{''.join(parts)}</main></body></html>\n"
    )


def _header(run: Json) -> str:
    traffic = run["traffic"]
    rates = " → ".join(_rate(one) for one in run["stages"])
    facts = [
        (f"{run['seconds']:g} s", "of traffic"),
        (f"{traffic['finished']:,}", "flows"),
        (f"{traffic['texts']:,}", f"SMS on handsets, {traffic['segments']:,} segments"),
        (f"{traffic['done_per_s']:,.0f}/s", "flows done"),
        (f"{run['subscribers']:,}", "subscribers"),
        (f"{run['seed']}", "seed"),
    ]
    shown_facts = "".join(f"<li><b>{escape(value)}</b><span>{escape(name)}</span></li>" for value, name in facts)
    broken = [f"{one['told']}: {shown(one['actual'], one['unit'])}" for one in run["thresholds"] if one["ok"] is False]
    broken += _unequal(run)
    if run.get("soak"):
        broken += [f"{one['told']} grows" for one in run["growth"] if not one["ok"]]
    lag = run["generator"]["lag_ms"]["p99"]
    if run["verdict"] == "invalid":
        broken = [f"schedule lag p99 {lag:.1f} ms, allowed are {run['generator']['lag_max_ms']:g} ms"]
    why = f'<p class="why">{escape(WORDS[run["verdict"]])} {escape(" · ".join(broken))}</p>' if broken else ""
    good = f'<p class="soft">{WORDS["pass"]}</p>' if run["verdict"] == "pass" else ""
    return (
        f'<header class="{run["verdict"]}"><span class="verdict">{run["verdict"].upper()}</span>'
        f"<h1>Load: {escape(run['kind'])}, {escape(rates)}</h1>"
        f'<p class="soft">{escape(KINDS[run["kind"]].told)} · mix {escape(run["mix_name"])} · '
        f"{run['spacing']} arrivals · {escape(run['began_at'].replace('T', ' '))}</p>"
        f'<ul class="facts">{shown_facts}</ul>{why}{good}</header>'
    )


def _rate(stage: Sequence[float]) -> str:
    seconds, begin, end = stage
    return f"{begin:g} flows/s for {seconds:g} s" if begin == end else f"{begin:g} to {end:g} flows/s in {seconds:g} s"


def _unequal(run: Json) -> list[str]:
    found = run["accounting"] or {}
    told = [] if found.get("balanced", True) else ["the accounts do not balance"]
    return told + ([] if found.get("counted_once", True) else ["bytes accepted are not the bytes counted"])


def _thresholds(judged: Sequence[Json]) -> str:
    cards = []
    for one in judged:
        style = {True: "ok", False: "broken", None: "open"}[one["ok"]]
        mark = {True: "✓", False: "✗", None: "–"}[one["ok"]]
        value = "no figure" if one["actual"] is None else shown(one["actual"], one["unit"])
        bar = charts.meter(one["actual"] / one["limit"]) if one["actual"] is not None and one["limit"] else ""
        cards.append(
            f'<div class="card {style}"><span class="mark">{mark}</span><div class="what">{escape(one["told"])}</div>'
            f'<div class="value">{value}</div>{bar}</div>'
        )
    return f'<h2>Thresholds</h2><div class="cards">{"".join(cards)}</div>'


def _moment(special: Json | None) -> str:
    """What the special moment of the run's kind did."""
    if special is None:
        return ""
    cards = "".join(
        f'<div class="card"><div class="what">{escape(one["told"])}</div><div class="value">{fact(one)}</div></div>'
        for one in special["facts"]
    )
    return f'<h2>{escape(special["told"].partition(":")[0].capitalize())}</h2><div class="cards">{cards}</div>'


# --- second by second ------------------------------------------------------------------------------------


def _seconds(run: Json) -> str:
    series = run["series"]
    if not series:
        return ""
    special = [Mark(run["seconds"] * HALF, SPECIAL[run["kind"]])] if run["kind"] in SPECIAL else []
    checks = [Mark(one["second"] + 0.5, "checkpoint", "checkpoint") for one in series if one.get("checkpoint")]
    slow = [
        Line(f"p99 {MEASURES[name]}", style, _measure(series, name, 2))
        for name, style in (("event-200", "one"), ("event-handset", "two"), ("mo-reply", "three"))
        if name in run["latency_ms"]
    ]
    busy = [
        Line("gateway", "one", _values(series, "gateway_pct"), fmean, area=True),
        Line("generator", "two", _values(series, "generator_pct"), fmean),
    ]
    memory = [
        Line("gateway memory", "one", _values(series, "gateway_rss_mb")),
        Line("generator memory", "two", _values(series, "generator_rss_mb")),
        Line("write-ahead log", "four", _values(series, "wal_mb")),
    ]
    drawn = [
        charts.lines("Flows per second", "/s", _rates(run), special),
        charts.lines("Latency by the second the flow was meant to begin in", "ms", slow, [*special, *checks]),
        charts.lines("Processor, percent of one core", "%", busy, special, height=130),
        charts.lines("What waited in the gateway", "", _waiting(run), special, height=130),
        charts.lines("Memory and write-ahead log", "MB", memory, checks, height=130),
    ]
    return f"<h2>Second by second</h2>{''.join(drawn)}"


def _rates(run: Json) -> list[Line]:
    series = run["series"]
    drawn = [
        Line("done", "one", _values(series, "done"), fmean, area=True),
        Line("offered", "two", _values(series, "offered"), fmean),
        Line("texts shown", "three", _values(series, "texts"), fmean),
        Line("planned", "plan", [one["planned"] or None for one in series], fmean),
    ]
    if any(one["errors"] for one in series):
        drawn.append(Line("errors", "bad", _values(series, "errors"), fmean))
    if run["kind"] == "receipt-storm":
        drawn.append(Line("receipts", "four", _values(series, "receipts"), fmean))
    return drawn


def _waiting(run: Json) -> list[Line]:
    series = run["series"]
    drawn = [
        Line("texts in the outbox", "one", _values(series, "outbox")),
        Line("window in use", "two", _values(series, "window")),
        Line("events waiting for a commit", "three", _values(series, "inbox")),
    ]
    if run["kind"] == "month-edge":
        drawn.append(Line("subscribers blocked for costs", "four", _values(series, "blocked")))
    return drawn


def _values(series: Sequence[Json], name: str) -> list[float | None]:
    return [None if one.get(name) is None else float(one[name]) for one in series]


def _measure(series: Sequence[Json], name: str, column: int) -> list[float | None]:
    return [one["measures"][name][column] if name in one["measures"] else None for one in series]


# --- latencies -------------------------------------------------------------------------------------------


def _latencies(found: Json) -> str:
    if not found:
        return ""
    heads = "".join(f'<th class="num">{name}</th>' for name in COLUMNS)
    rows = []
    for name, values in found.items():
        cells = "".join(f'<td class="num">{shown(values[column], "")}</td>' for column in COLUMNS)
        count = f'<td class="num soft">{values["count"]:,}</td>'
        rows.append(f"<tr><th>{escape(MEASURES[name])}</th>{cells}{count}</tr>")
    drawn = []
    for name in ("event-200", "event-submit", "event-handset", "mo-reply"):
        if name in found:
            values = found[name]
            ranks = [(rank, values[rank]) for rank in ("p50", "p99", "max")]
            svg = charts.histogram(MEASURES[name], values["histogram"], ranks)
            drawn.append(f'<div class="panel"><h3>{escape(MEASURES[name])}</h3>{svg}</div>')
    head = f'<thead><tr><td></td>{heads}<th class="num">of</th></tr></thead>'
    table = sections.scrolling(f"<table>{head}<tbody>{''.join(rows)}</tbody></table>", "panel scroll")
    return (
        "<h2>Latency</h2><p class='soft'>Milliseconds from the instant a flow was meant to begin, so that what held "
        "it up counts too; the maximum is exact.</p>"
        f'{table}<div class="two-columns after">{"".join(drawn)}</div>'
    )


# --- what was busy ---------------------------------------------------------------------------------------


def _busy(run: Json) -> str:
    found = run["saturation"]
    shares = [
        ("gateway, of one core", found.get("gateway", {}).get("core_pct")),
        ("its event loop", found.get("gateway", {}).get("main_pct")),
        ("generator, of one core", found.get("generator", {}).get("core_pct")),
        ("the whole machine", found.get("machine_pct")),
    ]
    if found.get("window_limit") and "window_max" in found:
        shares.append(("SMPP window, at most", found["window_max"] / found["window_limit"] * 100))
    cards = []
    for name, share in shares:
        if share is not None:
            bar = charts.meter(share / 100, "hot" if share > 85 else "")
            what = f'<div class="what">{escape(name)}</div><div class="value">{share:.0f} %</div>'
            cards.append(f'<div class="card">{what}{bar}</div>')
    told = "".join(f"<li>{escape(line)}</li>" for line in saturation(found))
    lag, core = run["generator"]["lag_ms"], found.get("generator", {}).get("core_pct")
    word = "valid" if run["generator"]["valid"] else "INVALID"
    late = (
        f"generator: schedule lag p50 {lag['p50']:.1f}, p99 {lag['p99']:.1f}, max {lag['max']:.0f} ms "
        f"({word}: at most {run['generator']['lag_max_ms']:g} ms at p99)"
    )
    late += f", {core:.0f} % of a core" if core is not None else ""
    return (
        f'<h2>What was busy</h2><div class="cards">{"".join(cards)}</div>'
        f'<ul class="soft">{told}<li>{escape(late)}</li></ul>'
    )
