"""Problem details (RFC 9457) and JSON Pointers (RFC 6901)."""

from typing import Any

import pytest

from gateway.http.problems import FOUND_MAX, Problem, expected, found, pointer
from gateway.items import FieldError


def test_plain_problem_has_the_status_as_its_title() -> None:
    assert Problem(404, "Not here.").body() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "Not here.",
    }


def test_problem_with_a_code_has_a_type_errors_and_members() -> None:
    errors = [FieldError("/a", "found 1, allowed is 2")]
    assert Problem(422, "No.", code="invalid", errors=errors, members={"id": "u-1"}).body() == {
        "type": "urn:sms1330:problem:invalid",
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": "No.",
        "code": "invalid",
        "errors": [{"pointer": "/a", "message": "found 1, allowed is 2"}],
        "id": "u-1",
    }


@pytest.mark.parametrize(
    ("steps", "text"), [((), ""), (("a", 0, "b"), "/a/0/b"), (("a/b", "m~n"), "/a~1b/m~0n"), (("",), "/")]
)
def test_pointers(steps: tuple[str | int, ...], text: str) -> None:
    assert pointer(*steps) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": 1}, "an object"),
        ([1], "an array"),
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (7, "7"),
        (1.5, "1.5"),
        ("x", "'x'"),
        ("a\nb", r"'a\nb'"),
        (10**1000, "a number of many digits"),
    ],
)
def test_what_was_found_reads_as_json_names_it(value: Any, text: str) -> None:
    assert found(value) == text


def test_what_was_found_is_cut_short() -> None:
    assert found("x" * 10_000) == "'" + "x" * (FOUND_MAX - 1) + "…"


def test_a_fault_says_what_was_found_and_what_is_allowed() -> None:
    assert expected(3, "a string") == "found 3, allowed is a string"
