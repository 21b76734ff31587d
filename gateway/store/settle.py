"""What becomes of a text after it was decided: claimed, answered, confirmed by a receipt, or expired.

    pending -> inflight -> submitted -> delivered | failed | expired;   pending -> expired | cancelled
    inflight -> unknown when no answer came: the session was lost, the response timer ran out, the process died

Under way is the text: a part of it that is pending, and has no answer, is on the wire while the text is inflight.
Unknown is sent once more with the same `user_message_reference`: the only source of a duplicate text (P9), each one
logged. A text is under way until every part has its answer; only parts without one are sent again.
All of it happens inside the batch's transaction, in the order of the items.
Must not be put here: what is decided (judge.py), bytes (session.py), when to look (engine.py).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from gateway.items import DeliveryResult, ReceiptItem, Settlement
from gateway.message_ids import message_id_key, message_id_keys
from gateway.store import rows
from gateway.store.batch import Batch
from gateway.store.dispatch import Dispatch, Ticket
from gateway.store.tables import claim

# SMPP 3.4 §5.1.3: the SMSC says "later", for as long as the text is worth sending.
ESME_RMSGQFUL, ESME_RTHROTTLED = 0x14, 0x58
# Any other temporary status: this often, then it is a failure (a fault that lasts is not temporary).
TEMPORARY_ATTEMPTS = 8
# A silent SMSC gets the text once more, not for ever: the first may have arrived.
TIMEOUTS = 2
# How long a receipt waits for the answer it speaks of; the response timer is an hour at most.
EARLY_KEPT = timedelta(hours=1)

_SECOND = timedelta(seconds=1)
_PART_STATES = {"failed": "failed", "retry": "pending", "unknown": "unknown", "unsent": "pending"}
# Of a text's parts the gravest answer decides what becomes of it.
_GRAVITY = ("", "unsent", "retry", "unknown", "failed")


class Send(NamedTuple):
    """A text to submit now; `parts` are those without an answer: (number, UDH reference, user_message_reference)."""

    notification: str
    recipient: str
    text: str
    validity_s: int
    attempt: int
    flow_id: str
    parts: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Backoff:
    """Doubling from `min_s`, at most `max_s`."""

    min_s: float
    max_s: float

    def after(self, attempts: int) -> float:
        return float(min(self.max_s, self.min_s * 2 ** min(attempts - 1, 30)))


class Settle:
    """Moves texts through their states; holds only what does not change between batches."""

    def __init__(self, dispatch: Dispatch, backoff: Backoff, reconcile_s: float = 0.0) -> None:
        """`reconcile_s`: how long a text without an answer waits for its receipt before it is sent again (P9)."""
        self._dispatch = dispatch
        self._backoff = backoff
        self._reconcile_s = reconcile_s
        self._early_swept_at: datetime | None = None
        # Whether a receipt may wait for its answer; after a start one may.
        self._early_kept = True

    # -- before sending -----------------------------------------------------------------------------------------

    def expire(self, batch: Batch) -> None:
        """Q51, Q64: what waited longer than it was worth."""
        for ticket in self._dispatch.expire(batch.now):
            batch.end_notification(ticket.notification, "expired", None)
            batch.note("mt.expired", flow_id=ticket.flow_id, msg_id=ticket.notification, msisdn=ticket.recipient)

    def claim(self, batch: Batch, slots: int) -> list[Send]:
        """The tail of a transaction: heads that the window has room for are marked and handed out, in their order."""
        tickets = list(self._dispatch.claim(slots))
        new = batch.notifications
        stored = [(one.notification, one.attempts) for one in tickets if one.notification not in new]
        texts = dict(claim(batch.connection, stored))
        sends = []
        for ticket in tickets:
            row = new.get(ticket.notification)
            if row is not None:
                row.state, row.attempts = "inflight", ticket.attempts
            text = texts.get(ticket.notification) if row is None else row.text
            if text is None:
                # Its subscriber was erased while it was under way: there is nothing to send again.
                self._set_state(batch, ticket.notification, "cancelled", None)
                self._dispatch.land(ticket)
            else:
                sends.append(_send(ticket, text, batch.now))
        return sends

    # -- answers ------------------------------------------------------------------------------------------------

    def settlement(self, batch: Batch, item: Settlement, transport_now: float) -> None:
        """One part's answer; with the last of them the text's fate is known."""
        ticket = self._dispatch.flight(item.notification)
        if ticket is None or item.number not in ticket.unanswered:
            if item.verdict == "accepted":
                self._late(batch, item)
            return
        ticket.unanswered.discard(item.number)
        if item.verdict == "accepted":
            ticket.open_parts.pop(item.number, None)
            ticket.key = message_id_key(item.message_id) if item.message_id else ""
            early = self._accepted(batch, item, ticket.recipient, ticket.flow_id)
            if early is not None:
                ticket.early, ticket.why = True, early or ticket.why
        else:
            state = _PART_STATES[item.verdict]
            batch.put_answers()
            batch.connection.execute(
                "UPDATE part SET state = ? WHERE notification = ? AND number = ?",
                (state, item.notification, item.number),
            )
            if _GRAVITY.index(item.verdict) >= _GRAVITY.index(ticket.verdict):
                ticket.verdict, ticket.why = item.verdict, item.reason
                ticket.throttled = item.status in (ESME_RMSGQFUL, ESME_RTHROTTLED)
        if not ticket.unanswered:
            self._conclude(batch, ticket, transport_now)

    def _late(self, batch: Batch, item: Settlement) -> None:
        """An answer after all to a part that was given up on: not to be sent again, its receipts known."""
        batch.put_answers()
        query = """SELECT n.recipient, n.flow_id FROM part p JOIN notification n ON n.id = p.notification
                   WHERE p.notification = ? AND p.number = ? AND p.state = 'unknown'"""
        row = batch.connection.execute(query, (item.notification, item.number)).fetchone()
        if row is None:
            return
        recipient, flow_id = row
        error = self._accepted(batch, item, recipient, flow_id) or ""
        ticket = self._dispatch.find(item.notification)
        if ticket is not None:
            ticket.open_parts.pop(item.number, None)
            if ticket.open_parts or ticket.unanswered:
                return
            self._dispatch.land(ticket)
        self._confirm(batch, item.notification, recipient, "", error)

    def _accepted(self, batch: Batch, item: Settlement, recipient: str, flow_id: str) -> str | None:
        """Keep the id that receipts will name; the error ("" for none) of a receipt that came first, if one did."""
        execute = batch.connection.execute
        key = message_id_key(item.message_id) if item.message_id else None
        batch.accepted.append((item.message_id, key, item.notification, item.number))
        batch.note(
            "mt.accepted",
            flow_id=flow_id,
            msg_id=item.notification,
            part=item.number,
            smsc_id=item.message_id,
        )
        if self._early_kept:  # hardly ever: to look for each spelling costs a fifth of what an answer takes
            self._early_kept = execute("SELECT 1 FROM early_receipt LIMIT 1").fetchone() is not None
        for one in message_id_keys(item.message_id) if self._early_kept and item.message_id else ():
            kept = (_early_key(recipient, one),)
            early = execute("SELECT state, error FROM early_receipt WHERE key = ?", kept).fetchone()
            if early is not None:
                execute("DELETE FROM early_receipt WHERE key = ?", kept)
                self._end_part(batch, item.notification, item.number, early[0])
                return str(early[1])
        return None

    def _conclude(self, batch: Batch, ticket: Ticket, transport_now: float) -> None:
        """Every part of this attempt has its answer or will have none."""
        one, recipient = ticket.notification, ticket.recipient
        if ticket.verdict == "retry" and not ticket.throttled and ticket.attempts >= TEMPORARY_ATTEMPTS:
            ticket.verdict = "failed"
        if ticket.verdict == "failed":
            self._set_state(batch, one, "failed", ticket.why)
            self._dispatch.land(ticket)
            batch.note(
                "mt.failed",
                flow_id=ticket.flow_id,
                msg_id=one,
                msisdn=recipient,
                status=ticket.why,
                attempts=ticket.attempts,
            )
        elif not ticket.open_parts:
            self._dispatch.land(ticket)
            if ticket.single and not ticket.early:  # nearly all: what its part is needs no look
                batch.submitted.append(one)
                if ticket.key:
                    batch.standing[ticket.key, recipient] = (one, ticket.flow_id)
            else:
                self._confirm(batch, one, recipient, "", ticket.why)
        elif ticket.verdict == "unsent":
            ticket.attempts -= 1  # it never left
            execute = batch.connection.execute
            execute("UPDATE notification SET attempts = ? WHERE id = ?", (ticket.attempts, one))
            self._set_state(batch, one, "pending", None)
            self._dispatch.hold(ticket, transport_now)
        elif ticket.verdict == "retry":
            self._retry(batch, ticket, transport_now)
        else:
            self._unanswered(batch, ticket, transport_now)

    def _retry(self, batch: Batch, ticket: Ticket, transport_now: float) -> None:
        one, wait_s = ticket.notification, self._backoff.after(ticket.attempts)
        self._set_state(batch, one, "pending", None)
        self._dispatch.hold(ticket, transport_now + wait_s)
        batch.note(
            "mt.retry_scheduled",
            flow_id=ticket.flow_id,
            msg_id=one,
            msisdn=ticket.recipient,
            status=ticket.why,
            wait_s=wait_s,
        )

    def _unanswered(self, batch: Batch, ticket: Ticket, transport_now: float) -> None:
        """P9: it may have arrived. Logged each time, since sending again may make a second text."""
        one, recipient = ticket.notification, ticket.recipient
        ticket.timeouts += ticket.why == "response_timeout"
        again = ticket.timeouts < TIMEOUTS
        batch.note("mt.unknown", flow_id=ticket.flow_id, msg_id=one, msisdn=recipient, reason=ticket.why, again=again)
        self._set_state(batch, one, "unknown", None if again else "no_answer")
        if again:
            self._dispatch.hold(ticket, transport_now + self._reconcile_s)
        else:
            self._dispatch.land(ticket)

    def revive(self, notifications: Sequence[str], transport_now: float) -> None:
        """After a start: what was in flight when the process ended may have a receipt under way."""
        for one in notifications if self._reconcile_s else ():
            self._dispatch.defer(one, transport_now + self._reconcile_s)

    # -- receipts -----------------------------------------------------------------------------------------------

    def receipt(self, batch: Batch, item: ReceiptItem) -> DeliveryResult:
        """Matched by any way of writing its id, before or after the answer, in any order, as often as it comes."""
        text = batch.standing.pop((item.keys[0], item.recipient), None) if item.keys and item.state else None
        if text is not None:  # nearly all: of a text in one part it is the last word
            one, flow_id = text
            batch.confirmed.append((one, item.state, item.error if item.state == "failed" else None))
            _note_end(batch, one, item.state, item.stat, flow_id=flow_id, msisdn=item.recipient, dlr_err=item.error)
            return DeliveryResult()
        for key in item.keys:  # what this one finds by another spelling
            batch.standing.pop((key, item.recipient), None)
        batch.put_answers()
        found = self._part_of(batch, item) or self._reconciled(batch, item)
        if found is None:
            self._early(batch, item)
        elif item.state:
            self._end_part(batch, *found, item.state)
            one = found[0]
            if one not in self._dispatch:  # else some part has yet to be sent, or its answer to come
                self._confirm(batch, one, item.recipient, item.stat, item.error)
        return DeliveryResult()

    def _confirm(self, batch: Batch, one: str, recipient: str, stat: str, error: str) -> None:
        """Every part was answered: the text is what its parts are."""
        batch.put_answers()
        state = self._sum_up(batch, one)
        changed = self._set_state(batch, one, state, error if state == "failed" else None)
        if changed and state != "submitted":
            query = "SELECT flow_id FROM notification WHERE id = ?"
            (flow_id,) = batch.connection.execute(query, (one,)).fetchone()
            _note_end(batch, one, state, stat, flow_id=flow_id, msisdn=recipient, dlr_err=error)

    def _part_of(self, batch: Batch, item: ReceiptItem) -> tuple[str, int] | None:
        query = """SELECT p.notification, p.number FROM part p JOIN notification n ON n.id = p.notification
                   WHERE p.message_key = ? AND n.recipient = ? ORDER BY n.seq DESC LIMIT 1"""
        for key in item.keys:  # the literal one first: another spelling may be another text's id
            row = batch.connection.execute(query, (key, item.recipient)).fetchone()
            if row is not None:
                return row[0], row[1]
        return None

    def _reconciled(self, batch: Batch, item: ReceiptItem) -> tuple[str, int] | None:
        """P9: the receipt of a text whose answer was lost shows that it arrived, so it is not sent again."""
        if item.reference is None or not item.keys:
            return None
        query = """SELECT p.notification, p.number FROM notification n JOIN part p ON p.notification = n.id
                   WHERE n.state = 'unknown' AND n.recipient = ? AND p.umr = ? AND p.state = 'unknown'
                   ORDER BY n.seq DESC LIMIT 1"""
        row = batch.connection.execute(query, (item.recipient, item.reference)).fetchone()
        if row is None:
            return None
        one, number = row
        self._late(batch, Settlement(one, number, "accepted", item.keys[0]))
        batch.put_answers()
        return one, number

    def _early(self, batch: Batch, item: ReceiptItem) -> None:
        """Nothing has this id yet: kept for the answer that may still come, if one is awaited at all."""
        if not self._dispatch.flying or not item.keys:
            batch.note("dlr.orphaned", msisdn=item.recipient, smsc_id=item.keys[0] if item.keys else "")
        elif item.state:
            self._sweep_early(batch)
            self._early_kept = True
            batch.connection.execute(
                "INSERT OR IGNORE INTO early_receipt VALUES (?, ?, ?, ?)",
                (_early_key(item.recipient, item.keys[0]), item.state, item.error, batch.now_us),
            )

    def _sweep_early(self, batch: Batch) -> None:
        """Those whose answer never came, now and then."""
        if self._early_swept_at is None or batch.now - self._early_swept_at >= EARLY_KEPT:
            self._early_swept_at = batch.now
            oldest = rows.to_us(batch.now - EARLY_KEPT)
            batch.connection.execute("DELETE FROM early_receipt WHERE at < ?", (oldest,))

    def _end_part(self, batch: Batch, one: str, number: int, state: str) -> None:
        """A part's final state stays: a second receipt changes nothing."""
        batch.put_answers()
        batch.connection.execute(
            """UPDATE part SET state = ? WHERE notification = ? AND number = ?
               AND state <> 'delivered' AND state <> 'failed' AND state <> 'expired'""",
            (state, one, number),
        )

    def _sum_up(self, batch: Batch, one: str) -> str:
        """A text is what the worst of its parts is, and delivered when all are."""
        states = {
            row[0]
            for row in batch.connection.execute("SELECT state FROM part WHERE notification = ?", (one,)).fetchall()
        }
        for worst in ("failed", "expired"):
            if worst in states:
                return worst
        return "delivered" if states == {"delivered"} else "submitted"

    def _set_state(self, batch: Batch, one: str, state: str, reason: str | None) -> bool:
        """True when that changed something."""
        # Each state by name: for a list of three or more SQLite builds a table, each time anew.
        return (
            batch.connection.execute(
                """UPDATE notification SET state = ?1, reason = ?2 WHERE id = ?3
                   AND (state <> ?1 OR reason IS NOT ?2)
                   AND state <> 'delivered' AND state <> 'failed' AND state <> 'expired' AND state <> 'cancelled'""",
                (state, reason, one),
            ).rowcount
            > 0
        )


def _note_end(batch: Batch, one: str, state: str, stat: str, **more: str) -> None:
    batch.note("mt.delivered" if state == "delivered" else "mt.failed", msg_id=one, dlr_stat=stat or state, **more)


def _send(ticket: Ticket, text: str, now: datetime) -> Send:
    validity_s = max(1, (ticket.expires_at - now) // _SECOND)
    parts = tuple([(number, ticket.reference, umr) for number, umr in ticket.open_parts.items()])
    return Send(ticket.notification, ticket.recipient, text, validity_s, ticket.attempts, ticket.flow_id, parts)


def _early_key(recipient: str, key: str) -> str:
    """Another subscriber's text may have the same id, or the same in another spelling; the number is not kept."""
    return hashlib.blake2b(f"{recipient} {key}".encode(), digest_size=16).hexdigest()
