"""What `make interop` does where something is not there: nothing twice, and a word for what could not be had."""

import subprocess

import pytest

from tests.interop import __main__ as interop
from tests.interop import matrix
from tests.interop.__main__ import HERE, Installer, Measured, Software


@pytest.fixture
def ran(monkeypatch):
    """The commands that were run; each succeeds unless its name is in `fails`, where what it says on stderr stands."""

    class Ran(list):
        fails: dict[str, str]

    commands = Ran()
    commands.fails = {}

    def run(*command):
        commands.append(command)
        said = next((said for word, said in commands.fails.items() if word in command), None)
        return subprocess.CompletedProcess(command, 0 if said is None else 100, "", said or "")

    monkeypatch.setattr(interop, "_run", run)
    monkeypatch.setattr(interop.os, "geteuid", lambda: 0)
    return commands


def kannel(*present):
    """Debian's Kannel, there or not, each time it is asked."""
    answers = iter(present)
    return Software("Kannel", HERE / "kannel.py", lambda: next(answers), ("kannel",), peer="Kannel")


def test_what_is_there_is_left_alone(ran):
    installer = Installer()
    installer.install(kannel(True))
    assert (ran, installer.refusals) == ([], {})


def test_what_is_not_is_installed_without_asking(ran):
    installer = Installer()
    installer.install(kannel(False, True))
    assert ran == [
        ("apt-get", "update", "-qq"),
        ("apt-get", "install", "-qq", "-y", "--no-install-recommends", "kannel"),
    ]
    assert installer.refusals == {}


def test_an_index_that_is_not_fresh_may_do(ran):
    ran.fails["update"] = "W: Failed to fetch"
    installer = Installer()
    installer.install(kannel(False, True))
    assert (len(ran), installer.refusals) == (2, {})


def test_who_is_not_root_asks_sudo(ran, monkeypatch):
    monkeypatch.setattr(interop.os, "geteuid", lambda: 1000)
    Installer().install(kannel(False, True))
    assert {command[:2] for command in ran} == {("sudo", "-n")}


def test_a_refusal_is_kept_with_its_last_word(ran):
    ran.fails["install"] = "Reading lists\nE: Unable to locate package kannel\n"
    installer = Installer()
    installer.install(kannel(False))
    (why,) = installer.refusals.values()
    assert why.endswith("kannel: E: Unable to locate package kannel")


def test_an_installation_that_brings_nothing_is_a_refusal_too(ran):
    installer = Installer()
    installer.install(kannel(False, False))
    assert ran[-1][-1] == "kannel"
    assert "did not bring it" in installer.refusals["Kannel"]


def test_what_npm_brings_comes_by_make(ran):
    installer = Installer()
    installer.install(Software("node-smpp", HERE, iter((False, True)).__next__, make="build/x"))
    assert ran == [("make", "-s", "build/x")]


def report(installer, cells, capsys, *, readme=None, **options):
    measured = Measured(cells=set(cells))
    code = interop._report(
        measured, installer, readme or interop.ROOT / "README.md", **({"selected": False, "strict": False} | options)
    )
    return code, capsys.readouterr().out


def test_all_cells_shown(capsys):
    code, said = report(Installer(), matrix.cells(), capsys)
    count = len(list(matrix.cells()))
    assert (code, f"interop: {count} of {count} cells shown" in said) == (0, True)
    assert matrix.rendered() in said


def test_what_is_missing_and_how_many_cells_that_costs(capsys):
    installer = Installer({"Kannel": "apt-get: no network"})
    shown = [cell for cell in matrix.cells() if cell[1] != "Kannel"]
    code, said = report(installer, shown, capsys)
    lost = len(matrix.ESMES["Kannel"].played)
    assert "interop: MISSING Kannel: apt-get: no network" in said
    assert f"interop: {lost} cells could NOT be run, since Kannel is missing" in said
    assert code == 0
    assert report(installer, shown, capsys, strict=True)[0] == 1


def test_a_cell_that_does_not_hold_fails(capsys):
    (lost, *shown) = matrix.cells()
    code, said = report(Installer(), shown, capsys)
    assert (code, f"1 cells do not hold: {' / '.join(lost)}" in said) == (1, True)
    assert "**not shown**" in said
    assert report(Installer(), shown, capsys, selected=True)[0] == 0


def test_another_table_in_the_readme_fails(tmp_path, capsys):
    text = (interop.ROOT / "README.md").read_text(encoding="utf-8").replace("| throttling honoured | yes", "| x | no")
    readme = tmp_path / "README.md"
    readme.write_text(text, encoding="utf-8")
    assert report(Installer(), matrix.cells(), capsys, readme=readme)[0] == 1
    readme.write_text(matrix.written(text), encoding="utf-8")
    assert report(Installer(), matrix.cells(), capsys, readme=readme)[0] == 0
