"""What came of an act: the texts, the decisions behind them, and what the gateway answered.

Texts are strict: each that comes must be looked at (`one`, `kinds`, `messages`, the inbox, `last`) or cleared, or the
test fails at its end (strict.py). `one` and `none` fail with a headline and the reason from the gateway's decisions.

Not here: acting (stage.py, subscriber.py), how a comparison is shown (compare.py).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, overload

from simulator.gateway_client import Json
from simulator.handset import Line
from simulator.messages import Message as Submitted
from simulator.pdu import Pdu
from simulator.plugin.expected import Sms
from simulator.scenarios.because import RULE_OF, reasons_in
from simulator.scenarios.scene import Text
from simulator.scenarios.speech import REASONS

if TYPE_CHECKING:
    from simulator.plugin.stage import Stage
    from simulator.plugin.subscriber import Subscriber


class Message:
    """A text as its reader sees it, with what the wire and the gateway tell of it."""

    def __init__(self, stage: "Stage", subscriber: "Subscriber", text: Text, submitted: Sequence[Submitted]) -> None:
        self.subscriber = subscriber
        self.seen = False
        self.told: Json | None = None
        self._stage = stage
        self._text = text
        self._submitted = tuple(submitted)

    # --- the handset -------------------------------------------------------------------------------------

    @property
    def line(self) -> Line:
        """As it stands in the conversation."""
        return self._text.line

    @property
    def text(self) -> str:
        return self._text.line.text

    @property
    def kind(self) -> str:
        """Which notification it is, read off its words; "" for a text that fits no template."""
        return self._text.kind

    @property
    def fields(self) -> Mapping[str, str]:
        """The values in it, by the template's field names."""
        return dict(self._text.kinds[0].fields) if self._text.kinds else {}

    @property
    def sender(self) -> str:
        return self._text.line.peer

    @property
    def segments(self) -> int:
        return self._text.line.parts

    @property
    def encoding(self) -> str:
        """GSM-7 or UCS-2."""
        return self._text.line.encoding

    @property
    def at(self) -> datetime:
        """When its last part came, on the business clock."""
        return self._text.line.at

    # --- the wire and the gateway ------------------------------------------------------------------------

    @property
    def pdus(self) -> list[Pdu]:
        """The submit_sm that brought it, one for each segment."""
        return [one.submit.pdu for one in self._submitted]

    @property
    def message_ids(self) -> tuple[str, ...]:
        """What the SMSC called its segments."""
        return tuple(one.message_id for one in self._submitted)

    @property
    def id(self) -> str:
        """The gateway's notification; two texts of one id are one that was sent twice. "" when it knows of none."""
        return str(self.told["id"]) if self.told else ""

    @property
    def flow_id(self) -> str:
        return str(self.told["flow_id"]) if self.told else ""

    @property
    def language(self) -> str:
        return str(self.told["language"]) if self.told else self.subscriber.language

    @property
    def state(self) -> str:
        """What the gateway knows of it now: submitted, delivered, failed …; "unknown" when it knows of none."""
        return self._stage.state_of(self)

    def has_id_of(self, notification: Json) -> bool:
        """Whether the SMSC's ids say that it is this notification."""
        ids = {str(one) for one in notification.get("message_ids") or ()}
        return not ids.isdisjoint(self.message_ids)

    def says(self, notification: Json) -> bool:
        """Whether it has that notification's words and was for this handset."""
        return notification.get("to") == self.subscriber.number and notification.get("text") == self.text

    # --- compared and shown ------------------------------------------------------------------------------

    def __eq__(self, other: object) -> bool:
        return other == self if isinstance(other, Sms) else self is other

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        return f"<{self.kind or 'text'} to {self.subscriber.name}: {self.text!r}>"


class Kinds(list[str]):
    """The kinds of an outcome's texts, which remember what they came of to explain a difference."""

    def __init__(self, outcome: "Outcome") -> None:
        super().__init__(message.kind for message in outcome.messages)
        self.outcome = outcome


