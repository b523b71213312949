"""The composition root: a scenario becomes a model. See `compose.root`."""

from p2p_cosim.compose.plugins import Plugins
from p2p_cosim.compose.root import build

__all__ = ["Plugins", "build"]
