"""What an erasure leaves on disk: nothing, whatever happened before, also in copies that no row holds."""

import os
import random
import sqlite3
from contextlib import closing

import pytest

from gateway.store import scrub
from gateway.store import store as module
from tests.gateway.store.bench import IMSI, NUMBER, OTHER

PLMNS = ("204-08", "206-01", "208-01", "310-410", "440-10", "722-010", "901-12")
TEXTS = ("HELP", "INFO UIT", "INFO AAN", "DOORGAAN", "wat kost dat?")


class Town:
    """Some hundred subscriptions with two SIMs each, in whose lives much happens, and who leave one after another."""

    def __init__(self, bench, seed):
        self.bench, self.chance = bench, random.Random(seed)
        self.people = [f"+3161{n:07d}" for n in range(250)]
        self.combis = {one: f"+3162{n:07d}" for n, one in enumerate(self.people)}
        self.imsis = {one: (f"20408{n:010d}", f"20408{n + 50_000:010d}") for n, one in enumerate(self.people)}
        self.gone = []
        for begin in range(0, 250, 50):
            bench.apply(*(self.begin(one) for one in self.people[begin : begin + 50]))

    def begin(self, one):
        own, combi = self.imsis[one]
        sims = [{"imsi": own, "role": "primary"}, {"imsi": combi, "role": "combi", "msisdn": self.combis[one]}]
        return self.bench.put(one, bundles={"B": {"enabled": True}}, sims=sims)

    def happens(self):
        """A batch in which some travel, use, write, and are changed by the portal; then some are erased."""
        bench, chance = self.bench, self.chance
        bench.later(minutes=chance.randrange(90))
        sends = bench.apply(*(self.something(one) for one in chance.sample(self.people, 80)), slots=40).sends
        bench.apply(*(answer for n, send in enumerate(sends) for answer in bench.answers(send, message_id=f"{n:x}")))
        for one in chance.sample(self.people, 4):
            self.people.remove(one)
            self.gone += [one, self.combis[one], *self.imsis[one]]
            assert bench.one(bench.delete(one)).status == 204

    def something(self, one):
        bench, chance = self.bench, self.chance
        what, imsi = chance.random(), chance.choice(self.imsis[one])
        if what < 0.5:
            return bench.location(chance.choice(PLMNS), imsi=imsi)
        if what < 0.7:
            return bench.usage(chance.choice((0, 1, 9, 20)), chance.choice(PLMNS), imsi=imsi)
        if what < 0.9:
            return bench.text(chance.choice(TEXTS), chance.choice((one, self.combis[one])))
        return bench.patch(one, customer="c" * chance.randrange(60), usage_alert_gb=chance.choice((None, 2)))


def lines_on_disk(bench):
    """All files of the store as they lie there, and the log of the gateway."""
    files = bench.path.parent.glob(f"{bench.path.name}*")
    return b"".join(path.read_bytes() for path in files) + bench.told.getvalue().encode()


def found(bench, values):
    left = lines_on_disk(bench)
    return [value for value in values if value.strip("+").encode() in left]


@pytest.mark.parametrize("seed", range(3))
def test_after_a_busy_life_no_number_of_who_was_erased_is_found_anywhere(bench, seed):
    """Each is looked for after each erasure: what comes after must not bring an old copy back either."""
    town = Town(bench, seed)
    for turn in range(16):
        town.happens()
        assert found(bench, town.gone) == [], turn
        if turn % 6 == 3:
            bench.restart()
    assert len(found(bench, town.people)) == len(town.people)
    assert bench.sql("PRAGMA integrity_check") == [("ok",)]


def test_a_file_of_too_many_pages_is_written_anew(bench, monkeypatch):
    monkeypatch.setattr(scrub, "PAGES_MAX", 1)
    town = Town(bench, 0)
    for _ in range(8):
        town.happens()
        assert found(bench, town.gone) == []


