"""A feeder whose voltages are exactly linear, for tests of controllers."""

import numpy as np

from p2p_cosim.core.errors import DivergenceError
from p2p_cosim.core.types import (
    ControlView,
    HouseSite,
    MeterView,
    Sensitivities,
    Trade,
)

SITES = (
    HouseSite("house_1", "675", "B", "tx_1"),
    HouseSite("house_2", "675", "B", "tx_1"),
    HouseSite("house_3", "652", "A", "tx_2"),
)
REGULATORS = {"reg_a": "A", "reg_b": "B", "reg_c": "C"}
DV_DP = np.array([[-2e-3, -5e-4, 0.0], [-5e-4, -2e-3, 0.0], [0.0, 0.0, -1e-3]])
DV_DTAP = np.array([[0.0, 0.0066, 0.0], [0.0, 0.0066, 0.0], [0.0066, 0.0, 0.0]])


class LinearNetwork:
    """A `GridModel`: v = 1.0 + dv_dp p + dv_dtap taps + curve (dv_dp p)^2."""

    def __init__(self, v_0=(1.0, 1.0, 1.0), curve=0.0):
        self.v_0, self.curve, self.trials = np.array(v_0), curve, 0
        self.diverges = False

    def v_pu(self, p_kw, taps):
        by_p = DV_DP @ np.asarray(p_kw)
        return self.v_0 + by_p + DV_DTAP @ list(taps.values()) + self.curve * by_p**2

    def sensitivities(self):
        return Sensitivities(DV_DP, DV_DTAP)

    def trial(self, house_p_kw, house_q_kvar, taps):
        self.trials += 1
        if self.diverges:
            raise DivergenceError("house_1", 0.4)
        return self.v_pu(house_p_kw, taps)


def taps_of(*taps):
    return dict(zip(REGULATORS, taps, strict=True))


def view(network, p_kw, sold_kw=(), taps=(0, 0, 0), tick=10, dark=(), day=0):
    """Meters at `p_kw` and these taps; every house sells what `sold_kw` says (0 for none)."""
    taps = taps_of(*taps)
    v_pu = network.v_pu(p_kw, taps)
    v_pu[list(dark)] = 0.0
    trades = tuple(
        Trade("bulk", f"house_{i + 1}", round(250 * kw), 1)
        for i, kw in enumerate(sold_kw)
        if kw > 0
    )
    p_kw = np.array(p_kw, dtype=float)
    meters = MeterView(tick - 1, SITES, v_pu, p_kw, np.zeros(3))
    return ControlView(tick, meters, trades, taps, REGULATORS, network, 900, day)
