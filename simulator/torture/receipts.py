"""Delivery receipts as SMSCs send them: early, late, twice, never, in any spelling, of messages nobody sent.

On the wire a receipt asks for little: an answer, since one that is refused comes back for ever, and that it is not
taken for a text, since a reply to a receipt is the beginning of a loop.

Must not be put here: what a receipt does to a message, which the wire does not show.
"""

from collections.abc import Callable
from typing import Final

from simulator import pdu as smpp
from simulator.commands import COMMANDS, Status
from simulator.pdu import Tlv, Value
from simulator.torture.answers import held
from simulator.torture.cases import REPLIES, Act, Case, comes_back, stays_sound
from simulator.torture.play import Failed, Play, Submit, Text
from simulator.torture.wire import Line

RECEIPT: Final = 0x04
INTERMEDIATE: Final = 0x20
UCS2: Final = 8
DELIVERED: Final = 2


def words(message_id: str, stat: str = "DELIVRD") -> bytes:
    """SMPP 3.4 appendix B."""
    told = f"id:{message_id} sub:001 dlvrd:001 submit date:2611020900 done date:2611020901 stat:{stat} err:000 text:"
    return told.encode("ascii")


def _tlvs(message_id: str) -> tuple[Tlv, ...]:
    return smpp.tlv("receipted_message_id", message_id), smpp.tlv("message_state", DELIVERED)


def _say(play: Play, line: Line, number: str, text: bytes, tlvs: tuple[Tlv, ...] = (), **fields: Value) -> Text:
    """A receipt as deliver_sm."""
    receipt = Text(line, number, line.next_sequence())
    fields = {"esm_class": RECEIPT, "short_message": text, **fields}
    line.say(play.mo(number, receipt.sequence, tlvs, **fields))
    return receipt


async def _is_answered(play: Play, receipt: Text, *, may_refuse: bool = False) -> None:
    answer = await play.answered(receipt)
    if answer is None:
        raise Failed(f"no answer to the receipt; {receipt.line.ended or 'the session stood'}")
    play.did(answer.words)
    if answer.status and not may_refuse:
        raise Failed("refused a receipt, which comes back then")
    if answer.status:
        play.tolerable()


async def _ends_well(play: Play, line: Line, number: str, texts: int = 1) -> None:
    """In step, and nothing but its own text was sent to the one whom the receipt is about."""
    await stays_sound(play, line)
    if len(play.sent_to(number)) > texts:
        raise Failed("took a receipt for a text, and replied")
    play.did("in step, no reply")


async def _sent(play: Play) -> Submit:
    """A text of the ESME that was taken."""
    return await play.asked_for(await play.bound())


def _receipt(say: Callable[[Play, Submit], list[Text]]) -> Act:
    """A text that was taken, and what is told of it then."""

    async def act(play: Play) -> None:
        submit = await _sent(play)
        for receipt in say(play, submit):
            await _is_answered(play, receipt)
        await _ends_well(play, submit.line, submit.number)

    return act


def _usual(play: Play, submit: Submit) -> Text:
    return _say(play, submit.line, submit.number, words(submit.message_id), _tlvs(submit.message_id))


def _hexadecimal(play: Play, submit: Submit) -> list[Text]:
    return [_say(play, submit.line, submit.number, words(f"{int(submit.message_id):X}"))]


def _padded(play: Play, submit: Submit) -> list[Text]:
    return [_say(play, submit.line, submit.number, words(submit.message_id.zfill(20)))]


def _ucs2(play: Play, submit: Submit) -> list[Text]:
    # 254 octets hold 127 characters
    text = words(submit.message_id).decode("ascii")[:127].encode("utf-16-be")
    return [_say(play, submit.line, submit.number, text, data_coding=UCS2)]


def _by_tlv_only(play: Play, submit: Submit) -> list[Text]:
    return [_say(play, submit.line, submit.number, b"", _tlvs(submit.message_id))]


def _intermediate(play: Play, submit: Submit) -> list[Text]:
    text = words(submit.message_id, "ENROUTE")
    return [_say(play, submit.line, submit.number, text, esm_class=INTERMEDIATE), _usual(play, submit)]


