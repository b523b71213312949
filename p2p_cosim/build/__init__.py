"""The composition root: a scenario becomes a model. See `compose`."""

from p2p_cosim.build.compose import build
from p2p_cosim.build.plugins import Plugins

__all__ = ["Plugins", "build"]
