"""How a comparison that failed is told: headline first, a verdict for each criterion, then why.

Pure: values in, lines out. pytest shows the first line behind "assert" and in its summary.

Not here: which comparisons these are asked about (hooks.py).
"""

from collections.abc import Sequence

from simulator.plugin.expected import MARK, Sms, table
from simulator.plugin.outcome import Kinds, Message


def explain(op: str, left: object, right: object) -> list[str] | None:
    """The lines for `left op right`; None when the plugin has no part in it."""
    match op, left, right:
        case ("==", Message() as message, Sms() as expected) | ("==", Sms() as expected, Message() as message):
            return _message(message, expected)
        case ("==", Kinds() as kinds, list() as wanted) | ("==", list() as wanted, Kinds() as kinds):
            return _kinds(kinds, [str(one) for one in wanted])
        case ("in", str() as kind, Kinds() as kinds):
            return _kinds(kinds, [*kinds, kind])
        case ("not in", str() as kind, Kinds() as kinds):
            return _kinds(kinds, [one for one in kinds if one != kind])
    return None


def _message(message: Message, expected: Sms) -> list[str]:
    who = message.subscriber.name
    verdicts = expected.verdicts(message)
    if message.kind != expected.kind:
        headline = f"{who} did not get {expected.kind} but {message.kind or 'a text that fits no template'}"
    else:
        headline = f"{who} got {expected.kind}, but not with these values"
    return [headline, *(f"  {line}" for line in table(verdicts)), f"  text: {message.text}"]


def _kinds(kinds: Kinds, wanted: Sequence[str]) -> list[str]:
    outcome = kinds.outcome
    who = outcome.who.name if outcome.who is not None else "the subscribers"
    told = f"{who} got {', '.join(kinds) or 'no text'}; expected was {', '.join(wanted) or 'none'}"
    lines = [told]
    for kind in dict.fromkeys([*wanted, *kinds]):
        counts = wanted.count(kind), list(kinds).count(kind)
        lines.append(f"  {MARK[counts[0] == counts[1]]} {kind}: expected {counts[0]}, got {counts[1]}")
    missing = next((kind for kind in wanted if kind not in kinds), None)
    why = outcome.why_not(missing) if missing is not None else outcome.why_came()
    return [*lines, f"  Why: {why}"] if why else lines
