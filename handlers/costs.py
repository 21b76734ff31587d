"""Cost control outside the EU: the ladder of 80, 100 and 200 %, consent to go on, raises, and the 1st.

Charges are list-rate money excluding VAT (G5, Q12). The state comes from `limits`, the rows from `history`; here is
what reaching a level, an answer, or a change of limit leads to. After 200 % was lifted nothing more happens before
the 1st (G8, Q58), unless the operator asked for courtesy notices (Q10).
Must not be put here: rating (`usage`), the words that lift (`shortcodes`).
"""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from handlers import blocks, history, thresholds
from handlers.effects import Decision, Figures, LedgerKey, Phrase, RecordConsent
from handlers.events import PeriodBegan
from handlers.limits import BLOCK_LEVELS, CostState, cost_state, derive, limit_ueur
from handlers.notices import Turn, month_dates, notify
from handlers.policy import Policy
from handlers.subscription import Period, Subscription
from handlers.thresholds import Ladder, Rung

LADDER: Ladder = (
    Rung(80, "cost_80", "G4"),
    Rung(100, "cost_100_block", "G6"),
    Rung(200, "cost_200_block", "G6"),
)
# Q57: where going on is not allowed, every block says so.
_HARD_CAP: Mapping[str, str] = {"cost_100_block": "cost_100_block_hard", "cost_200_block": "cost_100_block_hard"}
_COURTESY, _RESET = "cost_courtesy", "period_reset"
# What an answer to a block leads to: the consent it gives and the text.
_LIFTS: Mapping[CostState, tuple[int, str]] = {
    "BLOCKED_100": (1, "cost_lifted_100"),
    "BLOCKED_200": (2, "cost_lifted_200"),  # G8
}


def look(turn: Turn, key: str, crossed_at: datetime, rate_ueur_per_mb: int) -> None:
    """Look at the ladder after a record was counted in period `key` at that rate."""
    subscription = turn.subscription
    period = subscription.in_period(key)
    limit = limit_ueur(subscription.profile, key)
    charges = period.charges_ueur
    state = derive(charges, limit, period.consent)
    ladder = _ladder(turn.policy, state, period.consent)
    index = thresholds.reached(ladder, charges, limit)
    rung = ladder[max(index, 0)]
    figures: Figures = (("charges_ueur", charges), ("limit_ueur", limit), ("pct", rung.level))
    history.settle_cost(turn, key, state, crossed_at)
    if state == "OPEN_REST_OF_MONTH" and (index < 0 or rung.kind != _COURTESY):
        turn.found("Q58", "open_rest_of_month", figures)
    elif index < 0:
        turn.found("G4", "below_threshold", figures)
    elif rung.level == 100 and period.consent:
        # Q17: consent of this month outlives a raise that the charges have passed already.
        turn.found("G7", "consented", figures)
    else:
        values = _values(turn, period, rate_ueur_per_mb)
        wording = _HARD_CAP if subscription.profile.hard_cap else None
        thresholds.tell(
            turn,
            ladder[: index + 1],
            key=key,
            version=subscription.profile.limit_in(key).version,
            values=values,
            figures=figures,
            wording=wording,
        )
    if turn.subscription.blocks is not subscription.blocks:
        blocks.push(turn, key, before=blocks.data_policy(turn.before, key, turn.policy))


def _ladder(policy: Policy, state: CostState, consent: int) -> Ladder:
    """The levels that count now: those of the description, and what the operator added (Q9, Q10)."""
    if state == "OPEN_REST_OF_MONTH":
        return _courtesies(policy.courtesy_pcts) if policy.courtesy_pcts else LADDER
    # Q9: a warning of the second block is for who lifted the first.
    return _warned_twice(policy.second_warning_pct) if policy.second_warning_pct and consent else LADDER


@lru_cache(maxsize=8)
def _warned_twice(pct: int) -> Ladder:
    return (*LADDER[:-1], Rung(pct, "cost_second_warning", "Q9"), LADDER[-1])


@lru_cache(maxsize=8)
def _courtesies(pcts: tuple[int, ...]) -> Ladder:
    return tuple(Rung(pct, _COURTESY, "Q10") for pct in pcts)


def lift(turn: Turn, text: str) -> None:
    """The subscriber agrees to go on: judged by what stands now, never kept for later (Q7, Q56)."""
    key = turn.policy.period_of(turn.now)
    state = cost_state(turn.subscription, key)
    history.settle_cost(turn, key, state, turn.now)
    subscription = turn.subscription
    # Q19: the cap as it stands now decides; consent given before it stays.
    if state not in _LIFTS or subscription.profile.hard_cap:
        _cannot_lift(turn, key)
        return
    consent, kind = _LIFTS[state]
    before = blocks.data_policy(subscription, key, turn.policy)
    row = history.open_cost_block(subscription, key)
    assert row is not None, (key, state)  # blocked, so there is a row
    period = subscription.in_period(key)
    rate = reply_rate_ueur_per_mb(turn, key)
    turn.put(period._replace(consent=consent))
    history.settle_cost(turn, key, cost_state(turn.subscription, key), turn.now)
    remaining = blocks.standing_reasons(turn.subscription, key, turn.policy)
    values = _values(turn, period, rate)
    figures: Figures = (("charges_ueur", period.charges_ueur), ("consent", consent))
    if remaining:
        notify(turn, "Q34", "lift_partial", {**values, "reden": _reason(remaining)}, figures=figures)
    else:
        notify(turn, "G7" if consent == 1 else "G8", kind, values, figures=figures)
    turn.effects.append(RecordConsent(row.id, row.level, key, period.charges_ueur, rate, text))
    blocks.push(turn, key, before=before)


