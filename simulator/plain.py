"""The plain submit_sm, by the hundred thousand: cut out of a read without making a value of each.

A submit_sm is plain when nothing in it can lead to anything but "taken, delivered": the default message mode, no
times, no TLVs, nothing to replace, addresses and lengths as SMPP 3.4 §4.4.1 has them. Every octet that decides this
is looked at; what is not plain, malformed ones among it, is left where it stands in the stream for the other road
(session.py, centre.py). So answers, ids and order do not depend on the road, and a property test holds the two
against each other.

Rules: no object, task, timer or log line for a message; what repeats from message to message (how it begins, what
lies between the addresses and the text) is checked once and known by its octets from then on.

Not here: what a message is kept as (messages.py), when this road may be taken at all (centre.py).
"""

from collections.abc import Callable
from struct import Struct
from typing import Final

from simulator.commands import COMMANDS
from simulator.pdu import HEADER_BYTES, PDU_BYTES_MAX

_HEAD: Final = Struct(">II").unpack_from
_SUBMIT: Final = COMMANDS["submit_sm"]
_RESPONSE: Final = COMMANDS["submit_sm_resp"].to_bytes(4, "big") + bytes(4)
OPENINGS_MAX: Final = 256
TAILS_MAX: Final = 4096
"""Shapes remembered for one session; a peer that varies them without end is read as fast as it deserves."""
NOWHERE: Final = -(1 << 40)
BLOCK: Final = 4096
"""Message ids whose octets are made at once."""
_SUFFIXES: Final = tuple(b"%03X\0" % number for number in range(BLOCK))


class Plain:
    """Messages in a row: their `frames`, the `sequences` their answers carry, and which of them (by position) want a
    receipt whatever becomes of them. `end` is where in the buffer the first octet lies that is not theirs.
    """

    __slots__ = ("end", "frames", "sequences", "wanting")

    def __init__(self, frames: list[bytes], sequences: list[bytes], wanting: list[int], end: int) -> None:
        self.frames = frames
        self.sequences = sequences
        self.wanting = wanting
        self.end = end


class PlainReader:
    """One session's reader. It remembers the shapes of what it has seen, by their octets."""

    __slots__ = ("_opening", "_openings", "_silent", "_wanting")

    def __init__(self) -> None:
        self._opening = b"\xff"
        self._openings: set[bytes] = set()
        self._silent: dict[bytes, int] = {}
        self._wanting: dict[bytes, int] = {}

    def read(self, buffer: bytes, at: int, most: int, is_on: Callable[[bytes], bool] | None = None) -> Plain:
        """As many plain messages as follow each other from `at`, at most `most`; those to handsets that are on, when
        there is somebody to ask.
        """
        frames: list[bytes] = []
        sequences: list[bytes] = []
        wanting: list[int] = []
        size, last = len(buffer), at
        opening, silent, asking = self._opening, self._silent, self._wanting
        begins, find = buffer.startswith, buffer.find
        while size - at >= HEADER_BYTES and most:
            length, command = _HEAD(buffer, at)
            end = at + length
            if command != _SUBMIT or end > size or length > PDU_BYTES_MAX:
                break
            start = at + HEADER_BYTES
            if begins(opening, start):
                start += len(opening)
            else:
                opening = self._learn_opening(buffer, start, end)
                if not opening:
                    break
                start += len(opening)
            stop = find(0, start, start + 21)  # §5.2.9: a destination of 20 characters and its NUL
            tail = buffer[stop + 1 : stop + 11]
            rest = silent.get(tail) or asking.get(tail) or self._learn_tail(tail)
            destination = buffer[start:stop]
            if stop < 0 or stop + rest != end or not destination.isdigit():
                break
            if is_on is not None and not is_on(destination):
                break
            if tail in asking:
                wanting.append(len(frames))
            frames.append(buffer[at:end])
            sequences.append(buffer[at + 12 : at + 16])
            last = at = end
            most -= 1
        if opening:
            self._opening = opening
        return Plain(frames, sequences, wanting, last)

    def _learn_opening(self, buffer: bytes, at: int, end: int) -> bytes:
        """service_type, source address, TON and NPI of the destination; nothing when one is not what it must be."""
        service_end = buffer.find(0, at, min(at + 6, end))
        if service_end < 0:
            return b""
        source_end = buffer.find(0, service_end + 3, min(service_end + 24, end))
        opening = buffer[at : source_end + 3]
        if opening in self._openings:
            return opening
        if source_end < 0 or source_end + 3 > end or not opening.isascii():
            return b""
        if len(self._openings) >= OPENINGS_MAX:
            self._openings.clear()
        self._openings.add(opening)
        return opening

    def _learn_tail(self, tail: bytes) -> int:
        """esm_class to sm_length, ten octets when the two times are empty. How far the frame's end is from the
        destination's NUL; NOWHERE when this is not plain.
        """
        if len(tail) < 10:
            return NOWHERE
        esm_class, _, priority, schedule, validity, registered, replace, _, prepared, length = tail
        # §5.2.12, §5.2.14 to §5.2.18, §5.2.20, §5.2.21
        if esm_class or priority > 3 or schedule or validity or registered > 2 or replace or prepared or length > 254:
            return NOWHERE
        if len(self._silent) + len(self._wanting) >= TAILS_MAX:
            self._silent.clear()
            self._wanting.clear()
        # A plain message is delivered at once: who asks for failures only (2) will hear nothing.
        known = self._wanting if registered == 1 else self._silent
        known[tail] = rest = 11 + length
        return rest


class PlainAnswers:
    """Writes the submit_sm_resp of messages whose ids follow each other, in hexadecimal."""

    __slots__ = ("_block", "_head", "_tails")

    def __init__(self) -> None:
        self._block = -1
        self._head = b""
        self._tails: list[bytes] = []

    def write(self, first_id: int, sequences: list[bytes]) -> bytes:
        """One answer for each sequence number; `first_id` is at least 0x1000."""
        pieces, done = [], 0
        while done < len(sequences):
            block, offset = divmod(first_id + done, BLOCK)
            if block != self._block:
                self._begin(block)
            count = min(len(sequences) - done, BLOCK - offset)
            # head, sequence, id + next head, sequence, id + next head …: the head after the last is one too many.
            row = [b""] * (2 * count)
            row[0::2] = sequences[done : done + count]
            row[1::2] = self._tails[offset : offset + count]
            pieces += [self._head, b"".join(row)[: -len(self._head)]]
            done += count
        return b"".join(pieces)

    def _begin(self, block: int) -> None:
        assert block > 0, "an id below 0x1000 has no fixed length"
        opening = b"%X" % block
        length = HEADER_BYTES + len(opening) + len(_SUFFIXES[0])
        self._block = block
        self._head = length.to_bytes(4, "big") + _RESPONSE
        self._tails = [opening + suffix + self._head for suffix in _SUFFIXES]
