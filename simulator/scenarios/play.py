"""Plays one scenario against a gateway of its own: step by step, each settled by counting before the next begins.

Strict unless tagged otherwise: every text must be spoken of, every fault must have struck, and the log may hold no
error line that no step expects.

Not here: many scenarios (run.py), what a failure looks like (failure.py).
"""

import random
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any, Final

from aiohttp import ClientError

from simulator.gateway_client import GatewayError
from simulator.gateway_process import GatewayDied
from simulator.handset import Line
from simulator.reports.model import Case
from simulator.scenarios import failure as telling
from simulator.scenarios.because import conversation_text
from simulator.scenarios.interpret import Understood
from simulator.scenarios.lint import Ready
from simulator.scenarios.nursery import Nursery
from simulator.scenarios.pair import QUICK_TIMEOUT_S, RESPONSE_TIMEOUT_S, SETTLE_S, Pair, PairSettings, paired
from simulator.scenarios.reading import Scenario
from simulator.scenarios.recording import Recorder
from simulator.scenarios.scene import Failure, Scene
from simulator.settle import NotQuiet

TIME: Final = frozenset({"21", "22", "23"})
QUIET: Final = frozenset({"1", "70"})
"""Phrases that do nothing to the world."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one scenario. `text` is empty when it passed, `case` is all of it for reports."""

    scenario: Scenario
    headline: str = ""
    text: str = ""
    conversation: str = ""
    real_s: float = 0.0
    virtual: timedelta = field(default_factory=timedelta)
    seed: int = 0
    case: Case | None = None

    @property
    def passed(self) -> bool:
        return not self.text

    @property
    def counts(self) -> bool:
        """Whether its failure fails the run."""
        return not self.scenario.open_question


async def play(
    nursery: Nursery, ready: Ready, seed: int, *, update_snapshots: bool = False, closely: bool = False
) -> Outcome:
    """One scenario from its beginning to its end. GatewayDied when no gateway came up at all.

    `closely` asks the gateway at each step what it decided and where the subscribers stand, for reports that show it.
    """
    began_s = monotonic()
    scenario = ready.scenario
    timed = any(one.phrase.id == "29" and one.call.values[0].timed for one in ready.steps)
    response_timeout_s = QUICK_TIMEOUT_S if timed else RESPONSE_TIMEOUT_S
    settings = PairSettings(response_timeout_s=response_timeout_s, policy=ready.policy)
    async with paired(nursery, ready.start, settings) as pair:
        scene = _scene(ready, pair, seed)
        scene.update_snapshots = update_snapshots
        recorder = Recorder(scene, ready, closely)
        ending = await _steps(scene, ready, seed, recorder)
        conversation = conversation_text(scene)
        virtual = scene.now - ready.start
    told = ending.told
    headline, text = (told.headline, told.text) if told is not None else ("", "")
    real_s = monotonic() - began_s
    case = recorder.case(
        played=ending.played,
        failed_step=ending.failed_step,
        marked=ending.marked,
        number=0,
        state="passed" if told is None else "open" if scenario.open_question else "failed",
        headline=headline,
        failure=text,
        replay=telling.replay(scenario, seed),
        seed=seed,
        real_s=real_s,
        conversation=conversation,
    )
    return Outcome(scenario, headline, text, conversation, real_s, virtual, seed, case)


def _scene(ready: Ready, pair: Pair, seed: int) -> Scene:
    # A scenario's own chance must not depend on which others run beside it, nor on this process.
    own = zlib.crc32(ready.scenario.name.encode()) ^ seed
    folder = Path(ready.scenario.path).parent
    scene = Scene(ready.scenario.language, pair, random.Random(own), folder)
    scene.listen()
    return scene


@dataclass(frozen=True, slots=True)
class _Ending:
    """How far it came: `played` steps were begun; what is told when it failed, and at which step (0: at none)."""

    played: int
    told: "telling.Told | None" = None
    failed_step: int = 0
    marked: tuple[Line, ...] = ()


