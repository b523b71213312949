"""The scenario as frozen data: every field with its unit, bounds, default and description."""

from p2p_cosim.scenario.schema.backup import Backup
from p2p_cosim.scenario.schema.chain import ChainSection
from p2p_cosim.scenario.schema.clock import ClockSection
from p2p_cosim.scenario.schema.control import ControlSection
from p2p_cosim.scenario.schema.faults import (
    FaultEntry,
    FaultsSection,
    MeteringSection,
    RateEntry,
)
from p2p_cosim.scenario.schema.feeder import FeederSection, SpotLoadsSection
from p2p_cosim.scenario.schema.houses import HousesSection
from p2p_cosim.scenario.schema.market import MarketSection
from p2p_cosim.scenario.schema.notify import NotifySection, ShelfEntry
from p2p_cosim.scenario.schema.profiles import ProfilesSection
from p2p_cosim.scenario.schema.scenario import Scenario
from p2p_cosim.scenario.schema.tariff import TariffSection
from p2p_cosim.scenario.schema.traders import Trader

__all__ = [
    "Backup",
    "ChainSection",
    "ClockSection",
    "ControlSection",
    "FaultEntry",
    "FaultsSection",
    "FeederSection",
    "HousesSection",
    "MarketSection",
    "MeteringSection",
    "NotifySection",
    "ProfilesSection",
    "RateEntry",
    "Scenario",
    "ShelfEntry",
    "SpotLoadsSection",
    "TariffSection",
    "Trader",
]
