"""The SMSC's side of the bench, each kind a process of its own; prints its port at once and what it saw at the end.

`centre`: the simulator's SMSC, each receipt right behind its answer; it tells what it saw when its input ends.
`texts`: prepared deliver_sm frames, at most `window` of them without their answer text; every submit_sm is answered
at once, no receipts. It tells what it saw with the last answer text, and serves until its input ends.
Must not be put here: what is measured besides counts and latencies.
"""

import argparse
import asyncio
import json
import sys
import time
from struct import Struct
from typing import Any

from simulator import pdu as smpp
from simulator.alphabet import cut
from simulator.commands import COMMANDS
from simulator.smsc import Smsc, SmscSettings, mo_fields
from tests.bench import population

_HEADER = Struct(">IIII")
_DELIVER, _DELIVER_RESP = COMMANDS["deliver_sm"], COMMANDS["deliver_sm_resp"]
_SUBMIT, _SUBMIT_RESP = COMMANDS["submit_sm"], COMMANDS["submit_sm_resp"]
_BIND, _BIND_RESP = COMMANDS["bind_transceiver"], COMMANDS["bind_transceiver_resp"]
_EMPTY_ANSWERS = {
    COMMANDS["enquire_link"]: COMMANDS["enquire_link_resp"],
    COMMANDS["unbind"]: COMMANDS["unbind_resp"],
}


class Texts(asyncio.Protocol):
    """One bound gateway that is written to."""

    def __init__(self, frames: list[tuple[bytes, bytes]], window: int) -> None:
        self._frames = frames
        self._window = window
        self._deframer = smpp.Deframer()
        self._sent_at: dict[bytes, float] = {}
        self._next = 0
        self._began_at = 0.0
        self.acknowledged = self.refused = self.submits = 0
        self.reply_s: list[float] = []
        self.seconds = 0.0
        self.done = asyncio.Event()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        out: list[bytes] = []
        for frame in self._deframer.feed(data):
            _, command, status, sequence = _HEADER.unpack_from(frame)
            if command == _SUBMIT:
                self._on_submit(frame, sequence, now, out)
            elif command == _DELIVER_RESP:
                self.acknowledged += status == 0
                self.refused += status != 0
                self._look()
            elif command == _BIND:
                out.append(_HEADER.pack(22, _BIND_RESP, 0, sequence) + b"bench\0")
                self._began_at = now
            elif command in _EMPTY_ANSWERS:
                out.append(_HEADER.pack(16, _EMPTY_ANSWERS[command], 0, sequence))
        if self._began_at:
            self._fill(out)
        if out:
            self._transport.write(b"".join(out))

    def _on_submit(self, frame: bytes, sequence: int, now: float, out: list[bytes]) -> None:
        self.submits += 1
        message_id = b"%x\0" % self.submits
        out.append(_HEADER.pack(16 + len(message_id), _SUBMIT_RESP, 0, sequence) + message_id)
        # service_type, source ton, npi, address, destination ton, npi, address (SMPP 3.4 §4.4.1)
        source = frame.index(0, 16) + 3
        start = frame.index(0, source) + 3
        sent_at = self._sent_at.pop(frame[start : frame.index(0, start)], None)
        if sent_at is not None:
            self.reply_s.append(now - sent_at)
            self.seconds = now - self._began_at
            self._look()

    def _look(self) -> None:
        if len(self.reply_s) == len(self._frames) == self.acknowledged + self.refused:
            self.done.set()

    def _fill(self, out: list[bytes]) -> None:
        now = time.perf_counter()
        while len(self._sent_at) < self._window and self._next < len(self._frames):
            sender, body = self._frames[self._next]
            if sender in self._sent_at:
                break  # one text of a sender at a time, or its answers could not be told apart
            self._next += 1
            out.append(_HEADER.pack(16 + len(body), _DELIVER, 0, self._next) + body)
            self._sent_at[sender] = now


async def play_texts(count: int, subscriptions: int, window: int) -> None:
    bodies: dict[tuple[str, str], bytes] = {}
    frames = []
    for sender, text in population.deliveries(count, subscriptions):
        fields = mo_fields(sender, population.SERVICE_NUMBER, cut(text, 1)[0])
        bodies[sender, text] = smpp.body_octets("deliver_sm", fields)
        frames.append((sender.removeprefix("+").encode(), bodies[sender, text]))
    texts = Texts(frames, window)
    server = await asyncio.get_running_loop().create_server(lambda: texts, "127.0.0.1", 0)
    _say({"port": server.sockets[0].getsockname()[1]})
    await texts.done.wait()
    _say(
        {
            "seconds": texts.seconds,
            "replies": len(texts.reply_s),
            "acknowledged": texts.acknowledged,
            "refused": texts.refused,
            "submits": texts.submits,
            "latencies_s": texts.reply_s,
        }
    )
    await _end_of_input()


async def play_centre() -> None:
    settings = SmscSettings(receipt_delay_s=0)
    async with Smsc({population.SYSTEM_ID: population.PASSWORD}, settings=settings) as smsc:
        _say({"port": smsc.port})
        await _end_of_input()
        counters = smsc.counters
        _say({"submits": counters.submits_in, "receipts": counters.receipts_out, "complaints": list(smsc.complaints)})


async def _end_of_input() -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("centre", "texts"))
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--subscriptions", type=int, default=1)
    parser.add_argument("--window", type=int, default=1)
    options = parser.parse_args()
    if options.what == "centre":
        asyncio.run(play_centre())
    else:
        asyncio.run(play_texts(options.count, options.subscriptions, options.window))


if __name__ == "__main__":
    main()