@dataclass(eq=False)
class Outcome:
    """What one act led to. `decisions` are the gateway's, `events` its answers to the events of the act.

    `who` acted; None when time passed or the texts may be anybody's. `refused` says that the network let no data
    through, so that there was nothing to tell the gateway.
    """

    stage: "Stage"
    who: "Subscriber | None"
    came: list[Message] = field(default_factory=list)
    decisions: list[Json] = field(default_factory=list)
    suppressed: list[Json] = field(default_factory=list)
    events: list[Json] = field(default_factory=list)
    refused: bool = False

    @property
    def messages(self) -> list[Message]:
        """All texts that came, in order."""
        for message in self.came:
            message.seen = True
        return list(self.came)

    @property
    def kinds(self) -> Kinds:
        return Kinds(self)

    @property
    def flow_id(self) -> str:
        """The flow that the act began, "" when the gateway judged nothing."""
        return str(self.decisions[0]["flow_id"]) if self.decisions else ""

    @property
    def reasons(self) -> set[str]:
        """Every reason of the closed list for which something was not sent."""
        return reasons_in(self.decisions, self.events)

    def clear(self) -> "Outcome":
        """Whatever came, it is not what the test is about."""
        for message in self.came:
            message.seen = True
        return self

    def one(self) -> Message:
        """The one text that came. AssertionError when it is none or several."""
        __tracebackhide__ = True
        messages = self.messages
        if len(messages) == 1:
            return messages[0]
        if not messages:
            raise AssertionError(self._told(f"{self._whose} got no text, but one was expected", self.why_not()))
        shown = ", ".join(message.kind or repr(message.text) for message in messages)
        raise AssertionError(
            self._told(f"{self._whose} got {len(messages)} texts, but one was expected: {shown}", self.why_came())
        )

    def none(self, why: str | None = None) -> None:
        """Nothing may have come; `why` is then the reason, of the closed list. AssertionError."""
        __tracebackhide__ = True
        if why is not None and why not in REASONS:
            near = get_close_matches(why, REASONS, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; allowed: {', '.join(REASONS)}"
            raise ValueError(f"there is no reason {why!r}{hint}")
        messages = self.messages
        if messages:
            texts = "a text" if len(messages) == 1 else f"{len(messages)} texts"
            shown = ", ".join(message.kind or repr(message.text) for message in messages)
            raise AssertionError(
                self._told(f"{self._whose} got {texts} where none may come: {shown}", self.why_came())
            )
        if why is not None and why not in self.reasons:
            found = ", ".join(sorted(self.reasons)) or "no reason at all"
            raise AssertionError(
                self._told(f"{self._whose} got no text, but not because of {why}: {found}", self.why_not())
            )

    def why_not(self, kind: str = "") -> str:
        """Why nothing came, or nothing of that kind."""
        return self.stage.why_not(self, kind or self._nearest_kind())

    def _nearest_kind(self) -> str:
        """What was looked at and not due: its figures explain best."""
        results = [finding for row in self.decisions for finding in row.get("findings", ())]
        rules = {finding.get("rule") for finding in results if finding.get("result") == "below_threshold"}
        return next((f"{kind}80" for kind, rule in RULE_OF if rule in rules), "")

    def why_came(self) -> str:
        return self.stage.why_came(self)

    @property
    def _whose(self) -> str:
        return self.who.name if self.who is not None else "somebody" if self.came else "nobody"

    @staticmethod
    def _told(headline: str, why: str) -> str:
        return f"{headline}\n  Why: {why}" if why else headline

    def __repr__(self) -> str:
        who = self.who.name if self.who is not None else "everybody"
        return f"<outcome for {who}: {', '.join(message.kind or '?' for message in self.came) or 'no text'}>"


class Inbox(Sequence[Message]):
    """All texts on one handset since the test began, oldest first. What is taken out of it has been looked at."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self._messages = messages

    @overload
    def __getitem__(self, index: int) -> Message: ...
    @overload
    def __getitem__(self, index: slice) -> list[Message]: ...
    def __getitem__(self, index: int | slice) -> Message | list[Message]:
        found = self._messages[index]
        if isinstance(found, Message):
            found.seen = True
            return found
        return [self._look(message) for message in found]

    def __len__(self) -> int:
        return len(self._messages)

    def __iter__(self) -> Iterator[Message]:
        return (self._look(message) for message in list(self._messages))

    @staticmethod
    def _look(message: Message) -> Message:
        message.seen = True
        return message

    def of(self, kind: str) -> list[Message]:
        """Those of that kind."""
        return [self._look(message) for message in self._messages if message.kind == kind]

    def count(self, value: Any) -> int:  # noqa: ANN401 - as a Sequence does; a kind, an Sms or a Message
        """How many texts are of that kind, or equal that."""
        if isinstance(value, str):
            return len(self.of(value))
        return len([self._look(message) for message in self._messages if message == value])

    def distinct(self, kind: str) -> int:
        """How many notifications of that kind there were: one that was sent twice counts once."""
        return len({message.id or id(message) for message in self.of(kind)})

    @property
    def kinds(self) -> list[str]:
        return [message.kind for message in self]

    def clear(self) -> None:
        """Whatever came so far, it is not what the test is about."""
        for message in self._messages:
            message.seen = True

    def __repr__(self) -> str:
        return f"[{', '.join(repr(message) for message in self._messages)}]"
