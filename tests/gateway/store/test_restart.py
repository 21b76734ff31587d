"""A restart between any two batches changes nothing that anybody can see.

The same random life is lived by two stores: one that never stops, and one that is closed and opened again between
batches. What memory holds (known state, queues, totals) must be no more than what the file holds.
"""

import json
import re
import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gateway.store.bench import IMSI, NUMBER, OTHER, OTHER_IMSI, Bench

PLMNS = ("204-08", "206-01", "310-410", "440-10", "255-03")
numbers = st.sampled_from((NUMBER, OTHER))
settings_of = st.fixed_dictionaries(
    {},
    optional={
        "cost_limit_eur": st.sampled_from((10, 50, 100)),
        "usage_alert_gb": st.sampled_from((None, 0.01, 0.02)),
        "roaming_limit_mb": st.sampled_from((None, 5)),
        "bundles": st.sampled_from(({"B": {"enabled": True}}, {"B": {"enabled": False}})),
        "blocks": st.sampled_from(({"data_outside_eu": True}, {"data_outside_eu": False})),
        "hard_cap": st.booleans(),
        "preferences": st.sampled_from(({"INFO": False}, {"INFO": True}, {"LIMIET": False})),
        "sims": st.sampled_from(
            (
                [{"imsi": IMSI, "role": "primary"}],
                [{"imsi": OTHER_IMSI, "role": "primary"}],
                [{"imsi": IMSI, "role": "primary"}, {"imsi": OTHER_IMSI, "role": "multisim"}],
            )
        ),
    },
)
megabytes = st.sampled_from((0, 1, 4, 9, 20))
items = st.one_of(
    st.tuples(st.just("usage"), numbers, megabytes, st.sampled_from(PLMNS), st.integers(0, 40)),
    st.tuples(st.just("session"), numbers, megabytes, st.sampled_from("ab")),
    st.tuples(st.just("location"), numbers, st.sampled_from(PLMNS)),
    st.tuples(st.just("text"), numbers, st.sampled_from(("DOORGAAN", "HELP", "INFO UIT", "INFO AAN", "wat?"))),
    st.tuples(st.just("put"), numbers, settings_of),
    st.tuples(st.just("delete"), numbers),
    st.tuples(st.just("again"), st.integers(0, 30)),
)
lives = st.lists(
    st.tuples(
        st.lists(items, min_size=1, max_size=5),
        st.sampled_from((0, 1, 64)),  # room in the window
        st.sampled_from(("accepted", "retry", "failed", "unsent")),
        st.sampled_from((0, 40, 3600, 86_400, 10 * 86_400)),  # seconds that pass
    ),
    min_size=1,
    max_size=8,
)


class Life:
    """Plays one life on one bench; every moment of it is fixed by what is drawn."""

    def __init__(self, bench):
        self.bench = bench.open()
        self.events = []
        self.results = []
        self.bench.apply(self.bench.put(bundles={"B": {"enabled": True}}))

    def item(self, drawn):
        bench, (what, *rest) = self.bench, drawn
        if what == "again":
            return self.events[rest[0] % len(self.events)] if self.events else bench.text("HELP")
        if what == "put":
            return bench.put(rest[0], **rest[1])
        if what == "delete":
            return bench.delete(rest[0])
        if what == "text":
            return bench.text(rest[1], rest[0])
        if what == "location":
            event = bench.location(rest[1], msisdn=rest[0])
        elif what == "session":
            event = bench.usage(session=rest[2], total_mb=rest[1], msisdn=rest[0])
        else:
            event = bench.usage(rest[1], rest[2], msisdn=rest[0], at=bench.now - timedelta(days=rest[3]))
        self.events.append(event)
        return event

    def step(self, step):
        drawn, slots, verdict, passed_s = step
        bench = self.bench
        applied = bench.apply(*(self.item(one) for one in drawn), slots=slots)
        self.results.append([result and repr(result) for result in applied.results])
        for send in applied.sends:
            bench.apply(*bench.answers(send, verdict, f"id{len(self.results)}", status=0x58))
        bench.later(seconds=passed_s)
        bench.transport_now += 30

    def seen(self):
        """All that GET shows, without what an id is made of."""
        bench = self.bench
        shown = [bench.runner.run(bench.reads.subscriptions(None, None, None))]
        for number in (NUMBER, OTHER):
            if bench.get(number) is None:
                continue
            shown.append([bench.get(number, period) for period in ("2026-10", "2026-11", "2026-12")])
            shown.append([{**one, "id": ""} for one in bench.notifications(number)])
            shown.append(bench.decisions(number))
        # A subscription made after a restart has an id of that boot; decisions name its blocks by it.
        return json.loads(re.sub(r"s[0-9a-f]{11,}-b", "s-b", json.dumps(shown)))


def test_nobody_sees_a_restart(loaded, runner):
    @settings(max_examples=40, deadline=None)
    @given(life=lives, restarts=st.sets(st.integers(0, 7)))
    def lived(life, restarts):
        with tempfile.TemporaryDirectory() as folder:
            steady, restarted = (Life(Bench(Path(folder) / name, loaded, runner)) for name in ("a.db", "b.db"))
            try:
                for number, step in enumerate(life):
                    steady.step(step)
                    restarted.step(step)
                    if number in restarts:
                        restarted.bench.restart()
                for one in (steady, restarted):
                    one.bench.apply()
                assert restarted.results == steady.results
                assert restarted.seen() == steady.seen()
            finally:
                steady.bench.close()
                restarted.bench.close()

    lived()
