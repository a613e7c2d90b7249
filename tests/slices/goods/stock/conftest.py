"""A warehouse for each test of stock."""

from __future__ import annotations

import pytest

from tests.support.stock import Stock
from tests.support.world import World


@pytest.fixture
def stock(own_world: World) -> Stock:
    """A warehouse without movements."""
    return Stock(own_world)
