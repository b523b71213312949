"""Heating and cooling: an equivalent thermal house with a compressor that switches.

What a house must pump is its loss to an outdoor temperature that its mass and the sun on it
have smoothed and raised; what it takes from the grid is that over a coefficient of performance
(R. C. Sonderegger's equivalent thermal parameters, reduced to one time constant).
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from p2p_cosim.core.types import FloatArray
from p2p_cosim.scenario.profiles.homes.park import Home
from p2p_cosim.scenario.profiles.weather.cells import CELL_MIN
from p2p_cosim.scenario.profiles.weather.decay import decaying

_TIME_CONSTANT_H = 4.0  # of a light frame house
_SUN_K_PER_W_PER_M2 = 0.012  # by which sun raises what the house feels: 12 K at 1000 W/m2
_COOLING_COP = 3.2
_HEATING_COP_AT_7C, _HEATING_COP_PER_K, _HEATING_COP_LEAST = 3.2, 0.06, 1.5
_OVERSIZE_K = 16.0  # a unit that runs always holds its house at this distance
_CYCLE_H = 0.4
_AWAY_K = 3.0  # by which people who are at work let it drift


def felt_c(temperature_c: FloatArray, sun_w_per_m2: FloatArray) -> FloatArray:
    """Shape (cells,): outdoor temperature as the mass of a house feels it."""
    outside = temperature_c + _SUN_K_PER_W_PER_M2 * sun_w_per_m2
    keep = float(np.exp(-CELL_MIN / 60 / _TIME_CONSTANT_H))
    first_c = float(outside[: 24 * 60 // CELL_MIN].mean())
    return decaying((1 - keep) * outside, keep, first_c)


def hvac_kw(
    home: Home, felt: FloatArray, temperature_c: FloatArray, hour: FloatArray, away: FloatArray
) -> FloatArray:
    """Shape (cells,): electric power of cooling and heating.

    away: shape (cells,), 1 while nobody is at home, else 0.
    """
    drift = _AWAY_K * away
    kw = np.zeros(len(felt))
    if home.cooled:
        needed = np.maximum(felt - home.cool_c - drift, 0.0)
        kw += _switched(home, needed, _COOLING_COP * np.ones(len(felt)), hour)
    if home.heated:
        needed = np.maximum(home.heat_c - drift - felt, 0.0)
        kw += _switched(home, needed, heating_cop(temperature_c), hour)
    return kw


def heating_cop(temperature_c: FloatArray) -> FloatArray:
    """Coefficient of performance of an air-source heat pump at an outdoor temperature."""
    cop = _HEATING_COP_AT_7C + _HEATING_COP_PER_K * (temperature_c - 7.0)
    return np.maximum(cop, _HEATING_COP_LEAST)


def expected_kwh_per_day(home: Home, season_c: FloatArray, sd_k: float) -> float:
    """What a house takes for its climate in a mean day of a year whose temperatures are normal.

    season_c: shape (n,), mean felt temperature over the year. sd_k: round it.
    """
    kw = 0.0
    if home.cooled:
        kw += float(_beyond(season_c - home.cool_c, sd_k).mean()) / _COOLING_COP
    if home.heated:
        cop = heating_cop(season_c)
        kw += float((_beyond(home.heat_c - season_c, sd_k) / cop).mean())
    return kw * home.loss_w_per_k / 1000 * 24


def _beyond(distance_k: FloatArray, sd_k: float) -> FloatArray:
    """Mean of what a normal variable of this mean and deviation has above zero."""
    z = distance_k / sd_k
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    beyond: FloatArray = distance_k * ndtr(z) + sd_k * density
    return beyond


def _switched(home: Home, needed_k: FloatArray, cop: FloatArray, hour: FloatArray) -> FloatArray:
    """Power of a unit that is on for the share of each cycle that the need asks for."""
    rated_kw = home.loss_w_per_k * _OVERSIZE_K / 1000 / cop
    duty = np.minimum(needed_k / _OVERSIZE_K, 1.0)
    half_h = CELL_MIN / 120
    begin, end = ((hour + side) / _CYCLE_H + home.phase for side in (-half_h, half_h))
    on = _on_until(end, duty) - _on_until(begin, duty)
    power: FloatArray = rated_kw * on / (end - begin)
    return power


def _on_until(cycles: FloatArray, duty: FloatArray) -> FloatArray:
    """How many cycles' worth a unit has been on that runs first in each cycle."""
    whole = np.floor(cycles)
    total: FloatArray = whole * duty + np.minimum(cycles - whole, duty)
    return total
