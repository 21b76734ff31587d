"""The one interpreter of decisions: effects become rows of the batch, or nothing does.

Everything that may fail (a text that cannot be worded, a notice given twice) is done before the first row is laid
down, so that an event that trips leaves nothing behind. An effect that is not in the table is our fault and raises.
Must not be put here: rules (handlers), SQL (batch.py), how a text leaves (settle.py, outbox.py).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.smpp import alphabet
from gateway.store import rows
from gateway.store.batch import Batch, NotificationRow, PartRow
from gateway.store.dispatch import Dispatch, Ticket
from gateway.texts import Texts
from handlers.effects import CancelUndelivered, Decision, LedgerKey, Notify, RecordConsent, SetDataPolicy, WakeAt
from handlers.policy import Policy
from handlers.subscription import Period, Subscription


@dataclass(frozen=True, slots=True)
class Cause:
    """What led to a decision: named in its rows, and in the log by `flow_id`."""

    kind: str
    source: str = ""
    id: str = ""
    flow_id: str = ""


class Interpreter:
    """Holds only what does not change between batches."""

    def __init__(self, policy: Policy, texts: Texts, dispatch: Dispatch, *, push: bool) -> None:
        self._policy = policy
        self._texts = texts
        self._dispatch = dispatch
        self._push = push

    def interpret(self, batch: Batch, decision: Decision, cause: Cause, at: datetime) -> tuple[str, ...]:
        """Lay down what was decided; returns the kinds sent. Nothing is laid down if any of it cannot be."""
        subscription = decision.subscription
        prepared = [self._prepare(batch, subscription, e) for e in decision.effects if isinstance(e, Notify)]
        before = batch.subscription(subscription.id)
        batch.put(before, subscription)
        self._note_blocks(batch, before, subscription, cause)
        self._note_bundles(batch, before, subscription, cause)
        texts = iter(prepared)
        kinds = []
        for effect in decision.effects:
            if isinstance(effect, Notify):
                self._notify(batch, subscription, effect, next(texts), cause)
                if effect.suppressed is None:
                    kinds.append(effect.kind)
            else:
                self._carry[type(effect)](self, batch, subscription, effect, cause)
        self.explain(batch, decision, cause, at, kinds)
        return tuple(kinds)

    def _prepare(self, batch: Batch, subscription: Subscription, notify: Notify) -> str | None:
        """The text, or None for one that is not sent; a notice that was given before is our fault (P4)."""
        if notify.ledger is not None:
            key = _ledger_key(subscription, notify.ledger)
            assert not batch.in_ledger(key), f"notice given twice: {key[1:]}"
        if notify.suppressed is not None:
            return None
        return self._texts.render(notify.kind, subscription.profile.language, notify.fields)

    def _notify(
        self, batch: Batch, subscription: Subscription, notify: Notify, text: str | None, cause: Cause
    ) -> None:
        one = self._row(batch, subscription, notify, text, cause)
        if notify.ledger is not None:
            batch.add_ledger(_ledger_key(subscription, notify.ledger), one.id)
        batch.note(
            "notification.decided",
            flow_id=cause.flow_id,
            msg_id=one.id,
            msisdn=notify.to or subscription.profile.msisdn,
            template=notify.kind,
            outcome="send" if text is not None else "not_sent",
            reason=notify.suppressed,
        )
        if text is None:
            return
        references = batch.ids.references(one.parts)
        batch.parts[one.id] = [
            PartRow(one.id, number, "pending", None, None, references[0], reference)
            for number, reference in enumerate(references, 1)
        ]
        parts = dict(enumerate(references, 1))
        expires = rows.from_us(one.expires_at)
        ticket = Ticket(one.id, subscription.id, notify.kind, notify.to, expires, parts, flow_id=cause.flow_id)
        ticket.single, ticket.handset, ticket.reference = one.parts == 1, notify.handset, references[0]
        self._dispatch.add(ticket)

    def _row(
        self, batch: Batch, subscription: Subscription, notify: Notify, text: str | None, cause: Cause
    ) -> NotificationRow:
        seq = batch.ids.next()
        one = f"m{seq:016x}"
        validity_s = self._policy.notifications[notify.kind].validity_s
        row = batch.notifications[one] = NotificationRow(
            id=one,
            subscription=subscription.id,
            seq=seq,
            kind=notify.kind,
            state="suppressed" if text is None else "pending",
            reason=notify.suppressed,
            recipient=notify.to,
            language=subscription.profile.language,
            text=text,
            parts=0 if text is None else alphabet.part_count(text),
            data_coding=0 if text is None else alphabet.encode(text).data_coding,
            created_at=batch.now_us,
            expires_at=batch.now_us + validity_s * 1_000_000,
            validity_s=validity_s,
            attempts=0,
            event_source=cause.source,
            event_id=cause.id,
            flow_id=cause.flow_id,
            handset=notify.handset,
        )
        return row

    def _cancel(self, batch: Batch, subscription: Subscription, effect: CancelUndelivered, _: Cause) -> None:
        for ticket in self._dispatch.cancel(subscription.id, effect.to, effect.kinds, effect.handset):
            batch.end_notification(ticket.notification, "cancelled", None)
            batch.note("mt.cancelled", msg_id=ticket.notification, msisdn=ticket.recipient)

    def _set_policy(self, batch: Batch, subscription: Subscription, effect: SetDataPolicy, _: Cause) -> None:
        if not self._push:
            return
        data = {
            "msisdn": subscription.profile.msisdn,
            "imsis": [sim.imsi for sim in subscription.profile.sims if sim.imsi],
            "eu": effect.eu,
            "outside_eu": effect.outside_eu,
            "blocked_categories": list(effect.blocked_categories),
            "reasons": list(effect.reasons),
        }
        row = (subscription.id, batch.ids.next(), rows.dumps(data))
        batch.add("policy_push", row)
        batch.pushes.append(row)

    def _consent(self, batch: Batch, subscription: Subscription, effect: RecordConsent, cause: Cause) -> None:
        batch.add(
            "consent",
            (
                effect.block_id,
                subscription.id,
                effect.period,
                effect.level,
                batch.now_us,
                effect.charges_ueur,
                effect.rate_ueur_per_mb,
                effect.text,
                cause.flow_id,
            ),
        )

    def _wake(self, batch: Batch, subscription: Subscription, effect: WakeAt, _: Cause) -> None:
        batch.wake(effect.at, "period", subscription.id)

    _carry: dict[type, Callable[..., None]] = {  # noqa: RUF012 - a table, never written
        CancelUndelivered: _cancel,
        SetDataPolicy: _set_policy,
        RecordConsent: _consent,
        WakeAt: _wake,
    }

    def explain(
        self,
        batch: Batch,
        decision: Decision,
        cause: Cause,
        at: datetime,
        kinds: Sequence[str] = (),
        *,
        refused: str = "",
    ) -> None:
        """The decision row: why, with the figures, and by which version of the rules and the sheet."""
        effects = [e for e in decision.effects if isinstance(e, Notify)]
        body: dict[str, Any] = {
            "event": {"type": cause.kind, "source": cause.source, "id": cause.id},
            "outcome": refused or decision.outcome,
            "findings": [
                {"rule": rule, "result": word, "figures": dict(figures)} for rule, word, figures in decision.findings
            ],
            "sent": list(kinds),
            "not_sent": [{"kind": e.kind, "reason": e.suppressed} for e in effects if e.suppressed is not None],
            "policy": self._policy.version,
            "tariffs": self._policy.tariffs.version,
            "flow_id": cause.flow_id,
        }
        row = (decision.subscription.id, batch.ids.next(), rows.to_us(at), batch.now_us, rows.dumps(body))
        batch.add("decision", row)

    def _note_blocks(self, batch: Batch, before: Subscription | None, after: Subscription, cause: Cause) -> None:
        if before is not None and before.blocks is after.blocks:
            return
        old = {block.id: block for block in before.blocks} if before else {}
        for block in after.blocks:
            known = old.get(block.id)
            if known == block:
                continue
            event = "block.activated" if known is None and block.end is None else "block.lifted"
            batch.note(
                event,
                flow_id=cause.flow_id,
                msisdn=after.profile.msisdn,
                reason=block.reason,
                block_level=block.level,
                by=cause.kind,
            )

    def _note_bundles(self, batch: Batch, before: Subscription | None, after: Subscription, cause: Cause) -> None:
        for key, period in after.periods.items():
            old = before.periods.get(key) if before else None
            if not period.bundles or (old is not None and old.bundles is period.bundles):
                continue
            known = _bundle_counts(old) if old is not None else {}
            for category, (started, full) in _bundle_counts(period).items():
                was_started, was_full = known.get(category, (0, 0))
                most = after.profile.bundles[category].max_per_month
                fields = {"category": category, "max": most, "remaining": max(0, most - started)}
                who = {"flow_id": cause.flow_id, "msisdn": after.profile.msisdn}
                if full > was_full:
                    batch.note("bundle.exhausted", **who, n=full, **fields)
                if started > was_started:
                    batch.note("bundle.activated", **who, n=started, **fields)


def _bundle_counts(period: Period) -> dict[str, tuple[int, int]]:
    """By category: the instances that were started, and those that are used up."""
    counts: dict[str, tuple[int, int]] = {}
    for row in period.bundles:
        started, full = counts.get(row.category, (0, 0))
        counts[row.category] = started + row.started, full + row.used_bytes // row.volume_bytes
    return counts


def _ledger_key(subscription: Subscription, ledger: LedgerKey) -> tuple[str, str, str, int, int]:
    return (subscription.id, ledger.period, ledger.kind, ledger.level, ledger.version)
