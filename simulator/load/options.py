"""What the command line of `simulator load` says, checked as a whole before anything starts.

Not here: the command line's words (__main__.py, one folder up), carrying it out (run.py).
"""

import os
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from simulator.load.kinds import HALF, KINDS, Kind
from simulator.load.mix import Mix
from simulator.load.people import SUBSCRIBERS_MAX
from simulator.load.play import Plan
from simulator.load.schedule import BadPlan, Spacing, Stage, length_s, seconds_of, stage, stages_of
from simulator.load.thresholds import COUNTS, RATIOS, Threshold, read_thresholds

OWN_NUMBERS: Final = "+31640000001"
SEEDS: Final = 1_000_000


@dataclass(frozen=True, kw_only=True)
class LoadOptions:
    """The options by their names; "" and 0 are what the kind says."""

    kind: str = "steady"
    rate: float = 0.0
    seconds: str = ""
    stages: str = ""
    spacing: Spacing = "poisson"
    mix: str = "default"
    subscribers: int = 0
    seed: int | None = None
    gateway: str = ""
    smpp_port: int = 0
    policies_port: int = 0
    account: str = "gateway:secret"
    numbers: str = ""
    events_token: str = field(default="", repr=False)
    portal_token: str = field(default="", repr=False)
    control_token: str = field(default="", repr=False)
    settings: Sequence[str] = ()
    thresholds: Sequence[str] = ()
    lag_max_ms: float = 10.0
    find_limit: bool = False
    step: str = "15s"
    repeat: int = 1
    baselines: Sequence[str] = ()
    html_path: str = ""
    json_path: str = ""
    folder: str = ""
    keep: bool = False
    drain: str = "30s"
    pin: bool = True
    plain: bool = False


@dataclass(frozen=True, kw_only=True)
class Job:
    """The options, read: all that a run needs to know."""

    options: LoadOptions
    kind: Kind
    mix: Mix
    thresholds: tuple[Threshold, ...]
    seed: int
    plan: Plan
    subscribers: int
    first_number: str
    settings: Mapping[str, str]
    cores: tuple[frozenset[int], int] | None
    """The gateway's, and the generator's one."""

    @property
    def seconds(self) -> float:
        return length_s(self.plan.stages)


def read_job(options: LoadOptions) -> Job:
    """BadPlan says what is wrong with the options, with what is allowed."""
    kind = KINDS[options.kind]
    mix = replace(Mix.load(options.mix), **kind.mix)
    subscribers = options.subscribers or kind.subscribers
    if not 1 <= subscribers <= SUBSCRIBERS_MAX:
        raise BadPlan(f"--subscribers {subscribers}: allowed are 1 to {SUBSCRIBERS_MAX}")
    if options.gateway and (options.settings or kind.edge):
        raise BadPlan("--set and --kind month-edge are for a gateway of our own; leave out --gateway")
    if options.gateway and not options.smpp_port:
        raise BadPlan("--gateway needs --smpp-port: where that gateway finds its SMSC, which is ours")
    if options.html_path == "-":
        raise BadPlan("--html -: the page goes to a file; - is for --json")
    if ":" not in options.account:
        raise BadPlan(f"--account {options.account!r}: SYSTEM_ID:PASSWORD is allowed")
    if options.find_limit and (options.repeat > 1 or options.stages or kind is not KINDS["steady"]):
        raise BadPlan("--find-limit makes steps of its own; leave out --repeat, --stages and --kind")
    seed = random.SystemRandom().randrange(SEEDS) if options.seed is None else options.seed
    return Job(
        options=options,
        kind=kind,
        mix=mix,
        thresholds=read_thresholds(_thresholds(mix, kind), tuple(options.thresholds)),
        seed=seed,
        plan=_plan(options, kind, seed),
        subscribers=subscribers,
        first_number=_first_number(options),
        settings={**kind.settings, **_settings(options.settings)},
        cores=_cores() if options.pin else None,
    )


def _thresholds(mix: Mix, kind: Kind) -> Mapping[str, str]:
    """A soak goes as fast as it can, and says nothing of latencies."""
    counted = {name: limit for name, limit in mix.thresholds.items() if name in (*COUNTS, *RATIOS)}
    return counted if kind.soak else mix.thresholds


def _plan(options: LoadOptions, kind: Kind, seed: int) -> Plan:
    stages = _stages(options, kind)
    half_s = length_s(stages) * HALF
    return Plan(
        stages=stages,
        spacing=options.spacing,
        seed=seed,
        drain_s=seconds_of(options.drain),
        gather_s=kind.gather_s,
        in_flight_max=kind.in_flight_max,
        full_speed_s=kind.full_speed_s,
        burst=kind.burst,
        burst_at_s=half_s if kind.burst else 0.0,
        on_at_s=half_s if kind.come_on else 0.0,
    )


def _stages(options: LoadOptions, kind: Kind) -> tuple[Stage, ...]:
    if options.stages:
        if options.rate or options.seconds:
            raise BadPlan("--stages says rate and duration already; leave out --rate and --for")
        return stages_of(options.stages)
    seconds = seconds_of(options.seconds) if options.seconds else kind.seconds
    return (stage(seconds, options.rate or kind.rate),)


def _settings(written: Sequence[str]) -> dict[str, str]:
    found = {}
    for one in written:
        key, equals, value = one.partition("=")
        if not equals or key.count(".") < 1:
            raise BadPlan(f"--set {one!r}: SECTION.KEY=VALUE is allowed, as smpp.window=10")
        found[key.strip()] = value.strip()
    return found


def _first_number(options: LoadOptions) -> str:
    """A running gateway may have subscribers already: there a block is drawn that hardly anybody has."""
    if options.numbers:
        if not (options.numbers.startswith("+") and options.numbers[1:].isdigit() and len(options.numbers) <= 15):
            raise BadPlan(f"--numbers {options.numbers!r}: E.164 with + is allowed, as {OWN_NUMBERS}")
        return options.numbers
    return f"+31{random.SystemRandom().randrange(650_000_000, 659_000_000)}" if options.gateway else OWN_NUMBERS


def _cores() -> tuple[frozenset[int], int] | None:
    """None on a machine with one core, or that cannot pin."""
    if not hasattr(os, "sched_getaffinity"):
        return None
    *others, last = sorted(os.sched_getaffinity(0))
    return (frozenset(others), last) if others else None


def work_folder(options: LoadOptions) -> Path | None:
    """Where databases, logs and journals lie while it runs; None for a temporary one."""
    return Path(options.folder) if options.folder else None
