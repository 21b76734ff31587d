"""What a case is, and the commonest kind: one odd PDU on a bound session, and what became of it.

`reaction` sends it and then looks whether the ESME is as good as new: it answers the next enquire_link and takes the
next text, on this session or on one that it comes back with. A case of one odd PDU is a row: which kinds of reaction
are best, which are tolerable; all others fail.

Must not be put here: a case.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Final, Literal

from simulator.commands import Status
from simulator.torture.play import Failed, Play, Text
from simulator.torture.wire import Heard, Line, command_of

Need = Literal["replies", "tls", "command"]
Act = Callable[[Play], Awaitable[None]]
Build = Callable[[Play, Text], bytes]
"""The odd PDU: sent in the place of a text, under its sequence number."""

Kind = Literal["taken", "lost", "refused", "silent", "left in words", "left", "healed"]
"""What became of one odd PDU, and of the session:

taken            answered ESME_ROK, in step; where a reply is due it came
lost             answered ESME_ROK, in step, but the reply that is due never came
refused          answered with an error or generic_nack, in step
silent           no answer, in step
left in words    told by an error or generic_nack, then closed and came back
left             closed and came back
healed           deaf, until a timer ended the session, and came back
"""

TAKEN: Final = frozenset[Kind]({"taken"})
ANSWERED: Final = frozenset[Kind]({"taken", "refused"})
REFUSED: Final = frozenset[Kind]({"refused"})
SILENT: Final = frozenset[Kind]({"silent"})
LEFT: Final = frozenset[Kind]({"left in words", "left"})
NOTHING: Final = frozenset[Kind]()
REPLIES: Final = frozenset[Need]({"replies"})


@dataclass(frozen=True, slots=True)
class Case:
    """One misbehaviour. `sends`, `good` and `clause` are what a reader is told; `needs` what it cannot do without."""

    name: str
    sends: str
    good: str
    clause: str
    act: Act
    needs: frozenset[Need] = frozenset()


def odd(
    name: str,
    sends: str,
    good: str,
    clause: str,
    build: Build,
    *,
    best: Collection[Kind],
    tolerable: Collection[Kind] = NOTHING,
    readable: bool = False,
    silence: bool = False,
    sequence: int | None = None,
) -> Case:
    """A row: one odd PDU on a bound session.

    `readable`: it is a text all the same, and a reply is due. `silence`: no answer is due, so none is waited for.
    """

    async def act(play: Play) -> None:
        line = await play.bound()
        number = line.next_sequence() if sequence is None else sequence
        text = Text(line, play.new_number(), number)
        frame = build(play, text)
        text.command = command_of(frame)
        line.say(frame)
        _judge(play, await reaction(play, text, readable=readable, silence=silence), best, tolerable)

    return Case(name, sends, good, clause, act)


def _judge(play: Play, kind: Kind, best: Collection[Kind], tolerable: Collection[Kind]) -> None:
    if kind in best:
        return
    if kind not in tolerable:
        raise Failed
    play.tolerable()


async def reaction(play: Play, text: Text, *, readable: bool = False, silence: bool = False) -> Kind:
    """What becomes of a PDU that was just said. Failed when nothing good does."""
    line = text.line
    if not silence:
        await answer_of(play, text)
    lost = False
    if readable and play.expected.replies and text.is_taken(line.response_to(text.sequence)):
        lost = await play.replied(text) is None
    deaf = line.stands and await is_deaf(play, line)
    answer = await answer_of(play, text, within_s=0)
    taken = text.is_taken(text.checked(answer))
    play.did(answer.words if answer else "no answer")
    if lost:
        play.did("no reply to the text")
    if len(line.responses_to(text.sequence)) > 1:
        raise Failed(f"answered {len(line.responses_to(text.sequence))} times")
    if not line.stands:
        play.did(f"deaf, then {line.ended}" if deaf else line.ended)
        await comes_back(play, line)
        return "healed" if deaf else "left" if answer is None or taken else "left in words"
    play.did("in step")
    if answer is None:
        return "silent"
    return "refused" if not taken else "lost" if lost else "taken"


async def answer_of(play: Play, text: Text, within_s: float | None = None) -> Heard | None:
    """The response with that sequence, or a generic_nack that could not name it (SMPP 3.4 §4.3.1)."""
    line = text.line

    def answer() -> Heard | None:
        return line.response_to(text.sequence) or next(
            (one for one in line.requests("generic_nack") if one.sequence == 0), None
        )

    return await line.until(answer, play.expected.patience_s if within_s is None else within_s)


async def is_deaf(play: Play, line: Line) -> bool:
    """Whether a session that stands is out of step; then its timers are waited for.

    Who ends it later than its response timer has waited that timer out. Failed when it stands for ever: nothing comes
    in any more, and nobody notices.
    """
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    problem = await trouble(play, line)
    if not problem:
        return False
    if not line.stands:
        return line.ended_at_s - began_s >= play.expected.response_timeout_s
    within_s = play.expected.dead_link_s
    if not await line.until_ended(within_s):
        raise Failed(f"{problem}, and kept the session for {within_s:.1f} s more")
    return True


async def trouble(play: Play, line: Line) -> str:
    """What is wrong with a session, "" if nothing: it answers an enquire_link and a text, and replies."""
    patience_s = play.expected.patience_s
    probe = line.ask("enquire_link")
    answer = await line.until(lambda: line.response_to(probe), patience_s)
    if answer is None:
        return "no enquire_link_resp"
    if answer.command != "enquire_link_resp" or answer.status != Status.ROK:
        return f"{answer.words} to an enquire_link"
    text = play.text(line)
    answer = await play.answered(text)
    if answer is None:
        return "no answer to the next text"
    if not text.is_taken(answer):
        return f"{answer.words} to the next text"
    if play.expected.replies and await play.replied(text) is None:
        return "no reply to the next text"
    return ""


async def comes_back(play: Play, ended: Line) -> Line:
    """The session after one that ended, as good as new. Failed without it."""
    line = await play.back(ended.ended_at_s)
    await stays_sound(play, line)
    return line


async def stays_sound(play: Play, line: Line) -> None:
    """Failed unless the session stands and is as good as new."""
    problem = line.ended or await trouble(play, line) or line.ended
    if problem:
        raise Failed(problem)
