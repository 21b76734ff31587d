"""What is done to a valid PDU: mutations that know where its lengths, strings and TLVs lie, and blind ones.

`MUTATIONS` names them for the figures. Afterwards command_length is nearly always made true again: then the header is
good, the body is not, and the alignment must survive.
Must not be put here: what should come of it.
"""

from tests.fuzz.corpus import HEADER_BYTES, corpus

REPAIRED_SHARE = 0.93
LENGTHS = (0, 1, 4, 8, 15, 16, 17, 0xFFFF, 0x10000, 0x10001, 0x11000, 0x11001, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
NUMBERS_8 = (0, 1, 2, 3, 127, 128, 253, 254, 255)
NUMBERS_16 = (0, 1, 2, 3, 4, 5, 255, 256, 0x7FFF, 0xFFFF)
# Few are at the bounds of a frame: they would take nearly all of the time.
SWARMS = (*(1, 1, 2, 2, 3) * 3, 199, 200, 201, 1001)
PAYLOADS = (*(0, 1, 40, 160, 254, 255) * 4, 5_000, 60_000)
COMMAND_IDS = (0, 0x0A, 0x80000004, 0x80000005, 0x00000106, 0x00010200, 0x80000000, 0x80010200, 0xFFFFFFFF)


class Mutant:
    """A PDU while it is changed, with the chance that says how."""

    def __init__(self, chance, sample):
        self.chance, self.sample = chance, sample
        self.octets = bytearray(sample.frame)

    def strike(self, kinds, change):
        """Replaces one field of these kinds; where it lies in the sample, so that a second strike may miss it."""
        spans = [span for span in self.sample.spans if kinds is None or span[0] in kinds]
        if not spans:
            flip_bits(self)
            return
        _, start, end = self.chance.choice(spans)
        self.octets[start:end] = change(bytes(self.octets[start:end]))


def command_length(pdu):
    """A length that lies: by one, by a lot, or beyond what any PDU may have."""
    near = len(pdu.octets) + pdu.chance.choice((-16, -2, -1, 1, 2, 16, 300))
    pdu.octets[:4] = (pdu.chance.choice(LENGTHS) if pdu.chance.random() < 0.5 else max(0, near)).to_bytes(4, "big")


def command_id(pdu):
    """Another command, known or not, with the same body."""
    wanted = pdu.chance.choice(COMMAND_IDS).to_bytes(4, "big")
    pdu.octets[4:8] = wanted if pdu.chance.random() < 0.5 else pdu.chance.choice(corpus()).frame[4:8]


def other_way(pdu):
    """A request as its response, a response as its request."""
    pdu.octets[4] ^= 0x80


def status(pdu):
    pdu.octets[8:12] = pdu.chance.choice(
        (b"\0\0\0\0", b"\0\0\0\x04", b"\0\0\0\x14", b"\0\0\x04\0", b"\xff\xff\xff\xff")
    )


def sequence(pdu):
    pdu.octets[12:16] = pdu.chance.choice(
        (b"\0\0\0\0", b"\0\0\0\x02", b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\xff\xff\xff\xff")
    )


def inner_length(pdu):
    """sm_length, number_of_dests, no_unsuccess."""
    pdu.strike(("length", "count"), lambda _: bytes((pdu.chance.choice(NUMBERS_8),)))


def string_open(pdu):
    """A C-octet string without its NUL."""
    pdu.strike(("text", "when"), lambda piece: piece[:-1])


def string_long(pdu):
    """Longer than its field may be."""
    pdu.strike(("text", "when"), lambda piece: b"7" * pdu.chance.choice((6, 21, 65, 300)) + piece)


def string_8bit(pdu):
    """Octets that are no ASCII."""
    pdu.strike(("text",), lambda piece: pdu.chance.choice((b"\xe9", b"\x80", b"\xff\xfe")) + piece)


def string_nul(pdu):
    """A NUL before its time, so that all that follows moves up."""
    pdu.strike(("text", "when"), lambda piece: b"\0" + piece)


def tlv_length(pdu):
    """The length of a TLV that is not its value's."""
    length = pdu.chance.choice(NUMBERS_16).to_bytes(2, "big")
    pdu.strike(("tlv",), lambda piece: piece[:2] + length + piece[4:])


def tlv_cut(pdu):
    """A TLV that ends too early."""
    pdu.strike(("tlv",), lambda piece: piece[: pdu.chance.randrange(len(piece) or 1)])


def tlv_tag(pdu):
    """Another tag on the same value: one of another PDU, a vendor's, none."""
    tag = pdu.chance.choice((0, 0x0424, 0x0204, 0x001E, 0x020C, 0x130C, 0x1400, 0xFFFF)).to_bytes(2, "big")
    pdu.strike(("tlv",), lambda piece: tag + piece[2:])


def tlv_many(pdu):
    """One TLV many times over, or a swarm of empty ones."""
    if pdu.chance.random() < 0.5:
        pdu.strike(("tlv",), lambda piece: piece * pdu.chance.choice((2, 2, 3, 5, 200, 201)))
    else:
        pdu.octets += b"\x14\0\0\0" * pdu.chance.choice(SWARMS)


def tlv_payload(pdu):
    """A payload where there may be a text already, short or very long."""
    size = pdu.chance.choice(PAYLOADS)
    text = b"id:" + b"7" * size if pdu.chance.random() < 0.5 else pdu.chance.randbytes(size)
    pdu.octets += b"\x04\x24" + len(text).to_bytes(2, "big") + text


def field_gone(pdu):
    """A field left out."""
    pdu.strike(None, lambda _: b"")


def field_twice(pdu):
    pdu.strike(None, lambda piece: piece + piece)


def truncate(pdu):
    del pdu.octets[pdu.chance.randrange(len(pdu.octets)) :]


def flip_bits(pdu):
    for _ in range(pdu.chance.choice((1, 1, 2, 8))):
        pdu.octets[pdu.chance.randrange(len(pdu.octets))] ^= 1 << pdu.chance.randrange(8)


def set_octets(pdu):
    for _ in range(pdu.chance.choice((1, 2, 4))):
        pdu.octets[pdu.chance.randrange(len(pdu.octets))] = pdu.chance.choice((0, 1, 0x1B, 0x7F, 0x80, 0xD8, 0xFF))


def insert(pdu):
    at = pdu.chance.randrange(len(pdu.octets) + 1)
    pdu.octets[at:at] = pdu.chance.randbytes(pdu.chance.choice((1, 2, 4, 16, 300)))


def delete(pdu):
    at = pdu.chance.randrange(len(pdu.octets))
    del pdu.octets[at : at + pdu.chance.choice((1, 2, 4, 16))]


def splice(pdu):
    """The head of one PDU and the tail of another."""
    other = pdu.chance.choice(corpus()).frame
    pdu.octets[pdu.chance.randrange(len(pdu.octets)) :] = other[pdu.chance.randrange(len(other)) :]


def garbage(pdu):
    """A good header before octets that are nothing."""
    pdu.octets[HEADER_BYTES:] = pdu.chance.randbytes(pdu.chance.choice((1, 3, 17, 200)))


def nothing(pdu):
    """Left as it is: what is valid must be read."""


AIMED_AT_THE_HEADER = (command_length, command_id, other_way, status, sequence)
AIMED_AT_THE_BODY = (
    *(inner_length, string_open, string_long, string_8bit, string_nul),
    *(tlv_length, tlv_cut, tlv_tag, tlv_many, tlv_payload),
    *(field_gone, field_twice),
)
BLIND = (truncate, flip_bits, set_octets, insert, delete, splice, garbage, nothing)
MUTATIONS = (*AIMED_AT_THE_HEADER, *AIMED_AT_THE_BODY, *BLIND)


def mutated(chance):
    """One mutated PDU, and the names of what was done to it."""
    pdu = Mutant(chance, chance.choice(corpus()))
    done = []
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        if len(pdu.octets) < HEADER_BYTES:
            break
        mutation = chance.choice(MUTATIONS)
        mutation(pdu)
        done.append(mutation.__name__)
    # A lie about the length stays one, unless more was done to it.
    lies = done[-1] == "command_length"
    if len(pdu.octets) >= 4 and not lies and chance.random() < REPAIRED_SHARE:
        pdu.octets[:4] = len(pdu.octets).to_bytes(4, "big")
    return bytes(pdu.octets), tuple(done)
