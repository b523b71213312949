"""When a house has no supply, and who can sell to it then. Pure functions and records.

docs/decisions/005-backup-power.md says what a backup path means physically and in money.
"""

from p2p_cosim.backup.interruption import concerns
from p2p_cosim.backup.sellers import MOST_SELLERS, Known, tie_is_live, who_can_sell

__all__ = [
    "MOST_SELLERS",
    "Known",
    "concerns",
    "tie_is_live",
    "who_can_sell",
]
