"""Fixtures of the world's tests: one loop per module, in which a gateway may live longer than one test."""

import asyncio

import pytest

from tests.world.stage import staged

TEST_S = 110.0


@pytest.fixture(scope="module")
def loop():
    """A loop for the whole module; between tests it stands still."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def stage(loop, tmp_path_factory):
    """One gateway for the module's tests; each takes numbers of its own."""
    context = staged(tmp_path_factory.mktemp("stage"))
    stage = loop.run(context.__aenter__())
    try:
        yield stage
    finally:
        loop.run(context.__aexit__(None, None, None))


@pytest.fixture
def run(loop):
    """Runs a coroutine to its end in the module's loop, with a bound."""

    def _run(coroutine):
        return loop.run(asyncio.wait_for(coroutine, TEST_S))

    return _run
