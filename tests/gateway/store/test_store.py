"""The file: locked, checked, migrated, found again as it was left; and what it never starts with."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from gateway.items import ClockMoved, SmsItem
from gateway.store import rows, schema
from gateway.store import store as module
from gateway.store.batch import event_key
from gateway.store.dispatch import Dispatch
from gateway.store.known import NUMBERS_MAX, SUBSCRIPTIONS_MAX, Known
from gateway.store.schema import NewerStore
from gateway.store.store import DUE_MAX, Store, StoreDamaged, StoreLocked
from handlers.subscription import Profile, Subscription
from tests.gateway.store.bench import NUMBER, OTHER

NOBODY = Profile(msisdn="")
REFUSE = "CREATE TRIGGER refuse BEFORE {} BEGIN SELECT RAISE(ABORT, 'no'); END"


class TestDurable:
    def test_as_the_design_asks(self, bench):
        found = bench.runner.run(
            bench.store._database.run(
                lambda raw: [
                    raw.execute(f"PRAGMA {name}").fetchone()[0]
                    for name in ("journal_mode", "synchronous", "secure_delete")
                ]
            )
        )
        assert found == ["wal", 2, 1]

    def test_only_the_owner_may_read_it(self, bench):
        assert bench.path.with_name("gateway.db.lock").stat().st_mode & 0o077 == 0

    def test_what_is_committed_is_seen_from_beside(self, served):
        served.apply(served.usage(16))
        assert served.sql("SELECT charges_ueur FROM period") == [(40_000_000,)]

    def test_the_file_is_found_in_a_folder_that_was_not_there(self, shut):
        shut.path = shut.path.parent / "a" / "b" / "gateway.db"
        assert shut.open().one(shut.put()).status == 201


class TestIds:
    def test_unique_over_restarts(self, served):
        seen = []
        for _ in range(3):
            served.apply(served.text("HELP"), served.text("INFO"), served.text("LIMIET"), served.usage(1))
            served.restart().later(minutes=1)
        seen = [row[0] for row in served.sql("SELECT id FROM notification ORDER BY seq")]
        assert len(seen) == len(set(seen)) == 9
        assert seen == sorted(seen)

    def test_each_start_is_a_boot(self, bench):
        first = bench.store.boot
        assert bench.restart().store.boot == first + 1

    def test_the_pseudonyms_key_is_kept(self, bench):
        first = bench.store.log_key
        assert len(first) == 32
        assert bench.restart().store.log_key == first


class TestNow:
    def test_a_new_file_has_seen_no_time(self, bench):
        assert bench.store.business_now is None

    def test_the_last_committed_instant_is_kept(self, bench):
        bench.later(days=3).one(ClockMoved())
        assert bench.store.business_now == bench.now
        assert bench.restart().store.business_now == bench.now


class TestLocked:
    def test_a_second_gateway(self, bench):
        script = (
            "import asyncio, pathlib, sys\n"
            "from gateway.store.store import Store, StoreLocked\n"
            "from gateway.store.dispatch import Dispatch\n"
            "try:\n"
            "    asyncio.run(Store.open(pathlib.Path(sys.argv[1]), Dispatch()))\n"
            "except StoreLocked as locked:\n"
            "    sys.exit(str(locked))\n"
        )
        run = subprocess.run(
            [sys.executable, "-c", script, str(bench.path)],
            capture_output=True,
            text=True,
            cwd=module.__file__.partition("/gateway/")[0],
            check=False,
            timeout=60,
        )
        assert (run.returncode, run.stderr.strip()) == (1, f"{bench.path}: another gateway has this database open")
        assert bench.one(bench.put()).status == 201

    def test_it_is_free_again_once_closed(self, bench):
        bench.close()
        assert bench.open().one(bench.put()).status == 201

    def test_another_program_holds_it(self, bench, monkeypatch):
        bench.close()
        monkeypatch.setattr(module, "BUSY_MS", 0)
        with closing(sqlite3.connect(bench.path, isolation_level=None)) as raw:
            raw.execute("PRAGMA locking_mode = EXCLUSIVE")
            raw.execute("BEGIN EXCLUSIVE")
            raw.execute("DELETE FROM due")
            with pytest.raises(StoreLocked, match="another program has locked this database"):
                bench.runner.run(Store.open(bench.path, Dispatch()))
            raw.execute("ROLLBACK")
        assert bench.open().one(bench.put()).status == 201

    def test_a_place_where_no_file_can_be(self, shut):
        shut.path.mkdir()
        with pytest.raises(sqlite3.OperationalError, match="unable to open"):
            shut.open()
        shut.path.rmdir()
        assert shut.open().one(shut.put()).status == 201  # and the lock is not left behind

    def test_a_folder_that_cannot_be_written(self, shut):
        (shut.path.parent / "file").touch()
        with pytest.raises(OSError, match="file"):
            shut.runner.run(Store.open(shut.path.parent / "file" / "gateway.db", Dispatch()))


class TestDamaged:
    def test_no_database_at_all(self, shut):
        shut.path.write_bytes(b"this is no database, and never was one. " * 200)
        with pytest.raises(StoreDamaged, match="not a database"):
            shut.open()

    def test_a_page_of_it(self, served):
        served.apply(*(served.put(f"+3161{n:07d}") for n in range(200)))
        served.close()
        with closing(sqlite3.connect(served.path)) as raw:
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            size = raw.execute("PRAGMA page_size").fetchone()[0]
            (page,) = raw.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'subscription'").fetchone()
        octets = bytearray(served.path.read_bytes())
        octets[(page - 1) * size : page * size] = b"\xa5" * size
        served.path.write_bytes(octets)
        with pytest.raises(StoreDamaged, match=r"gateway\.db"):
            served.open()
        # and the lock is not left behind
        served.path.unlink()
        assert served.open().one(served.put()).status == 201

    def test_a_fault_of_the_database_leaves_apply(self, served):
        """Nothing is answered around it."""
        with pytest.raises(sqlite3.OperationalError, match="no such table"):
            served.runner.run(_broken(served))

    def test_one_that_comes_while_an_item_is_judged_is_no_quarantine(self, served):
        served.write_from_beside("DROP TABLE mo_part")
        with pytest.raises(sqlite3.OperationalError, match="no such table"):
            served.apply(SmsItem(NUMBER, "1330", None, b"HE", 0, 7, 1, 2))

    def test_nor_while_a_moment_is(self, served):
        served.apply(served.usage(20))
        served.write_from_beside(REFUSE.format("DELETE ON due"))
        served.now = served.store.next_due
        with pytest.raises(sqlite3.IntegrityError, match="no"):
            served.apply()

    def test_what_was_not_committed_is_not_there(self, served):
        event = served.usage(1)
        served.write_from_beside(REFUSE.format("INSERT ON event"))
        with pytest.raises(sqlite3.IntegrityError):
            served.apply(event)
        served.close()
        served.write_from_beside("DROP TRIGGER refuse")
        assert served.open().one(event).status == "accepted"


async def _broken(bench):
    await bench.store._database.run(lambda raw: raw.execute("DROP TABLE event"))
    await bench.store.apply([bench.usage(1)], bench.now, 0.0, 0)


class TestMigrate:
    def test_from_nothing(self, bench):
        assert bench.store.migrated == (0, len(schema.STEPS))
        assert bench.sql("PRAGMA user_version") == [(len(schema.STEPS),)]

    def test_once(self, bench):
        assert bench.restart().store.migrated == (len(schema.STEPS),) * 2

    def test_events_of_an_older_file_keep_their_ids_and_their_list(self, shut):
        # Step 4 lays events in their order; before it they lay by their key, and were listed by it.
        shut.open().apply(shut.put())
        shut.close()
        event = shut.usage(1, "204-08")
        key = event_key(event)
        with closing(sqlite3.connect(shut.path, isolation_level=None)) as raw:
            raw.execute("PRAGMA user_version = 3")
            raw.execute("ALTER TABLE part ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0")
            raw.execute("DROP TABLE event")
            raw.execute("DROP INDEX notification_unknown")
            raw.execute("ALTER TABLE period DROP COLUMN last")
            raw.execute("ALTER TABLE period ADD COLUMN tail BLOB")
            raw.execute(
                """CREATE TABLE event (
                    key BLOB PRIMARY KEY, digest BLOB NOT NULL, at INTEGER NOT NULL, seq INTEGER NOT NULL,
                    answer TEXT NOT NULL, trace TEXT NOT NULL, previous BLOB) STRICT, WITHOUT ROWID"""
            )
            (one,) = raw.execute("SELECT id FROM subscription").fetchone()
            trace = rows.encode_trace(event, 0, ())
            for values in (
                (key, event.digest, 5, 7, "counted", trace, b"b"),
                (b"b", b"d", 4, 6, "counted", trace, None),
            ):
                raw.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?)", values)
            raw.execute("INSERT INTO period VALUES (?, '2026-11', 2, '[1000000]', 0, 1000000, ?)", (one, key))
        shut.open()
        assert [row["outcome"] for row in shut.decisions()][:2] == ["counted"] * 2
        assert shut.sql("SELECT seq, previous FROM event ORDER BY seq") == [(6, None), (7, 6)]
        assert shut.one(event).status == "duplicate"
        assert shut.one(shut.usage(1, "204-08")).status == "accepted"
        assert shut.sql("SELECT previous FROM event ORDER BY seq DESC LIMIT 1") == [(7,)]

    def test_parts_that_an_older_program_left_in_flight_are_unknown(self, shut):
        # Step 6 says it of the text alone; before it its parts were marked too.
        shut.open().apply(shut.put(), shut.text("HELP"))
        (send,) = shut.claim()
        shut.close()
        with closing(sqlite3.connect(shut.path, isolation_level=None)) as raw:
            raw.execute("PRAGMA user_version = 5")
            raw.execute("ALTER TABLE part ADD COLUMN attempts INTEGER NOT NULL DEFAULT 1")
            raw.execute("UPDATE part SET state = 'inflight'")
        shut.open()
        assert shut.store.revived == [send.notification]
        assert shut.sql("SELECT state FROM part") == [("unknown",)]
        assert [(again.notification, again.parts) for again in shut.claim()] == [(send.notification, send.parts)]

    def test_a_newer_file_is_refused_and_left_alone(self, bench):
        bench.close()
        bench.write_from_beside(f"PRAGMA user_version = {len(schema.STEPS) + 1}")
        with pytest.raises(NewerStore, match=f"schema {len(schema.STEPS) + 1}"):
            bench.open()
        assert bench.sql("PRAGMA user_version") == [(len(schema.STEPS) + 1,)]

    def test_each_step_is_whole_or_not_at_all(self, bench, monkeypatch):
        bench.close()
        steps = (*schema.STEPS, ("CREATE TABLE one (n INTEGER)",), ("CREATE TABLE two (n INTEGER)", "NO SUCH WORD"))
        monkeypatch.setattr(schema, "STEPS", steps)
        with pytest.raises(sqlite3.OperationalError):
            bench.open()
        assert bench.sql("PRAGMA user_version") == [(len(steps) - 1,)]
        names = [row[0] for row in bench.sql("SELECT name FROM sqlite_schema")]
        assert "one" in names
        assert "two" not in names
        monkeypatch.setattr(schema, "STEPS", steps[:-1])
        assert bench.open().store.migrated == (len(steps) - 1,) * 2

    def test_a_combi_sims_text_from_before_it_was_kept_whose_it_is(self, shut):
        """Q51: nobody's, so that no other handset cancels it."""
        upto = next(n for n, statements in enumerate(schema.STEPS) if "handset" in "".join(statements))
        with closing(sqlite3.connect(shut.path, isolation_level=None)) as raw:
            for statement in (one for statements in schema.STEPS[:upto] for one in statements):
                raw.execute(statement)
            raw.execute(f"PRAGMA user_version = {upto}")
            raw.executemany(
                """INSERT INTO notification VALUES (?, 's1', ?, ?, 'pending', NULL, '+31612345678', 'nl', 'Hallo', 1,
                   0, 0, 9000000000000000, 14400, 0, '', '', '')""",
                [("m1", 1, "border_combi"), ("m2", 2, "border_eu")],
            )
        shut.open()
        assert shut.sql("SELECT kind, handset FROM notification") == [("border_combi", "?"), ("border_eu", "")]


