"""How many frames and requests crossed the wire, as the simulator saw them: its half of the settle comparison.

Each counter has its twin in the gateway's `GET /v1/quiet`. One object belongs to one life of the gateway: a session
keeps the object it was opened under, so what an old gateway left behind is never counted against a new one.
"""

from dataclasses import dataclass
from typing import Final

TWINS: Final = {
    "mo_out": "mo_in",
    "events_out": "events_in",
    "submits_in": "submits_out",
    "receipts_out": "receipts_in",
    "policy_in": "policy_out",
}
"""Ours → the gateway's, by the name `GET /v1/quiet` gives it."""


@dataclass(slots=True)
class Counters:
    """`unanswered`: requests of either side that wait for an answer the simulator will see or give."""

    mo_out: int = 0
    events_out: int = 0
    submits_in: int = 0
    receipts_out: int = 0
    policy_in: int = 0
    unanswered: int = 0
