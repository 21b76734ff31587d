"""Who may bind, and how: system_ids with their password, limits and habits, from the command line or a TOML file.

    [[account]]
    system_id = "acme"             # at most 15 characters
    password = "secret"            # at most 8
    binds = ["transceiver"]        # also "transmitter", "receiver"; all three when it is not said
    sessions_max = 2               # bound at once; one more is answered ESME_RALYBND. 0: no bound
    window = 10                    # messages without their answer; one more is answered ESME_RMSGQFUL. 0: no bound
    rate_per_s = 100               # messages a second, with `burst` at once; above: ESME_RTHROTTLED. 0: no bound
    burst = 20                     # one second's worth when it is not said
    answer_s = 0.02                # real seconds until a message is answered
    receipts = "decimal"           # how its receipts look: a name of profiles.py
    numbers = ["1330"]             # whose texts it gets; those that no other account names when it is not said

    [lists]
    staff = ["+31610000001"]       # a distribution list, for submit_multi

All faults of a file are told at once, each with its place, what was found and what is allowed.

Not here: counting sessions and messages (session.py, limits.py).
"""

import hmac
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, NamedTuple

from simulator.profiles import PROFILES, STANDARD

KINDS: Final = frozenset({"transmitter", "receiver", "transceiver"})
SYSTEM_ID_MAX: Final = 15
PASSWORD_MAX: Final = 8
DL_NAME_MAX: Final = 20
"""SMPP 3.4 §5.2.1, §5.2.2 and §5.2.28, without the closing NUL."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """One system_id. A limit of 0 is no limit."""

    system_id: str
    password: str = field(default="", repr=False)
    binds: frozenset[str] = KINDS
    sessions_max: int = 0
    window: int = 0
    rate_per_s: float = 0.0
    burst: int = 0
    answer_s: float = 0.0
    receipts: str = STANDARD
    numbers: tuple[str, ...] = ()


class BadAccounts(ValueError):  # noqa: N818 - whose fault it is
    """The file can not be read; the message holds one line for each fault."""


def accounts_of(given: Mapping[str, str | Account]) -> dict[str, Account]:
    """Accounts by system_id; a mere password is an account without limits."""
    return {
        system_id: one if isinstance(one, Account) else Account(system_id=system_id, password=one)
        for system_id, one in given.items()
    }


def account_of(text: str) -> Account:
    """SYSTEM_ID:PASSWORD as an account. ValueError when it is none."""
    system_id, colon, password = text.partition(":")
    if not colon or not _is_name(system_id, 1, SYSTEM_ID_MAX) or not _is_name(password, 0, PASSWORD_MAX):
        raise ValueError(
            f"{text!r}: SYSTEM_ID:PASSWORD is allowed, at most {SYSTEM_ID_MAX} and {PASSWORD_MAX} ASCII characters"
        )
    return Account(system_id=system_id, password=password)


class Admitted(NamedTuple):
    """What an accounts file holds: accounts by system_id, distribution lists by name."""

    accounts: dict[str, Account]
    lists: dict[str, tuple[str, ...]]


def load_accounts(path: Path) -> Admitted:
    """The accounts of a file. BadAccounts says all that is wrong with it."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadAccounts(f"{path}: {error}") from None
    unknown = sorted(content.keys() - {"account", "lists"})
    faults = [f"{key}: unknown; allowed are account and lists" for key in unknown]
    lists = content.get("lists", {})
    faults += _faults_of_lists(lists)
    rows = content.get("account", [])
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        faults.append("account: at least one [[account]] is needed")
        rows = []
    accounts: dict[str, Account] = {}
    for number, row in enumerate(rows, 1):
        where = f"account {number}"
        if isinstance(row.get("system_id"), str):
            where += f" ({row['system_id']})"
        wrong = list(_faults_of(row))
        faults += [f"{where}: {one}" for one in wrong]
        if wrong:
            continue
        account = Account(**{key: _KEYS[key].made(value) for key, value in row.items()})
        if account.system_id in accounts:
            faults.append(f"{where}: system_id: stands in the file twice")
        accounts[account.system_id] = account
    if faults:
        raise BadAccounts("\n".join(f"{path}: {fault}" for fault in faults))
    return Admitted(accounts, {name: tuple(numbers) for name, numbers in lists.items()})


def _is_name(value: object, least: int, most: int) -> bool:
    return isinstance(value, str) and value.isascii() and value.isprintable() and least <= len(value) <= most


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_amount(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf")


def _is_list(value: object, fits: Callable[[Any], bool]) -> bool:
    return isinstance(value, list) and bool(value) and all(fits(one) for one in value)


@dataclass(frozen=True, slots=True)
class _Key:
    """What a key may hold, in code and in words."""

    fits: Callable[[Any], bool]
    allowed: str
    made: Callable[[Any], Any] = lambda value: value


_COUNT: Final = _Key(_is_count, "a whole number of at least 0")
_AMOUNT: Final = _Key(_is_amount, "a number of at least 0")
_KEYS: Final[Mapping[str, _Key]] = {
    "system_id": _Key(lambda v: _is_name(v, 1, SYSTEM_ID_MAX), f"1 to {SYSTEM_ID_MAX} ASCII characters"),
    "password": _Key(lambda v: _is_name(v, 0, PASSWORD_MAX), f"at most {PASSWORD_MAX} ASCII characters"),
    "binds": _Key(lambda v: _is_list(v, KINDS.__contains__), f"a list of {', '.join(sorted(KINDS))}", frozenset),
    "sessions_max": _COUNT,
    "window": _COUNT,
    "rate_per_s": _AMOUNT,
    "burst": _COUNT,
    "answer_s": _AMOUNT,
    "receipts": _Key(lambda v: isinstance(v, str) and v in PROFILES, ", ".join(PROFILES)),
    "numbers": _Key(lambda v: _is_list(v, lambda one: _is_name(one, 1, 20)), "a list of addresses", tuple),
}


def _faults_of_lists(lists: object) -> list[str]:
    if not isinstance(lists, dict):
        return ["lists: a table of names and numbers is needed"]
    bad_names = [name for name in lists if not _is_name(name, 1, DL_NAME_MAX)]
    faults = [f"lists: {name}: a name has at most {DL_NAME_MAX} ASCII characters" for name in bad_names]
    return faults + [
        f"lists: {name}: found {numbers!r}, allowed: a list of numbers, E.164 with +"
        for name, numbers in lists.items()
        if not _is_list(numbers, lambda one: isinstance(one, str) and one[:1] == "+" and one[1:].isdecimal())
    ]


def _faults_of(row: Mapping[str, Any]) -> list[str]:
    """What is wrong with one account; a password is never shown."""
    faults = [] if "system_id" in row else ["system_id: is needed"]
    for key, value in row.items():
        if key not in _KEYS:
            near = get_close_matches(key, _KEYS, n=1)
            faults.append(f"{key}: unknown{f'; did you mean {near[0]}?' if near else ''}")
        elif not _KEYS[key].fits(value):
            found = "" if key == "password" else f"found {value!r}, "
            faults.append(f"{key}: {found}allowed: {_KEYS[key].allowed}")
    return faults


def same_secret(given: str, known: str) -> bool:
    """Compares in a time that tells nothing about where the difference lies."""
    return hmac.compare_digest(given.encode(), known.encode())
