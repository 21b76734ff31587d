"""Faults that happen at once: the clock at an awkward moment, a restart, a gateway that must refuse to start.

Each act returns whether it came as it must: then it has occurred, once. A gateway that must not start leaves the pair
without one until the fault is over.

Not here: faults that wait for their turn (trouble.py), which moments are awkward (edges.py).
"""

import asyncio
import re
import shutil
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, timedelta
from pathlib import Path
from typing import Final

from simulator.faultnames import FaultName
from simulator.scenarios.acts import advance
from simulator.scenarios.catalogue import TEMPLATES
from simulator.scenarios.edges import EDGES
from simulator.scenarios.scene import Failure, Scene

EXIT_CANNOT_START: Final = 2
EXIT_DAMAGED: Final = 70
PAGE_BYTES: Final = 4096
PAGES_DAMAGED: Final = 3
BACK: Final = timedelta(hours=1)
UNPROCESSABLE: Final = 422
_TEXT: Final = re.compile(r'(\[kind\.help\].*?\ntext = ")([^"\n]*)"', re.DOTALL)
SPOILED: Final[Mapping[str, Callable[[str], str]]] = {
    # What is done to the text of a template.
    "template.missing_var": lambda text: text + " {saldo_van_de_buurman}",
    "template.too_long": lambda text: text + " En nog veel meer." * 40,
    "template.not_gsm7": lambda text: "Привет. " + text,
}


async def restart(scene: Scene, wanted: FaultName) -> None:
    del wanted
    await scene.settle()
    await scene.pair.restart()


async def crash(scene: Scene, wanted: FaultName) -> None:
    del wanted
    await scene.pair.crash()


async def clock(scene: Scene, wanted: FaultName) -> None:
    await advance(scene, EDGES[wanted.id](scene.now))


async def clock_back(scene: Scene, wanted: FaultName) -> None:
    """The gateway is asked to go back, and must not."""
    to = (scene.now.astimezone(UTC) - BACK).isoformat()
    client = scene.pair.client
    status, _ = await client.request(
        "POST", "/v1/clock/advance", body={"to": to}, token=client.tokens.control, allowed=(UNPROCESSABLE,)
    )
    if status != UNPROCESSABLE:
        raise Failure("went_back", {"fault": wanted.name(scene.language)})


async def damage(scene: Scene, wanted: FaultName) -> None:
    """Some pages of the database are overwritten while nobody looks."""
    await scene.settle()
    await scene.pair.child.stop()
    database = scene.pair.folder / "gateway.db"
    sound = await asyncio.to_thread(database.read_bytes)
    end = (1 + PAGES_DAMAGED) * PAGE_BYTES
    spoiled = sound[:PAGE_BYTES] + b"\xa5" * (end - PAGE_BYTES) + sound[end:]
    await asyncio.to_thread(database.write_bytes, spoiled)

    async def mend() -> None:
        for left in scene.pair.folder.glob("gateway.db-*"):
            left.unlink()
        await asyncio.to_thread(database.write_bytes, sound)

    await _must_not_start(scene, wanted, {}, EXIT_DAMAGED, mend)


async def template(scene: Scene, wanted: FaultName) -> None:
    """One text of the operator's own templates is wrong."""
    await scene.settle()
    await scene.pair.child.stop()
    folder = scene.pair.folder / "templates"
    await asyncio.to_thread(_spoil, folder, SPOILED[wanted.id])

    async def mend() -> None:
        await asyncio.to_thread(shutil.rmtree, folder)

    env = {"GATEWAY__TEMPLATES__FOLDER": str(folder)}
    await _must_not_start(scene, wanted, env, EXIT_CANNOT_START, mend)


def _spoil(folder: Path, spoil: Callable[[str], str]) -> None:
    shutil.copytree(TEMPLATES, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    path = folder / "nl.toml"
    text, count = _TEXT.subn(lambda found: f'{found[1]}{spoil(found[2])}"', path.read_text(encoding="utf-8"))
    assert count == 1, f"{path}: no text of the help"
    path.write_text(text, encoding="utf-8")


async def _must_not_start(
    scene: Scene, wanted: FaultName, env: Mapping[str, str], exit_code: int, mend: Callable[[], Awaitable[None]]
) -> None:
    found = await scene.pair.try_start(env)
    scene.pair.mend = mend
    if found != exit_code:
        last = scene.pair.child.last_lines().splitlines()[-5:]
        raise Failure("started_anyway", {"fault": wanted.name(scene.language)}, details=(f"exit {found}", *last))


ACTS: Final[Mapping[str, Callable[[Scene, FaultName], Awaitable[None]]]] = {
    "restart": restart,
    "crash": crash,
    "clock": clock,
    "clock_back": clock_back,
    "damage": damage,
    "template": template,
}
"""By the `act` of the fault's name."""
