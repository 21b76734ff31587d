"""An SMSC that wants less, slower, or much more at once than usual.

ESME_RTHROTTLED and ESME_RMSGQFUL say that the text was not taken *now* (SMPP 3.4 §5.1.3): it is sent again after a
while, in the end each was taken once, and meanwhile the SMSC is not asked ever faster. A flood is answered one by one;
what cannot be taken now is told to the SMSC, which keeps it.

Must not be put here: timers (links.py).
"""

import asyncio
from collections.abc import Callable
from typing import Final

from simulator import pdu as smpp
from simulator.commands import COMMANDS, Status
from simulator.torture.cases import REPLIES, Case, stays_sound
from simulator.torture.play import Failed, Play, Submit, Text
from simulator.torture.wire import Heard, Line

THROTTLED_TEXTS: Final = 20
OTHERS: Final = 5
FULL_FOR_S: Final = 1.0
TRIES_MAX: Final = 25
"""More of one text within a few seconds is a storm."""
PROBES: Final = 1000
FLOOD: Final = 10
PIECE_BYTES: Final = 7
PIECE_PAUSE_S: Final = 0.003
LOOK_S: Final = 0.3
TIMER_SHARE: Final = 0.9
PAST_ANSWER_S: Final = 0.5
LATER: Final = frozenset({Status.RMSGQFUL, Status.RTHROTTLED, Status.RSYSERR})
"""The SMSC brings it again; some operators take ESME_RX_T_APPN for final."""


async def _refused_for_now(play: Play, texts: int, status: Callable[[Submit], int]) -> None:
    """`status` says what each submit_sm is answered; all have to be taken in the end, each once."""
    play.on_submit = lambda submit: submit.answer(status(submit))
    line = await play.bound()
    numbers = [play.text(line).number for _ in range(texts)]

    def taken(number: str) -> int:
        return sum(one.status == Status.ROK for one in play.sent_to(number))

    await play.while_it_goes_on(
        lambda: len(play.submits),
        lambda: not line.stands or all(map(taken, numbers)),
        play.expected.retry_max_s + play.expected.patience_s,
    )
    if not line.stands:
        raise Failed(line.ended)
    most = max(len(play.sent_to(number)) for number in numbers)
    play.did(f"{sum(map(bool, map(taken, numbers)))} of {texts} taken in the end, {most} tries at most")
    if max(map(taken, numbers)) > 1:
        raise Failed("one was sent again after it was taken")
    if most > TRIES_MAX:
        raise Failed("a storm")
    if not all(map(taken, numbers)):
        if not all(play.sent_to(number) for number in numbers):
            raise Failed("some were never sent")
        play.tolerable("the others were given up")
    await stays_sound(play, line)
    play.did("in step")


async def _throttled_half(play: Play) -> None:
    def status(_submit: Submit) -> int:
        return Status.RTHROTTLED if play.rng.random() < 0.5 else Status.ROK

    await _refused_for_now(play, THROTTLED_TEXTS, status)


async def _queue_full(play: Play) -> None:
    loop = asyncio.get_running_loop()
    until_s = loop.time() + FULL_FOR_S

    def status(_submit: Submit) -> int:
        return Status.RMSGQFUL if loop.time() < until_s else Status.ROK

    await _refused_for_now(play, min(5, play.expected.window), status)


async def _one_queue_full(play: Play) -> None:
    """One subscriber's queue is full, and stays so; what is for others has nothing to do with it."""
    line = await play.bound()
    full = play.new_number()
    play.on_submit = lambda submit: submit.answer(Status.RMSGQFUL if submit.number == full else Status.ROK)
    play.text(line, full)
    others = [play.text(line) for _ in range(OTHERS)]
    await play.watch.until(lambda: all(play.sent_to(text.number) for text in others), play.expected.patience_s)
    missing = sum(not play.sent_to(text.number) for text in others)
    if missing:
        raise Failed(f"{missing} of {OTHERS} to others were not sent meanwhile; {line.ended or 'the session stood'}")
    play.did("sent what was for others")
    if len(play.sent_to(full)) > TRIES_MAX:
        raise Failed("a storm")
    play.on_submit = Submit.answer
    await stays_sound(play, line)
    play.did("in step")


async def _window(play: Play) -> None:
    """Twice as many texts as the window holds; then one answer is one more text."""
    window = play.expected.window
    waiting: list[Submit] = []
    play.on_submit = waiting.append
    line = await play.bound()
    texts = [play.text(line) for _ in range(2 * window)]
    await play.watch.until(lambda: len(waiting) >= window, play.expected.patience_s)
    await play.look_on(LOOK_S)
    most = _most_open(waiting, play.expected.response_timeout_s)
    play.did(f"had {most} open at a time, {window} are allowed")
    play.on_submit = Submit.answer
    for submit in waiting:
        submit.answer()
    if most > window:
        raise Failed
    await play.watch.until(lambda: all(play.sent_to(text.number) for text in texts), 2 * play.expected.patience_s)
    missing = sum(not play.sent_to(text.number) for text in texts)
    if missing:
        raise Failed(f"{missing} were never sent")
    await stays_sound(play, line)
    play.did("sent the rest as room came, in step")


def _most_open(waiting: list[Submit], response_timeout_s: float) -> int:
    """At any time; one that is older than the response timer is not waited for any more, and may have come again."""
    at_s = [submit.request.at_s for submit in waiting]
    return max((sum(now - TIMER_SHARE * response_timeout_s < then <= now for then in at_s) for now in at_s), default=0)


