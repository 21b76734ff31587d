"""How the simulator is started where it runs now, for lines that a reader copies: `.venv/bin/python -m simulator`.

In a checkout there is no `simulator` on the path, and `python` may be one that lacks what is needed; in an
environment that is switched on both are there.

Not here: what stands behind it.
"""

import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import Final

SCRIPT: Final = "simulator"


def invoked() -> str:
    """To be typed in the folder in which it was started."""
    if Path(sys.argv[0]).name == SCRIPT and _found(SCRIPT) == os.path.abspath(sys.argv[0]):  # noqa: PTH100 - a link to
        return SCRIPT  # the system's Python is not the system's Python: links are not followed
    return f"{_python()} -m {SCRIPT}"


def _python() -> str:
    here = Path(sys.executable)
    if _found(here.name) == str(here):
        return here.name
    return shlex.quote(str(here.relative_to(Path.cwd()) if here.is_relative_to(Path.cwd()) else here))


def _found(name: str) -> str:
    """Where the shell finds it, "" where it does not."""
    path = shutil.which(name)
    return os.path.abspath(path) if path else ""  # noqa: PTH100 - as above
