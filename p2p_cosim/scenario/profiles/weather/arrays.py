"""PV arrays under the weather: sun, sky, tilt, module temperature and inverter, by pvlib.

W. F. Holmgren, C. W. Hansen and M. A. Mikofski, "pvlib python", Journal of Open Source
Software 3 (2018) 884, doi:10.21105/joss.00884.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from pvlib import atmosphere, clearsky, inverter, irradiance, pvsystem, solarposition, temperature

from p2p_cosim.core.types import FloatArray
from p2p_cosim.scenario.profiles.weather.series import Weather

_LINKE_TURBIDITY = 3.0  # of clean rural air
_GAMMA_PER_K = -0.0035  # of the power of crystalline silicon, PVWatts version 8
_WIND_M_PER_S = 2.0
_ALBEDO = 0.2
_HORIZON_DEG = 89.0  # below it pvlib's decomposition divides by next to nothing


@dataclass(frozen=True, slots=True)
class Array:
    """A PV array. tilt_deg from horizontal; azimuth_deg from north, clockwise.

    dc_kw: rating at 1000 W/m2 and 25 C. ac_kw: of the inverter, which clips. system_loss: share
    lost in wires, dirt and mismatch.
    """

    tilt_deg: float
    azimuth_deg: float
    dc_kw: float
    ac_kw: float
    system_loss: float


class Sun:
    """The sun over the cells of a run: computed once, for all arrays."""

    def __init__(self, weather: Weather) -> None:
        cells, latitude = weather.cells, weather.climate.latitude_deg
        # Local mean solar time is universal time at longitude 0.
        when = pd.DatetimeIndex(cells.midnight + pd.to_timedelta(cells.hour, unit="h"), tz="UTC")
        position = solarposition.get_solarposition(when, latitude, 0.0, altitude=0.0)
        self._temperature_c = weather.temperature_c
        self._day_of_year = when.day_of_year.to_numpy()
        self.zenith_deg = position["apparent_zenith"].to_numpy()
        self.azimuth_deg = position["azimuth"].to_numpy()
        self.up = self.zenith_deg < _HORIZON_DEG
        self.extra_w_per_m2 = irradiance.get_extra_radiation(when).to_numpy()
        airmass = atmosphere.get_absolute_airmass(atmosphere.get_relative_airmass(self.zenith_deg))
        with np.errstate(divide="ignore"):  # of the beam at night, which is not used
            clear = clearsky.ineichen(
                self.zenith_deg, airmass, _LINKE_TURBIDITY, 0.0, self.extra_w_per_m2
            )
        self.clear_w_per_m2 = np.where(self.up, np.nan_to_num(clear["ghi"]), 0.0)

    def ac_kw(self, array: Array, clearness: FloatArray) -> FloatArray:
        """Shape (cells,): power of an array under a sky of this clearness (Ineichen clear sky,
        Erbs decomposition, Hay and Davies transposition, Faiman module temperature, PVWatts)."""
        up, power = self.up, np.zeros(len(self.up))
        if not array.dc_kw:
            return power  # PVWatts divides by the rating
        ghi = (self.clear_w_per_m2 * clearness)[up]
        zenith, azimuth, extra = self.zenith_deg[up], self.azimuth_deg[up], self.extra_w_per_m2[up]
        parts = irradiance.erbs(ghi, zenith, self._day_of_year[up])
        dni = np.minimum(np.maximum(parts["dni"], 0.0), extra)
        plane = irradiance.get_total_irradiance(
            array.tilt_deg,
            array.azimuth_deg,
            zenith,
            azimuth,
            dni,
            ghi,
            parts["dhi"],
            dni_extra=extra,
            albedo=_ALBEDO,
            model="haydavies",
        )["poa_global"]
        plane = np.maximum(np.nan_to_num(plane), 0.0)
        cell_c = temperature.faiman(plane, self._temperature_c[up], _WIND_M_PER_S)
        dc_kw = pvsystem.pvwatts_dc(plane, cell_c, array.dc_kw, _GAMMA_PER_K)
        dc_kw *= 1 - array.system_loss
        power[up] = inverter.pvwatts(dc_kw, array.ac_kw / 0.96)
        return np.maximum(power, 0.0)
