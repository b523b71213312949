import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "support"))


@pytest.fixture(scope="session")
def day(tmp_path_factory):
    """A run of 30 houses over a day; house 0 has no supply from tick 72 to 75."""
    from synthetic_run import SyntheticRun

    from p2p_cosim.record import Results

    return Results.load(SyntheticRun().write(tmp_path_factory.mktemp("day")))


@pytest.fixture
def make_run(tmp_path):
    """Write and load a synthetic run; `quiet` ones have empty books."""
    from synthetic_run import SyntheticRun, without_trades

    from p2p_cosim.record import ParquetRecorder, Results

    def make(houses=3, ticks=4, quiet=False, start_hour=12):
        run = SyntheticRun(houses, ticks, start_hour=start_hour)
        recorder = ParquetRecorder(tmp_path, run.info)
        for record in run.records():
            recorder.record(without_trades(record) if quiet else record)
        return Results.load(recorder.write("complete"))

    return make
