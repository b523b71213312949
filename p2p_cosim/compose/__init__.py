"""The composition root: a scenario becomes a model. See `compose.root`."""

import mesa  # noqa: F401 (first: it looks through all modules that there are by then, in 0.3 s)

from p2p_cosim.compose.plugins import Plugins
from p2p_cosim.compose.root import build

__all__ = ["Plugins", "build"]
