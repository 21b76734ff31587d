"""The lower parts of the page: the accounts, comparisons, steps to the limit, growth, the slowest flows, the way back.

Pure: parts of the dict of result.py in, markup out. Not here: the page as a whole (page.py).
"""

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

from simulator.load import charts
from simulator.load.summary import accounts as account_lines
from simulator.load.summary import shown

Json = dict[str, Any]
UNKNOWN: Final = "–"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int] = ()) -> str:
    """Cells are markup already; `numbers` are the columns that stand to the right."""
    tops = "".join(
        f"<th{' class=num' if n in numbers else ''}>{escape(head)}</th>" if head else "<td></td>"
        for n, head in enumerate(heads)
    )
    body = "".join(
        "<tr>"
        + "".join(f"<td{' class=num' if n in numbers else ''}>{cell}</td>" for n, cell in enumerate(row))
        + "</tr>"
        for row in rows
    )
    return scrolling(f"<table><thead><tr>{tops}</tr></thead><tbody>{body}</tbody></table>", "panel scroll")


def scrolling(table: str, style: str = "scroll") -> str:
    """A table that may be wider than the page: its frame can be reached by keyboard."""
    return f'<div class="{style}" tabindex="0" role="group" aria-label="table">{table}</div>'


# --- the accounts ----------------------------------------------------------------------------------------


def accounts(run: Json) -> str:
    """The equation, the checks, what flows led to and why texts were not sent."""
    found = run["accounting"]
    if found is None:
        return ""
    terms = [_term("decided", found["decided"], "")]
    for number, (state, count) in enumerate(found["states"].items()):
        terms.append(f'<span class="sign">{"=" if not number else "+"}</span>')
        terms.append(_term(state, count, "none" if not count else ""))
    checks = []
    for line in account_lines(run):
        mark, _, told = line.partition(" ")
        style = {"✓": "yes", "✗": "no"}.get(mark, "soft")
        checks.append(f'<li class="{style}">{escape(told)}</li>')
    equation = f'<div class="equation">{"".join(terms)}</div><ul class="checks">{"".join(checks)}</ul>'
    return (
        "<h2>Accounts</h2><p class='soft'>Every text the gateway decided on was fetched from it afterwards and put "
        "beside what the SMSC took and the handsets showed, by message id.</p>"
        f'<div class="panel">{equation}</div>'
        f'<div class="two-columns after">{_outcomes(run)}{_kinds(found)}</div>'
    )


def _term(name: str, count: int, style: str) -> str:
    return f'<span class="term {style}"><b>{count:,}</b><span>{escape(name)}</span></span>'


def _outcomes(run: Json) -> str:
    rows = []
    for kind, offered in run["traffic"]["offered_by_kind"].items():
        outcomes = run["traffic"]["outcomes"].get(kind, {})
        rows += [(kind, outcome, count, count / max(offered, 1)) for outcome, count in outcomes.items()]
    rows += [
        ("", error, count, count / max(run["traffic"]["offered"], 1))
        for error, count in run["traffic"]["errors"].items()
    ]
    return f"<div><h3>What flows led to</h3>{_bars(('flow', 'outcome'), rows)}</div>"


def _kinds(found: Json) -> str:
    most = max([*found["kinds"].values(), *found["suppressed"].values()], default=1)
    rows = [("sent", kind, count, count / most) for kind, count in found["kinds"].items()]
    rows += [("not sent", reason, count, count / most) for reason, count in found["suppressed"].items()]
    return f"<div><h3>Texts by kind, and why others were not sent</h3>{_bars(('', 'kind or reason'), rows)}</div>"


def _bars(heads: tuple[str, str], rows: Sequence[tuple[str, str, int, float]]) -> str:
    cells = [
        (escape(first), f"<code>{escape(second)}</code>", charts.meter(share), f"{count:,}")
        for first, second, count, share in rows
    ]
    return _table((*heads, "", "how many"), cells, (3,)).replace("<table>", '<table class="bars">')


# --- runs beside each other ------------------------------------------------------------------------------


