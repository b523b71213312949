"""The rules of a market, fixed when its contract is deployed."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields

from p2p_cosim.core.limits import MAX_ORDERS
from p2p_cosim.core.types import Tariff

NOBODY = "0x" + "00" * 20


@dataclass(frozen=True, slots=True)
class Places:
    """Addresses of the roles and of the contracts that a market asks.

    tariff_setter, admission: nobody and nothing unless given.
    """

    operator: str
    meter_oracle: str
    utility: str
    surplus_to: str
    clearing_rule: str
    settlement_rule: str
    tariff_setter: str = NOBODY
    admission: str = NOBODY


@dataclass(frozen=True, slots=True)
class Sealing:
    """How orders are hidden until the gate: what `SealedMarket` is deployed with beside the rest.

    bond_wei: what a trader loses that does not reveal its order. reveal_s: for how long after
    the gate orders can be revealed, in seconds; the round is cleared after that.
    """

    bond_wei: int
    reveal_s: int


@dataclass(frozen=True, slots=True)
class MarketRules:
    """What `IMarketTypes.Config` holds, apart from the addresses.

    tariff: what imbalances cost (retail) and earn (feed-in), in wei per Wh.
    max_price_wei_per_wh: highest limit price; at least the retail price.
    max_energy_wh: most energy of an order, and most that a meter may report, either sign.
    mechanism: the clearing rule, by its name in `market.mechanisms`.
    k_basis_points: weight of the higher limit in a price; 5000 is halfway.
    price_size_wh: least energy of an order that may set the price of the k-double auction.
    min_energy_wh: least energy of an order.
    max_orders_per_trader: most orders of one account in a round; None sets no such limit.
    open_places: places of a round that accounts without a meter may take; None for all.
    first_gate: when the first round closes (Unix seconds); None an interval after deployment.
    interval_s: from one gate to the next.
    open_s: a round that would be open for less is skipped.
    cancel_s: before the gate in which no order can be cancelled.
    grace_s: after this many seconds anybody may do what the operator or the oracle has not done.
    finisher_reward_wei: what the operator pays for it, by order paid out and by round ended.
    max_retail_wei_per_wh, min_feed_in_wei_per_wh: bounds of tariffs set for a round; None
    for the tariff itself.
    sealing: how orders are hidden; None for a market whose orders are in the open.

    The contract checks the values: `OnChainMarket.deploy` raises RevertError (InvalidConfig).
    """

    tariff: Tariff
    max_price_wei_per_wh: int
    max_energy_wh: int
    mechanism: str = "k_double_auction"
    k_basis_points: int = 5_000
    price_size_wh: int = 1
    min_energy_wh: int = 1
    max_orders: int = MAX_ORDERS
    max_orders_per_trader: int | None = None
    open_places: int | None = None
    first_gate: int | None = None
    interval_s: int = 900
    open_s: int = 0
    cancel_s: int = 0
    grace_s: int = 3_600
    finisher_reward_wei: int = 0
    max_retail_wei_per_wh: int | None = None
    min_feed_in_wei_per_wh: int | None = None
    sealing: Sealing | None = None

    @property
    def sets_tariffs(self) -> bool:
        """Whether rounds may get a tariff of their own."""
        return self.max_retail_wei_per_wh is not None or self.min_feed_in_wei_per_wh is not None

    def config(self, places: Places, timestamp: int) -> dict[str, object]:
        """The constructor's first argument: all but `sealing`.

        timestamp: of the deployment (Unix seconds).
        """
        retail, feed_in = self.tariff.retail_wei_per_wh, self.tariff.feed_in_wei_per_wh
        defaults = {
            "max_orders_per_trader": self.max_orders,
            "open_places": self.max_orders,
            "first_gate": timestamp + self.interval_s,
            "max_retail_wei_per_wh": retail,
            "min_feed_in_wei_per_wh": feed_in,
        }
        own = {name: getattr(self, name) for name in _IN_CONFIG}
        given = {name: defaults[name] if value is None else value for name, value in own.items()}
        named = {contract_name(name): value for name, value in {**given, **asdict(places)}.items()}
        return {**named, "retail": retail, "feedIn": feed_in}


def contract_name(name: str) -> str:
    """How the contract writes a name: `max_price_wei_per_wh` is its `maxPrice`.

    It leaves out the units of energy and money, and writes those of time out, but for `interval`.
    """
    stem = name.removesuffix("_wei_per_wh").removesuffix("_wei").removesuffix("_wh")
    if stem.endswith("_s"):
        stem = stem.removesuffix("_s") + ("" if stem == "interval_s" else "_seconds")
    first, *rest = stem.split("_")
    return first + "".join(part.capitalize() for part in rest)


# Not of the configuration: what the clearing rule is deployed with, and `SealedMarket` beside it.
_ELSEWHERE = ("tariff", "mechanism", "k_basis_points", "price_size_wh", "sealing")
_IN_CONFIG = tuple(field.name for field in fields(MarketRules) if field.name not in _ELSEWHERE)
