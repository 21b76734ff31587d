"""A subscriber to whom anything happens, for Hypothesis: a state machine over the real gateway, SMPP and HTTP.

    from simulator.stateful import SubscriberMachine

    TestSubscriber = SubscriberMachine.TestCase

Rules are what people, the administrator, time and bad luck do; after each of them every invariant is looked at. What
is compared comes from three sides that know nothing of each other: the handset, the portal and the network. Derive
from it to add rules, to change who she is (`subscription`), what befalls her (`FAULTS`), what must hold
(`INVARIANTS`).

Not here: what each notification says and when it is due; of the service's rules only those that may never break.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar, Final
from unittest import SkipTest

from hypothesis import HealthCheck, Phase, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from simulator.gateway_client import GatewayError, Json
from simulator.plugin.clockhand import ClockHand
from simulator.plugin.hands import FaultsHand, NetworkHand, PortalHand
from simulator.plugin.outcome import Outcome
from simulator.plugin.sim import Wanted, shared
from simulator.plugin.stage import Stage
from simulator.plugin.strict import unmet
from simulator.plugin.subscriber import Subscriber
from simulator.plugin.watching import GatewayHand

LIMITS_EUR: Final = (10, 30, 50, 100, 150)
BUNDLES: Final = ("A", "B", "ROW")
MEGABYTE: Final = 10**6
GIGABYTE: Final = 10**9
SWITCHED: Final = {  # which switch silences which kinds (RULES.md, the notification table)
    "INFO": frozenset(
        {
            *("border_eu", "border_eu_vas", "border_eu_data_off", "border_world_bundle", "border_world_no_bundle"),
            *("border_world_data_off", "border_world_blocked", "border_non_terrestrial", "border_combi"),
        }
    ),
    "BERICHT": frozenset({"usage_80", "usage_100", "bundle_80", "bundle_80_last"}),
    "LIMIET": frozenset({"cost_80", "roaming_limit_80", "roaming_limit_100"}),
}
ONCE: Final = {  # kinds that come once a month and version of the limit → the setting that is that limit
    "cost_80": "cost_limit_eur",
    "cost_100_block": "cost_limit_eur",
    "cost_100_block_hard": "cost_limit_eur",
    "cost_200_block": "cost_limit_eur",
    "usage_80": "usage_alert_gb",
    "usage_100": "usage_alert_gb",
    "roaming_limit_80": "roaming_limit_mb",
    "roaming_limit_100": "roaming_limit_mb",
}
LADDER: Final = (79, 1, 20, 0, 100, 0)
"""Shares of the limit that are spent one after the other; where data is blocked by then the block is lifted."""
OUTSIDE_EU: Final = frozenset({"A", "B", "ROW"})
CHANGES: Final[st.SearchStrategy[dict[str, Any]]] = st.one_of(
    st.builds(lambda limit: {"cost_limit_eur": limit}, st.sampled_from(LIMITS_EUR)),
    st.builds(lambda bundle, on: {"bundles": {bundle: {"enabled": on}}}, st.sampled_from(BUNDLES), st.booleans()),
    st.builds(lambda gb: {"usage_alert_gb": gb}, st.sampled_from((None, 1, 5))),
    st.builds(lambda mb: {"roaming_limit_mb": mb}, st.sampled_from((None, 20, 100))),
    st.builds(
        lambda what, on: {"blocks": {what: on}},
        st.sampled_from(("data_outside_eu", "data_eu", "roaming")),
        st.booleans(),
    ),
)
COSTS: Final = frozenset({"cost_80", "cost_100_block", "cost_100_block_hard", "cost_200_block"})
SETTLED: Final = frozenset({"submitted", "delivered"})
"""States of a notification that its handset has."""


@dataclass
class Seen:
    """What was seen of the subscription at one moment."""

    view: Json
    told: list[Json] = field(default_factory=list)
    decisions: list[Json] = field(default_factory=list)

    @property
    def sent(self) -> list[Json]:
        return [one for one in self.told if one["state"] != "suppressed"]

    @property
    def counters(self) -> dict[str, float]:
        """What only grows within a month."""
        return {"charged_eur": float(self.view["cost"]["charged_eur"]), **self.view["usage"]}


class SubscriberMachine(RuleBasedStateMachine):
    """One subscriber on one gateway. An invariant that breaks tells the whole conversation."""

    FAULTS: ClassVar[tuple[str, ...]] = (
        *("smsc.throttle", "smsc.queue_full", "smsc.syserr", "smsc.reject_dest", "smsc.resp_lost"),
        *("smsc.disconnect", "smsc.hang_up", "smsc.bad_pdu", "smsc.bad_length"),
        *("smsc.dlr_never", "smsc.dlr_dup", "smsc.dlr_before_resp", "smsc.dlr_reordered", "smsc.dlr_unknown_id"),
        *("smsc.dlr_garbled", "smsc.dlr_fail", "smsc.dlr_expired", "smsc.dlr_rejected"),
        *("smsc.mo_dup", "smsc.mo_ucs2", "smsc.mo_8bit", "smsc.mo_parts_missing", "smsc.mo_reordered"),
        *("http.duplicate", "http.reordered", "http.gone_before_reply", "http.late_period", "http.burst"),
        *("http.malformed", "http.slow_body", "http.skewed_clock"),
    )
    INVARIANTS: ClassVar[tuple[str, ...]] = (
        "blocked_data_is_not_used",
        "a_threshold_is_told_once",
        "counters_never_decrease",
        "a_switch_that_is_off_silences",
        "every_text_was_decided_and_every_decision_sent",
        "after_the_second_lift_costs_say_nothing",
        "nothing_broke",
    )
    PLACES: ClassVar[tuple[str, ...]] = ("NL", "BE", "FR", "US", "CA", "MA", "BR", "AR", "KE")

    def __init__(self) -> None:
        super().__init__()
        sim = shared()
        if sim.options.real_time:
            raise SkipTest("the state machine moves the clock")
        lent = sim.run(sim.lend(Wanted()))
        self.stage = Stage(sim, lent, name=type(self).__qualname__, seed=sim.seed, lenient=True)
        self.network, self.portal = NetworkHand(self.stage), PortalHand(self.stage)
        self.clock, self.faults, self.gateway = (
            ClockHand(self.stage),
            FaultsHand(self.stage),
            GatewayHand(self.stage),
        )
        self.she: Subscriber
        self.before: Seen
        self.now: Seen
        self.last: Outcome | None = None
        self.last_used = False
        self.versions: Counter[str] = Counter()
        self.version_of: dict[str, tuple[str, int]] = {}
        self.free_in = ""

    # --- what happens ------------------------------------------------------------------------------------

    @staticmethod
    def subscription() -> st.SearchStrategy[dict[str, Any]]:
        """What she has when it begins, as `handset` takes it."""
        return st.fixed_dictionaries(
            {
                "cost_limit_eur": st.sampled_from(LIMITS_EUR),
                "bundles": st.sampled_from((("B",), ("A",), ("ROW",), ("A", "ROW"), ("B", "ROW"), ())),
                "hard_cap": st.booleans(),
                "usage_alert_gb": st.sampled_from((None, 5)),
                "roaming_limit_mb": st.sampled_from((None, 50)),
                "where": st.sampled_from(("US", "BR", "AR", "BE", "NL")),
            }
        )

    @initialize(data=st.data(), rung=st.integers(0, len(LADDER)))
    def begin(self, data: st.DataObject, rung: int) -> None:
        """She begins anywhere on the ladder of costs: by chance alone few would ever climb it."""
        chosen = data.draw(self.subscription(), label="subscription")
        self.she = self.stage.handset(name="Anna", **chosen)
        self.before = self.now = self._look()
        for spent_pct in LADDER[:rung]:
            if self.pays:
                self.spend(spent_pct)
            elif self.now.view["cost"]["state"].startswith("BLOCKED"):
                self.reply("JA")

    @rule(data=st.data())
    def roam(self, data: st.DataObject) -> None:
        where = data.draw(st.sampled_from(self.PLACES), label="where")
        self._do(lambda: self.she.roam(where))

    @rule(
        volume=st.one_of(
            st.sampled_from((1, MEGABYTE, 8 * MEGABYTE, 10 * MEGABYTE, 50 * MEGABYTE, GIGABYTE, 6 * GIGABYTE)),
            st.integers(0, 40 * GIGABYTE),
        )
    )
    def use(self, volume: int) -> None:
        self._do(lambda: self.she.use(volume), used=True)

    @rule(share_pct=st.sampled_from((30, 50, 80, 100)))
    def spend(self, share_pct: int) -> None:
        """So much of her limit, where data costs money; she travels there first."""
        if not self.pays:
            self._do(lambda: self.she.roam("US"))
        self._do(lambda: self.she.spend(self.now.view["cost"]["limit_eur"] * share_pct / 100), used=True)

    @property
    def pays(self) -> bool:
        """Whether she can use data that costs money: outside the EU, not blocked, covered by no bundle."""
        world = self.stage.world
        now, number = world.clock.now(), self.she.number
        zone = self.she.place.zone(now)
        covered = self.now.view["bundles"].get(zone, {}).get("enabled", True)
        return zone in OUTSIDE_EU and not covered and not world.network.is_blocked(number, now)

    @rule(
        words=st.sampled_from(
            ("HELP", "INFO", "what is this", *(f"{code} {to}" for code in SWITCHED for to in ("AAN", "UIT")))
        )
    )
    def text(self, words: str) -> None:
        self._do(lambda: self.she.text(words))

    @rule(words=st.sampled_from(("JA", "JA", "DOORGAAN", "NEE")))
    def reply(self, words: str) -> None:
        self._do(lambda: self.she.reply(words))

    @rule(patch=CHANGES)
    def portal_change(self, patch: dict[str, Any]) -> None:
        """What the administrator changes; a refusal changes nothing."""
        for name in patch:
            # Also a change to what it is already, or one that is refused: a version too many hides nothing twice.
            self.versions[name] += 1
        try:
            self._do(lambda: self.portal.change(self.she, **patch))
        except GatewayError as refused:
            if refused.status not in (409, 422):
                raise
            self.now = self._look()

    @rule(by=st.sampled_from((timedelta(seconds=40), timedelta(hours=5), timedelta(days=3), None)))
    def time_passes(self, by: timedelta | None) -> None:
        """So much, or to the 1st."""
        self._do(self.clock.next_month if by is None else lambda: self.clock.advance(by))

    @rule(hard=st.booleans())
    def restart(self, *, hard: bool) -> None:
        self._do(self.gateway.kill if hard else self.gateway.restart)

    @rule(data=st.data(), times=st.integers(1, 2))
    def fault(self, data: st.DataObject, times: int) -> None:
        name = data.draw(st.sampled_from(self.FAULTS), label="fault")
        self._do(lambda: self.faults.arm(name, times=times))

    def _do(self, act: Callable[[], Outcome | None], *, used: bool = False) -> None:
        self.before, self.last_used = self.now, used
        self.last = act()
        self.now = self._look()
        event(f"costs {self.now.view['cost']['state']}")
        for one in self.now.sent:
            limit = self.versions[ONCE.get(one["kind"], "")]
            self.version_of.setdefault(one["id"], (self.now.view["period"], limit))

    def _look(self) -> Seen:
        ledger, number = self.stage.ledger, self.she.number
        self.stage.sim.run(ledger.ask([number]))
        return Seen(self.she.view, ledger.notifications.get(number, []), ledger.decisions.get(number, []))

    # --- what must hold ----------------------------------------------------------------------------------

    @invariant()
    def all_holds(self) -> None:
        """Each of INVARIANTS; one rule for Hypothesis, so that what it prints is what happened."""
        for name in self.INVARIANTS:
            getattr(self, name)()

    def blocked_data_is_not_used(self) -> None:
        """The network was told what the portal shows, and what it refuses counts nowhere."""
        data, cost = self.now.view["data"], self.now.view["cost"]
        policy = self.stage.world.network.policies.get(self.she.number)
        if policy is not None:
            shown = (data["eu"], data["outside_eu"], set(data["blocked_categories"]), set(data["reasons"]))
            told = (policy.eu, policy.outside_eu, set(policy.blocked_categories), set(policy.reasons))
            self.must(shown == told, f"the portal shows {shown}, the network was told {told}")
        if cost["state"].startswith("BLOCKED"):
            self.must(data["outside_eu"] == "blocked", f"costs are {cost['state']}, yet data outside the EU is open")
        if self.last_used and self.last is not None and self.last.refused:
            self.must(self.now.counters == self.before.counters, "data was counted that the network had refused")

    def a_threshold_is_told_once(self) -> None:
        """Once a month and version of its limit; a text that was sent twice is one notification."""
        keys = Counter(
            (one["kind"], *self.version_of.get(one["id"], ())) for one in self.now.sent if one["kind"] in ONCE
        )
        for key, count in keys.items():
            self.must(count == 1, f"{key[0]} was told {count} times in {key[1]}")

    def counters_never_decrease(self) -> None:
        if self.now.view["period"] == self.before.view["period"]:
            for name, value in self.now.counters.items():
                was = self.before.counters[name]
                self.must(value >= was, f"{name} went from {was} to {value} within a month")

    def a_switch_that_is_off_silences(self) -> None:
        was, is_ = self.before.view["preferences"], self.now.view["preferences"]
        for one in self.now.sent[len(self.before.sent) :]:
            for code, kinds in SWITCHED.items():
                allowed = one["kind"] not in kinds or was[code] or is_[code]
                self.must(allowed, f"{one['kind']} was sent although {code} is off")

    def every_text_was_decided_and_every_decision_sent(self) -> None:
        """What was decided is what the outbox holds, and what it says was delivered is on the handset."""
        decided = Counter(kind for row in self.now.decisions for kind in row.get("sent", ()))
        held = Counter(one["kind"] for one in self.now.sent)
        self.must(decided == held, f"decided were {dict(decided)}, the outbox holds {dict(held)}")
        texts = [message for message in self.stage.messages if message.subscriber is self.she]
        self.stage.ledger.join(texts)
        for message in texts:
            self.must(message.told is not None, f"nobody decided this text: {message.text}")
        got = {message.id for message in texts}
        for one in self.now.sent:
            self.must(
                one["state"] not in SETTLED or one["id"] in got, f"{one['kind']} is {one['state']}, but not there"
            )

    def after_the_second_lift_costs_say_nothing(self) -> None:
        """From the reply at 200 % to the end of the month no cost block and no cost notice (G8, Q58)."""
        period, state = self.now.view["period"], self.now.view["cost"]["state"]
        if self.free_in == period:
            self.must(state == "OPEN_REST_OF_MONTH", f"costs are {state}, though the limit was lifted to month end")
            new = {one["kind"] for one in self.now.sent[len(self.before.sent) :]} & COSTS
            self.must(not new, f"{', '.join(new)} was sent, though the limit was lifted to month end")
        if state == "OPEN_REST_OF_MONTH":
            self.free_in = period

    def nothing_broke(self) -> None:
        """The gateway lives, logged no error and spoke proper SMPP."""
        found = unmet(self.stage, armed=False)
        self.must(not found, found)

    def must(self, holds: bool, headline: str) -> None:  # noqa: FBT001 - reads as a sentence
        """AssertionError with the headline and the whole conversation."""
        if not holds:
            raise AssertionError(f"{headline}\n{self.stage.conversations()}")

    def teardown(self) -> None:
        self.stage.leave()


SubscriberMachine.TestCase.settings = settings(
    deadline=None,
    max_examples=20,
    stateful_step_count=30,
    # To explain a failure further takes minutes of playing it over; the conversation does so at once.
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
