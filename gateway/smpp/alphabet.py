"""Texts and their octets: GSM 03.38 and UCS-2, how long a text is, how it is cut into parts. Pure.

Rules of this module:
* Septets travel one to an octet (SMPP's data_coding 0), characters of the extension table as an ESC pair.
* A text with one character outside GSM 03.38 is UCS-2 as a whole, sent as UTF-16BE.
* What must stay together, an ESC pair or a surrogate pair, is one *unit*; a cut falls between units only.
* Reading never fails on octets: what has no meaning becomes U+FFFD. A coding that carries no text reads as None.
* To read, a *coding* is a data_coding with the national shifts of its message above it (`shifted`): one number, since
  a part has to wait with it for the others.

Must not be put here: what a text says, who gets it, PDUs.
"""

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from gateway.smpp import national

GSM7: Final = 0
IA5: Final = 1
LATIN1: Final = 3
UCS2: Final = 8

# The ESC that opens a pair stands for no character of its own: U+FFFD keeps its place.
GSM_DEFAULT: Final = national.DEFAULT
GSM_EXTENSION: Final = national.EXTENSION
ESC: Final = b"\x1b"
REPLACEMENT: Final = "\ufffd"

# A short message has 140 octets: 160 septets or 70 UCS-2 characters (3GPP TS 23.040 §9.2.3.24).
PART_BYTES: Final = 140
# 3GPP TS 23.040 §9.2.3.24.8: concatenation with a 16-bit reference. Length, IEI, its length, reference, total, number.
UDH_BYTES: Final = 7
ESM_CLASS_UDH: Final = 0x40  # SMPP 3.4 §5.2.12
PARTS_MAX: Final = 255  # one octet

