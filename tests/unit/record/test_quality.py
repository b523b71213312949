"""Indices of supply quality against numbers counted by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from p2p_cosim.record.quality import Quality, quality_of


def _quality(v_pu: list[list[float]], interval_s: int = 600) -> Quality:
    """v_pu: by tick, of every house."""
    houses = len(v_pu[0])
    pieces = [pd.DataFrame({"v_pu": np.ravel(part)}) for part in (v_pu[:2], v_pu[2:]) if part]
    run = SimpleNamespace(
        scenario={},
        clock=SimpleNamespace(interval_s=interval_s),
        feeder_map={"houses": dict.fromkeys(range(houses))},
        frames=lambda name, *columns: iter(pieces),
    )
    return quality_of(run)  # type: ignore[arg-type]


def test_two_interruptions_of_one_house_and_none_of_the_other() -> None:
    found = _quality([[0, 1.0], [0, 1.0], [1.0, 1.0], [0, 1.0]])
    assert (found.saidi_min, found.saifi, found.caidi_min) == (15.0, 1.0, 15.0)


def test_without_interruptions_their_length_is_none() -> None:
    found = _quality([[1.0, 1.0]])
    assert (found.saidi_min, found.saifi, found.caidi_min) == (0.0, 0.0, None)


def test_en_50160_is_the_worst_house_and_leaves_out_the_dark() -> None:
    found = _quality([[1.0, 1.0]] * 19 + [[1.11, 0.0]])
    assert found.en_50160_share == pytest.approx(0.95)
    assert found.en_50160_met is True
    assert _quality([[1.0]] * 9 + [[0.89]]).en_50160_met is False


def test_en_50160_judges_means_of_ten_minutes() -> None:
    # Five minutes at 1.12 and five at 1.0 are 1.06; a dark half is no part of the mean.
    assert _quality([[1.12, 1.0], [1.0, 1.0]], interval_s=300).en_50160_share == 1.0
    assert _quality([[1.12, 1.0], [0.0, 1.0]], interval_s=300).en_50160_share == 0.0
    assert _quality([[1.12], [1.0]], interval_s=900).en_50160_share == 0.5


def test_hours_outside_the_ranges_and_the_longest_stay() -> None:
    found = _quality([[1.051, 1.0], [1.06, 1.0], [1.0, 0.94], [1.051, 0.9]], interval_s=3600)
    assert (found.range_a_h, found.range_b_h, found.longest_outside_a_h) == (5.0, 2.0, 2.0)


def test_nobody_ever_had_supply() -> None:
    found = _quality([[0.0, 0.0]])
    assert (found.en_50160_share, found.en_50160_met) == (None, None)
    assert found.saidi_min == 10.0
