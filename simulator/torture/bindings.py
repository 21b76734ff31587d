"""From the connection to the bind and back: binds that are refused, answered wrongly or not at all, and unbinds.

A session stands once the bind has been answered by its own response, with its own sequence number and ESME_ROK, and
not before. An ESME that is refused comes back, ever more slowly: it may not be let in now.

Must not be put here: what happens on a session that stands.
"""

import asyncio
from typing import Final

from simulator import pdu as smpp
from simulator.commands import COMMANDS, Status, status_name
from simulator.torture.cases import Act, Case, comes_back, stays_sound
from simulator.torture.play import BOUND_TLVS, Failed, Play, unanswered
from simulator.torture.wire import Line

REFUSALS: Final = (
    *(Status.RBINDFAIL, Status.RINVPASWD, Status.RINVSYSID, Status.RSYSERR),
    *(0x0401, Status.RBINDFAIL),
)
PAUSE_MIN_S: Final = 0.02
"""Who knocks again sooner does not pause at all."""
GROWTH: Final = 1.5
HANG_UPS: Final = 4
DOWN_S: Final = 1.0
LATE_SHARE: Final = 0.6
EARLY_S: Final = 0.1
"""How long a bind stays open while something else is looked at."""


async def _plain(play: Play) -> None:
    line = await play.bound()
    await stays_sound(play, line)
    play.did("answered an enquire_link and a text" + (", replied" if play.expected.replies else ""))
    complaints = [one.complaint for one in line.heard if one.complaint]
    if complaints:
        play.tolerable(f"not as the standard has it: {'; '.join(dict.fromkeys(complaints))}")


async def _no_response(play: Play) -> None:
    line, _ = play.first
    within_s = play.expected.response_timeout_s + play.expected.patience_s
    if not await line.until_ended(within_s):
        raise Failed(f"still waited after {within_s:.1f} s")
    play.did(f"{line.ended} after {line.ended_at_s - line.opened_at_s:.1f} s")
    await comes_back(play, line)


async def _refused(play: Play) -> None:
    """Several statuses, then accepted: it comes back each time, after pauses that grow."""
    loop = asyncio.get_running_loop()
    line, request = play.first
    lines, pauses = [line], []
    for status in REFUSALS:
        line.answer(request, status)
        refused_at_s = loop.time()
        line, request = await play.asking()
        lines.append(line)
        pauses.append(request.at_s - refused_at_s)
    _check_pauses(play, pauses)
    if any(one.stands for one in lines if one is not line):
        play.tolerable("left connections open whose bind was refused")
    await stays_sound(play, await play.bound())
    play.did("bound once it was accepted")


def _check_pauses(play: Play, pauses: list[float]) -> None:
    play.did("came back after " + ", ".join(f"{pause:.2f}" for pause in pauses) + " s")
    if min(pauses[-3:]) < PAUSE_MIN_S:
        raise Failed("without a pause")
    slow_s = play.expected.reconnect_max_s / 2
    if max(pauses[-3:]) < min(slow_s, GROWTH * min(pauses[:3])):
        play.tolerable("pauses that do not grow")


async def _already_bound(play: Play) -> None:
    for _ in range(2):
        line, request = play.first
        line.answer(request, Status.RALYBND)
        await play.asking()
    play.did("came back twice")
    await stays_sound(play, await play.bound())


def _nacked(*, with_sequence: bool) -> Act:
    async def act(play: Play) -> None:
        line, request = play.first
        sequence = request.sequence if with_sequence else 0
        line.say(smpp.raw(COMMANDS["generic_nack"], sequence, status=Status.RINVCMDLEN))
        within_s = play.expected.response_timeout_s + play.expected.back_s
        _, again = await play.asking(within_s)
        play.did(f"asked again after {again.at_s - request.at_s:.2f} s")
        await stays_sound(play, await play.bound())

    return act


def _answered_by(command: str) -> Act:
    """Not by bind_transceiver_resp: to whom that is an answer all the same, a text is brought."""

    async def act(play: Play) -> None:
        line, request = play.first
        body = b"\0" if command == "submit_sm_resp" else b""
        line.say(smpp.raw(COMMANDS[command], request.sequence, body))
        if await _takes_texts(play, line):
            raise Failed(f"took {command} for the answer to its bind")
        await _not_bound(play, line)

    return act


async def _foreign_sequence(play: Play) -> None:
    line, request = play.first
    body = smpp.body_octets("bind_transceiver_resp", {"system_id": "torture"}, BOUND_TLVS)
    line.say(smpp.raw(COMMANDS["bind_transceiver_resp"], request.sequence + 1000, body))
    if await _takes_texts(play, line):
        play.tolerable("took the answer to another bind for its own")
        return
    await _not_bound(play, line)


