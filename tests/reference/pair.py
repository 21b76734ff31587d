"""The store and the reference side by side: each tick is one batch to the store, and every run is compared after it.

Must not be put here: chance (`runs`), rules (`model`).
"""

import json
from datetime import UTC, datetime, timedelta

from gateway.items import EventResult
from tests.gateway.store.bench import Bench
from tests.reference.model import Subscription
from tests.reference.runs import TEXTS, clock
from tests.reference.tables import MB, PLACES, RATES, VOLUMES, begin, month

RESTARTS = (13, 31)
# After the 1st the network may be told this much later what ended with the month (Q20).
SPREAD = timedelta(seconds=601)


class Played:
    """One run: its model, its numbers, the items it sent."""

    def __init__(self, run, now):
        self.run = run
        self.msisdn = f"+316{10_000_000 + run.number}"
        self.combi = f"+316{50_000_000 + run.number}"
        self.imsis = [f"20408{role}{run.number:09d}" for role in range(3)]
        self.model = Subscription(self.msisdn, now)
        roles = ("primary", "multisim", "combi")
        self.model.sims = {
            imsi: (role, self.combi if role == "combi" else self.msisdn)
            for imsi, role in zip(self.imsis, roles, strict=True)
        }
        self.sims = [{"imsi": i, "role": role, "msisdn": number} for i, (role, number) in self.model.sims.items()]
        self.sent = []  # (item, what the model answered)
        self.made = 0


