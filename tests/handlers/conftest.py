"""The language in which handlers are tested: a conversation of things that happen and what comes of them.

A `Story` is one subscription. What happens to it (`uses`, `enters`, `texts`, `sets`, `month_begins`) is judged at
once; what comes of it waits in a queue until the test says so (`hears`, `not_told`, `data`, `wakes`, `consents`,
`cancels`). The next thing cannot happen while something waits, and no story may end so: forgetting to assert is an
error. Any failure prints the whole conversation. Every judgement is also checked for what always holds.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from handlers import cost_state, data_policy, decide
from handlers.effects import (
    REASON_WORDS,
    STATE_WORDS,
    CancelUndelivered,
    Notify,
    RecordConsent,
    SetDataPolicy,
    WakeAt,
)
from handlers.events import LocationUpdated, PeriodBegan, SettingsChanged, SmsReceived, UsageReported
from handlers.history import lifted_at
from handlers.limits import BLOCK_LEVELS
from handlers.policy import BundleOffer, Place, Policy, Rate, Tariffs
from handlers.subscription import Profile, Subscription

NUMBER = "+31612345678"
IMSI = "204080000000001"
_FIRST = datetime(2020, 1, 1, tzinfo=UTC)


def _here(key, zone, regime, **more):
    return ((_FIRST, Place(key, key, zone, regime, link=key, **more)),)


NETWORKS = {
    "204": _here("NL", "HOME", "home"),
    "206": _here("BE", "EU", "member"),
    "262": _here("DE", "EU", "member"),
    "208": _here("FR", "EU", "member"),
    "242": _here("NO", "EU", "eea"),
    "228": _here("CH", "EU", "voluntary"),
    "234": _here("GB", "EU", "voluntary"),
    "234-50": ((_FIRST, Place("CHANNEL", None, "EU", "voluntary", link="CHANNEL")),),
    "255": (
        (_FIRST, Place("UA", "UA", "A", "third", link="UA")),
        (datetime(2025, 12, 31, 23, tzinfo=UTC), Place("UA", "UA", "EU", "rlah_assoc", link="UA")),
    ),
    "286": _here("TR", "A", "third"),
    "310": _here("US", "A", "third"),
    "302": _here("CA", "A", "third"),
    "440": _here("JP", "B", "third"),
    "722": _here("AR", "ROW", "third"),
    "438": _here("TM", "ROW", "third", realtime=False),
    "350": _here("BM", "A", "rlah_assoc"),  # a regime of the EU at a tariff outside it: made up for the rules
    "901": ((_FIRST, Place("MARITIME", None, "NT", "non_terrestrial", link="NT")),),
    "901-71": ((_FIRST, Place("NORTHSEA", None, "A", "third", link="NORTHSEA")),),
}
TARIFFS = Tariffs(
    version="test",
    rates={
        "HOME": Rate(20_000, 0, 0, 0),
        "EU": Rate(20_000, 0, 0, 0),
        "A": Rate(2_500_000, 900_000, 450_000, 250_000),
        "B": Rate(4_000_000, 1_600_000, 900_000, 350_000),
        "ROW": Rate(5_000_000, 2_400_000, 1_400_000, 450_000),
        "NT": Rate(10_000_000, 4_000_000, 3_000_000, 600_000),
    },
    offers={
        "A": BundleOffer("A", 30_000_000_000, 25_000_000, frozenset({"A"})),
        "B": BundleOffer("B", 7_500_000_000, 35_000_000, frozenset({"B"})),
        "ROW": BundleOffer("ROW", 5_000_000_000, 50_000_000, frozenset({"ROW"})),
        "WORLD": BundleOffer("WORLD", 7_500_000_000, 45_000_000, frozenset({"A", "B", "ROW"})),
    },
    networks=NETWORKS,
)
POLICY = Policy(TARIFFS)

# A network of each place, as stories name them.
PLMNS = {
    "NL": "204-08",
    "BE": "206-01",
    "DE": "262-01",
    "FR": "208-01",
    "NO": "242-01",
    "CH": "228-01",
    "GB": "234-02",
    "CHANNEL": "234-50",
    "UA": "255-03",
    "TR": "286-01",
    "US": "310-410",
    "CA": "302-720",
    "JP": "440-10",
    "AR": "722-010",
    "TM": "438-02",
    "BM": "350-01",
    "SHIP": "901-12",
    "NORTHSEA": "901-71",
    "nowhere": "999-99",
}


def at(moment):
    """An instant of the service's clock: "2026-11-30 23:59" in Amsterdam."""
    return datetime.fromisoformat(moment).replace(tzinfo=POLICY.timezone).astimezone(UTC)


