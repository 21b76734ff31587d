"""The played world: SMSC, network, handsets, the HTTP half of the wire and the clock they share, as one value.

What a person does is a method (`text`, `roam`, `use`); each ends, on a virtual clock, when both sides are quiet, and
returns what the handset got. The world leads the time: `advance` steps to the earlier of its own next due moment and
the gateway's, so receipts, expiries and month changes happen in their order. Nothing here waits for time to pass.

Not here: how each part works, what is expected of the gateway (demo.py, scenarios).
"""

import asyncio
import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from functools import partial
from typing import Any, Final, Self

from simulator.accounts import Account
from simulator.alphabet import UDHI, Concat
from simulator.child import Child
from simulator.clock import AMSTERDAM, Clock, VirtualClock
from simulator.commands import TLVS
from simulator.control import Control
from simulator.counters import Counters
from simulator.faultnames import FaultName
from simulator.faults import Fault, FaultPlan
from simulator.gateway_client import NO_GATEWAY, GatewayClient, Json
from simulator.handset import Handset, Line
from simulator.messages import Message
from simulator.network import Network
from simulator.pdu import Tlv, find_tlv
from simulator.places import Places
from simulator.reach import CONDITIONS, Reach
from simulator.settle import TIMEOUT_S, Settling, Wave
from simulator.smsc import Smsc, SmscSettings

SERVICE: Final = "1330"
STEPS_MAX: Final = 10_000
"""Due moments in one advance; more means that something periodic should have been lazy."""
MEGABYTE: Final = 1_000_000


@dataclass(frozen=True, kw_only=True)
class WorldSettings:
    """Where the world listens and whom it lets in. Port 0 is any free one; `source` names this run in its events."""

    accounts: Mapping[str, str | Account] = field(default_factory=lambda: {"gateway": "secret"})
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    host: str = "127.0.0.1"
    smpp_port: int = 0
    control_port: int = 0
    source: str = "urn:sms1330:simulator"
    service: str = SERVICE
    settle_timeout_s: float = TIMEOUT_S
    settles_in_real_time: bool = False
    """Settles on the system clock too; what falls due later is then not waited for."""
    conversations: bool = True
    """Handsets keep what they get, for which every message is looked at; without, the SMSC is many times faster."""
    smsc: SmscSettings = field(default_factory=SmscSettings)
    magic_numbers: bool = True
    """Some numbers are faults by themselves (magic.py)."""


@dataclass(frozen=True, slots=True)
class Used:
    """What came of using data: refused by the network or not, the gateway's result, and the texts that followed."""

    blocked: bool
    result: Json | None
    lines: list[Line]


