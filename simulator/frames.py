"""The byte stream of a session cut into frames, and what is said of octets that are none.

Not here: what is in a frame (pdu.py).
"""

from struct import Struct
from typing import Final

from simulator.commands import Status

HEADER: Final = Struct(">IIII")
"""command_length, command_id, command_status, sequence_number (SMPP 3.4 §3.2)."""
HEADER_BYTES: Final = 16
PDU_BYTES_MAX: Final = 0x11000
"""A message_payload may hold 64 KiB (§5.3.2.32); with the mandatory fields nothing honest is longer than this."""
SEQUENCE_MAX: Final = 0x7FFFFFFF
RESPONSE_BIT: Final = 0x80000000


class Malformed(Exception):  # noqa: N818 - what the octets are
    """The peer's fault: these octets are not a PDU. `status` is what it is answered with; `command_id` and
    `sequence` are what the header said. `nack` says whether generic_nack is the only possible answer.
    """

    def __init__(self, status: Status, reason: str, *, command_id: int, sequence: int) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.command_id = command_id
        self.sequence = sequence

    @property
    def nack(self) -> bool:
        return self.status in (Status.RINVCMDID, Status.RINVCMDLEN)


class Deframer:
    """Cuts a byte stream into frames. When a command_length can not be true the alignment is lost for good:
    `broken` then holds what to answer, and nothing more is read.

    `feed` gives all complete frames at once. A reader of its own (plain.py) takes turns with `pull` instead: `push`
    the octets, look at `buffer` from `at` on, set `at` behind what was taken.
    """

    __slots__ = ("at", "broken", "buffer")

    def __init__(self) -> None:
        self.buffer = b""
        self.at = 0
        self.broken: Malformed | None = None

    def feed(self, data: bytes) -> list[bytes]:
        """The frames that are complete now, in order."""
        self.push(data)
        return list(iter(self.pull, None))

    def push(self, data: bytes) -> None:
        """More of the stream; what was taken is forgotten."""
        if self.broken is not None:
            return
        self.buffer = self.buffer[self.at :] + data if self.at < len(self.buffer) else data
        self.at = 0

    def pull(self) -> bytes | None:
        """The next frame, None when it is not complete yet or the alignment is lost."""
        buffer, at = self.buffer, self.at
        if len(buffer) - at < 4 or self.broken is not None:
            return None
        length = int.from_bytes(buffer[at : at + 4], "big")
        if not HEADER_BYTES <= length <= PDU_BYTES_MAX:
            self.broken = self._lost(buffer[at : at + HEADER_BYTES], length)
            self.buffer, self.at = b"", 0
            return None
        if len(buffer) - at < length:
            return None
        self.at = at + length
        return buffer[at : self.at]

    @staticmethod
    def _lost(header: bytes, length: int) -> Malformed:
        header = header.ljust(HEADER_BYTES, b"\0")
        _, command_id, _, sequence = HEADER.unpack(header)
        reason = f"command_length {length}: allowed are {HEADER_BYTES} to {PDU_BYTES_MAX}"
        return Malformed(Status.RINVCMDLEN, reason, command_id=command_id, sequence=sequence)
