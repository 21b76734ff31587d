"""Committed state of the subscriptions that were lately judged, so that the busy ones are not read again.

It is what this process last committed, and only this process writes; should another connection ever commit to the
file (a person with a database tool), SQLite's `data_version` tells, and everything is forgotten.
Must not be put here: state of a transaction that has not been committed.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypeVar

from handlers.subscription import Subscription

# Subscriptions, and numbers: some 2.5 kB and 0.3 kB each, so 60 MB when it is full.
SUBSCRIPTIONS_MAX: Final = 20_000
NUMBERS_MAX: Final = 2 * SUBSCRIPTIONS_MAX

V = TypeVar("V")


@dataclass(slots=True)
class Ownership:
    """Whose a number or IMSI is, from `since` (0: open) to `until` (None: still), and the SIM it stands for."""

    value: str
    since: int
    until: int | None
    subscription: str
    imsi: str
    kind: str


@dataclass(slots=True)
class Standing:
    """One subscription as committed; `last` is, by period, the seq of the last event that only counted."""

    subscription: Subscription
    last: dict[str, int | None]


class Known:
    def __init__(self) -> None:
        self.numbers: dict[str, list[Ownership]] = {}
        self.subscriptions: dict[str, Standing] = {}
        self._version = -1

    def check(self, connection: sqlite3.Connection) -> None:
        """Forget everything if another connection has written."""
        (version,) = connection.execute("PRAGMA data_version").fetchone()
        if version != self._version:
            self._version = version
            self.clear()

    def clear(self) -> None:
        self.numbers.clear()
        self.subscriptions.clear()

    def subscription(self, one: str) -> Subscription | None:
        standing = self.subscriptions.get(one)
        return None if standing is None else standing.subscription

    def keep(
        self,
        numbers: Mapping[str, list[Ownership]],
        subscriptions: Mapping[str, Subscription | None],
        last: Mapping[str, dict[str, int | None]],
    ) -> None:
        """Take over what a batch read or changed (None: erased); those kept longest go when there are too many."""
        self.numbers.update(numbers)
        known = self.subscriptions
        crowded = len(known) + len(subscriptions) > SUBSCRIPTIONS_MAX  # else their order does not matter yet
        for one, subscription in subscriptions.items():
            if subscription is None:
                known.pop(one, None)
            elif (standing := known.get(one)) is not None:
                standing.subscription = subscription
                if crowded:
                    known[one] = known.pop(one)
            else:
                known[one] = Standing(subscription, last.get(one, {}))
        _bound(self.numbers, NUMBERS_MAX)
        _bound(known, SUBSCRIPTIONS_MAX)


def numbers_of(subscription: Subscription) -> dict[str, tuple[str, str]]:
    """Number or IMSI -> (the IMSI of the SIM it stands for, kind). A number that SIMs share is the primary's."""
    profile = subscription.profile
    primary = next((sim for sim in profile.sims if sim.role == "primary"), None)
    found = {sim.msisdn: (sim.imsi, "msisdn") for sim in reversed(profile.sims)}
    found |= {sim.imsi: (sim.imsi, "imsi") for sim in profile.sims if sim.imsi}
    for value in (profile.msisdn, *((primary.msisdn,) if primary else ())):
        found[value] = (primary.imsi if primary else "", "msisdn")
    return found


def _bound(store: dict[str, V], most: int) -> None:
    for key in list(islice(store, max(0, len(store) - most))):
        del store[key]
