"""A gateway's log for people: one line of words for each event, a bracket around each flow.

    10:15:00.012 ┌ s_9367 usage 10 MB in zone A (cdr-88123)
          +9 ms  │ BLOCK COST_LIMIT at 100 %
       +1480 ms  └ delivered (5A3F09)

Pure: entries in, lines out. An event that the table does not know is shown with its fields. Not here: where the lines
come from (logs.py).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

Entry = Mapping[str, Any]
HIDDEN: Final = frozenset({"ts", "level", "event", "flow_id", "boot", "sub", "msisdn", "vt", "n", "parent_flow_id"})
ENDS: Final = frozenset({"mt.delivered", "mt.failed", "mt.expired", "mt.cancelled", "flow.completed", "flow.failed"})
FLOWS_KEPT: Final = 1000
"""Flows whose beginning is remembered while the log goes on."""

WORDS: Final[Mapping[str, str]] = {  # event → words; {field} is a field, [ ] is left out where one in it is missing
    "service.started": "the gateway starts[, version {version}][, clock {clock_mode}]",
    "gateway.ready": "takes requests on port {http_port}",
    "service.stopping": "stops: {reason}",
    "service.stopped": "has stopped",
    "smpp.bound": "bound to {system_id}[ as {bind_type}][ at {peer}]",
    "smpp.bind_failed": "NOT bound: {status}[, again in {next_retry_s} s]",
    "smpp.unbound": "session over: {reason}",
    "mo.received": "texted[, {chars} characters]",
    "mo.duplicate": "texted the same again: answered once",
    "command.executed": "code {command}[: {before} → {after}]",
    "command.unknown": "an unknown code[, {chars} characters]",
    "location.received": "registers[ in {country}][ zone {zone}]",
    "usage.received": "uses {bytes} bytes[ in zone {zone}][ ({source_event_id})]",
    "event.duplicate": "known already[ ({source_event_id})]",
    "event.rejected": "REJECTED: {why}",
    "event.quarantined": "QUARANTINED",
    "block.activated": "BLOCK {reason}[ at {block_level} %][ by {by}]",
    "block.lifted": "UNBLOCK {reason}[ by {by}]",
    "bundle.activated": "bundle {category} number {n} begins[, {remaining} left]",
    "bundle.exhausted": "bundle {category} number {n} is used up",
    "policy.pushed": "the network knows[ ({http_status})]",
    "policy.push_failed": "the network does not take it[: {why}], attempt {attempt}",
    "portal.changed": "portal: {fields}",
    "portal.erased": "portal: erased",
    "period.rolled": "month {period} began[: {subscribers} subscribers][, {blocks_lifted} blocks lifted]",
    "mt.submitted": "sms {msg_id}[, {segments} segment(s)][ {encoding}][, attempt {attempt}]",
    "mt.accepted": "the SMSC has it[ ({smsc_id})]",
    "mt.retry_scheduled": "again later: {status}[, attempt {attempt}]",
    "mt.delivered": "delivered[ ({dlr_stat})]",
    "mt.failed": "FAILED[: {status}][ {dlr_stat}]",
    "mt.expired": "expired",
    "mt.cancelled": "cancelled[: {reason}]",
    "mt.unknown": "perhaps sent: {reason}",
    "clock.advanced": "clock moved to {to}[, {instants} instants]",
    "flow.failed": "FAILED in {kind}",
}


def told(entry: Entry) -> str:
    """The words for one entry."""
    event = str(entry.get("event", ""))
    if event == "notification.decided":
        sent = entry.get("outcome") == "send"
        reason = f" ({entry['reason']})" if entry.get("reason") else ""
        return f"decided: {'send' if sent else 'not'} {entry.get('template')}{reason}"
    if event in WORDS:
        words = _filled(WORDS[event], entry)
        if words is not None:
            return words
    if not event:
        return str(entry.get("text", ""))
    rest = " ".join(f"{key}={value}" for key, value in entry.items() if key not in HIDDEN)
    return f"{event} {rest}".rstrip()


def _filled(words: str, entry: Entry) -> str | None:
    """None when a field is missing outside brackets."""
    pieces = []
    for index, piece in enumerate(words.replace("]", "[").split("[")):
        try:
            pieces.append(piece.format_map(dict(entry)))
        except KeyError:
            if index % 2 == 0:
                return None
    return "".join(pieces)


@dataclass
class Brackets:
    """Draws flows as they come: `line` for one entry after the other, `grouped` for a log that is there whole."""

    _began: dict[str, datetime] = field(default_factory=dict)

    def line(self, entry: Entry) -> str:
        """The first of a flow has its instant, the others how long after it."""
        flow, at = str(entry.get("flow_id") or ""), _instant(entry)
        mark = {"error": "✗ ", "warning": "! "}.get(str(entry.get("level")), "")
        if not flow or at is None:
            return f"{_clock(at):>12} · {mark}{told(entry)}"
        began = self._began.get(flow)
        if began is None:
            self._remember(flow, at)
            who = f"{entry['sub'][:6]} " if entry.get("sub") else ""
            return f"{_clock(at):>12} ┌ {mark}{who}{told(entry)}   {flow}"
        sign = "└" if entry.get("event") in ENDS else "│"
        after_ms = round((at - began).total_seconds() * 1000)
        return f"{f'+{after_ms} ms':>12} {sign} {mark}{told(entry)}"

    def _remember(self, flow: str, at: datetime) -> None:
        self._began[flow] = at
        if len(self._began) > FLOWS_KEPT:
            del self._began[next(iter(self._began))]

    def grouped(self, entries: Iterable[Entry]) -> Iterator[str]:
        """Each flow together, in the order of their beginnings."""
        flows: dict[str, list[Entry]] = {}
        for number, entry in enumerate(entries):
            flows.setdefault(str(entry.get("flow_id") or f"\0{number}"), []).append(entry)
        for one in flows.values():
            yield from map(self.line, one)


def _instant(entry: Entry) -> datetime | None:
    try:
        return datetime.fromisoformat(str(entry["ts"]))
    except (KeyError, ValueError):
        return None


def _clock(at: datetime | None) -> str:
    return f"{at:%H:%M:%S}.{at.microsecond // 1000:03d}" if at is not None else ""
