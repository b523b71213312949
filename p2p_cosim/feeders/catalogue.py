"""The feeders of this package, by name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import resources
from pathlib import Path

from p2p_cosim.core.naming import require
from p2p_cosim.feeders.elements import is_primary
from p2p_cosim.feeders.places import Places
from p2p_cosim.feeders.tables import TABULATED, load_feeder

FEEDERS = ("ieee13", "ieee34", "ieee123")
"""IEEE test feeders by their number of nodes. Some are shipped as tables (`TABULATED`), the
others as DSS files, which only the engine can read as a whole."""

_REGCONTROL = re.compile(
    r"^new\s+regcontrol\.\S+\s+transformer=(\S+)", re.IGNORECASE | re.MULTILINE
)


@cache
def places_of(name: str) -> Places | None:
    """Where a feeder can break and where houses can stand; None for one that is a DSS file.

    Raises GridError for an unknown name.
    """
    require("feeder", name, FEEDERS)
    if name not in TABULATED:
        return None
    feeder = load_feeder(name)
    return Places(
        source=feeder.source_bus,
        buses={bus.name: bus.phases for bus in feeder.buses.values()},
        lines={f"{line.from_bus}-{line.to_bus}": line.config.phases for line in feeder.lines},
        switches={
            f"{switch.from_bus}-{switch.to_bus}": feeder.buses[switch.to_bus].phases
            for switch in feeder.switches
        },
        regulators=tuple(regulator.name for regulator in feeder.regulators),
        primary=tuple(
            f"{bus.name}.{phase}"
            for bus in feeder.buses.values()
            if is_primary(bus)
            for phase in bus.phases
        ),
    )


@cache
def regulators_of(name: str) -> tuple[str, ...]:
    """Names of a feeder's regulators, in the order of their taps.

    Raises GridError for an unknown name.
    """
    if places := places_of(name):
        return places.regulators
    with master_file(name) as file:
        return tuple(_REGCONTROL.findall(file.read_text(encoding="utf-8")))


@contextmanager
def master_file(name: str) -> Iterator[Path]:
    """The DSS master file of a feeder that is shipped as one."""
    with resources.as_file(resources.files("p2p_cosim.feeders") / "data" / name) as folder:
        yield folder / "master.dss"