class Pair:
    """A cohort on one store."""

    def __init__(self, path, loaded, runner, seed):
        self.bench = Bench(path, loaded, runner)
        self.seed = seed
        self.runs = {}
        self.network = {}  # by number: what the network was told last
        self.seq = 0

    def play(self, runs, restarts=RESTARTS):
        """All ticks. Returns {run number: (tick, what differed first)}; a run that differed goes no further."""
        differing = {}
        for tick, now in enumerate(clock(self.seed)):
            self.bench.now = now
            if tick == 0:
                self.bench.open()
                begun = self.step([(self.begin(run), [("put", run.first)]) for run in runs])
                differing |= {number: (tick, text) for number, text in begun.items()}
            elif tick in restarts:
                self.bench.restart()
            going = [played for number, played in self.runs.items() if number not in differing]
            found = self.step([(played, played.run.ticks[tick]) for played in going])
            differing |= {number: (tick, text) for number, text in found.items()}
        for number, played in self.runs.items():
            past = None if number in differing else next(self.history(played), None)
            if past is not None:
                differing[number] = (tick, past)
        return differing

    def begin(self, run):
        played = self.runs[run.number] = Played(run, self.bench.now)
        return played

    # -- one tick

    def step(self, lots):
        """One batch for the store. Returns {run number: what differs}."""
        items, asked, differing = [], [], {}
        for played, actions in lots:
            played.model.notices.clear()
            for action in actions:
                item, expected = self.act(played, action)
                if item is not None:
                    items.append(item)
                    asked.append((played.run.number, action, expected))
        applied = self.bench.apply(*items)
        for (number, action, expected), result in zip(asked, applied.results, strict=True):
            if expected is not None and (found := answer(result)) != expected:
                differing.setdefault(number, f"{action} was answered {found}, the model says {expected}")
        self.hear(applied.pushes)
        told, views, now = self.told(), self.views(), self.bench.now
        for played, _ in lots:
            model, seen = played.model, shown(views[played.msisdn])
            found = {"told": told.get(played.msisdn, []), **seen}
            expected = {"told": tidy(model.notices), **model.view(now)}
            if now >= begin(month(now)) + SPREAD:
                # What the network was told last is what holds, and it is told of changes only.
                found["network"], expected["network"] = self.network[played.msisdn], model.data(month(now))
            for name in expected:
                if found[name] != expected[name]:
                    differing.setdefault(
                        played.run.number, f"{name} is {found[name]}, the model says {expected[name]}"
                    )
        return differing

    def hear(self, pushes):
        """What the network is told, at least once each (contract 2.3): the last word counts."""
        for _, _, body in pushes:
            told = json.loads(body)
            self.network[told["msisdn"]] = {
                **{name: told[name] for name in ("eu", "outside_eu", "blocked_categories")},
                "reasons": sorted(told["reasons"]),
            }

    def history(self, played):
        """What differs in the months that are past, in the consents, in when data was blocked."""
        model, one = played.model, played.msisdn
        for key in model.months:
            found = sums(self.bench.runner.run(self.bench.reads.subscription(one, key)))
            if found != model.sums(key):
                yield f"{key} came to {found}, the model says {model.sums(key)}"
        query = (
            "SELECT c.period, c.level FROM consent c JOIN subscription s ON s.id = c.subscription WHERE s.msisdn = ?"
        )
        found = sorted(self.bench.sql(query + " ORDER BY c.at", one))
        if found != sorted(model.consents):
            yield f"the consents are {found}, the model says {model.consents}"
        query = """SELECT b.reason, b.category, b.period, b.start, b.until FROM block b
                   JOIN subscription s ON s.id = b.subscription WHERE s.msisdn = ?"""
        rows = [(*what, instant(start), instant(end)) for *what, start, end in self.bench.sql(query, one)]
        found, expected = joined(rows, self.bench.now), joined(model.blocked(), self.bench.now)
        if found != expected:
            yield f"the blocks are {found}, the model says {expected}"

    def told(self):
        """Texts decided on since the last look, by number: kind, reason and recipient, in no order."""
        query = """SELECT s.msisdn, n.seq, n.kind, n.reason, n.recipient FROM notification n
                   JOIN subscription s ON s.id = n.subscription WHERE n.seq > ? ORDER BY n.seq"""
        found = {}
        for msisdn, seq, kind, reason, to in self.bench.sql(query, self.seq):
            self.seq = seq
            found.setdefault(msisdn, []).append((kind, reason, to))
        return {msisdn: tidy(rows) for msisdn, rows in found.items()}

    def views(self):
        """What GET shows of each run."""
        found, cursor = {}, None
        while True:
            page = self.bench.runner.run(self.bench.reads.subscriptions(None, cursor, 1000))
            found |= {view["msisdn"]: view for view in page["items"]}
            if (cursor := page["cursor"]) is None:
                return found

    # -- one action: an item for the store, and what the model answers

    def act(self, played, action):
        what, *more = action
        return getattr(self, what)(played, *more)

    def put(self, played, changes):
        changes = {**changes, "sims": played.sims}
        return self.bench.put(played.msisdn, **changes), played.model.sets(self.bench.now, changes, created=True)

    def set(self, played, changes):
        return self.bench.patch(played.msisdn, **changes), played.model.sets(self.bench.now, changes)

    def use(self, played, plmn, volume, ago, started, sim):  # noqa: PLR0917 - the shape of the action
        now, model = self.bench.now, played.model
        used_at = now - timedelta(seconds=ago)
        started_at = started and now - timedelta(seconds=started)
        if not isinstance(volume, int):
            volume = reaching(model, month(used_at), plmn, volume)
        item = self.event(
            played, self.bench.usage(volume / MB, plmn, at=used_at, imsi=played.imsis[sim], started_at=started_at)
        )
        return self.judged(played, item, lambda: model.uses(now, plmn, used_at, volume, started_at))

    def session(self, played, name, plmn, total, ago):
        now, model = self.bench.now, played.model
        used_at = now - timedelta(seconds=ago)

        def uses():
            known = model.sessions.get(name, 0)
            outcome = model.uses(now, plmn, used_at, max(0, total - known))
            if outcome != "rejected_late":
                model.sessions[name] = max(known, total)
            return outcome

        item = self.event(
            played, self.bench.usage(plmn=plmn, at=used_at, imsi=played.imsis[0], session=name, total_mb=total / MB)
        )
        return self.judged(played, item, uses)

    def move(self, played, plmn, ago, sim):
        at, imsi = self.bench.now - timedelta(seconds=ago), played.imsis[sim]
        item = self.event(played, self.bench.location(plmn, at=at, imsi=imsi))
        return self.judged(played, item, lambda: played.model.moves(self.bench.now, at, imsi, plmn))

    def text(self, played, raw, combi):
        sender = played.combi if combi else played.msisdn
        played.model.texted(self.bench.now, sender, *TEXTS[raw])
        return self.bench.text(raw, sender), None

    def again(self, played, back):
        """The same event once more (Q26)."""
        if len(played.sent) < back:
            return None, None
        item, expected = played.sent[-back]
        return item, ("duplicate" if expected[0] == "accepted" else "rejected", *expected[1:])

    def conflict(self, played, back):
        if len(played.sent) < back:
            return None, None
        item, _ = played.sent[-back]
        return item._replace(digest=b"other"), ("conflict", None, [])

    def event(self, played, item):
        played.made += 1
        return item._replace(id=f"{played.run.number}-{played.made}")

    def judged(self, played, item, happens):
        """The model's answer, kept for duplicates; one that was refused leaves no id (but Q23)."""
        before = len(played.model.notices)
        outcome = happens()
        if outcome == "invalid":
            return item, ("rejected", "invalid", [])
        if outcome == "rejected_late":
            expected = ("rejected", "rejected_late", [])
        else:
            kinds = sorted(kind for kind, reason, _ in played.model.notices[before:] if reason is None)
            expected = ("accepted", outcome, kinds)
        played.sent.append((item, expected))
        return item, expected


