"""Clear-sky sun on a horizontal plane, from latitude and local mean solar time alone."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from p2p_cosim.core.types import FloatArray

_J2000 = datetime(2000, 1, 1, 12)


def cos_zenith(start: datetime, hours: FloatArray, latitude_deg: float) -> FloatArray:
    """Cosine of the solar zenith angle; negative below the horizon. No refraction.

    start: the run's start; hours: hours since its first midnight, in local mean solar time
    (noon is 12:00 up to the equation of time), any shape. The date is taken as that of
    longitude 0, which elsewhere moves the declination by 0.2 degrees at most.

    J. J. Michalsky, "The Astronomical Almanac's algorithm for approximate solar position
    (1950-2050)", Solar Energy 40 (1988) 227, doi:10.1016/0038-092X(88)90045-X: 0.01 degrees.
    """
    midnight = start.replace(hour=0, minute=0)
    day = (midnight - _J2000).total_seconds() / 86400 + hours / 24
    mean_longitude = np.radians((280.460 + 0.9856474 * day) % 360)
    anomaly = np.radians((357.528 + 0.9856003 * day) % 360)
    longitude = mean_longitude + np.radians(1.915 * np.sin(anomaly) + 0.020 * np.sin(2 * anomaly))
    obliquity = np.radians(23.439 - 0.0000004 * day)
    right_ascension = np.arctan2(np.cos(obliquity) * np.sin(longitude), np.cos(longitude))
    declination = np.arcsin(np.sin(obliquity) * np.sin(longitude))
    equation_of_time = mean_longitude - right_ascension  # only its cosine counts, so no wrapping
    hour_angle = np.pi * (hours % 24 - 12) / 12 + equation_of_time
    latitude = np.radians(latitude_deg)
    overhead = np.sin(latitude) * np.sin(declination)
    cosine: FloatArray = overhead + np.cos(latitude) * np.cos(declination) * np.cos(hour_angle)
    return cosine


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