def test_a_process_that_died_before_it_was_done_does_it_at_the_start(served, monkeypatch):
    served.apply(*(served.location(plmn) for plmn in PLMNS))
    monkeypatch.setattr(module.Store, "_scrub", lambda *_, **__: None)
    served.apply(served.delete())
    assert served.sql("SELECT scrub_due FROM gateway") == [(1,)]
    monkeypatch.undo()
    served.restart()
    assert found(served, (NUMBER, IMSI)) == []
    assert served.sql("SELECT scrub_due FROM gateway") == [(0,)]


def test_while_somebody_reads_an_older_state_it_waits_and_nothing_else_does(served, monkeypatch):
    monkeypatch.setattr(module, "BUSY_MS", 1)
    with closing(sqlite3.connect(served.path, isolation_level=None)) as backup:
        backup.execute("BEGIN")
        assert backup.execute("SELECT count(*) FROM subscription").fetchone() == (1,)
        assert served.one(served.delete()).status == 204
        assert served.apply(served.put(OTHER)).results[0].status == 201
        assert found(served, (NUMBER, IMSI)) == [NUMBER, IMSI]
        assert served.sql("SELECT scrub_due FROM gateway") == [(1,)]
        backup.execute("COMMIT")
    served.apply()
    assert found(served, (NUMBER, IMSI)) == []


# --- pages


@pytest.mark.parametrize("size", [512, 4096, 65536])
@pytest.mark.parametrize("keyed", ["", "WITHOUT ROWID"])
def test_rows_stay_as_they_are_and_what_is_gone_is_gone(tmp_path, size, keyed):
    chance = random.Random(size)
    path = tmp_path / "pages.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute(f"PRAGMA page_size = {size}")
        raw.execute("PRAGMA secure_delete = ON")
        raw.execute("PRAGMA synchronous = OFF")
        raw.execute(f"CREATE TABLE one (key TEXT PRIMARY KEY, value TEXT) {keyed}")
        rows = {}
        for n in range(1500):
            key = f"k{chance.randrange(10**9):09d}"
            # Some are longer than a page and go on in others.
            rows[key] = f"v{n:05d}" + "." * chance.choice((1, 9, 40, 200, size if size < 65536 else 300))
            raw.execute("INSERT INTO one VALUES (?, ?)", (key, rows[key]))
        gone = chance.sample(sorted(rows), 700)
        raw.executemany("DELETE FROM one WHERE key = ?", [(key,) for key in gone])
        left = {key: value for key, value in rows.items() if key not in gone}
        held = path.read_bytes()
        copies = [key for key in gone if key.encode() in held]
        assert copies or size != 4096  # pages of the size that the store has: else there would be nothing to do
        file = os.open(path, os.O_RDWR)
        assert scrub.overwrite(file) > 0
        assert scrub.overwrite(file) == 0
        raw.execute("PRAGMA shrink_memory")
        assert dict(raw.execute("SELECT key, value FROM one").fetchall()) == left
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        held = path.read_bytes()
        assert [key for key in gone if key.encode() in held or rows[key][:6].encode() in held] == []
        raw.execute("INSERT INTO one VALUES ('new', 'row')")
    os.close(file)


@pytest.mark.parametrize(("first", "begin"), [(2, 12 + 6), (5, 12 + 6), (10, 8 + 6), (13, 8 + 6)])
def test_where_the_space_is(first, begin):
    page = bytes((first, 0, 0, 0, 3, 0x0F, 0x00, 0)) + bytes(4088)
    assert scrub.between(page) == (begin, 0x0F00)
    assert scrub.between(bytes(100) + page[:-100], header=100) == (100 + begin, 0x0F00)


def test_the_largest_page_ends_where_two_octets_cannot_say():
    assert scrub.between(bytes((13, 0, 0, 0, 0, 0, 0, 0)) + bytes(65528)) == (8, 65536)


@pytest.mark.parametrize("first", [0, 1, 3, 4, 9, 11, 14, 255])
def test_a_page_of_no_tree_is_left_alone(first):
    begin, end = scrub.between(bytes((first, 0, 0, 0, 3, 1, 0, 0)) + b"x" * 4088)
    assert begin == end
