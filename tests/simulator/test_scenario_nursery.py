"""Gateways from the nursery: fresh processes, watched and stopped like any other."""

import asyncio
import os
import signal

import pytest

from simulator.clock import START
from simulator.gateway_process import GatewayDied
from simulator.scenarios.nursery import Nursery
from simulator.scenarios.pair import paired


def test_two_lives_are_two_processes_and_end_as_asked():
    async def live():
        async with Nursery() as nursery, paired(nursery, START) as pair:
            first = pair.child
            assert first.pid != os.getpid()
            assert first.events("gateway.ready")
            await pair.restart()
            assert (first.exit_code, first.is_running) == (0, False)
            second = pair.child
            assert second.pid != first.pid
            os.kill(second.pid, signal.SIGKILL)
            with pytest.raises(GatewayDied):
                await second.wait_for("no such event", timeout_s=20)
            assert second.exit_code == -signal.SIGKILL
            assert await second.stop() == -signal.SIGKILL

    asyncio.run(live())


def test_a_program_that_cannot_start_tells_why(tmp_path):
    config = tmp_path / "config.toml"
    config.write_text("[http]\nportt = 1\n")

    async def live():
        async with Nursery() as nursery:
            child = await nursery.start(config, cwd=tmp_path)
            with pytest.raises(GatewayDied, match="portt"):
                await child.wait_for("gateway.ready", timeout_s=30)
            assert child.exit_code == 2

    asyncio.run(live())
