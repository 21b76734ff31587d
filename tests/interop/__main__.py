"""`python -m tests.interop`: every peer installed, every cell of the matrix played, the matrix printed.

What is not there is installed without asking (Debian packages by apt-get, node-smpp by npm); where that is refused,
it is said what is missing and how many cells could not be run. `--strict` then fails; `--write` writes the tables
into the README; everything else is for pytest.

Not here: what a cell means (matrix.py).
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.interop import matrix

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
NODE_MODULES = ROOT / "build" / "interop" / "node_modules"
INSTALL_S = 600
PLAIN = sorted(HERE.glob("test_*.py"))


@dataclass(frozen=True)
class Software:
    """Something to install, and which file of tests waits for it. `peer` is its name in the matrix, if it has one."""

    name: str
    tests: Path
    present: Callable[[], bool]
    debian: tuple[str, ...] = ()
    make: str = ""
    peer: str = ""


def _perl_has(module: str) -> bool:
    return shutil.which("perl") is not None and _run("perl", f"-M{module}", "-e1").returncode == 0


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(
        command,
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=INSTALL_S,
        stdin=subprocess.DEVNULL,
        check=False,
    )


SOFTWARE = (
    Software("ours", HERE / "ours.py", lambda: True, peer="our gateway"),
    Software(
        "Node with npm",
        HERE / "node_smpp.py",
        lambda: all(map(shutil.which, ("node", "npm"))) and (NODE_MODULES / "smpp").is_dir(),
        ("nodejs", "npm"),
        "build/interop/node_modules/smpp",
        peer="node-smpp",
    ),
    Software(
        "Kannel",
        HERE / "kannel.py",
        lambda: Path("/usr/sbin/bearerbox").exists() and Path("/usr/sbin/smsbox").exists(),
        ("kannel",),
        peer="Kannel",
    ),
    Software(
        "Net::SMPP", HERE / "net_smpp.py", lambda: _perl_has("Net::SMPP"), ("libnet-smpp-perl",), peer="Net::SMPP"
    ),
    Software("tshark", HERE / "wireshark.py", lambda: all(map(shutil.which, ("tshark", "dumpcap"))), ("tshark",)),
)


@dataclass
class Installer:
    """`refusals` says what could not be installed, and why."""

    refusals: dict[str, str] = field(default_factory=dict)

    def install(self, wanted: Software) -> None:
        if wanted.present():
            return
        print(f"interop: installing {wanted.name}", flush=True)
        debian = [package for package in wanted.debian if not (package in ("nodejs", "npm") and shutil.which("npm"))]
        steps = [*self._apt(debian), *([("make", "-s", wanted.make)] if wanted.make else [])]
        for step in steps:
            why = self._refused(step)
            # An index that is not quite fresh may do.
            if why and "update" not in step:
                self.refusals[wanted.name] = f"{' '.join(step)}: {why}"
                return
        if not wanted.present():
            self.refusals[wanted.name] = f"{' '.join(steps[-1])} did not bring it"

    @staticmethod
    def _refused(step: tuple[str, ...]) -> str:
        """The last word of a command that failed, "" of one that did not."""
        try:
            done = _run(*step)
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error)
        said = done.stderr.strip() or done.stdout.strip() or f"exit code {done.returncode}"
        return said.splitlines()[-1] if done.returncode else ""

    @staticmethod
    def _apt(packages: list[str]) -> list[tuple[str, ...]]:
        if not packages:
            return []
        root = () if os.geteuid() == 0 else ("sudo", "-n")
        install = (*root, "apt-get", "install", "-qq", "-y", "--no-install-recommends", *packages)
        return [(*root, "apt-get", "update", "-qq"), install]


@dataclass
class Measured:
    """A pytest plugin: which cells held."""

    cells: set[tuple[str, str, str]] = field(default_factory=set)
    said: list[str] = field(default_factory=list)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call" or not report.passed:
            return
        for name, value in report.user_properties:
            if name == "cell":
                role, peer, row = str(value).split("|")
                self.cells.add((role, peer, row))
            elif name == "said":
                self.said.append(str(value))

    def mark(self, role: str, column: matrix.Column, row: str) -> str:
        if row in column.lacks:
            return matrix.declared(role, column, row)
        return column.verdict(row) if (role, column.peer, row) in self.cells else "**not shown**"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.interop", description=__doc__)
    parser.add_argument("--strict", action="store_true", help="what cannot be installed fails")
    parser.add_argument("--write", action="store_true", help="write the tables into README.md")
    options, for_pytest = parser.parse_known_args()
    readme = ROOT / "README.md"
    if options.write:
        readme.write_text(matrix.written(readme.read_text(encoding="utf-8")), encoding="utf-8")
    installer = Installer()
    for one in SOFTWARE:
        installer.install(one)
    os.environ["NODE_PATH"] = str(NODE_MODULES)
    here = [one for one in SOFTWARE if one.name not in installer.refusals]
    files = [str(path) for path in (*PLAIN, *(one.tests for one in here))]
    measured = Measured()
    code = pytest.main([*files, "-n", "2", "-q", *for_pytest], plugins=[measured])
    return max(int(code), _report(measured, installer, readme, selected=bool(for_pytest), strict=options.strict))


def _report(measured: Measured, installer: Installer, readme: Path, *, selected: bool, strict: bool) -> int:
    """Prints the matrix and what is to be said of it; 1 where it is not what the README says."""
    missing = {one.peer for one in SOFTWARE if one.name in installer.refusals}
    wanted = set(matrix.cells())
    could_not = {cell for cell in wanted if cell[1] in missing}
    print(f"\n{matrix.rendered(measured.mark)}\n")
    for line in measured.said:
        print(line)
    print(f"interop: {len(measured.cells)} of {len(wanted)} cells shown")
    for name, why in installer.refusals.items():
        print(f"interop: MISSING {name}: {why}")
    if installer.refusals:
        print(f"interop: {len(could_not)} cells could NOT be run, since {', '.join(installer.refusals)} is missing")
    if matrix.in_readme(readme.read_text(encoding="utf-8")) != matrix.rendered():
        print("interop: the tables in README.md are not these; `make interop ARGS=--write` writes them")
        return 1
    if not selected and (lost := wanted - could_not - measured.cells):
        print(f"interop: {len(lost)} cells do not hold: {', '.join(' / '.join(cell) for cell in sorted(lost))}")
        return 1
    return 1 if strict and installer.refusals else 0


if __name__ == "__main__":
    sys.exit(main())
