"""Asking the control door of a running `serve` or `demo`, and how every verb ends.

`verb` wraps a function that asks and shows: what goes wrong on the way is one line on stderr, or JSON with `--json`,
and exit code 2.

Not here: what is asked (people.py, running.py), how it looks (shown.py).
"""

import asyncio
import functools
import json
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import aiohttp
import click

from simulator.ending import COULD_NOT_RUN

DEFAULT_AT: Final = "http://127.0.0.1:8331"
AT_VARIABLE: Final = "SIMULATOR_AT"
TIMEOUT_S: Final = 60.0
Json = dict[str, Any]

at_option = click.option(
    "--at",
    default=DEFAULT_AT,
    show_default=True,
    envvar=AT_VARIABLE,
    show_envvar=True,
    help="Control address of serve or demo.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="The answer as one JSON object.")


class Refused(Exception):  # noqa: N818 - what it says
    """Nobody answers, or the answer is no; the message says why."""


@dataclass(frozen=True, slots=True)
class Door:
    """One address. Every call is a connection of its own: a verb makes one or two."""

    at: str

    def get(self, path: str, **params: str) -> Json:
        return self._ask("GET", path, None, params)

    def post(self, path: str, body: Mapping[str, Any]) -> Json:
        return self._ask("POST", path, body, {})

    def put(self, path: str, body: Mapping[str, Any]) -> Json:
        return self._ask("PUT", path, body, {})

    def delete(self, path: str) -> Json:
        return self._ask("DELETE", path, None, {})

    def stream(self, path: str, body: Mapping[str, Any], on_line: Callable[[Json], None]) -> None:
        """NDJSON, each line as soon as it comes."""
        asyncio.run(self._stream(path, body, on_line))

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None, params: Mapping[str, str]) -> Json:
        return asyncio.run(self._asked(method, path, body, params))

    async def _asked(self, method: str, path: str, body: Mapping[str, Any] | None, params: Mapping[str, str]) -> Json:
        async with self._response(method, path, body, params) as response:
            answer: Json = await response.json(content_type=None)
            return answer

    async def _stream(self, path: str, body: Mapping[str, Any], on_line: Callable[[Json], None]) -> None:
        async with self._response("POST", path, body, {}) as response:
            async for line in response.content:
                on_line(json.loads(line))

    @asynccontextmanager
    async def _response(
        self, method: str, path: str, body: Mapping[str, Any] | None, params: Mapping[str, str]
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Refused when there is none or it is no good."""
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
        url = self.at.rstrip("/") + path
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as http,
                http.request(method, url, json=body, params=params or None) as response,
            ):
                if response.status >= 400:
                    raise Refused(await _detail(response))
                yield response
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise Refused(f"{self.at} does not answer: {error or type(error).__name__}") from None


async def _detail(response: aiohttp.ClientResponse) -> str:
    try:
        problem = await response.json(content_type=None)
    except ValueError:
        problem = None
    detail = problem.get("detail") if isinstance(problem, dict) else None
    return str(detail or f"{response.status} {response.reason}")


def verb(name: str) -> Callable[[Callable[..., Json | None]], Callable[..., None]]:
    """Gives a function `at` and `as_json`, passes it a Door, and ends with the right exit code.

    The function shows its answer unless `as_json`, and returns it.
    """

    def wrapped(function: Callable[..., Json | None]) -> Callable[..., None]:
        @at_option
        @json_option
        @functools.wraps(function)
        def call(*, at: str, as_json: bool, **given: Any) -> None:  # noqa: ANN401 - click names them
            try:
                answer = function(Door(at), as_json=as_json, **given)
            except (Refused, click.UsageError) as error:
                refuse(name, error.format_message() if isinstance(error, click.UsageError) else str(error), as_json)
            if as_json:
                tell(name, answer or {})

        return call

    return wrapped


def tell(name: str, answer: Mapping[str, Any]) -> None:
    click.echo(json.dumps({"verb": name, "ok": True, **answer}, ensure_ascii=False))


def refuse(name: str, error: str, as_json: bool) -> None:  # noqa: FBT001 - the option's name
    """Says what is wrong and ends."""
    if as_json:
        click.echo(json.dumps({"verb": name, "ok": False, "error": error}, ensure_ascii=False))
    else:
        click.echo(error, err=True)
    sys.exit(COULD_NOT_RUN)
