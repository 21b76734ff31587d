"""Killed with -9 twenty times under load, at random moments, and started again on the same database each time.

Events over HTTP are repeated with their ids until they are acknowledged, texts over SMPP by the SMSC until they are
answered ROK. Afterwards every acknowledged event must be counted once, every notification decided once, no text lost,
and what was sent twice explained by a line of the log. The moments come from a seed that is printed with the figures.
A control follows: the same check must see each thing that a doctored database has lost or has twice.
"""

import asyncio
import json
import os
import random
import signal
import sqlite3
import time
from collections import Counter

import pytest

from simulator.smsc import SmscSettings
from simulator.world import WorldSettings
from tests.world.crashes import ANSWERS, PRODUCERS, Executioner, Load, gather, violations
from tests.world.stage import WAIT_S, staged

CYCLES = 20
PEOPLE, SHIPS = 24, 4
MOMENTS = {"frame": 900, "answer": 25, "start": 2}
"""A life ends at a random one of its first frames or acknowledged batches, or before it is up."""
WEIGHTS = (11, 6, 3)
SEED = int(os.environ.get("KILL_SEED", "20261102"))
"""Another one, or the one of a failure: KILL_SEED=7."""


@pytest.fixture
def books(run, tmp_path):
    """The load with its tally after twenty lives, the last of them still running."""
    settings = WorldSettings(smsc=SmscSettings(receipt_delay_s=0, response_timeout_s=2.0), settle_timeout_s=WAIT_S)
    context = staged(tmp_path, settings=settings)
    stage = run(context.__aenter__())
    try:
        yield stage, run(_twenty_lives(stage))
    finally:
        run(context.__aexit__(None, None, None))


async def _twenty_lives(stage):
    chance, executioner = random.Random(SEED), Executioner()
    load = Load(stage, executioner, SEED)
    await load.subscribe(PEOPLE, SHIPS)
    moments: Counter[str] = Counter()
    async with asyncio.TaskGroup() as group:
        producers = [group.create_task(load.produce()) for _ in range(PRODUCERS)]
        for _ in range(CYCLES):
            moments[await _one_life(stage, load, executioner, chance)] += 1
        load.finish()
        await stage.join()
        load.begin(stage.client.url)
        for producer in producers:
            await producer
    await load.texts_ended()
    stage.client.uncertain = True  # the events were not posted by the simulator's client
    await stage.world.settle()
    return load, moments


async def _one_life(stage, load, executioner, chance):
    """Loads the gateway that is up, or coming up, until it is killed; starts the next. When it died."""
    (what,) = chance.choices(list(MOMENTS), WEIGHTS)
    nth = chance.randint(1, MOMENTS[what])
    if what == "start":
        await stage.child.wait_for(("service.started", "gateway.ready")[nth - 1], timeout_s=WAIT_S)
        await stage.kill()
    else:
        line = await stage.child.wait_for("gateway.ready", timeout_s=WAIT_S)
        executioner.aim(stage.child, what, nth)
        load.begin(f"http://127.0.0.1:{line['http_port']}")
        await executioner.struck.wait()
        assert await stage.dead() == -signal.SIGKILL
    load.interrupt()
    await stage.start()
    return what


def test_twenty_kills_lose_nothing_and_repeat_nothing(books, run):
    stage, (load, moments) = books
    began_s = time.perf_counter()
    evidence = run(gather(stage, [*load.people, *load.ships]))
    found = violations(load.tally, load.wire, evidence)
    tally = load.tally
    submits = load.wire.total
    decided = sum(map(len, evidence.notices.values()))
    states = Counter(item["state"] for items in evidence.notices.values() for item in items)
    again = submits - states["delivered"]
    print(  # noqa: T201 - the figures are what this test is for
        f"\nkill -9: {CYCLES} cycles ({', '.join(f'{n} at {what}' for what, n in moments.items())}), seed {SEED}\n"
        f"  events acknowledged {tally.events}, of them {tally.repeated} known from before a crash\n"
        f"  notifications decided {decided}: {dict(states)}\n"
        f"  texts to 1330 {load.posted_texts}, answered ROK {tally.texts.total()}\n"
        f"  texts submitted {submits}, of them {again} sent again, {evidence.unknowns.total()} explained\n"
        f"  violations {len(found)}; books read in {time.perf_counter() - began_s:.1f} s"
    )
    assert not found, "\n".join(found[:20])
    # A run that put no load on it, or never met a crash half-way, would prove nothing.
    assert tally.texts.total() == load.posted_texts > 10 * CYCLES
    assert tally.events > 100 * CYCLES
    # Texts were under way at the crashes. Whether one was met between a commit and its answer is chance, and so is
    # whether the SMSC had the text by then; `test_faultpoints` dies at each such point.
    assert evidence.unknowns.total() > CYCLES
    assert moments.keys() == MOMENTS.keys()
    assert {item["kind"] for items in evidence.notices.values() for item in items} >= {
        *("cost_80", "cost_100_block", "usage_80", "usage_100", "roaming_limit_80", *ANSWERS),
        "border_non_terrestrial",
    }
    run(_a_doctored_database_is_seen(stage, load))


async def _a_doctored_database_is_seen(stage, load):
    """The control: each loss and each repetition, made by hand in the store, must be among what is found."""
    assert await stage.child.stop() == 0
    victims = load.people[:4]
    with sqlite3.connect(stage.folder / "gateway.db") as raw:
        ids = [
            raw.execute("SELECT id FROM subscription WHERE msisdn = ?", (number,)).fetchone()[0] for number in victims
        ]
        body, period = raw.execute("SELECT body, period FROM period WHERE subscription = ?", ids[:1]).fetchone()
        counted = json.loads(body)
        lost = json.dumps([counted[0] - 1, *counted[1:]])  # at home and in the EU
        raw.execute("UPDATE period SET body = ? WHERE subscription = ? AND period = ?", (lost, ids[0], period))
        raw.execute("DELETE FROM notification WHERE subscription = ? AND kind = 'usage_80'", ids[1:2])
        one = raw.execute(
            "SELECT id FROM notification WHERE subscription = ? AND kind = 'pref_info_off'", ids[2:3]
        ).fetchone()
        raw.execute("DELETE FROM notification WHERE id = ?", one)
        raw.execute(
            "CREATE TEMP TABLE twice AS SELECT * FROM notification WHERE kind = 'cost_100_block' AND subscription = ?",
            ids[3:4],
        )
        raw.execute("UPDATE twice SET id = 'm' || id, seq = seq + 1")
        raw.execute("INSERT INTO notification SELECT * FROM twice")
    await stage.launch()
    found = violations(load.tally, load.wire, await gather(stage, victims))
    told = [[line for line in found if number in line] for number in victims]
    for lines, word in zip(told, ("acknowledged", "usage_80", "answered", "cost_100_block"), strict=True):
        assert any(word in line for line in lines), found
