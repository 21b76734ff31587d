"""One SQLite connection in a thread of its own; the one door to aiosqlite.

A unit of work is one hop to that thread, however many statements it has: with an `await` for each statement the
store stalls near 10,000 events a second whatever the batch. aiosqlite has no public call for that; `_tx` and
`_conn` are its only private parts in use, behind this module, with the version pinned.
Must not be put here: SQL.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import aiosqlite

# Prepared statements kept: more than the gateway has.
STATEMENTS: Final = 256

T = TypeVar("T")


class Database:
    """Work is run in the order it was given; transactions are begun and ended by the work itself."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    @classmethod
    async def open(cls, path: Path, *, read_only: bool = False) -> "Database":
        """Raises sqlite3.Error when the file cannot be opened."""
        where = f"file:{path}?mode={'ro' if read_only else 'rwc'}"
        connection = aiosqlite.connect(where, uri=True, isolation_level=None, cached_statements=STATEMENTS)
        try:
            return cls(await connection)
        except BaseException:
            # Its thread has yet to say that it ends, to a loop that must still be there.
            await asyncio.to_thread(connection._thread.join)  # noqa: SLF001 - see the module's text
            raise

    def begin(self, work: Callable[[sqlite3.Connection], T]) -> asyncio.Future[T]:
        """Have `work` run in the connection's thread. To cancel its future does not stop it: who knows its outcome?"""
        connection = self._connection
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        connection._tx.put_nowait((future, partial(work, connection._conn)))  # noqa: SLF001 - see the module's text
        return future

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """`begin`, and wait for it."""
        return await self.begin(work)

    async def close(self) -> None:
        await self._connection.close()
