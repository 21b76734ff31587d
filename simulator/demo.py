"""Plays the story against a gateway of its own and shows the conversation, each text with its reason.

A gateway is started as a child on free ports with a temporary database and a virtual clock. Every step is checked
against story.py: texts as the handset got them, kinds and reasons as the gateway tells them, data as the network
lets it through. Afterwards everything stays up for a person to play on, unless it runs headless.

Not here: the story (story.py), the wire (world.py), how it looks (display.py).
"""

import socket
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from aiohttp import ClientError

from simulator import reasons
from simulator.capture import Capture
from simulator.clock import VirtualClock
from simulator.display import Screen
from simulator.ending import COULD_NOT_RUN, DIFFERENT, OK, interrupted
from simulator.gateway_client import GatewayClient, GatewayError, Json
from simulator.gateway_process import GatewayDied, GatewayProcess
from simulator.handset import Handset, Line
from simulator.invoked import invoked
from simulator.settle import NotQuiet
from simulator.story import PEOPLE, START, STORY, Step
from simulator.world import World, WorldSettings

CONTROL_PORT: Final = 8331
CONFIG: Final = """\
[http]
host = "127.0.0.1"
port = 0
[smpp]
host = "127.0.0.1"
port = {smpp_port}
system_id = "gateway"
password = "secret"
[store]
url = "sqlite:///demo.db"
[network]
url = "{policies_url}"
[clock]
mode = "virtual"
start = {start}
"""


@dataclass
class _Seen:
    """What one step brought."""

    lines: list[Line] = field(default_factory=list)
    sent: list[Json] = field(default_factory=list)
    suppressed: list[Json] = field(default_factory=list)
    decisions: list[Json] = field(default_factory=list)
    refused: bool = False


@dataclass
class Demo:
    """One playing of the story. `failures` holds what came out differently, in the order it was seen."""

    world: World
    client: GatewayClient
    screen: Screen
    failures: list[str] = field(default_factory=list)
    sent: Counter[str] = field(default_factory=Counter)
    suppressed: Counter[str] = field(default_factory=Counter)
    _told: dict[str, set[str]] = field(default_factory=dict)
    _judged: dict[str, int] = field(default_factory=dict)

    async def play(self) -> None:
        """All steps; a step that fails does not keep the later ones from being played."""
        people: dict[str, Handset] = {}
        for person in PEOPLE:
            handset = people[person.name] = self.world.handset(person.number, person.name, person.language)
            await self.world.subscribe(handset, **person.settings)
            self._judged[handset.number] = len(await self.client.decisions(handset.number))
            self._told[handset.number] = set()
        for number, step in enumerate(STORY, 1):
            handset = people[step.who]
            if step.at is not None:
                await self.world.advance(to=step.at)
            try:
                seen = await self._do(step, handset)
                complaints = [*_differences(step, seen), *await self._state(step, handset)]
            except (GatewayError, NotQuiet) as error:
                complaints = [str(error)]
            if complaints:
                self.screen.failed(complaints)
                self.failures += [f"step {number} ({step.told or step.value}): {told}" for told in complaints]
        await self._receipts(list(people.values()))

    async def _do(self, step: Step, handset: Handset) -> _Seen:
        seen = _Seen()
        if step.told and step.act != "month":
            self.screen.happened(self.world.clock.now(), step.told)
        match step.act:
            case "text":
                seen.lines = await self.world.text(handset, step.value)
                self.screen.line(handset, handset.outbox[-1])
            case "roam":
                seen.lines = await self.world.roam(handset, step.value)
            case "use":
                used = await self.world.use(handset, megabytes=step.value)
                seen.lines, seen.refused = used.lines, used.blocked
            case "portal":
                seen.lines = await self.world.change(handset, **step.value)
            case "month":
                before = len(handset.inbox)
                await self.world.next_month()
                self.screen.happened(self.world.clock.now(), step.told)
                seen.lines = handset.inbox[before:]
        await self._ask(handset, seen)
        self._show(handset, seen)
        return seen

    async def _ask(self, handset: Handset, seen: _Seen) -> None:
        """What the gateway says it did, and why."""
        told = self._told[handset.number]
        for item in await self.client.notifications(handset.number):
            if item["id"] in told:
                continue
            told.add(item["id"])
            if item["state"] == "suppressed":
                seen.suppressed.append(item)
                self.suppressed[str(item.get("reason"))] += 1
            else:
                seen.sent.append(item)
                self.sent[str(item["kind"])] += 1
        decisions = await self.client.decisions(handset.number)
        seen.decisions = decisions[self._judged[handset.number] :]
        self._judged[handset.number] = len(decisions)

    def _show(self, handset: Handset, seen: _Seen) -> None:
        for index, line in enumerate(seen.lines):
            why = []
            if index < len(seen.sent):
                decision = reasons.decision_for(seen.sent[index], seen.decisions)
                why = reasons.why_sent(seen.sent[index], decision, handset.language)
            self.screen.line(handset, line, why)
        if seen.refused:
            self.screen.because(["no text: the network refused the data, so there was no usage to report"])
        elif not seen.lines or seen.suppressed:
            self.screen.because(reasons.why_not(seen.suppressed, seen.decisions))

    async def _state(self, step: Step, handset: Handset) -> list[str]:
        """How the network and the portal stand after a step."""
        complaints = []
        blocked = self.world.network.is_blocked(handset.number, self.world.clock.now())
        if step.expected.blocked is not None and blocked != step.expected.blocked:
            complaints.append(f"data here: expected {_works(step.expected.blocked)}, found {_works(blocked)}")
        if step.expected.cost is not None:
            cost = (await self.client.subscription(handset.number))["cost"]
            found = (cost["state"], cost["charged_eur"])
            if found != step.expected.cost:
                complaints.append(f"cost: expected {step.expected.cost}, found {found}")
        return complaints

    async def _receipts(self, handsets: list[Handset]) -> None:
        """Every text must be reported as delivered once the last receipts have come."""
        await self.world.advance(by=timedelta(seconds=self.world.settings.smsc.receipt_delay_s + 1))
        for handset in handsets:
            for item in await self.client.notifications(handset.number):
                if item["state"] not in ("delivered", "suppressed"):
                    self.failures.append(
                        f"{item['kind']} to {handset.name}: expected delivered, found {item['state']}"
                    )
        if self.world.smsc.complaints:
            self.failures += [f"SMPP: {complaint}" for complaint in self.world.smsc.complaints]