def decline(turn: Turn) -> None:
    """The subscriber chooses to stay blocked (Q6)."""
    key = turn.policy.period_of(turn.now)
    subscription = turn.subscription
    if BLOCK_LEVELS[cost_state(subscription, key)] and not subscription.profile.hard_cap:
        notify(turn, "Q6", "lift_declined", month_dates(turn.policy, key))
    else:
        _cannot_lift(turn, key)


def after_raise(turn: Turn, key: str) -> None:
    """The portal changed the limit in force: the state follows at once (Q17)."""
    period = turn.subscription.in_period(key)
    if period.consent == 1 and period.charges_ueur < limit_ueur(turn.subscription.profile, key):
        turn.put(period._replace(consent=0))
    was = cost_state(turn.before, key)
    state = cost_state(turn.subscription, key)
    history.settle_cost(turn, key, state, turn.now)
    # Q17: said only where it is so; another reason may go on blocking all that the raise would have opened.
    if BLOCK_LEVELS[was] and state == "OPEN" and blocks.works_outside_eu(turn.subscription, key, turn.policy):
        notify(turn, "Q17", "cost_unblocked_admin", _values(turn, period, reply_rate_ueur_per_mb(turn, key)))


def on_period_began(subscription: Subscription, event: PeriodBegan, policy: Policy) -> Decision:
    """Q20: charges, consent and what they blocked are gone with the old month, and the network hears of it.

    The subscriber hears of it only where the operator chose so. What ended is read from the rows, so the old month's
    counters are not needed.
    """
    turn = Turn(subscription, policy, event.now)
    key = policy.period_of(event.now)
    history.settle_cost(turn, key, cost_state(subscription, key), event.now)
    due = policy.period_of(event.at)
    months = (policy.previous_period(due), key)
    ended = tuple(block for block in turn.subscription.blocks if block.period in months and block.end is None)
    for block in ended:
        turn.found("Q20", "blocked" if block.period == key else "lifted", (("block", block.id),))
    if ended or due != key or history.lapses(turn.subscription, key, policy):
        # Woken a month late, the rows of what ended may be out of reach: better told twice than never.
        blocks.push(turn, key, before=None)
    if policy.notify_reset and due == key and any(block.period != key for block in ended):
        _tell_reset(turn, key)
    return turn.decision("ignored")


def _tell_reset(turn: Turn, key: str) -> None:
    """Q20, as an option: once a month, to who was blocked when it ended, if data works again."""
    period = turn.subscription.in_period(key)
    allowed = blocks.data_policy(turn.subscription, key, turn.policy)
    if _RESET in period.notices or allowed.outside_eu == "blocked" or allowed.blocked_categories:
        return
    notify(turn, "Q20", _RESET, _values(turn, period, 0), ledger=LedgerKey(key, _RESET, 0, 0))
    turn.put(period._replace(notices=period.notices | {_RESET}))


def reply_rate_ueur_per_mb(turn: Turn, key: str) -> int:
    """Q63: the price a reply names, excluding VAT.

    That of the zone where the primary SIM is, if outside the EU; else of the last rated record.
    """
    subscription = turn.subscription
    primary = next((sim.imsi for sim in subscription.profile.sims if sim.role == "primary"), "")
    location = subscription.memory.locations.get(primary)
    if location is not None:
        place = turn.policy.tariffs.place(location.plmn, turn.now)
        if place.outside_eu:
            return turn.policy.tariffs.rates[place.zone].data_ueur_per_mb
    return subscription.in_period(key).last_rate_ueur_per_mb


def _cannot_lift(turn: Turn, key: str) -> None:
    """Q56: which refusal, by the reasons that stand."""
    subscription = turn.subscription
    values = _values(turn, subscription.in_period(key), 0)
    standing = blocks.standing_reasons(subscription, key, turn.policy)
    if "COST_LIMIT" in standing:
        notify(turn, "G9", "lift_refused_hard_cap", values)
    elif standing:  # A9, Q33: none of these is lifted by text
        notify(turn, "Q56", "lift_refused_other", {"reden": _reason(standing)})
    else:
        notify(turn, "Q7", "nothing_to_lift", values)


def _reason(standing: tuple[str, ...]) -> Phrase:
    return Phrase(f"reason_{standing[0]}")


def _values(turn: Turn, period: Period, rate_ueur_per_mb: int) -> dict[str, int | str | datetime | Phrase]:
    """All that a text about costs may name."""
    limit = limit_ueur(turn.subscription.profile, period.key)
    return {
        "eur": period.charges_ueur,
        "limiet": limit,
        "limiet2": 2 * limit,
        "mb": rate_ueur_per_mb,
        "min": turn.policy.lift_within_min,
        **month_dates(turn.policy, period.key),
    }
