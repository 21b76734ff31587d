"""The registry of log events: what the gateway may tell its operators, and how grave it is.

Levels: error = a person must act; warning = degraded, heals by itself; info = business facts; debug = traces. An
event's name says its structure: noun.verb_past.
Must not be put here: how a line is written (logs.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Level = Literal["debug", "info", "warning", "error"]
LEVELS: Final[tuple[Level, ...]] = ("debug", "info", "warning", "error")


@dataclass(frozen=True, slots=True)
class EventType:
    """One event: how grave, what a line must and may hold besides `SHARED`, and what it means.

    `escalates` = (field, from): from that value of the field on it is an error. `once_per`: only the first line for
    each value of that field.
    """

    level: Level
    required: tuple[str, ...]
    optional: tuple[str, ...]
    meaning: str
    escalates: tuple[str, int] | None = None
    once_per: str | None = None


# What any line may hold.
SHARED: Final = frozenset({"flow_id", "parent_flow_id", "msg_id", "sub", "msisdn", "exc"})

_E = EventType
EVENTS: Final[Mapping[str, EventType]] = {
    # --- the service
    "service.started": _E("info", ("version",), ("config_sha", "clock_mode", "db", "pid"), "the process began"),
    "gateway.ready": _E("info", ("http_port",), (), "events are taken"),
    "service.stopping": _E("info", ("reason",), ("in_flight",), "nothing new is taken, what is under way is finished"),
    "service.stopped": _E("info", (), ("reason", "in_flight", "drained_ms"), "the process ends"),
    "service.failed": _E("error", (), ("reason", "code"), "a part broke and the process ends"),
    "config.loaded": _E("info", ("file",), ("keys", "overrides"), "the configuration holds"),
    "config.rejected": _E("error", ("key", "why"), ("file",), "the configuration has a fault"),
    "loop.lagged": _E("warning", ("lag_ms",), ("task",), "the event loop was held up"),
    "library.logged": _E("warning", ("logger", "message"), (), "a library had something to say"),
    # --- the store
    "db.migrated": _E("info", ("from_version", "to_version"), ("ms",), "the database has a newer shape"),
    "db.slow": _E("warning", ("ms",), ("statement", "wait_ms"), "a transaction took long"),
    "db.failed": _E("error", ("operation",), ("why", "errno", "retry"), "the database refused"),
    # --- the link to the SMSC
    "smpp.bound": _E("info", ("system_id",), ("bind_type", "peer", "version", "ms"), "texts can come and go"),
    "smpp.bind_failed": _E(
        "warning", ("status",), ("attempt", "next_retry_s"), "no session, tried again", escalates=("attempt", 5)
    ),
    "smpp.unbound": _E("warning", ("reason",), ("session_s", "unanswered"), "the session ended"),
    "smpp.link_lost": _E("warning", ("last_pdu_s",), (), "the SMSC no longer answers"),
    "smpp.pdu": _E("debug", ("dir", "command"), ("seq", "status", "bytes"), "one PDU"),
    "smpp.pdu_rejected": _E("warning", ("why",), ("command", "bytes"), "a PDU that cannot be read, or a nack of ours"),
    # --- texts to the service number
    "mo.received": _E(
        "info", ("chars",), ("short_code", "encoding", "segments", "keyword", "keyword_match"), "a text came in"
    ),
    "mo.reassembly_expired": _E("warning", ("ref", "have", "want"), (), "parts of a long text never came"),
    "mo.duplicate": _E("info", (), ("first_flow_id", "age_s"), "a handset's repeat, answered once"),
    "mo.unknown_sender": _E("info", (), ("provisioned",), "a text of a number without a subscription: no answer"),
    "command.executed": _E("info", ("command",), ("before", "after", "changed"), "a shortcode did its work"),
    "command.unknown": _E("info", ("chars",), ("suggestion",), "a text that is no shortcode"),
    # --- events from the network
    "location.received": _E(
        "info", ("zone",), ("country", "operator", "prev_country", "source_event_id"), "a SIM registered"
    ),
    "usage.received": _E("info", ("zone", "bytes"), ("cost_eur", "period", "source_event_id"), "data was used"),
    "event.duplicate": _E(
        "info", ("source_event_id",), ("first_flow_id",), "known already; the first answer repeated"
    ),
    "event.conflict": _E("error", ("source_event_id",), ("first_flow_id",), "a known id with other content"),
    "event.rejected": _E("warning", ("why",), ("field", "http_status", "source_event_id"), "an event was refused"),
    "event.quarantined": _E("error", (), ("quarantine", "source_event_id"), "an event could not be judged"),
    "event.late": _E("warning", ("period",), ("lag_s", "applied"), "a record of a month gone by"),
    "network.unknown": _E("warning", ("plmn",), ("zone",), "a network that is not on the sheet", once_per="plmn"),
    # --- decisions
    "notification.decided": _E(
        "info", ("template", "outcome"), ("reason", "lang", "dedupe_key", "inputs"), "a text is due, or why not"
    ),
    "block.activated": _E(
        "info",
        ("reason",),
        ("kind", "by", "block_level", "next_block_at", "version_from", "version_to"),
        "data is off",
    ),
    "block.lifted": _E(
        "info", ("reason",), ("kind", "by", "block_level", "next_block_at", "version_from", "version_to"), "data is on"
    ),
    "bundle.activated": _E("info", ("category", "n"), ("max", "remaining"), "a bundle began, and is paid for"),
    "bundle.exhausted": _E("info", ("category", "n"), ("max", "remaining"), "a bundle is used up"),
    "policy.pushed": _E("info", (), ("id", "attempt", "http_status"), "the network knows what data may do"),
    "policy.push_failed": _E(
        "warning",
        ("attempt",),
        ("why", "wait_s", "kind", "target", "http_status"),
        "the network did not take it",
        escalates=("attempt", 5),
    ),
    "portal.changed": _E(
        "info", (), ("actor", "field", "fields", "created", "before", "after", "effective_from"), "settings changed"
    ),
    "portal.erased": _E("info", (), ("actor",), "a subscription's personal data is gone"),
    "period.rolled": _E("info", ("period",), ("subscribers", "blocks_lifted", "ms"), "a month began"),
    # --- texts to subscribers
    "mt.submitted": _E(
        "info",
        ("segments", "chars"),
        ("encoding", "attempt", "smpp_seq", "short_code", "text_sha"),
        "handed to the SMSC",
    ),
    "mt.accepted": _E("info", (), ("smsc_id", "part", "rtt_ms"), "the SMSC has it"),
    "mt.late_response": _E("info", ("status",), (), "an answer after its time"),
    "mt.retry_scheduled": _E("warning", ("status",), ("attempt", "wait_s", "next_attempt_at"), "tried again later"),
    "mt.delivered": _E("info", (), ("dlr_stat", "dlr_err", "submit_to_dlr_ms"), "the handset has it"),
    "mt.failed": _E("warning", (), ("status", "dlr_stat", "dlr_err", "attempts", "final"), "it will not arrive"),
    "mt.expired": _E("warning", (), ("age_s",), "it waited longer than it was worth"),
    "mt.cancelled": _E("info", (), ("reason",), "a newer text took its place"),
    "mt.unknown": _E("warning", ("reason",), ("again",), "perhaps sent: the only source of a second text"),
    "dlr.orphaned": _E("warning", (), ("smsc_id",), "a receipt for a text we do not know"),
    # --- clock and control
    "clock.refused": _E("warning", ("to",), (), "virtual time was asked to go back"),
    "clock.advanced": _E("info", ("to",), ("instants",), "virtual time moved"),
    "control.used": _E("info", ("verb",), ("token_id",), "somebody steered the gateway"),
    "scheduler.late": _E("warning", ("late_s",), ("due_at", "kind"), "something due was noticed late"),
    # --- the line at the end of each flow
    "flow.completed": _E(
        "info",
        ("kind", "outcome"),
        ("duration_ms", "db_ms", "db_queries", "decisions", "mt_count", "segments", "reason"),
        "a flow is done",
    ),
    "flow.failed": _E("error", ("kind",), ("where", "retried"), "our own fault ended a flow"),
}
