"""A full outbox against an SMSC that does nothing but answer: how fast texts leave, each change of state on disk.

`fill` lays texts into a database that no gateway has open; `figures` starts a gateway on it and measures from the
first submit_sm that the SMSC sees to the last. The SMSC is a process of its own (`python -m tests.bench.drain`): it
answers every submit_sm with an id of its own, sends no receipts, and looks whether the texts of one subscriber come
in the order in which they were decided on.
Must not be put here: other SMSCs.
"""

import argparse
import asyncio
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from struct import Struct
from typing import Any, Final

from gateway.check import check
from gateway.faultpoints import FaultPoints
from gateway.items import SmsItem
from gateway.store.dispatch import Dispatch
from gateway.store.interpret import Interpreter
from gateway.store.judge import Judge
from gateway.store.settle import Backoff, Settle
from gateway.store.store import Store
from simulator.commands import COMMANDS
from tests.bench import population, processes

# What one subscriber has waiting: an answer to each text of his, by whose words the SMSC can see their order.
TEXTS_EACH: Final = len(population.TEXTS)
_ANSWERS: Final = (b"BERICHT staat nu UIT", b"INFO staat AAN", b"BERICHT staat nu AAN", b"LIMIET staat AAN")
_HEADER: Final = Struct(">IIII")
_SUBMIT, _SUBMIT_RESP = COMMANDS["submit_sm"], COMMANDS["submit_sm_resp"]
_BIND, _BIND_RESP = COMMANDS["bind_transceiver"], COMMANDS["bind_transceiver_resp"]
_EMPTY_ANSWERS: Final = {
    COMMANDS["enquire_link"]: COMMANDS["enquire_link_resp"],
    COMMANDS["unbind"]: COMMANDS["unbind_resp"],
}


def fill(database: Path, subscriptions: int) -> int:
    """Let every subscriber write each text, with no SMSC to answer by; how many answers wait now."""
    return asyncio.run(_fill(database, subscriptions))


async def _fill(database: Path, subscriptions: int) -> int:
    loaded = check(processes.ROOT / "config.toml", {})
    dispatch = Dispatch()
    store = await Store.open(database, dispatch)
    try:
        interpreter = Interpreter(loaded.policy, loaded.texts, dispatch, push=False)
        judge = Judge(loaded.policy, interpreter, dispatch)
        store.equip(judge, Settle(dispatch, Backoff(0.5, 30)), FaultPoints())
        now = datetime.now(UTC)
        texts = population.deliveries(TEXTS_EACH * subscriptions, subscriptions)
        items = [SmsItem(sender, population.SERVICE_NUMBER, text) for sender, text in texts]
        for start in range(0, len(items), 1000):
            await store.apply(items[start : start + 1000], now, 0.0, 0)
        return len(dispatch)
    finally:
        await store.close()


def figures(database: Path, texts: int, window: int) -> dict[str, Any]:
    """Let a gateway send all that waits."""
    with processes.peer("drain", "--count", texts) as smsc:
        port = smsc.read()["port"]
        with processes.gateway(database, port, SMPP__WINDOW=window) as gateway:
            cpu_s = gateway.cpu_s  # the start is not the texts'
            answer = smsc.read()
            counters = gateway.quiet()
            cpu_s, commits = gateway.cpu_s - cpu_s, gateway.batches()
            smsc.finish()
    return {
        "sent": answer["submits"],
        "of": texts,
        "counted_out": counters["submits_out"],
        "out_of_order": answer["out_of_order"],
        "per_s": round(answer["submits"] / answer["seconds"]),
        "per_commit": round(texts / commits, 1),
        "gateway_cpu_us": round(cpu_s * 1e6 / texts, 1),
    }


class _Smsc(asyncio.Protocol):
    def __init__(self, count: int) -> None:
        self._count = count
        self._buffer = bytearray()
        self._latest: dict[bytes, int] = {}
        self.submits = self.out_of_order = 0
        self.began_at = self.ended_at = 0.0
        self.done = asyncio.Event()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer
        buffer += data
        position, end = 0, len(buffer)
        out: list[bytes] = []
        while end - position >= _HEADER.size:
            length, command, _, sequence = _HEADER.unpack_from(buffer, position)
            if end - position < length:
                break
            if command == _SUBMIT:
                self._on_submit(bytes(buffer[position : position + length]))
                out.append(_HEADER.pack(25, _SUBMIT_RESP, 0, sequence) + b"%08x\0" % self.submits)
            elif command == _BIND:
                out.append(_HEADER.pack(22, _BIND_RESP, 0, sequence) + b"bench\0")
            elif command in _EMPTY_ANSWERS:
                out.append(_HEADER.pack(16, _EMPTY_ANSWERS[command], 0, sequence))
            position += length
        del buffer[:position]
        if out:
            self._transport.write(b"".join(out))
        if self.submits >= self._count and not self.done.is_set():
            self.ended_at = time.perf_counter()
            self.done.set()

    def _on_submit(self, frame: bytes) -> None:
        if not self.submits:
            self.began_at = time.perf_counter()
        self.submits += 1
        # service_type, source ton, npi, address, destination ton, npi, address (SMPP 3.4 §4.4.1)
        start = frame.index(0, frame.index(0, 16) + 3) + 3
        subscriber = frame[start : frame.index(0, start)]
        place = next((n for n, words in enumerate(_ANSWERS) if words in frame), None)
        if place is not None:  # a text of ours
            self.out_of_order += place <= self._latest.get(subscriber, -1)
            self._latest[subscriber] = place


async def _play(count: int, port: int) -> None:
    smsc = _Smsc(count)
    server = await asyncio.get_running_loop().create_server(lambda: smsc, "127.0.0.1", port)
    _say({"port": server.sockets[0].getsockname()[1]})
    await smsc.done.wait()
    seconds = smsc.ended_at - smsc.began_at
    _say({"submits": smsc.submits, "seconds": seconds, "out_of_order": smsc.out_of_order})
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    asyncio.run(_play(options.count, options.port))


if __name__ == "__main__":
    main()