async def _slow_link(play: Play) -> None:
    """Octets trickle in, and answers come late, though in time."""
    loop = asyncio.get_running_loop()
    delay_s = 0.6 * play.expected.response_timeout_s
    play.on_submit = lambda submit: void(loop.call_later(delay_s, submit.answer))
    line = await play.bound()
    texts = [Text(line, play.new_number(), line.next_sequence()) for _ in range(5)]
    frame = b"".join(play.mo(text.number, text.sequence) for text in texts)
    await line.say_in_pieces(frame, range(PIECE_BYTES, len(frame), PIECE_BYTES), PIECE_PAUSE_S)
    within_s = play.expected.patience_s + delay_s
    await line.until(lambda: all(line.response_to(text.sequence) for text in texts), within_s)
    if play.expected.replies:
        await play.watch.until(lambda: all(play.sent_to(text.number) for text in texts), within_s)
    await play.look_on(delay_s + PAST_ANSWER_S)
    if not line.stands:
        raise Failed(line.ended)
    answered = sum(line.response_to(text.sequence) is not None for text in texts)
    times = [len(play.sent_to(text.number)) for text in texts]
    play.did(f"answered {answered} of {len(texts)} texts")
    if answered < len(texts):
        raise Failed
    if play.expected.replies and times != [1] * len(texts):
        raise Failed(f"sent {times} replies, one each is right")
    play.on_submit = Submit.answer
    await stays_sound(play, line)
    play.did("in step")


def void(_value: object) -> None:
    """What an act returns says nothing."""


async def _flood(play: Play) -> None:
    """Ten windows of texts in one go, and an enquire_link behind them."""
    count = FLOOD * play.expected.window
    line = await play.bound()
    texts = [Text(line, play.new_number(), line.next_sequence()) for _ in range(count)]
    probe = line.next_sequence()
    frames = [play.mo(text.number, text.sequence) for text in texts]
    line.say(*frames, smpp.raw(COMMANDS["enquire_link"], probe))
    within_s = play.expected.patience_s + play.expected.response_timeout_s
    if await line.until(lambda: line.response_to(probe), within_s) is None:
        raise Failed(f"no enquire_link_resp behind {count} texts; {line.ended or 'the session stood'}")
    sequences = {text.sequence for text in texts}
    await line.until(lambda: sequences <= {one.sequence for one in line.heard if one.is_response}, within_s)
    answers = [one for one in line.heard if one.is_response and one.sequence in sequences]
    _check_flood(play, count, answers)
    taken = {one.sequence for one in answers if one.status == Status.ROK}
    await _replied_once(play, [text for text in texts if text.sequence in taken])
    await stays_sound(play, line)
    play.did("in step")


def _check_flood(play: Play, count: int, answers: list[Heard]) -> None:
    play.did(f"answered {len(answers)} of {count}")
    for status in sorted({one.status for one in answers}):
        one = next(one for one in answers if one.status == status)
        play.did(f"{sum(other.status == status for other in answers)} {one.words}")
    if len({one.sequence for one in answers}) < count or len(answers) > count:
        raise Failed
    if any(one.status not in LATER for one in answers if one.status):
        play.tolerable("not every SMSC takes that for 'later'")


async def _replied_once(play: Play, texts: list[Text]) -> None:
    if not play.expected.replies:
        return
    numbers = {text.number for text in texts}
    await play.while_it_goes_on(
        lambda: len(play.submits), lambda: numbers <= {one.number for one in play.submits}, play.expected.patience_s
    )
    missing = len(numbers - {one.number for one in play.submits})
    if missing:
        raise Failed(f"{missing} that it took were lost: no reply")
    if len(play.submits) > len(numbers):
        raise Failed(f"{len(play.submits)} replies to {len(numbers)} texts")
    play.did("replied once to each that it took")


async def _probes(play: Play) -> None:
    line = await play.bound()
    probes = [line.next_sequence() for _ in range(PROBES)]
    line.say(*(smpp.raw(COMMANDS["enquire_link"], probe) for probe in probes))
    wanted = set(probes)

    def answers(line: Line) -> list[int]:
        return [one.sequence for one in line.heard if one.is_response and one.sequence in wanted]

    within_s = play.expected.patience_s + play.expected.response_timeout_s
    await line.until(lambda: len(answers(line)) >= PROBES, within_s)
    found = answers(line)
    play.did(f"answered {len(found)} of {PROBES}")
    if len(set(found)) < PROBES or len(found) > PROBES:
        raise Failed(line.ended)
    await stays_sound(play, line)
    play.did("in step")


# The three that teach an ESME to be slow stand last: it may well remember.
CASES: Final = (
    Case("window", "no answer while twice a window of texts is due",
         "has no more submit_sm open than agreed, and sends the rest as answers come", "§2.5.1; the agreed window",
         _window, REPLIES),
    Case("slow-link", "five texts in pieces of seven octets, and answers just before the response timer",
         "answers all, and sends each reply once", "TCP is a stream; §7.2", _slow_link),
    Case("mo-flood", "ten windows of texts at once",
         "answers each once, ESME_ROK or 'later'; loses none that it took", "§2.6.1, §5.1.3", _flood),
    Case("enquire-link-flood", "1,000 enquire_link at once",
         "answers each once", "§4.11", _probes),
    Case("one-queue-full", "ESME_RMSGQFUL for one number, again and again; others are taken",
         "sends what is for others meanwhile", "§5.1.3", _one_queue_full, REPLIES),
    Case("throttled-half", "every second submit_sm refused with ESME_RTHROTTLED, by chance",
         "sends those again after a while, until each was taken once", "§5.1.3", _throttled_half, REPLIES),
    Case("queue-full", "every submit_sm refused with ESME_RMSGQFUL for a second",
         "waits, and sends each again until it was taken once", "§5.1.3", _queue_full, REPLIES),
)  # fmt: skip
