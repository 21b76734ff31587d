"""Errors as problem details: one value for every answer of 4xx and 5xx (RFC 9457).

A `Problem` is raised where the fault is seen and rendered in one place, so that no handler builds an error body by
hand. `type` is "about:blank" where the status says it all, else a URN ending in the `code` a program can switch on.
Each message gives the place, what was found and what is allowed; what was found is cut short.
Must not be put here: HTTP server objects; anything of what happened inside (an unexpected error shows none of it).
"""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from gateway.items import FieldError

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:sms1330:problem:"
# A message repeats what was sent only so far as a person needs to find it again.
FOUND_MAX = 60


class Problem(Exception):  # noqa: N818 - RFC 9457's own word
    """An answer that is an error: `status` and `detail`, `code` for programs, `errors` with JSON Pointers.

    `headers` go out with the answer; `members` are RFC 9457 §3.2 extension members.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        code: str = "",
        errors: Iterable[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{status}: {detail}")
        self.status = status
        self.detail = detail
        self.code = code
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.members = dict(members or {})

    def body(self) -> dict[str, Any]:
        """RFC 9457 §3.1: the members of the answer."""
        body: dict[str, Any] = {
            "type": TYPE_PREFIX + self.code if self.code else "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }
        if self.code:
            body["code"] = self.code
        if self.errors:
            body["errors"] = [{"pointer": error.pointer, "message": error.message} for error in self.errors]
        return self.members | body


def pointer(*steps: str | int) -> str:
    """RFC 6901 §3: the JSON Pointer to a place; no steps is the whole document."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def found(value: object) -> str:
    """What was found, as JSON names it, cut to what a person needs."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "an array"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    # An integer may have more digits than Python is willing to write out.
    if isinstance(value, int) and value.bit_length() > 8 * FOUND_MAX:
        return "a number of many digits"
    shown = repr(value[: FOUND_MAX + 1] if isinstance(value, str) else value)
    return shown if len(shown) <= FOUND_MAX else shown[:FOUND_MAX] + "…"


def expected(value: object, allowed: str) -> str:
    """The sentence of a fault: what was found, what is allowed."""
    return f"found {found(value)}, allowed is {allowed}"
