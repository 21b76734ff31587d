"""What a subscription has come to, and what follows from it: cost state, reasons, blocks, what GET shows.

Everything is recomputed from what happened; nothing is stored that can be derived.
Must not be put here: what an event does (`model`).
"""

from dataclasses import dataclass, field
from datetime import datetime

from tests.reference.tables import (
    COVERS,
    MACHINES_ARE_NOT_TOLD,
    MB,
    REASONS,
    SWITCH,
    VOLUMES,
    begin,
    following,
    month,
    place,
)


@dataclass
class Month:
    """Everything that begins anew on the 1st (A7, B21, G1). `used` and `started` are by category."""

    domestic: int = 0
    outside: int = 0
    leakage: int = 0
    rated: dict = field(default_factory=dict)
    consent: int = 0
    fired: set = field(default_factory=set)
    used: dict = field(default_factory=dict)
    started: dict = field(default_factory=dict)

    @property
    def charges(self):
        """G5, Q53: money comes from cumulative bytes."""
        return sum(rate * volume for rate, volume in self.rated.items()) // MB


@dataclass
class Span:
    """Data was blocked over [start, end): Q24. What ends with its month has that month."""

    reason: str
    start: datetime | None
    month: str | None = None
    category: str | None = None
    end: datetime | None = None


