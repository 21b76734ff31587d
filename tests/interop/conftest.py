"""What the peers' tests share: a cell of the matrix, played and told."""

import asyncio

import pytest

from tests.interop import matrix

CELL_S = 60


@pytest.fixture
def cell(record_property):
    """Plays one cell's story. What held is told to whoever prints the matrix (__main__.py)."""

    def _cell(role, peer, row, story):
        assert row in matrix.ROLES[role][peer].played
        asyncio.run(asyncio.wait_for(story, CELL_S))
        record_property("cell", f"{role}|{peer}|{row}")

    return _cell
