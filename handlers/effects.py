"""What must be done: the outputs of `decide`, as values.

Handlers never act; the gateway interprets these in the transaction that stores the new state. A `Notify` with a
`suppressed` reason is a text that was *not* sent: it becomes a row all the same, so that absence can be explained.
Must not be put here: texts, SQL, anything that knows how an effect is carried out.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from handlers.subscription import Subscription

# What a field of a text may hold: a number in the unit that its name stands for (`policy.FIELDS`), a word, a date,
# or a phrase of the language file with fields of its own.
Fields = tuple[tuple[str, "int | str | datetime | Phrase"], ...]

# One rule that was looked at: its id, what came of it (a word of `REASON_WORDS` or `STATE_WORDS`), figures.
Figures = tuple[tuple[str, int | str | bool | None], ...]
Finding = tuple[str, str, Figures]

# Why a text was not sent: the closed list that logs, API and scenarios share.
REASON_WORDS: frozenset[str] = frozenset(
    {
        "preference:BERICHT",
        "preference:INFO",
        "preference:LIMIET",
        "below_threshold",
        "already_notified",
        "superseded",
        "same_country",
        "reentry_quiet",
        "roaming_barred",
        "not_applicable_zone",
        "open_rest_of_month",
        "covered_by_bundle",
        "leakage",
        "duplicate_event",
        "late_record",
        "duplicate_mo",
        "rate_limited",
        "no_sms_device",
        "m2m",
        "stale_location",
        "not_configured",
    }
)
# What else can come of a rule: no text is in question.
STATE_WORDS: frozenset[str] = frozenset(
    {
        "send",  # the text goes out
        "counted",  # volume was added to a counter, nothing else
        "blocked",  # a block began
        "lifted",  # a block ended
        "consented",  # 100 % is reached, but the subscriber agreed to go on earlier this month
        "changed",  # a setting took effect
        "pending",  # a setting takes effect on the 1st
        "refused",  # the event is not accepted
        "loop_guard",  # a text that is never answered (rules 6.1)
        "unknown_network",  # a network code that the sheet does not know (rules 4)
    }
)


class Phrase(NamedTuple):
    """A clause that the language files hold under `[phrases]`, chosen by the handler, worded by the file."""

    name: str
    fields: Fields = ()


@dataclass(frozen=True, slots=True)
class LedgerKey:
    """A notice goes out once per (subscription, period, kind, level, version of the limit): rules 2.2.

    Of a bundle `kind` names the category too, `level` is the number of the instance, and `version` that of the block
    where one category can be blocked twice in a month (B10, Q33).
    """

    period: str
    kind: str
    level: int
    version: int


class Notify(NamedTuple):
    """One text to one number, or the record that it was not sent and why (`suppressed`: a closed list of reasons)."""

    kind: str
    to: str
    fields: Fields = ()
    suppressed: str | None = None
    ledger: LedgerKey | None = None
    handset: str = ""  # the number of the Combi SIM that it tells of; "" = of the subscription's own handset


@dataclass(frozen=True, slots=True)
class CancelUndelivered:
    """Texts of these kinds to this number, of this handset, that have not left yet are cancelled (Q51)."""

    to: str
    kinds: frozenset[str]
    handset: str = ""


@dataclass(frozen=True, slots=True)
class SetDataPolicy:
    """What the network must now allow. Emitted when it differs from before, and once at creation."""

    eu: str
    outside_eu: str
    blocked_categories: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordConsent:
    """The subscriber agreed to go on: the audit record of rules 2.2 (money in micro-euro)."""

    block_id: str
    level: int
    period: str
    charges_ueur: int
    rate_ueur_per_mb: int
    text: str


@dataclass(frozen=True, slots=True)
class WakeAt:
    """Judge a `PeriodBegan` of this subscription at that moment of the business clock."""

    at: datetime


Effect = Notify | CancelUndelivered | SetDataPolicy | RecordConsent | WakeAt


@dataclass(frozen=True, slots=True)
class Refusal:
    """The event is not accepted and changes nothing: `code` is the API's, `pointer` a JSON Pointer into it."""

    code: str
    pointer: str
    message: str


class Decision(NamedTuple):
    """What an event led to.

    `outcome` is the API's word: notified, suppressed, counted, leakage, late or ignored. With `refusal` the
    subscription is unchanged and there are no effects.
    """

    subscription: Subscription
    effects: tuple[Effect, ...] = ()
    findings: tuple[Finding, ...] = ()
    outcome: str = "ignored"
    refusal: Refusal | None = None
