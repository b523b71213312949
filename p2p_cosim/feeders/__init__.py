"""Feeders as data: what the scenario's checks and the grid both know of them. No engine here."""

from p2p_cosim.feeders.catalogue import FEEDERS, places_of, regulators_of
from p2p_cosim.feeders.places import Breakable, Places
from p2p_cosim.feeders.sites import service_transformer, service_transformers, spread_evenly
from p2p_cosim.feeders.tables import load_feeder

__all__ = [
    "FEEDERS",
    "Breakable",
    "Places",
    "load_feeder",
    "places_of",
    "regulators_of",
    "service_transformer",
    "service_transformers",
    "spread_evenly",
]
