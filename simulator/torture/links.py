"""Connections that die in the middle of something, or of which only one side has died.

Whatever an ESME had not answered the SMSC brings again; whatever the SMSC had not answered may be sent again. So
nothing is lost, and nothing may be stuck: a link on which nobody answers is found by its timers (SMPP 3.4 §7.2).

Must not be put here: ends before the bind is answered (bindings.py).
"""

from typing import Final

from simulator import pdu as smpp
from simulator.commands import COMMANDS, Status
from simulator.torture.answers import PAST_TIMER, TIMES_MAX, held
from simulator.torture.cases import REPLIES, Case, comes_back, stays_sound
from simulator.torture.play import Failed, Play, Submit, unanswered
from simulator.torture.wire import Heard, Line

OLD_SEQUENCE: Final = 5000
UNREAD_MAX_BYTES: Final = 32 * 1024 * 1024
"""Of questions, and of answers: the kernels on the way keep some 15 MB of both, and an ESME may keep as much again."""
PIECE_PROBES: Final = 4096
HALF: Final = 31
"""Octets of a deliver_sm: behind its header, inside its source address."""


async def _probe_unanswered(play: Play) -> None:
    play.on["enquire_link"] = unanswered
    line = await play.bound()
    within_s = play.expected.dead_link_s
    ended = await line.until_ended(within_s)
    play.did("asked enquire_link" if line.requests("enquire_link") else "did not ask enquire_link")
    if not ended:
        raise Failed(f"kept the session for {within_s:.1f} s")
    play.did(f"{line.ended} after {line.ended_at_s - line.opened_at_s:.1f} s")
    play.on["enquire_link"] = Line.answer
    await comes_back(play, line)


async def _half_open(play: Play) -> None:
    """Our side neither reads nor says anything, as behind a firewall that forgot the connection."""
    line = await play.bound()
    await stays_sound(play, line)
    line.deafen()
    within_s = play.expected.dead_link_s + play.expected.back_s
    found = await play.listener.next_bind(within_s)
    if found is None:
        raise Failed(f"no new session within {within_s:.1f} s")
    play.taken_up(found)
    play.did(f"asked to bind anew after {found[1].at_s - line.heard[-1].at_s:.1f} s")
    await stays_sound(play, await play.bound())


async def _probe_nacked(play: Play) -> None:
    """The SMSC knows no enquire_link; that it says so shows that it lives."""
    play.on["enquire_link"] = nacked
    line = await play.bound()
    asked = await line.until(lambda: line.requests("enquire_link"), play.expected.dead_link_s)
    if not asked and line.stands:
        play.did("did not ask enquire_link")
    await play.look_on(play.expected.response_timeout_s * PAST_TIMER)
    play.on["enquire_link"] = Line.answer
    if not line.stands:
        play.tolerable(line.ended)
        await comes_back(play, line)
        return
    await stays_sound(play, line)
    play.did("kept the session, in step")


def nacked(line: Line, request: Heard) -> None:
    line.say(smpp.raw(COMMANDS["generic_nack"], request.sequence, status=Status.RINVCMDID))


async def _answers_unread(play: Play) -> None:
    """Asked on and on by somebody who never reads its answers."""
    line = await play.bound()
    await stays_sound(play, line)
    line.deafen()
    asked = 0
    within_s = play.expected.response_timeout_s + play.expected.patience_s
    while line.stands and not line.is_blocked and asked * smpp.HEADER_BYTES < UNREAD_MAX_BYTES:
        line.say(*(smpp.raw(COMMANDS["enquire_link"], line.next_sequence()) for _ in range(PIECE_PROBES)))
        asked += PIECE_PROBES
        await play.look_on(0)  # an end is seen in the loop's next turn
        await play.watch.until(lambda: not line.is_blocked or not line.stands, within_s)
    play.did(f"was asked {asked:,} times")
    if line.stands and not line.is_blocked:
        raise Failed("went on taking questions whose answers nobody read")
    if line.stands:
        play.did("stopped reading until it was read")
        line.hear_again()
    await play.while_it_goes_on(
        lambda: len(line.heard),
        lambda: bool(line.ended or line.response_to(line.last_sequence)),
        play.expected.dead_link_s,
    )
    await _goes_on(play, line)


