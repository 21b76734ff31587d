"""The faults a tester may order by name, as rows: the catalogue's id, the Dutch and the English name, the effect.

Not here: how a fault strikes (faults.py and centre.py, one folder up).
"""

from dataclasses import dataclass
from typing import Final

from simulator.commands import Status
from simulator.faults import Effect, Fault


@dataclass(frozen=True, slots=True)
class FaultName:
    """One fault. `drops` says that it can only be seen when the connection is lost first, `timed` that it is seen when
    the gateway's response timer runs out, `kill_at` that the gateway dies at that named point of its own; `effect`
    means nothing then.
    """

    id: str
    nl: str
    en: str
    effect: Effect
    status: int = 0
    delay_s: float = 0.0
    drops: bool = False
    timed: bool = False
    kill_at: str = ""

    def name(self, language: str) -> str:
        return self.nl if language == "nl" else self.en

    def armed(self, number: str | None, times: int | None, every: int = 1) -> Fault:
        return Fault(self.effect, number, times, every, status=self.status or Status.RTHROTTLED, delay_s=self.delay_s)


FAULTS: Final = (
    FaultName("smsc.throttle", "SMSC zegt: te druk", "SMSC says: too busy", "status", Status.RTHROTTLED),
    FaultName("smsc.queue_full", "SMSC-wachtrij vol", "SMSC queue full", "status", Status.RMSGQFUL),
    FaultName("smsc.reject_dest", "nummer geweigerd", "number refused", "status", Status.RINVDSTADR),
    FaultName("smsc.syserr", "SMSC-fout", "SMSC error", "status", Status.RSYSERR),
    FaultName("smsc.silent", "SMSC zwijgt", "SMSC is silent", "silent", timed=True),
    FaultName("smsc.resp_lost", "antwoord verloren", "response lost", "resp_lost"),
    FaultName("smsc.slow", "trage SMSC", "slow SMSC", "slow", delay_s=0.1),
    # Later than the gateway's response timer in scenarios (pair.py).
    FaultName("smsc.resp_late", "laat antwoord", "late response", "slow", delay_s=1.5, timed=True),
    FaultName("smsc.disconnect", "verbinding weg", "connection lost", "disconnect"),
    FaultName("smsc.bind_refused", "aanmelden geweigerd", "bind refused", "bind_status", Status.RBINDFAIL, drops=True),
    FaultName("smsc.dlr_never", "geen ontvangstbevestiging", "no receipt", "receipt_never"),
    FaultName("smsc.dlr_dup", "dubbele ontvangstbevestiging", "double receipt", "receipt_twice"),
    FaultName("smsc.dlr_before_resp", "te vroege ontvangstbevestiging", "early receipt", "receipt_before_resp"),
    FaultName("smsc.dlr_fail", "aflevering mislukt", "delivery failed", "receipt_stat"),
    *(
        FaultName(f"gw.kill@{point}", f"gateway valt uit {dutch}", f"gateway dies {english}", "silent", kill_at=point)
        for point, dutch, english in (
            ("after_event_commit", "na het vastleggen", "after committing"),
            ("after_decide_before_outbox", "na het besluit", "after deciding"),
            ("after_submit_before_resp", "tijdens het verzenden", "while sending"),
            ("after_resp_before_commit", "na het verzenden", "after sending"),
            ("during_period_roll", "bij de maandwissel", "at the turn of the month"),
        )
    ),
)


def find_fault(name: str, language: str) -> FaultName | None:
    """By its name in that language, or by its id."""
    wanted = name.strip().casefold()
    return next((one for one in FAULTS if wanted in (one.name(language).casefold(), one.id)), None)
