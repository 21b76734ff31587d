"""A gateway under load that dies again and again, and the books that are kept of it outside.

`Load` posts usage in batches until each is acknowledged, and lets handsets text the service; `Executioner` kills the
process at a random frame or answer; `Tally` holds what was acknowledged. In the end `gather` reads what the gateway
has, and `violations` compares the two. On a virtual clock that stands still a text that comes again after a crash is
always known as a repeat (Q65), so every figure is exact.

Not here: how often it dies, and what is printed.
"""

import asyncio
import os
import random
import signal
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final

import aiohttp

from simulator.alphabet import GSM, text_of
from simulator.commands import COMMANDS, TLVS
from simulator.deliveries import Delivery
from simulator.gateway_process import GatewayProcess
from simulator.pdu import SubmitSm, find_tlv
from tests.world.stage import BATCH, MB, OPTION_B, Stage

PRODUCERS: Final = 3
BATCH_EVENTS_MAX: Final = 200
TEXTS_A_LIFE: Final = 8
"""What one handset texts in one life of the gateway, so that the books stay readable."""
TEXTS: Final = ("INFO UIT", "INFO AAN")
"""Each changes a setting, so that the next is no repeat (Q65), while a delivery that came again is one."""
ANSWERS: Final = ("pref_info_off", "pref_info_on")
ALERT_GB: Final = 1
ROAMING_LIMIT_MB: Final = 12
HOME, ABROAD, SHIP = "204-08", "310-410", "901-12"
LADDERS: Final = (
    ("domestic_eu_bytes", ALERT_GB * 1000 * MB, ((80, "usage_80"), (100, "usage_100"))),
    ("outside_eu_bytes", ROAMING_LIMIT_MB * MB, ((80, "roaming_limit_80"), (100, "roaming_limit_100"))),
    # € 50 at € 2.50 a MB
    ("outside_eu_bytes", 20 * MB, ((80, "cost_80"), (100, "cost_100_block"), (200, "cost_200_block"))),
)
_SUBMIT: Final = COMMANDS["submit_sm"].to_bytes(4, "big")
_REFERENCE: Final = TLVS["user_message_reference"][0]


@dataclass
class Tally:
    """What was acknowledged, by number. `registrations` are ids of location events; `faults` what must never be."""

    home_bytes: Counter[str] = field(default_factory=Counter)
    abroad_bytes: Counter[str] = field(default_factory=Counter)
    registrations: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    texts: Counter[str] = field(default_factory=Counter)
    events: int = 0
    repeated: int = 0
    """Events that were known already when they came again: their first answer was lost in a crash."""
    faults: list[str] = field(default_factory=list)


@dataclass
class Wire:
    """Every submit_sm the SMSC has seen: number → (user_message_reference, text) in order."""

    submits: dict[str, list[tuple[bytes, bytes]]] = field(default_factory=lambda: defaultdict(list))

    def note(self, frame: bytes) -> None:
        submit = SubmitSm(frame)
        reference = find_tlv(submit.tlvs, _REFERENCE) or b""
        self.submits["+" + submit.destination.decode()].append((reference, submit.payload))

    @property
    def total(self) -> int:
        return sum(map(len, self.submits.values()))


@dataclass
class Evidence:
    """What the gateway has in the end."""

    views: dict[str, dict[str, Any]]
    notices: dict[str, list[dict[str, Any]]]
    unknowns: Counter[str]
    """Lines `mt.unknown` of all lives by notification: the sending again that is explained."""


class Executioner:
    """Kills one life at its n-th frame, or at its n-th acknowledged batch, in the same turn of the loop."""

    def __init__(self) -> None:
        self.struck = asyncio.Event()
        self._life: GatewayProcess | None = None
        self._what = ""
        self._left = 0

    def aim(self, life: GatewayProcess, what: str, left: int) -> None:
        """`what` is "frame" or "answer"."""
        self._life, self._what, self._left = life, what, left
        self.struck.clear()

    def passing(self, what: str) -> None:
        if self._life is None or what != self._what:
            return
        self._left -= 1
        if self._left > 0:
            return
        if self._life.is_running:
            os.kill(self._life.pid, signal.SIGKILL)
        self._life = None
        self.struck.set()


