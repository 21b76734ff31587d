"""A report as JSON and back, in the form that `report.schema.json` fixes.

The form has a version: a new field may come at any time, what stands there keeps its meaning, and anything else is
another version. Instants are RFC 3339, tuples arrays, the totals at the top are there to be read and are made anew.

Not here: what the fields mean (model.py).
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields, is_dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

from simulator.reports.model import Report

VERSION: Final = "sms1330.report/1"
SCHEMA: Final = Path(__file__).with_name("report.schema.json")

Json = dict[str, Any]


def dumps(report: Report) -> str:
    return json.dumps(to_json(report), ensure_ascii=False, indent=1, default=_plain) + "\n"


def loads(text: str) -> Report:
    """ValueError says what is wrong with it."""
    found = json.loads(text)
    if not isinstance(found, Mapping) or found.get("schema") != VERSION:
        told = found.get("schema") if isinstance(found, Mapping) else found
        raise ValueError(f"schema {told!r}: allowed is {VERSION!r}")
    try:
        report: Report = _read(Report, found)
    except (KeyError, TypeError) as error:
        raise ValueError(f"no report: {error}") from error
    return report


def to_json(report: Report) -> Json:
    counts = {"total": len(report.cases)}
    counts |= {state: len(report.of(state)) for state in ("passed", "failed", "open")}
    return {
        "schema": VERSION,
        "language": report.language,
        "passed": report.passed,
        "counts": counts,
        "virtual_s": report.virtual.total_seconds(),
        **asdict(report),
    }


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{value!r} is no part of a report")


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _read(kind: Any, value: Any) -> Any:  # noqa: ANN401 - any annotation of the model, any JSON
    """A JSON value as that type of the model. Fields it does not know are left alone: a later program wrote them."""
    if is_dataclass(kind) and isinstance(kind, type):
        hints = _hints(kind)
        return kind(**{one.name: _read(hints[one.name], value[one.name]) for one in fields(kind) if one.name in value})
    inner = get_args(kind)
    if get_origin(kind) is tuple:
        each = [inner[0]] * len(value) if inner[-1] is Ellipsis else inner
        return tuple(_read(one, item) for one, item in zip(each, value, strict=True))
    if isinstance(kind, UnionType):
        # Only "or None" is in the model.
        return None if value is None else _read(inner[0], value)
    if get_origin(kind) is Literal and value not in inner:
        raise TypeError(f"{value!r}: allowed are {', '.join(inner)}")
    plain: Mapping[Any, Callable[[Any], Any]] = {datetime: datetime.fromisoformat, float: float}
    return plain[kind](value) if kind in plain else value
