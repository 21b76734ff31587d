"""message_id as SMSCs write it: the same number in another dress, and back.

A number is written in hexadecimal or decimal, with or without leading zeros. An ESME before version 3.4 must not be
given ids of more than eight octets (SMPP 3.4, backward compatibility): the last eight decimal digits must do for it.

Not here: which dress whose ids wear (profiles.py), what a number stands for (messages.py).
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

SHORT_MODULUS: Final = 10**8
PADDED_CHARS: Final = 20

FORMS: Final[Mapping[str, Callable[[int], str]]] = {
    "hex": lambda number: f"{number:X}",
    "hex_lower": lambda number: f"{number:x}",
    "decimal": lambda number: f"{number:d}",
    "padded": lambda number: f"{number:0{PADDED_CHARS}d}",
}


def short(number: int) -> int:
    """What an old ESME is told instead of `number`."""
    return number % SHORT_MODULUS


def candidates(message_id: str, newest: int) -> Iterator[int]:
    """The numbers that somebody may mean by an id, the newest that fits first; `newest` is the last one given out."""
    for base in (16, 10):
        try:
            value = int(message_id, base)
        except ValueError:
            continue
        yield value
        if 0 <= value < SHORT_MODULUS:
            yield newest - (newest - value) % SHORT_MODULUS
