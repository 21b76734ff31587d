"""What goes wrong on purpose: faults by name, and the gateway's own restarts and deaths.

Not here: how a fault strikes (faults.py, one folder up), bringing a dead gateway back (scene.py).
"""

import asyncio
from functools import partial
from typing import Final

from simulator.scenarios.acts import Call
from simulator.scenarios.faultnames import FaultName
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
    options = call.table or {}
    if wanted.kill_at:
        await _arm_death(scene, wanted)
        return
    who = options.get("who")
    number = scene.person(who).number if who else None
    named = wanted.name(scene.language)
    fault = scene.world.faults.arm(wanted.armed(number, options.get("times", 1)))
    armed = Armed(named, fault)
    scene.armed.append(armed)
    _all_see(scene, "fault_on", fault=named)
    if "duration" in options:
        due = scene.now + options["duration"]
        scene.world.smsc.agenda.add(due, partial(scene.world.faults.clear, fault))
    if wanted.drops:
        for session in list(scene.world.smsc.sessions):
            session.abort()
        # The gateway comes back by itself, and then it strikes.
        settling = scene.world.settling
        assert settling is not None
        async with asyncio.timeout(REBIND_S):
            while not fault.hits:
                settling.moved.clear()
                await settling.moved.wait()


async def _arm_death(scene: Scene, wanted: FaultName) -> None:
    """The point is named when a gateway starts, so it starts anew."""
    named = wanted.name(scene.language)
    _all_see(scene, "fault_on", fault=named)
    await scene.settle()
    await scene.pair.restart(wanted.kill_at)
    await scene.world.settle()
    scene.armed.append(Armed(named, wanted.armed(None, 1), kills=True))


async def disarm(scene: Scene, call: Call) -> None:
    wanted: FaultName = call.values[0]
    named = wanted.name(scene.language)
    for armed in scene.armed:
        if armed.name == named:
            scene.world.faults.clear(armed.fault)
    _all_see(scene, "fault_off", fault=named)


def _all_see(scene: Scene, key: str, **words: object) -> None:
    scene.all_see(say(key, scene.language, **words))
