"""Where a PDU begins and ends: frames that come in pieces, several at once, with a length that cannot be, or garbage.

TCP is a stream: how octets are cut says nothing. With a command_length that cannot be true nobody knows where the
next PDU begins, so the session is left and begun anew; to wait for octets that never come is deafness.

Must not be put here: bodies (bodies.py).
"""

from typing import Final

from simulator import pdu as smpp
from simulator.commands import COMMANDS
from simulator.torture.cases import ANSWERED, LEFT, REFUSED, SILENT, Build, Case, Kind, comes_back, odd, stays_sound
from simulator.torture.play import Failed, Play, Text

OCTET_PAUSE_S: Final = 0.001
MANY: Final = 50
_LEFT_IN_WORDS: Final = REFUSED | frozenset[Kind]({"left in words"})
_LEFT_SOMEHOW: Final = frozenset[Kind]({"left", "silent", "healed"})


def _length(claimed: int, follow: int = 16) -> Build:
    """A deliver_sm with the length that it claims, of which as many octets come."""

    def build(play: Play, text: Text) -> bytes:
        body = play.mo_body(text.number).ljust(max(0, follow - 16), b"\0")
        return smpp.raw(COMMANDS["deliver_sm"], text.sequence, body, length=claimed)[:follow]

    return build


def _garbage(play: Play, _text: Text) -> bytes:
    # A first octet above 0x7F is a length of 2 GB and more.
    return b"\xfe" + play.rng.randbytes(255)


def _garbage_in_frames(play: Play, text: Text) -> bytes:
    frames = [
        smpp.raw(play.rng.randrange(0x1000, 0x7FFFFFFF), text.line.next_sequence(), play.rng.randbytes(40))
        for _ in range(20)
    ]
    return b"".join(frames) + smpp.raw(0x7FFFFFFE, text.sequence, play.rng.randbytes(40))


async def _octet_by_octet(play: Play) -> None:
    line = await play.bound()
    text = Text(line, play.new_number(), line.next_sequence())
    probe = line.next_sequence()
    frame = play.mo(text.number, text.sequence) + smpp.raw(COMMANDS["enquire_link"], probe)
    await line.say_in_pieces(frame, range(1, len(frame)), OCTET_PAUSE_S)
    await _taken_whole(play, text)
    if await line.until(lambda: line.response_to(probe), play.expected.patience_s) is None:
        raise Failed("no enquire_link_resp")
    await stays_sound(play, line)
    play.did("in step")


async def _split_with_a_pause(play: Play) -> None:
    """Longer than its timers, but not so long that the link is taken for dead."""
    timers = play.expected.response_timeout_s, play.expected.enquire_link_s
    pause_s = max(timers) + min(timers) / 2
    line = await play.bound()
    text = Text(line, play.new_number(), line.next_sequence())
    await line.say_in_pieces(play.mo(text.number, text.sequence), (23,), pause_s)
    if not line.stands:
        # The text was not answered, so it is brought again: nothing is lost.
        play.tolerable(f"{line.ended} during the pause")
        await comes_back(play, line)
        return
    await _taken_whole(play, text)
    await stays_sound(play, line)
    play.did("in step")


async def _split_in_the_length(play: Play) -> None:
    line = await play.bound()
    text = Text(line, play.new_number(), line.next_sequence())
    await line.say_in_pieces(play.mo(text.number, text.sequence), (2, 5), 0.05)
    await _taken_whole(play, text)
    await stays_sound(play, line)
    play.did("in step")


async def _taken_whole(play: Play, text: Text) -> None:
    answer = await play.answered(text)
    if answer is None or answer.status:
        raise Failed(answer.words if answer else f"no answer to the text; {text.line.ended or 'the session stood'}")
    play.did(answer.words)
    if play.expected.replies and await play.replied(text) is None:
        raise Failed("no reply to the text")


