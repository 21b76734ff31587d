"""Answers to the ESME's own submit_sm: none, late, twice, foreign, broken, or an error nobody knows.

A response is known by its sequence number, and its header settles what waits (SMPP 3.4 §5.1.3, §5.1.4). A text that
was taken is never sent again: that is a second SMS on somebody's telephone. How often one may be sent whose answer
never came is nowhere said; that it ends is.

Must not be put here: statuses that ask to slow down (pressure.py), receipts (receipts.py).
"""

from collections.abc import Callable
from typing import Final

from simulator import pdu as smpp
from simulator.commands import COMMANDS, Status
from simulator.torture.cases import REPLIES, Act, Case, stays_sound
from simulator.torture.play import Failed, Play, Submit

SUBMIT_RESP: Final = COMMANDS["submit_sm_resp"]
TIMES_MAX: Final = 3
"""As often may a text be sent whose answer never came."""
PAST_TIMER: Final = 1.3
VENDOR_STATUS: Final = 0x0401


def held(_submit: Submit) -> None:
    """For `Play.on_submit`: it is kept, and answered by the case."""


def _resp(submit: Submit, body: bytes, *, status: int = 0, command_id: int = SUBMIT_RESP) -> None:
    submit.line.say(smpp.raw(command_id, submit.request.sequence, body, status=status))


def _good(submit: Submit) -> bytes:
    return submit.message_id.encode("ascii") + b"\0"


async def _one(play: Play) -> Submit:
    """A submit_sm that waits for its answer; those that follow it are answered."""
    play.on_submit = held
    submit = await play.asked_for(await play.bound())
    play.on_submit = Submit.answer
    return submit


async def _past_the_timer(play: Play) -> None:
    """Whoever believes a text unanswered sends it again now."""
    await play.look_on(PAST_TIMER * play.expected.response_timeout_s)


async def _is_settled(play: Play, submit: Submit, times_max: int = 1) -> None:
    """Sent no more often than that, and in step."""
    await _past_the_timer(play)
    times = len(play.sent_to(submit.number))
    play.did(f"sent it {_times(times)}")
    if times > times_max:
        raise Failed
    await stays_sound(play, submit.line)
    play.did("in step")


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _settled_by(answer: Callable[[Submit], None]) -> Act:
    """An answer that says yes, whatever else it is."""

    async def act(play: Play) -> None:
        submit = await _one(play)
        answer(submit)
        await _is_settled(play, submit)

    return act


def _twice(submit: Submit) -> None:
    submit.answer()
    submit.answer()


def _foreign_first(submit: Submit) -> None:
    sequence = submit.request.sequence ^ 0x00F00000
    submit.line.say(smpp.raw(SUBMIT_RESP, sequence, b"foreign\0"))
    submit.answer()


def _nack_without_sequence_first(submit: Submit) -> None:
    submit.line.say(smpp.raw(COMMANDS["generic_nack"], 0, status=Status.RINVCMDLEN))
    submit.answer()


async def _nacked(play: Play) -> None:
    submit = await _one(play)
    _resp(submit, b"", status=Status.RINVCMDLEN, command_id=COMMANDS["generic_nack"])
    await _is_settled(play, submit, TIMES_MAX)


async def _vendor_status(play: Play) -> None:
    submit = await _one(play)
    _resp(submit, b"", status=VENDOR_STATUS)
    await _is_settled(play, submit, TIMES_MAX)


async def _status_and_body(play: Play) -> None:
    """A full queue that names an id all the same: the text was not taken."""
    submit = await _one(play)
    _resp(submit, _good(submit), status=Status.RMSGQFUL)
    await play.watch.until(lambda: len(play.sent_to(submit.number)) > 1, play.expected.retry_max_s)
    if len(play.sent_to(submit.number)) == 1:
        play.tolerable("gave the text up, or took it for accepted")
    await _is_settled(play, submit, TIMES_MAX)


async def _never(play: Play) -> None:
    """One text stays unanswered however often it comes; all else goes on."""
    play.on_submit = held
    line = await play.bound()
    submit = await play.asked_for(line)
    play.on_submit = lambda other: held(other) if other.number == submit.number else other.answer()
    for _ in range(3):
        await _past_the_timer(play)
        if line.stands:
            await stays_sound(play, line)
    times = len(play.sent_to(submit.number))
    play.did(f"sent it {_times(times)}")
    if times > TIMES_MAX:
        raise Failed
    if not line.stands:
        play.tolerable(line.ended)
        line = await play.back(line.ended_at_s)
        await stays_sound(play, line)
    else:
        play.did("went on meanwhile, in step")


