"""Policy, sheet and texts of the project itself; stores that are thrown away."""

from pathlib import Path

import pytest

from gateway.check import check
from tests.reference.replay import Loop, Replayer

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def loaded():
    return check(ROOT / "config.toml", {})


@pytest.fixture(scope="session")
def runner():
    with Loop() as loop:
        yield loop


@pytest.fixture
def replayer(tmp_path, loaded, runner):
    return Replayer(loaded, runner, tmp_path)
