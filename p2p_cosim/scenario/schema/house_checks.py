"""What must hold of single houses: their traders, backup paths and shelved alerts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from p2p_cosim.core.naming import did_you_mean
from p2p_cosim.core.roles import strategy_facts
from p2p_cosim.scenario.schema.problems import Finding, show
from p2p_cosim.scenario.schema.traders import EVERY_HOUSE

if TYPE_CHECKING:
    from p2p_cosim.scenario.schema.scenario import Scenario

_PRICES = ("bid_eur_per_kwh", "ask_eur_per_kwh", "value_eur_per_kwh", "cost_eur_per_kwh")
_TRANSFORMER = re.compile(r"service_[1-9][0-9]*")


def notify(scenario: Scenario) -> Iterator[Finding]:
    """Shelved alerts are of houses that are there, for a time that is one."""
    for i, shelf in enumerate(scenario.notify.shelved):
        at = f"notify.shelved[{i}]"
        if unknown := _unknown_house(scenario, shelf.house):
            yield Finding((f"{at}.house", "houses.count"), unknown)
        if shelf.end_tick <= shelf.start_tick:
            yield Finding(
                (f"{at}.end_tick",),
                f"{shelf.end_tick} is not after start_tick {shelf.start_tick}: raise it",
            )


def backup(scenario: Scenario) -> Iterator[Finding]:
    """Backup paths are of houses that are there, and lead somewhere."""
    houses, limit = scenario.house_names, scenario.market.max_price_eur_per_kwh
    for name, backup in scenario.backup.items():
        at, bid = f"backup.{name}", backup.bid_eur_per_kwh
        if unknown := _unknown_house(scenario, name):
            yield Finding((at, "houses.count"), unknown)
        for field in backup.unread():
            yield Finding(
                (f"{at}.{field}", f"{at}.kind"),
                f"would not be read, because kind is {backup.kind}: remove it, or change kind",
            )
        if bid is not None and bid > limit:
            yield Finding(
                (f"{at}.bid_eur_per_kwh", "market.max_price_eur_per_kwh"),
                f"{bid:g} exceeds market.max_price_eur_per_kwh {limit:g}: lower it",
            )
        if backup.kind != "tie":
            continue
        if backup.to is None:
            wrong = "is missing: a tie leads to a house or a service transformer"
        elif backup.to == name:
            wrong = f"{show(backup.to)} is the house itself: name one behind another transformer"
        elif backup.to not in houses and not _TRANSFORMER.fullmatch(backup.to):
            wrong = (
                f"{show(backup.to)} is neither a house of this scenario (house_1 to "
                f"{houses[-1]}) nor a service transformer such as service_2"
            )
        else:
            continue
        yield Finding((f"{at}.to", f"{at}.kind", "houses.count"), wrong)


def traders(scenario: Scenario) -> Iterator[Finding]:
    """Series fit the run, and prices the contract."""
    ticks, limit = scenario.clock.ticks, scenario.market.max_price_eur_per_kwh
    for name, trader in scenario.traders.items():
        at = f"traders.{name}"
        if name != EVERY_HOUSE and (unknown := _unknown_house(scenario, name)):
            yield Finding((at, "houses.count"), unknown)
        for field in ("load_kw", "pv_kw"):
            series = getattr(trader, field)
            if isinstance(series, tuple) and len(series) != ticks:
                yield Finding(
                    (f"{at}.{field}", "clock.ticks"),
                    f"has {len(series)} values, and clock.ticks is {ticks}: give one for each "
                    "tick, or a single number",
                )
        for field in _PRICES:
            price = getattr(trader, field)
            if price is not None and price > limit:
                yield Finding(
                    (f"{at}.{field}", "market.max_price_eur_per_kwh"),
                    f"{price:g} exceeds market.max_price_eur_per_kwh {limit:g}: lower it",
                )
    yield from _fixed_prices(scenario)


def _fixed_prices(scenario: Scenario) -> Iterator[Finding]:
    for name in scenario.house_names:
        trader = scenario.trader(name)
        if not strategy_facts(trader.strategy or "").needs_prices:
            continue
        for field in ("bid_eur_per_kwh", "ask_eur_per_kwh"):
            if getattr(trader, field) is None:
                own = name in scenario.traders and scenario.traders[name].strategy is not None
                why = f"traders.{name}.strategy" if own else "market.strategy"
                yield Finding(
                    (f"traders.{name}.{field}", f"traders.{EVERY_HOUSE}.{field}", why),
                    f"is missing: {why} is {trader.strategy}, which needs both prices",
                )


def _unknown_house(scenario: Scenario, name: str) -> str | None:
    houses = scenario.house_names
    if name in houses:
        return None
    return (
        f"{show(name)} is not a house of this scenario (house_1 to {houses[-1]})"
        f"{did_you_mean(name, houses)}"
    )