async def _goes_on(play: Play, line: Line) -> None:
    """In step, or back on a new session."""
    if not line.stands:
        play.did(line.ended)
        await comes_back(play, line)
        return
    await stays_sound(play, line)
    play.did("in step")


async def _fin_mid_pdu(play: Play) -> None:
    line = await play.bound()
    line.say(play.mo(play.new_number(), line.next_sequence())[:HALF])
    line.end()
    await comes_back(play, line)


async def _rst_mid_pdu(play: Play) -> None:
    line = await play.bound()
    line.say(play.mo(play.new_number(), line.next_sequence())[:HALF])
    line.reset()
    await comes_back(play, line)


async def _tls_cut(play: Play) -> None:
    line = await play.bound()
    line.say(play.mo(play.new_number(), line.next_sequence())[:HALF])
    line.cut()
    await comes_back(play, line)


async def _open_submit(play: Play) -> None:
    play.on_submit = held
    submit = await play.asked_for(await play.bound())
    play.on_submit = Submit.answer
    submit.line.end()
    line = await play.back(submit.line.ended_at_s)
    await stays_sound(play, line)
    await play.look_on(PAST_TIMER * play.expected.response_timeout_s)
    times = len(play.sent_to(submit.number))
    play.did(f"sent the text {times} times in all")
    if times > TIMES_MAX - 1:
        raise Failed


async def _open_text(play: Play) -> None:
    """The text is brought again, since its answer was lost. On the new session its old number means nothing."""
    line = await play.bound()
    line.skip_to(OLD_SEQUENCE)
    first = play.text(line)
    line.end()
    again_on = await play.back(line.ended_at_s)
    again = play.text(again_on, first.number)
    answer = await play.answered(again)
    if answer is None or answer.status:
        raise Failed(f"{answer.words if answer else 'no answer'} to the text that was brought again")
    play.did(answer.words)
    if play.expected.replies and await play.replied(again) is None:
        raise Failed("no reply: the text is lost")
    await stays_sound(play, again_on)
    strays = [one for one in again_on.heard if one.is_response and one.sequence > again_on.last_sequence]
    if strays:
        raise Failed(f"{strays[0].words} to the old session's text on the new one")
    replies = len(play.sent_to(first.number))
    if replies > 1:
        play.tolerable(f"{replies} replies to one text")
    play.did("in step")


CASES: Final = (
    Case("enquire-link-no-response", "silence, and no answer to its enquire_link",
         "probes the silent link, gives it up, comes back", "§4.11, §7.2", _probe_unanswered),
    Case("half-open", "nothing read and nothing said any more, the connection stands",
         "finds it by its timers, and comes back", "§7.2", _half_open),
    Case("enquire-link-nacked", "silence, and generic_nack to its enquire_link",
         "keeps the session: who answers is there", "§4.3.1, §4.11", _probe_nacked),
    Case("answers-unread", "enquire_link on and on, and none of the answers is read",
         "stops reading or leaves, and does not keep megabytes of answers", "TCP; memory is finite", _answers_unread),
    Case("fin-mid-pdu", "the connection closed in the middle of a deliver_sm",
         "comes back", "TCP", _fin_mid_pdu),
    Case("rst-mid-pdu", "the connection reset in the middle of a deliver_sm",
         "comes back", "TCP", _rst_mid_pdu),
    Case("tls-cut-mid-pdu", "a TLS connection cut without close_notify, in the middle of a deliver_sm",
         "comes back", "RFC 8446 §6.1", _tls_cut, frozenset({"tls"})),
    Case("lost-with-open-submit", "the connection closed before a submit_sm was answered",
         "comes back, and sends that text once more at most", "§2.2; nobody knows whether it was taken",
         _open_submit, REPLIES),
    Case("lost-with-open-text", "the connection closed right behind a deliver_sm, which is brought again then",
         "takes it, and replies once", "§2.6.1", _open_text),
)  # fmt: skip
