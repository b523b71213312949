"""What feeds a house that lost its supply: from a scenario to the grid and the agents."""

from __future__ import annotations

from p2p_cosim import grid as feeder
from p2p_cosim.core.protocols import Grid
from p2p_cosim.houses import BackupBattery, Tie
from p2p_cosim.scenario import Scenario
from p2p_cosim.strategies import FixedPrice


def ties_of(scenario: Scenario) -> tuple[feeder.Tie, ...]:
    """The ties to build into the grid."""
    return tuple(
        feeder.Tie(house, backup.to, backup.length_ft)
        for house, backup in scenario.backup.items()
        if backup.kind == "tie" and backup.to is not None
    )


def tie_of(scenario: Scenario, grid: Grid, house: str) -> Tie | None:
    """The tie of a house, None if it has none."""
    backup = scenario.backup.get(house)
    if backup is None or backup.kind != "tie":
        return None
    behind = {site.name: site.transformer for site in grid.houses}
    return Tie(backup.power_kw, behind.get(str(backup.to), str(backup.to)))


def battery_of(scenario: Scenario, house: str) -> BackupBattery | None:
    """The backup battery of a house, None if it has none."""
    backup = scenario.backup.get(house)
    if backup is None or backup.kind != "battery":
        return None
    stored_wh = backup.stored_share * backup.energy_wh
    return BackupBattery(backup.energy_wh, backup.power_kw, stored_wh, backup.efficiency)


def essential_share_of(scenario: Scenario, house: str) -> float:
    """The part of its load that a house keeps on without its own supply; 0 with no backup."""
    backup = scenario.backup.get(house)
    return 0.0 if backup is None or backup.kind == "none" else backup.essential_share


def backup_strategy_of(scenario: Scenario, house: str) -> FixedPrice | None:
    """How a house with a tie bids in need: one price for all that it expects to draw, the
    scenario's or the highest that the contract takes."""
    backup = scenario.backup.get(house)
    if backup is None or backup.kind != "tie":
        return None
    most = scenario.market.max_price_eur_per_kwh
    price = scenario.tariff.price_wei_per_wh(
        most if backup.bid_eur_per_kwh is None else backup.bid_eur_per_kwh
    )
    return FixedPrice(price, price)
