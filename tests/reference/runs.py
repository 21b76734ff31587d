"""What happens to a subscription, made from a seed: plain tuples, so that a failing run can be cut down and read.

A cohort is many subscriptions under one clock; a run is one of them: what its portal set at first, then for each tick
of the clock some actions. Times in actions are seconds before the tick. A volume is bytes, or ("cost" | "volume" |
"bundle", percent, bytes): as many as reach that share, and so many more. Must not be put here: what should come of it.
"""

import copy
import random
from datetime import UTC, datetime, timedelta

from tests.reference.tables import AMSTERDAM, PLACES, VOLUMES, begin, following, month

TICKS, RUNS = 50, 100
FIRST = datetime(2026, 1, 3, 8, tzinfo=UTC)
LIMITS = (10, 30, 50, 50, 100, 150, 200, 500)
# Raw text, as folded by rules 6.1, what it means.
UNKNOWN = ("unknown", "unknown")
LIFT, DECLINE, HELP = ("lift", "lift"), ("decline", "decline"), ("help", "help")
STATUS = ("status", "status")
TEXTS = {
    "DOORGAAN": ("DOORGAAN", LIFT),
    "doorgaan!": ("DOORGAAN", LIFT),
    " Ja.": ("JA", LIFT),
    "“Verder”": ("VERDER", LIFT),
    "NEE": ("NEE", DECLINE),
    "nee, ": ("NEE", DECLINE),
    "BERICHT UIT": ("BERICHT UIT", ("pref", "BERICHT", False)),
    "bericht\n uit": ("BERICHT UIT", ("pref", "BERICHT", False)),
    "aan bericht": ("AAN BERICHT", ("pref", "BERICHT", True)),
    "İNFO-UIT": ("INFO UIT", ("pref", "INFO", False)),
    "ınfo off": ("INFO OFF", ("pref", "INFO", False)),
    "Info\u00a0aan": ("INFO AAN", ("pref", "INFO", True)),
    "limietuit": ("LIMIETUIT", ("pref", "LIMIET", False)),
    "LIMIET ON": ("LIMIET ON", ("pref", "LIMIET", True)),
    "info?": ("INFO", STATUS),
    "Limiet": ("LIMIET", STATUS),
    "?": ("HELP", HELP),
    "hulp": ("HULP", HELP),
    "ik wil geen info aan": ("IK WIL GEEN INFO AAN", UNKNOWN),
    "OK": ("OK", UNKNOWN),
    "*43#": ("*43#", UNKNOWN),
    "👍": ("👍", UNKNOWN),
}
STEPS_S = (0, 0, 1, 29, 30, 31, 60, 600, 3599, 3600, 3601, 14_399, 14_400, 14_401, 40_000, 86_400, 3 * 86_400)
AGO_S = (0,) * 12 + (-299, 1, 20, 60, 600, 3600, 14_400, 86_400, 4 * 86_400, 12 * 86_400, 20 * 86_400, 45 * 86_400)


def clock(seed):
    """The instants of a cohort: small steps, and leaps to the edges of months and of the late window."""
    chance = random.Random(f"clock {seed}")
    now = FIRST + timedelta(days=61 * (seed % 12))
    for _ in range(TICKS):
        yield now
        key = month(now)
        edges = [begin(following(key)), begin(key).astimezone(AMSTERDAM).replace(day=16).astimezone(UTC)]
        leaps = [edge + timedelta(seconds=off) for edge in edges for off in (-1, 0, 1, 300, 700)]
        ahead = [leap for leap in leaps if leap > now]
        if ahead and chance.random() < 0.12:
            now = chance.choice(ahead)
        else:
            now += timedelta(seconds=chance.choice(STEPS_S))