def answer(result):
    if isinstance(result, EventResult):
        return result.status, result.code if result.status == "rejected" else result.outcome, sorted(result.kinds)
    return getattr(result, "status", None)


def instant(us):
    return us and datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)


def joined(blocks, now):
    """Blocks that began, by what they are: each that begins where the one before it ended is the same block."""
    found = {}
    began = [block for block in blocks if block[3] is None or block[3] <= now]
    for *what, start, end in sorted(began, key=lambda block: (block[3] is not None, block[3])):
        spans = found.setdefault(str(what), [])
        if start is not None and spans and spans[-1][1] == start:
            spans[-1] = (spans[-1][0], end)
        elif None in (start, end) or start < end:
            spans.append((start, end))
    return {what: spans for what, spans in found.items() if spans}


def tidy(notices):
    """In no order: which of two texts of one record comes first is nobody's rule."""
    return sorted(notices, key=str)


def shown(view):
    """The part of GET that the model knows, in its shape."""
    cost, pending = view["cost"], view["cost"]["pending_limit"]
    return {
        **sums(view),
        "state": cost["state"],
        "limit_eur": cost["limit_eur"],
        "pending_limit": pending and (pending["eur"], pending["from"]),
        "data": {**view["data"], "reasons": sorted(view["data"]["reasons"])},
        "preferences": view["preferences"],
        "location": [
            (spot["imsi"], spot["plmn"], spot["zone"], datetime.fromisoformat(spot["since"]))
            for spot in view["location"]
        ],
    }


def sums(view):
    """What a month came to."""
    return {
        "charged_eur": view["cost"]["charged_eur"],
        **view["usage"],
        "bundle_instances": [
            (one["category"], one["number"], one["used_bytes"], one["volume_bytes"])
            for one in view["bundle_instances"]
        ],
    }


def reaching(model, key, plmn, share):
    """The volume that brings the run to that share: of its cost limit, of its alert, or of its bundle's instance."""
    what, pct, more = share
    zone, one = PLACES[plmn][1], model.month(key)
    if what == "cost" and zone in RATES:
        micro = model.limit(key)[0] * 10**6 * MB * pct // 100 - sum(rate * used for rate, used in one.rated.items())
        need = -(-micro // RATES[zone])
    elif what == "volume" or zone not in RATES:
        base, _ = model.thresholds["roaming" if zone in RATES else "usage"]
        need = (base or 0) * pct // 100 - (one.outside if zone in RATES else one.domestic)
    else:
        category = next((one for one in model.cover(key, zone)), "ROW")
        need = (one.started.get(category, 0) - 1) * VOLUMES[category] + VOLUMES[category] * pct // 100
        need -= one.used.get(category, 0)
    return max(0, need + more)
