"""How long a start takes until texts can come and go, and how much memory an idle gateway has: figures, printed.

No assertion on the seconds: they are the machine's. The memory has the bound the project promises.
"""

import statistics
import time
from pathlib import Path

from tests.world.stage import WAIT_S, staged

STARTS = 5
IDLE_MB_MAX = 120


def idle_mb(pid):
    status = dict(
        line.split(":", 1)
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
        if ":" in line
    )
    return int(status["VmRSS"].split()[0]) / 1024


def test_from_the_command_to_a_bound_session(run, tmp_path):
    async def played():
        async with staged(tmp_path) as stage:
            seconds = []
            for _ in range(STARTS):
                assert await stage.child.stop() == 0
                began_s = time.perf_counter()
                life = await stage.start()
                await life.wait_for("smpp.bound", timeout_s=WAIT_S)
                seconds.append(time.perf_counter() - began_s)
                await stage.join()
            await stage.world.text(stage.world.handset(await stage.subscribed()), "HELP")
            memory_mb = idle_mb(stage.child.pid)
            print(  # noqa: T201 - the figures are what this test is for
                f"\nstart to smpp.bound: {min(seconds):.2f} s best, {statistics.median(seconds):.2f} s median"
                f" of {STARTS}; idle memory {memory_mb:.0f} MB"
            )
            assert memory_mb < IDLE_MB_MAX

    run(played())