class TestKnown:
    """What is kept of the store in memory."""

    def test_a_change_from_beside_is_seen(self, served):
        served.apply(served.usage(1))
        profile = served.sql("SELECT profile FROM subscription")[0][0]
        served.write_from_beside("UPDATE subscription SET profile = ?", profile.replace('"nl"', '"en"'))
        assert served.one(served.patch(customer="b")).body["language"] == "en"

    def test_a_number_given_from_beside_is_seen(self, served):
        assert served.one(served.usage(1, msisdn=OTHER)).code == "unknown_subscription"
        served.write_from_beside(
            "INSERT INTO number SELECT ?, 0, NULL, subscription, imsi, kind FROM number WHERE value = ?", OTHER, NUMBER
        )
        assert served.one(served.usage(1, msisdn=OTHER)).status == "accepted"

    def test_it_does_not_grow_for_ever(self):
        known = Known()
        for begin in range(0, NUMBERS_MAX + 5000, 5000):
            some = range(begin, begin + 5000)
            known.keep({f"n{n}": [] for n in some}, {f"s{n}": Subscription(f"s{n}", NOBODY) for n in some}, {})
        assert (len(known.numbers), len(known.subscriptions)) == (NUMBERS_MAX, SUBSCRIPTIONS_MAX)
        assert f"s{begin + 4999}" in known.subscriptions
        assert "s0" not in known.subscriptions

    def test_who_was_asked_for_lately_stays(self):
        known = Known()
        for begin in range(0, SUBSCRIPTIONS_MAX + 1000, 1000):
            found = {
                one: Subscription(one, NOBODY) for one in (*(f"s{n}" for n in range(begin, begin + 1000)), "busy")
            }
            known.keep({}, found, {})
        assert "busy" in known.subscriptions


