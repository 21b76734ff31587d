"""The benches that tests of the store play on."""

import asyncio
from pathlib import Path

import pytest

from gateway.check import check
from tests.gateway.store.bench import IMSI, NUMBER, OPTION_B, OTHER, OTHER_IMSI, THIRD, Bench

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def loaded():
    """Policy, sheet and texts of the project itself."""
    return check(ROOT / "config.toml", {})


@pytest.fixture(scope="session")
def runner():
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture
def shut(tmp_path, loaded, runner):
    """A bench whose file nobody has opened yet."""
    bench = Bench(tmp_path / "gateway.db", loaded, runner)
    yield bench
    bench.close()
    told = bench.told.getvalue()
    for number in (NUMBER, OTHER, THIRD, IMSI, OTHER_IMSI):
        assert number.strip("+") not in told


@pytest.fixture
def bench(shut):
    """An open store without a subscription."""
    return shut.open()


@pytest.fixture
def served(bench):
    """A store with one subscription: option B, one SIM."""
    sims = [{"imsi": IMSI, "role": "primary", "msisdn": NUMBER}]
    result = bench.one(bench.put(customer="acme", bundles=OPTION_B, sims=sims))
    assert result.status == 201, result
    return bench
