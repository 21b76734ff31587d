"""A capture's file, read back octet by octet; what Wireshark makes of it is seen in tests/interop/wireshark.py."""

from datetime import timedelta
from ipaddress import ip_address
from struct import unpack

import pytest

from simulator.capture import SEGMENT_BYTES_MAX, Capture, checksum
from simulator.clock import START, VirtualClock
from simulator.pdu import Pdu, encode, raw
from simulator.smsc import Smsc
from tests.simulator.conftest import ACCOUNTS, Peer

ENQUIRE = encode(Pdu("enquire_link", 1))
ANSWER = encode(Pdu("enquire_link_resp", 1))


class Session:
    def __init__(self, peer="192.0.2.1:40000"):
        self.peer = peer


def packets(path):
    """(seconds, micros, IP header, TCP header, octets), every length and sum checked."""
    octets = path.read_bytes()
    assert octets[:24].hex() == "d4c3b2a102000400" + "00" * 8 + "0000040065000000"
    at, found = 24, []
    while at < len(octets):
        seconds, micros, size, original = unpack("<IIII", octets[at : at + 16])
        packet = octets[at + 16 : at + 16 + size]
        at += 16 + size
        assert size == original == len(packet)
        if packet[0] >> 4 == 4:
            head, ends = packet[:20], packet[12:20]
            assert (packet[0], packet[9], checksum(head)) == (0x45, 6, 0)
            assert unpack(">H", packet[2:4])[0] == size
            pseudo = ends + b"\0\x06" + (size - 20).to_bytes(2, "big")
        else:
            head, ends = packet[:40], packet[8:40]
            assert unpack(">H", packet[4:6])[0] == size - 40
            pseudo = ends + (size - 40).to_bytes(4, "big") + b"\0\0\0\x06"
        tcp = packet[len(head) :]
        assert checksum(pseudo + tcp) == 0
        found.append((seconds, micros, ends, tcp[:20], tcp[20:]))
    return found


def test_both_directions_with_their_ports_instants_and_sequence_numbers(tmp_path):
    clock = VirtualClock()
    file = tmp_path / "two.pcap"
    with Capture(clock, file, host="198.51.100.7", port=2775) as capture:
        capture.seen(Session(), "in", ENQUIRE)
        clock.set(START + timedelta(seconds=5, microseconds=7))
        capture.seen(Session(), "out", ANSWER)
        capture.seen(Session(), "in", ENQUIRE)
        assert capture.counts == {"enquire_link": 2, "enquire_link_resp": 1}
    esme, smsc = ip_address("192.0.2.1").packed, ip_address("198.51.100.7").packed
    found = packets(file)
    assert [ends for _, _, ends, _, _ in found] == [esme + smsc, smsc + esme, esme + smsc]
    assert [octets for *_, octets in found] == [ENQUIRE, ANSWER, ENQUIRE]
    assert [unpack(">HHII", tcp[:12]) for _, _, _, tcp, _ in found] == [
        (40000, 2775, 1, 1),
        (2775, 40000, 1, 17),
        (40000, 2775, 17, 17),
    ]
    at = int(START.timestamp())
    assert [(seconds, micros) for seconds, micros, *_ in found] == [(at, 0), (at + 5, 7), (at + 5, 7)]


def test_a_pdu_that_no_packet_holds_is_in_two(tmp_path):
    frame = raw(0x00000103, 1, b"x" * 66_000)
    file = tmp_path / "long.pcap"
    with Capture(VirtualClock(), file) as capture:
        capture.seen(Session(), "in", frame)
        assert capture.counts == {"data_sm": 1}
    first, second = packets(file)
    assert len(first[4]) == SEGMENT_BYTES_MAX
    assert first[4] + second[4] == frame
    assert unpack(">I", second[3][4:8])[0] == 1 + SEGMENT_BYTES_MAX


@pytest.mark.parametrize(
    ("host", "peer", "length"),
    [("::1", "::1:40000", 32), ("0.0.0.0", "::1:40000", 32), ("localhost", "?:0", 8)],  # noqa: S104 - told, not opened
)
def test_other_kinds_of_address(tmp_path, host, peer, length):
    file = tmp_path / "other.pcap"
    with Capture(VirtualClock(), file, host=host, port=2775) as capture:
        capture.seen(Session(peer), "in", ENQUIRE)
    ((_, _, ends, _, octets),) = packets(file)
    assert (len(ends), octets) == (length, ENQUIRE)


def test_without_a_file_it_counts_and_a_command_that_nobody_knows_too(tmp_path):
    capture = Capture(VirtualClock())
    capture.seen(Session(), "in", raw(0x0000BEEF, 1))
    assert capture.counts == {"0x0000BEEF": 1}
    assert list(tmp_path.iterdir()) == []


def test_what_an_smsc_hears_and_says(run, tmp_path):
    file = tmp_path / "smsc.pcap"

    async def played():
        async with Smsc(ACCOUNTS, clock=VirtualClock()) as smsc:
            with Capture(smsc.clock, file, port=smsc.port) as capture:
                smsc.on_frame = capture.seen
                peer = await Peer.connect(smsc.port)
                await peer.bind()
                await peer.submit()
                peer.writer.close()
                await peer.writer.wait_closed()
                return capture.counts, smsc.port

    counts, port = run(played())
    assert counts == dict.fromkeys(("bind_transceiver", "bind_transceiver_resp", "submit_sm", "submit_sm_resp"), 1)
    ports = [unpack(">HH", tcp[:4]) for _, _, _, tcp, _ in packets(file)]
    assert [port in pair for pair in ports] == [True] * 4
    assert len(set(ports)) == 2


def test_a_file_that_can_not_be_written(tmp_path):
    with pytest.raises(OSError, match="no such folder"):
        Capture(VirtualClock(), tmp_path / "no such folder" / "x.pcap")
