"""Where a report is written: a file whole or not at all, a device or pipe as it is, `-` for the standard output.

A file is written beside and renamed, so that a reader never sees half of it. What is no file (a device, a pipe) is
never replaced by one, and a link stays a link: what it leads to is written.

Not here: what is written (reports/, load/page.py), a capture, which grows while it is read (capture.py).
"""

import os
import sys
from pathlib import Path
from stat import S_ISREG
from typing import Final

STANDARD_OUTPUT: Final = Path("-")


def put(path: Path, text: str) -> int:
    """Writes all of it, with the folders it lies in. How many bytes that is. OSError names `path`."""
    octets = text.encode("utf-8", "replace")
    try:
        if path == STANDARD_OUTPUT:
            _say(octets)
        else:
            _put(path, octets)
    except OSError as error:
        # Not the half file, nor where a link leads to: what was asked for.
        raise OSError(error.errno, error.strerror or str(error), str(path)) from None
    return len(octets)


def _put(path: Path, octets: bytes) -> None:
    found = _stat(path)
    if found is not None and _is_our_output(found):
        _say(octets)
    elif found is not None and not S_ISREG(found.st_mode):
        with path.open("wb") as file:
            file.write(octets)
    else:
        _rename_over(Path(os.path.realpath(path)), octets)


def _stat(path: Path) -> os.stat_result | None:
    """Of what links lead to; None where there is nothing yet."""
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _is_our_output(found: os.stat_result) -> bool:
    """Also where the shell has led our output into that very file: renaming over it would take away what is said."""
    try:
        return os.path.samestat(found, os.fstat(1))
    except OSError:
        return False


def _say(octets: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(octets)
    sys.stdout.buffer.flush()


def _rename_over(path: Path, octets: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        half.write_bytes(octets)
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
