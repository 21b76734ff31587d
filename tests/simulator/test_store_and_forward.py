"""Whatever ESMEs and handsets do: every message has one end, is brought once, in order, and is told of as asked."""

import asyncio
from collections import Counter
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.clock import VirtualClock
from simulator.commands import Status
from simulator.messages import State
from simulator.pdu import Deframer, Pdu, decode, encode
from simulator.reach import Reach
from simulator.session import Session
from simulator.smsc import Smsc, SmscSettings

NUMBERS = ("31610000001", "31610000002")
VALIDITY = ("", "000000000500000R", "000000060000000R")  # none, five minutes, six hours

numbers = st.sampled_from(NUMBERS)
steps = st.one_of(
    st.tuples(
        st.just("submit"),
        numbers,
        st.fixed_dictionaries(
            {
                "registered_delivery": st.sampled_from([0, 1, 2, 0x11, 0x12]),
                "validity_period": st.sampled_from(VALIDITY),
                "esm_class": st.sampled_from([0, 0, 0, 1, 2]),
                "schedule_delivery_time": st.sampled_from(["", "", "", "000000010000000R"]),
                "replace_if_present_flag": st.sampled_from([0, 0, 0, 1]),
            }
        ),
    ),
    st.tuples(st.just("reach"), numbers, st.sampled_from(list(Reach))),
    st.tuples(st.just("pass"), st.just(""), st.sampled_from([1, 29, 61, 3600, 30_000])),
    st.tuples(st.just("cancel"), numbers, st.integers(0, 5)),
    st.tuples(st.just("replace"), numbers, st.integers(0, 5)),
)


class Line(asyncio.Transport):
    """A transport that keeps what is written to it."""

    def __init__(self):
        super().__init__()
        self.written = b""

    def write(self, data):
        self.written += data

    def is_closing(self):
        return False


class Play:
    """An ESME and two handsets at an SMSC, and what was accepted, brought and told."""

    def __init__(self):
        self.handsets = dict.fromkeys(NUMBERS, Reach.ON)
        self.brought = []
        self.told = []
        self.accepted = {}
        self.replaced = set()
        self.smsc = Smsc(
            {"gateway": "secret"},
            clock=VirtualClock(),
            settings=SmscSettings(receipt_delay_s=0, window=10_000),
            reach=lambda number: self.handsets[number.removeprefix("+")],
            on_delivered=self.brought.append,
        )
        self.line, self.session, self.frames = Line(), Session(self.smsc), Deframer()
        self.session.connection_made(self.line)
        self.sequence = 0
        self.ask("bind_transceiver", system_id="gateway", password="secret", interface_version=0x34)

    def ask(self, command, **fields):
        self.sequence += 1
        self.session.data_received(encode(Pdu(command, self.sequence, 0, fields)))
        found = None
        self.session._flush()
        for frame in self.frames.feed(self.line.written):
            pdu = decode(frame)
            if pdu.command == "deliver_sm":
                self.told.append(pdu)
            elif pdu.sequence == self.sequence:
                found = pdu
        self.line.written = b""
        return found

    def do(self, step):
        match step:
            case ("submit", number, fields):
                answer = self.ask("submit_sm", source_addr="1330", destination_addr=number, **fields)
                if answer.status == Status.ROK:
                    self.accepted[answer.text("message_id")] = (number, fields)
                else:
                    assert answer.status in _refusals(fields), answer
            case ("reach", number, reach):
                before, self.handsets[number] = self.handsets[number], reach
                if before is not Reach.DETACHED:
                    self.smsc.centre.reachable_again("+" + number)
            case ("pass", _, seconds):
                self.pass_time(timedelta(seconds=seconds))
            case (verb, number, place):
                ids = [one for one, (to, _) in self.accepted.items() if to == number]
                if place < len(ids):
                    key = {"message_id": ids[place], "source_addr": "1330"}
                    if verb == "cancel":
                        self.ask("cancel_sm", **key)
                    elif self.ask("replace_sm", short_message=b"new", registered_delivery=1, **key).status == 0:
                        self.replaced.add(ids[place])

    def pass_time(self, by):
        to, agenda = self.smsc.clock.now() + by, self.smsc.agenda
        while agenda.next_due is not None and agenda.next_due <= to:
            self.smsc.clock.set(max(agenda.next_due, self.smsc.clock.utc()))
            agenda.play()
        self.smsc.clock.set(to)

    def end(self):
        """Four days later everything is over."""
        self.pass_time(timedelta(days=4))
        self.ask("enquire_link")
        return {one: self.smsc.centre.messages.find(one, "1330") for one in self.accepted}


def _refusals(fields):
    """Why a message may not be taken, or is known to be lost already."""
    if fields["schedule_delivery_time"] and fields["validity_period"] == VALIDITY[1]:
        yield Status.RINVEXPIRY  # over before it is to be sent
    if fields["schedule_delivery_time"] and fields["esm_class"]:
        yield Status.RINVSCHED  # what has one attempt only is not sent later
    if fields["esm_class"] == 2:
        yield Status.RDELIVERYFAILURE


@given(st.lists(steps, max_size=25))
@settings(max_examples=200, deadline=None)
def test_every_message_has_one_end(script):
    async def played():
        play = Play()
        for step in script:
            play.do(step)
        messages = play.end()
        assert all(message.state is not State.ENROUTE for message in messages.values())
        assert list(play.smsc.centre.waiting()) == []
        assert play.smsc.agenda.next_due is None
        assert not play.smsc.complaints
        _brought_once_and_in_order(play, messages)
        _told_as_asked(play, messages)

    asyncio.run(played())


def _brought_once_and_in_order(play, messages):
    brought = [message.message_id for message in play.brought]
    assert len(set(brought)) == len(brought)
    for one, message in messages.items():
        assert (one in brought) is (message.state is State.DELIVERED)
    order = list(messages)
    for number in NUMBERS:
        # What was to be sent later, or was changed on its way, has a place of its own.
        usual = [
            order.index(one)
            for one in brought
            if one in messages
            and messages[one].number == "+" + number
            and not messages[one].submit.schedule
            and one not in play.replaced
        ]
        assert usual == sorted(usual)


def _told_as_asked(play, messages):
    receipts = Counter(
        pdu.tlv("receipted_message_id").rstrip(b"\0").decode() for pdu in play.told if pdu.integer("esm_class") == 0x04
    )
    for one, message in messages.items():
        asked = message.submit.registered_delivery & 3 if not message.submit.esm_class & 3 else 0
        wanted = asked == 1 or (asked == 2 and message.state is not State.DELIVERED)
        assert receipts[one] == wanted, (one, message.state, asked)
    notices = [pdu for pdu in play.told if pdu.integer("esm_class") == 0x20]
    named = Counter(pdu.tlv("receipted_message_id") for pdu in notices)
    assert all(count <= 1 + len(play.replaced) for count in named.values())