async def _takes_texts(play: Play, line: Line) -> bool:
    """Whether it believes that it is bound."""
    text = play.text(line)
    within_s = min(play.expected.patience_s, play.expected.response_timeout_s)
    answer = await line.until(lambda: line.response_to(text.sequence), within_s)
    play.did(answer.words + " to a text" if answer else "no answer to a text")
    return text.is_taken(answer)


async def _not_bound(play: Play, line: Line) -> None:
    """It has to find that its bind was not answered."""
    within_s = play.expected.response_timeout_s + play.expected.patience_s
    if not await line.until_ended(within_s):
        raise Failed(f"neither bound nor gone after {within_s:.1f} s")
    play.did(line.ended)
    await comes_back(play, line)


async def _late_response(play: Play) -> None:
    line, _ = play.first
    await play.look_on(LATE_SHARE * play.expected.response_timeout_s)
    if not line.stands:
        raise Failed(f"{line.ended} before its response timer ran out")
    await play.bound()
    await stays_sound(play, line)
    play.did("bound")


async def _response_twice(play: Play) -> None:
    line, request = play.first
    await play.bound()
    line.answer(request, tlvs=BOUND_TLVS, system_id="torture")
    line.answer(request, Status.RALYBND)
    await stays_sound(play, line)
    play.did("in step")


async def _unbound_and_closed(play: Play) -> None:
    line = await play.bound()
    line.ask("unbind")
    line.end()
    await comes_back(play, line)


async def _text_before_bound(play: Play) -> None:
    line, _ = play.first
    text = play.text(line)
    early = await line.until(lambda: line.response_to(text.sequence), EARLY_S)
    await play.bound()
    answer = await play.answered(text)
    if not line.stands:
        play.tolerable(line.ended)
        await comes_back(play, line)
        return
    if answer is None:
        raise Failed("no answer to the text")
    play.did(answer.words)
    if early is not None and early.status == Status.ROK:
        play.tolerable("took a text before it was bound")
    await stays_sound(play, line)
    play.did("bound, in step")


async def _coalesced(play: Play) -> None:
    line, request = play.first
    body = smpp.body_octets("bind_transceiver_resp", {"system_id": "torture"}, BOUND_TLVS)
    number = play.new_number()
    sequence = line.next_sequence()
    resp = smpp.raw(COMMANDS["bind_transceiver_resp"], request.sequence, body)
    line.say(resp + play.mo(number, sequence))
    answer = await line.until(lambda: line.response_to(sequence), play.expected.patience_s)
    if answer is None or answer.status:
        raise Failed(answer.words if answer else "no answer to the text")
    play.did(answer.words)
    await stays_sound(play, line)
    play.did("in step")


def _bind_resp(body: bytes) -> Act:
    """A bind_transceiver_resp ESME_ROK with this body."""

    async def act(play: Play) -> None:
        line, request = play.first
        line.say(smpp.raw(COMMANDS["bind_transceiver_resp"], request.sequence, body))
        probe = line.ask("enquire_link")
        await line.until(lambda: line.response_to(probe), play.expected.patience_s)
        if line.stands:
            await stays_sound(play, line)
            play.did("bound")
        else:
            play.tolerable(line.ended)
            await comes_back(play, line)

    return act


async def _hung_up(play: Play) -> None:
    """The connection ends as soon as the bind was asked for."""
    pauses = []
    for _ in range(HANG_UPS):
        ended, _ = play.first
        ended.end()
        _, request = await play.asking()
        pauses.append(request.at_s - ended.ended_at_s)
    _check_pauses(play, pauses)
    await stays_sound(play, await play.bound())


async def _down(play: Play) -> None:
    """Nobody listens for a while."""
    await play.bound()
    await play.listener.down()
    await play.look_on(DOWN_S)
    await play.listener.up()
    up_at_s = asyncio.get_running_loop().time()
    line = await play.back(up_at_s)
    await stays_sound(play, line)


async def _unbound(play: Play) -> None:
    line = await play.bound()
    await stays_sound(play, line)
    sequence = line.ask("unbind")
    answer = await line.until(lambda: line.response_to(sequence), play.expected.patience_s)
    if answer is None:
        raise Failed(f"no unbind_resp; {line.ended or 'the session stood'}")
    play.did(answer.words)
    if answer.command != "unbind_resp" or answer.status:
        play.tolerable()
    if not line.stands or await line.until_ended(0.1):
        play.did(line.ended)
    line.end()
    await comes_back(play, line)


