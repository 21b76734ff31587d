"""What an item leads to: it becomes a handlers' event, `decide` is asked, and the interpreter lays down the rest.

Must not be put here: rules (handlers), SQL (batch.py), effects (interpret.py).
"""

from datetime import datetime

from gateway.items import (
    DeliveryResult,
    EventItem,
    EventResult,
    FieldError,
    LocationReport,
    PortalItem,
    PortalResult,
    SmsItem,
    UsageReport,
)
from gateway.store import moparts, rows
from gateway.store.batch import Batch, Seen
from gateway.store.dispatch import Dispatch
from gateway.store.interpret import Cause, Interpreter
from gateway.store.views import subscription_view
from handlers import decide
from handlers.effects import (
    Decision,
)
from handlers.events import Event, LocationUpdated, PeriodBegan, SettingsChanged, SmsReceived, UsageReported
from handlers.policy import Policy
from handlers.subscription import Profile, Subscription


class Judge:
    """Judges items against one batch after another; holds only what does not change between them."""

    def __init__(self, policy: Policy, interpreter: Interpreter, dispatch: Dispatch) -> None:
        self.policy = policy
        self._interpreter = interpreter
        self._dispatch = dispatch

    # -- items --------------------------------------------------------------------------------------------------

    def event(self, batch: Batch, item: EventItem) -> EventResult:
        key = batch.key_of(item)
        seen = batch.events.get(key)
        if seen is not None:
            return self._repeated(batch, item, seen)
        report = item.report
        usage = report if type(report) is UsageReport else None
        at = item.at if usage is None else usage.used_at
        owner = batch.owner(item.imsi or item.msisdn or "", at)
        subscription = batch.subscription(owner.subscription) if owner else None
        if owner is None or subscription is None:
            return _rejected(item, "unknown_subscription", "/data", "no subscription has this number or IMSI")
        event: Event
        if usage is None:
            event = LocationUpdated(at, batch.now, owner.imsi, report.plmn)
        else:
            volume = usage.volume_bytes
            if usage.session is not None:
                volume = max(0, usage.total_bytes - batch.session_total(subscription.id, owner.imsi, usage.session))
            event = UsageReported(at, batch.now, owner.imsi, usage.plmn, volume, usage.started_at)
        decision = decide(subscription, event, self.policy)
        if decision.refusal is not None:
            return self._refused(batch, item, decision)
        _note_network(batch, item, decision)
        kinds: tuple[str, ...] = ()
        seq, trace, previous = batch.ids.next(), "", None
        # What only counted in one month is listed from its event row; all else is told in a row of its own.
        counted = None if decision.effects else _only_change(subscription, decision.subscription)
        if counted is None:
            cause = Cause(_TYPES[type(report)], item.source, item.id, item.flow_id)
            kinds = self._interpreter.interpret(batch, decision, cause, at)
        else:
            previous = batch.count(subscription, decision.subscription, counted, seq)
            trace = rows.encode_trace(item, batch.now_us, decision.findings)
        answer = " ".join((decision.outcome, *kinds)) if kinds else decision.outcome
        _keep_event(batch, key, item, (seq, answer, trace, previous))
        if usage is not None and usage.session is not None:
            total = max(usage.total_bytes, batch.session_total(subscription.id, owner.imsi, usage.session))
            batch.put_session((subscription.id, owner.imsi, usage.session), total, usage.used_at)
        return EventResult(item.id, "accepted", decision.outcome, kinds)

    def portal(self, batch: Batch, item: PortalItem) -> PortalResult:
        owner = batch.holder(item.msisdn)
        subscription = batch.subscription(owner.subscription) if owner else None
        if subscription is not None and subscription.profile.msisdn != item.msisdn:
            if item.verb == "put":
                return PortalResult(409, detail=f"{item.msisdn} is the number of a SIM of another subscription")
            subscription = None
        if item.verb == "delete":
            return self._erase(batch, subscription, item)
        if subscription is None and item.verb == "patch":
            return PortalResult(404, detail=f"no subscription has the number {item.msisdn}")
        created = subscription is None
        if subscription is None:
            subscription = Subscription(f"s{batch.ids.next():x}", Profile(msisdn=item.msisdn))
        conflict = self._number_conflict(batch, subscription.id, item)
        if conflict is not None:
            return conflict
        event = SettingsChanged(batch.now, batch.now, item.changes, created=created)
        decision = decide(subscription, event, self.policy)
        if (refusal := decision.refusal) is not None:
            errors = (FieldError(refusal.pointer, refusal.message),)
            return PortalResult(409 if refusal.code == "conflict" else 422, detail=refusal.message, errors=errors)
        self._interpreter.interpret(
            batch, decision, Cause("settings.changed", "portal", flow_id=item.flow_id), batch.now
        )
        batch.set_numbers(decision.subscription)
        batch.note(
            "portal.changed",
            flow_id=item.flow_id,
            msisdn=item.msisdn,
            fields=sorted(item.changes),
            created=created,
        )
        view = subscription_view(decision.subscription, batch.period_now, self.policy, batch.now)
        return PortalResult(201 if created else 200, view)

    def sms(self, batch: Batch, item: SmsItem) -> DeliveryResult:
        owner = batch.owner(item.sender, batch.now)
        subscription = batch.subscription(owner.subscription) if owner else None
        if subscription is None or item.destination != self.policy.service_number:
            # N, Q54: who is not provisioned gets no reply.
            known = subscription is not None
            batch.note("mo.unknown_sender", flow_id=item.flow_id, msisdn=item.sender, provisioned=known)
            return DeliveryResult()
        text = item.text if item.text is not None else moparts.join(batch, item)
        if text is None:
            return DeliveryResult()
        batch.note("mo.received", flow_id=item.flow_id, msisdn=item.sender, chars=len(text), segments=item.total)
        event = SmsReceived(batch.now, batch.now, item.sender, text)
        decision = decide(subscription, event, self.policy)
        cause = Cause("sms.received", "smpp", flow_id=item.flow_id)
        self._interpreter.interpret(batch, decision, cause, batch.now)
        return DeliveryResult()

    def due(self, batch: Batch, kind: str, one: str, at: datetime) -> None:
        batch.connection.execute(DONE, (rows.to_us(at), kind, one))
        if kind == moparts.DUE:
            moparts.expire(batch)
            return
        subscription = batch.subscription(one)
        if subscription is not None:
            decision = decide(subscription, PeriodBegan(at, batch.now), self.policy)
            self._interpreter.interpret(batch, decision, Cause("period.began", "clock"), at)

    # -- events -------------------------------------------------------------------------------------------------

    def _repeated(self, batch: Batch, item: EventItem, seen: Seen) -> EventResult:
        """Q26: the same again is answered as before; other content under the same id is a conflict."""
        if seen.digest != item.digest:
            batch.note("event.conflict", flow_id=item.flow_id, source_event_id=item.id)
            message = f"{item.id!r} from {item.source!r} was taken before with other content"
            return EventResult(item.id, "conflict", errors=(FieldError("", message),))
        batch.note("event.duplicate", flow_id=item.flow_id, source_event_id=item.id)
        outcome, *kinds = seen.answer.split()
        if outcome == "rejected_late":
            return _rejected(item, "rejected_late", "/data/used_at", LATE)
        return EventResult(item.id, "duplicate", outcome, tuple(kinds))

    def _refused(self, batch: Batch, item: EventItem, decision: Decision) -> EventResult:
        refusal = decision.refusal
        assert refusal is not None
        if refusal.code == "rejected_late":  # Q23: the row is kept
            _keep_event(batch, batch.key_of(item), item, (batch.ids.next(), "rejected_late", "", None))
            cause = Cause(_TYPES[type(item.report)], item.source, item.id, item.flow_id)
            self._interpreter.explain(batch, decision, cause, item.at, refused=refusal.code)
        return _rejected(item, refusal.code, refusal.pointer, refusal.message)

    # -- portal -------------------------------------------------------------------------------------------------

    def _number_conflict(self, batch: Batch, one: str, item: PortalItem) -> PortalResult | None:
        errors = [
            FieldError(f"/sims/{index}/{name}", f"{sim[name]} belongs to another subscription")
            for index, sim in enumerate(item.changes.get("sims") or ())
            for name in ("imsi", "msisdn")
            if sim.get(name) and (holder := batch.holder(sim[name])) is not None and holder.subscription != one
        ]
        if not errors:
            return None
        return PortalResult(409, detail="a number or IMSI belongs to another subscription", errors=tuple(errors))

    def _erase(self, batch: Batch, subscription: Subscription | None, item: PortalItem) -> PortalResult:
        if subscription is None:
            return PortalResult(404, detail=f"no subscription has the number {item.msisdn}")
        for ticket in self._dispatch.drop(subscription.id):
            batch.end_notification(ticket.notification, "cancelled", None)
        batch.forget(subscription.id)
        batch.note("portal.erased", flow_id=item.flow_id, msisdn=item.msisdn)
        return PortalResult(204)


