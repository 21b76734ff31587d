"""Where a run took place: versions, the commit, and a digest of what the gateway was configured with.

Two runs with the same seed, commit and digest are the same run. Nothing of the machine's owner is told.

Not here: what was played (model.py).
"""

import hashlib
import platform
import subprocess
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

LIBRARIES: Final = ("sms1330", "aiohttp", "gherkin-official", "cucumber-expressions", "tzdata")
GIT_S: Final = 5.0
DIGEST_CHARS: Final = 12


def versions() -> tuple[tuple[str, str], ...]:
    """Program, language, system and the libraries whose version may show."""
    found = [("Python", platform.python_version()), ("system", f"{platform.system()} {platform.machine()}")]
    for name in LIBRARIES:
        try:
            found.append((name, version(name)))
        except PackageNotFoundError:
            continue
    return tuple(found)


def commit(folder: Path) -> str:
    """The commit that a folder is checked out at, with + when files differ from it; "" where there is none."""
    try:
        head = _git(folder, "rev-parse", "--short=12", "HEAD")
        return head + ("+" if _git(folder, "status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.SubprocessError):
        return ""


def _git(folder: Path, *arguments: str) -> str:
    asked = ["git", "-C", str(folder), *arguments]
    answer = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=GIT_S)  # noqa: S603 - fixed
    return answer.stdout.strip()


def digest(settings: str, files: Iterable[Path]) -> str:
    """Of the settings and of data files that decide what the gateway says. OSError when one can not be read."""
    found = hashlib.sha256(settings.encode())
    for path in sorted(files):
        found.update(path.name.encode())
        found.update(path.read_bytes())
    return found.hexdigest()[:DIGEST_CHARS]