class Load:
    """`people` use data and text; `ships` only register. One seed decides all of it but the interleaving."""

    def __init__(self, stage: Stage, executioner: Executioner, seed: int) -> None:
        self.stage = stage
        self.tally = Tally()
        self.wire = Wire()
        self.people: list[str] = []
        self.ships: list[str] = []
        self.posted_texts = 0
        self._executioner = executioner
        self._random = random.Random(seed)
        self._url = ""
        self._up = asyncio.Event()
        self._done = False
        self._texting: set[str] = set()
        self._left: Counter[str] = Counter()
        self._sent: Counter[str] = Counter()
        self._idle = asyncio.Event()
        stage.world.smsc.on_frame = self._on_frame

    async def subscribe(self, people: int, ships: int) -> None:
        settings = {"bundles": OPTION_B, "usage_alert_gb": ALERT_GB, "roaming_limit_mb": ROAMING_LIMIT_MB}
        self.people = [await self.stage.subscribed(**settings) for _ in range(people)]
        self.ships = [await self.stage.subscribed(**settings) for _ in range(ships)]

    def _on_frame(self, _session: object, direction: str, frame: bytes) -> None:
        if direction == "in" and frame[4:8] == _SUBMIT:
            self.wire.note(frame)
        self._executioner.passing("frame")

    # --- lives

    def begin(self, url: str) -> None:
        """A gateway is up."""
        self._url = url
        self._up.set()
        for number in self.people:
            self._left[number] = TEXTS_A_LIFE
            self._text(number)

    def interrupt(self) -> None:
        """It is gone."""
        self._up.clear()

    def finish(self) -> None:
        """Nothing new; what is under way ends."""
        self._done = True
        self._left.clear()

    # --- HTTP

    async def produce(self) -> None:
        """Batches, one after the other, each repeated until it is acknowledged."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as http:
            while not self._done:
                await self._up.wait()
                await self._until_acknowledged(http, self._batch())

    def _batch(self) -> list[dict[str, Any]]:
        return [self._event() for _ in range(self._random.randint(1, BATCH_EVENTS_MAX))]

    def _event(self) -> dict[str, Any]:
        # Random ids, as producers send them.
        name = str(uuid.UUID(int=self._random.getrandbits(128)))
        dice = self._random.random()
        if dice < 0.03:
            return self.stage.location(self._random.choice(self.ships), SHIP) | {"id": name}
        number = self._random.choice(self.people)
        if dice < 0.5:
            return self.stage.usage(number, self._random.randint(1, 20 * MB), HOME) | {"id": name}
        return self.stage.usage(number, self._random.randint(1, MB // 3), ABROAD) | {"id": name}

    async def _until_acknowledged(self, http: aiohttp.ClientSession, batch: list[dict[str, Any]]) -> None:
        while True:
            await self._up.wait()
            url = self._url
            try:
                async with http.post(url + "/v1/events", json=batch, headers={"Content-Type": BATCH}) as response:
                    answer = await response.json(content_type=None)
                    status = response.status
            except (aiohttp.ClientError, ConnectionError, TimeoutError):
                if self._url == url:
                    # Nobody will answer there again: this waits for the next life.
                    self.interrupt()
                continue
            if status == 503:
                await asyncio.sleep(0)
                continue
            if status != 200:
                self.tally.faults.append(f"a batch was answered {status}: {answer}")
                return
            self._acknowledge(batch, answer["results"])
            self._executioner.passing("answer")
            return

    def _acknowledge(self, batch: list[dict[str, Any]], results: list[dict[str, Any]]) -> None:
        for event, result in zip(batch, results, strict=True):
            if result["status"] not in ("accepted", "duplicate") or result["id"] != event["id"]:
                self.tally.faults.append(f"{event['id']} was answered {result}")
                continue
            self.tally.events += 1
            self.tally.repeated += result["status"] == "duplicate"
            data = event["data"]
            if "bytes" not in data:
                self.tally.registrations[data["msisdn"]].append(event["id"])
            elif data["visited_plmn"] == HOME:
                self.tally.home_bytes[data["msisdn"]] += data["bytes"]
            else:
                self.tally.abroad_bytes[data["msisdn"]] += data["bytes"]

    # --- SMPP

    def _text(self, number: str) -> None:
        if number in self._texting or self._left[number] <= 0:
            return
        self._left[number] -= 1
        self._texting.add(number)
        text = TEXTS[self._sent[number] % len(TEXTS)]
        self._sent[number] += 1
        self.posted_texts += 1
        delivery = self.stage.world.smsc.post_mo(number, "1330", text)
        delivery.on_finished = lambda finished: self._texted(number, finished)

    def _texted(self, number: str, delivery: Delivery) -> None:
        self._texting.discard(number)
        if delivery.statuses == [0]:
            self.tally.texts[number] += 1
        else:
            self.tally.faults.append(f"a text of {number} was answered {delivery.statuses}")
        if not self._texting:
            self._idle.set()
        # Not from within the answer's own turn: the SMSC is still reading.
        asyncio.get_running_loop().call_soon(self._text, number)

    async def texts_ended(self) -> None:
        while self._texting:
            self._idle.clear()
            await self._idle.wait()


async def gather(stage: Stage, numbers: Iterable[str]) -> Evidence:
    """Reads all of it over HTTP from the gateway that runs now."""
    unknowns = Counter(line["msg_id"] for line in stage.log_lines("mt.unknown") if line.get("again"))
    views, notices = {}, {}
    for number in numbers:
        views[number] = await stage.get(number)
        notices[number] = await stage.notices(number)
    return Evidence(views, notices, unknowns)


def violations(tally: Tally, wire: Wire, evidence: Evidence) -> list[str]:
    """Every way in which what the gateway has is not what was acknowledged."""
    found = list(tally.faults)
    for number, view in evidence.views.items():
        notices = evidence.notices[number]
        found += _of_volumes(tally, number, view["usage"])
        found += _of_ladders(number, view["usage"], notices)
        found += _of_answers(tally, number, notices)
        found += _of_registrations(tally, number, notices)
        found += _of_the_wire(number, notices, wire.submits[number], evidence.unknowns)
    return found


def _of_volumes(tally: Tally, number: str, usage: dict[str, int]) -> list[str]:
    """G1, G2: every acknowledged event counted once."""
    pairs = (
        ("at home", tally.home_bytes[number], usage["domestic_eu_bytes"]),
        ("abroad", tally.abroad_bytes[number], usage["outside_eu_bytes"] + usage["leakage_bytes"]),
    )
    return [
        f"{number}: {asked} bytes {where} acknowledged, {has} counted" for where, asked, has in pairs if asked != has
    ]


def _of_ladders(number: str, usage: dict[str, int], notices: list[dict[str, Any]]) -> list[str]:
    """G4, G5: each level that was reached decided on once, sent or not, and no other."""
    found = []
    decided = Counter(item["kind"] for item in notices)
    for counter, limit, rungs in LADDERS:
        for level, kind in rungs:
            expected = int(usage[counter] * 100 >= limit * level)
            if decided[kind] != expected:
                found.append(f"{number}: {kind} decided {decided[kind]} times, {expected} expected")
    return found


def _of_answers(tally: Tally, number: str, notices: list[dict[str, Any]]) -> list[str]:
    """G3: every text answered ROK has its effect, once."""
    answers = sum(item["kind"] in ANSWERS for item in notices)
    asked = tally.texts[number]
    return [] if answers == asked else [f"{number}: {asked} texts taken, {answers} answered"]


def _of_registrations(tally: Tally, number: str, notices: list[dict[str, Any]]) -> list[str]:
    """Every acknowledged registration on a ship is announced, once (Q40)."""
    decided = Counter(item["event"]["id"] for item in notices if item["kind"] == "border_non_terrestrial")
    asked = Counter(tally.registrations[number])
    return [] if decided == asked else [f"{number}: registrations {asked - decided} lost, {decided - asked} too many"]


def _of_the_wire(
    number: str, notices: list[dict[str, Any]], submits: list[tuple[bytes, bytes]], unknowns: Counter[str]
) -> list[str]:
    """G8, G9, G10: nothing is stuck, what was sent twice is explained, and the order is that of decision."""
    found = [
        f"{number}: {item['kind']} {item['id']} is {item['state']}"
        for item in notices
        if item["state"] not in ("delivered", "cancelled", "suppressed")
    ]
    if any(item["kind"] == "border_non_terrestrial" for item in notices):
        # A ship's texts are all alike, and one that was perhaps sent may be cancelled by the next (Q51).
        return found
    texts = [item["text"] for item in notices if item["state"] == "delivered"]
    explained = sum(unknowns[item["id"]] for item in notices)
    again = len(submits) - len(texts)
    if again > explained:
        found.append(f"{number}: {again} texts sent again, {explained} explained in the log")
    # One in flight for each subscriber: what is sent again comes before its followers. No two neighbours are alike.
    runs = [(text, {reference for reference, _ in run}) for text, run in groupby(submits, lambda sent: sent[1])]
    if [text_of(text, GSM) for text, _ in runs] != texts:
        found.append(f"{number}: the texts on the wire are not those decided on, in their order")
    # What is sent again has the reference it had.
    found += [f"{number}: sent again under another reference: {refs}" for _, refs in runs if len(refs) > 1]
    return found