def repeats(runs: Sequence[Json]) -> str:
    """The runs of one command, and how far they lie apart."""
    if not runs:
        return ""
    rows = [
        (
            str(number),
            one["verdict"].upper(),
            f"{one['traffic']['done_per_s']:,.0f}/s",
            *(shown(one["figures"].get(f"p99 {name}", 0), "ms") for name in ("flow", "event-200", "event-handset")),
            f"{one['generator']['lag_ms']['p99']:.1f} ms",
        )
        for number, one in enumerate(runs, 1)
    ]
    heads = ("run", "verdict", "done", "p99 flow", "p99 event → 200", "p99 event → handset", "generator lag p99")
    return f"<h2>Repeats</h2>{_table(heads, rows, (2, 3, 4, 5, 6))}"


def comparison(found: Json | None) -> str:
    """Against earlier runs; marked is only what lies outside their own spread."""
    if found is None:
        return ""
    rows = []
    for one in found["rows"]:
        change = f"{one['change_pct']:+.0f} %" if one["change_pct"] is not None else UNKNOWN
        told = f'<span class="changed {one["word"]}">{change} {one["word"]}</span>' if one["word"] else change
        spread = f"{shown(one['low'], '')} – {shown(one['high'], one['unit'])}"
        rows.append((escape(one["told"]), shown(one["now"], one["unit"]), spread, told))
    note = "".join(f"<p class='soft'>{escape(line)}</p>" for line in found["notes"])
    table = _table(("", "this run", "baseline", "change"), rows, (1, 2))
    return f"<h2>Against the baseline</h2>{note}{table}"


def limit(found: Json | None) -> str:
    """Step by step to the rate at which a threshold broke."""
    if found is None:
        return ""
    rows = [
        (
            f"{one['rate']:,.0f}/s",
            f"{one['done_per_s']:,.0f}/s",
            *(shown(one[name], "ms") if one[name] is not None else UNKNOWN for name in ("p50_ms", "p99_ms")),
            f"{one['gateway_pct']:.0f} %" if one["gateway_pct"] is not None else UNKNOWN,
            "✓" if one["ok"] else f'<span class="changed worse">✗ {escape("; ".join(one["broken"]))}</span>',
        )
        for one in found["steps"]
    ]
    heads = ("rate", "done", "p50 flow", "p99 flow", "gateway, of a core", "")
    why = "".join(f"<li>{escape(one)}</li>" for one in found["bottleneck"])
    last = f"{found['last_good']:,.0f} flows a second" if found["last_good"] else "none of the rates that were tried"
    return (
        f'<h2>The limit</h2><div class="panel" style="padding:12px 16px"><b>Last good: {escape(last)}.</b> '
        f"What stood at its limit when it broke:<ul>{why}</ul></div>"
        f'<div style="height:12px"></div>{_table(heads, rows, (0, 1, 2, 3, 4))}'
    )


def growth(judged: Sequence[Json]) -> str:
    """What memory and descriptors did in a soak."""
    if not judged:
        return ""
    rows = []
    for one in judged:
        unit = f" {one['unit']}" if one["unit"] else ""
        mark = "✓" if one["ok"] else '<span class="changed worse">✗ grows</span>'
        rows.append(
            (
                mark,
                escape(one["told"]),
                f"{one['slope']:+.2f}{unit}",
                escape(one["limit"]),
                f"{one['first']:,.1f} → {one['last']:,.1f}{unit}",
                f"{one['most']:,.1f}{unit}",
            )
        )
    heads = ("", "", "slope in 180,000 flows", "allowed", "from, to (after warming up)", "most")
    return f"<h2>Growth</h2>{_table(heads, rows, (2, 3, 4, 5))}"


# --- the slowest -----------------------------------------------------------------------------------------


def slowest(flows: Sequence[Json]) -> str:
    """Ten flows, each with its course, the gateway's decision and its log."""
    if not flows:
        return ""
    key = "".join(
        f'<span><i class="{style}"></i>{told}</span>'
        for style, told in (
            ("waited", "waited in the generator"),
            ("answering", "until its answer"),
            ("submit", "submit_sm at the SMSC"),
            ("shown", "on the handset"),
        )
    )
    return f'<h2>The slowest flows</h2><div class="key">{key}</div>{"".join(_flow(one) for one in flows)}'


