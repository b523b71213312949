"""The first-order filter of the weather against SciPy's."""

from __future__ import annotations

import numpy as np
from scipy.signal import lfilter

from p2p_cosim.scenario.profiles.weather.decay import decaying


def test_decaying_against_lfilter() -> None:
    fresh, keep, before = np.random.default_rng(3).standard_normal(500), 0.93, 4.2
    wanted, _ = lfilter([1.0], [1.0, -keep], fresh, zi=[keep * before])
    np.testing.assert_array_equal(decaying(fresh, keep, before), wanted)
    np.testing.assert_array_equal(decaying(fresh, keep), lfilter([1.0], [1.0, -keep], fresh))


def test_decaying_of_nothing_is_empty() -> None:
    assert decaying(np.empty(0), 0.5, 1.0).shape == (0,)
