"""The reference runs come out as published in results/reference."""

import json
from pathlib import Path

import pytest

import p2p_cosim as p2p

REFERENCE = Path("results/reference")


@pytest.mark.parametrize("path", sorted(REFERENCE.glob("*.json")), ids=lambda path: path.stem)
def test_a_reference_run_is_reproduced(path, tmp_path):
    published = json.loads(path.read_text())
    run = p2p.run(p2p.load(f"scenarios/{path.stem}.yaml"), out=tmp_path)
    summary = run.summary().as_dict()
    assert summary.keys() == published.keys()
    for name, value in published.items():
        expected = pytest.approx(value, rel=1e-6) if isinstance(value, float) else value
        assert summary[name] == expected, name


def test_there_are_reference_runs():
    assert {path.stem for path in REFERENCE.glob("*.json")} >= {"trading_day", "three_houses"}
