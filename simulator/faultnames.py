"""The catalogue of faults: each by its id, its Dutch and its English name, what it does and where it may be armed.

A fault strikes at a point of the simulator (`effect`), or when a gateway starts (`start`: what it is started with), or
at once (`act`: the name of a function in scenarios/mishaps.py).

Not here: how a fault strikes (misconduct.py, producer.py, control.py), how a tester orders it (scenarios/trouble.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from simulator.commands import Status
from simulator.faults import POINTS, Effect, Fault, Point

SCOPES: Final = ("times", "every", "who", "duration", "probability")
"""How a fault of a point may be limited: the keys of a table under it (scenarios/tables.py)."""
SLOW_S: Final = 0.1
LATE_S: Final = 1.5
"""Later than the gateway's response timer in scenarios (scenarios/pair.py)."""


@dataclass(frozen=True, slots=True)
class FaultName:
    """One fault. `settings` are those of its Fault. `drops` says that it can only be seen when the connection is lost
    first, `timed` that it is seen when a timer of the gateway runs out. `start` is the environment that a gateway is
    started with, to have the fault or to see it in time; it `kills` that gateway. `told_by` is the gateway's log line
    of each hit that only it can count.
    """

    id: str
    nl: str
    en: str
    effect: Effect | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    drops: bool = False
    timed: bool = False
    start: Mapping[str, str] = field(default_factory=dict)
    kills: bool = False
    told_by: str = ""
    act: str = ""

    def name(self, language: str) -> str:
        return self.nl if language == "nl" else self.en

    @property
    def point(self) -> Point | None:
        return POINTS[self.effect] if self.effect is not None else None

    @property
    def scopes(self) -> tuple[str, ...]:
        """The keys that may limit it."""
        if self.point is None:
            return ()
        rate = ("rate_per_s",) if self.effect == "bucket" else ()
        # A bind is an account's, not a handset's.
        return (*(one for one in SCOPES if one != "who" or self.point != "bind"), *rate)

    def armed(self, number: str | None = None, **scope: Any) -> Fault:  # noqa: ANN401 - fields of Fault
        """The fault, ready for a plan. ValueError for one that strikes at no point of the simulator."""
        if self.effect is None:
            raise ValueError(f"{self.id} is no fault of the SMSC or the network: it needs a gateway of our own")
        return Fault(self.effect, number, **{**self.settings, **scope})


THROTTLED: Final = {"status": Status.RTHROTTLED}
KILL_POINTS: Final = (
    # The gateway's own names of where it may die (its `control.kill_at`).
    ("after_event_commit", "na het vastleggen", "after committing"),
    ("after_decide_before_outbox", "na het besluit", "after deciding"),
    ("after_submit_before_resp", "tijdens het verzenden", "while sending"),
    ("after_resp_before_commit", "na het verzenden", "after sending"),
    ("during_period_roll", "bij de maandwissel", "at the turn of the month"),
)
KILL_AT: Final = "GATEWAY__CONTROL__KILL_AT"
DB_FAULT: Final = "GATEWAY__CONTROL__DB_FAULT"