class State:
    """One subscription, and the texts decided on: `notices`, each (kind, reason why it is not sent, to)."""

    def __init__(self, msisdn, now):
        self.msisdn = msisdn
        self.sims = {}  # IMSI -> (role, number)
        self.bundle_gb, self.zero_lifted = 15, False
        self.hard_cap = self.m2m = False
        self.sms_capable, self.notify_msisdn = True, None
        self.limits = [("", 50)]  # (month it begins, euro); the place in the list is its version
        self.thresholds = {"usage": (None, 0), "roaming": (None, 0)}  # bytes, version
        self.enabled, self.most = dict.fromkeys(VOLUMES, False), dict.fromkeys(VOLUMES, 10)  # B13
        self.barred = dict.fromkeys(("data_outside_eu", "data_eu", "roaming"), False)
        self.preferences = dict.fromkeys(("BERICHT", "INFO", "LIMIET"), True)
        self.months, self.spans = {}, []
        self.locations, self.entered, self.announced = {}, {}, {}  # by IMSI; by number; by (number, country)
        self.said, self.unknown = {}, []  # by sender: (text, when, what block it left); (sender, when)
        self.sessions, self.consents = {}, []
        self.notices = []
        self.current = month(now)

    # -- what follows from the state

    def month(self, key):
        return self.months.setdefault(key, Month())

    def limit(self, key):
        """Euro and version in force (G10)."""
        return next((eur, n) for n, (since, eur) in reversed(list(enumerate(self.limits))) if since <= key)

    def cost_state(self, key):
        """Rules 2.2."""
        one, limit = self.month(key), self.limit(key)[0] * 10**6
        if one.consent == 2:
            return "OPEN_REST_OF_MONTH"
        if one.charges >= 2 * limit:
            return "BLOCKED_200"
        return "BLOCKED_100" if one.charges >= limit and one.consent < 1 else "OPEN"

    def running(self, key, category):
        one = self.month(key)
        return one.used.get(category, 0) < one.started.get(category, 0) * VOLUMES[category]

    def left_over(self, key):
        """Q35: what runs of options that were switched off; it goes before what would have to be paid for."""
        return [category for category in VOLUMES if self.running(key, category) and not self.enabled[category]]

    def cover(self, key, zone):
        """The bundles that a volume used there goes into, in that order (B8)."""
        return [
            category
            for category in [*self.left_over(key), *(one for one in VOLUMES if self.enabled[one])]
            if zone in COVERS[category]
        ]

    def capped(self, key):
        """Q34: a bundle that is used up is no reason where it stops nothing."""
        spent = [category for category in VOLUMES if self.open_span(key, "BUNDLE_CAP", category)]
        return [one for one in spent if any(self.stops(key, "BUNDLE_CAP", one, zone) for zone in COVERS[one])]

    def open_span(self, key, reason, category=None):
        return next(
            (
                span
                for span in self.spans
                if (span.reason, span.category, span.end) == (reason, category, None) and span.month in (None, key)
            ),
            None,
        )

    def reasons(self, key):
        """Why data is off in that month, Q34: a set, shown in the rules' order."""
        on = any(self.enabled.values()) or self.left_over(key)  # B7, B17, Q35
        holds = {
            "COST_LIMIT": self.cost_state(key).startswith("BLOCKED"),
            "ZERO_BUNDLE": self.bundle_gb == 0 and not self.zero_lifted,
            "NO_BUNDLE_OPTION": not on,
            "ADMIN_DATA_NON_EU": self.barred["data_outside_eu"],
            "ADMIN_DATA_EU": self.barred["data_eu"],
            "ADMIN_ROAMING": self.barred["roaming"],
        }
        capped = [("BUNDLE_CAP", category) for category in self.capped(key)]
        return sorted([*((r, None) for r in holds if holds[r]), *capped], key=lambda one: REASONS.index(one[0]))

    def stops(self, key, reason, category, zone):
        """Whether that reason stops data in that zone (F1, Q15, Q16)."""
        if reason == "ZERO_BUNDLE":
            return True
        if reason == "ADMIN_ROAMING":
            return zone != "HOME"
        if reason == "ADMIN_DATA_EU":
            return zone == "EU"
        if category:  # a zone that another bundle covers goes on (B14)
            return zone in COVERS[category] and self.cover(key, zone)[:1] in ([], [category])
        return zone not in ("HOME", "EU")

    def follow(self, key, now, since=None):
        """Blocks that began or ended with what just happened, in the month `key`; `since` is when the use crossed."""
        self.follow_caps(key, now, since)
        holds = [reason for reason, category in self.reasons(key) if not category]
        for reason in REASONS:
            span = self.open_span(key, reason)
            if span and reason not in holds:
                span.end = now
            elif reason in holds and not span:
                # Q24, for what is bound to a month
                ended = [one.end for one in self.spans if one.reason == reason == "COST_LIMIT" and one.end]
                month_only = key if reason == "COST_LIMIT" else None
                self.spans.append(Span(reason, max([since or now, *ended]), month_only))

    def follow_caps(self, key, now, since):
        """B14: the last instance is used up, one from before the cap was lowered too. Q33: only a raise ends it."""
        for category in VOLUMES:
            span, full = self.open_span(key, "BUNDLE_CAP", category), not self.running(key, category)
            spent = self.month(key).started.get(category, 0) >= self.most[category]
            if span and not spent:
                span.end = now
            elif not span and spent and full and self.enabled[category]:
                ended = [one.end for one in self.spans if one.category == category and one.end]
                self.spans.append(Span("BUNDLE_CAP", max([since or now, *ended]), key, category))

    def roll(self, now):
        """The 1st, for what is not bound to a month (Q35: the instance of an option that is off ends)."""
        while self.current < month(now):
            self.current = following(self.current)
            self.follow(self.current, begin(self.current))

    # -- telling

    def why_not(self, kind):
        """Rules 2.1, Q46: why a text of that kind does not go out."""
        if self.m2m and kind.startswith(MACHINES_ARE_NOT_TOLD):
            return "m2m"
        switch = SWITCH.get(kind)
        if switch and not self.preferences[switch]:
            return f"preference:{switch}"
        return None if self.sms_capable or self.notify_msisdn else "no_sms_device"

    def tell(self, kind, reason=None):
        reason = reason or self.why_not(kind)
        to = self.msisdn if self.sms_capable else self.notify_msisdn or self.msisdn
        self.notices.append((kind, reason, to))
        return reason is None

    def rungs(self, fired, kinds, value, base, version):
        """Q8, Q11: the highest level that was reached is told, unless it was before; lower ones are superseded."""
        ladder = kinds[0][0]
        reached = [(kind, pct) for kind, pct in kinds if value * 100 >= base * pct]
        if reached and (ladder, reached[-1][1], version) not in fired:
            for kind, pct in reached:
                if (ladder, pct, version) not in fired:
                    fired.add((ladder, pct, version))
                    self.tell(kind, "superseded" if pct < reached[-1][1] else None)

    def gravest(self, kinds):
        """Q59: the gravest that may be heard is told. A switch that silences one keeps back no lesser one."""
        heard = next((kind for kind in kinds if self.why_not(kind) is None), kinds[:1] and kinds[0])
        for nth, kind in enumerate(kinds):
            self.tell(kind, "superseded" if nth > kinds.index(heard) else None)

    def outcome(self, before, other):
        """The API's word for what was told since there were `before` notices."""
        told = self.notices[before:]
        if not told:
            return other
        return "notified" if any(reason is None for _, reason, _ in told) else "suppressed"

    # -- what GET shows

    def sums(self, key):
        """What a month came to."""
        one, cents = self.month(key), (self.month(key).charges + 5000) // 10_000
        return {
            "charged_eur": f"{cents // 100}.{cents % 100:02d}",
            "domestic_eu_bytes": one.domestic,
            "outside_eu_bytes": one.outside,
            "leakage_bytes": one.leakage,
            "bundle_instances": [
                (category, number, min(size, one.used[category] - (number - 1) * size), size)
                for category, size in VOLUMES.items()
                for number in range(1, one.started.get(category, 0) + 1)
            ],
        }

    def data(self, key):
        """What data may do, as the network is told."""
        holds = self.reasons(key)
        return {
            "eu": "blocked" if any(self.stops(key, *reason, "EU") for reason in holds) else "open",
            "outside_eu": "blocked" if any(self.stops(key, *reason, "NT") for reason in holds) else "open",
            "blocked_categories": [
                zone
                for zone in ("A", "B", "ROW")
                if any(category and self.stops(key, reason, category, zone) for reason, category in holds)
            ],
            "reasons": sorted(f"{reason}:{category}" if category else reason for reason, category in holds),
        }

    def view(self, now):
        self.roll(now)
        key = self.current
        pending = [(eur, f"{since}-01") for since, eur in self.limits if since > key]
        return {
            **self.sums(key),
            "state": self.cost_state(key),
            "limit_eur": self.limit(key)[0],
            "pending_limit": pending[0] if pending else None,
            "data": self.data(key),
            "preferences": dict(self.preferences),
            "location": [
                (imsi, spot["plmn"], place(spot["plmn"], now)[1], spot["since"])
                for imsi, spot in self.locations.items()
            ],
        }

    def blocked(self):
        """When data was blocked, and why: reason, category, month, start, end."""
        return [(span.reason, span.category, span.month, span.start, span.end) for span in self.spans]
