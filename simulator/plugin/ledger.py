"""What the gateway has told so far of each subscription: its decisions and its notifications, sent or not.

Each act asks again and gets what is new. A text on a handset is joined with the notification it is by the SMSC's ids,
which the gateway keeps, else by its words.

Not here: acts (stage.py), what is expected of the answers (outcome.py, strict.py).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from simulator.gateway_client import GatewayClient, GatewayError, Json
from simulator.plugin.outcome import Message


@dataclass
class News:
    """What the gateway told for the first time. `suppressed` are the notifications that were not sent."""

    decisions: list[Json] = field(default_factory=list)
    suppressed: list[Json] = field(default_factory=list)


@dataclass
class Ledger:
    """`client` gives the gateway of now: it may have been started again."""

    client: Callable[[], GatewayClient]
    notifications: dict[str, list[Json]] = field(default_factory=dict)
    decisions: dict[str, list[Json]] = field(default_factory=dict)
    _joined: set[str] = field(default_factory=set)

    async def ask(self, numbers: Iterable[str]) -> News:
        """What is new about these subscriptions, in the order in which it was decided."""
        news = News()
        for number in numbers:
            try:
                told = await self.client().notifications(number)
                decided = await self.client().decisions(number)
            except GatewayError as error:
                if error.status != 404:
                    raise
                continue
            news.suppressed += [
                one for one in told[len(self.notifications.get(number, ())) :] if one["state"] == "suppressed"
            ]
            news.decisions += decided[len(self.decisions.get(number, ())) :]
            self.notifications[number], self.decisions[number] = told, decided
        news.decisions.sort(key=lambda row: str(row.get("decided_at") or row["at"]))
        return news

    def join(self, messages: Iterable[Message]) -> bool:
        """Gives each text its notification, or the newest row of the one it has; whether none is left without."""
        complete = True
        for message in messages:
            message.told = self._find(message)
            if message.told is None:
                complete = False
            else:
                self._joined.add(message.id)
        return complete

    def _find(self, message: Message) -> Json | None:
        sent = [one for told in self.notifications.values() for one in told if one["state"] != "suppressed"]
        if message.told is not None:
            # Once and for good: the same words may be said again.
            return next((one for one in sent if one["id"] == message.id), message.told)
        by_id = [one for one in sent if message.has_id_of(one)]
        by_words = [one for one in sent if message.says(one)]
        # Without an id it is the first of these words that no text is yet, or a further copy of the last.
        unclaimed = [one for one in by_words if one["id"] not in self._joined]
        return next(iter([*by_id, *unclaimed, *by_words[-1:]]), None)
