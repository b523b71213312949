"""The only place where floats become integers.

Money and energy on the chain are integers (wei, Wh), so that
`energy_wh * price_wei_per_wh = payment_wei` needs no division and no rounding.
Each function says which way it rounds.
"""

from __future__ import annotations

import math
from decimal import ROUND_FLOOR, Decimal
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Powers = TypeVar("Powers", float, NDArray[np.float64])

WEI_PER_ETHER = 10**18
WH_PER_KWH = 1000
WEI_PER_GWEI = 10**9
DAY_S = 24 * 3600

# Below this many Wh a float is taken as the integer it is next to: it removes the noise of
# binary fractions (2.3 kW * 0.25 h = 574.9999999999999 Wh) and is far below any meter.
_NOISE_WH = 1e-6


def energy_wh_down(p_kw: float, interval_s: int) -> int:
    """Energy of a constant power over an interval in whole Wh, rounded towards zero.

    Towards zero, so that nobody offers or orders more than the forecast.

    Raises ValueError if `p_kw` is not finite.
    """
    if not math.isfinite(p_kw):
        raise ValueError(f"p_kw {p_kw} is not finite: give a number of kilowatts")
    exact = abs(p_kw) * WH_PER_KWH * interval_s / 3600
    return int(math.copysign(math.floor(exact + _NOISE_WH), p_kw))


def energy_wh(p_kw: Powers, seconds: float) -> Powers:
    """Energy in Wh, not rounded, of a power in kW, or an array of them, that lasts so long."""
    return p_kw * WH_PER_KWH * seconds / 3600


def whole_wh(counted_wh: float) -> int:
    """What a register shows of what it has counted: the nearest whole Wh.

    For meters: what a solve gives differs from what was dispatched by less than 1e-6 kW,
    which must not cost a whole Wh. Halves go to the even neighbour.

    Raises ValueError if `counted_wh` is not finite.
    """
    if not math.isfinite(counted_wh):
        raise ValueError(f"counted_wh {counted_wh} is not finite: give a number of Wh")
    return round(counted_wh)


def p_kw_of(energy_wh: float, interval_s: float) -> float:
    """Mean power in kW of an energy in Wh delivered over an interval in seconds."""
    return energy_wh * 3600 / (WH_PER_KWH * interval_s)


def price_wei_per_wh_down(eur_per_kwh: float, eur_per_ether: float) -> int:
    """Price in wei/Wh of a price in EUR/kWh, rounded down; decimal arithmetic on the
    shortest repr of the floats, so 0.3 EUR/kWh is exactly three tenths."""
    wei = Decimal(repr(eur_per_kwh)) / WH_PER_KWH / Decimal(repr(eur_per_ether)) * WEI_PER_ETHER
    return int(wei.to_integral_value(rounding=ROUND_FLOOR))


def eur_per_kwh_of(price_wei_per_wh: float, eur_per_ether: float) -> float:
    """Price in EUR/kWh of a price in wei/Wh (for figures and tables, never for payments)."""
    return price_wei_per_wh * WH_PER_KWH * eur_per_ether / WEI_PER_ETHER


def eur_of(wei: float, eur_per_ether: float) -> float:
    """Amount in EUR of an amount in wei (for figures and tables, never for payments)."""
    return wei * eur_per_ether / WEI_PER_ETHER


def wei_down(eur: float, eur_per_ether: float) -> int:
    """Amount in wei of an amount in EUR, rounded down."""
    wei = Decimal(repr(eur)) / Decimal(repr(eur_per_ether)) * WEI_PER_ETHER
    return int(wei.to_integral_value(rounding=ROUND_FLOOR))
