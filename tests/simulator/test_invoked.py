"""Lines that a reader copies work where they were printed."""

import sys

import pytest

from simulator.invoked import invoked


@pytest.fixture
def program(tmp_path, monkeypatch):
    """A folder with an environment, as if the simulator had been started there; what may be on the path."""
    folder = tmp_path / ".venv" / "bin"
    folder.mkdir(parents=True)
    for name in ("python", "simulator"):
        (folder / name).write_text("#!/bin/sh\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    monkeypatch.setattr(sys, "argv", ["simulator/__main__.py"])
    return folder


def test_in_a_checkout_it_is_the_environments_python(program):
    assert program.name == "bin"
    assert invoked() == ".venv/bin/python -m simulator"


def test_from_elsewhere_it_is_the_whole_path(program, monkeypatch, tmp_path):
    (tmp_path / "else").mkdir()
    monkeypatch.chdir(tmp_path / "else")
    assert invoked() == f"{program / 'python'} -m simulator"


def test_where_the_environment_is_switched_on_it_is_short(program, monkeypatch):
    monkeypatch.setenv("PATH", str(program))
    assert invoked() == "python -m simulator"
    monkeypatch.setattr(sys, "argv", [str(program / "simulator")])
    assert invoked() == "simulator"


def test_a_script_that_the_shell_does_not_find_is_not_named(program, monkeypatch):
    monkeypatch.setattr(sys, "argv", [str(program / "simulator")])
    assert invoked() == ".venv/bin/python -m simulator"
