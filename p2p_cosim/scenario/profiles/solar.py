"""Clear-sky sun on a horizontal plane, from latitude and local mean solar time alone."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from p2p_cosim.core.types import FloatArray


def cos_zenith(start: datetime, hours: FloatArray, latitude_deg: float) -> FloatArray:
    """Cosine of the solar zenith angle; negative below the horizon.

    start: the run's start; hours: hours since its first midnight, in local mean solar time
    (noon is 12:00 up to the equation of time), any shape.

    Declination and equation of time: J. W. Spencer, "Fourier series representation of the
    position of the sun", Search 2 (1971) 172; good to 0.04 degrees and half a minute.
    """
    day_of_year = start.timetuple().tm_yday - 1 + hours / 24
    g = 2 * np.pi * day_of_year / 365.25
    declination = (
        0.006918
        - 0.399912 * np.cos(g)
        + 0.070257 * np.sin(g)
        - 0.006758 * np.cos(2 * g)
        + 0.000907 * np.sin(2 * g)
        - 0.002697 * np.cos(3 * g)
        + 0.00148 * np.sin(3 * g)
    )
    equation_of_time_rad = (
        0.0000075
        + 0.001868 * np.cos(g)
        - 0.032077 * np.sin(g)
        - 0.014615 * np.cos(2 * g)
        - 0.040849 * np.sin(2 * g)
    )
    hour_angle = np.pi * (hours % 24 - 12) / 12 + equation_of_time_rad
    latitude = np.radians(latitude_deg)
    result: FloatArray = np.sin(latitude) * np.sin(declination) + np.cos(latitude) * np.cos(
        declination
    ) * np.cos(hour_angle)
    return result


def clear_sky_w_per_m2(cos_zenith: FloatArray) -> FloatArray:
    """Global horizontal irradiance under a clear sky in W/m2; 0 below the horizon.

    B. Haurwitz, "Insolation in relation to cloudiness and cloud density", Journal of
    Meteorology 2 (1945) 154, doi:10.1175/1520-0469(1945)002<0154:IIRTCA>2.0.CO;2, in the
    form of Reno, Hansen and Stein, SAND2012-2389 (2012), doi:10.2172/1039404.
    """
    up = np.maximum(cos_zenith, 1e-6)
    return np.where(cos_zenith > 0, 1098.0 * up * np.exp(-0.059 / up), 0.0)


def cloudy_share(cloud_cover: FloatArray) -> FloatArray:
    """Global irradiance as a share of the clear sky's, for cloud cover from 0 to 1.

    F. Kasten and G. Czeplak, Solar Energy 24 (1980) 177, doi:10.1016/0038-092X(80)90391-6.
    """
    share: FloatArray = 1 - 0.75 * cloud_cover**3.4
    return share
