"""What both sessions need to be driven without a socket: a transport that remembers, and what every peer may rely on.

Must not be put here: one side's own promises.
"""

import asyncio
from collections import Counter

from tests.fuzz.codecs import Disagreement

RESPONSE_BIT = 0x80000000
NACK = 0x80000000


class Remembering(asyncio.Transport):
    """Keeps what is written until it is taken."""

    def __init__(self):
        super().__init__()
        self.written = []
        self.closing = False
        self.reading = True

    def get_extra_info(self, name, default=None):
        return {"peername": ("127.0.0.1", 1), "socket": _Socket()}.get(name, default)

    def write(self, data):
        if self.closing:
            raise Disagreement("written after the end", f"{len(data)} octets")
        self.written.append(bytes(data))

    def is_closing(self):
        return self.closing

    def close(self):
        self.closing = True

    abort = close

    def get_write_buffer_size(self):
        return 0

    def pause_reading(self):
        self.reading = False

    def resume_reading(self):
        self.reading = True

    def take(self):
        octets = b"".join(self.written)
        self.written.clear()
        return octets


class _Socket:
    def setsockopt(self, *_):
        """TCP_NODELAY of nothing."""


def header(frame):
    """command_id, command_status, sequence_number."""
    return tuple(int.from_bytes(frame[at : at + 4], "big") for at in (4, 8, 12))


def answered(expected, responses):
    """Each request has one answer, its own response or generic_nack, under its own number; a response has none.

    Returns the requests without one: their number and what should have answered them.
    """
    wanted = Counter((sequence, command_id | RESPONSE_BIT) for command_id, _, sequence in map(header, expected))
    # A number may be in use twice: what has a response of its own is told apart first.
    for command_id, _, sequence in sorted(map(header, responses), key=lambda one: one[0] == NACK):
        own = (sequence, command_id)
        if command_id == NACK:
            own = next((one for one in wanted if one[0] == sequence and wanted[one]), own)
        if not wanted[own]:
            raise Disagreement("answered without a request", f"0x{command_id:08X} for sequence {sequence}")
        wanted[own] -= 1
    return [f"{sequence}: 0x{command_id:08X}" for sequence, command_id in wanted.elements()]
