"""Connections that die in the middle of something, or of which only one side has died.

Whatever an ESME had not answered the SMSC brings again; whatever the SMSC had not answered may be sent again. So
nothing is lost, and nothing may be stuck: a link on which nobody answers is found by its timers (SMPP 3.4 §7.2).

Must not be put here: ends before the bind is answered (bindings.py).
"""

from typing import Final

from simulator.torture.answers import TIMES_MAX, held
from simulator.torture.cases import REPLIES, Case, comes_back, stays_sound
from simulator.torture.play import Failed, Play, Submit, unanswered
from simulator.torture.wire import Line

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
    await play.look_on(1.3 * play.expected.response_timeout_s)
    times = len(play.sent_to(submit.number))
    play.did(f"sent the text {times} times in all")
    if times > TIMES_MAX - 1:
        raise Failed


async def _open_text(play: Play) -> None:
    """The text is brought again, since its answer was lost."""
    line = await play.bound()
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
    replies = len(play.sent_to(first.number))
    if replies > 1:
        play.tolerable(f"{replies} replies to one text")
    play.did("in step")


CASES: Final = (
    Case("enquire-link-no-response", "silence, and no answer to its enquire_link",
         "probes the silent link, gives it up, comes back", "§4.11, §7.2", _probe_unanswered),
    Case("half-open", "nothing read and nothing said any more, the connection stands",
         "finds it by its timers, and comes back", "§7.2", _half_open),
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
