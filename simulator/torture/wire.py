"""One connection of the ESME under test, in the hand of a case: any octets out, every frame in.

What the ESME asks is answered by whoever owns the line (`Owner.asked`), at once and in its order; what it answers is
kept, to be looked for. Frames are believed by their header: what is wrong with a body is a complaint beside it.

Must not be put here: what a good ESME does.
"""

import asyncio
import socket
import struct
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple, Protocol, TypeVar

from simulator import pdu as smpp
from simulator.commands import COMMANDS, FIELDS, NAMES, Status, status_name
from simulator.pdu import HEADER, Deframer, Malformed, Pdu, Tlv, Value

Found = TypeVar("Found")

_RESET: Final = struct.pack("ii", 1, 0)
"""SO_LINGER with no time: closing sends RST (socket(7))."""
_HEADERS_ONLY: Final = frozenset(command for command, fields in FIELDS.items() if not fields)
_DEAF_BYTES: Final = 16_384
_HEARING_BYTES: Final = 1_048_576
"""SO_RCVBUF."""


class Heard(NamedTuple):
    """One frame of the ESME. `pdu` is None where its body cannot be read; then `complaint` says why."""

    at_s: float
    frame: bytes
    command: str
    status: int
    sequence: int
    pdu: Pdu | None
    complaint: str

    @property
    def is_response(self) -> bool:
        return bool(self.frame[4] & 0x80)

    @property
    def words(self) -> str:
        """As a report names it."""
        return f"{self.command} {status_name(self.status)}" if self.is_response else self.command


def read(frame: bytes, at_s: float) -> Heard:
    """A frame by its header, and by its body where that can be read."""
    _, _, status, sequence = HEADER.unpack_from(frame)
    command = command_of(frame)
    if len(frame) == smpp.HEADER_BYTES and command in _HEADERS_ONLY:  # they come by the hundred thousand
        return Heard(at_s, frame, command, status, sequence, Pdu(command, sequence, status), "")
    try:
        return Heard(at_s, frame, command, status, sequence, smpp.decode(frame), "")
    except Malformed as malformed:
        return Heard(at_s, frame, command, status, sequence, None, f"{command}: {malformed.reason}")


def command_of(frame: bytes) -> str:
    """By name, or the number of an unknown one."""
    command_id = int.from_bytes(frame[4:8], "big")
    return NAMES.get(command_id, f"0x{command_id:08X}")


class Watch:
    """Whoever waits looks again when something has moved: a frame, a new connection, an end."""

    def __init__(self) -> None:
        self._moved = asyncio.Event()

    def moved(self) -> None:
        self._moved.set()

    async def until(self, find: Callable[[], Found | None], within_s: float) -> Found | None:
        """What `find` gives once it is something; what it gives at last when the time is over."""
        try:
            async with asyncio.timeout(max(0.0, within_s)):
                while not (found := find()):
                    self._moved.clear()
                    await self._moved.wait()
        except TimeoutError:
            return find()
        return found


class Owner(Protocol):
    """Who has the line."""

    @property
    def watch(self) -> Watch: ...

    def opened(self, line: "Line") -> None: ...

    def asked(self, line: "Line", request: Heard) -> None: ...

    def passed(self, line: "Line", way: str, octets: bytes) -> None:
        """`way` is in, out, or in words what became of the connection."""
        ...


