"""Bounds that more than one layer keeps to."""

from __future__ import annotations

ENERGY_BITS = 40
"""`EnergyWh` of contracts/IEnergyMarket.sol: energy of an order is below 2^40 Wh."""

PRICE_BITS = 48
"""`PriceWeiPerWh` of contracts/IEnergyMarket.sol: a limit price is below 2^48 wei per Wh."""

MAX_TAP = 16
"""Steps of a regulator either way from its neutral position, IEEE C57.15."""
