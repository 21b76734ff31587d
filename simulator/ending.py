"""How a verb of the command line ends: its exit codes, and the wait for whoever stops it."""

import asyncio
import signal
from typing import Final

OK: Final = 0
DIFFERENT: Final = 1
"""It ran, and something came out differently from what was told."""
COULD_NOT_RUN: Final = 2


async def interrupted() -> None:
    """Returns at SIGINT or SIGTERM."""
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, over.set)
    await over.wait()
