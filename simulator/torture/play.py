"""What a case has in its hand: a bind that waits for its answer, texts to ask with, what the ESME sends, its mark.

What the ESME asks is answered as a sound SMSC would, unless the case says otherwise (`on`, `on_submit`). What it sends
to numbers of earlier cases is taken, whatever this one does: a text that was refused then may come now.

Must not be put here: a misbehaviour.
"""

import asyncio
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Protocol

from simulator import pdu as smpp
from simulator.commands import COMMANDS, Status
from simulator.pdu import Tlv, Value
from simulator.torture.listener import Listener
from simulator.torture.wire import Heard, Line, Watch

BOUND_TLVS: Final = (smpp.tlv("sc_interface_version", 0x34),)


class Mark(IntEnum):
    """From the best to the worst."""

    PASS = 0
    TOLERABLE = 1
    FAIL = 2


class Failed(Exception):  # noqa: N818 - what it did
    """What no good ESME does; the case is over."""


class Unfit(Exception):  # noqa: N818 - what it is
    """An ESME that cannot be graded: nothing of the run is worth anything."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What is known of the ESME. Times in seconds, as it is configured itself.

    `patience_s`: how long an ordinary answer may take. `replies`: it sends a text to whoever texts it `text`.
    """

    response_timeout_s: float = 10.0
    enquire_link_s: float = 30.0
    reconnect_max_s: float = 30.0
    retry_max_s: float = 10.0
    patience_s: float = 2.0
    window: int = 10
    replies: bool = True
    text: str = "HELP"
    service_number: str = "1330"
    first_number: str = "+31620000001"
    numbers: int = 1000

    @property
    def back_s(self) -> float:
        """Until it has to be back after a loss."""
        return 1.1 * self.reconnect_max_s + self.patience_s

    @property
    def dead_link_s(self) -> float:
        """Until its timers have to find that nobody answers (SMPP 3.4 §7.2)."""
        return self.enquire_link_s + self.response_timeout_s + self.patience_s


class Subject(Protocol):
    """The process that was started for this run."""

    def terminate(self) -> None: ...

    async def gone(self) -> int: ...


@dataclass(eq=False)
class Text:
    """A text to the ESME: from whom, and the deliver_sm or data_sm that brings it; or the odd PDU in its place."""

    line: Line
    number: str
    sequence: int
    command: str = "deliver_sm"

    def is_taken(self, answer: Heard | None) -> bool:
        return answer is not None and answer.status == Status.ROK and answer.command != "generic_nack"

    def checked(self, answer: Heard | None) -> Heard | None:
        """Failed where it is the response to another command (SMPP 3.4 §5.1.2.1)."""
        if answer is not None and answer.command not in ("generic_nack", f"{self.command}_resp"):
            raise Failed(f"{answer.words} to {self.command}")
        return answer


@dataclass(eq=False)
class Submit:
    """A submit_sm of the ESME."""

    line: Line
    request: Heard
    number: str
    content: bytes
    message_id: str
    status: int | None = None

    def answer(self, status: int = Status.ROK) -> None:
        """As a sound SMSC does."""
        self.status = status
        if status == Status.ROK:
            self.line.answer(self.request, message_id=self.message_id)
        else:
            self.line.answer(self.request, status)


