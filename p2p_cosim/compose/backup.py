"""What feeds a house that lost its supply: from a scenario to the grid and the agents."""

from __future__ import annotations

from p2p_cosim.backup import BackupPlan, Battery, TieFeed
from p2p_cosim.core.protocols import Grid
from p2p_cosim.grid import Tie
from p2p_cosim.scenario import Scenario
from p2p_cosim.strategies import FixedPrice


def ties_of(scenario: Scenario) -> tuple[Tie, ...]:
    """The ties to build into the grid."""
    return tuple(
        Tie(house, backup.to, backup.length_ft)
        for house, backup in scenario.backup.items()
        if backup.kind == "tie" and backup.to is not None
    )


def backup_of(scenario: Scenario, grid: Grid, house: str) -> BackupPlan | None:
    """A household's backup path, None if it has none.

    A house in need bids one price for all that it expects to draw: the scenario's, or the
    highest that the contract takes.
    """
    backup = scenario.backup.get(house)
    if backup is None or backup.kind == "none":
        return None
    most = scenario.market.max_price_eur_per_kwh
    price = scenario.tariff.price_wei_per_wh(
        most if backup.bid_eur_per_kwh is None else backup.bid_eur_per_kwh
    )
    feed: TieFeed | Battery
    if backup.kind == "tie":
        behind = {site.name: site.transformer for site in grid.houses}
        end = behind.get(str(backup.to), str(backup.to))
        feed = TieFeed(backup.power_kw, end)
    else:
        stored_wh = backup.stored_share * backup.energy_wh
        feed = Battery(backup.energy_wh, backup.power_kw, stored_wh, backup.efficiency)
    return BackupPlan(feed, backup.essential_share, FixedPrice(price, price))
