"""The wheel as an outsider has it: built from a copy of the tree, installed in an environment of its own.

Built once for all workers of a run. The environment has nothing of this repository but the wheel; what the wheel
needs it borrows from the environment of these tests, by a path file, so that nothing is fetched.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHIPPED = ("gateway", "handlers", "simulator", "templates", "pyproject.toml", "README.md", "LICENSE", "config.toml")
LIMIT_S = 110

collect_ignore = ["sample", "failing", "foreign"]


@dataclass(frozen=True)
class Outside:
    """An environment with the wheel in it; `run` runs a program of it in an empty folder."""

    home: Path
    wheel: Path

    def run(self, folder, *command, **environ):
        """`command` begins with a script of the environment ("pytest" is run as a module)."""
        first, *rest = command
        scripts = self.home / "bin"
        program = [scripts / "python", "-m", first] if first == "pytest" else [scripts / first]
        env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PYTHON", "COV"))}
        return subprocess.run(
            [*program, *rest],
            cwd=folder,
            env={**env, **environ},
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )


@pytest.fixture(scope="session")
def once(tmp_path_factory):
    """A folder that is filled once, whichever worker comes first."""
    # With xdist each worker has a folder of its own below one that all of them see.
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent

    def _once(name, fill):
        folder = shared / name
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (folder / "filled").exists():
                folder.mkdir()
                fill(folder)
                (folder / "filled").touch()
        return folder

    return _once


@pytest.fixture(scope="session")
def outside(once):
    home = once("outside", _build)
    (wheel,) = (home / "wheel").glob("*.whl")
    return Outside(home, wheel)


def _build(home):
    # A copy: an earlier build leaves files in the tree that a later one would pack.
    tree = home / "tree"
    for name in SHIPPED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=shutil.ignore_patterns("__pycache__", "*.db*"), symlinks=True)
        else:
            shutil.copy2(source, tree / name)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    offline = ["--quiet", "--no-index", "--no-deps"]
    built = home / "wheel"
    subprocess.run([*pip, "wheel", *offline, "--no-build-isolation", "-w", built, tree], check=True)
    venv.create(home, with_pip=False, symlinks=True)
    (wheel,) = built.glob("*.whl")
    subprocess.run([*pip, "--python", home / "bin" / "python", "install", *offline, wheel], check=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = home / "lib" / version / "site-packages"
    (packages / "borrowed.pth").write_text(sysconfig.get_paths()["purelib"] + "\n", encoding="utf-8")
