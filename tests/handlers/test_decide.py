"""What holds for every conversation whatever happens in it, and for the door itself."""

from dataclasses import replace
from datetime import UTC, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import handlers
from handlers.blocks import capped_categories, reasons_in
from handlers.bundles import is_spent, started
from handlers.effects import Notify, SetDataPolicy, WakeAt
from handlers.events import PeriodBegan
from handlers.policy import COST_LIMITS_EUR
from handlers.subscription import CATEGORIES

PRIMARY = {"imsi": "204080000000001", "role": "primary", "msisdn": "+31612345678"}
WATCH = {"imsi": "204080000000002", "role": "multisim", "msisdn": "+31612345678"}
COMBI = {"imsi": "204080000000009", "role": "combi", "msisdn": "+31697000009"}
SIMS = [PRIMARY, WATCH, COMBI]
PLACES = ("NL", "DE", "CH", "US", "JP", "AR", "TM", "SHIP", "nowhere")
TEXTS = ("INFO UIT", "INFO AAN", "BERICHT UIT", "LIMIET UIT", "LIMIET AAN", "HELP", "DOORGAAN", "NEE", "hoi", "INFO?")

SETTINGS = st.one_of(
    st.builds(lambda eur: {"cost_limit_eur": eur}, st.sampled_from([*COST_LIMITS_EUR, 7])),
    st.builds(lambda on: {"hard_cap": on}, st.booleans()),
    st.builds(lambda on: {"m2m": on}, st.booleans()),
    st.builds(lambda on: {"sms_capable": on}, st.booleans()),
    st.builds(lambda gb: {"bundle_gb": gb}, st.sampled_from([0, 15, "unlimited"])),
    st.builds(lambda gb: {"usage_alert_gb": gb}, st.sampled_from([None, 0.01, 1])),
    st.builds(lambda mb: {"roaming_limit_mb": mb}, st.sampled_from([None, 10, 100])),
    st.builds(
        lambda name, on: {"blocks": {name: on}},
        st.sampled_from(["data_outside_eu", "data_eu", "roaming", "zero_bundle_lifted"]),
        st.booleans(),
    ),
    st.builds(
        lambda name, on: {"bundles": {name: {"enabled": on}}},
        st.sampled_from(["A", "B", "ROW", "WORLD"]),
        st.booleans(),
    ),
    st.builds(
        lambda name, most: {"bundles": {name: {"max_per_month": most}}},
        st.sampled_from(["A", "B", "ROW", "WORLD"]),
        st.sampled_from([1, 2, 10]),
    ),
    st.builds(
        lambda name, on: {"preferences": {name: on}}, st.sampled_from(["BERICHT", "INFO", "LIMIET"]), st.booleans()
    ),
)
HAPPENINGS = st.one_of(
    st.tuples(
        st.just("use"),
        st.sampled_from(PLACES),
        st.sampled_from([0, 1, 8_000_000, 20_000_000, 60_000_000]),
        st.sampled_from([timedelta(0), timedelta(minutes=10), timedelta(days=3), timedelta(days=40)]),
        st.sampled_from([None, timedelta(hours=3), timedelta(days=20), timedelta(days=70)]),
    ),
    st.tuples(st.just("enter"), st.sampled_from(PLACES), st.sampled_from([sim["imsi"] for sim in SIMS])),
    st.tuples(st.just("text"), st.sampled_from(TEXTS)),
    st.tuples(st.just("set"), SETTINGS),
    st.tuples(
        st.just("wait"),
        st.sampled_from([timedelta(seconds=10), timedelta(hours=5), timedelta(days=12), timedelta(days=31)]),
    ),
)


# Readings that change what blocks (Q15, Q31).
SCOPES = st.fixed_dictionaries(
    {
        "cost_block_scope": st.sampled_from(["outside_eu", "out_of_bundle"]),
        "cap_scope": st.sampled_from(["category", "subscription"]),
    }
)
PROPERTY = settings(deadline=None, derandomize=True, max_examples=200)


def small(policy, scopes):
    """Instances of 10 MB, so that a few records use them up."""
    offers = {name: replace(offer, volume_bytes=10_000_000) for name, offer in policy.tariffs.offers.items()}
    return replace(policy, tariffs=replace(policy.tariffs, offers=offers), **scopes)


