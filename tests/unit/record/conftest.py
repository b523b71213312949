import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "support"))


@pytest.fixture(scope="session")
def small_run(tmp_path_factory):
    """A run of 5 houses and 8 ticks on disk. Read only: copy it to change it."""
    from synthetic_run import SyntheticRun

    return SyntheticRun(houses=5, ticks=8, start_hour=12).write(tmp_path_factory.mktemp("results"))
