"""National language shift tables, for reading: letters that a handset writes in 7 bits and GSM 03.38 does not have.

A *locking* shift replaces the default alphabet for the whole message, a *single* shift what follows an ESC; the
user data header names each (3GPP TS 23.040 §9.2.3.24.15, §9.2.3.24.16), every part of a long text for itself.
Rules of this module:
* A table is told by how it differs from the one it stands for (3GPP TS 23.038 Annex A).
* A language that is not here reads as the default alphabet (3GPP TS 23.038 §6.2.1.2.4): never a refusal.

Must not be put here: octets, headers, what is sent: what leaves is GSM 03.38 or UCS-2 (`alphabet`).
"""

from collections.abc import Mapping
from typing import Final

# 3GPP TS 23.038 §6.2.1.2.4: the national language identifiers of these tables.
TURKISH: Final = 1
SPANISH: Final = 2
PORTUGUESE: Final = 3

# 3GPP TS 23.038 §6.2.1
DEFAULT: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\ufffdÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# 3GPP TS 23.038 §6.2.1.1
EXTENSION: Final[Mapping[int, str]] = {
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


def _at(told: str) -> dict[int, str]:
    """Words of two hexadecimal digits, the code, and the characters that stand from there on."""
    return {int(word[:2], 16) + n: char for word in told.split() for n, char in enumerate(word[2:])}


# A.3.1 and A.3.3; there is none for Spanish.
_LOCKING: Final[Mapping[int, Mapping[int, str]]] = {
    TURKISH: _at("04€ 07ı 0BĞğ 1CŞş 40İ 60ç"),
    PORTUGUESE: _at("04ê 06úíóç 0BÔô 0EÁá 12ªÇÀ∞^\\€Ó| 1CÂâÊ 24º 40Í 5BÃÕÚ 60~ 7Bãõ`"),
}
# A.2.1 to A.2.3
_SINGLE: Final[Mapping[int, Mapping[int, str]]] = {
    TURKISH: _at("47Ğ 49İ 53Ş 63ç 67ğ 69ı 73ş"),
    SPANISH: _at("09ç 41Á 49Í 4FÓ 55Ú 61á 69í 6Fó 75ú"),
    PORTUGUESE: _at("05ê 09ç 0BÔô 0EÁá 12ΦΓ^ΩΠΨΣΘ 1FÊ 41À 49Í 4FÓ 55Ú 5BÃÕ 61Â 69í 6Fó 75ú 7Bãõ 7Fâ"),
}
# By the identifier; 0 is no shift.
LOCKING: Final[Mapping[int, str]] = {
    0: DEFAULT,
    **{one: "".join(own.get(code, char) for code, char in enumerate(DEFAULT)) for one, own in _LOCKING.items()},
}
SINGLE: Final[Mapping[int, Mapping[int, str]]] = {
    0: EXTENSION,
    **{one: {**EXTENSION, **own} for one, own in _SINGLE.items()},
}
