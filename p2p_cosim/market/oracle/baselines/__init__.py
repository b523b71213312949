"""Baselines that run off chain: what the on-chain mechanisms are compared with.

`vcg`, `sbba` and `muda` clear a book of orders; the rules in `COMMUNITY_RULES` price energy
without bids. What each promises, and where it breaks: docs/mechanisms.md.
"""

from __future__ import annotations

from p2p_cosim.market.oracle.baselines.community import (
    COMMUNITY_RULES,
    CommunityPrices,
    bill_sharing,
    bill_sharing_over,
    mid_market_rate,
    supply_demand_ratio,
    tariff_only,
)
from p2p_cosim.market.oracle.baselines.muda import muda
from p2p_cosim.market.oracle.baselines.outcome import Outcome, outcome_of
from p2p_cosim.market.oracle.baselines.sbba import sbba
from p2p_cosim.market.oracle.baselines.vcg import vcg

__all__ = [
    "COMMUNITY_RULES",
    "CommunityPrices",
    "Outcome",
    "bill_sharing",
    "bill_sharing_over",
    "mid_market_rate",
    "muda",
    "outcome_of",
    "sbba",
    "supply_demand_ratio",
    "tariff_only",
    "vcg",
]
