"""The feeder's map, and that data needs no engine."""

from __future__ import annotations

import subprocess
import sys

import pytest

from p2p_cosim.core.errors import GridError
from p2p_cosim.grid import feeder_map, package_circuit


def test_the_map_is_a_tree_over_all_buses() -> None:
    picture = feeder_map(package_circuit("ieee13"))
    assert len(picture.buses) == 15
    assert len(set(picture.buses.values())) == 15
    assert len(picture.lines) == 14
    reached, before = {"650"}, 0
    while len(reached) > before:
        before = len(reached)
        reached |= {end for line in picture.lines if reached & set(line) for end in line}
    assert reached == set(picture.buses)


def test_unknown_feeder() -> None:
    with pytest.raises(GridError, match="did you mean 'ieee13'"):
        package_circuit("iee13")


def test_data_map_and_plans_import_no_engine() -> None:
    code = (
        "import sys, p2p_cosim.grid as g; g.feeder_map(g.package_circuit('ieee13'));"
        "print([m for m in ('opendssdirect', 'altdss', 'dss', 'dss_python_backend')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
