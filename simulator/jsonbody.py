"""Reading the JSON bodies of the simulator's HTTP door: what is wrong with one is said in words, and answered 422.

Not here: what a body means (control.py, control_smsc.py).
"""

import json
from collections.abc import Mapping
from typing import Any


def json_object(body: bytes, *allowed: str) -> Mapping[str, Any]:
    """An object with no other members than these, or any when none is named. ValueError when it is not."""
    value = json.loads(body)  # a JSONDecodeError is a ValueError
    if not isinstance(value, dict):
        raise ValueError("the body must be a JSON object")  # noqa: TRY004 - the peer's fault
    unknown = value.keys() - set(allowed) if allowed else ()
    if unknown:
        raise ValueError(f"unknown {', '.join(sorted(unknown))}; allowed are {', '.join(allowed)}")
    return value


def json_string(body: Mapping[str, Any], key: str) -> str:
    """A text with something in it. ValueError when it is not."""
    value = body.get(key)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{key}: a text is needed, found {value!r}")
    return value
