"""Who may be sent to: the queues against a naive list, and the bounds they promise.

The reference is one list per subscription and rules in words: the first one alone may be under way; it goes when it
is not held; what is held waits for its moment; what is over is taken out wherever it stands.
"""

from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gateway.store.dispatch import STALE_MAX, Dispatch, Ticket

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
SUBSCRIPTIONS, RECIPIENTS, KINDS = "abc", ("+316", "+317"), ("border_eu", "help")


def ticket(name, subscription="a", *, kind="help", recipient="+316", lasts_s=100, parts=1, at=START):
    expires_at = at + timedelta(seconds=lasts_s)
    return Ticket(name, subscription, kind, recipient, expires_at, dict.fromkeys(range(1, parts + 1), 0))


class Reference:
    """The same in words."""

    def __init__(self):
        self.queues = {subscription: [] for subscription in SUBSCRIPTIONS}
        self.held = {}  # ticket -> until
        self.flying = []

    def heads(self):
        found = [queue[0] for queue in self.queues.values() if queue]
        return [head for head in found if head not in self.flying and head not in self.held]

    def remove(self, one):
        self.queues[one.subscription].remove(one)
        self.held.pop(one, None)
        if one in self.flying:
            self.flying.remove(one)

    def waiting(self):
        return [one for queue in self.queues.values() for one in queue if one not in self.flying]


class DispatchAgainstList(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.dispatch, self.reference = Dispatch(), Reference()
        self.now, self.transport_now, self.made = START, 0.0, 0

    @rule(
        subscription=st.sampled_from(SUBSCRIPTIONS),
        kind=st.sampled_from(KINDS),
        recipient=st.sampled_from(RECIPIENTS),
        lasts_s=st.integers(1, 20),
        parts=st.integers(1, 3),
    )
    def add(self, subscription, kind, recipient, lasts_s, parts):
        self.made += 1
        one = ticket(
            f"m{self.made}", subscription, kind=kind, recipient=recipient, lasts_s=lasts_s, parts=parts, at=self.now
        )
        self.dispatch.add(one)
        self.reference.queues[subscription].append(one)

    @rule(slots=st.integers(0, 6))
    def claim(self, slots):
        ready = self.reference.heads()
        claimed = list(self.dispatch.claim(slots))
        assert set(claimed) <= set(ready)
        # as long as there is room and a head, one goes; the last may overfill
        before_last = sum(len(one.open_parts) for one in claimed[:-1])
        assert not claimed or before_last < slots
        if len(claimed) < len(ready):
            assert sum(len(one.open_parts) for one in claimed) >= slots
        for one in claimed:
            assert one.unanswered == set(one.open_parts)
            self.reference.flying.append(one)

    @precondition(lambda self: self.reference.flying)
    @rule(data=st.data())
    def land(self, data):
        one = data.draw(st.sampled_from(self.reference.flying))
        self.dispatch.land(one)
        self.reference.remove(one)

    @precondition(lambda self: self.reference.flying)
    @rule(data=st.data(), wait_s=st.integers(0, 5))
    def hold(self, data, wait_s):
        one = data.draw(st.sampled_from(self.reference.flying))
        self.dispatch.hold(one, self.transport_now + wait_s)
        self.reference.flying.remove(one)
        self.reference.held[one] = self.transport_now + wait_s

    @rule(passed_s=st.integers(0, 5))
    def time_passes(self, passed_s):
        self.transport_now += passed_s
        self.now += timedelta(seconds=passed_s)
        self.dispatch.wake(self.transport_now)
        for one in [one for one, until in self.reference.held.items() if until <= self.transport_now]:
            del self.reference.held[one]

    @rule()
    def expire(self):
        over = [one for one in self.reference.waiting() if one.expires_at <= self.now]
        expired = list(self.dispatch.expire(self.now))
        assert sorted(one.notification for one in expired) == sorted(one.notification for one in over)
        assert expired == sorted(expired, key=lambda one: one.expires_at)
        for one in over:
            self.reference.remove(one)

    @rule(
        subscription=st.sampled_from(SUBSCRIPTIONS),
        recipient=st.sampled_from(RECIPIENTS),
        kinds=st.frozensets(st.sampled_from(KINDS)),
    )
    def cancel(self, subscription, recipient, kinds):
        over = [
            one
            for one in self.reference.waiting()
            if one.subscription == subscription and one.recipient == recipient and one.kind in kinds
        ]
        assert list(self.dispatch.cancel(subscription, recipient, kinds)) == over
        for one in over:
            self.reference.remove(one)

    @rule(subscription=st.sampled_from(SUBSCRIPTIONS))
    def drop(self, subscription):
        over = [one for one in self.reference.waiting() if one.subscription == subscription]
        assert list(self.dispatch.drop(subscription)) == over
        for one in over:
            self.reference.remove(one)

    @invariant()
    def they_agree(self):
        dispatch, reference = self.dispatch, self.reference
        queued = [one for queue in reference.queues.values() for one in queue]
        assert len(dispatch) == len(queued)
        assert dispatch.flying == len(reference.flying)
        assert all(dispatch.flight(one.notification) is one for one in reference.flying)
        assert dispatch.ready == len(reference.heads())
        assert dispatch.next_retry() == min(reference.held.values(), default=None)
        assert dispatch.next_expiry() == min((one.expires_at for one in reference.waiting()), default=None)
        assert all(one.notification in dispatch for one in queued)
        # P10: one of each subscription, and it is the first
        assert len({one.subscription for one in reference.flying}) == len(reference.flying)
        assert all(reference.queues[one.subscription][0] is one for one in reference.flying)


DispatchAgainstList.TestCase.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
TestDispatch = DispatchAgainstList.TestCase


def test_subscriptions_take_turns():
    dispatch = Dispatch()
    for number in range(3):
        for subscription in "ab":
            dispatch.add(ticket(f"{subscription}{number}", subscription))
    order = []
    while len(dispatch):
        for one in list(dispatch.claim(1)):
            order.append(one.notification)
            dispatch.land(one)
    assert order == ["a0", "b0", "a1", "b1", "a2", "b2"]


def test_attempts_are_counted_by_claims():
    dispatch = Dispatch()
    one = ticket("m")
    dispatch.add(one)
    for attempt in (1, 2):
        assert list(dispatch.claim(1)) == [one]
        assert one.attempts == attempt
        dispatch.hold(one, 0.0)
        dispatch.wake(0.0)


def test_texts_that_ended_are_not_kept_until_they_would_have_expired():
    """A text is over in a second and expires in two days: at some hundred a second that would fill the memory."""
    dispatch = Dispatch()
    waits = ticket("waits", "w")
    dispatch.add(waits)
    assert list(dispatch.claim(1)) == [waits]
    dispatch.hold(waits, 30.0)
    for number in range(5 * STALE_MAX):
        dispatch.add(ticket(f"m{number}"))
        for one in dispatch.claim(1):
            dispatch.land(one)
    assert len(dispatch) == 1
    assert len(dispatch._expiry) <= STALE_MAX + 4


def test_a_head_that_is_held_again_and_again():
    dispatch = Dispatch()
    many = [ticket(f"m{number}", f"s{number}") for number in range(50)]
    for one in many:
        dispatch.add(one)
    for _ in range(100):
        for one in list(dispatch.claim(50)):
            dispatch.hold(one, 0.0)
        dispatch.wake(0.0)
    assert len(dispatch._expiry) <= STALE_MAX + 2 * 50 + 1
    assert list(dispatch.expire(START + timedelta(seconds=100))) == many
    assert dispatch.next_expiry() is None
    assert len(dispatch) == 0
