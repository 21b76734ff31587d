"""SMSCs that are measured side by side, each a process of its own; prints its port at once and what it saw at the end.

`simulator`: the simulator's as it is served for load, its message store on; the last message is asked back by its id.
`smpplib`: a small asyncio server whose PDUs are read and written by smpplib's codec, as its documentation shows it.
centre.js is a third one, with node-smpp's server. Each answers a submit_sm with an id of its own.
Must not be put here: how they are loaded.
"""

import argparse
import asyncio
import itertools
import json
import sys
from typing import Any

import smpplib.smpp

from simulator.clock import SystemClock
from simulator.world import World, WorldSettings

ACCOUNT = {"bench": "bench"}


async def play_simulator() -> None:
    """What `simulator serve --quiet --no-conversations` runs."""
    settings = WorldSettings(accounts=ACCOUNT, conversations=False)
    async with World(settings, SystemClock()) as world:
        smsc = world.smsc
        _say({"port": smsc.port})
        await _end_of_input()
        messages = smsc.centre.messages
        newest = messages.find(f"{messages.next_id - 1:X}", "1330")
        _say(
            {
                "submits": smsc.counters.submits_in,
                "newest": newest.submit.short_message.decode() if newest is not None else "",
                "complaints": list(smsc.complaints),
            }
        )


class SmpplibServer(asyncio.Protocol):
    """Answers what the load client sends."""

    submits = itertools.count(1)

    def __init__(self) -> None:
        self._rest = b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        buffer, at, answers = self._rest + data, 0, []
        while len(buffer) - at >= 16:
            end = at + int.from_bytes(buffer[at : at + 4], "big")
            if end > len(buffer):
                break
            answers.append(self._answer(smpplib.smpp.parse_pdu(buffer[at:end], client=None, sequence=0)))
            at = end
        self._rest = buffer[at:]
        self._transport.write(b"".join(answers))

    def _answer(self, request: Any) -> bytes:
        fields: dict[str, object] = {"sequence": request.sequence}
        if request.command == "submit_sm":
            fields["message_id"] = f"{next(self.submits):X}"
        elif request.command.startswith("bind_"):
            fields["system_id"] = "smpplib"
        octets: bytes = smpplib.smpp.make_pdu(f"{request.command}_resp", **fields).generate()
        return octets


async def play_smpplib() -> None:
    server = await asyncio.get_running_loop().create_server(SmpplibServer, "127.0.0.1", 0)
    _say({"port": server.sockets[0].getsockname()[1]})
    await _end_of_input()
    _say({"submits": next(SmpplibServer.submits) - 1})


async def _end_of_input() -> None:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("simulator", "smpplib"))
    asyncio.run(play_simulator() if parser.parse_args().what == "simulator" else play_smpplib())


if __name__ == "__main__":
    main()
