"""What an engine has built, read into records: buses, branches, loads, regulators and sources.

Disabled elements are left out everywhere; loads keep their position among all of their class,
because the engine counts the disabled ones too.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from typing import Any

from p2p_cosim.grid.engine import PHASES, Engine
from p2p_cosim.grid.records import BusRecord, ElementRecord, RegulatorRecord, SourceRecord

BRANCHES = {
    "transformer": "Transformers",
    "line": "Lines",
    "reactor": "Reactors",
    "capacitor": "Capacitors",
}
"""By class of element that may join two buses, its table in the engine's interface."""
_SPLIT = 1.9
_GROUNDING_OHM = 0.1
OTHERS = ("generator", "pvsystem", "storage", "isource", "indmach012")
"""Classes that draw or give power beside loads."""


class Inventory:
    """Reads the circuit that an engine holds."""

    def __init__(self, engine: Engine) -> None:
        self._dss = engine.api

    def circuit_name(self) -> str:
        """Name of the circuit."""
        return str(self._dss.Circuit.Name()).lower()

    def voltage_bases_kv(self) -> list[float]:
        """Line-to-line bases that the script has set."""
        return [float(kv) for kv in self._dss.Settings.VoltageBases()]

    def buses(self) -> list[BusRecord]:
        """All buses, in the engine's order."""
        return list(self._buses())

    def elements(self, kind: str) -> list[ElementRecord]:
        """All enabled elements of a class, in order."""
        return list(self._elements(kind))

    def branches(self) -> list[ElementRecord]:
        """All enabled elements that join two buses, sources and faults in series among them."""
        found = [record for kind in BRANCHES for record in self._elements(kind)]
        found += [self._in_series(name) for name in self._enabled(("vsource", "fault"))]
        return [record for record in found if not record.is_shunt]

    def grounded(self) -> set[tuple[str, int]]:
        """Nodes that a reactor or a line of less than 0.1 ohm joins to ground."""
        found = set()
        for record in (*self._elements("reactor"), *self._elements("line")):
            if self._ohm(record) < _GROUNDING_OHM:
                (one, nodes), (other, ends) = record.terminals
                pairs = list(zip(nodes, ends, strict=True))
                found |= {(one, near) for near, far in pairs if near > 0 == far}
                found |= {(other, far) for near, far in pairs if far > 0 == near}
        return found

    def shunts(self) -> list[str]:
        """Enabled reactors and capacitors to ground, and standing faults, as `class.name`."""
        to_ground = [
            record.element
            for kind in ("reactor", "capacitor")
            for record in self._elements(kind)
            if record.is_shunt
        ]
        return [*to_ground, *self._enabled(("fault",))]

    def others(self) -> list[tuple[str, str, tuple[int, ...]]]:
        """Enabled generators, PV systems and their like, and voltage sources in series, as
        `class.name`, with bus and nodes."""
        element = self._dss.CktElement
        return [
            (name, _bus_name(element.BusNames()[0]), tuple(int(n) for n in element.NodeOrder()))
            for name in self._enabled((*OTHERS, "vsource"))
            if not name.startswith("vsource.") or not self._in_series(name).is_shunt
        ]

    def _in_series(self, name: str) -> ElementRecord:
        """An element that the engine has no table of."""
        self._dss.Circuit.SetActiveElement(name)
        element, (kind, _, own) = self._dss.CktElement, name.partition(".")
        buses, nodes = element.BusNames(), [int(n) for n in element.NodeOrder()]
        conductors = int(element.NumConductors())
        terminals = tuple(
            (_bus_name(bus), tuple(nodes[t * conductors : (t + 1) * conductors]))
            for t, bus in enumerate(buses)
        )
        opened = self._opened(len(buses), conductors)
        return ElementRecord(kind, own, -1, terminals, int(element.NumPhases()), opened=opened)

    def _ohm(self, record: ElementRecord) -> float:
        """Impedance of a reactor, or of a line in positive sequence."""
        if record.kind == "reactor":
            self._dss.Reactors.Name(record.name)
            return math.hypot(self._dss.Reactors.R(), self._dss.Reactors.X())
        lines = self._dss.Lines
        lines.Name(record.name)
        return math.hypot(lines.R1(), lines.X1()) * float(lines.Length())

    def _enabled(self, classes: Collection[str]) -> Iterator[str]:
        """One by one, as the engine's active element."""
        for name in self._dss.Circuit.AllElementNames():
            if str(name).split(".")[0].lower() in classes:
                self._dss.Circuit.SetActiveElement(name)
                if self._dss.CktElement.Enabled():
                    yield str(name).lower()

    def sources(self) -> list[SourceRecord]:
        """All enabled voltage sources to ground, the circuit's own first."""
        found, table, element = [], self._dss.Vsources, self._dss.CktElement
        index = table.First()
        while index:
            name = f"vsource.{str(table.Name()).lower()}"
            if element.Enabled() and self._in_series(name).is_shunt:
                phases = int(element.NumPhases())
                found.append(
                    SourceRecord(
                        name,
                        _bus_name(element.BusNames()[0]),
                        tuple(int(n) for n in element.NodeOrder()[:phases]),
                        float(table.PU()),
                    )
                )
            index = table.Next()
        return found

    def regulators(self) -> list[RegulatorRecord]:
        """The transformers that RegControls act on, in the order of the controls."""
        return list(self._regulators())

    def rated_kv(self) -> list[float]:
        """Line-to-line voltages that the sources and the transformers' windings are rated for."""
        found, table, element = [], self._dss.Transformers, self._dss.CktElement
        index = self._dss.Vsources.First()
        while index:
            line_to_line = 1.0 if int(element.NumPhases()) > 1 else math.sqrt(3)
            found.append(float(self._dss.Vsources.BasekV()) * line_to_line)
            index = self._dss.Vsources.Next()
        index = table.First()
        while index:
            line_to_line = 1.0 if int(element.NumPhases()) > 1 else math.sqrt(3)
            for winding in range(1, int(table.NumWindings()) + 1):
                table.Wdg(winding)
                found.append(float(table.kV()) * (1.0 if table.IsDelta() else line_to_line))
            index = table.Next()
        return found

    def no_load_kv(self) -> Iterator[tuple[str, float, float]]:
        """By bus: its line-to-neutral base and the highest present voltage to ground, in kV."""
        for index, name in enumerate(self._dss.Circuit.AllBusNames()):
            self._dss.Circuit.SetActiveBusi(index)
            bus = self._dss.Bus
            v = [
                abs(complex(re, im))
                for node, re, im in zip(
                    bus.Nodes(), bus.Voltages()[0::2], bus.Voltages()[1::2], strict=True
                )
                if 1 <= node <= PHASES
            ]
            if v:
                yield str(name).lower(), float(bus.kVBase()), max(v) / 1e3

    def adrift(self) -> set[str]:
        """Buses of delta windings that their transformer does not hold: its ppm is 0."""
        found = set()
        for record in self._elements("transformer"):
            self._dss.Text.Command(f'? "transformer.{record.name}.ppm_antifloat"')
            if not float(self._dss.Text.Result()):
                windings = zip(record.terminals, record.deltas, strict=True)
                found |= {bus for (bus, _), is_delta in windings if is_delta}
        return found

    def _buses(self) -> Iterator[BusRecord]:
        for index, name in enumerate(self._dss.Circuit.AllBusNames()):
            self._dss.Circuit.SetActiveBusi(index)
            bus = self._dss.Bus
            place = (float(bus.X()), float(bus.Y())) if bus.Coorddefined() else None
            nodes = tuple(sorted(int(node) for node in bus.Nodes()))
            yield BusRecord(str(name).lower(), nodes, float(bus.kVBase()), place, _is_split(bus))

    def _elements(self, kind: str) -> Iterator[ElementRecord]:
        table: Any = getattr(self._dss, {**BRANCHES, "load": "Loads"}[kind])
        element = self._dss.CktElement
        for position, name in enumerate(table.AllNames()):
            if str(name).lower() == "none":  # what the engine says of an empty class
                continue
            self._dss.Circuit.SetActiveElement(f"{kind}.{name}")
            if not element.Enabled():
                continue
            table.Idx(position + 1)
            conductors, nodes = int(element.NumConductors()), list(element.NodeOrder())
            buses = [_bus_name(bus) for bus in element.BusNames()]
            deltas = self._deltas(kind, table, len(buses))
            yield ElementRecord(
                kind=kind,
                name=str(name).lower(),
                position=position,
                terminals=tuple(
                    (bus, tuple(int(n) for n in nodes[t * conductors : (t + 1) * conductors]))
                    for t, bus in enumerate(buses)
                ),
                phases=int(element.NumPhases()),
                is_switch=kind == "line" and bool(table.IsSwitch()),
                is_delta=bool(table.IsDelta()) if kind == "load" else any(deltas),
                deltas=deltas,
                opened=self._opened(len(buses), conductors),
                power_kva=complex(table.kW(), table.kvar()) if kind == "load" else 0j,
            )

    @staticmethod
    def _deltas(kind: str, table: Any, windings: int) -> tuple[bool, ...]:
        """Of a transformer, which windings are delta."""
        found = []
        for winding in range(1, windings + 1 if kind == "transformer" else 1):
            table.Wdg(winding)
            found.append(bool(table.IsDelta()))
        return tuple(found)

    def _opened(self, terminals: int, conductors: int) -> frozenset[int]:
        is_open = self._dss.CktElement.IsOpen
        return frozenset(
            c
            for c in range(conductors)
            if any(is_open(terminal + 1, c + 1) for terminal in range(terminals))
        )

    def _regulators(self) -> Iterator[RegulatorRecord]:
        controls, transformers = self._dss.RegControls, self._dss.Transformers
        index = controls.First()
        while index:
            name, winding = str(controls.Transformer()).lower(), int(controls.TapWinding())
            transformers.Name(name)
            transformers.Wdg(winding)
            yield RegulatorRecord(
                str(controls.Name()).lower(),
                float(controls.ForwardVreg()),
                name,
                winding,
                int(transformers.NumTaps()),
                float(transformers.MinTap()),
                float(transformers.MaxTap()),
            )
            index = controls.Next()


def _is_split(bus: Any) -> bool:
    nodes = [int(node) for node in bus.Nodes()]
    if [node for node in nodes if 1 <= node <= PHASES] != [1, 2]:
        return False
    flat = bus.Voltages()
    first, second = (complex(flat[2 * at], flat[2 * at + 1]) for at in range(2))
    # Two phases of three have 1.73 times between them, two halves of one winding twice.
    return abs(first - second) > _SPLIT * (abs(first) + abs(second)) / 2 > 0


def _bus_name(text: str) -> str:
    return str(text).split(".")[0].lower()
