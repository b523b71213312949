"""The energy market: the contract's Python side, its reference and welfare figures."""

from p2p_cosim.market.billing import Billing
from p2p_cosim.market.deployment import UTILITY
from p2p_cosim.market.onchain import OnChainMarket
from p2p_cosim.market.rules import MarketRules, Sealing

__all__ = ["UTILITY", "Billing", "MarketRules", "OnChainMarket", "Sealing"]
