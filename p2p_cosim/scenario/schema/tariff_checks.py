"""What must hold of prices over time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from p2p_cosim.scenario.schema.problems import Finding, show

if TYPE_CHECKING:
    from p2p_cosim.scenario.schema.scenario import Scenario

_BASE = ("tariff.retail_eur_per_kwh", "tariff.feed_in_eur_per_kwh")


def over_time(scenario: Scenario) -> Iterator[Finding]:
    """Periods that are some, begin with an interval, and have prices that the market takes."""
    tariff, limit = scenario.tariff, scenario.market.max_price_eur_per_kwh
    if tariff.price_wei_per_wh(tariff.retail_eur_per_kwh) < 1:
        yield Finding(
            ("tariff.retail_eur_per_kwh", "tariff.eur_per_ether"),
            f"{tariff.retail_eur_per_kwh:g} is less than a wei per Wh, and the contract takes no "
            "price of 0: raise it",
        )
    if tariff.periods and tariff.prices_csv is not None:
        yield Finding(
            ("tariff.periods", "tariff.prices_csv"),
            f"would not be read, because prices come from {show(tariff.prices_csv)}: remove one "
            "of them",
        )
    start, every_min = scenario.clock.start, scenario.clock.interval_min
    first_min = start.hour * 60 + start.minute + start.second / 60
    for i, period in enumerate(tariff.periods):
        at = f"tariff.periods[{i}]"
        if period.from_hour == period.to_hour:
            yield Finding(
                (f"{at}.from_hour", f"{at}.to_hour"),
                f"{period.from_hour:g} is to_hour as well: the period would hold never, so change "
                "one; a whole day is from 0 to 24",
            )
        for name in ("from_hour", "to_hour"):
            hour = getattr(period, name)
            if (hour * 60 - first_min) % every_min:
                yield Finding(
                    (f"{at}.{name}", "clock.interval_min", "clock.start"),
                    f"{hour:g} is inside an interval of {every_min} min: take an hour at which "
                    "one begins",
                )
        retail, feed_in = tariff.prices_at_period(period)
        if wrong := tariff.refusal(retail, feed_in, limit):
            yield Finding((at, *_BASE, "market.max_price_eur_per_kwh"), wrong)
