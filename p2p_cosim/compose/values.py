"""What energy is worth to houses, whatever they bid and ask."""

from __future__ import annotations

from collections.abc import Sequence

from p2p_cosim.compose.seeds import Purpose, rng_of
from p2p_cosim.core.types import Tariff
from p2p_cosim.scenario import Scenario


def values_of(scenario: Scenario) -> dict[str, tuple[int | None, int | None]]:
    """By house, what a Wh from a neighbour is worth to it and what one for a neighbour costs it,
    in wei at the prices of the section; None for the tariff, and houses that have neither of their
    own are left out.

    What is not given is drawn between retail and feed-in, as far as `market.value_spread` says:
    a greater spread moves every house the same way.
    """
    tariff, spread = scenario.tariff, scenario.market.value_spread
    retail, feed_in = tariff.retail_eur_per_kwh, tariff.feed_in_eur_per_kwh
    found: dict[str, tuple[int | None, int | None]] = {}
    for i, name in enumerate(scenario.house_names):
        own = scenario.trader(name)
        value, cost = own.value_eur_per_kwh, own.cost_eur_per_kwh
        if spread:
            reach = spread * (retail - feed_in) * rng_of(scenario.seed, Purpose.VALUES, i).random(2)
            value = retail - float(reach[0]) if value is None else value
            cost = feed_in + float(reach[1]) if cost is None else cost
        if value is not None or cost is not None:
            found[name] = (
                None if value is None else tariff.price_wei_per_wh(value),
                None if cost is None else tariff.price_wei_per_wh(cost),
            )
    return found


def values_over_time(
    scenario: Scenario, tariffs: Sequence[Tariff]
) -> dict[str, tuple[list[int] | None, list[int] | None]]:
    """`values_of`, in every interval: as far from its retail and feed-in price as they are from the
    section's. At least 0, because no order has a limit below.

    tariffs: of every interval.
    """
    base = scenario.tariff.tariff()
    retail = [tariff.retail_wei_per_wh for tariff in tariffs]
    feed_in = [tariff.feed_in_wei_per_wh for tariff in tariffs]
    return {
        name: (
            _moved(value, base.retail_wei_per_wh, retail),
            _moved(cost, base.feed_in_wei_per_wh, feed_in),
        )
        for name, (value, cost) in values_of(scenario).items()
    }


def _moved(own: int | None, base: int, prices: Sequence[int]) -> list[int] | None:
    return None if own is None else [max(0, price + own - base) for price in prices]
