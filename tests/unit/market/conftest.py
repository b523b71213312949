import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "support"))


@pytest.fixture
def world():
    """A fresh market; prices up to 100, retail 30, feed-in 8 wei/Wh, orders up to 1000 Wh."""
    from market_world import World

    return World()
