"""What the octets of a text message say: GSM 03.38, UCS-2, user data headers, and cutting a text into parts.

Written from 3GPP TS 23.038 (alphabets) and TS 23.040 §9.2.3.24 (user data header). On the SMPP link one septet of
the GSM alphabet travels in one octet. A text is cut so that a part with its header still fits 140 packed octets,
and never inside an ESC pair or a surrogate pair.

Not here: PDUs (pdu.py), joining parts over time (handset.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

# TS 23.038 §6.2.1; position is the septet. 0x1B is the escape to the extension table.
_DEFAULT: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# TS 23.038 §6.2.1.1
_EXTENSION: Final[Mapping[int, str]] = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
ESCAPE: Final = 0x1B
_SEPTETS: Final[Mapping[str, bytes]] = {
    **{char: bytes((code,)) for code, char in enumerate(_DEFAULT) if code != ESCAPE},
    **{char: bytes((ESCAPE, code)) for code, char in _EXTENSION.items()},
}

GSM: Final = 0x00
IA5: Final = 0x01
LATIN_1: Final = 0x03
UCS2: Final = 0x08
UNKNOWN_CHAR: Final = "\N{REPLACEMENT CHARACTER}"

CONCAT_8: Final = 0x00
"""Information element of an 8-bit reference (TS 23.040 §9.2.3.24.1)."""
CONCAT_16: Final = 0x08
"""Information element of a 16-bit reference (TS 23.040 §9.2.3.24.8)."""
UDHI: Final = 0x40
"""esm_class bit that says the user data opens with a header (SMPP 3.4 §5.2.12)."""

GSM_MAX: Final = 160
GSM_PART_MAX: Final = 152
"""140 octets less a header of 7, in septets."""
UCS2_MAX: Final = 140
UCS2_PART_MAX: Final = 132
"""Octets: 140 less a header of 7, in whole UTF-16 units."""


@dataclass(frozen=True, slots=True)
class Part:
    """One message on the wire: user data with its header, and how to label it."""

    octets: bytes
    data_coding: int
    esm_class: int


@dataclass(frozen=True, slots=True)
class Concat:
    """Which part of which text: the reference its sender chose, the number of parts, this one's number from 1."""

    reference: int
    total: int
    number: int


def gsm_octets(text: str) -> bytes | None:
    """A text in the GSM alphabet, one septet an octet; None when a character is not in it."""
    try:
        return b"".join([_SEPTETS[char] for char in text])
    except KeyError:
        return None


def gsm_text(octets: bytes) -> str:
    """Septets as text. An unknown escaped septet shows as the default table's character (TS 23.038 §6.2.1.1)."""
    if ESCAPE not in octets:
        return "".join([_DEFAULT[code] if code < 128 else UNKNOWN_CHAR for code in octets])
    result, escaped = [], False
    for code in octets:
        if escaped:
            escaped = False
            result.append(_EXTENSION.get(code, _DEFAULT[code] if code < 128 else UNKNOWN_CHAR))
        elif code == ESCAPE:
            escaped = True
        else:
            result.append(_DEFAULT[code] if code < 128 else UNKNOWN_CHAR)
    return "".join(result)


def text_of(octets: bytes, data_coding: int) -> str:
    """User data without its header as text; what is no text is shown in hexadecimal."""
    match data_coding:
        case 0x00:
            return gsm_text(octets)
        case 0x01:
            return octets.decode("ascii", "replace")
        case 0x03:
            return octets.decode("latin-1")
        case 0x08:
            return octets.decode("utf-16-be", "replace")
        case _:
            return octets.hex(" ")


def encoding_name(data_coding: int) -> str:
    return {GSM: "GSM-7", IA5: "IA5", LATIN_1: "Latin-1", UCS2: "UCS-2"}.get(data_coding, f"0x{data_coding:02X}")


def split_header(octets: bytes) -> tuple[tuple[tuple[int, bytes], ...], bytes]:
    """User data that opens with a header: its information elements and the rest.

    ValueError when the header does not fit the data; an element nobody knows is kept.
    """
    if not octets or octets[0] >= len(octets):
        raise ValueError("the user data header is longer than the user data")
    end = octets[0] + 1
    elements, at = [], 1
    while at < end:
        if at + 2 > end or at + 2 + octets[at + 1] > end:
            raise ValueError(f"information element at octet {at} runs over the header's end")
        size = octets[at + 1]
        elements.append((octets[at], octets[at + 2 : at + 2 + size]))
        at += 2 + size
    return tuple(elements), octets[end:]


def concat_of(elements: tuple[tuple[int, bytes], ...]) -> Concat | None:
    """The concatenation among a header's elements; None when there is none that makes sense."""
    for element, value in elements:
        if element == CONCAT_8 and len(value) == 3:
            found = Concat(value[0], value[1], value[2])
        elif element == CONCAT_16 and len(value) == 4:
            found = Concat(int.from_bytes(value[:2], "big"), value[2], value[3])
        else:
            continue
        if 1 <= found.number <= found.total:
            return found
    return None


def cut(text: str, reference: int) -> list[Part]:
    """A text as one message, or as parts under a 16-bit `reference`. ValueError over 255 parts."""
    septets = gsm_octets(text)
    if septets is not None:
        coding, octets, whole, room = GSM, septets, GSM_MAX, GSM_PART_MAX
    else:
        coding, octets, whole, room = UCS2, text.encode("utf-16-be", "surrogatepass"), UCS2_MAX, UCS2_PART_MAX
    if len(octets) <= whole:
        return [Part(octets, coding, 0)]
    pieces, at = [], 0
    while at < len(octets):
        end = min(at + room, len(octets))
        if end < len(octets) and _splits_pair(octets, at, end, coding):
            end -= 1 if coding == GSM else 2
        pieces.append(octets[at:end])
        at = end
    if len(pieces) > 255:
        raise ValueError(f"the text needs {len(pieces)} parts, allowed are 255")
    head = b"\x06\x08\x04" + reference.to_bytes(2, "big") + bytes((len(pieces),))
    return [Part(head + bytes((n,)) + piece, coding, UDHI) for n, piece in enumerate(pieces, 1)]


def _splits_pair(octets: bytes, start: int, end: int, coding: int) -> bool:
    if coding == GSM:
        # An ESC is never itself escaped in what `gsm_octets` writes.
        return octets[end - 1] == ESCAPE and end - 1 > start
    return 0xD8 <= octets[end - 2] <= 0xDB and end - 2 > start
