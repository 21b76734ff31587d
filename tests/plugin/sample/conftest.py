"""A fixture of the project's own, on top of the simulator's."""

import pytest


@pytest.fixture
def traveller(handset):
    """Where data costs money: in zone A, with an option for another zone."""
    return handset(name="Dora", where="US", bundles="B", lang="en")