def option(*categories):
    return {"bundles": {category: {"enabled": True} for category in categories}}


class Story:
    """One subscription's conversation; by default option B is enabled, so zone A is rated at the standard rate.

    By default there is one SIM, with an IMSI; `sims` None leaves it unnamed.
    """

    def __init__(self, settings=None, policy=POLICY, now="2026-11-02 09:00"):
        self.policy = policy
        self.now = at(now)
        self.state = Subscription("s1", Profile(msisdn=NUMBER))
        self.queue = []
        self.said = []
        self.ledger = set()
        self.judged = None
        given = {**option("B"), "sims": [{"imsi": IMSI, "role": "primary"}], **(settings or {})}
        if given["sims"] is None:
            del given["sims"]
        self.happens(SettingsChanged(self.now, self.now, given, created=True))
        self.created = self.queue.pop(0)
        if not isinstance(self.created, SetDataPolicy) or self.queue:
            self.fail("creation says what data may do, and nothing else")

    # What happens

    def clock(self, moment):
        self.now = at(moment)
        return self

    def later(self, **passed):
        self.now += timedelta(**passed)
        return self

    def uses(self, place, *, mb=0, volume_bytes=None, used_at=None, started_at=None, imsi=IMSI):
        volume = round(mb * 1_000_000) if volume_bytes is None else volume_bytes
        end = self.now if used_at is None else at(used_at)
        begin = None if started_at is None else at(started_at)
        return self.happens(UsageReported(end, self.now, imsi, PLMNS.get(place, place), volume, begin))

    def enters(self, place, *, imsi=IMSI, when=None):
        moment = self.now if when is None else at(when)
        return self.happens(LocationUpdated(moment, self.now, imsi, PLMNS.get(place, place)))

    def texts(self, text, sender=NUMBER):
        return self.happens(SmsReceived(self.now, self.now, sender, text))

    def sets(self, **changes):
        return self.happens(SettingsChanged(self.now, self.now, changes))

    def month_begins(self, moment):
        self.now = at(moment)
        return self.happens(PeriodBegan(self.now, self.now))

    def happens(self, event):
        if self.queue:
            self.fail(f"{event} happened while nobody had looked at {self.queue}")
        self.said.append(f"{event.now:%d %b %H:%M:%S}  · {event}")
        before = self.state
        decision = decide(before, event, self.policy)
        assert decide(before, event, self.policy) == decision, "the same again must give the same"
        for effect in decision.effects:
            self.said.append(f"                   {effect}")
        self.said.append(f"                   {decision.outcome}  {decision.refusal or ''} {decision.findings}")
        self.judged, self.state = decision, decision.subscription
        self.queue = list(decision.effects)
        self._check(before, decision)
        return self

    # What comes of it

    def hears(self, kind, to=NUMBER, **fields):
        """The next thing is this text, with at least these values in it."""
        notice = self._next(Notify)
        if (notice.kind, notice.to, notice.suppressed) != (kind, to, None):
            self.fail(f"expected the text {kind} to {to}, found {notice}")
        wrong = {name: value for name, value in fields.items() if dict(notice.fields).get(name) != value}
        if wrong:
            self.fail(f"expected {wrong} in {notice}")
        return self

    def not_told(self, kind, reason, to=NUMBER):
        notice = self._next(Notify)
        if (notice.kind, notice.to, notice.suppressed) != (kind, to, reason):
            self.fail(f"expected {kind} to {to} not to be sent because of {reason}, found {notice}")
        return self

    def data(self, **allowed):
        """The network hears what data may do."""
        pushed = self._next(SetDataPolicy)
        wrong = {name: value for name, value in allowed.items() if getattr(pushed, name) != value}
        if wrong:
            self.fail(f"expected {wrong} in {pushed}")
        return self

    def wakes(self, moment, *, spread=True):
        """To be looked at again at a month's begin; what ends with a month a little later, in the order of a hash."""
        wake = self._next(WakeAt)
        month_before = self.policy.previous_period(self.policy.period_of(at(moment)))
        if wake.at != (lifted_at(self.state, month_before, self.policy) if spread else at(moment)):
            self.fail(f"expected a wake-up at {moment}, found {wake}")
        return self

    def consents(self, **given):
        consent = self._next(RecordConsent)
        wrong = {name: value for name, value in given.items() if getattr(consent, name) != value}
        if wrong:
            self.fail(f"expected {wrong} in {consent}")
        return self

    def cancels(self, *kinds, to=NUMBER):
        cancelled = self._next(CancelUndelivered)
        if cancelled.to != to or not cancelled.kinds.issuperset(kinds):
            self.fail(f"expected {kinds} to be cancelled, found {cancelled}")
        return self

    def came(self, outcome):
        if self.judged.outcome != outcome:
            self.fail(f"expected the outcome {outcome}, found {self.judged.outcome}")
        return self

    def because(self, rule, word, **figures):
        """A rule was looked at and that came of it."""
        for found_rule, found_word, found_figures in self.judged.findings:
            if (found_rule, found_word) == (rule, word) and figures.items() <= dict(found_figures).items():
                return self
        return self.fail(f"expected the finding {rule} {word} {figures}, found {self.judged.findings}")

    def refused(self, code, pointer):
        refusal = self.judged.refusal
        if refusal is None or (refusal.code, refusal.pointer) != (code, pointer) or not refusal.message:
            self.fail(f"expected the refusal {code} at {pointer}, found {refusal}")
        return self

    def silence(self):
        """Nothing more comes of what happened."""
        if self.queue:
            self.fail(f"nobody expected {self.queue}")
        return self

    # What is so now

    @property
    def key(self):
        return self.policy.period_of(self.now)

    @property
    def period(self):
        return self.state.in_period(self.key)

    @property
    def profile(self):
        return self.state.profile

    @property
    def cost(self):
        return cost_state(self.state, self.key)

    @property
    def allowed(self):
        return data_policy(self.state, self.key, self.policy)

    def rows(self, reason):
        """The history of blocks for a reason: (start, end, level)."""
        return [(block.start, block.end, block.level) for block in self.state.blocks if block.reason == reason]

    # Whole turns of the conversation that many stories need

    def reaches_100(self):
        """20 MB at 2.50 is the default limit, at once."""
        key_end = f"{self.policy.next_period(self.key)}-01 00:00"
        self.uses("US", mb=20).wakes(key_end).not_told("cost_80", "superseded").hears("cost_100_block")
        return self.data(outside_eu="blocked", reasons=("COST_LIMIT",)).silence()

    def lifts_100(self):
        self.texts("DOORGAAN").hears("cost_lifted_100").consents(level=100)
        return self.data(outside_eu="open", reasons=()).silence()

    at = staticmethod(at)

    # Inside

    def _check(self, before, decision):
        """What always holds."""
        rules = self.policy.notifications
        for _rule, word, _figures in decision.findings:
            assert word in REASON_WORDS | STATE_WORDS, word
        for notice in (effect for effect in decision.effects if isinstance(effect, Notify)):
            assert tuple(name for name, _ in notice.fields) == rules[notice.kind].fields, notice
            assert notice.suppressed is None or notice.suppressed in REASON_WORDS, notice
            assert notice.to in {self.profile.msisdn, self.profile.notify_msisdn}, notice
            if notice.ledger is not None:
                assert notice.ledger not in self.ledger, f"told twice: {notice}"
                self.ledger.add(notice.ledger)
        for key, period in before.periods.items():
            after = decision.subscription.periods[key]
            for counter in ("domestic_eu_bytes", "outside_eu_bytes", "leakage_bytes", "charges_ueur"):
                assert getattr(after, counter) >= getattr(period, counter), (key, counter)
            assert after.notices >= period.notices, key
        if decision.refusal is not None:
            assert decision.subscription is before
            assert not decision.effects
        level = BLOCK_LEVELS[self.cost]
        rows = [b.level for b in self.state.blocks if (b.reason, b.period, b.end) == ("COST_LIMIT", self.key, None)]
        assert rows == ([level] if level else []), "the row exists exactly when the state blocks"

    def _next(self, kind):
        if not self.queue or not isinstance(self.queue[0], kind):
            self.fail(f"expected a {kind.__name__} next, found {self.queue[:1] or 'nothing'}")
        return self.queue.pop(0)

    def fail(self, message):
        raise AssertionError("\n".join([message, "", *self.said]))


@pytest.fixture(scope="session")
def policy():
    return POLICY


@pytest.fixture(scope="session")
def plmns():
    return PLMNS


@pytest.fixture(scope="session")
def story_class():
    """For properties, which end their stories themselves."""
    return Story


@pytest.fixture
def story():
    """Make stories; none may end with something that nobody looked at."""
    made = []

    def tell(settings=None, *, now="2026-11-02 09:00", **policy):
        made.append(Story(settings, replace(POLICY, **policy), now))
        return made[-1]

    yield tell
    for one in made:
        one.silence()
