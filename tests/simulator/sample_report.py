"""A report made by hand: one case of each state, in both languages, with everything a report may hold."""

from datetime import UTC, datetime, timedelta

from simulator.reports.model import (
    Anatomy,
    Case,
    Change,
    Decision,
    Entry,
    FaultUse,
    Finding,
    Held,
    Person,
    Report,
    Run,
    Sent,
    Step,
)

NOON = datetime(2026, 3, 3, 11, tzinfo=UTC)
"""Noon in Amsterdam."""
HOSTILE = (
    "</p></details><script>alert(1)</script><img src=x onerror=alert(2)>\x00 &amp; \u202egnp.exe \"' ``` | [a](b)"
)


def step(number, kind, text, state="passed", **more):
    keyword = {"given": "Gegeven", "when": "Als", "then": "Dan"}[kind]
    return Step(number=number, kind=kind, keyword=keyword, text=text, line=number + 3, state=state, **more)


def dutch(**more):
    """A case that passed: a warning came, then nothing, for a reason."""
    decision = Decision(
        event="usage.reported",
        outcome="notified",
        flow_id="f1-7",
        findings=(Finding(rule="G4", result="send", told="verstuurd “kostenlimiet 80%” · kosten € 40,00"),),
    )
    silence = Decision(
        event="usage.reported",
        outcome="counted",
        flow_id="f1-9",
        findings=(Finding(rule="G4", result="already_notified", told="dat is al gemeld"),),
        held=(Held(name="kostenlimiet 80%", reason="already_notified", told="dat is al gemeld"),),
    )
    sent = Sent(
        kind="cost_80", name="kostenlimiet 80%", flow_id="f1-7", state="delivered", told="afgeleverd", attempts=2
    )
    entries = (
        Entry(kind="event", at=NOON, text="is in Canada", who="Bram", step=1, before=True),
        Entry(kind="event", at=NOON, text="data: 16 MB", who="Bram", step=2),
        Entry(
            kind="in",
            at=NOON,
            text="80% van je limiet",
            who="Bram",
            peer="1330",
            step=2,
            anatomy=Anatomy(parts=1, encoding="GSM-7", chars=17, units=17, room=160),
            sent=sent,
            decisions=(decision,),
        ),
        Entry(kind="event", at=NOON + timedelta(days=1), text="data: 1 MB", who="Bram", step=4, decisions=(silence,)),
        Entry(
            kind="out",
            at=NOON + timedelta(days=1),
            text="İ",
            who="Bram",
            peer="1330",
            step=4,
            anatomy=Anatomy(parts=2, encoding="UCS-2", chars=80, units=80, room=132, foreign="İ"),
        ),
    )
    own = {
        "number": 1,
        "name": "Eén waarschuwing [€ 40,00]",
        "path": "nl/limiet.feature",
        "line": 7,
        "state": "passed",
        "language": "nl",
        "feature": "De limiet",
        "rule": "Bij 80%",
        "tags": ("@dienstbeschrijving:kostenbeheersing-buiten-de-eu", "@G4", "@fout:smsc.throttle"),
        "rules": ("G4",),
        "replay": "python -m simulator run nl/limiet.feature:7 --seed 5",
        "seed": 5,
        "began_at": NOON,
        "ended_at": NOON + timedelta(days=1),
        "real_s": 0.5,
        "people": (Person(name="Bram", number="+31610000001", language="nl"),),
        "faults": (FaultUse(id="smsc.throttle", name="SMSC zegt: te druk", hits=1),),
        "entries": entries,
        "conversation": "Bram (+31610000001)\n",
        "steps": (
            step(1, "given", "Bram is in Canada", shared=True),
            step(
                2,
                "when",
                "Bram voor € 40,00 aan data verbruikt",
                changes=(Change(who="Bram", what="kosten", before="€ 0,00", after="€ 40,00"),),
            ),
            step(3, "then", 'krijgt Bram het bericht "kostenlimiet 80%" met', rows=(("bedrag", "€ 40,00"),)),
            step(4, "when", "Bram 1 MB verbruikt"),
            step(5, "then", "krijgt Bram geen sms"),
        ),
    }
    return Case(**{**own, **more})


def failed(**more):
    """One that failed at its second step: a text came that should not have, and its words are not kind."""
    entry = Entry(kind="in", at=NOON, text=HOSTILE, who="Bob", peer="1330", step=1, pointed=True)
    failure = "✗ Bob got 1 text where none may come\n    name ✗ expected a  got b\n  Why: sent: help (E11)\n\n  rest"
    own = {
        "number": 2,
        "name": f"Silence {HOSTILE}",
        "path": "en/silence.feature",
        "line": 3,
        "state": "failed",
        "language": "en",
        "feature": "Silence",
        "tags": ("@G4", "@Q7"),
        "rules": ("G4", "Q7"),
        "headline": "Bob got 1 text where none may come",
        "failure": failure,
        "replay": "python -m simulator run en/silence.feature:3 --seed 5",
        "people": (
            Person(name="Bob", number="+31610000001", language="nl"),
            Person(name="Eve", number="+31610000002", language="en"),
        ),
        "entries": (entry, Entry(kind="event", at=NOON, text="it becomes noon", step=1)),
        "steps": (
            step(1, "when", "Bob waits"),
            step(2, "then", "Bob gets no message", "failed"),
            step(3, "then", "Eve gets no message", "skipped"),
        ),
    }
    return Case(**{**own, **more})


def undecided(**more):
    own = {
        "number": 3,
        "name": "Wat hier moet gebeuren is nog de vraag",
        "path": "nl/vraag.feature",
        "line": 3,
        "state": "open",
        "language": "nl",
        "tags": ("@open-vraag", "@G9"),
        "rules": ("G9",),
        "headline": "Bram kreeg 1 sms",
        "failure": "✗ Bram kreeg 1 sms\n  Waarom: dat is de vraag",
        "lenient": True,
    }
    return Case(**{**own, **more})


def report(*cases, **run):
    told = {
        "began_at": NOON,
        "real_s": 2.5,
        "seed": 5,
        "replay": "python -m simulator run library --seed 5",
        "jobs": 2,
        "commit": "0123456789ab",
        "config_digest": "abcdef012345",
        "versions": (("Python", "3.11"),),
    }
    return Report(run=Run(**{**told, **run}), cases=cases or (dutch(), failed(), undecided()))
