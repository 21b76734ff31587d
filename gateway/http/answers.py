"""What the API answers, as models that describe it; they check nothing and are never made.

The values themselves are built where they are known (`views`, `engine`). Answers may gain fields.
Must not be put here: bodies that come in.
"""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from gateway.http.bodies import AdvanceBody, SubscriptionBody


class Answer(BaseModel):
    """Answers may gain fields."""

    model_config = ConfigDict(extra="allow")


class Fault(Answer):
    pointer: str
    message: str


class ProblemDetails(Answer):
    """RFC 9457. `code` and `errors` where a program can do something with them."""

    type: str
    title: str
    status: int
    detail: str
    code: str | None = None
    errors: list[Fault] = []


class EventAnswer(Answer):
    id: str | None
    status: Literal["accepted", "duplicate", "conflict", "rejected"]
    outcome: Literal["notified", "suppressed", "counted", "leakage", "late", "ignored"] | None = None
    kinds: list[str] = []
    code: (
        Literal["unknown_subscription", "unknown_type", "time_in_future", "rejected_late", "quarantined", "invalid"]
        | None
    ) = None
    errors: list[Fault] = []


class EventAnswers(Answer):
    """In the order given."""

    results: list[EventAnswer]


class Cost(Answer):
    state: Literal["OPEN", "BLOCKED_100", "BLOCKED_200", "OPEN_REST_OF_MONTH"]
    charged_eur: str
    limit_eur: int
    pending_limit: dict[str, Any] | None = Field(description='{"eur": 30, "from": "2026-12-01"}')


class Usage(Answer):
    domestic_eu_bytes: int
    outside_eu_bytes: int
    leakage_bytes: int


class BundleInstance(Answer):
    category: str
    number: int
    used_bytes: int
    volume_bytes: int


class DataPolicy(Answer):
    eu: Literal["open", "blocked"]
    outside_eu: Literal["open", "blocked"]
    blocked_categories: list[str]
    reasons: list[str]


class SimLocation(Answer):
    imsi: str | None
    plmn: str | None = Field(description="null where an event named only the country")
    country: str | None
    zone: str
    since: datetime


class SimView(Answer):
    """`imsi` is null for the SIM that was never named."""

    imsi: str | None
    role: Literal["primary", "combi", "multisim"]
    msisdn: str


class SubscriptionView(SubscriptionBody):
    """What was set, and what came of it in the period."""

    model_config = ConfigDict(extra="allow")

    msisdn: str
    sims: list[SimView]  # type: ignore[assignment]  # described, never made
    period: str
    cost: Cost
    usage: Usage
    bundle_instances: list[BundleInstance]
    data: DataPolicy
    location: list[SimLocation]


class SubscriptionsPage(Answer):
    items: list[SubscriptionView]
    cursor: str | None


class Ts29594(Answer):
    """3GPP writes its names in camel case."""

    model_config = ConfigDict(extra="allow", alias_generator=to_camel)


class PendingStatus(Ts29594):
    policy_counter_status: str
    activation_time: datetime


class PolicyCounter(Ts29594):
    policy_counter_id: str
    current_status: str
    pen_pol_counter_statuses: list[PendingStatus] = []


class SpendingLimitStatus(Ts29594):
    """`supi` where the primary SIM's IMSI is known."""

    supi: str | None = None
    status_infos: dict[str, PolicyCounter]


class PoolMember(Answer):
    """`overrun_share_bytes` is null until the month is closed."""

    msisdn: str
    type: Literal["voice_data", "data_only"]
    used_bytes: int
    overrun_share_bytes: int | None


class Pool(Answer):
    """`size_bytes` is the sum of its members' bundles; `overrun_bytes` what was used beyond it."""

    bundle_gb: int
    size_bytes: int
    used_bytes: int
    overrun_bytes: int
    subscriptions: list[PoolMember]


class CustomerPools(Answer):
    """`closed` from `closes_at` on: no record of the month is taken any more, so the figures stay."""

    customer: str
    period: str
    closed: bool
    closes_at: datetime
    pools: list[Pool]


class EventName(Answer):
    source: str
    id: str


class Notification(Answer):
    """A suppressed one has a reason and no text."""

    id: str
    kind: str
    state: Literal["pending", "submitted", "delivered", "failed", "expired", "cancelled", "suppressed"]
    reason: str | None
    text: str | None
    language: str
    parts: int
    encoding: str | None
    to: str
    created_at: datetime
    event: EventName | None
    attempts: int
    message_ids: list[str]


class NotificationsPage(Answer):
    """In order of decision."""

    items: list[Notification]
    cursor: str | None


class DecisionsPage(Answer):
    """Each event judged, the rules looked at, what was sent or not, with the figures."""

    items: list[dict[str, Any]]
    cursor: str | None


class Clock(Answer):
    now: datetime
    mode: Literal["system", "virtual", "shifted"]


class Quiet(Answer):
    """Counts of this boot."""

    boot: int
    mo_in: int
    events_in: int
    submits_out: int
    receipts_in: int
    policy_out: int
    busy: int
    next_due: datetime | None
    retry_in_s: float | None


class Status(Answer):
    status: str = "ok"


MODELS: tuple[type[BaseModel], ...] = (
    SubscriptionBody,
    AdvanceBody,
    ProblemDetails,
    EventAnswers,
    SubscriptionView,
    SubscriptionsPage,
    NotificationsPage,
    DecisionsPage,
    SpendingLimitStatus,
    CustomerPools,
    Clock,
    Quiet,
    Status,
)
