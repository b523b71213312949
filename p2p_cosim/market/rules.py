"""The rules of a market, fixed when its contract is deployed."""

from __future__ import annotations

from dataclasses import dataclass

from p2p_cosim.core.limits import MAX_ORDERS
from p2p_cosim.core.types import Tariff


@dataclass(frozen=True, slots=True)
class MarketRules:
    """What `IEnergyMarket.Config` holds, apart from the addresses.

    tariff: what imbalances cost (retail) and earn (feed-in), in wei per Wh.
    max_price_wei_per_wh: highest limit price; at least the retail price.
    max_energy_wh: most energy of an order, and most that a meter may report, either sign.
    mechanism: the clearing rule, by its name in `market.mechanisms`.
    k_basis_points: weight of the higher limit in a price; 5000 is halfway.
    min_energy_wh: least energy of an order.
    max_orders_per_trader: most orders of one account in a round; None sets no such limit.
    grace_s: after this many seconds in one phase anybody may move the round on.

    The contract checks the values: `OnChainMarket.deploy` raises RevertError (InvalidConfig).
    """

    tariff: Tariff
    max_price_wei_per_wh: int
    max_energy_wh: int
    mechanism: str = "k_double_auction"
    k_basis_points: int = 5_000
    min_energy_wh: int = 1
    max_orders: int = MAX_ORDERS
    max_orders_per_trader: int | None = None
    grace_s: int = 3_600

    def config(
        self, operator: str, meter_oracle: str, utility: str, rule: str
    ) -> dict[str, object]:
        """The constructor's argument, with the addresses of the roles and of the rule."""
        per_trader = self.max_orders_per_trader
        return {
            "operator": operator,
            "meterOracle": meter_oracle,
            "utility": utility,
            "rule": rule,
            "retail": self.tariff.retail_wei_per_wh,
            "feedIn": self.tariff.feed_in_wei_per_wh,
            "maxPrice": self.max_price_wei_per_wh,
            "minEnergy": self.min_energy_wh,
            "maxEnergy": self.max_energy_wh,
            "maxOrders": self.max_orders,
            "maxOrdersPerTrader": self.max_orders if per_trader is None else per_trader,
            "graceSeconds": self.grace_s,
        }