class Line(asyncio.Protocol):
    """`heard` is all that came, in order; `ended` is "" while it stands, then how the ESME's end was seen.

    `number` tells the line from others.
    `is_blocked`: what was said has not left, since the ESME does not read.
    """

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._loop = asyncio.get_running_loop()
        self._deframer = Deframer()
        self._transport: asyncio.Transport | None = None
        self._sequence = 0
        self._held: list[bytes] | None = None
        self._responses: dict[int, list[Heard]] = {}
        self.heard: list[Heard] = []
        self.number = 0
        self.opened_at_s = self.ended_at_s = self._loop.time()
        self.ended = ""
        self.is_blocked = False

    # --- asyncio.Protocol --------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        # octets that are sent apart are to arrive apart
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # any octet that the ESME's side does not take is to be seen
        transport.set_write_buffer_limits(high=0)
        self._owner.opened(self)

    def pause_writing(self) -> None:
        self.is_blocked = True

    def resume_writing(self) -> None:
        self.is_blocked = False
        self._owner.watch.moved()

    def data_received(self, data: bytes) -> None:
        for frame in self._deframer.feed(data):
            self._owner.passed(self, "in", frame)
            heard = read(frame, self._loop.time())
            self.heard.append(heard)
            if heard.is_response:
                self._responses.setdefault(heard.sequence, []).append(heard)
            else:
                self._owner.asked(self, heard)
        if self._deframer.broken is not None and not self.ended:
            self.end(f"it sent what is no PDU ({self._deframer.broken.reason})")
        self._owner.watch.moved()

    def eof_received(self) -> bool:
        self._over("closed the connection")
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._over("closed the connection" if exc is None else "reset the connection")

    def _over(self, how: str) -> None:
        if not self.ended:
            self.ended, self.ended_at_s = how, self._loop.time()
            self._owner.passed(self, how, b"")
            self._owner.watch.moved()

    @property
    def _socket(self) -> socket.socket:
        assert self._transport is not None
        found: socket.socket = self._transport.get_extra_info("socket")
        return found

    # --- saying ------------------------------------------------------------------------------------------

    def skip_to(self, sequence: int) -> None:
        """The next sequence number comes after it."""
        self._sequence = sequence

    @property
    def last_sequence(self) -> int:
        """The highest that was used."""
        return self._sequence

    def next_sequence(self) -> int:
        self._sequence = self._sequence % smpp.SEQUENCE_MAX + 1
        return self._sequence

    def say(self, *frames: bytes) -> None:
        """Whole frames, in one write; after the one that is being sent in pieces."""
        if self._held is not None:
            self._held += frames
        else:
            self._write(b"".join(frames))

    async def say_in_pieces(self, frame: bytes, pieces: Iterable[int], pause_s: float) -> None:
        """A frame cut at `pieces`, each after a pause; what is said meanwhile follows it."""
        self._held = []
        start = 0
        for end in (*pieces, len(frame)):
            if start:
                await asyncio.sleep(pause_s)
            self._write(frame[start:end])
            start = end
        held, self._held = self._held, None
        self.say(*held)

    def ask(self, command: str, tlvs: Iterable[Tlv] = (), **fields: Value) -> int:
        """A sound request; its sequence number."""
        sequence = self.next_sequence()
        self.say(smpp.raw(COMMANDS[command], sequence, smpp.body_octets(command, fields, tlvs)))
        return sequence

    def answer(self, request: Heard, status: int = Status.ROK, tlvs: tuple[Tlv, ...] = (), **fields: Value) -> None:
        """The response that belongs to a request."""
        self.say(smpp.encode(Pdu(f"{request.command}_resp", request.sequence, int(status), fields, tlvs)))

    def _write(self, octets: bytes) -> None:
        if octets and self._transport is not None and not self._transport.is_closing():
            self._owner.passed(self, "out", octets)
            self._transport.write(octets)

    # --- ending ------------------------------------------------------------------------------------------

    def end(self, how: str = "") -> None:
        """FIN, after what was said."""
        self._over(how or "closed by the SMSC")
        if self._transport is not None:
            self._transport.close()

    def reset(self) -> None:
        """RST; what was said before has left, as far as the network took it."""
        self._over("reset by the SMSC")
        if self._transport is not None:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self._transport.abort()

    def cut(self) -> None:
        """The connection is gone without a word: under TLS without its close_notify."""
        self._over("cut by the SMSC")
        if self._transport is not None:
            self._transport.abort()

    def deafen(self) -> None:
        """Reads nothing any more; little is kept for when it does."""
        if self._transport is not None:
            self._transport.pause_reading()
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _DEAF_BYTES)

    def hear_again(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _HEARING_BYTES)
            self._transport.resume_reading()

    # --- looking -----------------------------------------------------------------------------------------

    @property
    def stands(self) -> bool:
        return not self.ended

    def response_to(self, sequence: int) -> Heard | None:
        """The first response or generic_nack with that sequence number."""
        found = self._responses.get(sequence)
        return found[0] if found else None

    def responses_to(self, sequence: int) -> Sequence[Heard]:
        return self._responses.get(sequence, ())

    def requests(self, command: str) -> list[Heard]:
        return [one for one in self.heard if one.command == command]

    async def until(self, find: Callable[[], Found | None], within_s: float) -> Found | None:
        """What `find` gives once it is something, at the end of the line or when the time is over."""
        found = None

        def seen() -> bool:
            nonlocal found
            found = find()
            return bool(found) or not self.stands

        await self._owner.watch.until(seen, within_s)
        return found

    async def until_ended(self, within_s: float) -> bool:
        await self._owner.watch.until(lambda: bool(self.ended), within_s)
        return bool(self.ended)
