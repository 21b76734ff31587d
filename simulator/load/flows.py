"""A flow from the instant it was meant to begin to the last thing it brings, and which text belongs to which flow.

A flow is an event from the network or a text from a handset. It is over when it is answered (HTTP 200, or
deliver_sm_resp) and every text it brought has come to its handset, or to the SMSC where the phone is off or fails.
How many texts an event brings stands in its answer; a text to the service number brings one.

Latencies count from the intended instant, whatever held the flow up, the generator too:

    event-200       the event's answer              event-submit    a text's last part at the SMSC
    mo-resp         the text's deliver_sm_resp      submit-resp     from a submit_sm to its answer, at the SMSC
    event-handset   an event's text, whole          mo-reply        a text's answer, whole, on the handset
    flow            the whole flow

Pure: instants are arguments. Not here: how texts and answers come (generator.py), what is kept of them (tally.py).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from simulator.load.people import Subscriber
from simulator.load.tally import Tally

MEASURES: Final = {
    "flow": "whole flow",
    "event-200": "event → 200",
    "event-submit": "event → submit",
    "submit-resp": "submit → resp",
    "event-handset": "event → handset",
    "mo-resp": "MO → resp",
    "mo-reply": "MO → reply on handset",
}
"""Name → how a reader sees it."""
OVERDUE_S: Final = 60.0
"""A flow whose texts have not come by then is no longer waited for; the audit says what became of them."""


class Flow:
    """One. `due_s`, `sent_s`, `answered_s` and `texts` are instants of the generator's clock."""

    __slots__ = (
        *(
            "answered_s",
            "burst",
            "done_texts",
            "due_s",
            "error",
            "event_id",
            "expected",
            "kind",
            "kinds",
            "month",
            "outcome",
        ),
        *("sent_s", "shown_s", "submits_s", "told", "volume", "who"),
    )

    def __init__(self, kind: str, due_s: float, *, burst: bool = False) -> None:
        self.kind = kind
        self.due_s = due_s
        self.burst = burst
        self.who: Subscriber | None = None
        self.sent_s = 0.0
        self.answered_s: float | None = None
        self.expected = 1 if kind in ("mo", "reply") else 0
        self.done_texts = 0
        self.submits_s: list[float] = []
        self.shown_s: list[float] = []
        self.event_id = ""
        self.outcome = ""
        self.kinds: tuple[str, ...] = ()
        self.error = ""
        self.told = ""
        self.volume = 0
        self.month = ""

    @property
    def is_text(self) -> bool:
        return self.kind in ("mo", "reply")

    @property
    def complete(self) -> bool:
        return self.answered_s is not None and (bool(self.error) or self.done_texts >= self.expected)

    def story(self, begin_s: float, done_s: float, clock_offset_s: float) -> dict[str, Any]:
        """What the report tells of a slow one; instants in ms from the intended one."""
        return {
            "at_s": round(self.due_s - begin_s, 3),
            "due_ts": round(self.due_s + clock_offset_s, 4),
            "took_ms": round((done_s - self.due_s) * 1000, 3),
            "kind": self.kind,
            "number": self.who.number if self.who is not None else "",
            "told": self.told,
            "event_id": self.event_id,
            "outcome": self.error or self.outcome,
            "kinds": list(self.kinds),
            "sent_ms": self._since(self.sent_s),
            "answered_ms": None if self.answered_s is None else self._since(self.answered_s),
            "submits_ms": [self._since(at) for at in self.submits_s],
            "shown_ms": [self._since(at) for at in self.shown_s],
        }

    def _since(self, at_s: float) -> float:
        return round((at_s - self.due_s) * 1000, 3)


@dataclass
class Book:
    """The flows under way, and where what happens to them is written down."""

    tally: Tally
    on_end: Callable[[], None] = lambda: None
    under_way: dict[Flow, None] = field(default_factory=dict)
    strays: int = 0
    """Texts to somebody without a flow."""
    overdue: int = 0

    def begin(self, flow: Flow, who: Subscriber, now_s: float) -> None:
        flow.who, flow.sent_s = who, now_s
        who.flow = flow
        self.under_way[flow] = None

    def answered(
        self, flow: Flow, now_s: float, *, outcome: str, kinds: tuple[str, ...] = (), error: str = ""
    ) -> None:
        """The event's answer, or the deliver_sm_resp."""
        flow.answered_s, flow.outcome, flow.error = now_s, outcome, error
        if not flow.is_text:
            flow.kinds, flow.expected = kinds, len(kinds)
        if not error:
            self.tally.told.update(("reply",) if flow.is_text else kinds)
            self.tally.measured("mo-resp" if flow.is_text else "event-200", flow.due_s, now_s - flow.due_s)
        self._look(flow, now_s)

    def submitted(self, flow: Flow | None, who: Subscriber, came_s: float, now_s: float) -> None:
        """The SMSC has taken the last part of a text, which came at `came_s`."""
        if flow is None:
            self.strays += 1
            return
        flow.submits_s.append(came_s)
        if not flow.is_text:
            self.tally.measured("event-submit", flow.due_s, came_s - flow.due_s)
        if who.absent:
            flow.done_texts += 1
            self._look(flow, now_s)

    def shown(self, who: Subscriber, now_s: float) -> None:
        """A text is whole on the handset."""
        flow = who.flow
        if flow is None:
            return
        flow.shown_s.append(now_s)
        flow.done_texts += 1
        self.tally.measured("mo-reply" if flow.is_text else "event-handset", flow.due_s, now_s - flow.due_s)
        self._look(flow, now_s)

    def sweep(self, now_s: float) -> None:
        """Lets go of what is overdue, so that its subscriber can be drawn again."""
        for flow in [one for one in self.under_way if now_s - one.sent_s > OVERDUE_S]:
            self.overdue += 1
            flow.error = flow.error or "overdue"
            self._end(flow, now_s)

    def _look(self, flow: Flow, now_s: float) -> None:
        if flow.complete and flow in self.under_way:
            self._end(flow, now_s)

    def _end(self, flow: Flow, now_s: float) -> None:
        del self.under_way[flow]
        if flow.who is not None and flow.who.flow is flow:
            flow.who.flow = None
        self.tally.done(flow.kind, flow.due_s, now_s, outcome=flow.outcome, error=flow.error, burst=flow.burst)
        if self.tally.is_slow(now_s - flow.due_s):
            self.tally.keep_slow(now_s - flow.due_s, flow.story(self.tally.begin_s, now_s, self.tally.clock_offset_s))
        self.on_end()
