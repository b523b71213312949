"""Who clears short circuits: the devices that a scenario names, or those that are usual.

The usual ones follow rules of thumb, and every one can be replaced by name: a recloser at the head
from twice the load that it carries, its ground element from half of that; a K link on every lateral
of fewer than three phases where it leaves a bus of three, and one before every service transformer,
rated for at least 1.25 times the load or the rated current.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from p2p_cosim.core.errors import GridError
from p2p_cosim.core.types import Injections
from p2p_cosim.faults import Protection, ProtectiveDevice
from p2p_cosim.faults.curves import K_RATINGS_A
from p2p_cosim.faults.protection import FUSE, RECLOSER
from p2p_cosim.grid.circuit import Circuit, phases_of
from p2p_cosim.grid.opendss import OpenDSSGrid
from p2p_cosim.scenario import Scenario

RECLOSER_FROM, GROUND_FROM = 2.0, 1.0
"""A recloser's phases and ground count from so many times the load of its fullest phase."""
LINK_FROM = 1.25
"""A link is rated for so many times the load that it carries."""


def protection_of(scenario: Scenario, grid: OpenDSSGrid) -> Protection | None:
    """The protection that a scenario asks for, or None without any device.

    Raises GridError with all places that the feeder does not have.
    """
    section = scenario.faults.protection
    devices = [
        ProtectiveDevice(
            grid.circuit.spelled(entry.place), entry.kind, entry.rated_a, entry.ground_from_a
        )
        for entry in section.devices
    ]
    return protect(grid, devices, typical=section.typical)


def protect(
    grid: OpenDSSGrid, devices: Sequence[ProtectiveDevice] = (), *, typical: bool = True
) -> Protection | None:
    """Protection by these devices, which take the place of usual ones; None without any."""
    chosen = {device.place: device for device in typical_devices(grid)} if typical else {}
    chosen.update({device.place: device for device in devices})
    wrong: dict[str, None] = {}
    for device in chosen.values():
        try:
            grid.currents_a(device.place)
        except GridError as error:
            wrong[f"{device.kind}: {error}"] = None
    if wrong:
        raise GridError("\n".join(wrong))
    if not chosen:
        return None
    transformers = {house.transformer for house in grid.houses}
    return Protection(tuple(chosen.values()), grid.currents_a, transformers)


def typical_devices(grid: OpenDSSGrid) -> tuple[ProtectiveDevice, ...]:
    """Recloser at the head, links on laterals and before service transformers.

    The loads are the published ones at full scale, with the houses at 1 kW each.
    """
    before, houses = grid.injections, len(grid.houses)
    grid.dispatch(Injections(np.ones(houses), np.zeros(houses), 1.0))
    grid.solve()
    circuit = grid.circuit
    devices = [_recloser(grid, place) for place in first_places(circuit)]
    devices += [_link(grid, place) for place in laterals(circuit)]
    grid.dispatch(before)
    rated_a = {element.name: element.rated_a for element in grid.rated_elements}
    for transformer in dict.fromkeys(
        house.transformer for house in grid.houses if not house.on_secondary
    ):
        devices.append(_rated(transformer, LINK_FROM * rated_a[transformer.lower()]))
    return tuple(devices)


def first_places(circuit: Circuit) -> list[str]:
    """Lines and switches that nothing but transformers and regulators is before."""
    sources = {circuit.source_bus, *(bus for _, bus, _ in circuit.sources)}
    reached, found = set(sources), []
    queue = list(sources)
    while queue:
        bus = queue.pop()
        for branch in circuit.branches:
            if bus not in (branch.from_bus, branch.to_bus):
                continue
            if branch.kind in ("line", "switch"):
                found.append(branch.place)
                continue
            other = branch.to_bus if bus == branch.from_bus else branch.from_bus
            if other not in reached:
                reached.add(other)
                queue.append(other)
    return list(dict.fromkeys(found))


def laterals(circuit: Circuit) -> list[str]:
    """Lines of fewer than three phases at a bus of three."""
    return [
        place
        for place, group in circuit.breakable().items()
        if len(phases_of(group)) < 3 and len(circuit.buses[group[0].from_bus].phases) == 3
    ]


def _recloser(grid: OpenDSSGrid, place: str) -> ProtectiveDevice:
    load_a = max(abs(current) for current in grid.currents_a(place).values())
    load_a = max(load_a, 1.0)
    return ProtectiveDevice(place, RECLOSER, RECLOSER_FROM * load_a, GROUND_FROM * load_a)


def _link(grid: OpenDSSGrid, place: str) -> ProtectiveDevice:
    load_a = max(abs(current) for current in grid.currents_a(place).values())
    return _rated(place, LINK_FROM * load_a)


def _rated(place: str, least_a: float) -> ProtectiveDevice:
    fitting = [rating for rating in K_RATINGS_A if rating >= least_a]
    return ProtectiveDevice(place, FUSE, float(fitting[0]) if fitting else least_a)
