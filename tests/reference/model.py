"""The reference: what the rules of the service say about one subscription, written from them and not from the code.

It is slow, small and straight: no code of the product is used, not even its tables. Where it differs from the
handlers, one of the two misreads a rule, and the rule says which; where a rule leaves room, its reading in
handlers/RULES.md does. It replays in order of arrival, since late records do not commute with crossings (Q24), and
knows the default readings only. Money is integer micro-euro, volumes are bytes, instants are UTC.
Must not be put here: an import from handlers or gateway; texts.
"""

from datetime import timedelta

from tests.reference.state import State
from tests.reference.tables import (
    EMERGENCY,
    GB,
    MB,
    NOT_REALTIME,
    QUIET,
    RATES,
    US,
    VOLUMES,
    begin,
    closed,
    following,
    month,
    place,
)


class Subscription(State):
    """What happens to a subscription; each returns its outcome."""

    # -- usage

    def uses(self, now, plmn, used_at, volume, started_at=None):
        """Returns the outcome, or the code with which the record is rejected."""
        self.roll(now)
        key, parts = month(used_at), [(used_at, volume)]
        if started_at is not None and month(started_at) != key:  # Q22
            if following(month(started_at)) != key:
                return "invalid"
            edge = begin(key)
            earlier = volume * ((edge - started_at) // US) // ((used_at - started_at) // US)
            parts = [(edge - US, earlier), (used_at, volume - earlier)]
        if now >= closed(month(parts[0][0])):
            return "rejected_late"
        before, words = len(self.notices), []
        for at, part in parts:
            if part or at == used_at:
                words.append(self.part(now, plmn, at, part))
        if words[-1] == "late":
            return "late"
        return self.outcome(before, "counted" if "counted" in words else "leakage")

    def part(self, now, plmn, at, volume):
        """One record of one month."""
        key, zone = month(at), place(plmn, at)[1]
        if key > self.current:  # Q66: minutes ahead, in a month that has not begun here
            self.follow(key, now, begin(key))
        one, late = self.month(key), key < month(now)
        told = len(self.notices)
        word = self.count(one, key, zone, at, volume)
        if late:  # Q23: nothing is said
            del self.notices[told:]
        elif word == "counted":
            self.after(one, key, zone)
        # A late one blocks nothing, in its month or in this.
        if not late:
            self.follow(key, now, at)
        return "late" if late else word

    def count(self, one, key, zone, at, volume):
        for span in self.spans:
            inside = (span.start is None or span.start <= at) and (span.end is None or at < span.end)
            if inside and span.month in (None, key) and self.stops(key, span.reason, span.category, zone):  # Q25, F2
                one.leakage += volume
                return "leakage"
        if zone in ("HOME", "EU"):
            one.domestic += volume
            return "counted"
        rest, off = self.bundled(one, key, zone, volume)
        if off:
            one.leakage += rest  # Q32
            one.outside += volume - rest
            return "leakage" if volume and rest == volume else "counted"
        one.outside += volume
        one.rated[RATES[zone]] = one.rated.get(RATES[zone], 0) + rest  # B18
        return "counted"

    def bundled(self, one, key, zone, volume):
        """B8: what no bundle took of a record, and whether data is off for it."""
        cover = self.cover(key, zone) if volume else []  # Q29
        for category in cover:
            if volume:
                volume = self.take(one, category, volume)
        capped = any(self.enabled[category] for category in cover)  # Q32
        ended = cover and not any(self.enabled.values()) and not self.left_over(key)  # Q35
        return volume, capped or ended

    def take(self, one, category, volume):
        """What an option leaves of a record, after as many instances as it may start (B11, Q60)."""
        size, enabled, most = VOLUMES[category], self.enabled[category], self.most[category]
        had, used = one.started.get(category, 0), one.used.get(category, 0)
        running = used < had * size
        taken = min(volume, max(most if enabled else 0, had) * size - used)
        number = max(had, min(most, (used + taken) // size + 1)) if enabled else had
        one.used[category], one.started[category] = used + taken, number
        full = taken and used + taken == number * size
        new, used_up = number - had, (used + taken) // size - used // size
        # The newest instance that came to 80 %
        marks = [n for n in range(1, number + 1) if used < (n - 1) * size + size * 8 // 10 <= used + taken]
        # Q59, from the gravest on
        reached = [
            ("bundle_cap_reached", full and enabled),
            ("bundle_ended", full and not enabled),
            ("bundle_renewed_many", new > (not running) and used_up > 1),
            ("bundle_renewed", new > (not running) and used_up <= 1),
            ("bundle_80_last", enabled and marks and marks[-1] == number >= most),
            ("bundle_80", enabled and marks and not marks[-1] == number >= most),
            ("bundle_activated", new and not running),
        ]
        self.gravest([kind for kind, holds in reached if holds])
        return volume - taken

    def after(self, one, key, zone):
        """The notices that what was counted leads to."""
        volume, version = self.thresholds["usage" if zone in ("HOME", "EU") else "roaming"]
        if zone in ("HOME", "EU"):
            if volume:
                self.rungs(one.fired, [("usage_80", 80), ("usage_100", 100)], one.domestic, volume, version)
            return
        if volume:
            kinds = [("roaming_limit_80", 80), ("roaming_limit_100", 100)]
            self.rungs(one.fired, kinds, one.outside, volume, version)
        eur, version = self.limit(key)
        state, limit = self.cost_state(key), eur * 10**6
        # Q58, and what was consented to at 100 % is not told again
        if state == "OPEN_REST_OF_MONTH" or (one.consent and limit <= one.charges < 2 * limit):
            return
        hard = "cost_100_block_hard"  # Q57
        blocks = [(hard, 100), (hard, 200)] if self.hard_cap else [("cost_100_block", 100), ("cost_200_block", 200)]
        self.rungs(one.fired, [("cost_80", 80), *blocks], one.charges, limit, version)

    # -- locations

    def moves(self, now, at, imsi, plmn):
        self.roll(now)
        where, zone, regime = place(plmn, at)
        role, number = self.sims[imsi]
        last = self.locations.get(imsi)
        if last and at < last["at"]:  # Q27
            return "ignored"
        fresh = last is None or last["place"] != where
        self.locations[imsi] = {"plmn": plmn, "place": where, "at": at, "since": at if fresh else last["since"]}
        before, announced = len(self.notices), self.announced.get((number, where))
        if zone == "HOME":  # Q44
            self.entered[number] = where
            return "ignored"
        if self.barred["roaming"]:  # Q50
            self.border(where, zone, regime, role, "roaming_barred")
            return "suppressed"
        same, self.entered[number] = self.entered.get(number) == where, where
        why = None
        if zone != "NT":  # Q40: at every connection
            if same:
                why = "same_country"
            elif announced and at - announced < QUIET:
                why = "reentry_quiet"
        self.border(where, zone, regime, role, why)
        if self.outcome(before, "") == "notified":
            self.announced[number, where] = at
        return self.outcome(before, "ignored")

    def border(self, where, zone, regime, role, why):
        """Rules 2.1, Q4, Q55, Q61, Q62."""
        if role == "combi":
            self.tell("border_combi", why)
        else:
            self.tell(self.border_kind(zone), why)
            if self.notices[-1][1] == "preference:INFO" and regime in EMERGENCY:
                self.tell("border_eu_emergency")
        if where in NOT_REALTIME and why is None:
            self.tell("border_no_realtime")

    def border_kind(self, zone):
        if zone == "NT":
            return "border_non_terrestrial"
        holds = [one for one in self.reasons(self.current) if self.stops(self.current, *one, zone)]
        if zone == "EU":
            return "border_eu_data_off" if holds else "border_eu"
        if holds:
            liftable = holds == [("COST_LIMIT", None)] and not self.hard_cap
            return "border_world_blocked" if liftable else "border_world_data_off"
        return "border_world_bundle" if self.cover(self.current, zone) else "border_world_no_bundle"

    # -- texts

    def texted(self, now, sender, folded, command):
        """`folded` is the text as rules 6.1 fold it, `command` what it means."""
        self.roll(now)
        stands = self.cost_state(self.current)
        level = stands if stands.startswith("BLOCKED") else ""
        # Q65: each sender has texts of its own; eight of them are remembered.
        lately = [one for one in self.said.get(sender, []) if now - one[1] < timedelta(seconds=30)]
        if any((what, left) == (folded, level) for what, _, left in lately):
            return
        word, *more = command
        before = dict(self.preferences), self.month(self.current).consent
        {"pref": self.switch, "lift": self.lift, "decline": self.decline, "unknown": self.puzzle}.get(
            word, lambda _, __, kind: self.tell(kind)
        )(now, sender, *(more or [word]))
        stands = self.cost_state(self.current)
        if before != (self.preferences, self.month(self.current).consent):
            lately = []
        self.said[sender] = [*lately, (folded, now, stands if stands.startswith("BLOCKED") else "")][-8:]

    def switch(self, _, __, name, on):
        if self.preferences[name] is on:
            self.tell("pref_already")
            return
        self.preferences[name] = on
        self.tell(f"pref_{name.lower()}_{'on' if on else 'off'}")

    def puzzle(self, now, sender, _):
        """6.1: one answer an hour and three a day, of each sender."""
        last_day = [at for one, at in self.unknown if one == sender and now - at < timedelta(days=1)]
        last_hour = [at for at in last_day if now - at < timedelta(hours=1)]
        if len(last_hour) >= 1 or len(last_day) >= 3:
            self.tell("unknown", "rate_limited")
        elif self.tell("unknown"):
            self.unknown.append((sender, now))

    def lift(self, now, *_):
        """Q56"""
        state, one = self.cost_state(self.current), self.month(self.current)
        if self.refused(state):
            return
        one.consent = 1 if state == "BLOCKED_100" else 2
        self.consents.append((self.current, one.consent * 100))
        self.follow(self.current, now)
        partial = self.reasons(self.current)
        self.tell("lift_partial" if partial else f"cost_lifted_{state[-3:]}")

    def decline(self, *_):
        if not self.refused(self.cost_state(self.current)):
            self.tell("lift_declined")

    def refused(self, state):
        if not state.startswith("BLOCKED"):
            self.tell("lift_refused_other" if self.reasons(self.current) else "nothing_to_lift")
        elif self.hard_cap:
            self.tell("lift_refused_hard_cap")
        else:
            return False
        return True

    # -- the portal

    def sets(self, now, changes, created=False):
        """Returns the HTTP status."""
        self.roll(now)
        enabled = {
            **self.enabled,
            **{c: o["enabled"] for c, o in changes.get("bundles", {}).items() if "enabled" in o},
        }
        if enabled["WORLD"] and sum(enabled.values()) > 1:
            return 409  # B5
        was = self.cost_state(self.current)
        self.enabled = enabled
        for category, option in changes.get("bundles", {}).items():
            self.most[category] = option.get("max_per_month", self.most[category])
        for name in ("hard_cap", "m2m", "sms_capable", "notify_msisdn", "bundle_gb"):
            setattr(self, name, changes.get(name, getattr(self, name)))
        self.preferences |= changes.get("preferences", {})
        blocks = dict(changes.get("blocks", {}))
        self.zero_lifted = blocks.pop("zero_bundle_lifted", self.zero_lifted)
        self.barred |= blocks
        for name, given, unit in (("usage", "usage_alert_gb", GB), ("roaming", "roaming_limit_mb", MB)):
            value, version = self.thresholds[name]
            wanted = value if given not in changes else changes[given] and round(changes[given] * unit)
            self.thresholds[name] = wanted, version + (wanted != value)  # Q49
        if "cost_limit_eur" in changes:
            self.limits_to(changes["cost_limit_eur"], created)
        capped = self.capped(self.current)
        self.follow(self.current, now)
        for _ in set(self.capped(self.current)) - set(capped):
            self.tell("bundle_cap_reached")  # P6: as any other block of that kind
        if created:
            for span in self.spans:  # A8, B7: it was born with them
                span.start = None
        holds = self.reasons(self.current)
        works = [zone for zone in ("A", "B", "ROW") if not any(self.stops(self.current, *one, zone) for one in holds)]
        if was.startswith("BLOCKED") and self.cost_state(self.current) == "OPEN" and works:
            self.tell("cost_unblocked_admin")  # Q17
        return 201 if created else 200

    def limits_to(self, eur, created):
        """G10, Q17, Q18"""
        if created:
            self.limits = [("", eur)]
            return
        self.limits = [one for one in self.limits if one[0] <= self.current]
        now_eur = self.limit(self.current)[0]
        if eur < now_eur:
            self.limits.append((following(self.current), eur))
        elif eur > now_eur:
            self.limits.append((self.current, eur))
            one = self.month(self.current)
            if one.consent == 1 and one.charges < eur * 10**6:
                one.consent = 0
