"""Ladders of percentages: which rung is reached, and telling it once.

Only the highest rung reached is told; lower ones that were never told are marked as superseded (Q8, Q49). A rung is
told once per period and version of its limit: the key goes to the ledger and, as a word, into the period (rules 2.2).
Must not be put here: what a rung does besides its text.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from handlers.effects import Figures, LedgerKey
from handlers.notices import Turn, Values, notify


@dataclass(frozen=True, slots=True)
class Rung:
    """`level` in percent of the limit; `kind` names the rung in the ledger, and the text unless reworded."""

    level: int
    kind: str
    rule: str


Ladder = tuple[Rung, ...]


def reached(ladder: Ladder, used: int, limit: int) -> int:
    """The index of the highest rung reached, or -1. Integers only, and >= (Q11)."""
    if used * 100 < limit * ladder[0].level:
        return -1  # most records
    return max(index for index, rung in enumerate(ladder) if used * 100 >= limit * rung.level)


def tell(
    turn: Turn,
    rungs: Ladder,
    *,
    key: str,
    version: int,
    values: Values,
    figures: Figures,
    wording: Mapping[str, str] | None = None,
) -> None:
    """Tell the last of `rungs`, those reached, unless it was told; `wording` names other texts for some kinds."""
    period = turn.subscription.in_period(key)
    words = {rung: f"{rung.kind}:{rung.level}:{version}" for rung in rungs}
    top = rungs[-1]
    if words[top] in period.notices:
        turn.found(top.rule, "already_notified", figures)
        return
    for rung in rungs:
        if words[rung] in period.notices:
            continue
        notify(
            turn,
            rung.rule,
            (wording or {}).get(rung.kind, rung.kind),
            values,
            reason=None if rung is top else "superseded",  # Q8
            ledger=LedgerKey(key, rung.kind, rung.level, version),
            figures=figures,
        )
    # A silenced text counts as told: switching it on again must not bring up an old level.
    turn.put(period._replace(notices=period.notices | frozenset(words.values())))