class Life:
    """A story played at random, with the network that hears what data may do and the wake-ups that were asked for."""

    def __init__(self, told):
        self.told = told
        self.pushed = told.created
        self.wakes = []
        self.used_bytes = 0

    def wait(self, passed):
        until = self.told.now + passed
        for moment in sorted(wake for wake in self.wakes if wake <= until):
            self.told.now = moment
            self.told.happens(PeriodBegan(moment, moment))
            self.hear()
        self.wakes = [wake for wake in self.wakes if wake > until]
        self.told.now = until

    def use(self, place, volume_bytes, ago, lasted):
        end = self.told.now - ago
        zone = self.told.policy.timezone
        local = {"used_at": end.astimezone(zone).replace(tzinfo=None).isoformat()}
        if lasted is not None:
            local["started_at"] = (end - lasted).astimezone(zone).replace(tzinfo=None).isoformat()
        self.told.uses(place, volume_bytes=volume_bytes, **local)
        if self.told.judged.refusal is None:
            self.used_bytes += volume_bytes

    def happen(self, what, *more):
        before = self.told.profile.preferences
        doors = {"use": self.use, "enter": self.enter, "text": self.told.texts, "set": self.set, "wait": self.wait}
        doors[what](*more)
        for notice in (e for e in self.told.queue if isinstance(e, Notify) and e.suppressed is None):
            control = self.told.policy.notifications[notice.kind].control
            assert control == "mandatory" or getattr(before, control), f"told although it is off: {notice}"
        self.hear()

    def enter(self, place, imsi):
        self.told.enters(place, imsi=imsi)

    def set(self, changes):
        self.told.sets(**changes)

    def hear(self):
        for effect in self.told.queue:
            if isinstance(effect, SetDataPolicy):
                self.pushed = effect
            if isinstance(effect, WakeAt):
                assert effect.at > self.told.now
                self.wakes.append(effect.at)
        self.told.queue.clear()


@PROPERTY
@given(SCOPES, st.lists(HAPPENINGS, max_size=30))
def test_whatever_happens(story_class, policy, scopes, happenings):
    told = story_class({"sims": SIMS}, small(policy, scopes))
    life = Life(told)
    for happening in happenings:
        life.happen(*happening)
        # The network always knows what data may do now.
        assert life.pushed == told.allowed, "\n".join(told.said)
        # No byte is lost or counted twice.
        sums = [p.domestic_eu_bytes + p.outside_eu_bytes + p.leakage_bytes for p in told.state.periods.values()]
        assert sum(sums) == life.used_bytes
        # B13: of no category more than the maximum was ever started; B14: what is spent is blocked.
        for category in CATEGORIES:
            assert started(told.period, category) <= 10
            assert category in capped_categories(told.state, told.key) or not is_spent(
                told.profile, told.period, category, told.policy
            )
        # Cost blocks of a month follow each other.
        for key in told.state.periods:
            rows = [b for b in told.state.blocks if b.reason == "COST_LIMIT" and b.period == key]
            for earlier, later in pairwise(rows):
                assert earlier.end is not None
                assert earlier.start <= earlier.end <= later.start


@PROPERTY
@given(SCOPES, st.tuples(st.sampled_from(["NL", "DE", "US", "JP", "AR", "SHIP"]), st.lists(HAPPENINGS, max_size=15)))
def test_f2_q24_use_of_now_is_leakage_exactly_where_data_is_blocked(story_class, policy, plmns, scopes, trip):
    place, happenings = trip
    told = story_class({"sims": SIMS}, small(policy, scopes))
    life = Life(told)
    for happening in happenings:
        life.happen(*happening)
    told.later(seconds=1)
    zone = told.policy.tariffs.place(plmns[place], told.now).zone
    blocked = bool(reasons_in(told.state, zone, told.key, told.policy))
    told.uses(place, volume_bytes=1)
    assert (told.judged.outcome == "leakage") is blocked, "\n".join(told.said)


def test_an_event_of_no_known_kind_is_our_fault(story):
    told = story()
    with pytest.raises(KeyError):
        handlers.decide(told.state, object(), told.policy)


def test_what_did_not_change_is_the_same_value(story):
    told = story()
    before = told.state
    told.uses("NL", mb=1)
    assert told.state.profile is before.profile
    assert told.state.memory is before.memory
    assert told.state.blocks is before.blocks


def test_an_event_that_only_counts_leaves_at_most_three_findings(story):
    told = story({"usage_alert_gb": 1, "roaming_limit_mb": 1000})
    told.uses("JP", volume_bytes=1).hears("bundle_activated")
    for place in ("NL", "US", "JP"):
        told.uses(place, volume_bytes=10)
        assert 1 <= len(told.judged.findings) <= 3


def test_the_parts_of_the_door(story):
    told = story().reaches_100()
    assert handlers.cost_state(told.state, told.key) == "BLOCKED_100"
    assert handlers.data_policy(told.state, told.key, told.policy) == told.allowed
    assert handlers.pending_limit(told.state, told.key) is None
    assert told.now.tzinfo is UTC
