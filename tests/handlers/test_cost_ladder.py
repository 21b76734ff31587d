"""The cost ladder against a small model of its own, written from rules 2.2 and nothing else.

The model replays in order of arrival, since late records do not commute with crossings. It knows one month, one
price per MB and no other block.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.effects import Notify

UEUR_PER_MB = 2_500_000
BEGIN = datetime(2026, 11, 10, 12, tzinfo=UTC)
RAISES = (100, 150, 200)
PROPERTY = settings(deadline=None, derandomize=True, max_examples=300)


@dataclass
class Model:
    """Limit, charges and consent; who was told what; when data was blocked."""

    limit: int = 50_000_000
    version: int = 1
    charges: int = 0
    consent: int = 0
    hard_cap: bool = False
    limiet: bool = True
    told: set = field(default_factory=set)
    blocked: list = field(default_factory=list)  # [begin, end or None, level]

    def level(self):
        if self.consent == 2:
            return 0
        if self.charges >= 2 * self.limit:
            return 200
        return 100 if self.charges >= self.limit and self.consent == 0 else 0

    def use(self, used_at, now, mb):
        if any(begin <= used_at and (end is None or used_at < end) for begin, end, _ in self.blocked):
            return []
        self.charges += mb * UEUR_PER_MB
        self.follow(used_at, now)
        reached = [level for level in (80, 100, 200) if 100 * self.charges >= level * self.limit]
        if not reached or self.consent == 2 or (reached[-1] == 100 and self.consent == 1):
            return []
        fresh = [level for level in reached if (self.version, level) not in self.told]
        if reached[-1] not in fresh:
            return []
        self.told |= {(self.version, level) for level in fresh}
        return [(self.name(level), self.why_not(level, reached[-1])) for level in fresh]

    def name(self, level):
        if level == 80:
            return "cost_80"
        return "cost_100_block_hard" if self.hard_cap else f"cost_{level}_block"

    def why_not(self, level, highest):
        if level != highest:
            return "superseded"
        return None if level != 80 or self.limiet else "preference:LIMIET"

    def reply(self, now):
        level = self.level()
        if not level:
            return [("nothing_to_lift", None)]
        if self.hard_cap:
            return [("lift_refused_hard_cap", None)]
        self.consent = {100: 1, 200: 2}[level]
        self.follow(now, now)
        return [(f"cost_lifted_{level}", None)]

    def raise_to(self, eur, now):
        limit = eur * 1_000_000
        if limit <= self.limit:
            return []  # what is lowered waits for the next month, which the model does not know
        was_blocked = self.level()
        self.limit = limit
        self.version += 1
        if self.consent == 1 and self.charges < self.limit:
            self.consent = 0
        self.follow(now, now)
        return [("cost_unblocked_admin", None)] if was_blocked and not self.level() and self.consent < 2 else []

    def follow(self, crossed_at, now):
        running = self.blocked[-1] if self.blocked and self.blocked[-1][1] is None else None
        level = self.level()
        if level == (running[2] if running else 0):
            return
        if running:
            running[1] = crossed_at = now
        if level:
            begin = max([crossed_at, *(end for _, end, _ in self.blocked)])
            self.blocked.append([begin, None, level])


STEPS = st.one_of(
    st.tuples(
        st.just("use"), st.sampled_from([0, 1, 2, 4, 8, 15, 16, 20, 24, 40, 52]), st.sampled_from([0, 3, 60, 500])
    ),
    st.tuples(st.just("reply")),
    st.tuples(st.just("raise"), st.sampled_from(RAISES)),
    st.tuples(st.just("hard"), st.booleans()),
    st.tuples(st.just("limiet"), st.booleans()),
)


def play(told, model, step):
    """One step in both; returns what the model says was decided."""
    what, *more = step
    now = told.now
    if what == "use":
        mb, minutes_ago = more
        used_at = max(now - timedelta(minutes=minutes_ago), BEGIN)
        told.uses("US", mb=mb, used_at=used_at.astimezone(told.policy.timezone).replace(tzinfo=None).isoformat())
        return model.use(used_at, now, mb)
    if what == "reply":
        told.texts("DOORGAAN")
        return model.reply(now)
    if what == "raise":
        told.sets(cost_limit_eur=more[0])
        return model.raise_to(more[0], now)
    if what == "hard":
        told.sets(hard_cap=more[0])
        model.hard_cap = more[0]
        return []
    told.sets(preferences={"LIMIET": more[0]})
    model.limiet = more[0]
    return []


@PROPERTY
@given(st.lists(STEPS, max_size=25))
def test_the_ladder_decides_as_the_model_does(story_class, steps):
    told, model = story_class(now="2026-11-10 13:00"), Model()
    for step in steps:
        expected = play(told, model, step)
        notices = [(e.kind, e.suppressed) for e in told.judged.effects if isinstance(e, Notify)]
        if notices != expected:
            told.fail(f"the model decided {expected} for {step}, found {notices}")
        found = [list(row) for row in told.rows("COST_LIMIT")]
        if (told.period.charges_ueur, told.period.consent, found) != (model.charges, model.consent, model.blocked):
            told.fail(f"the model stands at {model}")
        assert told.allowed.outside_eu == ("blocked" if model.level() else "open")
        told.queue.clear()
        told.later(minutes=1)


@PROPERTY
@given(st.integers(0, 60_000_000))
def test_q8_one_record_from_nothing_is_told_once_or_not_at_all(story_class, volume_bytes):
    told = story_class().uses("US", volume_bytes=volume_bytes)
    sent = [e.kind for e in told.judged.effects if isinstance(e, Notify) and e.suppressed is None]
    share = volume_bytes / 20_000_000
    assert sent == (
        ["cost_200_block"] if share >= 2 else ["cost_100_block"] if share >= 1 else ["cost_80"] if share >= 0.8 else []
    )