@dataclass
class World:
    """Use it with `async with`. Give it a `client` (entered by the caller) with `connect` once a gateway is there."""

    settings: WorldSettings = field(default_factory=WorldSettings)
    clock: Clock = field(default_factory=VirtualClock)
    places: Places = field(default_factory=Places.load)
    faults: FaultPlan = field(default_factory=FaultPlan)

    def __post_init__(self) -> None:
        self.faults.use_numbers(on=self.settings.magic_numbers)
        self.service = self.settings.service
        self.handsets: dict[str, Handset] = {}
        self.network = Network(self.places, self.settings.source)
        self.smsc = Smsc(
            self.settings.accounts,
            clock=self.clock,
            host=self.settings.host,
            port=self.settings.smpp_port,
            settings=self.settings.smsc,
            faults=self.faults,
            on_delivered=self._delivered if self.settings.conversations else None,
            reach=self._reach,
            lists=self.settings.lists,
            tls=self.settings.tls,
            on_change=self.touched,
        )
        self.control = Control(self, self.settings.host, self.settings.control_port)
        self.client: GatewayClient | None = None
        self.settling: Settling | None = None
        self.lost_in_crash = 0
        self.on_line: Callable[[Handset, Line], None] | None = None
        self.on_delivery: Callable[[Handset, Message, Line | None], None] | None = None
        """Every message a handset got, before `on_line`; the line that it completed, None while parts are missing."""
        self.on_policy: Callable[[Mapping[str, Any]], None] | None = None
        self.gateway: Child | None = None
        """The gateway's process, where it is ours: its log can be asked for then."""
        self._cuts = 0
        self._one_at_a_time = asyncio.Lock()

    async def __aenter__(self) -> Self:
        await self.smsc.start()
        try:
            await self.control.start()
        except OSError:
            await self.smsc.stop()
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.control.stop()
        await self.smsc.stop()

    # --- the gateway -------------------------------------------------------------------------------------

    @property
    def counters(self) -> Counters:
        """Our side of this life of the gateway."""
        return self.smsc.counters

    def new_gateway(self) -> None:
        """Call it before a gateway starts (again): counting begins anew, what was unanswered is lost."""
        self.lost_in_crash += self.counters.unanswered
        self.smsc.counters = Counters()
        if self.settling is not None:
            self.settling.new_life()
        if self.client is not None:
            self.client.counters, self.client.uncertain = self.smsc.counters, False

    def connect(self, client: GatewayClient, *, fresh: bool) -> None:
        """Joins a gateway's HTTP side. `fresh` says that all its frames, from its start, came to this world."""
        client.counters, client.on_change, client.faults = self.smsc.counters, self.touched, self.faults
        self.client = client
        self.settling = Settling(
            client,
            counters=lambda: self.smsc.counters,
            waiting=lambda: self.smsc.deliveries.waiting,
            timeout_s=self.settings.settle_timeout_s,
        )
        if fresh:
            self.settling.new_life()

    def touched(self) -> None:
        """Something of ours moved: whoever settles looks again."""
        if self._cuts != self.smsc.cuts:
            self._cuts = self.smsc.cuts
            if self.client is not None:
                self.client.uncertain = True
        if self.settling is not None:
            self.settling.moved.set()

    def obey(self, event: Mapping[str, Any]) -> None:
        """A data policy the gateway pushed. ValueError says what is wrong with it."""
        self.network.apply(event)
        if self.on_policy is not None:
            self.on_policy(event)

    async def settle(self) -> Wave | None:
        """Until both sides are quiet; None when there is nothing to compare with (no gateway, or real time).

        NotQuiet when that takes too long.
        """
        if self.settling is None or not (self.clock.virtual or self.settings.settles_in_real_time):
            return None
        return await self.settling.settle()

    # --- what goes wrong ---------------------------------------------------------------------------------

    def arm(
        self,
        wanted: FaultName,
        *,
        number: str | None = None,
        lasts: timedelta | None = None,
        **scope: Any,  # noqa: ANN401 - fields of Fault
    ) -> Fault:
        """Arms a fault of the catalogue: for one handset (`number`), as long as it `lasts` on the business clock, and
        in the `scope` of its Fault: times, every, probability, rate_per_s. `clear` of the plan ends it.

        ValueError for one that is no fault of the SMSC or the network.
        """
        fault = self.faults.arm(wanted.armed(number, **scope))
        if lasts is not None:
            self.smsc.agenda.add(self.clock.now() + lasts, partial(self.faults.clear, fault))
        if wanted.drops:
            # The gateway comes back by itself, and then it strikes.
            for session in list(self.smsc.sessions):
                session.abort()
        return fault

    # --- people ------------------------------------------------------------------------------------------

    def handset(self, number: str, name: str = "", language: str = "nl") -> Handset:
        """The handset with that number; a new one when nobody had it. ValueError for what is no number."""
        if not (number.startswith("+") and number[1:].isdigit() and 5 <= len(number) <= 16):
            raise ValueError(f"{number!r} is no number: E.164 with + is allowed, as +31610000001")
        return self.handsets.setdefault(number, Handset(number, name or number, language))

    def person(self, who: str) -> Handset:
        """The handset of a number, or of somebody by name, in whatever case. ValueError names the nearest one."""
        if who[:1] in "+0123456789":
            return self.handset(who)
        for handset in self.handsets.values():
            if handset.name.casefold() == who.strip().casefold():
                return handset
        names = [handset.name for handset in self.handsets.values() if not handset.name.startswith("+")]
        near = get_close_matches(who, names, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(names) or 'numbers only'}"
        raise ValueError(f"nobody is called {who!r}: a number with + is allowed, or a name; {hint}")

    async def subscribe(self, handset: Handset, **settings: Any) -> Json:  # noqa: ANN401 - any JSON
        """Gives a handset a subscription at the portal, in its own language."""
        client = self._connected()
        async with self._one_at_a_time:
            answer = await client.put_subscription(handset.number, {"language": handset.language, **settings})
            await self.settle()
        return answer

    async def change(self, handset: Handset, **patch: Any) -> list[Line]:  # noqa: ANN401 - any JSON
        """What the administrator changes at the portal; the texts that follow."""
        client = self._connected()
        async with self._one_at_a_time:
            seen = len(handset.conversation)
            await client.patch_subscription(handset.number, patch)
            await self.settle()
            return _received(handset, seen)

    async def text(
        self, handset: Handset, text: str, *, to: str = "", form: str = "udh16", tlvs: Iterable[Tlv] = ()
    ) -> list[Line]:
        """The holder texts the service, as the PDUs that `form` (mo.py) names; what comes back."""
        async with self._one_at_a_time:
            self.smsc.post_mo(handset.number, to or self.service, text, form=form, tlvs=tlvs)
            line = handset.wrote(self.clock.now(), to or self.service, text)
            if self.on_line is not None:
                self.on_line(handset, line)
            seen = len(handset.conversation)
            await self.settle()
            return _received(handset, seen)

    async def roam(self, handset: Handset, where: str) -> list[Line]:
        """The handset registers somewhere else; what it is told. UnknownPlace when there is no such place."""
        client = self._connected()
        async with self._one_at_a_time:
            seen = len(handset.conversation)
            await client.post_event(self.network.roam(handset.number, where, self.clock.now()))
            if handset.reach is Reach.DETACHED:
                # Registering is what the network notices.
                handset.reach = Reach.ON
                self.smsc.centre.reachable_again(handset.number)
            await self.settle()
            return _received(handset, seen)

    async def use(
        self, handset: Handset, *, megabytes: float = 0, volume_bytes: int | None = None, leak: bool = False
    ) -> Used:
        """The handset uses data where it is (1 MB is 1,000,000 bytes)."""
        client = self._connected()
        volume = round(megabytes * MEGABYTE) if volume_bytes is None else volume_bytes
        async with self._one_at_a_time:
            seen = len(handset.conversation)
            use = self.network.use(handset.number, volume, self.clock.now(), leak=leak)
            result = await client.post_event(use.event) if use.event is not None else None
            await self.settle()
            return Used(use.blocked, result, _received(handset, seen))

    async def switch(self, handset: Handset, *, on: bool) -> list[Line]:
        """Switches a handset on or off; what was kept for it."""
        return await self.put(handset, Reach.ON if on else Reach.OFF)

    async def put(self, handset: Handset, reach: Reach) -> list[Line]:
        """Makes a handset be off, full, roaming, out of coverage or on; what was kept for it and comes now. A handset
        that comes back into coverage tells nobody (reach.py): its texts come with the SMSC's next attempt.
        """
        async with self._one_at_a_time:
            seen = len(handset.conversation)
            before, handset.reach = handset.reach, reach
            if CONDITIONS[reach].takes and CONDITIONS[before].tells:
                self.smsc.centre.reachable_again(handset.number)
            await self.settle()
            return _received(handset, seen)

    def _reach(self, number: str) -> Reach:
        """Any number may be texted: nobody has switched off what nobody has seen."""
        handset = self.handsets.get(number)
        return handset.reach if handset is not None else Reach.ON

    def _connected(self) -> GatewayClient:
        if self.client is None:
            raise ValueError(f"nobody would hear of it: {NO_GATEWAY}")
        return self.client

    def _delivered(self, message: Message) -> None:
        submit = message.submit
        number = message.number
        # Any number may be texted: it gets a handset when its first text comes.
        handset = self.handsets.setdefault(number, Handset(number, number))
        line = handset.receive(
            self.clock.now(),
            message.source,
            submit.payload,
            submit.data_coding,
            has_header=bool(submit.esm_class & UDHI),
            sar=_sar(submit.tlvs),
        )
        if self.on_delivery is not None:
            self.on_delivery(handset, message, line)
        if line is not None and self.on_line is not None:
            self.on_line(handset, line)

    # --- time --------------------------------------------------------------------------------------------

    async def advance(
        self,
        to: datetime | None = None,
        by: timedelta | None = None,
        *,
        on_instant: Callable[[datetime], None] = lambda _: None,
    ) -> list[datetime]:
        """Moves the world's and the gateway's virtual clock on; the instants at which something fell due, each told
        to `on_instant` once it has been played.

        ValueError when that would be backwards or the clock is not virtual.
        """
        target = (to or self.clock.now()).astimezone(UTC) + (by or timedelta(0))
        if not self.clock.virtual:
            raise ValueError("the clock is the system clock: it moves by itself")
        if target < self.clock.now():
            raise ValueError(f"the clock stands at {self.clock.now().isoformat()}; it can not go back to {target}")
        async with self._one_at_a_time:
            instants: list[datetime] = []
            while (due := await self._next_due()) is not None and due <= target:
                if len(instants) == STEPS_MAX:
                    raise ValueError(f"more than {STEPS_MAX} due moments on the way, the last at {due.isoformat()}")
                instants.append(due)
                await self._step(max(due, self.clock.now().astimezone(UTC)))
                on_instant(due)
            await self._step(target)
            return instants

    async def next_month(self) -> list[datetime]:
        """To the first of the next month, 00:00 in Amsterdam."""
        return await self.advance(to=self.month_end())

    def month_end(self) -> datetime:
        """The first of the next month, 00:00 in Amsterdam."""
        now = self.clock.now().astimezone(AMSTERDAM)
        year, month = (now.year + 1, 1) if now.month == 12 else (now.year, now.month + 1)
        return datetime(year, month, 1, tzinfo=AMSTERDAM)

    async def _next_due(self) -> datetime | None:
        wave = await self.settle()
        theirs = wave.answer.get("next_due") if wave is not None else None
        dues = [self.smsc.agenda.next_due, datetime.fromisoformat(theirs).astimezone(UTC) if theirs else None]
        return min((due for due in dues if due is not None), default=None)

    async def _step(self, to: datetime) -> None:
        # The world's clock first: what the gateway sends at that instant must not arrive in the past.
        self.clock.set(to)
        if self.client is not None:
            await self.client.advance(to)
        self.smsc.agenda.play()
        await self.settle()


def _received(handset: Handset, seen: int) -> list[Line]:
    return [line for line in handset.conversation[seen:] if line.direction == "in"]


def _sar(tlvs: tuple[Tlv, ...]) -> Concat | None:
    """Concatenation told by TLVs (SMPP 3.4 §5.3.2.22-24)."""
    if not tlvs:
        return None
    names = ("sar_msg_ref_num", "sar_total_segments", "sar_segment_seqnum")
    found = [find_tlv(tlvs, TLVS[name][0]) for name in names]
    if any(value is None for value in found):
        return None
    reference, total, number = (int.from_bytes(value or b"", "big") for value in found)
    return Concat(reference, total, number) if 1 <= number <= total else None