async def _unbind_unanswered(play: Play) -> None:
    """The subject is told to stop (SIGTERM); its unbind stays without an answer."""
    subject = play.subject
    assert subject is not None
    line = await play.bound()
    await stays_sound(play, line)
    play.on["unbind"] = unanswered
    subject.terminate()
    within_s = play.expected.response_timeout_s + play.expected.patience_s
    ended = await line.until_ended(within_s)
    if line.requests("unbind"):
        play.did("asked to unbind")
    else:
        play.tolerable("did not ask to unbind")
    if not ended:
        raise Failed(f"still waited for the answer after {within_s:.1f} s")
    play.did(line.ended)


def _long(system_id: str) -> bytes:
    return system_id.encode("ascii") + b"\0"


CASES: Final = (
    Case("plain", "nothing odd: a bind, an enquire_link, a text",
         "binds, answers, and every PDU of its own is as the standard has it", "§2.2", _plain),
    Case("bind-no-response", "no answer to the bind",
         "gives up when its response timer runs out, and comes back", "§7.2", _no_response),
    Case("bind-refused", "the bind refused with " + ", ".join(map(status_name, REFUSALS)) + ", then accepted",
         "comes back after each, more slowly each time", "§4.1, §5.1.3", _refused),
    Case("bind-already-bound", "the bind refused twice with ESME_RALYBND: the SMSC has not noticed that the last "
         "session is gone", "comes back until it is let in", "§5.1.3", _already_bound),
    Case("bind-nacked", "the bind answered by generic_nack with its sequence number",
         "takes it for a refusal, and comes back", "§4.3.1", _nacked(with_sequence=True)),
    Case("bind-nacked-without-sequence", "the bind answered by generic_nack with sequence number 0",
         "takes it for a refusal or waits its timer out, and comes back", "§4.3.1", _nacked(with_sequence=False)),
    Case("bind-answered-by-enquire-resp", "the bind answered by enquire_link_resp with its sequence number",
         "does not take itself for bound", "§4.1.6", _answered_by("enquire_link_resp")),
    Case("bind-answered-by-submit-resp", "the bind answered by submit_sm_resp with its sequence number",
         "does not take itself for bound", "§4.1.6", _answered_by("submit_sm_resp")),
    Case("bind-foreign-sequence", "a bind_transceiver_resp with a sequence number that is not the bind's",
         "does not take itself for bound", "§5.1.4", _foreign_sequence),
    Case("bind-resp-no-body", "a bind_transceiver_resp ESME_ROK that is its header only",
         "is bound: the header says so", "§4.1.6; some SMSCs leave it out", _bind_resp(b"")),
    Case("bind-resp-long-id", "a bind_transceiver_resp with a system_id of 40 octets",
         "is bound: the header says so", "§4.1.6", _bind_resp(_long("x" * 40))),
    Case("bind-resp-no-version", "a bind_transceiver_resp without sc_interface_version, as SMPP 3.3 has it",
         "is bound", "§5.3.2.25", _bind_resp(_long("torture"))),
    Case("bind-late-response", "the answer to the bind just before its response timer runs out",
         "is bound", "§7.2", _late_response),
    Case("bind-resp-twice", "bind_transceiver_resp again on the session that stands, ESME_ROK and then ESME_RALYBND",
         "passes over them", "§5.1.4", _response_twice),
    Case("text-before-bound", "a deliver_sm before the bind is answered",
         "refuses it with ESME_RINVBNDSTS, and is bound after all", "§2.2, §5.1.3", _text_before_bound),
    Case("bind-resp-and-text-at-once", "bind_transceiver_resp and a deliver_sm in one segment",
         "is bound and takes the text", "TCP is a stream", _coalesced),
    Case("hung-up", "the connection closed as soon as the bind was asked for, four times",
         "comes back, more slowly each time", "TCP", _hung_up),
    Case("smsc-down", "nobody listens for a while",
         "comes back when somebody does", "TCP", _down),
    Case("unbind-from-smsc", "an unbind",
         "answers unbind_resp, closes, and binds anew", "§4.2", _unbound),
    Case("unbind-and-closed", "an unbind, and the connection closed before it can be answered",
         "comes back", "§4.2", _unbound_and_closed),
    Case("unbind-no-response", "no answer to its own unbind, when it is told to stop",
         "closes by itself when its response timer runs out", "§4.2, §7.2", _unbind_unanswered,
         frozenset({"command"})),
)  # fmt: skip
