"""After a run: does what the gateway says it did agree with what the SMSC and the handsets saw?

Every text that the gateway decided on is fetched and put beside the generator's journal by the SMSC's message ids:

    decided = delivered + failed + expired + cancelled + pending
    lost          the gateway says it was sent, and it was not shown on a handset that was on
    duplicates    shown, and no text of the gateway's, or one that was shown before
    out of order  shown before a text of the same subscriber that was decided earlier
    garbled       shown with other words than were decided
    untold        decided on, and not told in the answer to its event (or the other way round)

and every byte that was answered `accepted` must stand in a counter of its month, once.

Pure but for `fetch`. Not here: thresholds, who is drawn.
"""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from simulator.gateway_client import GatewayClient, Json
from simulator.load.operator import text_digest
from simulator.load.people import Subscriber

PAGE: Final = 1000
ASKING: Final = 4
"""Requests at once: the gateway reads with one connection."""
STATES: Final = ("delivered", "failed", "expired", "cancelled", "pending")
EXAMPLES_MAX: Final = 5


@dataclass
class Journal:
    """What the SMSC took and the handsets showed, by number, in the order it happened."""

    accepted: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    shown: dict[str, list[tuple[tuple[str, ...], str]]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def read(cls, path: Path) -> "Journal":
        journal = cls()
        with path.open(encoding="ascii") as lines:
            for line in lines:
                journal.add(json.loads(line))
        return journal

    def add(self, entry: Mapping[str, Any]) -> None:
        if "id" in entry:
            self.accepted[entry["n"]].append(entry["id"])
        else:
            self.shown[entry["n"]].append((tuple(entry["ids"]), entry["text"]))


@dataclass
class Audit:
    """The accounts. `complete` says that both sides are the same."""

    decided: int = 0
    states: Counter[str] = field(default_factory=Counter)
    suppressed: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    segments: int = 0
    shown: int = 0
    lost: int = 0
    duplicates: int = 0
    out_of_order: int = 0
    garbled: int = 0
    untold: int = 0
    bytes_accepted: dict[str, int] = field(default_factory=dict)
    bytes_counted: dict[str, int] = field(default_factory=dict)
    bytes_uncertain: dict[str, int] = field(default_factory=dict)
    uncertain: int = 0
    """Events without an answer, and their bytes by month: counted or not, both are right."""
    examples: list[str] = field(default_factory=list)

    @property
    def balanced(self) -> bool:
        return self.decided == sum(self.states[state] for state in STATES)

    @property
    def counted_once(self) -> bool:
        return all(
            0 <= counted - self.bytes_accepted.get(month, 0) <= self.bytes_uncertain.get(month, 0)
            for month, counted in self.bytes_counted.items()
        )

    def to_json(self) -> dict[str, Any]:
        return {
            **{name: getattr(self, name) for name in self.__dataclass_fields__},
            "states": {state: self.states[state] for state in STATES},
            "suppressed": dict(self.suppressed.most_common()),
            "kinds": dict(self.kinds.most_common()),
            "balanced": self.balanced,
            "counted_once": self.counted_once,
        }

    def compare(self, who: Subscriber, notifications: Sequence[Json], journal: Journal) -> None:
        """One subscriber's account."""
        sent = [item for item in notifications if item["text"] is not None]
        for item in notifications:
            if item["text"] is None:
                self.suppressed[str(item["reason"])] += 1
        self.decided += len(sent)
        for item in sent:
            self.kinds[item["kind"]] += 1
            self.states["pending" if item["state"] == "submitted" else item["state"]] += 1
        claimed = {message_id: place for place, item in enumerate(sent) for message_id in item["message_ids"]}
        self.segments += len(journal.accepted[who.number])
        self._unclaimed(who, [one for one in journal.accepted[who.number] if one not in claimed])
        seen = self._walk(who, sent, claimed, journal.shown[who.number])
        for place, item in enumerate(sent):
            promised = item["state"] == "delivered" or (item["state"] == "submitted" and not who.absent)
            if promised and place not in seen:
                self.lost += 1
                self._example(f"{who.number}: {item['kind']} {item['id']} is {item['state']}, and was never shown")

    def _unclaimed(self, who: Subscriber, ids: Sequence[str]) -> None:
        """What the SMSC took and no text of the gateway's has the id of: a second copy of one."""
        self.duplicates += len(ids)
        for one in ids:
            self._example(f"{who.number}: the SMSC took message {one}, of which the gateway knows nothing")

    def _walk(
        self,
        who: Subscriber,
        sent: Sequence[Json],
        claimed: Mapping[str, int],
        shown: Sequence[tuple[tuple[str, ...], str]],
    ) -> set[int]:
        """Along what the handset showed; the places in `sent` that were seen."""
        seen: set[int] = set()
        last = -1
        self.shown += len(shown)
        for ids, digest in shown:
            place = next((claimed[one] for one in ids if one in claimed), None)
            if place is None:
                continue  # counted as unclaimed
            if place in seen:
                self.duplicates += 1
                self._example(f"{who.number}: {sent[place]['kind']} {sent[place]['id']} was shown twice")
                continue
            seen.add(place)
            if place < last:
                self.out_of_order += 1
                self._example(f"{who.number}: {sent[place]['kind']} {sent[place]['id']} came after a later one")
            last = max(last, place)
            if digest != text_digest(sent[place]["text"]):
                self.garbled += 1
                self._example(f"{who.number}: {sent[place]['kind']} {sent[place]['id']} was shown with other words")
        return seen

    def told(self, answered: int) -> None:
        """`answered` texts were announced in answers; as many must have been decided on, or more where an answer
        did not come.
        """
        self.untold = max(answered - self.decided, 0) if self.uncertain else abs(answered - self.decided)
        if self.untold:
            self._example(f"answers told of {answered} texts, decided on were {self.decided}")

    def _example(self, text: str) -> None:
        if len(self.examples) < EXAMPLES_MAX:
            self.examples.append(text)


async def fetch(
    client: GatewayClient,
    people: Sequence[Subscriber],
    journal: Journal,
    books: Mapping[str, Any],
    on_progress: Callable[[int], None] = lambda done: None,  # noqa: ARG005 - nobody listens
) -> Audit:
    """Asks the gateway for every text and every counter of these subscribers; `books` is what the generator was
    answered. GatewayError when it does not tell.
    """
    uncertain = dict(books["uncertain"])
    audit = Audit(bytes_accepted=dict(books["volumes"]), uncertain=uncertain.pop("", 0), bytes_uncertain=uncertain)
    audit.bytes_counted = dict.fromkeys(sorted({*audit.bytes_accepted, *uncertain}), 0)
    waiting = iter(people)
    done = 0

    async def work() -> None:
        nonlocal done
        for who in waiting:
            audit.compare(who, await _notifications(client, who.number), journal)
            for month in audit.bytes_counted:
                view = await client.subscription(who.number, month)
                audit.bytes_counted[month] += sum(view["usage"].values())
            done += 1
            on_progress(done)

    async with asyncio.TaskGroup() as group:
        for _ in range(ASKING):
            group.create_task(work())
    audit.told(books["told"])
    return audit


async def _notifications(client: GatewayClient, number: str) -> list[Json]:
    items: list[Json] = []
    after = "0"
    while True:
        path = f"/v1/subscriptions/{quote(number, safe='')}/notifications"
        params = {"after": after, "limit": str(PAGE)}
        _, page = await client.request("GET", path, token=client.tokens.portal, params=params)
        items += page["items"]
        if len(page["items"]) < PAGE:
            return items
        after = page["cursor"]