DONE = "DELETE FROM due WHERE at = ? AND kind = ? AND subscription = ?"
LATE = "the period of this record is closed"
_TYPES = {LocationReport: "location.updated", UsageReport: "usage.reported"}


def _note_network(batch: Batch, item: EventItem, decision: Decision) -> None:
    for _, word, figures in decision.findings:
        if word == "unknown_network" and (plmn := dict(figures)["plmn"]):
            batch.note("network.unknown", flow_id=item.flow_id, plmn=plmn)


def _keep_event(batch: Batch, key: bytes, item: EventItem, kept: tuple[int, str, str, int | None]) -> None:
    """`kept`: seq, the answer, and where it only counted what was looked at and the one before it in its list."""
    seq, answer, trace, previous = kept
    batch.add("event", (seq, key, item.digest, rows.to_us(item.at), answer, trace, previous))
    batch.events[key] = Seen(item.digest, answer)


def _only_change(before: Subscription, after: Subscription) -> str | None:
    """The one month whose sums are all that a decision changed."""
    if before.memory is not after.memory or before.blocks is not after.blocks:
        return None
    changed = [key for key, period in after.periods.items() if before.periods.get(key) is not period]
    return changed[0] if len(changed) == 1 else None


def quarantined(item: EventItem) -> EventResult:
    """The answer to an event that could not be judged."""
    return _rejected(item, "quarantined", "", "this event could not be judged and was put aside")


def _rejected(item: EventItem, code: str, pointer: str, message: str) -> EventResult:
    return EventResult(item.id, "rejected", code=code, errors=(FieldError(pointer, message),))
