"""Numbers that several rooms must agree on, each with where it comes from."""

from __future__ import annotations

INTERRUPTION_PU = 0.1
"""Below this a house has no supply: interruption in the sense of IEEE 1159-2019."""

V_MIN_PU, V_MAX_PU = 0.95, 1.05
"""ANSI C84.1 Range A, service voltage: where house meters must stay unless a scenario says
otherwise."""

UNBALANCE = 0.03
"""Most voltage unbalance after NEMA MG 1 that ANSI C84.1 recommends (its annex on unbalance)."""

TAP_STEP_PU = 0.00625
"""One of 32 steps of 5/8 % of a step-voltage regulator (IEEE C57.15)."""
MAX_TAP = 16
"""Taps go from -16 to 16."""

MAX_HOUSE_KW = 100.0
"""Most that a house draws, produces or carries."""

ENERGY_BITS, PRICE_BITS = 32, 56
"""Of `EnergyWh` and `PriceWeiPerWh` in contracts/IMarketTypes.sol."""
MAX_ENERGY_WH = 2**ENERGY_BITS - 1
MAX_PRICE_WEI_PER_WH = 2**PRICE_BITS - 1
MAX_ORDERS = 1024
"""Most orders of a round: `MAX_ORDERS` of contracts/MarketRules.sol."""
MAX_ACCOUNT_WEI = 9_200_000_000_000_000_000
"""Result tables hold wei as int64 (9.22 ether); an account needs room for what it earns."""
BASIS_POINTS = 10_000
"""Of a whole: the contract counts shares in them."""
