"""The one hop to the connection's thread."""

import asyncio
import sqlite3
import threading

import pytest

from gateway.store.database import Database

LIMIT_S = 10


@pytest.fixture
def database(tmp_path, runner):
    one = runner.run(Database.open(tmp_path / "one.db"))
    yield one
    runner.run(one.close())


def test_many_statements_are_one_hop(database, runner):
    def work(raw):
        raw.execute("BEGIN IMMEDIATE")
        raw.execute("CREATE TABLE t (n INTEGER)")
        raw.executemany("INSERT INTO t VALUES (?)", [(n,) for n in range(1000)])
        raw.execute("COMMIT")
        return raw.execute("SELECT sum(n) FROM t").fetchone(), threading.current_thread()

    total, thread = runner.run(database.run(work))
    assert total == (499_500,)
    assert thread is not threading.current_thread()


def test_what_work_raises_reaches_the_waiter(database, runner):
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        runner.run(database.run(lambda raw: raw.execute("SELECT * FROM nowhere")))
    with pytest.raises(ZeroDivisionError):
        runner.run(database.run(lambda _: 1 / 0))
    assert runner.run(database.run(lambda raw: raw.execute("SELECT 1").fetchone())) == (1,)


def test_cancelling_the_waiter_does_not_stop_the_work(database, runner):
    begun, go_on = threading.Event(), threading.Event()

    def work(raw):
        begun.set()
        assert go_on.wait(LIMIT_S)
        raw.execute("CREATE TABLE done (n INTEGER)")

    async def story():
        waiter = asyncio.ensure_future(database.run(work))
        await asyncio.to_thread(begun.wait, LIMIT_S)
        waiter.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiter
        go_on.set()
        # the next work stands behind it
        return await database.run(lambda raw: raw.execute("SELECT count(*) FROM done").fetchone())

    assert runner.run(story()) == (0,)


def test_work_is_run_in_the_order_it_was_given(database, runner):
    order = []

    async def story():
        await asyncio.gather(*(database.run(lambda _, n=n: order.append(n)) for n in range(50)))

    runner.run(story())
    assert order == list(range(50))


def test_a_reader_cannot_write(tmp_path, database, runner):
    runner.run(database.run(lambda raw: raw.execute("CREATE TABLE t (n INTEGER)")))
    reader = runner.run(Database.open(tmp_path / "one.db", read_only=True))
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        runner.run(reader.run(lambda raw: raw.execute("INSERT INTO t VALUES (1)")))
    runner.run(reader.close())


def test_a_file_that_cannot_be_opened_leaves_no_thread(tmp_path, runner):
    before = set(threading.enumerate())
    with pytest.raises(sqlite3.OperationalError):
        runner.run(Database.open(tmp_path / "nowhere" / "one.db"))
    for thread in set(threading.enumerate()) - before:
        thread.join(LIMIT_S)
        assert not thread.is_alive()
