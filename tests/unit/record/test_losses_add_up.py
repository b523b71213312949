"""Losses of lines, transformers and services, as tables keep them, are the feeder's losses."""

from __future__ import annotations

from dataclasses import replace

import pytest
from synthetic_run import SyntheticRun

from p2p_cosim.core.types import LossesByClass
from p2p_cosim.record.rows.grid import feeder


@pytest.mark.parametrize(
    ("parts_kw", "total_kw", "kept_kw"),
    [
        ((0.1000004, 0.2000004, 0.0000004), 0.3000012, (0.1, 0.200001, 0.0)),
        ((0.1000006, 0.2000006, 0.0000006), 0.3000018, (0.100001, 0.2, 0.000001)),
        ((1.0, 2.0, 3.0), 8.0, (1.0, 2.0, 3.0)),  # a short circuit dissipates the rest
    ],
)
def test_parts_are_rounded_so_that_they_add_up(parts_kw, total_kw, kept_kw):
    run = SyntheticRun(houses=2, ticks=1)
    (record,) = run.records()
    grid = replace(record.grid, losses_kw=total_kw, losses=LossesByClass(*parts_kw))
    (row,) = feeder(replace(record, grid=grid), run.info)
    told = [row[f"losses_{name}_kw"] for name in ("lines", "transformers", "services")]
    assert told == pytest.approx(kept_kw, abs=1e-12)
