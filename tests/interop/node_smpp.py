"""node-smpp as our gateway's SMSC. Run by `make interop`, which fetches the package; not one of the plain tests.

NODE_PATH=build/interop/node_modules python -m pytest tests/interop/node_smpp.py
"""

import asyncio
import json
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.interop.foreign import ROK, SCENARIOS, Submit

SCRIPT = Path(__file__).with_name("smsc.js")
WAIT_S = 20.0


class NodeSmsc:
    """The child that runs smsc.js; what it says is sorted by event."""

    def __init__(self, child):
        self._child = child
        self._said = {}
        self._delivered = {}
        self._count = 0
        self.port = 0

    @classmethod
    @asynccontextmanager
    async def started(cls):
        child = await asyncio.create_subprocess_exec(
            "node", str(SCRIPT), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        smsc = cls(child)
        try:
            first = await child.stdout.readline()
            assert first, "node cannot run smsc.js; is the package smpp on NODE_PATH?"
            smsc.port = json.loads(first)["port"]
            async with asyncio.TaskGroup() as group:
                reading = group.create_task(smsc._read())
                yield smsc
                reading.cancel()
        finally:
            child.stdin.close()  # the script ends with its input
            await child.wait()

    async def _read(self):
        while line := await self._child.stdout.readline():
            said = json.loads(line)
            if said["event"] == "delivered":
                self._delivered.pop(said["number"]).set_result(said["status"])
            else:
                self._queue(said["event"]).put_nowait(said)

    def _queue(self, event):
        return self._said.setdefault(event, asyncio.Queue())

    async def _next(self, event):
        async with asyncio.timeout(WAIT_S):
            return await self._queue(event).get()

    def _tell(self, **command):
        self._child.stdin.write(json.dumps(command).encode() + b"\n")

    async def bound(self):
        said = await self._next("bound")
        assert said["password"] == "secret"
        return said["system_id"]

    async def deliver(self, sender, text, *, esm_class=0, data_coding=0, header=b"", receipted_message_id=""):
        self._count += 1
        done = self._delivered[self._count] = asyncio.get_running_loop().create_future()
        self._tell(
            do="deliver",
            number=self._count,
            sender=sender.removeprefix("+"),
            text=text,
            esm_class=esm_class,
            data_coding=data_coding,
            header=header.hex(),
            tlv=receipted_message_id,
        )
        async with asyncio.timeout(WAIT_S):
            return await done

    async def next_submit(self):
        said = await self._next("submit")
        del said["event"]
        concat = said.pop("concat")
        pairs = {name: tuple(said.pop(name)) for name in ("source", "destination")}
        return Submit(**said, **pairs, concat=concat and tuple(concat))

    async def answer(self, submit, *, status=ROK, message_id=""):
        self._tell(do="answer", number=submit.number, status=status, message_id=message_id)


@pytest.mark.parametrize("name", SCENARIOS)
def test_our_gateway_and_its_server(tmp_path, name):
    async def played():
        async with NodeSmsc.started() as smsc:
            await SCENARIOS[name](tmp_path, smsc)

    asyncio.run(asyncio.wait_for(played(), 60))
