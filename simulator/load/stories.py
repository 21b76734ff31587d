"""The slowest flows told whole: the instants the generator saw, the gateway's decision, its log lines of that flow.

Not here: which flows are the slowest (tally.py), how they look (page.py).
"""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from simulator.gateway_client import GatewayClient

LINES_MAX: Final = 40
"""Log lines of one flow; a flow with one text has half a dozen."""
SLACK_S: Final = 2.0
"""The gateway's clock and ours are read at different places; a text's decision is looked for within this."""
Json = dict[str, Any]


async def decisions(client: GatewayClient, slowest: Sequence[Json], shift_s: float) -> list[Json]:
    """Each flow with the decision that the gateway made of it, where it can be found."""
    told = []
    for flow in slowest:
        made = await client.decisions(flow["number"]) if flow["number"] else []
        decision = next((one for one in made if _is_of(flow, one, shift_s)), None)
        told.append({**flow, "decision": decision, "flow_id": (decision or {}).get("flow_id", "")})
    return told


def _is_of(flow: Json, decision: Json, shift_s: float) -> bool:
    event = decision.get("event", {})
    if flow["event_id"]:
        return bool(event.get("id") == flow["event_id"])
    # A text has no id of its own: it is told by its sender and its instant.
    if event.get("type") != "sms.received":
        return False
    decided = datetime.fromisoformat(str(decision.get("decided_at") or decision["at"])).timestamp()
    sent = flow["due_ts"] + shift_s + flow["sent_ms"] / 1000
    return bool(-SLACK_S <= decided - sent <= flow["took_ms"] / 1000 + SLACK_S)


def with_log(slowest: Sequence[Json], paths: Iterable[Path]) -> list[Json]:
    """Each flow with its lines of the gateway's log, in ms since it was meant to begin."""
    by_flow: dict[str, list[Json]] = {flow["flow_id"]: [] for flow in slowest if flow["flow_id"]}
    for path in paths:
        with path.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                entry = _entry(line, by_flow)
                if entry is not None and len(by_flow[entry["flow_id"]]) < LINES_MAX:
                    by_flow[entry["flow_id"]].append(entry)
    return [{**flow, "log": [_since(flow, one) for one in by_flow.get(flow["flow_id"], ())]} for flow in slowest]


def _entry(line: str, wanted: dict[str, list[Json]]) -> Json | None:
    # A log of a long run has millions of lines; few of them are worth reading as JSON.
    _, found, rest = line.partition('"flow_id":"')
    if not found or rest.partition('"')[0] not in wanted:
        return None
    try:
        entry: Json = json.loads(line)
    except ValueError:
        return None
    return entry


def _since(flow: Json, entry: Json) -> Json:
    at = datetime.fromisoformat(entry["ts"]).replace(tzinfo=UTC).timestamp()
    kept = {key: value for key, value in entry.items() if key not in ("ts", "level", "flow_id", "boot", "sub", "vt")}
    return {"ms": round((at - flow["due_ts"]) * 1000, 1), **kept}
