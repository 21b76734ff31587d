"""What goes wrong on purpose: faults by name, and the gateway's own restarts and deaths.

A fault is armed and strikes when its turn comes; one that happens at once is in mishaps.py.

Not here: how a fault strikes (one folder up), bringing a dead gateway back (scene.py).
"""

import asyncio
from typing import Any, Final

from simulator.faultnames import FaultName
from simulator.faults import Fault
from simulator.scenarios.acts import Call
from simulator.scenarios.mishaps import ACTS
from simulator.scenarios.scene import Armed, Scene
from simulator.scenarios.speech import say

REBIND_S: Final = 10.0


async def restart(scene: Scene, call: Call) -> None:
    del call
    _all_see(scene, "restarted")
    await scene.world.settle()
    await scene.pair.restart()


async def crash(scene: Scene, call: Call) -> None:
    del call
    _all_see(scene, "crashed")
    await scene.pair.crash()


async def arm(scene: Scene, call: Call) -> None:
    wanted: FaultName = call.values[0]
    if wanted.act:
        await _at_once(scene, wanted)
    elif wanted.effect is None:
        await _at_a_start(scene, wanted)
    else:
        await _at_its_turn(scene, wanted, call.table or {})


async def _at_its_turn(scene: Scene, wanted: FaultName, options: dict[str, Any]) -> None:
    named = wanted.name(scene.language)
    if wanted.start:
        await _start_anew(scene, wanted)
    who = options.get("who")
    scope: dict[str, Any] = {one: options[one] for one in ("every", "probability", "rate_per_s") if one in options}
    scope["times"] = options.get("times", wanted.settings.get("times", 1))
    _all_see(scene, "fault_on", fault=named)
    fault = scene.world.arm(
        wanted, number=scene.person(who).number if who else None, lasts=options.get("duration"), **scope
    )
    scene.armed.append(Armed(named, fault))
    if wanted.drops:
        # The gateway comes back by itself, and then it strikes.
        settling = scene.world.settling
        assert settling is not None
        async with asyncio.timeout(REBIND_S):
            while not fault.hits:
                settling.moved.clear()
                await settling.moved.wait()


async def _at_a_start(scene: Scene, wanted: FaultName) -> None:
    """It is named when a gateway starts, so it starts anew."""
    named = wanted.name(scene.language)
    _all_see(scene, "fault_on", fault=named)
    await _start_anew(scene, wanted)
    scene.armed.append(Armed(named, Fault("elsewhere"), kills=wanted.kills, told_by=wanted.told_by))


async def _start_anew(scene: Scene, wanted: FaultName) -> None:
    await scene.settle()
    await scene.pair.restart(wanted.start)
    await scene.world.settle()


async def _at_once(scene: Scene, wanted: FaultName) -> None:
    named = wanted.name(scene.language)
    _all_see(scene, "fault_now", fault=named)
    armed = Armed(named, Fault("elsewhere"))
    scene.armed.append(armed)
    await ACTS[wanted.act](scene, wanted)
    armed.fault.hits += 1


async def disarm(scene: Scene, call: Call) -> None:
    wanted: FaultName = call.values[0]
    named = wanted.name(scene.language)
    for armed in scene.armed:
        if armed.name == named:
            scene.world.faults.clear(armed.fault)
    _all_see(scene, "fault_off", fault=named)
    if scene.pair.down:
        await scene.pair.recover()


def _all_see(scene: Scene, key: str, **words: object) -> None:
    scene.all_see(say(key, scene.language, **words))
