"""One case: some mutated PDUs as a peer might send them, joined to a stream and cut anywhere; made from its number.

`cut` is the framing as the specification has it, written once more in ten lines, to hold the readers under test
against. Must not be put here: who reads the stream.
"""

import random
from dataclasses import dataclass

from tests.fuzz.corpus import HEADER_BYTES, plain_run
from tests.fuzz.mutate import mutated

FRAMES = (1, 2, 4, 8, 8, 8, 16)
# What follows a lie about the length is seldom read as what it was.
HONEST_FIRST_SHARE = 0.75
# Streams with a run of plain messages somewhere among the others.
PLAIN_SHARE = 0.15


@dataclass(frozen=True)
class Case:
    """`frames` as they were made, `done` what was done to each, `chunks` the reads in which they come."""

    seed: int
    number: int
    frames: tuple[bytes, ...]
    done: tuple[tuple[str, ...], ...]
    chunks: tuple[bytes, ...]
    chance: random.Random

    def __str__(self):
        return f"{self.seed}:{self.number}"

    @property
    def stream(self):
        return b"".join(self.frames)


def case(seed, number):
    """The case of that number, the same for ever."""
    chance = random.Random((seed << 32) + number)
    made = [mutated(chance) for _ in range(chance.choice(FRAMES))]
    if chance.random() < PLAIN_SHARE:
        at = chance.randrange(len(made) + 1)
        made[at:at] = [(frame, ("plain",)) for frame in plain_run(chance)]
    if chance.random() < HONEST_FIRST_SHARE:
        made.sort(key=lambda one: int.from_bytes(one[0][:4], "big") != len(one[0]))
    frames, done = zip(*made, strict=True)
    chunks = tuple(_chunks(chance, b"".join(frames)))
    return Case(seed, number, frames, done, chunks, chance)


def replayed(chunks, frames=()):
    """A case of octets that were kept."""
    return Case(0, 0, tuple(frames) or tuple(chunks), ((),) * len(frames or chunks), tuple(chunks), random.Random(0))


def _chunks(chance, stream):
    """All at once, octet by octet, in halves of a header, or anywhere."""
    how = chance.randrange(8)
    if how == 0 and len(stream) <= 500:
        sizes = [1]
    elif how == 1:
        sizes = [8, 8, 3, 1, 16, 1_000]
    elif how < 5:
        sizes = [chance.choice((1, 2, 15, 16, 17, 100, 1_400, 65_536)) for _ in range(8)]
    else:
        sizes = [len(stream) or 1]
    at = turn = 0
    while at < len(stream):
        yield stream[at : at + sizes[turn % len(sizes)]]
        at += sizes[turn % len(sizes)]
        turn += 1


def cut(stream, longest):
    """The frames of a stream (SMPP 3.4 §3.2), what is left of it, and whether alignment is lost there."""
    frames, at = [], 0
    while len(stream) - at >= 4:
        length = int.from_bytes(stream[at : at + 4], "big")
        if not HEADER_BYTES <= length <= longest:
            return frames, stream[at:], True
        if len(stream) - at < length:
            break
        frames.append(stream[at : at + length])
        at += length
    return frames, stream[at:], False


def rest_of(rest, longest):
    """Octets that complete the frame which a stream ends in the middle of, if any can."""
    if not rest:
        return b""
    head = b"" if len(rest) >= 4 else bytes(3 - len(rest)) + b"\x10"
    length = int.from_bytes((rest + head)[:4], "big")
    return head + bytes(max(0, length - len(rest) - len(head)) if HEADER_BYTES <= length <= longest else 0)