class TestDue:
    def test_many_moments_are_cut_into_transactions(self, served):
        numbers = [f"+3161{n:07d}" for n in range(DUE_MAX + 10)]
        served.apply(*(served.put(number, bundles={"B": {"enabled": True}}) for number in numbers))
        served.apply(*(served.usage(20, msisdn=number) for number in numbers))
        # Down over the 1st: what was spread over ten minutes is due at once.
        served.now = datetime(2026, 12, 1, 8, tzinfo=UTC)
        pushed = len(served.apply().pushes)
        assert pushed == DUE_MAX
        assert served.store.next_due <= served.now
        assert len(served.apply().pushes) == 10
        assert served.store.next_due is None

    def test_it_is_found_again_after_a_restart(self, served):
        served.apply(served.usage(20))
        due = served.store.next_due
        assert due - datetime(2026, 11, 30, 23, tzinfo=UTC) <= timedelta(minutes=10)
        assert served.restart().store.next_due == due


class TestFaultPoints:
    def passed(self, bench, *items, slots=0):
        names = []
        bench.faults.passing = names.append
        bench.apply(*items, slots=slots)
        return names

    def test_where_a_batch_of_events_may_end(self, served):
        assert self.passed(served, served.usage(20)) == ["after_decide_before_outbox", "after_event_commit"]

    def test_where_an_answer_may(self, served):
        served.apply(served.text("HELP"))
        (send,) = served.claim()
        names = self.passed(served, *served.answers(send, message_id="a"))
        assert names == ["after_decide_before_outbox", "after_resp_before_commit"]

    def test_where_the_begin_of_a_month_may(self, served):
        served.apply(served.usage(20))
        served.now = served.store.next_due
        assert self.passed(served) == ["during_period_roll", "after_decide_before_outbox"]


@pytest.mark.parametrize(
    ("code", "named"),
    [
        (sqlite3.SQLITE_BUSY, StoreLocked),
        (sqlite3.SQLITE_BUSY_RECOVERY, StoreLocked),
        (sqlite3.SQLITE_LOCKED_SHAREDCACHE, StoreLocked),
        (sqlite3.SQLITE_NOTADB, StoreDamaged),
        (sqlite3.SQLITE_CORRUPT_INDEX, StoreDamaged),
        (sqlite3.SQLITE_FULL, sqlite3.OperationalError),
    ],
)
def test_an_error_of_the_database_is_known_by_its_primary_code(tmp_path, code, named):
    error = sqlite3.OperationalError("why")
    error.sqlite_errorcode = code
    assert type(module._named(error, tmp_path)) is named
