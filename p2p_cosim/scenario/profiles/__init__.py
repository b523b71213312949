"""What houses consume and produce, tick by tick: generated from a seed, or measured."""

from p2p_cosim.scenario.profiles.build import Profiles, build_profiles, spot_scale_of

__all__ = ["Profiles", "build_profiles", "spot_scale_of"]
