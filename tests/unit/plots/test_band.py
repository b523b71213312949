"""Bands hold what is known, and nothing where nothing is."""

import numpy as np
from matplotlib.figure import Figure

from p2p_cosim.plots.band import draw_band, levels_of


def test_levels_are_of_what_is_known_at_a_time():
    values = np.array([[1.0, np.nan, 3.0], [np.nan] * 3, [2.0, 4.0, 9.0]])
    levels = levels_of(values)
    np.testing.assert_allclose(levels[:, 0], [1, 1.1, 2, 2.9, 3])
    assert np.isnan(levels[:, 1]).all()
    np.testing.assert_allclose(levels[[0, 2, 4], 2], [2, 4, 9])


def test_a_band_draws_its_five_levels():
    ax = Figure().add_subplot()
    draw_band(ax, np.arange(3.0), np.arange(10.0).reshape(5, 2))
    drawn = {patch.get_label(): patch.get_data() for patch in ax.patches}
    np.testing.assert_allclose(drawn["lowest to highest"].values, [8, 9])
    np.testing.assert_allclose(drawn["lowest to highest"].baseline, [0, 1])
    np.testing.assert_allclose(drawn["5th-95th percentile"].values, [6, 7])
    np.testing.assert_allclose(drawn["5th-95th percentile"].baseline, [2, 3])
    np.testing.assert_allclose(drawn["median"].values, [4, 5])
