"""An ESME in the hand of a test: our sessions and a small application that replies to texts; sound, or with a fault.

It stands in for the gateway where the grader itself is under test: no process, no database, timers of a fraction of a
second. A fault is a method that a subclass replaces, or a patch of the session's tables.

Not here: which faults there are (test_controls.py), what is expected of a good one.
"""

import asyncio
import random
from collections import Counter, deque
from contextlib import asynccontextmanager

from gateway.smpp import inbound
from gateway.smpp import pdu as p
from gateway.smpp.esme import Esme
from gateway.smpp.session_events import DeliveryReceived, SubmitAnswered, SubmitUnanswered
from gateway.smpp.settings import SmppSettings
from gateway.smpp.statuses import Statuses
from simulator.torture.catalogue import CASES
from simulator.torture.listener import Listener
from simulator.torture.play import Expected
from simulator.torture.station import Station

TIMERS = {"response_timeout_s": 0.4, "enquire_link_s": 0.4, "reconnect_max_s": 0.1}
RETRY_S = 0.05
REPLY = b"Codes: BERICHT, INFO, LIMIET"


class Model:
    """A good ESME. `settings` of its session may be given."""

    def __init__(self, port, **settings):
        values = {**TIMERS, "reconnect_min_s": 0.02, "window": 10, **settings}
        self.esme = Esme(SmppSettings(port=port, **values), self.told, log=lambda *_, **__: None, rng=random.Random(1))
        self.queue = deque()
        self.tries = Counter()
        self.heard = {}

    async def run(self):
        await self.esme.run()

    # --- what the session tells --------------------------------------------------------------------------

    def told(self, events):
        for event in events:
            match event:
                case DeliveryReceived():
                    self.on_delivery(event)
                case SubmitAnswered() if event.status and Statuses().verdict(event.status) == "retry":
                    self.on_refused(event.ref)
                case SubmitUnanswered():
                    self.on_unanswered(event.ref)
        self.pump()

    def on_delivery(self, event):
        self.esme.answer(event.token, p.ESME_ROK)
        found = inbound.read(event.pdu)
        if isinstance(found, inbound.MoText) and found.text.strip() == "HELP":
            self.reply(found.sender)

    def on_refused(self, number):
        asyncio.get_running_loop().call_later(RETRY_S, self.reply, number)

    def on_unanswered(self, number):
        if self.tries[number] < 2:
            self.queue.append(number)

    # --- what leaves -------------------------------------------------------------------------------------

    def reply(self, number):
        self.queue.append(number)
        self.pump()

    def pump(self):
        while self.queue and self.esme.free_slots:
            number = self.queue.popleft()
            self.tries[number] += 1
            self.submit(number)

    def submit(self, number):
        message = p.Message(
            source_addr="1330", dest_addr_ton=1, destination_addr=number.removeprefix("+"), short_message=REPLY
        )
        self.esme.submit(number, message)


@asynccontextmanager
async def standing(make, **expected):
    """A station, and a model that binds to it."""
    listener = Listener("127.0.0.1", 0)
    await listener.up()
    station = Station(listener, Expected(**{**TIMERS, "retry_max_s": 0.5, **expected}), seed=1, start_s=10)
    try:
        async with asyncio.TaskGroup() as group:
            running = group.create_task(make(listener.port).run())
            try:
                await station.start()
                yield station
            finally:
                running.cancel()
    finally:
        await station.stop()
        await listener.down()


def graded(make, names, **expected):
    """The results of these cases by name, as far as the model lasts."""

    async def play():
        results = {}
        async with standing(make, **expected) as station:
            for name in names:
                if not station.over:
                    results[name] = await station.play(CASES[name])
        return results

    return asyncio.run(asyncio.wait_for(play(), 60))
