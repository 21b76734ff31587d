"""What passes between the SMSC and its ESMEs: counted by command and, with a file, kept as Wireshark reads it (pcap).

A capture is written from the octets that the SMSC read and wrote, so it shows also what a TLS line hides, and its
instants are those of the world's clock. Around each PDU stand an IP and a TCP header made here, with the ports of the
session and sums that are right; there is no handshake, which no reader needs.

Not here: what a PDU says (traffic.py), printing.
"""

from collections import Counter
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from struct import Struct, pack, unpack
from typing import TYPE_CHECKING, BinaryIO, Final, Self

from simulator.clock import Clock
from simulator.commands import NAMES

if TYPE_CHECKING:
    from simulator.session import Session

FILE_HEADER: Final = pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, 101)
"""pcap 2.4, microseconds, LINKTYPE_RAW: packets begin with their IP header."""
RECORD: Final = Struct("<IIII")
SEGMENT_BYTES_MAX: Final = 65_000
"""An IP packet holds 65,535 octets with its headers; a PDU with a full message_payload is longer."""
TCP: Final = 6
PSH_ACK: Final = 0x18
LOOPBACK: Final = IPv4Address("127.0.0.1")

Address = tuple[IPv4Address | IPv6Address, int]


class Capture:
    """`seen` is what an SMSC calls for every frame. `host` and `port` are where that SMSC listens. OSError when the
    file cannot be written.
    """

    def __init__(self, clock: Clock, path: Path | None = None, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.counts: Counter[str] = Counter()
        self._clock = clock
        self._ours = _address(host, port)
        self._file: BinaryIO | None = path.open("wb") if path is not None else None
        self._sent: Counter[tuple[str, str]] = Counter()
        if self._file is not None:
            self._file.write(FILE_HEADER)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._file is not None:
            self._file.close()

    def seen(self, session: "Session", way: str, frame: bytes) -> None:
        """Counts one frame, and keeps it."""
        command_id = int.from_bytes(frame[4:8], "big")
        self.counts[NAMES.get(command_id, f"0x{command_id:08X}")] += 1
        if self._file is None:
            return
        for at in range(0, len(frame), SEGMENT_BYTES_MAX):
            packet = self._packet(session.peer, way, frame[at : at + SEGMENT_BYTES_MAX])
            now = self._clock.now()
            self._file.write(RECORD.pack(int(now.timestamp()), now.microsecond, len(packet), len(packet)))
            self._file.write(packet)
        # Whoever looks while the SMSC runs sees whole PDUs.
        self._file.flush()

    def _packet(self, peer: str, way: str, octets: bytes) -> bytes:
        """One TCP segment; sequence numbers count from 1 in each direction of a session."""
        host, _, port = peer.rpartition(":")
        theirs = _address(host, int(port))
        # An SMSC that listens on everything may be told in another version than it is called in.
        ours = self._ours if self._ours[0].version == theirs[0].version else (theirs[0], self._ours[1])
        source, target = (theirs, ours) if way == "in" else (ours, theirs)
        back = "out" if way == "in" else "in"
        sequence, acknowledged = 1 + self._sent[peer, way], 1 + self._sent[peer, back]
        self._sent[peer, way] += len(octets)
        numbers = (sequence & 0xFFFFFFFF, acknowledged & 0xFFFFFFFF)
        header = pack(">HHIIBBHHH", source[1], target[1], *numbers, 5 << 4, PSH_ACK, 0xFFFF, 0, 0)
        ends = source[0].packed + target[0].packed
        size = len(header) + len(octets)
        pseudo = ends + (pack(">BBH", 0, TCP, size) if len(ends) == 8 else pack(">IHBB", size, 0, 0, TCP))
        header = header[:16] + pack(">H", checksum(pseudo + header + octets)) + header[18:]
        return _ip(ends, size) + header + octets


def _ip(ends: bytes, size: int) -> bytes:
    """The header in front of `size` octets of TCP, of version 4 or 6 as the addresses are."""
    if len(ends) == 32:
        return pack(">IHBB", 6 << 28, size, TCP, 64) + ends
    header = pack(">BBHHHBBH", 0x45, 0, 20 + size, 0, 0, 64, TCP, 0) + ends
    return header[:10] + pack(">H", checksum(header)) + header[12:]


def checksum(octets: bytes) -> int:
    """The Internet checksum (RFC 1071)."""
    padded = octets + b"\0" if len(octets) % 2 else octets
    total: int = sum(unpack(f">{len(padded) // 2}H", padded))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def _address(host: str, port: int) -> Address:
    try:
        return ip_address(host), port
    except ValueError:  # a name, or a peer that had gone before it was asked
        return LOOPBACK, port
