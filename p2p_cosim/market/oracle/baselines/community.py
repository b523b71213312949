"""Prices without bids: rules that share a community's bill between buyers and sellers.

They take energy as it comes. Everybody who is short buys at one price and everybody who is
long sells at another; what does not meet inside is exchanged with the utility at its tariff.
Prices are exact fractions of wei per Wh, so that the bills add up to the utility's to the wei.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from p2p_cosim.core.types import Tariff


@dataclass(frozen=True, slots=True)
class CommunityPrices:
    """What a Wh bought costs and a Wh sold earns within the community, in wei per Wh."""

    buy: Fraction
    sell: Fraction

    def bills_wei(self, net_wh: Mapping[str, int]) -> dict[str, Fraction]:
        """What each member pays for its net consumption (negative: what it is paid)."""
        return {member: wh * (self.buy if wh > 0 else self.sell) for member, wh in net_wh.items()}


def tariff_only(_demand_wh: int, _supply_wh: int, tariff: Tariff) -> CommunityPrices:
    """No community: everybody trades with the utility alone."""
    return CommunityPrices(Fraction(tariff.retail_wei_per_wh), Fraction(tariff.feed_in_wei_per_wh))


def mid_market_rate(demand_wh: int, supply_wh: int, tariff: Tariff) -> CommunityPrices:
    """Energy shared inside costs halfway between feed-in and retail; the long side mixes.

    Source: Long et al., "Peer-to-peer energy trading in a community microgrid", IEEE PES
    General Meeting 2017.
    """
    middle = Fraction(tariff.retail_wei_per_wh + tariff.feed_in_wei_per_wh, 2)
    shared_wh = min(demand_wh, supply_wh)
    buy, sell = middle, middle
    if demand_wh > shared_wh:
        imported_wh = demand_wh - shared_wh
        buy = (shared_wh * middle + imported_wh * tariff.retail_wei_per_wh) / demand_wh
    if supply_wh > shared_wh:
        exported_wh = supply_wh - shared_wh
        sell = (shared_wh * middle + exported_wh * tariff.feed_in_wei_per_wh) / supply_wh
    return CommunityPrices(buy, sell)


def supply_demand_ratio(demand_wh: int, supply_wh: int, tariff: Tariff) -> CommunityPrices:
    """Prices fall from retail to feed-in as supply rises from nothing to all of the demand.

    With R = supply / demand, retail r and feed-in f, while R is below 1:
    `sell = r f / ((r - f) R + f)`, `buy = R sell + (1 - R) r`. From R = 1 on both are f.

    Source: Liu et al., IEEE Trans. Power Syst. 32 (2017) 3569, doi:10.1109/TPWRS.2017.2649558.
    """
    retail, feed_in = Fraction(tariff.retail_wei_per_wh), Fraction(tariff.feed_in_wei_per_wh)
    if supply_wh >= demand_wh:
        return CommunityPrices(feed_in, feed_in)
    if supply_wh == 0:
        return CommunityPrices(retail, retail)  # the limit, which the formula misses at f = 0
    ratio = Fraction(supply_wh, demand_wh)
    denominator = (retail - feed_in) * ratio + feed_in
    sell = retail * feed_in / denominator if denominator else feed_in
    return CommunityPrices(sell * ratio + retail * (1 - ratio), sell)


def bill_sharing(demand_wh: int, supply_wh: int, tariff: Tariff) -> CommunityPrices:
    """Energy shared inside is free: buyers share the import's cost, sellers the export's income.

    Source: Long et al. (see `mid_market_rate`).
    """
    return bill_sharing_over([(demand_wh, supply_wh)], tariff)


def bill_sharing_over(flows_wh: Iterable[tuple[int, int]], tariff: Tariff) -> CommunityPrices:
    """`bill_sharing` over a billing period: (demand, supply) of each interval, in Wh."""
    demand_wh = supply_wh = imported_wh = exported_wh = 0
    for demand, supply in flows_wh:
        demand_wh += demand
        supply_wh += supply
        imported_wh += max(0, demand - supply)
        exported_wh += max(0, supply - demand)
    return CommunityPrices(
        buy=Fraction(tariff.retail_wei_per_wh * imported_wh, max(1, demand_wh)),
        sell=Fraction(tariff.feed_in_wei_per_wh * exported_wh, max(1, supply_wh)),
    )


COMMUNITY_RULES: Mapping[str, Callable[[int, int, Tariff], CommunityPrices]] = MappingProxyType(
    {
        "tariff_only": tariff_only,
        "mid_market_rate": mid_market_rate,
        "supply_demand_ratio": supply_demand_ratio,
        "bill_sharing": bill_sharing,
    }
)
