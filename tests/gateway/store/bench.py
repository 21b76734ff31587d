"""A store on a real file, played by hand: items in, results out, what is on disk looked at from beside it.

A `Bench` holds one file and whoever has it open. `apply` is one transaction at the bench's own clock; `answer` plays
the SMSC to what was claimed. Every fact that a commit brings goes through the strict log, so a fact that the registry
does not know, or a line that holds a number or a text, fails the test that made it.
"""

import hashlib
import io
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

from gateway.faultpoints import FaultPoints
from gateway.items import EventItem, LocationReport, PortalItem, ReceiptItem, Settlement, SmsItem, UsageReport
from gateway.logs import Log
from gateway.message_ids import message_id_keys
from gateway.store.dispatch import Dispatch
from gateway.store.interpret import Interpreter
from gateway.store.judge import Judge
from gateway.store.reads import Reads
from gateway.store.settle import Backoff, Settle
from gateway.store.store import Store

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
NUMBER, OTHER, THIRD = "+31612345678", "+31687654321", "+31655555555"
IMSI, OTHER_IMSI = "204080000000001", "204080000000002"
BACKOFF = Backoff(min_s=0.5, max_s=30)
# With option B alone, zone A is open and rated at its standard rate.
OPTION_B = {"B": {"enabled": True}}


class Bench:
    """One database file; `open`, `close` and `crash` are what happens to the gateway that has it."""

    def __init__(self, path, loaded, runner):
        self.path, self.loaded, self.runner = path, loaded, runner
        self.now = START
        self.transport_now = 1000.0
        self.facts = []
        self.told = io.StringIO()
        self.log = Log(self.told, wall_s=START.timestamp, key=b"k", level="debug", strict=True)
        self.made = 0
        self.store = None

    # -- the gateway's life

    def open(self, *, push=True, reconcile_s=0.0):
        self.dispatch = Dispatch()
        self.store = self.runner.run(Store.open(self.path, self.dispatch))
        interpreter = Interpreter(self.loaded.policy, self.loaded.texts, self.dispatch, push=push)
        self.faults = FaultPoints()
        settle = Settle(self.dispatch, BACKOFF, reconcile_s)
        settle.revive(self.store.revived, self.transport_now)
        self.store.equip(Judge(self.loaded.policy, interpreter, self.dispatch), settle, self.faults)
        self.reads = self.runner.run(Reads.open(self.path, self.loaded.policy, lambda: self.now))
        return self

    def close(self):
        if self.store is not None:
            self.runner.run(self.reads.close())
            self.runner.run(self.store.close())
            self.store = None

    def restart(self):
        """End and begin again: what only lived in memory is gone."""
        self.close()
        return self.open()

    # -- one transaction

    def apply(self, *items, slots=0):
        applied = self.runner.run(self.store.apply(items, self.now, self.transport_now, slots))
        for event, fields in applied.facts:
            self.log(event, **fields)
        self.facts += applied.facts
        return applied

    def one(self, item):
        """The result of a batch of one."""
        (result,) = self.apply(item).results
        return result

    def later(self, **passed):
        self.now += timedelta(**passed)
        return self

    def took(self, name):
        """The fields of each fact of that name so far."""
        return [fields for event, fields in self.facts if event == name]

    # -- items

    def _event(self, report, at, msisdn, imsi, more):
        self.made += 1
        names = {"source": "/mediation/1", "id": f"e-{self.made}", **more}
        content = repr((report, msisdn, imsi)).encode()
        digest = names.pop("digest", hashlib.sha256(content).digest())
        return EventItem(names["source"], names["id"], digest, at, msisdn, imsi, report, "f-1")

    def usage(self, mb=0, plmn="310-410", *, at=None, msisdn=NUMBER, imsi=None, **more):
        """`session` and `total_mb` instead of `mb`: a running total."""
        used_at = at or self.now
        session, total = more.pop("session", None), more.pop("total_mb", 0)
        started_at = more.pop("started_at", None)
        report = UsageReport(plmn, used_at, round(mb * 1e6), session, round(total * 1e6), started_at)
        return self._event(report, self.now, None if imsi else msisdn, imsi, more)

    def location(self, plmn="310-410", *, at=None, msisdn=NUMBER, imsi=None, **more):
        return self._event(LocationReport(plmn), at or self.now, None if imsi else msisdn, imsi, more)

    def text(self, text, sender=NUMBER):
        return SmsItem(sender, "1330", text, flow_id="f-2")

    def put(self, msisdn=NUMBER, verb="put", **changes):
        return PortalItem(verb, msisdn, changes, "f-3")

    def patch(self, msisdn=NUMBER, **changes):
        return self.put(msisdn, "patch", **changes)

    def delete(self, msisdn=NUMBER):
        return self.put(msisdn, "delete")

    # -- the SMSC

    def claim(self, slots=64):
        """What is handed out to be sent."""
        return self.apply(slots=slots).sends

    @staticmethod
    def answers(send, verdict="accepted", message_id="", **more):
        """One settlement for each part of a claimed text; part n of several is given the id "<message_id>-n"."""
        found = []
        for number, _, _ in send.parts:
            one = message_id if len(send.parts) == 1 or not message_id else f"{message_id}-{number}"
            found.append(Settlement(send.notification, number, verdict, one, **more))
        return found

    @staticmethod
    def receipt(message_id, state="delivered", *, recipient=NUMBER, error="000", reference=None):
        stat = {"delivered": "DELIVRD", "failed": "UNDELIV", "expired": "EXPIRED"}.get(state, "ENROUTE")
        return ReceiptItem(message_id_keys(message_id), recipient, state, stat, error, reference)

    # -- looking

    def get(self, msisdn=NUMBER, period=None):
        return self.runner.run(self.reads.subscription(msisdn, period))

    def notifications(self, msisdn=NUMBER, after=None, limit=None):
        return self.runner.run(self.reads.notifications(msisdn, after, limit))["items"]

    def decisions(self, msisdn=NUMBER, after=None, limit=None):
        return self.runner.run(self.reads.decisions(msisdn, after, limit))["items"]

    def sent(self, msisdn=NUMBER):
        """Kind and state of each text, in order; of a suppressed one its reason."""
        return [(n["kind"], n["reason"] if n["text"] is None else n["state"]) for n in self.notifications(msisdn)]

    def sql(self, query, *values):
        """Read from beside the gateway."""
        with closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)) as raw:
            return raw.execute(query, values).fetchall()

    def write_from_beside(self, statement, *values):
        """What a person with a database tool does."""
        with closing(sqlite3.connect(self.path, isolation_level=None)) as raw:
            raw.execute(statement, values)
