"""Thin Mesa shells round strategies, detectors and controllers.

Agents observe, decide and return intentions (orders, tap moves, alarms); they hold no
reference to the chain or the grid, and only the model performs effects.
"""

from p2p_cosim.agents.operators import FaultAgent, GridController, own_moves
from p2p_cosim.agents.outages import AtHome, backup_offer, tell_outages
from p2p_cosim.agents.outcomes import outcomes
from p2p_cosim.agents.traders import (
    BulkConsumer,
    Household,
    HouseholdPlan,
    Trader,
    TraderPlan,
)

__all__ = [
    "AtHome",
    "BulkConsumer",
    "FaultAgent",
    "GridController",
    "Household",
    "HouseholdPlan",
    "Trader",
    "TraderPlan",
    "backup_offer",
    "outcomes",
    "own_moves",
    "tell_outages",
]
