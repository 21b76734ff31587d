"""One line for each PDU that passes, for `serve`: direction, peer, command, status, what it says, its TLVs.

Unknown TLVs are shown by tag with their octets.

Not here: printing.
"""

from typing import Final

from simulator import alphabet
from simulator.commands import NAMES, TAGS, status_name
from simulator.pdu import Malformed, Pdu, decode

LISTED: Final = (
    "system_id",
    "source_addr",
    "destination_addr",
    "esm_class",
    "data_coding",
    "message_id",
    "message_state",
)
"""Fields worth a place on the line; a password is not."""
ROUTINE: Final = frozenset({"enquire_link", "enquire_link_resp"})


def summary(frame: bytes) -> str | None:
    """What a frame says on one line, None for the routine of keeping the link."""
    try:
        pdu = decode(frame)
    except Malformed as malformed:
        name = NAMES.get(malformed.command_id, f"0x{malformed.command_id:08X}")
        return f"{name} #{malformed.sequence} MALFORMED {malformed.reason}: {frame[:64].hex(' ')}"
    if pdu.command in ROUTINE:
        return None
    words = [f"{pdu.command} #{pdu.sequence}"]
    if pdu.status or pdu.command.endswith("_resp") or pdu.command == "generic_nack":
        words.append(status_name(pdu.status))
    words += [f"{name}={pdu.fields[name]!s}" for name in LISTED if name in pdu.fields]
    if "short_message" in pdu.fields:
        words.append(repr(_text(pdu)))
    words += [f"{TAGS[tag][0] if tag in TAGS else f'TLV 0x{tag:04X}'}={value.hex()}" for tag, value in pdu.tlvs]
    return " ".join(words)


def _text(pdu: Pdu) -> str:
    octets = pdu.octets()
    if pdu.integer("esm_class") & alphabet.UDHI:
        try:
            _, octets = alphabet.split_header(octets)
        except ValueError:
            return octets.hex(" ")
    return alphabet.text_of(octets, pdu.integer("data_coding"))
