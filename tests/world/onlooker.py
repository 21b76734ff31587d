"""Somebody between the gateway and its SMSC who counts, and knows nothing of either: a TCP proxy that cuts the stream
into PDUs by their first four octets (SMPP 3.4 §3.2) and notes what each is. None of our codecs has a part in it.

Not here: what the counts are held against.
"""

import asyncio
import struct
from collections import Counter
from contextlib import asynccontextmanager

NAMES = {
    0x00000004: "submit_sm",
    0x80000004: "submit_sm_resp",
    0x00000005: "deliver_sm",
    0x80000005: "deliver_sm_resp",
}
RECEIPT = 0x04


class Onlooker:
    """`seen` counts by command, answers with their status; `destinations` the submit_sm by number."""

    def __init__(self, smsc_port):
        self.smsc_port = smsc_port
        self.port = 0
        self.seen = Counter()
        self.destinations = Counter()
        self.sessions = 0

    @classmethod
    @asynccontextmanager
    async def between(cls, smsc_port):
        """Listens on `port` and passes on to the SMSC's."""
        onlooker = cls(smsc_port)
        server = await asyncio.start_server(onlooker._pass, "127.0.0.1", 0)
        onlooker.port = server.sockets[0].getsockname()[1]
        try:
            yield onlooker
        finally:
            server.close()

    async def _pass(self, reader, writer):
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self.smsc_port)
        except OSError:
            writer.close()  # nobody listens yet: the gateway tries again
            return
        self.sessions += 1
        async with asyncio.TaskGroup() as group:
            group.create_task(self._copy(reader, back))
            group.create_task(self._copy(there, writer))

    async def _copy(self, source, target):
        rest = b""
        try:
            while data := await source.read(65536):
                target.write(data)
                rest = self._count(rest + data)
        except ConnectionError:
            pass  # either side may just go
        target.close()

    def _count(self, octets):
        while len(octets) >= 16:
            length, command, status, _ = struct.unpack_from(">IIII", octets)
            if len(octets) < length:
                break
            self._note(NAMES.get(command, ""), status, octets[16:length])
            octets = octets[length:]
        return octets

    def _note(self, name, status, body):
        if name.endswith("_resp"):
            self.seen[f"{name} {status:#x}"] += 1
        elif name:
            # service_type, source ton, npi and address, destination ton, npi and address, esm_class (§4.4.1)
            _, _, rest = body.partition(b"\0")
            _, _, rest = rest[2:].partition(b"\0")
            number, _, rest = rest[2:].partition(b"\0")
            is_receipt = name == "deliver_sm" and rest[0] & RECEIPT
            self.seen["receipt" if is_receipt else name] += 1
            if name == "submit_sm":
                self.destinations[number.decode()] += 1
