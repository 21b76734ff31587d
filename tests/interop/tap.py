"""Stands between an ESME and an SMSC and writes down every PDU that passes, read as strictly as our simulator reads.

It forwards octets as they come, in the portions they come in, and the end of each direction as that direction's end.

Not here: any answer of its own.
"""

import asyncio
from collections.abc import Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from simulator.pdu import Deframer, Malformed, Pdu, decode

WAIT_S = 20.0
TO_SMSC, TO_ESME = "to smsc", "to esme"


@dataclass
class Tap:
    """`port` is where the ESME finds the SMSC, `pdus` what passed, in order, `faults` what was no SMPP 3.4."""

    port: int = 0
    opaque: bool = False
    """What passes is TLS, and not read."""
    pdus: list[tuple[str, Pdu]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)
    _moved: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    @asynccontextmanager
    async def before(cls, smsc_port: int, *, opaque: bool = False):
        tap = cls(opaque=opaque)
        async with asyncio.TaskGroup() as group:

            def connected(*ends: Any) -> None:
                group.create_task(tap._join(smsc_port, *ends))

            server = await asyncio.start_server(connected, "127.0.0.1", 0)
            tap.port = server.sockets[0].getsockname()[1]
            try:
                async with server:
                    yield tap
            finally:
                for writer in tap._writers:
                    writer.close()

    async def _join(self, smsc_port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        with suppress(OSError):
            there, back = await asyncio.open_connection("127.0.0.1", smsc_port)
            self._writers.add(back)
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pump(TO_SMSC, reader, back))
                both.create_task(self._pump(TO_ESME, there, writer))
            await self._close(back)
        await self._close(writer)
        self.changed()

    async def _pump(self, way: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frames = Deframer()
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                for frame in () if self.opaque else frames.feed(data):
                    self._note(way, frame)
                if frames.broken is not None:
                    self.faults.append(f"{way}: {frames.broken.reason}")
                writer.write(data)
                self.changed()
                await writer.drain()
        with suppress(OSError):
            writer.write_eof()
        self.changed()

    async def _close(self, writer: asyncio.StreamWriter) -> None:
        self._writers.discard(writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    def _note(self, way: str, frame: bytes) -> None:
        try:
            self.pdus.append((way, decode(frame)))
        except Malformed as malformed:
            self.faults.append(f"{way}: {malformed.reason}")

    def cut(self) -> None:
        """Breaks every connection, as a broken line does."""
        for writer in self._writers:
            writer.transport.abort()

    # --- looking -------------------------------------------------------------------------------------------------

    def changed(self) -> None:
        """Something moved: conditions are looked at again when it has been dealt with."""
        asyncio.get_running_loop().call_soon(self._moved.set)

    def of(self, way: str, command: str) -> list[Pdu]:
        return [pdu for which, pdu in self.pdus if (which, pdu.command) == (way, command)]

    async def until(self, condition: Callable[[], Any]) -> Any:
        """What the condition brought once it held."""
        async with asyncio.timeout(WAIT_S):
            while not (found := condition()):
                self._moved.clear()
                await self._moved.wait()
        return found

    async def answered(self, way: str, command: str, times: int) -> list[int]:
        """Waits until so many of that request passed and have their answers; the statuses."""
        back = TO_ESME if way == TO_SMSC else TO_SMSC
        await self.until(lambda: len(self.of(back, f"{command}_resp")) >= times)
        asked = [pdu.sequence for pdu in self.of(way, command)]
        answers = {pdu.sequence: pdu.status for pdu in self.of(back, f"{command}_resp")}
        assert asked[:times] == list(answers)[:times], (asked, answers)
        return [answers[sequence] for sequence in asked[:times]]
