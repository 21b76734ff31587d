"""How an SMSC misbehaves: what each fault does to a message, its answer, its receipt, or a handset's text.

One function an effect. The fault was chosen before (faults.py); here it is carried out, and what is not named goes as
it should. Whatever cuts a line says so (`cut`, in line.py), since nobody knows then what was lost.

Not here: when a fault strikes, events and policies over HTTP (producer.py, control.py).
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from simulator import alphabet, ids
from simulator import pdu as smpp
from simulator.commands import COMMANDS, Status
from simulator.deliveries import Delivery
from simulator.faults import Effect, Fault
from simulator.limits import TokenBucket
from simulator.messages import Message
from simulator.pdu import SubmitSm

if TYPE_CHECKING:
    from simulator.centre import MessageCentre
    from simulator.reporter import Reporter
    from simulator.session import Session

RETRY_AFTER: Final = timedelta(minutes=10)
"""After this the SMSC tries a handset again that was away."""
HELD_MAX: Final = timedelta(minutes=1)
"""A receipt that waits for the one after it goes alone when none comes."""
UNKNOWN_COMMAND: Final = 0x00000999
UNKNOWN_ID: Final = b"FFFFFFFFFFFF"
GARBLED: Final = b"\x7f\x00\x1bid;??? st@t#"
LATIN_1_CODING: Final = 0x03

_Take = Callable[["MessageCentre", "Session", SubmitSm, Fault], None]


# --- a submit_sm -----------------------------------------------------------------------------------------


def submit(centre: "MessageCentre", session: "Session", message: SubmitSm, fault: Fault) -> None:
    """What becomes of a submit_sm that a fault strikes."""
    _SUBMITS[fault.effect](centre, session, message, fault)


def _status(centre: "MessageCentre", session: "Session", message: SubmitSm, fault: Fault) -> None:
    del centre
    session.answer_submit(message, fault.status)


def _bucket(centre: "MessageCentre", session: "Session", message: SubmitSm, fault: Fault) -> None:
    """A token bucket of one second's worth, on the real clock as the sender's pace is."""
    now_s = asyncio.get_running_loop().time()
    if fault.bucket is None:
        fault.bucket = TokenBucket(fault.rate_per_s, 0, now_s)
    if fault.bucket.left(now_s) < 1:
        session.answer_submit(message, fault.status)
        return
    fault.bucket.take(1)
    fault.hits -= 1  # there was room for this one
    centre.take(session, message)


def _silent(centre: "MessageCentre", session: "Session", message: SubmitSm, fault: Fault) -> None:
    """Not taken, not answered."""


def _slow(centre: "MessageCentre", session: "Session", message: SubmitSm, fault: Fault) -> None:
    def answer(taken: Message) -> None:
        session.counters.unanswered += 1
        asyncio.get_running_loop().call_later(fault.delay_s, later, taken)

    def later(taken: Message) -> None:
        session.counters.unanswered -= 1
        session.answer_submit(message, Status.ROK, taken.message_id)
        centre.on_change()

    centre.take(session, message, answer)


def _dawdle(centre: "MessageCentre", session: "Session", message: SubmitSm, fault: Fault) -> None:
    """It lies about before anybody looks at it."""

    def later() -> None:
        session.counters.unanswered -= 1
        centre.take(session, message)
        centre.on_change()

    session.counters.unanswered += 1
    delay_s = fault.delay_s + fault.spread_s * centre.faults.chance.random()
    asyncio.get_running_loop().call_later(delay_s, later)


def _response_lost(centre: "MessageCentre", session: "Session", message: SubmitSm, fault: Fault) -> None:
    del fault
    centre.take(session, message, lambda _: None)
    session.abort()


def _disconnect(centre: "MessageCentre", session: "Session", message: SubmitSm, fault: Fault) -> None:
    del centre, fault
    answer = smpp.raw(COMMANDS["submit_sm_resp"], int.from_bytes(message.sequence, "big"), b"1\0")
    session.break_off(answer[: len(answer) // 2])


def _hang_up(centre: "MessageCentre", session: "Session", message: SubmitSm, fault: Fault) -> None:
    del centre, message, fault
    session.cut()
    session.close()


def _half_open(centre: "MessageCentre", session: "Session", message: SubmitSm, fault: Fault) -> None:
    del centre, message, fault
    session.fall_silent()


def _bad_pdu(centre: "MessageCentre", session: "Session", message: SubmitSm, fault: Fault) -> None:
    """Each time another one: a command that nobody knows, a TLV that is cut off, a text longer than its PDU."""
    sequence = session.next_sequence()
    fields: dict[str, smpp.Value] = {
        "source_addr": "31600000000",
        "destination_addr": "1330",
        "short_message": b"HELP",
    }
    body = smpp.body_octets("deliver_sm", fields)
    if fault.hits % 3 == 1:
        session.write(smpp.raw(UNKNOWN_COMMAND, sequence, body))
    else:
        # The gateway counts what was to be a delivery, read or not.
        session.counters.mo_out += 1
        broken = body + b"\x04\x24\x00\x10ab" if fault.hits % 3 == 2 else body[:-5] + b"\xfe" + body[-4:]
        session.write(smpp.raw(COMMANDS["deliver_sm"], sequence, broken))
    centre.take(session, message)


def _bad_length(centre: "MessageCentre", session: "Session", message: SubmitSm, fault: Fault) -> None:
    del centre, message, fault
    session.write(smpp.raw(COMMANDS["enquire_link"], session.next_sequence(), length=0xFFFFFFFF))
    session.cut()


_SUBMITS: Final[Mapping[Effect, _Take]] = {
    "status": _status,
    "bucket": _bucket,
    "silent": _silent,
    "slow": _slow,
    "dawdle": _dawdle,
    "resp_lost": _response_lost,
    "disconnect": _disconnect,
    "hang_up": _hang_up,
    "half_open": _half_open,
    "bad_pdu": _bad_pdu,
    "bad_length": _bad_length,
}


# --- a receipt -------------------------------------------------------------------------------------------


def receipt(reporter: "Reporter", message: Message, delivery: Delivery, fault: Fault) -> None:
    """What is sent in the place of a receipt. That it comes twice, early or never is the message's profile."""
    match fault.effect:
        case "receipt_reordered":
            reporter.hold(delivery, HELD_MAX)
        case "receipt_unknown_id":
            mine = b"id:" + ids.FORMS[message.profile.told](message.told_number).encode()
            reporter.bring(_changed(delivery, lambda text: text.replace(mine, b"id:" + UNKNOWN_ID, 1)))
        case "receipt_garbled":
            reporter.bring(_changed(delivery, lambda _: GARBLED))
        case _:
            reporter.bring(delivery)


