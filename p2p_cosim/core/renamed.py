"""What had another name in an earlier version, so that the old one is answered with the new."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

FIELDS: Mapping[str, str] = {
    "faults.metering.loss": "faults.metering.lost_share",
}
"""Scenario fields: dotted paths, without the index of a list or the name of a house."""

MODULES: Mapping[str, str] = {
    "p2p_cosim.backup.battery": "p2p_cosim.houses.battery",
    "p2p_cosim.backup.paths": "p2p_cosim.houses",
    "p2p_cosim.build": "p2p_cosim.compose",
    "p2p_cosim.detection.cases": "p2p_cosim.studies.detection.cases",
    "p2p_cosim.detection.evaluate": "p2p_cosim.studies.detection.evaluate",
    "p2p_cosim.detection.report": "p2p_cosim.studies.detection.report",
    "p2p_cosim.detection.train": "p2p_cosim.studies.detection.train",
    "p2p_cosim.detection.world": "p2p_cosim.studies.detection.world",
    "p2p_cosim.faults.Metering": "p2p_cosim.metering.SimulatedMetering",
    "p2p_cosim.faults.MeterQuality": "p2p_cosim.metering.MeterQuality",
    "p2p_cosim.faults.balance": "p2p_cosim.detection.balance",
    "p2p_cosim.faults.dark": "p2p_cosim.detection.dark",
    "p2p_cosim.faults.detectors": "p2p_cosim.detection.outage_threshold",
    "p2p_cosim.faults.learned": "p2p_cosim.detection.learned",
    "p2p_cosim.faults.matched": "p2p_cosim.detection.matched",
    "p2p_cosim.faults.metering": "p2p_cosim.metering.simulated",
    "p2p_cosim.faults.places": "p2p_cosim.detection.places",
    "p2p_cosim.faults.statistical": "p2p_cosim.detection.statistical",
    "p2p_cosim.faults.twin": "p2p_cosim.detection.twin",
    "p2p_cosim.grid.feeder": "p2p_cosim.feeders.tables",
    "p2p_cosim.grid.naming": "p2p_cosim.core.naming",
    "p2p_cosim.hosting": "p2p_cosim.studies.hosting",
    "p2p_cosim.market.baselines": "p2p_cosim.market.oracle.baselines",
    "p2p_cosim.market.mechanisms": "p2p_cosim.market.oracle.mechanisms",
    "p2p_cosim.market.reference": "p2p_cosim.market.oracle.reference",
    "p2p_cosim.market.welfare": "p2p_cosim.market.oracle.welfare",
}
"""Modules, and names that were imported from one, with where they are now."""


class _OldNames(MetaPathFinder):
    """Asked last, and only for what is not there."""

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,  # noqa: ARG002 (of the protocol)
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """Never finds anything. Raises ImportError for an old name."""
        if name in MODULES:
            raise ImportError(f"{name} is {MODULES[name]} now: import that", name=name)
        return None


def answer_old_imports() -> None:
    """From now on an import of an old name fails with the new one."""
    if not any(isinstance(finder, _OldNames) for finder in sys.meta_path):
        sys.meta_path.append(_OldNames())
