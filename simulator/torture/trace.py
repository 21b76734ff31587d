"""What passed between the suite and the ESME in one case, for whoever wants to mend the ESME.

Each write and each frame that came, with its instant; of the longest of cases the end. Bodies are as `traffic` tells
them: no password is shown.

Must not be put here: printing (report.py).
"""

from collections import deque
from collections.abc import Iterator
from typing import Final, NamedTuple

from simulator.pdu import Deframer
from simulator.torture.wire import command_of
from simulator.traffic import summary

KEPT: Final = 200
OCTETS_KEPT: Final = 2048
SHOWN_OCTETS: Final = 24
WORDS_MAX: Final = 160
ARROWS: Final = {"in": "<-", "out": "->"}


class Passed(NamedTuple):
    """`number` is the connection's, `octets` its beginning, `size` how many there were."""

    at_s: float
    number: int
    way: str
    octets: bytes
    size: int


class Trace:
    """One station's: begin it anew with each case."""

    def __init__(self) -> None:
        self._passed: deque[Passed] = deque(maxlen=KEPT)
        self._dropped = 0

    def clear(self) -> None:
        self._passed.clear()
        self._dropped = 0

    def add(self, at_s: float, number: int, way: str, octets: bytes) -> None:
        self._dropped += len(self._passed) == KEPT
        self._passed.append(Passed(at_s, number, way, octets[:OCTETS_KEPT], len(octets)))

    def lines(self) -> Iterator[str]:
        """Seconds since the first, the connection, the direction, and what it is."""
        began_s = self._passed[0].at_s if self._passed else 0.0
        if self._dropped:
            yield f"({self._dropped} more before)"
        for one in self._passed:
            for words in told(one):
                shown = words if len(words) <= WORDS_MAX else words[:WORDS_MAX] + " …"
                yield f"{one.at_s - began_s:8.3f} s  #{one.number} {ARROWS.get(one.way, '  ')} {shown}"


def told(passed: Passed) -> Iterator[str]:
    """The PDUs in one write; what is none as octets."""
    if passed.way not in ARROWS:
        yield passed.way
        return
    deframer = Deframer()
    at = 0
    for frame in deframer.feed(passed.octets):
        at += len(frame)
        sequence = int.from_bytes(frame[12:16], "big")
        yield summary(frame) or f"{command_of(frame)} #{sequence}"
    rest = passed.octets[at:]
    if rest:
        more = f" … {passed.size - at} octets" if passed.size - at > SHOWN_OCTETS else ""
        yield rest[:SHOWN_OCTETS].hex(" ") + more