def _works(blocked: bool) -> str:  # noqa: FBT001 - a word for a value
    return "blocked" if blocked else "open"


def _differences(step: Step, seen: _Seen) -> list[str]:
    """How a step's texts differ from the story."""
    expected = step.expected
    kinds = tuple(str(item["kind"]) for item in seen.sent)
    complaints = []
    if kinds != expected.kinds:
        complaints.append(f"texts: expected {_listed(expected.kinds)}, found {_listed(kinds)}")
    texts = [line.text for line in seen.lines]
    decided = [str(item["text"]) for item in seen.sent]
    if texts != decided:
        complaints.append(f"the handset got {texts}, the gateway says it sent {decided}")
    whole = " ".join(texts)
    complaints += [f"wording: {piece!r} is not in {whole!r}" for piece in expected.wording if piece not in whole]
    if seen.refused != expected.refused:
        complaints.append(f"the network {'refused' if seen.refused else 'let through'} the data")
    if expected.reason is not None and expected.reason not in _reasons(seen):
        complaints.append(f"reason: expected {expected.reason}, found {_listed(tuple(sorted(_reasons(seen))))}")
    return complaints


def _reasons(seen: _Seen) -> set[str]:
    found = {str(item.get("reason")) for item in seen.suppressed}
    for decision in seen.decisions:
        found |= {str(finding.get("result")) for finding in decision.get("findings", ())}
        found |= {str(held.get("reason")) for held in decision.get("not_sent", ())}
    return found


def _listed(kinds: tuple[str, ...]) -> str:
    return ", ".join(kinds) or "nothing"


