"""What a producer is told of its events: one result for each, in the order given.

Must not be put here: how a body is read, what an event led to.
"""

import json
from functools import lru_cache
from typing import Any, Literal

from gateway.http.edge import spell
from gateway.http.problems import Problem
from gateway.items import EventResult, FieldError

_quoted = json.encoder.encode_basestring


def shown(result: EventResult, place: str = "") -> dict[str, Any]:
    """A result as contract.md 2.1 has it; `place` is the pointer to its event."""
    told: dict[str, Any] = {"id": result.id or None, "status": result.status}
    if result.outcome is not None:
        told |= {"outcome": result.outcome, "kinds": list(result.kinds)}
    if result.status == "rejected":
        errors = result.errors or (FieldError("", f"the event is rejected: {result.code}"),)
        faults = [{"pointer": place + one.pointer, "message": one.message, "code": result.code} for one in errors]
        told |= {"code": result.code, "errors": faults}
    return told


def spelled(result: EventResult, index: int) -> str:
    """One of a batch as JSON. Nearly all say one of a few things about an id: to spell it anew took twice as long."""
    if result.status == "rejected":
        return spell(shown(result, f"/{index}"))
    return f'{{"id":{_quoted(result.id)},{_said(result.status, result.outcome, result.kinds)}'


@lru_cache(maxsize=256)
def _said(status: Literal["accepted", "duplicate", "conflict"], outcome: str | None, kinds: tuple[str, ...]) -> str:
    told = shown(EventResult("", status, outcome, kinds))
    del told["id"]
    return spell(told).removeprefix("{")


def alone(result: EventResult) -> dict[str, Any]:
    """The answer to a single event. `Problem` 409 or 422 where its status is the answer's."""
    if result.status == "conflict":
        detail = "Another event was taken with this source and id (Q26)."
        raise Problem(409, detail, code="conflict", members={"id": result.id})
    if result.status == "rejected":
        told = shown(result)
        detail = f"The event is rejected: {result.code}."
        raise Problem(422, detail, code=result.code or "", members={"id": told["id"], "errors": told["errors"]})
    return {"results": [shown(result)]}