async def _steps(scene: Scene, ready: Ready, seed: int, recorder: Recorder) -> _Ending:
    scenario = ready.scenario
    done: list[Understood] = []
    try:
        for one in ready.steps:
            _between(scene, scenario, done, one)
            done.append(one)
            await _step(scene, one)
            await recorder.stepped()
        await recorder.ended()
        await _end(scene, scenario)
    except Failure as found:
        failure = found
    except (NotQuiet, GatewayDied, GatewayError, ClientError, TimeoutError, OSError) as error:
        failure = _broken(scene, error)
    else:
        return _Ending(len(done))
    told = await telling.tell(scene, scenario, failure, done, seed)
    await recorder.ended()
    failed_step = len(done) if failure.key not in telling.AFTERWARDS else 0
    return _Ending(len(done), told, failed_step, failure.marked)


def _between(scene: Scene, scenario: Scenario, done: Sequence[Understood], one: Understood) -> None:
    """Before a new When block nothing may be left over of the one before."""
    before = done[-1].phrase.kind if done else "given"
    if one.phrase.kind == "when" and before != "when":
        _leftovers(scene, scenario)
        scene.begin_block()
    elif one.phrase.kind == "given" and before == "then":
        _leftovers(scene, scenario)
        scene.in_given = True
    if scene.refused and one.phrase.kind != "then":
        raise Failure("refused", {"why": scene.refused})


async def _step(scene: Scene, one: Understood) -> None:
    if one.phrase.kind == "then":
        # A refusal must be the first thing that is spoken of.
        if scene.refused and one.phrase.id != "56":
            raise Failure("refused", {"why": scene.refused})
        await one.phrase.handler(scene, one.call)
        return
    if one.phrase.id not in TIME:
        scene.acted_at.append(scene.now)
    await one.phrase.handler(scene, one.call)
    inner = list(one.inner)
    scene.random.shuffle(inner)
    for act in inner:
        await act.phrase.handler(scene, act.call)
    if one.phrase.id not in QUIET:
        await scene.rest()


def _leftovers(scene: Scene, scenario: Scenario) -> None:
    """Texts that no step spoke of, and a refusal that none did."""
    if scene.refused:
        raise Failure("refused", {"why": scene.refused})
    for person in scene.left_over():
        if not scenario.lenient:
            words = {"who": person.name, "count": len(person.waiting)}
            raise Failure("unexpected", words, person, marked=tuple(text.line for text in person.waiting))
        person.waiting.clear()


async def _end(scene: Scene, scenario: Scenario) -> None:
    _leftovers(scene, scenario)
    # Asked to stop it writes its log to the end, so that no error line is missed.
    code = await scene.pair.child.stop()
    scene.count_told()
    for armed in scene.armed:
        if armed.fault.hits == 0:
            raise Failure("never_fired", {"fault": armed.name})
    for line in scene.log():
        if line.get("level") == "error" and line.get("event") not in scene.expected_errors:
            raise Failure("error_logged", {"event": line.get("event")}, details=(_short(line),))
    if scene.world.smsc.complaints:
        raise Failure("bad_smpp", details=tuple(scene.world.smsc.complaints)[:3])
    if code != 0:
        raise Failure("died", details=(f"exit code {code}", *scene.pair.child.last_lines().splitlines()[-5:]))


def _short(line: dict[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in line.items() if key not in ("ts", "vt", "boot", "level"))[:300]


def _broken(scene: Scene, error: Exception) -> Failure:
    """What broke off a scenario, as a failure like any other."""
    child = scene.pair.child
    if not child.is_running:
        return Failure("died", details=(f"exit code {child.exit_code}", *child.last_lines().splitlines()[-5:]))
    if isinstance(error, NotQuiet):
        return Failure(
            "not_quiet", {"seconds": f"{SETTLE_S:g}"}, details=tuple(telling.why_not_quiet(str(error), scene.language))
        )
    errors = [_short(line) for line in scene.log() if line.get("level") == "error"]
    return Failure("broke", {"why": str(error) or type(error).__name__}, details=tuple(errors[-2:]))
