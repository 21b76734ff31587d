"""The TCP connection under a session: held up while its peer does not read, and the ways in which it can break.

What cuts a line on purpose counts it with the SMSC (`cuts`): of what was said last, nobody knows how much arrived.

Not here: what is read and said on it (session.py), when it shall break (misconduct.py).
"""

import asyncio
import socket
import struct
from typing import TYPE_CHECKING, Final

from simulator.modes import Mode

if TYPE_CHECKING:
    from simulator.smsc import Smsc

_LINGER_NOT: Final = struct.pack("ii", 1, 0)
"""Closing drops what was not sent, and says RST instead of FIN."""


class Line(asyncio.Protocol):
    """`_out` is what was said and has not been written. A silent line is up and dead."""

    def __init__(self, smsc: "Smsc") -> None:
        self._smsc = smsc
        self.mode = Mode.OPEN
        self._transport: asyncio.Transport | None = None
        self._out: list[bytes] = []
        self._silent = False

    def pause_writing(self) -> None:
        # A peer that does not read its answers gets no more questions in.
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        if self._transport is not None and not self._silent:
            self._transport.resume_reading()

    def abort(self) -> None:
        """Drops the connection at once, as a broken line does."""
        self.mode = Mode.CLOSED
        self._out.clear()
        self.cut()
        if self._transport is not None:
            self._transport.abort()

    def break_off(self, piece: bytes) -> None:
        """RST, with `piece` as the last that was said."""
        transport = self._transport
        if transport is not None and not transport.is_closing():
            transport.write(b"".join((*self._out, piece)))
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        self.abort()

    def fall_silent(self) -> None:
        """The line stays up and is dead: nothing is read or said on it any more, and nobody counts on it."""
        self._silent = True
        self._out.clear()
        self.cut()
        if self._transport is not None:
            self._transport.pause_reading()
        self.connection_lost(None)
        self._smsc.silenced.add(self)

    def cut(self) -> None:
        """What was under way on it may be lost."""
        self._smsc.cuts += 1
