"""Parts of a long text to the service number: kept in the store until the last has come.

A part may come again, because our answer was lost, even after the text was read; the sender's counter comes round.
A text of which parts stay away is given up a day after its last one, and told in the log.
Must not be put here: reading a part off the wire (inbound.py), what the text wants.
"""

from datetime import timedelta
from typing import Final

from gateway.items import SmsItem
from gateway.smpp import inbound
from gateway.store import rows
from gateway.store.batch import Batch

# A part waits this long for the others.
WAIT: Final = timedelta(hours=24)
_LOOK: Final = WAIT + timedelta(seconds=1)  # what comes at the very end is in time
# What looks at the parts again, among the moments of `due`; of no subscription.
DUE: Final = "mo_parts"
# How long a part of a text that was read is known as a copy.
JOINED_KEPT: Final = timedelta(minutes=10)


def join(batch: Batch, item: SmsItem) -> str | None:
    """The whole text when this was the last part that was missing; parts live in the store until then."""
    group = (item.sender, item.destination, item.reference, item.total)
    execute = batch.connection.execute
    where = "sender = ? AND destination = ? AND reference = ? AND total = ?"
    known = execute(
        f"SELECT number, payload, joined, at FROM mo_part WHERE {where} ORDER BY number",  # noqa: S608
        group,
    ).fetchall()
    joined = any(row[2] for row in known)
    if joined and any(row[0] == item.number and row[1] == item.payload for row in known):
        fresh = max(row[3] for row in known) > rows.to_us(batch.now - JOINED_KEPT)
        if fresh:  # sent again because our answer was lost
            return None
    if joined:  # the sender's counter has come round
        execute(f"DELETE FROM mo_part WHERE {where}", group)  # noqa: S608
    execute(
        "INSERT OR REPLACE INTO mo_part VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)",
        (*group, item.number, item.data_coding, item.payload, batch.now_us),
    )
    parts = execute(
        f"SELECT number, data_coding, payload FROM mo_part WHERE {where} ORDER BY number",  # noqa: S608
        group,
    ).fetchall()
    if len(parts) < item.total:
        if len(parts) == 1:
            batch.wake(batch.now + _LOOK, DUE)
        return None
    execute(f"UPDATE mo_part SET joined = 1, at = ? WHERE {where}", (batch.now_us, *group))  # noqa: S608
    return inbound.join(
        [inbound.MoPart(*group[:3], item.total, number, coding, payload) for number, coding, payload in parts]
    )


def expire(batch: Batch) -> None:
    """Give up texts whose parts stay away, and forget the copies of those that were read."""
    execute = batch.connection.execute
    waiting = execute(
        """SELECT sender, destination, reference, total, count(*), max(at) FROM mo_part WHERE joined = 0
           GROUP BY sender, destination, reference, total"""
    ).fetchall()
    later = []
    for sender, destination, reference, total, have, last in waiting:
        if batch.now <= rows.from_us(last) + WAIT:
            later.append(rows.from_us(last) + _LOOK)
            continue
        batch.note("mo.reassembly_expired", msisdn=sender, ref=reference, have=have, want=total)
        execute(
            "DELETE FROM mo_part WHERE sender = ? AND destination = ? AND reference = ? AND total = ?",
            (sender, destination, reference, total),
        )
    execute("DELETE FROM mo_part WHERE joined = 1 AND at <= ?", (rows.to_us(batch.now - JOINED_KEPT),))
    if later:
        batch.wake(min(later), DUE)
