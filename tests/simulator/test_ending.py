"""How a verb ends."""

import asyncio
import os
import signal

import pytest

from simulator.ending import COULD_NOT_RUN, DIFFERENT, OK, interrupted


def test_exit_codes_are_those_of_the_contract():
    assert (OK, DIFFERENT, COULD_NOT_RUN) == (0, 1, 2)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_wait(run, number):
    async def story():
        asyncio.get_running_loop().call_soon(os.kill, os.getpid(), number)
        await interrupted()

    run(story())