def _changed(delivery: Delivery, change: Callable[[bytes], bytes]) -> Delivery:
    """Another text, and no TLV that would tell what it said."""
    found = smpp.decode(smpp.raw(COMMANDS[delivery.command], 1, delivery.body))
    fields = {**found.fields, "short_message": change(found.octets())}
    return Delivery([smpp.body_octets("deliver_sm", fields)], account=delivery.account)


# --- a handset's text ------------------------------------------------------------------------------------


def texts(text: str, reference: int, fault: Fault) -> list[list[alphabet.Part]]:
    """The messages that go in the place of a text, each in its parts."""
    whole = alphabet.cut(text, reference)
    match fault.effect:
        case "mo_twice":
            return [whole, whole]
        case "mo_reordered":
            return [list(reversed(whole if len(whole) > 1 else _halves(text, reference)))]
        case "mo_part_missing":
            return [(whole if len(whole) > 1 else _halves(text, reference))[:-1]]
        case "mo_ucs2" if len(text) <= alphabet.UCS2_MAX // 2:
            return [[alphabet.Part(text.encode("utf-16-be"), alphabet.UCS2, 0)]]
        case "mo_8bit" if len(text) <= alphabet.GSM_MAX:
            return [[alphabet.Part(text.encode("latin-1", "replace"), LATIN_1_CODING, 0)]]
        case _:
            return [whole]


def _halves(text: str, reference: int) -> list[alphabet.Part]:
    """A short text in two parts, as a handset may send it that counts badly."""
    (whole,) = alphabet.cut(text, reference)
    # An even number of octets, for UCS-2; a pair may lie across the cut, since parts are joined before they are read.
    middle = len(whole.octets) // 4 * 2
    head = b"\x06\x08\x04" + reference.to_bytes(2, "big") + b"\x02"
    pieces = (whole.octets[:middle], whole.octets[middle:])
    return [
        alphabet.Part(head + bytes((number,)) + piece, whole.data_coding, alphabet.UDHI)
        for number, piece in enumerate(pieces, 1)
    ]