# Room in octets as they travel: of a message in one part, and of one part of several.
_ROOM: Final[Mapping[int, tuple[int, int]]] = {
    GSM7: (PART_BYTES * 8 // 7, (PART_BYTES - UDH_BYTES) * 8 // 7),  # 160 and 152
    UCS2: (PART_BYTES, (PART_BYTES - UDH_BYTES) // 2 * 2),  # 70 and 66 characters of two octets
}
_GSM_OCTETS: Final[Mapping[str, bytes]] = {
    **{char: bytes([code]) for code, char in enumerate(GSM_DEFAULT) if char != REPLACEMENT},
    **{char: ESC + bytes([code]) for code, char in GSM_EXTENSION.items()},
}


# A text is looked at when it is decided on and again when it leaves, and most answers are the same for everyone.
_REMEMBERED: Final = 1024


@dataclass(frozen=True, slots=True)
class Encoded:
    """A text as octets. `units` are those of each character: what may not be cut."""

    data_coding: int
    units: tuple[bytes, ...] = field(repr=False)

    @property
    def length_bytes(self) -> int:
        return sum(map(len, self.units))


@dataclass(frozen=True, slots=True)
class Part:
    """One short message: what goes into submit_sm. A text that fits in one has no UDH."""

    udh: bytes
    payload: bytes = field(repr=False)
    data_coding: int
    esm_class: int

    @property
    def short_message(self) -> bytes:
        return self.udh + self.payload


def outside_gsm7(text: str) -> tuple[str, ...]:
    """The characters that would make the text UCS-2, each once, in the order they come."""
    return tuple(dict.fromkeys(char for char in text if char not in _GSM_OCTETS))


@lru_cache(_REMEMBERED)
def encode(text: str) -> Encoded:
    """GSM 03.38 where every character has its place there, else UCS-2. Half a surrogate pair becomes "?"."""
    try:
        return Encoded(GSM7, tuple([_GSM_OCTETS[char] for char in text]))
    except KeyError:
        return Encoded(UCS2, tuple([char.encode("utf-16-be", "replace") for char in text]))


@lru_cache(_REMEMBERED)
def part_count(text: str) -> int:
    """Into how many short messages the text goes. Not bound by `PARTS_MAX`."""
    return len(_cut(encode(text)))


def septets(text: str) -> int | None:
    """Length in septets, ESC pairs as two; None where the text is UCS-2."""
    encoded = encode(text)
    return encoded.length_bytes if encoded.data_coding == GSM7 else None


def split(encoded: Encoded, reference: int) -> tuple[Part, ...]:
    """Cut an encoded text into parts; `reference` (modulo 65,536) joins the parts of one text.

    Raises ValueError for a text that needs more than 255 parts.
    """
    payloads = _cut(encoded)
    total = len(payloads)
    if total == 1:
        return (Part(b"", payloads[0], encoded.data_coding, 0),)
    if total > PARTS_MAX:
        raise ValueError(f"text: found {total} parts, allowed {PARTS_MAX}")
    head = b"\x06\x08\x04" + (reference & 0xFFFF).to_bytes(2, "big") + bytes([total])
    return tuple(
        Part(head + bytes([number]), payload, encoded.data_coding, ESM_CLASS_UDH)
        for number, payload in enumerate(payloads, 1)
    )


def _cut(encoded: Encoded) -> list[bytes]:
    alone, together = _ROOM[encoded.data_coding]
    if encoded.length_bytes <= alone:
        return [b"".join(encoded.units)]
    payloads: list[bytes] = []
    current = bytearray()
    for unit in encoded.units:
        if len(current) + len(unit) > together:
            payloads.append(bytes(current))
            current.clear()
        current += unit
    payloads.append(bytes(current))
    return payloads


def shifted(data_coding: int, *, single: int = 0, locking: int = 0) -> int:
    """The coding of a message whose header names national languages (`national`); 0 is none."""
    return data_coding & 0xFF | single << 8 | locking << 16


def coding_of(coding: int) -> int | None:
    """The alphabet behind a coding: GSM7, IA5, LATIN1 or UCS2; None for octets and for alphabets not read here.

    SMPP 3.4 §5.2.19: the values from 0xC0 on are those of 3GPP TS 23.038 §4. Networks use its message classes,
    0x10 to 0x1F, too.
    """
    data_coding = coding & 0xFF
    if data_coding in (GSM7, IA5, LATIN1, UCS2):
        return data_coding
    if 0x10 <= data_coding <= 0x1F:
        return {0x0: GSM7, 0x8: UCS2}.get(data_coding & 0x0C)
    if 0xC0 <= data_coding <= 0xDF:
        return GSM7
    if 0xE0 <= data_coding <= 0xEF:
        return UCS2
    if data_coding >= 0xF0:
        return None if data_coding & 0x04 else GSM7
    return None


def decode(coding: int, octets: bytes) -> str | None:
    """The text behind octets; what has no meaning reads as U+FFFD. None where the coding carries no text."""
    read_as = coding_of(coding)
    if read_as == GSM7:
        return decode_gsm7(octets, single=coding >> 8 & 0xFF, locking=coding >> 16 & 0xFF)
    if read_as == IA5:
        return octets.decode("ascii", "replace")
    if read_as == LATIN1:
        return octets.decode("latin-1")
    if read_as == UCS2:
        return octets.decode("utf-16-be", "replace")
    return None


def decode_gsm7(octets: bytes, *, single: int = 0, locking: int = 0) -> str:
    """One septet to an octet, ESC pairs; with the national tables that the header names."""
    table = national.LOCKING.get(locking, national.DEFAULT)
    extension = national.SINGLE.get(single, national.EXTENSION)
    pieces = octets.split(ESC)
    # an octet above 127 is no septet: it lies outside the table and is replaced
    text = [codecs.charmap_decode(pieces[0], "replace", table)[0]]
    for piece in pieces[1:]:
        text.append(extension.get(piece[0], REPLACEMENT) if piece else REPLACEMENT)
        text.append(codecs.charmap_decode(piece[1:], "replace", table)[0])
    return "".join(text)