class Run:
    """One subscription's portion of a cohort."""

    def __init__(self, seed, number):
        self.seed, self.number = seed, number
        self.chance = random.Random(f"run {seed} {number}")
        self.first = self.settings()
        if any(one != "WORLD" for one in self.first.get("bundles", {})):
            self.first["bundles"].pop("WORLD", None)  # B5: else there would be no subscription
        self.abroad = self.chance.sample(list(PLACES), 4)  # it is mostly in a few places: things add up
        self.ticks = [self.tick() for _ in range(TICKS)]

    def places(self):
        """(tick, index) of each action."""
        return [(tick, index) for tick, actions in enumerate(self.ticks) for index in range(len(actions))]

    def without(self, gone):
        """A copy without the actions at these places."""
        other = copy.copy(self)
        other.ticks = [
            [action for index, action in enumerate(actions) if (tick, index) not in gone]
            for tick, actions in enumerate(self.ticks)
        ]
        return other

    def until(self, last):
        """A copy in which nothing happens after that tick."""
        return self.without({(tick, index) for tick, index in self.places() if tick > last})

    def tick(self):
        return [self.action() for _ in range(self.chance.choice((0, 1, 1, 1, 1, 2, 3)))]

    def action(self):
        kinds = ("use", "move", "text", "set", "again", "session", "conflict")
        what = self.chance.choices(kinds, (45, 17, 14, 12, 4, 5, 1))[0]
        return what, *getattr(self, what)()

    def place(self):
        return self.chance.choice(self.abroad if self.chance.random() < 0.8 else list(PLACES))

    def use(self):
        ago = self.chance.choice(AGO_S)
        started = ago + self.chance.choice((60, 7200, 86_400, 40 * 86_400)) if self.chance.random() < 0.07 else None
        return self.place(), self.volume(), ago, started, self.chance.randrange(3)

    def volume(self):
        what = self.chance.random()
        if what < 0.4:
            share = self.chance.choice((40, 80, 100, 200, 260))
            return self.chance.choice(("cost", "volume", "bundle")), share, self.chance.choice((-1, 0, 0, 1))
        return self.chance.choice((0, 1, 999, 1_000_000, 2_000_003, 4_000_000, 16_000_000, 45_000_000_000))

    def session(self):
        total = self.chance.choice((0, 1_000_000, 2_000_000, 5_000_000, 9_000_000))
        return self.chance.choice("st"), self.place(), total, self.chance.choice(AGO_S)

    def move(self):
        return self.place(), self.chance.choice((0, 0, 0, 0, 1, 60, 5000, -100)), self.chance.randrange(3)

    def text(self):
        return self.chance.choice(list(TEXTS) + ["DOORGAAN"] * 12), self.chance.randrange(8) == 0

    def again(self):
        return (self.chance.randrange(1, 6),)

    conflict = again

    def set(self):
        return (self.settings(1),)

    def settings(self, least=3):
        """Some of what a portal may set."""
        chance = self.chance
        flag = chance.random() < 0.4
        options = chance.sample(list(VOLUMES), chance.choice((1, 1, 2)))
        choices = {
            "cost_limit_eur": lambda: chance.choice(LIMITS),
            "hard_cap": lambda: flag,
            "usage_alert_gb": lambda: chance.choice((None, 0.5, 2, 15)),
            "roaming_limit_mb": lambda: chance.choice((None, 10, 40, 500)),
            "bundles": lambda: {one: self.option() for one in options},
            "blocks": lambda: {chance.choice(("data_outside_eu", "data_eu", "roaming", "zero_bundle_lifted")): flag},
            "preferences": lambda: {chance.choice(("BERICHT", "INFO", "LIMIET")): not flag},
            "bundle_gb": lambda: chance.choice((0, 2, 15, 15, "unlimited")),
            "m2m": lambda: chance.random() < 0.2,
            "sms_capable": lambda: chance.random() < 0.8,
            "notify_msisdn": lambda: chance.choice((None, "+31699999999")),
        }
        weights = (5, 3, 2, 3, 8, 3, 2, 1, 0.5, 0.5, 0.5)
        names = chance.choices(list(choices), weights, k=chance.randrange(least, least + 3))
        return {name: choices[name]() for name in dict.fromkeys(names)}

    def option(self):
        option = {"enabled": self.chance.random() < 0.75}
        if self.chance.random() < 0.6:
            option["max_per_month"] = self.chance.choice((1, 2, 3, 10))
        return option
