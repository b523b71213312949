"""Scenarios: the schema, loading with every problem at once, and profiles."""

from p2p_cosim.scenario.load import load
from p2p_cosim.scenario.profiles import Profiles, build_profiles, spot_scale_of
from p2p_cosim.scenario.schema import Scenario
from p2p_cosim.scenario.tariffs import tariffs_of

__all__ = ["Profiles", "Scenario", "build_profiles", "load", "spot_scale_of", "tariffs_of"]
