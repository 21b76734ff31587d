"""What lies in the database file between its rows: overwritten after an erasure.

SQLite overwrites what is deleted (`secure_delete`), but not the copy that stays behind when a row moves to another
page because pages were split or joined. Such a copy lies between a page's cell pointers and its cells (file format,
1.6): no row is there, SQLite never reads it and lays new rows over it when it likes. So it may be overwritten from
beside, at any time and torn at any place, provided that no other copy of the page is written over it afterwards: by
the only writer, between two transactions, with an empty log and an empty cache. All of the file is read for it, about
a gigabyte a second.
Must not be put here: what is erased (`tables`), when (`store`).
"""

import os
import struct
from typing import Final

# Bytes read at a time: a multiple of every size that a page may have.
CHUNK: Final = 1 << 20
# B-tree pages by their first byte, and the length of their header: inner and leaf, of indexes and of tables.
_HEADERS: Final = {2: 12, 5: 12, 10: 8, 13: 8}
# Other pages begin with the number of a page, in four bytes: from here on it might look like one of the above.
PAGES_MAX: Final = 1 << 25
_DATABASE_HEADER: Final = 100
_NOTHING: Final = bytes(1 << 16)


def overwrite(file: int) -> int:
    """Make nothing of all that lies between the rows, and have that on disk; returns how many pages held something."""
    (size,) = struct.unpack(">H", os.pread(file, 2, 16))
    size = 1 << 16 if size == 1 else size
    held, offset = 0, 0
    while chunk := os.pread(file, CHUNK, offset):
        for at in range(0, len(chunk), size):
            begin, end = between(chunk[at : at + size], header=0 if offset + at else _DATABASE_HEADER)
            if chunk[at + begin : at + end] != _NOTHING[: end - begin]:
                os.pwrite(file, _NOTHING[: end - begin], offset + at + begin)
                held += 1
        offset += len(chunk)
    if held:
        os.fsync(file)
    return held


def between(page: bytes, *, header: int = 0) -> tuple[int, int]:
    """Where the space between pointers and cells begins and ends; nowhere on a page that is of no B-tree."""
    length = _HEADERS.get(page[header])
    if length is None:
        return 0, 0
    cells, end = struct.unpack_from(">HH", page, header + 3)
    return header + length + 2 * cells, end or 1 << 16