SMSC: Final = (
    FaultName("smsc.throttle", "SMSC zegt: te druk", "SMSC says: too busy", "status", THROTTLED),
    FaultName("smsc.throttle_rate", "SMSC met snelheidsgrens", "SMSC with a rate limit", "bucket",
        {**THROTTLED, "rate_per_s": 2.0, "times": None}),
    FaultName("smsc.queue_full", "SMSC-wachtrij vol", "SMSC queue full", "status", {"status": Status.RMSGQFUL}),
    FaultName("smsc.reject_dest", "nummer geweigerd", "number refused", "status", {"status": Status.RINVDSTADR}),
    FaultName("smsc.syserr", "SMSC-fout", "SMSC error", "status", {"status": Status.RSYSERR}),
    FaultName("smsc.silent", "SMSC zwijgt", "SMSC is silent", "silent", timed=True),
    FaultName("smsc.resp_lost", "antwoord verloren", "response lost", "resp_lost"),
    FaultName("smsc.resp_late", "laat antwoord", "late response", "slow", {"delay_s": LATE_S}, timed=True),
    FaultName("smsc.slow", "trage SMSC", "slow SMSC", "dawdle", {"delay_s": SLOW_S}),
    FaultName("smsc.disconnect", "verbinding weg", "connection lost", "disconnect"),
    FaultName("smsc.hang_up", "verbinding gesloten", "connection closed", "hang_up"),
    FaultName("smsc.half_open", "lijn dood", "dead line", "half_open", timed=True,
        start={"GATEWAY__SMPP__ENQUIRE_LINK_S": "1"}),
    FaultName("smsc.bad_pdu", "kapotte PDU", "broken PDU", "bad_pdu"),
    FaultName("smsc.bad_length", "PDU zonder einde", "PDU without an end", "bad_length"),
    FaultName("smsc.bind_refused", "aanmelden geweigerd", "bind refused", "bind_status",
        {"status": Status.RBINDFAIL}, drops=True),
    FaultName("smsc.bind_password", "wachtwoord geweigerd", "password refused", "bind_status",
        {"status": Status.RINVPASWD}, drops=True),
    FaultName("smsc.dlr_never", "geen ontvangstbevestiging", "no receipt", "receipt_never"),
    FaultName("smsc.dlr_dup", "dubbele ontvangstbevestiging", "double receipt", "receipt_twice"),
    FaultName("smsc.dlr_before_resp", "te vroege ontvangstbevestiging", "early receipt", "receipt_before_resp"),
    FaultName("smsc.dlr_reordered", "ontvangstbevestiging na de volgende", "receipt after the next one",
        "receipt_reordered"),
    FaultName("smsc.dlr_unknown_id", "ontvangstbevestiging van een ander", "receipt of another message",
        "receipt_unknown_id"),
    FaultName("smsc.dlr_garbled", "onleesbare ontvangstbevestiging", "garbled receipt", "receipt_garbled"),
    FaultName("smsc.dlr_fail", "aflevering mislukt", "delivery failed", "receipt_stat",
        {"stat": "UNDELIV", "error": 1}),
    FaultName("smsc.dlr_expired", "aflevering verlopen", "delivery expired", "receipt_stat",
        {"stat": "EXPIRED", "error": 27}),
    FaultName("smsc.dlr_rejected", "aflevering geweigerd", "delivery rejected", "receipt_stat",
        {"stat": "REJECTD", "error": 34}),
    FaultName("smsc.mo_dup", "sms dubbel", "text twice", "mo_twice"),
    FaultName("smsc.mo_reordered", "delen in verkeerde volgorde", "parts in the wrong order", "mo_reordered"),
    FaultName("smsc.mo_parts_missing", "deel kwijt", "part missing", "mo_part_missing"),
    FaultName("smsc.mo_ucs2", "sms in UCS-2", "text in UCS-2", "mo_ucs2"),
    FaultName("smsc.mo_8bit", "sms in 8 bits", "text in 8 bits", "mo_8bit"),
)  # fmt: skip
PHONE: Final = (
    FaultName("phone.off", "telefoon uit", "phone off", "absent", {"error": 27}),
    FaultName("phone.full", "telefoon vol", "phone full", "absent", {"error": 32}),
    FaultName("phone.roaming_lost", "telefoon zonder bereik", "phone out of coverage", "absent", {"error": 27}),
)
HTTP: Final = (
    FaultName("http.duplicate", "gebeurtenis dubbel", "event twice", "event_twice"),
    FaultName("http.reordered", "gebeurtenis na de volgende", "event after the next one", "event_reordered"),
    FaultName("http.late_period", "gebeurtenis van vorige maand", "event of last month", "event_late"),
    FaultName("http.burst", "gebeurtenis in stukjes", "event in pieces", "event_burst"),
    FaultName("http.malformed", "kapotte gebeurtenis", "malformed event", "event_malformed"),
    FaultName("http.huge", "reusachtige gebeurtenis", "huge event", "event_huge"),
    FaultName("http.slow_body", "druppelende gebeurtenis", "event that trickles in", "event_slow_body"),
    FaultName("http.gone_before_reply", "netwerk wacht het antwoord niet af", "network does not wait for the answer",
        "event_gone"),
    FaultName("http.skewed_clock", "netwerk met verkeerde klok", "network with a wrong clock", "event_future"),
)  # fmt: skip
POLICY: Final = (
    FaultName("policy.down", "blokkadesysteem weg", "policy system down", "policy_down"),
    FaultName("policy.slow", "traag blokkadesysteem", "slow policy system", "policy_slow", {"delay_s": 0.3}),
    FaultName("policy.refuses", "blokkadesysteem weigert", "policy system refuses", "policy_refuses"),
)
DATABASE: Final = (
    *(
        FaultName(f"db.{fault}", dutch, english, start={DB_FAULT: fault}, kills=True)
        for fault, dutch, english in (
            ("locked", "database bezet", "database locked"),
            ("full", "database vol", "database full"),
            ("readonly", "database alleen-lezen", "database read-only"),
            ("io", "schijf stuk", "disk broken"),
        )
    ),
    FaultName("db.slow", "trage database", "slow database", start={DB_FAULT: "slow"}, told_by="db.slow"),
    FaultName("db.corrupt_page", "database beschadigd", "database damaged", act="damage"),
)
GATEWAY: Final = (
    *(
        FaultName(f"gw.kill@{point}", f"gateway valt uit {dutch}", f"gateway dies {english}",
            start={KILL_AT: point}, kills=True)
        for point, dutch, english in KILL_POINTS
    ),
    FaultName("gw.kill", "gateway valt om", "gateway crashes", act="crash"),
    FaultName("gw.restart", "herstart", "restart", act="restart"),
)  # fmt: skip
CLOCK: Final = (
    FaultName("clock.month_edge", "maandgrens", "edge of the month", act="clock"),
    FaultName("clock.dst_spring", "zomertijd begint", "summer time begins", act="clock"),
    FaultName("clock.dst_autumn", "zomertijd eindigt", "summer time ends", act="clock"),
    FaultName("clock.leap_day", "schrikkeldag", "leap day", act="clock"),
    FaultName("clock.step_back", "klok terug", "clock goes back", act="clock_back"),
    FaultName("clock.jump_ahead", "klok ver vooruit", "clock jumps ahead", act="clock"),
)
TEMPLATE: Final = (
    FaultName("template.missing_var", "sjabloon met onbekend veld", "template with an unknown field", act="template"),
    FaultName("template.too_long", "sjabloon te lang", "template too long", act="template"),
    FaultName("template.not_gsm7", "sjabloon buiten GSM-7", "template outside GSM-7", act="template"),
)
FAULTS: Final = (*SMSC, *PHONE, *HTTP, *POLICY, *DATABASE, *GATEWAY, *CLOCK, *TEMPLATE)


def find_fault(name: str, language: str) -> FaultName | None:
    """By its name in that language, or by its id."""
    wanted = name.strip().casefold()
    return next((one for one in FAULTS if wanted in (one.name(language).casefold(), one.id)), None)
