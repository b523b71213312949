"""The tables of a run as attributes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


class RunTables(ABC):
    """Every table by its name, but for `rounds`, which is `market`."""

    @abstractmethod
    def table(self, name: str) -> pd.DataFrame:
        """A table by name."""

    @property
    def market(self) -> pd.DataFrame:
        """Rounds of the call auction, one a tick (table `rounds`)."""
        return self.table("rounds")

    @property
    def orders(self) -> pd.DataFrame:
        """Orders with what became of them."""
        return self.table("orders")

    @property
    def trades(self) -> pd.DataFrame:
        """Trades in matching order."""
        return self.table("trades")

    @property
    def households(self) -> pd.DataFrame:
        """Power, energy and money of every house and tick."""
        return self.table("households")

    @property
    def devices(self) -> pd.DataFrame:
        """What lies behind the meters, device by device."""
        return self.table("devices")

    @property
    def others(self) -> pd.DataFrame:
        """Energy and money of the accounts that are no house, such as the utility."""
        return self.table("others")

    @property
    def voltages(self) -> pd.DataFrame:
        """Voltages at the house meters."""
        return self.table("voltages")

    @property
    def taps(self) -> pd.DataFrame:
        """First taps and tap moves."""
        return self.table("taps")

    @property
    def control(self) -> pd.DataFrame:
        """Tap moves, made and refused, with predicted and metered voltages."""
        return self.table("control")

    @property
    def predictions(self) -> pd.DataFrame:
        """Voltages that the controller predicted, beside the metered ones."""
        return self.table("predictions")

    @property
    def alarms(self) -> pd.DataFrame:
        """Alarms."""
        return self.table("alarms")

    @property
    def faults(self) -> pd.DataFrame:
        """What struck, and until when."""
        return self.table("faults")

    @property
    def offers(self) -> pd.DataFrame:
        """Who was named to houses that lost their supply."""
        return self.table("offers")

    @property
    def alerts(self) -> pd.DataFrame:
        """What people were told about houses, or deliberately not."""
        return self.table("alerts")

    @property
    def transactions(self) -> pd.DataFrame:
        """Transactions with their gas."""
        return self.table("transactions")

    @property
    def feeder(self) -> pd.DataFrame:
        """Head power, losses and voltage extremes of every tick."""
        return self.table("feeder")

    @property
    def node_voltages(self) -> pd.DataFrame:
        """Voltages at the nodes of the primary feeder."""
        return self.table("node_voltages")

    @property
    def loadings(self) -> pd.DataFrame:
        """What lines and transformers carry, and may carry."""
        return self.table("loadings")

    @property
    def parts(self) -> pd.DataFrame:
        """Power flows inside intervals; empty where an interval has one."""
        return self.table("parts")

    @property
    def part_voltages(self) -> pd.DataFrame:
        """Voltages at the house meters by power flow; empty where an interval has one."""
        return self.table("part_voltages")

    @property
    def phase_voltages(self) -> pd.DataFrame:
        """Voltages of each phase of houses on three phases."""
        return self.table("phase_voltages")