def _flow(flow: Json) -> str:
    outcome = escape(" ".join((flow["outcome"], *flow["kinds"])))
    head = (
        f'<span class="took">{flow["took_ms"]:,.1f} ms</span><span class="soft num">at {flow["at_s"]:.1f} s</span>'
        f"<span>{escape(flow['number'])} {escape(flow['told'])} <span class='soft'>· {outcome}</span></span>"
        f"{charts.course(flow)}"
    )
    parts = [_instants(flow), _decision(flow.get("decision")), _log(flow)]
    return f'<details><summary>{head}</summary><div class="story">{"".join(parts)}</div></details>'


def _instants(flow: Json) -> str:
    steps = [(0.0, "meant to begin"), (flow["sent_ms"], "sent")]
    if flow["answered_ms"] is not None:
        steps.append((flow["answered_ms"], f"answered: {flow['outcome']} {' '.join(flow['kinds'])}".rstrip()))
    steps += [(at, "submit_sm at the SMSC") for at in flow["submits_ms"]]
    steps += [(at, "whole on the handset") for at in flow["shown_ms"]]
    rows = "".join(f'<tr><td class="num">{at:,.1f} ms</td><td>{escape(told)}</td></tr>' for at, told in sorted(steps))
    return f"<h3>As the generator saw it</h3><table>{rows}</table>"


def _decision(decision: Json | None) -> str:
    if decision is None:
        return ""
    rows = [
        (
            f"<code>{escape(str(one.get('rule')))}</code>",
            escape(str(one.get("result"))),
            escape(_figures(one.get("figures") or {})),
        )
        for one in decision.get("findings", ())
    ]
    cells = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    head = f"<h3>As the gateway decided <span class='soft'>flow {escape(str(decision.get('flow_id')))}</span></h3>"
    return head + (f"<table>{cells}</table>" if cells else "<p class='soft'>No rule had anything to say.</p>")


def _figures(figures: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in figures.items())


def _log(flow: Json) -> str:
    if not flow.get("log"):
        return ""
    rows = []
    for line in flow["log"]:
        rest = {key: value for key, value in line.items() if key not in ("ms", "event")}
        told = escape(json.dumps(rest, ensure_ascii=False))
        rows.append(
            f'<tr><td class="num">{line["ms"]:+,.0f} ms</td><td><code>{escape(line["event"])}</code></td>'
            f'<td class="mono soft">{told}</td></tr>'
        )
    return "<h3>Its lines in the log</h3>" + scrolling(f"<table>{''.join(rows)}</table>")


# --- the way back ----------------------------------------------------------------------------------------


def again(run: Json) -> str:
    """How to make this run once more, and on what it was made."""
    machine = run["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in machine["packages"].items())
    rows = [
        ("command", f"<code>{escape(run['command'])}</code>"),
        ("seed", f"{run['seed']} <span class='soft'>(add --seed {run['seed']} for the same arrivals)</span>"),
        (
            "gateway",
            escape(("its own" if run["gateway"]["own"] else run["gateway"]["url"]) + _settings(run["gateway"])),
        ),
        (
            "machine",
            escape(f"{machine['processor']}, {machine['cores']} cores, {machine['system']}, {machine['file_system']}"),
        ),
        ("versions", escape(f"Python {machine['python']}, SQLite {machine['sqlite']}, {versions}")),
        ("mix", f"<pre>{escape(_toml(run['mix']))}</pre>"),
    ]
    cells = "".join(f"<tr><th>{name}</th><td>{value}</td></tr>" for name, value in rows)
    return "<h2>To make it again</h2>" + scrolling(f"<table><tbody>{cells}</tbody></table>", "panel scroll")


def _settings(gateway: Json) -> str:
    settings = ", ".join(f"{key} = {value}" for key, value in gateway["settings"].items())
    return f", {settings}" if settings else ", default configuration"


def _toml(mix: Mapping[str, Mapping[str, Any]]) -> str:
    return "\n".join(
        f"[{name}]  "
        + "  ".join(f"{json.dumps(key) if ' ' in key else key} = {json.dumps(value)}" for key, value in table.items())
        for name, table in mix.items()
        if name != "thresholds"
    )
