"""Ids and numbers that the gateway itself makes: unique over restarts, and of things one after another in order.

Must not be put here: what the ids stand for.
"""

from dataclasses import dataclass


@dataclass(slots=True)
class Numbering:
    """Ids made here: `boot` makes them unique over restarts, the counter within one (design: client-made ids)."""

    boot: int
    counter: int = 0

    def next(self) -> int:
        self.counter += 1
        return self.boot << 40 | self.counter

    def references(self, count: int) -> list[int]:
        """16-bit numbers for the parts of a text: unlike those of the last 65,536 parts, and of the last start.

        The stride between starts is odd and near 65,536 / golden ratio, so that their runs lie far apart.
        """
        first = self.boot * 40503 + self.next()
        self.counter += count - 1
        return [(first + number) & 0xFFFF for number in range(count)]
