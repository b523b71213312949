"""What a house without supply has left, and who can sell to it. Pure functions and records.

docs/decisions/005-backup-power.md says what a backup path means physically and in money.
"""

from p2p_cosim.backup.battery import Battery
from p2p_cosim.backup.paths import INTERRUPTION_PU, BackupPlan, TieFeed, bought_wh, concerns
from p2p_cosim.backup.sellers import MOST_SELLERS, Known, tie_is_live, who_can_sell

__all__ = [
    "INTERRUPTION_PU",
    "MOST_SELLERS",
    "BackupPlan",
    "Battery",
    "Known",
    "TieFeed",
    "bought_wh",
    "concerns",
    "tie_is_live",
    "who_can_sell",
]
