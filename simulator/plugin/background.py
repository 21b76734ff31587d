"""An event loop in one background thread, and the door to it for code that knows no `await`.

Whoever calls `run` waits in its own thread until the coroutine is over in the loop's; an interrupt of the caller
cancels it.

Not here: what runs in it.
"""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, Final, TypeVar

T = TypeVar("T")

RUN_S: Final = 110.0
"""Nothing that a test asks of the simulator takes this long; it must end before the test's own time does."""


class Background:
    """Begins with `start`, ends with `stop`; in between `run` runs a coroutine to its end."""

    def __init__(self) -> None:
        self._thread = threading.Thread(target=self._serve, name="simulator", daemon=True)
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over: asyncio.Event | None = None

    def start(self) -> None:
        self._thread.start()
        self._ready.wait()

    def _serve(self) -> None:
        with asyncio.Runner() as runner:
            runner.run(self._live())

    async def _live(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        self._ready.set()
        await self._over.wait()

    def run(self, coroutine: Coroutine[Any, Any, T], *, timeout_s: float = RUN_S) -> T:
        """Its result. TimeoutError, and the coroutine cancelled, when it takes longer."""
        assert self._loop is not None, "start comes first"
        future: Future[T] = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result(timeout_s)
        except BaseException:
            future.cancel()
            raise

    def stop(self) -> None:
        """Ends the loop and its thread; what still runs in it is cancelled."""
        if self._loop is not None and self._over is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._over.set)
            self._thread.join()