async def _late(play: Play) -> None:
    play.on_submit = held
    submit = await play.asked_for(await play.bound())
    await _past_the_timer(play)
    play.on_submit = Submit.answer
    for one in play.sent_to(submit.number):
        one.answer()
    if not submit.line.stands:
        play.tolerable(submit.line.ended)
        await stays_sound(play, await play.back(submit.line.ended_at_s))
        return
    await _is_settled(play, submit, 2)


async def _backwards(play: Play) -> None:
    play.on_submit = held
    line = await play.bound()
    wanted = min(5, play.expected.window)
    texts = [play.text(line) for _ in range(wanted)]
    await play.watch.until(lambda: len(play.submits) >= wanted, play.expected.patience_s)
    if len(play.submits) < wanted:
        raise Failed(f"sent {len(play.submits)} of {wanted} texts before the first was answered")
    play.on_submit = Submit.answer
    for submit in reversed(play.submits[:]):
        submit.answer()
    await _past_the_timer(play)
    times = max(len(play.sent_to(text.number)) for text in texts)
    if times > 1:
        raise Failed(f"sent one {_times(times)}")
    await stays_sound(play, line)
    play.did(f"sent each of {wanted} once, in step")


CASES: Final = (
    Case("submit-unanswered", "no answer to a submit_sm, however often it comes",
         "gives it up after a few times at most; the session goes on", "§7.2", _never, REPLIES),
    Case("submit-answered-late", "the answer to a submit_sm after the response timer ran out",
         "takes it; the text is not sent a third time", "§7.2", _late, REPLIES),
    Case("submit-nacked", "generic_nack ESME_RINVCMDLEN with the sequence number of a submit_sm",
         "takes it for a refusal of that text, in step", "§4.3.1", _nacked, REPLIES),
    Case("submit-nacked-without-sequence", "generic_nack with sequence number 0 while a submit_sm is open, then its "
         "answer", "leaves the text open, and takes its answer", "§4.3.1",
         _settled_by(_nack_without_sequence_first), REPLIES),
    Case("submit-resp-foreign-sequence", "a submit_sm_resp with a sequence number nobody used, then the right one",
         "passes over the first and takes the second", "§5.1.4", _settled_by(_foreign_first), REPLIES),
    Case("submit-resp-twice", "the same submit_sm_resp twice",
         "passes over the second", "§5.1.4", _settled_by(_twice), REPLIES),
    Case("submit-resp-no-body", "a submit_sm_resp ESME_ROK that is its header only",
         "takes it: the text is not sent again", "§4.4.2; some SMSCs leave it out",
         _settled_by(lambda submit: _resp(submit, b"")), REPLIES),
    Case("submit-resp-no-id", "a submit_sm_resp ESME_ROK with an empty message_id",
         "takes it: the text is not sent again", "§4.4.2", _settled_by(lambda submit: _resp(submit, b"\0")), REPLIES),
    Case("submit-resp-broken-id", "a submit_sm_resp ESME_ROK with a message_id of 90 octets and no NUL",
         "takes it by its header: the text is not sent again", "§4.4.2, §3.1",
         _settled_by(lambda submit: _resp(submit, b"9" * 90)), REPLIES),
    Case("submit-resp-tlv-cut", "a submit_sm_resp ESME_ROK with a TLV that goes beyond the PDU",
         "takes it by its header: the text is not sent again", "§3.2.4.1",
         _settled_by(lambda submit: _resp(submit, _good(submit) + b"\x14\x01\0\x63x")), REPLIES),
    Case("submit-resp-vendor-status", "a submit_sm_resp with status 0x0401, a vendor's own",
         "takes it for a refusal, in step", "§5.1.3", _vendor_status, REPLIES),
    Case("submit-resp-status-and-body", "a submit_sm_resp ESME_RMSGQFUL that names a message_id all the same",
         "takes it for a refusal, and sends the text again later", "§4.4.2, §5.1.3", _status_and_body, REPLIES),
    Case("submit-resps-backwards", "the answers to five submit_sm, the last first",
         "takes each for its own", "§5.1.4, §2.5.1", _backwards, REPLIES),
)  # fmt: skip
