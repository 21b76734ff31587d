"""One turn of `decide`: what it has gathered so far, and the one place where a kind becomes a text or its absence.

The notification table (rules 2.1) says which switch silences a kind; M2M lines and lines without a device for texts
are judged here too (Q46). A text that is not sent is a `Notify` with a reason all the same.
A `Turn` is made by a feature for one event and read once; it never leaves the package.
Must not be put here: when a text is due. That is the feature's.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from handlers.effects import Decision, Effect, Figures, Finding, LedgerKey, Notify, Phrase
from handlers.policy import Policy
from handlers.subscription import Period, Profile, Subscription

Values = Mapping[str, int | str | datetime | Phrase]

# Rules 2.1, last row (Art. 14(5)): what a machine is not told; block notices stay.
_NOT_FOR_MACHINES = (
    *("border_", "usage_", "bundle_80", "cost_80", "roaming_limit_"),
    *("cost_second_warning", "cost_courtesy", "period_reset"),
)


class Turn:
    """What one event has led to so far. `before` is the subscription as the event found it."""

    __slots__ = ("before", "effects", "findings", "now", "policy", "subscription")

    def __init__(self, subscription: Subscription, policy: Policy, now: datetime) -> None:
        self.before = subscription
        self.subscription = subscription
        self.policy = policy
        self.now = now
        self.effects: list[Effect] = []
        self.findings: list[Finding] = []

    def found(self, rule: str, word: str, figures: Figures = ()) -> None:
        self.findings.append((rule, word, figures))

    def put(self, period: Period) -> None:
        self.subscription = self.subscription.with_period(period)

    def decision(self, otherwise: str) -> Decision:
        """The turn as a value; `otherwise` is the outcome where no text was in question."""
        outcome = otherwise
        for effect in self.effects:
            if isinstance(effect, Notify):
                if effect.suppressed is None:
                    outcome = "notified"
                    break
                outcome = "suppressed"
        return Decision(self.subscription, tuple(self.effects), tuple(self.findings), outcome)


def destination(profile: Profile) -> str | None:
    """The number that the subscription's texts go to, if it has one (Q46)."""
    return profile.msisdn if profile.sms_capable else profile.notify_msisdn


def silenced(kind: str, profile: Profile, policy: Policy) -> str | None:
    """Why a text of this kind may not go out, or None: a word of the closed list."""
    control = policy.notifications[kind].control
    if profile.m2m and kind.startswith(_NOT_FOR_MACHINES):
        return "m2m"
    # Q1: the table alone decides what a switch silences. Q2: block notices are mandatory there.
    if control != "mandatory" and not getattr(profile.preferences, control):
        return f"preference:{control}"
    if destination(profile) is None:
        return "no_sms_device"
    return None


def notify(
    turn: Turn,
    rule: str,
    kind: str,
    values: Values,
    *,
    reason: str | None = None,
    ledger: LedgerKey | None = None,
    figures: Figures = (),
) -> bool:
    """Send a text, or record why not; true if it goes out.

    `values` may hold more than the kind's fields; a field that is missing is our fault and raises KeyError.
    """
    profile = turn.subscription.profile
    suppressed = reason or silenced(kind, profile, turn.policy)
    try:
        fields = tuple((name, values[name]) for name in turn.policy.notifications[kind].fields)
    except KeyError as missing:
        raise KeyError(f"{kind} names {{{missing.args[0]}}}, of which {rule} gives no value") from missing
    turn.effects.append(Notify(kind, destination(profile) or profile.msisdn, fields, suppressed, ledger))
    turn.found(rule, suppressed or "send", (("kind", kind), *figures))
    return suppressed is None


def month_dates(policy: Policy, key: str) -> dict[str, datetime]:
    """The dates a text may name: `datum` the 1st of the next month, `tot` the last day of this one."""
    end = policy.period_end(key).astimezone(UTC)
    return {"datum": end, "tot": end - timedelta(microseconds=1)}
