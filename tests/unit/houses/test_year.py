"""A year of quarter hours: what went into a device and did not come out is in it or was lost."""

import math

import numpy as np
import pytest

from p2p_cosim.core.types import Power, Step
from p2p_cosim.houses import Battery, ElectricVehicle

QUARTER, TICKS = 900, 35_040
INTO, OUT = 0.95, 0.93
WITHIN_WH = 1e-6  # 1e-9 kWh


def battery():
    return Battery(10_000, 5, 4_000, INTO, OUT)


def car():
    plugged = np.array([not 32 <= tick % 96 < 72 for tick in range(TICKS)])
    return ElectricVehicle(
        plugged=plugged,
        driving_kw=np.where(plugged, 0.0, 0.7),
        interval_s=QUARTER,
        energy_wh=60_000,
        power_kw=7,
        required_wh=40_000,
        stored_wh=30_000,
        charge_efficiency=INTO,
        discharge_efficiency=OUT,
    )


@pytest.mark.parametrize("make", [battery, car])
def test_energy_is_conserved_over_a_year(make):
    device = make()
    driving_kw = getattr(device, "driving_kw", np.zeros(TICKS))
    told_kw = np.random.default_rng(0).uniform(-8, 8, TICKS)
    began_wh, changes_wh = device.stored_wh, []
    for tick in range(TICKS):
        power = device.draw(Step(tick, QUARTER), 1.0, Power(float(told_kw[tick])))
        energy_wh = power.p_kw * QUARTER / 3.6
        changes_wh.append(energy_wh * INTO if energy_wh > 0 else energy_wh / OUT)
        changes_wh.append(-float(driving_kw[tick]) * QUARTER / 3.6)
        device = device.after(power, QUARTER)
    assert len({*told_kw}) == TICKS
    assert device.stored_wh - began_wh == pytest.approx(math.fsum(changes_wh), abs=WITHIN_WH)
