"""The operator's side of a load: SMSC, network and the door for data policies, watched frame by frame.

Every submit_sm is put to its subscriber's flow, its answer and its arrival on the handset to the same; each accepted
part and each whole text is a line of the journal, a file that the audit compares with what the gateway says. Nothing
is kept here that grows with the run.

Not here: when flows arrive and what they ask (generator.py), what becomes of the figures (tally.py).
"""

import asyncio
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any, Final, Self, TextIO

from aiohttp import web

from simulator.alphabet import UDHI, concat_of, split_header
from simulator.clock import SystemClock
from simulator.commands import COMMANDS
from simulator.faults import Fault
from simulator.load.flows import Book, Flow
from simulator.load.people import Crowd, Subscriber
from simulator.messages import Message, MessageStore
from simulator.network import Network
from simulator.pdu import Malformed, SubmitSm
from simulator.places import Places
from simulator.session import Session
from simulator.smsc import Smsc, SmscSettings

SUBMIT: Final = COMMANDS["submit_sm"].to_bytes(4, "big")
SUBMIT_RESP: Final = COMMANDS["submit_sm_resp"].to_bytes(4, "big")
MESSAGES_MAX: Final = 10_000
POLICY_BYTES_MAX: Final = 1 << 20
DIGEST_BYTES: Final = 8


def text_digest(text: str) -> str:
    """Enough of a digest to tell one text from another in the journal."""
    return hashlib.blake2b(text.encode(), digest_size=DIGEST_BYTES).hexdigest()


@dataclass(frozen=True, slots=True)
class _Open:
    """A submit_sm without its answer."""

    who: Subscriber | None
    flow: Flow | None
    came_s: float
    total: int


@dataclass(frozen=True, kw_only=True)
class OperatorSettings:
    """Where it listens and how its SMSC behaves."""

    host: str
    smpp_port: int
    policies_port: int
    accounts: Mapping[str, str] = field(repr=False)
    source: str
    answer_s: float
    receipt_s: float


@dataclass
class Operator:
    """Use it with `async with`. `book` is the run's; `journal` the file that parts and texts are noted in."""

    settings: OperatorSettings
    crowd: Crowd
    book: Book
    journal: Path
    _open: dict[tuple[int, bytes], _Open] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock = SystemClock()
        self.network = Network(Places.load(), self.settings.source)
        self.smsc = Smsc(
            self.settings.accounts,
            clock=self.clock,
            host=self.settings.host,
            port=self.settings.smpp_port,
            settings=SmscSettings(receipt_delay_s=self.settings.receipt_s),
            on_delivered=self._delivered,
            is_reachable=self._is_reachable,
            on_frame=self._frame,
        )
        # Nobody asks a load's SMSC for an old message, and what it kept would look like a leak.
        self.smsc.centre.messages = MessageStore(self.smsc.centre.messages.next_id, MESSAGES_MAX)
        for who in self.crowd.people:
            if who.failing:
                self.smsc.faults.arm(Fault("receipt_stat", who.number, None, stat="UNDELIV"))
        if self.settings.answer_s:
            self.smsc.faults.arm(Fault("slow", times=None, delay_s=self.settings.answer_s))
        self.policies = 0
        self.policies_port = 0
        self._runner: web.AppRunner | None = None
        self._file: TextIO | None = None

    async def __aenter__(self) -> Self:
        self._file = await asyncio.to_thread(self.journal.open, "w", encoding="ascii")
        await self.smsc.start()
        app = web.Application(client_max_size=POLICY_BYTES_MAX)
        app.router.add_post("/policies", self._policy)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, self.settings.host, self.settings.policies_port).start()
        self.policies_port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        await self.smsc.stop()
        if self._file is not None:
            self._file.close()
            self._file = None

    def flush(self) -> None:
        """Puts what is noted so far on disk, for whoever reads the journal."""
        if self._file is not None:
            self._file.flush()

    def switch_on(self, who: Subscriber) -> None:
        """The phone is on again: what was kept for it comes."""
        who.off = False
        self.smsc.centre.reachable_again(who.number)

    @property
    def receipts_due(self) -> bool:
        """Whether a receipt is still on its way, or will be in a moment."""
        if self.smsc.deliveries.queued or self.smsc.counters.unanswered:
            return True
        due = self.smsc.agenda.next_due
        return due is not None and due <= self.clock.now() + timedelta(seconds=self.settings.receipt_s + 1)

    # --- the gateway's frames ----------------------------------------------------------------------------

    def _frame(self, session: Session, way: str, frame: bytes) -> None:
        command = frame[4:8]
        if way == "in" and command == SUBMIT:
            self._submit_came(session, frame)
        elif way == "out" and command == SUBMIT_RESP:
            self._submit_answered(session, frame)

    def _submit_came(self, session: Session, frame: bytes) -> None:
        try:
            submit = SubmitSm(frame)
        except Malformed:
            return  # the session says so, and answers
        who = self.crowd.by_number.get("+" + submit.destination.decode("ascii"))
        flow = who.flow if who is not None else None
        self._open[id(session), submit.sequence] = _Open(who, flow, monotonic(), _parts(submit))

    def _submit_answered(self, session: Session, frame: bytes) -> None:
        one = self._open.pop((id(session), frame[12:16]), None)
        if one is None:
            return
        now_s = monotonic()
        self.book.tally.answered_submit(now_s - one.came_s)
        if frame[8:12] != bytes(4) or one.who is None:
            return
        self.book.tally.segments += 1
        self._note({"n": one.who.number, "id": frame[16:-1].decode("ascii")})
        one.who.parts += 1
        if one.who.parts >= one.total:
            one.who.parts = 0
            self.book.submitted(one.flow, one.who, one.came_s, now_s)

    def _is_reachable(self, number: str) -> bool:
        who = self.crowd.by_number.get(number)
        return who is None or not who.off

    def _delivered(self, message: Message) -> None:
        who = self.crowd.by_number.get(message.number)
        if who is None:
            return
        who.ids.append(message.message_id)
        submit = message.submit
        line = who.handset.receive(
            self.clock.now(),
            message.source,
            submit.payload,
            submit.data_coding,
            has_header=bool(submit.esm_class & UDHI),
        )
        if line is None:
            return
        who.handset.conversation.clear()
        self._note({"n": who.number, "ids": who.ids, "text": text_digest(line.text)})
        who.ids = []
        now_s = monotonic()
        self.book.tally.text_shown(now_s)
        self.book.shown(who, now_s)

    def _note(self, line: Mapping[str, Any]) -> None:
        if self._file is not None:
            self._file.write(json.dumps(line, separators=(",", ":")) + "\n")

    # --- data policies -----------------------------------------------------------------------------------

    async def _policy(self, request: web.Request) -> web.StreamResponse:
        self.policies += 1
        try:
            event = json.loads(await request.read())
            self.network.apply(event)
        except ValueError as error:
            return web.json_response({"status": 422, "detail": str(error)}, status=422)
        data = event["data"]
        who = self.crowd.by_number.get(data["msisdn"])
        if who is not None:
            if "COST_LIMIT" in data.get("reasons", ()):
                self.crowd.blocked[who.number] = who
            else:
                self.crowd.blocked.pop(who.number, None)
        return web.Response(status=204)


def _parts(submit: SubmitSm) -> int:
    """How many parts the text has that this one belongs to."""
    if not submit.esm_class & UDHI:
        return 1
    try:
        elements, _ = split_header(submit.payload)
    except ValueError:
        return 1
    concat = concat_of(elements)
    return concat.total if concat is not None else 1