async def run_demo(*, headless: bool, smpp_port: int = 0, pcap: Path | None = None) -> int:
    """Starts everything, plays, and without `headless` stays up until Ctrl-C. Its exit code."""
    screen = Screen.open(plain=headless)
    began_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sms1330-demo-") as folder:
        try:
            settings = WorldSettings(smpp_port=smpp_port, control_port=0 if headless else _control_port())
            async with World(settings, VirtualClock(START)) as world:
                with Capture(world.clock, pcap, port=world.smsc.port) as capture:
                    world.smsc.on_frame = capture.seen
                    child = await _start(world, Path(folder))
                    try:
                        return await _play(world, child, screen, began_s, headless=headless)
                    finally:
                        await child.stop()
                        screen.table("PDUs on the SMPP link", [(name, str(n)) for name, n in capture.counts.items()])
        except (GatewayDied, OSError) as error:
            screen.say(f"The demo could not start: {error}", "bold red")
            return COULD_NOT_RUN


def _control_port() -> int:
    """The one that the console asks when nobody says otherwise, if it is free."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", CONTROL_PORT))
        except OSError:
            return 0
    return CONTROL_PORT


async def _start(world: World, folder: Path) -> GatewayProcess:
    config = folder / "config.toml"
    config.write_text(
        CONFIG.format(smpp_port=world.smsc.port, policies_url=world.control.policies_url, start=START.isoformat()),
        encoding="utf-8",
    )
    return await GatewayProcess.start(config, cwd=folder)


async def _play(world: World, child: GatewayProcess, screen: Screen, began_s: float, *, headless: bool) -> int:
    world.gateway = child
    port = await child.ready(timeout_s=15)
    async with GatewayClient(f"http://127.0.0.1:{port}") as client:
        world.connect(client, fresh=True)
        ready_s = time.monotonic() - began_s
        screen.title(f"1330: gateway on {client.url}, SMSC on port {world.smsc.port}, up in {ready_s:.1f} s")
        demo = Demo(world, client, screen)
        try:
            await demo.play()
        except GatewayError as error:
            demo.failures.append(str(error))
        except (NotQuiet, OSError, ClientError) as error:
            ended = "" if child.is_running else f" (the gateway ended, exit code {child.exit_code})"
            demo.failures.append(f"{error}{ended}\n{child.last_lines()}")
        _summarise(demo, screen, time.monotonic() - began_s, START)
        if not headless:
            await _stay(world, client, screen)
    return DIFFERENT if demo.failures else OK


def _summarise(demo: Demo, screen: Screen, wall_s: float, start: datetime) -> None:
    virtual = demo.world.clock.now() - start
    rows = [
        ("texts sent", str(sum(demo.sent.values()))),
        *((f"  {kind}", str(count)) for kind, count in sorted(demo.sent.items())),
        ("not sent", str(sum(demo.suppressed.values()))),
        *((f"  {reason}", str(count)) for reason, count in sorted(demo.suppressed.items())),
        ("virtual time", f"{virtual.days} days"),
        ("wall time", f"{wall_s:.1f} s"),
    ]
    screen.table("Summary", rows)
    if demo.failures:
        screen.say(f"The story did NOT come out as told: {len(demo.failures)} differences", "bold red")
        for failure in demo.failures:
            screen.say(f"  ✗ {failure}", "red")
    else:
        screen.say(f"The story came out as told: {len(STORY)} steps.", "bold green")


async def _stay(world: World, client: GatewayClient, screen: Screen) -> None:
    """Plays on by hand until Ctrl-C."""
    control = world.control.url
    at = "" if world.control.port == CONTROL_PORT else f" --at {control}"
    simulator = invoked()
    screen.say("\nEverything stays up until Ctrl-C. Play on:")
    for line in (
        f"{simulator} phone add Eva --limit 10 --option B{at}",
        f"{simulator} roam Eva Canada{at}",
        f"{simulator} use Eva 4MB{at}",
        f"{simulator} text Eva DOORGAAN{at}",
        f"{simulator} why Eva{at}",
        f"{simulator} clock +1d{at}",
        f"{simulator} tail{at}",
        f"curl -s {control}/handsets/Anna/texts -H 'Content-Type: application/json' -d '{{\"text\": \"HELP\"}}'",
        f"curl -s {client.url}/v1/subscriptions/{PEOPLE[0].number.replace('+', '%2B')}",
        f"SMPP: 127.0.0.1 port {world.smsc.port}, system_id gateway, password secret",
    ):
        screen.say(f"  {line}")
    world.on_line = screen.line
    await interrupted()