async def _many_at_once(play: Play) -> None:
    line = await play.bound()
    texts = [Text(line, play.new_number(), line.next_sequence()) for _ in range(play.expected.window)]
    probes = [line.next_sequence() for _ in range(MANY)]
    frames = [play.mo(text.number, text.sequence) for text in texts]
    line.say(*frames, *(smpp.raw(COMMANDS["enquire_link"], probe) for probe in probes))
    wanted = [*(text.sequence for text in texts), *probes]
    await line.until(lambda: all(map(line.response_to, wanted)), play.expected.patience_s)
    answered = sum(line.response_to(sequence) is not None for sequence in wanted)
    if answered < len(wanted):
        raise Failed(f"answered {answered} of {len(wanted)}; {line.ended or 'the session stood'}")
    play.did(f"answered all {answered}")
    await stays_sound(play, line)
    play.did("in step")


CASES: Final = (
    Case("octet-by-octet", "a deliver_sm and an enquire_link, each octet in a segment of its own",
         "puts them together and answers both", "TCP is a stream", _octet_by_octet),
    Case("split-with-a-pause", "a deliver_sm in two pieces, and between them a pause longer than its timers",
         "waits for the rest and takes the text", "TCP is a stream; §7.2", _split_with_a_pause),
    Case("split-in-the-length", "a deliver_sm whose command_length comes in two pieces",
         "puts it together and takes the text", "TCP is a stream", _split_in_the_length),
    Case("many-at-once", "a window of deliver_sm and 50 enquire_link in one segment",
         "answers each once", "TCP is a stream; §2.6.1", _many_at_once),
    odd("length-0", "a PDU with command_length 0",
        "says generic_nack and leaves for a new session", "§4.3.1, §5.1.1; ESME_RINVCMDLEN", _length(0),
        best=_LEFT_IN_WORDS, tolerable=_LEFT_SOMEHOW, silence=True),
    odd("length-8", "a PDU with command_length 8, half a header",
        "says generic_nack and leaves for a new session", "§4.3.1, §5.1.1; ESME_RINVCMDLEN", _length(8),
        best=_LEFT_IN_WORDS, tolerable=_LEFT_SOMEHOW, silence=True),
    odd("length-15", "a PDU with command_length 15, one octet short of a header",
        "says generic_nack and leaves for a new session", "§4.3.1, §5.1.1; ESME_RINVCMDLEN", _length(15),
        best=_LEFT_IN_WORDS, tolerable=_LEFT_SOMEHOW, silence=True),
    odd("length-max", "a PDU with command_length 0xFFFFFFFF",
        "leaves for a new session: so much will never come", "§4.3.1, §5.1.1; ESME_RINVCMDLEN", _length(0xFFFFFFFF),
        best=_LEFT_IN_WORDS | LEFT, tolerable=_LEFT_SOMEHOW, silence=True),
    odd("length-2-mb", "a PDU with command_length 2,097,152, and 1,000 octets of it",
        "leaves for a new session: no PDU is so long", "§4.3.1; message_payload has at most 64 kB (§5.3.2.32)",
        _length(2 * 1024 * 1024, 1000), best=_LEFT_IN_WORDS | LEFT, tolerable=_LEFT_SOMEHOW, silence=True),
    odd("length-short-by-one", "a deliver_sm whose command_length is one octet too small: a stray octet follows",
        "does not stay deaf: refuses and leaves for a new session", "§4.3.1, §5.1.1",
        lambda play, text: play.mo(text.number, text.sequence) + b"\0",
        best=ANSWERED | LEFT, tolerable=_LEFT_SOMEHOW, silence=True),
    odd("garbage", "256 random octets",
        "says generic_nack or leaves, and comes back", "§4.3.1", _garbage,
        best=_LEFT_IN_WORDS | LEFT, tolerable=_LEFT_SOMEHOW, silence=True),
    odd("garbage-in-frames", "21 frames of sound length with random command_id and body",
        "answers generic_nack to each, in step", "§4.3.1; ESME_RINVCMDID", _garbage_in_frames,
        best=REFUSED, tolerable=SILENT | LEFT),
)  # fmt: skip
