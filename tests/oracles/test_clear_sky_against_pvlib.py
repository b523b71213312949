"""Sun position and clear-sky irradiance against numbers computed with pvlib 0.16.1.

Made once with, at latitude 40, longitude 0 (so that UTC is local mean solar time), altitude 0:

    sun = pvlib.solarposition.get_solarposition(times, 40.0, 0.0, altitude=0)
    ghi = pvlib.clearsky.haurwitz(sun["zenith"])["ghi"]

and day sums over one-minute midpoints. `zenith` is the true zenith of the NREL SPA algorithm
(Reda and Andreas, doi:10.1016/j.solener.2003.12.003), without refraction.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from p2p_cosim.scenario.profiles.solar import clear_sky_w_per_m2, cos_zenith

LATITUDE_DEG = 40.0
ZENITH_TOLERANCE_DEG = 0.02  # the algorithm is good to 0.01 degrees

# day, hour, true zenith in degrees, Haurwitz irradiance in W/m2
POINTS = [
    (datetime(2024, 6, 21), 6.0, 75.528, 216.69),
    (datetime(2024, 6, 21), 8.0, 52.984, 599.33),
    (datetime(2024, 6, 21), 12.0, 16.569, 989.58),
    (datetime(2024, 6, 21), 15.0, 40.814, 768.68),
    (datetime(2024, 6, 21), 18.5, 80.219, 131.81),
    (datetime(2024, 12, 21), 6.0, 104.483, 0.0),
    (datetime(2024, 12, 21), 9.0, 75.813, 211.53),
    (datetime(2024, 12, 21), 12.0, 63.442, 430.23),
    (datetime(2024, 12, 21), 15.0, 76.250, 203.61),
    (datetime(2024, 3, 20), 6.0, 91.386, 0.0),
    (datetime(2024, 3, 20), 9.0, 58.325, 515.28),
    (datetime(2024, 3, 20), 12.0, 39.890, 780.12),
    (datetime(2024, 3, 20), 17.0, 77.051, 189.09),
]
# day, Haurwitz energy in kWh/m2, and the Ineichen-Perez model's at Linke turbidity 3
DAYS = [
    (datetime(2024, 6, 21), 8.787, 8.433),
    (datetime(2024, 12, 21), 2.416, 2.292),
    (datetime(2024, 3, 20), 5.747, 5.648),
]


@pytest.mark.parametrize(("day", "hour", "zenith_deg", "ghi_w_per_m2"), POINTS)
def test_instants(day: datetime, hour: float, zenith_deg: float, ghi_w_per_m2: float) -> None:
    cosine = cos_zenith(day, np.array([hour]), LATITUDE_DEG)
    assert np.degrees(np.arccos(cosine))[0] == pytest.approx(zenith_deg, abs=ZENITH_TOLERANCE_DEG)
    assert clear_sky_w_per_m2(cosine)[0] == pytest.approx(ghi_w_per_m2, abs=0.5)


@pytest.mark.parametrize(("day", "haurwitz_kwh", "ineichen_kwh"), DAYS)
def test_days(day: datetime, haurwitz_kwh: float, ineichen_kwh: float) -> None:
    hours = (np.arange(1440) + 0.5) / 60
    ghi = clear_sky_w_per_m2(cos_zenith(day, hours, LATITUDE_DEG))
    energy_kwh = ghi.sum() / 60_000
    assert energy_kwh == pytest.approx(haurwitz_kwh, rel=1e-3)
    # Two models of a clear sky differ by the haze they assume.
    assert energy_kwh == pytest.approx(ineichen_kwh, rel=0.06)
