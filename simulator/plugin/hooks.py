"""What pytest finds: options, markers, fixtures, and the hooks around a test that uses them.

It is loaded in every run of pytest in an environment that has the simulator, so nothing but pytest is imported here
and nothing starts until a fixture is asked for or a `.feature` file of ours is met. Hooks look at tests of ours only.

Not here: what the fixtures are (stage.py, hands.py, watching.py), what must hold at a test's end (strict.py).
"""

import json
import random
import shlex
import sys
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from simulator.plugin.clockhand import ClockHand
    from simulator.plugin.hands import FaultsHand, NetworkHand, PortalHand
    from simulator.plugin.reporting import Reporting
    from simulator.plugin.sim import Sim
    from simulator.plugin.stage import Stage
    from simulator.plugin.subscriber import Subscriber
    from simulator.plugin.watching import GatewayHand, GatewayLog, SmscWatch

MARKERS: Final = (
    'clock(moment): where the business clock stands when the test begins, as "2026-03-31T23:59:50" in Amsterdam',
    'faults(name, times=1, …): a fault that strikes during the test, as "smsc.resp_lost"; it fails if it never does',
    "lenient: texts may come that the test never looks at",
    'policy(key=value, …): how this test\'s gateway reads the rules, as policy(cap_scope="subscription")',
    "seed(number): draws what is left to chance in this test",
)
PARTS: Final = "simulator.plugin."
SEED: Final = pytest.StashKey[int]()
STAGE: Final = pytest.StashKey["Stage"]()
REPORTING: Final = pytest.StashKey["Reporting"]()
OURS: Final = pytest.StashKey[bool]()
WRITTEN: Final = pytest.StashKey[list[str]]()
OWN_GATEWAY: Final = "gateway"
"""A test with this fixture has a gateway that no test had before it."""


def _plugin(module: str) -> Any:  # noqa: ANN401 - a module
    """A part of the plugin, loaded when it is needed first."""
    return import_module(PARTS + module)


# --- options ---------------------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("simulator", "the simulator of service number 1330")
    group.addoption(
        "--sim-report", metavar="DIR", help="write a report there: each test with its conversation and the reasons"
    )
    group.addoption("--sim-seed", type=int, metavar="N", help="draws what is left to chance; a failure prints it")
    group.addoption(
        "--sim-realtime", action="store_true", help="play on the system clock; tests that move the clock are skipped"
    )
    group.addoption(
        "--sim-keep", action="store_true", help="keep database, configuration and log of a failed test's gateway"
    )


def pytest_configure(config: pytest.Config) -> None:
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    # A run inside another run of the same process plays on the other's and leaves it to the other to end.
    config.stash[OURS] = not _is_running()
    told: dict[str, Any] = getattr(config, "workerinput", {})
    seed = config.getoption("sim_seed")
    # All workers of one run draw from one seed, which the first process picks.
    config.stash[SEED] = told.get("sim_seed", random.SystemRandom().randrange(100_000) if seed is None else seed)


def _reporting(config: pytest.Config) -> "Reporting | None":
    """The report of this process; None where nobody asked for one."""
    folder: str | None = config.getoption("sim_report")
    if folder is None:
        return None
    if REPORTING not in config.stash:
        asked = shlex.join(["pytest", *config.invocation_params.args])
        jobs = len(config.getoption("tx", None) or ["this"])
        made = _plugin("reporting").Reporting(Path(folder).absolute(), config.stash[SEED], asked, jobs)
        config.stash[REPORTING] = made
    return config.stash[REPORTING]


