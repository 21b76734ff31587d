"""A text to the service number: what it says, and what it leads to.

The whole text must be a command; a command inside a sentence is none (rules 6.1). Texts are folded first, so that
case, accents, quotes, punctuation and white space do not matter. Adding a shortcode is a row in `COMMANDS` and, if it
does something new, one in `_ACTIONS`.
Must not be put here: what agreeing to go on leads to (`costs`).
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from typing import Literal, NamedTuple

from handlers import costs
from handlers.effects import Decision, Phrase
from handlers.events import SmsReceived
from handlers.limits import BLOCK_LEVELS, cost_state, limit_ueur
from handlers.notices import Turn, notify
from handlers.policy import Policy
from handlers.subscription import Memory, Said, Subscription

Verb = Literal["switch", "status", "help", "lift", "decline", "unknown"]


class Command(NamedTuple):
    """What a text asks for; `code` and `on` where it is about one of the switches."""

    verb: Verb
    code: str = ""
    on: bool = False


# E5 to E10, in the order of the codes: rule for AAN, rule for UIT.
CODES: Mapping[str, tuple[str, str]] = {"BERICHT": ("E5", "E6"), "INFO": ("E7", "E8"), "LIMIET": ("E9", "E10")}
STATES: Mapping[str, bool] = {"AAN": True, "UIT": False, "ON": True, "OFF": False}

# E4, rules 6.1: CODE STATE, STATE CODE, CODESTATE, CODE, or a keyword, folded.
COMMANDS: Mapping[str, Command] = {
    **{
        form.format(code=code, state=state).casefold(): Command("switch", code, on)
        for code in CODES
        for state, on in STATES.items()
        for form in ("{code} {state}", "{state} {code}", "{code}{state}")
    },
    **{code.casefold(): Command("status", code) for code in CODES},
    "help": Command("help"),
    "hulp": Command("help"),
}

_DROPPED = frozenset("‘’“”\"'.,!?")
_HYPHENS = frozenset("\u2212\u00ad")  # beside those that Unicode calls dashes
_SUBSCRIBER_NUMBER = re.compile(r"\+[1-9]\d{7,14}")
# Q65: of each sender; more than a hand can type while a repeat may come.
TEXTS_KEPT = 8
_HOUR, _DAY = timedelta(hours=1), timedelta(hours=24)


@lru_cache(maxsize=1024)  # subscribers write the same few words, and each text is folded twice
def fold(text: str) -> str:
    """A text as it is compared: rules 6.1, in their order."""
    # Turkish keyboards: a dotted capital becomes i with a combining dot, the dotless small letter needs its own row.
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()).replace("ı", "i")
    kept = []
    for character in decomposed:
        category = unicodedata.category(character)
        if category == "Pd" or character in _HYPHENS:
            kept.append(" ")
        elif category not in ("Mn", "Cf") and character not in _DROPPED:
            kept.append(character)
    return " ".join("".join(kept).split())


def parse(text: str, policy: Policy) -> Command:
    """The command that a text is, looked at as a whole."""
    if set(unicodedata.normalize("NFKD", text).split()) == {"?"}:
        return Command("help")  # before punctuation is dropped
    folded = fold(text)
    command = COMMANDS.get(folded)
    if command is not None:
        return command
    if folded in _folded(policy.unblock_words):
        return Command("lift")  # Q6
    if folded in _folded(policy.decline_words):
        return Command("decline")  # Q6
    return Command("unknown")


def on_sms_received(subscription: Subscription, event: SmsReceived, policy: Policy) -> Decision:
    """Carry out a text and answer it, once (Q65)."""
    turn = Turn(subscription, policy, event.now)
    if not _is_subscriber(event.sender, policy):
        turn.found("6.1", "loop_guard")
        return turn.decision("ignored")
    key = policy.period_of(event.now)
    texts = _lately(subscription.memory, event, policy)
    sender, digest = _digest(event.sender, ""), _digest(event.sender, event.text)
    level = BLOCK_LEVELS[cost_state(subscription, key)]
    if any((said.digest, said.level) == (digest, level) for said in texts.get(sender, ())):
        # Q65: a handset that sends again; an answer in between to another block is not one.
        turn.found("Q65", "duplicate_mo")
        return turn.decision("ignored")
    command = parse(event.text, policy)
    _ACTIONS[command.verb](turn, command, event)
    # Q65: what changed something overtakes what was said before it, so that UIT, AAN, UIT are three commands.
    earlier = () if _changed(turn, key) else texts.get(sender, ())[1 - TEXTS_KEPT :]
    level = BLOCK_LEVELS[cost_state(turn.subscription, key)]
    said = {**texts, sender: (*earlier, Said(digest, event.now, level))}
    memory = turn.subscription.memory._replace(texts=said)
    turn.subscription = turn.subscription._replace(memory=memory)
    return turn.decision("ignored")


def _lately(memory: Memory, event: SmsReceived, policy: Policy) -> dict[str, tuple[Said, ...]]:
    """What was said by each sender so short a time ago that the same again is a repeat."""
    repeat = timedelta(seconds=policy.mo_repeat_s)
    recent = {
        sender: tuple(said for said in texts if event.now - said.at < repeat) for sender, texts in memory.texts.items()
    }
    return {sender: texts for sender, texts in recent.items() if texts}


def _changed(turn: Turn, key: str) -> bool:
    """Whether a text changed a setting or lifted a block."""
    before, after = turn.before, turn.subscription
    return after.profile is not before.profile or after.in_period(key).consent != before.in_period(key).consent


def _is_subscriber(sender: str, policy: Policy) -> bool:
    """Rules 6.1: names, short codes and our own number are never answered, lest two machines talk for ever."""
    own = policy.service_number
    return _SUBSCRIBER_NUMBER.fullmatch(sender) is not None and sender.removeprefix("+") != own


def _digest(sender: str, text: str) -> str:
    """What is remembered of a text, or of a number alone: enough to know it again, and nothing to read."""
    return hashlib.blake2b(f"{sender} {fold(text)}".encode(), digest_size=8).hexdigest()


@lru_cache(maxsize=8)
def _folded(words: frozenset[str]) -> frozenset[str]:
    return frozenset(fold(word) for word in words)


def _switch(turn: Turn, command: Command, _event: SmsReceived) -> None:
    profile = turn.subscription.profile
    code, on = command.code, command.on
    rule = CODES[code][0 if on else 1]
    stand = Phrase("on" if on else "off")
    if getattr(profile.preferences, code) == on:
        notify(turn, rule, "pref_already", {"code": code, "stand": stand})
        return
    preferences = replace(profile.preferences, **{code: on})
    turn.subscription = turn.subscription._replace(profile=profile._replace(preferences=preferences))
    kind = f"pref_{code.casefold()}_{stand.name}"
    # Q3: switching the warning off leaves the limit where it is, and the text says so.
    notify(turn, rule, kind, {"limiet": limit_ueur(profile, turn.policy.period_of(turn.now))})


def _status(turn: Turn, command: Command, _event: SmsReceived) -> None:
    on = getattr(turn.subscription.profile.preferences, command.code)
    notify(turn, "6.1", "status", {"code": command.code, "stand": Phrase("on" if on else "off")})


def _help(turn: Turn, _command: Command, _event: SmsReceived) -> None:
    notify(turn, "E11", "help", {})


def _lift(turn: Turn, _command: Command, event: SmsReceived) -> None:
    costs.lift(turn, event.text)


def _decline(turn: Turn, _command: Command, _event: SmsReceived) -> None:
    costs.decline(turn)


def _unknown(turn: Turn, _command: Command, event: SmsReceived) -> None:
    """Q65: at most so many answers in a rolling hour and in rolling 24 hours."""
    policy, memory = turn.policy, turn.subscription.memory
    replies = {one: tuple(at for at in told if event.now - at < _DAY) for one, told in memory.unknown_replies.items()}
    sender = _digest(event.sender, "")
    day = replies.pop(sender, ())
    hour = sum(1 for at in day if event.now - at < _HOUR)
    limited = hour >= policy.unknown_reply_per_hour or len(day) >= policy.unknown_reply_per_day
    if notify(turn, "Q65", "unknown", {}, reason="rate_limited" if limited else None):
        day = (*day, event.now)
    replies = {one: told for one, told in (*replies.items(), (sender, day)) if told}
    turn.subscription = turn.subscription._replace(memory=memory._replace(unknown_replies=replies))


_ACTIONS: Mapping[Verb, Callable[[Turn, Command, SmsReceived], None]] = {
    "switch": _switch,
    "status": _status,
    "help": _help,
    "lift": _lift,
    "decline": _decline,
    "unknown": _unknown,
}
