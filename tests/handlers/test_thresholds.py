"""Ladders of percentages."""

import pytest

from handlers.thresholds import Rung, reached

LADDER = (Rung(80, "low", "X"), Rung(100, "high", "X"), Rung(200, "highest", "X"))


@pytest.mark.parametrize(
    ("used", "limit", "index"),
    [
        (0, 50, -1),
        (39, 50, -1),
        (40, 50, 0),
        (49, 50, 0),
        (50, 50, 1),
        (99, 50, 1),
        (100, 50, 2),
        (1000, 50, 2),
        (2, 3, -1),
    ],
)
def test_q11_reaching_is_enough(used, limit, index):
    assert reached(LADDER, used, limit) == index