class Play:
    """One case's run. `on` is what is done with each request of the ESME, by command."""

    def __init__(
        self,
        listener: Listener,
        expected: Expected,
        rng: random.Random,
        numbers: Iterator[str],
        message_ids: Iterator[int],
        *,
        subject: Subject | None = None,
    ) -> None:
        self.listener = listener
        self.expected = expected
        self.rng = rng
        self.subject = subject
        self.mark = Mark.PASS
        self.words: list[str] = []
        self.submits: list[Submit] = []
        self.on_submit: Callable[[Submit], None] = Submit.answer
        self.on: dict[str, Callable[[Line, Heard], None]] = {
            "enquire_link": Line.answer,
            "unbind": _agree_and_end,
            "submit_sm": self._take,
            "data_sm": _take_data,
        }
        self._asking: tuple[Line, Heard] | None = None
        self._numbers = numbers
        self._message_ids = message_ids
        self._mine: set[str] = set()

    @property
    def watch(self) -> Watch:
        return self.listener.watch

    # --- the mark ----------------------------------------------------------------------------------------

    def did(self, words: str) -> None:
        """What a good ESME does, or what leads nowhere."""
        self.words.append(words)

    def tolerable(self, words: str = "") -> None:
        """What costs something, and harms nobody."""
        self.mark = max(self.mark, Mark.TOLERABLE)
        if words:
            self.words.append(words)

    def fail(self, words: str = "") -> None:
        """What no good ESME does."""
        self.mark = Mark.FAIL
        if words:
            self.words.append(words)

    # --- binding -----------------------------------------------------------------------------------------

    async def asking(self, within_s: float | None = None) -> tuple[Line, Heard]:
        """The next bind that waits for its answer. Failed when the ESME does not come."""
        self._asking = None
        bound_s = self.expected.back_s if within_s is None else within_s
        found = await self.listener.next_bind(bound_s)
        if found is None:
            raise Failed(f"did not ask to bind within {bound_s:.1f} s")
        return self.taken_up(found)

    def taken_up(self, found: tuple[Line, Heard]) -> tuple[Line, Heard]:
        """A bind that is for this case to answer."""
        if found[1].command != "bind_transceiver":
            raise Unfit(f"it asks for {found[1].command}; only a transceiver can be graded")
        self._asking = found
        return found

    @property
    def first(self) -> tuple[Line, Heard]:
        """The bind that this case began with."""
        assert self._asking is not None
        return self._asking

    async def bound(self) -> Line:
        """A session: the bind that waits is accepted."""
        line, request = self._asking or await self.asking()
        self._asking = None
        line.answer(request, tlvs=BOUND_TLVS, system_id="torture")
        return line

    async def back(self, since_s: float) -> Line:
        """The session after the one that ended at `since_s`. Failed when the ESME does not come back."""
        line, _ = await self.asking()
        self.did(f"asked to bind again after {max(0.0, line.opened_at_s - since_s):.2f} s")
        return await self.bound()

    # --- texts -------------------------------------------------------------------------------------------

    def new_number(self) -> str:
        """A sender nobody was before in this case."""
        number = next(self._numbers)
        self._mine.add(number)
        return number

    def mo_fields(self, number: str, **fields: Value) -> dict[str, Value]:
        """A handset's text to the service number (SMPP 3.4 §4.6.1)."""
        return {
            "source_addr_ton": 1,
            "source_addr_npi": 1,
            "source_addr": number.removeprefix("+"),
            "dest_addr_ton": 3,
            "destination_addr": self.expected.service_number,
            "short_message": self.expected.text.encode("ascii"),
            **fields,
        }

    def mo_body(self, number: str, tlvs: tuple[Tlv, ...] = (), **fields: Value) -> bytes:
        return smpp.body_octets("deliver_sm", self.mo_fields(number, **fields), tlvs)

    def mo(self, number: str, sequence: int, tlvs: tuple[Tlv, ...] = (), **fields: Value) -> bytes:
        """A sound deliver_sm as a frame."""
        return smpp.raw(COMMANDS["deliver_sm"], sequence, self.mo_body(number, tlvs, **fields))

    def text(self, line: Line, number: str = "") -> Text:
        """Brings a sound text."""
        text = Text(line, number or self.new_number(), line.next_sequence())
        line.say(self.mo(text.number, text.sequence))
        return text

    async def answered(self, text: Text) -> Heard | None:
        line = text.line
        return text.checked(await line.until(lambda: line.response_to(text.sequence), self.expected.patience_s))

    async def replied(self, text: Text) -> Submit | None:
        """The text that the ESME sends back."""
        return await self.watch.until(lambda: next(iter(self.sent_to(text.number)), None), self.expected.patience_s)

    async def asked_for(self, line: Line) -> Submit:
        """A submit_sm that the ESME was asked for by a text. Failed when none comes."""
        text = self.text(line)
        submit = await self.replied(text)
        if submit is None:
            raise Failed(f"sent no text back to {self.expected.text!r} within {self.expected.patience_s:g} s")
        return submit

    def sent_to(self, number: str) -> list[Submit]:
        return [one for one in self.submits if one.number == number]

    async def while_it_goes_on(self, count: Callable[[], int], is_done: Callable[[], bool], within_s: float) -> None:
        """Waits until it is done, as long as `count` grows again and again within that time."""
        before = -1

        def moved() -> bool:
            return is_done() or count() > before

        while before < count() and not is_done():
            before = count()
            await self.watch.until(moved, within_s)

    async def look_on(self, for_s: float) -> None:
        """Lets the ESME do what it does for so long: what must not happen has no event to wait for."""
        await asyncio.sleep(for_s)

    # --- what the ESME asks ------------------------------------------------------------------------------

    def asked(self, line: Line, request: Heard) -> None:
        act = self.on.get(request.command)
        if act is not None:
            act(line, request)
        else:
            line.say(smpp.raw(COMMANDS["generic_nack"], request.sequence, status=Status.RINVCMDID))

    def _take(self, line: Line, request: Heard) -> None:
        if request.pdu is None:
            line.answer(request, Status.RINVCMDLEN)
            return
        number = "+" + request.pdu.text("destination_addr").removeprefix("+")
        content = request.pdu.octets() or request.pdu.tlv("message_payload") or b""
        submit = Submit(line, request, number, content, str(next(self._message_ids)))
        if number in self._mine:
            self.submits.append(submit)
            self.on_submit(submit)
        else:
            submit.answer()


def _agree_and_end(line: Line, request: Heard) -> None:
    line.answer(request)
    line.end("unbound")


def _take_data(line: Line, request: Heard) -> None:
    line.answer(request, message_id="1")


def unanswered(_line: Line, _request: Heard) -> None:
    """For `Play.on`: what is asked is heard, and no more."""