def pytest_sessionstart(session: pytest.Session) -> None:
    # From here on its time runs.
    _reporting(session.config)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker hands its part on, the first process writes the report."""
    config = session.config
    reporting = config.stash.get(REPORTING, None)
    if reporting is None or not reporting.cases:
        return
    if hasattr(config, "workeroutput"):
        config.workeroutput["sim_report"] = reporting.packed()
        return
    try:
        config.stash[WRITTEN] = reporting.write()
    except OSError as error:
        config.stash[WRITTEN] = [f"simulator: no report: {error}"]
        session.exitstatus = pytest.ExitCode.INTERNAL_ERROR


def pytest_terminal_summary(terminalreporter: "pytest.TerminalReporter") -> None:
    for line in terminalreporter.config.stash.get(WRITTEN, []):
        terminalreporter.write_line(line)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:  # noqa: ANN401 - of pytest-xdist
    packed = getattr(node, "workeroutput", {}).get("sim_report")
    reporting = _reporting(node.config)
    if packed is not None and reporting is not None:
        reporting.unpack(packed)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:  # noqa: ANN401 - of pytest-xdist
    node.workerinput["sim_seed"] = node.config.stash[SEED]


def _sim(config: pytest.Config) -> "Sim":
    """The simulator of this process, started when it is asked for first."""
    module = _plugin("sim")
    options = module.SimOptions(
        seed=config.stash[SEED],
        real_time=config.getoption("sim_realtime"),
        keep=config.getoption("sim_keep"),
    )
    found: Sim = module.shared(options)
    return found


def _is_running() -> bool:
    """Whether this process has a simulator; asked without loading anything."""
    return PARTS + "sim" in sys.modules and bool(_plugin("sim").running())


def pytest_unconfigure(config: pytest.Config) -> None:
    if config.stash.get(OURS, False) and _is_running():
        _plugin("sim").close_shared()


# --- scenarios -------------------------------------------------------------------------------------------


class FeatureFile(pytest.File):
    """A file of scenarios, read when it is collected and not before."""

    @property
    def asked(self) -> bool:
        """Whether it was named on the command line."""
        return self.session.isinitpath(self.path)

    def sim(self) -> "Sim":
        return _sim(self.config)

    def reporting(self) -> "Reporting | None":
        return _reporting(self.config)

    def collect(self) -> Iterator[pytest.Item]:
        items: Iterator[pytest.Item] = _plugin("features").items(self)
        return items


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> FeatureFile | None:
    if file_path.suffix != ".feature":
        return None
    file: FeatureFile = FeatureFile.from_parent(parent, path=file_path)
    return file


# --- a test ----------------------------------------------------------------------------------------------


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Arms the faults that the test is marked with, and looks whether all holds when it is over."""
    stage = item.stash.get(STAGE, None)
    if stage is None:
        return (yield)
    hands = _plugin("hands")
    for marker in item.iter_markers("faults"):
        if stage.sim.options.real_time and hands.needs_virtual_clock(*marker.args[:1]):
            pytest.skip("this fault needs a virtual clock")
        hands.FaultsHand(stage).arm(*marker.args, **marker.kwargs)
    result = yield
    unmet: str = _plugin("strict").unmet(stage)
    if unmet:
        pytest.fail(unmet, pytrace=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    stage = item.stash.get(STAGE, None)
    if stage is None or call.when == "teardown":
        return report
    if report.failed:
        stage.failed = True
        report.sections.append(("conversation", stage.conversations()))
    if stage.watch is not None and (report.failed or call.when == "call"):
        _note(item, stage, report)
    return report


def _note(item: pytest.Item, stage: "Stage", report: pytest.TestReport) -> None:
    """Adds a test that was played to the report."""
    open_ = hasattr(report, "wasxfail")
    if report.skipped and not open_:
        return
    path, line, _ = item.location
    crash = getattr(report.longrepr, "reprcrash", None)
    at_home = crash is not None and Path(crash.path).name == item.path.name
    message: str = _plugin("reporting").message_of(crash.message) if crash is not None else ""
    assert stage.watch is not None
    case = stage.watch.case(
        number=0,
        name=item.name,
        path=path,
        line=(line or 0) + 1,
        feature=item.parent.name if item.parent is not None else "",
        state="open" if open_ else "failed" if report.failed else "passed",
        headline=message.partition("\n")[0],
        # The headline first, as scenarios have it; then all that pytest shows.
        failure=f"✗ {message}\n\n{report.longreprtext}" if message else report.longreprtext,
        replay=stage.replay,
        real_s=report.duration,
        failed_line=crash.lineno if crash is not None and at_home else 0,
    )
    item.config.stash[REPORTING].cases.append(case)


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    ours = type(left).__module__.startswith("simulator.plugin") or type(right).__module__.startswith(
        "simulator.plugin"
    )
    if not ours:
        return None
    told: list[str] | None = _plugin("compare").explain(op, left, right)
    return told


# --- fixtures --------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def sim(pytestconfig: pytest.Config) -> "Sim":
    """The simulator of this run: its loop in a background thread, and the gateways it starts."""
    return _sim(pytestconfig)


@pytest.fixture
def world(request: pytest.FixtureRequest, sim: "Sim") -> Iterator["Stage"]:
    """A world for the test, with nobody in it yet: clock, subscribers, journal, and what is behind them."""
    item: pytest.Item = request.node
    wanted = _wanted(item, sim)
    seed = next((marker.args[0] for marker in item.iter_markers("seed")), sim.seed)
    fresh = OWN_GATEWAY in request.fixturenames
    try:
        lent = sim.run(sim.lend(wanted, fresh=fresh))
    except import_module("simulator.gateway_process").GatewayDied as died:
        pytest.fail(f"No gateway came up: {died}", pytrace=False)
    lenient = item.get_closest_marker("lenient") is not None
    stage: Stage = _plugin("stage").Stage(sim, lent, name=item.nodeid, seed=seed, lenient=lenient)
    item.stash[STAGE] = stage
    if _reporting(item.config) is not None:
        _plugin("watch").Watch.over(stage, item.path)
    yield stage
    del item.stash[STAGE]
    stage.leave(reusable=not fresh)


def _wanted(item: pytest.Item, sim: "Sim") -> Any:  # noqa: ANN401 - of a module that is not loaded yet
    wanted, quantities = _plugin("sim").Wanted, _plugin("quantities")
    quick = any(_plugin("hands").is_timed(*marker.args[:1]) for marker in item.iter_markers("faults"))
    policy = {key: value for marker in item.iter_markers("policy") for key, value in marker.kwargs.items()}
    needs = wanted(quick=quick, policy=tuple(sorted((key, json.dumps(value)) for key, value in policy.items())))
    marker = item.get_closest_marker("clock")
    if marker is None:
        return needs
    if sim.options.real_time:
        pytest.skip("this test needs a virtual clock")
    start: datetime = quantities.instant(*marker.args)
    return replace(needs, start=start)


@pytest.fixture
def handset(world: "Stage") -> Callable[..., "Subscriber"]:
    """Brings on a subscriber: `handset("+31610000042", lang="en", where="US", cost_limit_eur=100)`."""
    return world.handset


@pytest.fixture
def anna(world: "Stage") -> "Subscriber":
    """A fresh subscriber in the Netherlands, with everything as a new subscription has it."""
    return world.handset(name="Anna")


@pytest.fixture
def bram(world: "Stage") -> "Subscriber":
    """Another."""
    return world.handset(name="Bram")


@pytest.fixture
def cees(world: "Stage") -> "Subscriber":
    """A third."""
    return world.handset(name="Cees")


@pytest.fixture
def network(world: "Stage") -> "NetworkHand":
    """The mobile network: roam, use, spend, coverage, inject, repeat."""
    hand: NetworkHand = _plugin("hands").NetworkHand(world)
    return hand


@pytest.fixture
def portal(world: "Stage") -> "PortalHand":
    """What the administrator changes: set_cost_limit, enable_bundle, block, change …"""
    hand: PortalHand = _plugin("hands").PortalHand(world)
    return hand


@pytest.fixture
def clock(world: "Stage", sim: "Sim") -> "ClockHand":
    """The business clock: now, to, advance, to_month_end, next_month."""
    if sim.options.real_time:
        pytest.skip("this test moves the clock")
    return world.clock


@pytest.fixture
def faults(world: "Stage") -> "FaultsHand":
    """What goes wrong on purpose: arm, clear, hits."""
    hand: FaultsHand = _plugin("hands").FaultsHand(world)
    return hand


@pytest.fixture
def gateway_log(world: "Stage") -> "GatewayLog":
    """What the gateway logs from here on: lines, of, flow, errors, expect_error."""
    log: GatewayLog = _plugin("watching").GatewayLog(world)
    return log


@pytest.fixture
def gateway(world: "Stage") -> "GatewayHand":
    """The gateway as a process, which no test had before: restart, kill, metrics, health."""
    hand: GatewayHand = _plugin("watching").GatewayHand(world)
    return hand


@pytest.fixture
def smsc(world: "Stage") -> Iterator["SmscWatch"]:
    """The SMSC's side of the link from here on: pdus, of, sessions."""
    watch: SmscWatch = _plugin("watching").SmscWatch(world)
    yield watch
    watch.stop()
