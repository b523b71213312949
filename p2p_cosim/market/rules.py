"""The rules of a market, fixed when its contract is deployed."""

from __future__ import annotations

from dataclasses import dataclass

from p2p_cosim.core.types import Tariff

MAX_ORDERS = 256
"""Most orders one transaction clears: `MAX_ORDERS` of contracts/MarketRules.sol."""

ENERGY_BITS = 40
PRICE_BITS = 48


@dataclass(frozen=True, slots=True)
class MarketRules:
    """What `IEnergyMarket.Config` holds, apart from the addresses.

    tariff: what imbalances cost (retail) and earn (feed-in), in wei per Wh.
    max_price_wei_per_wh: highest limit price; at least the retail price.
    max_energy_wh: most energy of an order, and most that a meter may report, either sign.
    k_basis_points: weight of the marginal bid in the price; 5000 is halfway.
    min_energy_wh: least energy of an order.
    grace_s: after this many seconds in one phase anybody may move the round on.

    The contract checks the values: `OnChainMarket.deploy` raises RevertError (InvalidConfig).
    """

    tariff: Tariff
    max_price_wei_per_wh: int
    max_energy_wh: int
    k_basis_points: int = 5_000
    min_energy_wh: int = 1
    max_orders: int = MAX_ORDERS
    grace_s: int = 3_600

    def config(self, operator: str, meter_oracle: str, utility: str) -> dict[str, object]:
        """The constructor's argument, with the addresses of the three roles."""
        return {
            "operator": operator,
            "meterOracle": meter_oracle,
            "utility": utility,
            "kBasisPoints": self.k_basis_points,
            "retail": self.tariff.retail_wei_per_wh,
            "feedIn": self.tariff.feed_in_wei_per_wh,
            "maxPrice": self.max_price_wei_per_wh,
            "minEnergy": self.min_energy_wh,
            "maxEnergy": self.max_energy_wh,
            "maxOrders": self.max_orders,
            "graceSeconds": self.grace_s,
        }