def _unlike(play: Play, submit: Submit) -> list[Text]:
    return [_say(play, submit.line, submit.number, b"delivered, thank you for asking")]


async def _early(play: Play) -> None:
    play.on_submit = held
    submit = await play.asked_for(await play.bound())
    play.on_submit = Submit.answer
    receipt = _usual(play, submit)
    await _is_answered(play, receipt)
    submit.answer()
    await _ends_well(play, submit.line, submit.number)


async def _late(play: Play) -> None:
    submit = await _sent(play)
    await stays_sound(play, submit.line)
    submit.line.end()
    line = await comes_back(play, submit.line)
    await _is_answered(play, _say(play, line, submit.number, words(submit.message_id)))
    await _ends_well(play, line, submit.number)


async def _never(play: Play) -> None:
    submit = await _sent(play)
    await play.look_on(1.3 * play.expected.response_timeout_s)
    await _ends_well(play, submit.line, submit.number)


async def _of_an_unknown_message(play: Play) -> None:
    line = await play.bound()
    number = play.new_number()
    await _is_answered(play, _say(play, line, number, words("999999999999")), may_refuse=True)
    await _ends_well(play, line, number, texts=0)


async def _as_data_sm(play: Play) -> None:
    submit = await _sent(play)
    receipt = Text(submit.line, submit.number, submit.line.next_sequence(), "data_sm")
    fields = {**play.mo_fields(submit.number), "esm_class": RECEIPT}
    del fields["short_message"]
    body = smpp.body_octets("data_sm", fields, _tlvs(submit.message_id))
    submit.line.say(smpp.raw(COMMANDS["data_sm"], receipt.sequence, body))
    answer = await play.answered(receipt)
    if answer is None:
        raise Failed(f"no answer to the receipt; {submit.line.ended or 'the session stood'}")
    play.did(answer.words)
    if answer.status != Status.ROK:
        play.tolerable()
    await _ends_well(play, submit.line, submit.number)


CASES: Final = (
    Case("receipt-early", "a receipt before the submit_sm_resp of its message",
         "answers it, and takes the response", "§4.6; two roads of one SMSC", _early, REPLIES),
    Case("receipt-late", "a receipt on a later session than its message's",
         "answers it", "§2.2, §4.6", _late, REPLIES),
    Case("receipt-twice", "the same receipt twice",
         "answers both", "§4.6; an answer may have been lost",
         _receipt(lambda play, submit: [_usual(play, submit), _usual(play, submit)]), REPLIES),
    Case("receipt-never", "no receipt, though one was asked for",
         "does not send the text again", "§5.2.17", _never, REPLIES),
    Case("receipt-hex-id", "a receipt whose id is hexadecimal, the response's was decimal",
         "answers it", "appendix B; many SMSCs", _receipt(_hexadecimal), REPLIES),
    Case("receipt-padded-id", "a receipt whose id has leading zeros, the response's had none",
         "answers it", "appendix B; many SMSCs", _receipt(_padded), REPLIES),
    Case("receipt-ucs2", "a receipt in UCS-2",
         "answers it", "§5.2.19", _receipt(_ucs2), REPLIES),
    Case("receipt-by-tlv-only", "a receipt with receipted_message_id and message_state, and no text",
         "answers it", "§5.3.2.12, §5.3.2.35", _receipt(_by_tlv_only), REPLIES),
    Case("receipt-in-free-words", "a receipt by its esm_class, with a text that no standard knows",
         "answers it, and does not take it for a text", "§5.2.12, appendix B", _receipt(_unlike), REPLIES),
    Case("receipt-intermediate", "an intermediate notification, then the receipt",
         "answers both", "§5.2.12", _receipt(_intermediate), REPLIES),
    Case("receipt-as-data-sm", "a receipt as data_sm",
         "answers data_sm_resp", "§4.7.1", _as_data_sm, REPLIES),
    Case("receipt-of-an-unknown-message", "a receipt of a message that nobody sent",
         "answers it ESME_ROK: nobody else will want it", "§4.6", _of_an_unknown_message),
)  # fmt: skip
