"""The scenario as frozen data: every field with its unit, bounds, default and description."""

from p2p_cosim.scenario.schema.backup import Backup
from p2p_cosim.scenario.schema.control import ControlSection
from p2p_cosim.scenario.schema.faults import (
    FaultEntry,
    FaultsSection,
    MeteringSection,
    RateEntry,
)
from p2p_cosim.scenario.schema.notify import NotifySection, ShelfEntry
from p2p_cosim.scenario.schema.scenario import Scenario
from p2p_cosim.scenario.schema.sections import (
    ChainSection,
    ClockSection,
    FeederSection,
    HousesSection,
    MarketSection,
    ProfilesSection,
    SpotLoadsSection,
    TariffSection,
    Trader,
)

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
