"""Random realistic edits of feeders as distributed, and whether the program still agrees.

Every draw takes a feeder, writes it anew in a way that a user could have (other spelling, other
order, elements beside others or out of service), and compares: what loads is solved like the
engine's own reading of the same files, every node within 1e-5 pu; a fault on a random line leaves
the program and the engine with the same opinion of who has supply; and what is refused names file
and line. Edits are made of statements, so that a failing draw is repeated by its seed.

    python benchmarks/random_edits.py FEEDERS [--draws 200] [--first 0]
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

MASTERS = (
    "13Bus/IEEE13Nodeckt.dss",
    "34Bus/ieee34Mod1.dss",
    "37Bus/ieee37.dss",
    "123Bus/IEEE123Master.dss",
    "4Bus-DY-Bal/4Bus-DY-Bal.DSS",
    "4Bus-OYOD-UnBal/4bus-OYOD-UnBal.dss",
    "4Bus-YYD/YYD-Master.DSS",
)
TOLERANCE_PU = 1e-5
LIVE_PU = 0.1
Rng = np.random.Generator


class Script:
    """A master with its redirects, flat: one statement a line, comments and continuations gone."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines

    @classmethod
    def of(cls, master: Path) -> Script:
        """Read it as the program does."""
        from p2p_cosim.grid.dss.statements import read_statements

        root = master.parents[1]
        return cls([s.text for s in read_statements(master, root) if s.verb not in _DROPPED])

    def at(self, *kinds: str) -> list[int]:
        """Positions of statements that make an element of these classes."""
        pattern = re.compile(rf"new\s+(object=)?[\"']?({'|'.join(kinds)})\.", re.IGNORECASE)
        return [i for i, line in enumerate(self.lines) if pattern.match(line)]

    def end(self) -> int:
        """Before the first statement that comes after the elements."""
        after = (i for i, line in enumerate(self.lines) if re.match(r"set\s+volt", line, re.I))
        return next(after, len(self.lines))


_DROPPED = ("buscoords", "show", "plot", "export", "closedi", "solve", "calcv", "calcvoltagebases")


def _pick(rng: Rng, places: list[int]) -> int | None:
    return int(rng.choice(places)) if places else None


def _name(line: str) -> str:
    match = re.match(r"new\s+(?:object=)?[\"']?([^\s\"']+)", line, re.IGNORECASE)
    assert match is not None
    return match.group(1)


def odd_case(script: Script, rng: Rng) -> None:
    """Letters in either case."""
    for i in range(len(script.lines)):
        upper = rng.random() < 0.5
        script.lines[i] = script.lines[i].upper() if upper else script.lines[i].lower()


def continuation(script: Script, rng: Rng) -> None:
    """Statements over several lines, with comments between them."""
    for i in script.at("line", "load", "transformer", "linecode", "capacitor"):
        parts = re.split(r"\s+(?=[%\w]+\s*=(?![^(\[]*[)\]]))", script.lines[i])
        if len(parts) > 2 and rng.random() < 0.4:
            cut = int(rng.integers(1, len(parts)))
            sign = rng.choice(["~ ", "more ", "M ", "  ~\t"])
            note = rng.choice(["", "! a comment = 1", "// another", "/* a\nblock\n*/", "   "])
            head = " ".join(parts[:cut]) + rng.choice(["", " ! why", " // why"])
            script.lines[i] = f"{head}\n{note}\n{sign}" + " ".join(parts[cut:])


def quotes(script: Script, rng: Rng) -> None:
    """Other brackets round arrays, other signs between numbers."""

    def other(match: re.Match[str]) -> str:
        opening, closing = rng.choice(["()", "[]", "{}", '""', "''"])
        inside = match.group(1)
        if "|" not in inside and rng.random() < 0.5:
            inside = re.sub(r"[\s,]+", rng.choice([", ", ",", "  ", " ,"]), inside.strip())
        return f"={opening}{inside}{closing}"

    for i, line in enumerate(script.lines):
        if rng.random() < 0.6 and not re.search(r"file|!|//", line):
            script.lines[i] = re.sub(r"=\s*[\[({]([\d.\s,|eE+-]+)[\])}]", other, line)


def reverse_polish(script: Script, rng: Rng) -> None:
    """Numbers as sums to be done."""
    for i in script.at("line", "load"):
        if rng.random() < 0.3:
            script.lines[i] = re.sub(
                r"(?i)\b(kw|length)=([\d.]+)(?=\s|$)",
                lambda m: f"{m.group(1)}=({float(m.group(2)) / 4!r} 4 *)",
                script.lines[i],
            )


def object_equals(script: Script, rng: Rng) -> None:
    """`new object=line.x`, and names in quotes."""
    for i in script.at("line", "load", "capacitor", "transformer"):
        name = _name(script.lines[i])
        if rng.random() < 0.4 and "object=" not in script.lines[i].lower():
            shown = rng.choice([f"object={name}", f'"{name}"', f'object="{name}"', f"'{name}'"])
            script.lines[i] = re.sub(
                r"(?i)^new\s+[\"']?[^\s\"']+[\"']?", lambda _, s=shown: f"New {s}", script.lines[i]
            )


def by_edits(script: Script, rng: Rng) -> None:
    """A property given afterwards: edit, class.name.property=, batchedit, enabled=no and back."""
    i = _pick(rng, script.at("load"))
    if i is None:
        return
    name = _name(script.lines[i])
    script.lines[script.end() : script.end()] = [
        str(
            rng.choice(
                [
                    f"edit {name} kw=33",
                    f"{name}.kw=33",
                    f"Edit object={name} kW = 33",
                    f"{name}.enabled=no\n{name}.enabled=yes",
                    f"disable {name}",
                    f"{name.split('.')[0]}.{name.split('.')[1]}.%mean=50",
                    "batchedit load..* vminpu=0.8",
                    "BatchEdit Load..* vlowpu=.4",
                ]
            )
        )
    ]


def disabled(script: Script, rng: Rng) -> None:
    """A load, line or capacitor out of service."""
    i = _pick(rng, script.at("load", "capacitor", "line"))
    if i is not None:
        script.lines[i] += rng.choice([" enabled=no", " enabled=false", " Enabled=n"])


def parallel_line(script: Script, rng: Rng) -> None:
    """A second line between the same buses, or one the other way round."""
    i = _pick(rng, script.at("line"))
    if i is None:
        return
    line = script.lines[i]
    name = _name(line)
    twin = re.sub(re.escape(name), f"{name}_twin", line, count=1)
    if rng.random() < 0.5:
        twin = re.sub(r"(?i)\bbus1\s*=", "bus@=", twin)
        twin = re.sub(r"(?i)\bbus2\s*=", "bus1=", twin).replace("bus@=", "bus2=")
    script.lines.insert(i + 1, twin)


def like(script: Script, rng: Rng) -> None:
    """A second load like another."""
    i = _pick(rng, script.at("load"))
    if i is not None:
        name = _name(script.lines[i])
        own = name.partition(".")[2]
        script.lines.insert(script.end(), f"New Load.{own}_too like={own} kw=5")


def reversed_ends(script: Script, rng: Rng) -> None:
    """Lines that begin where they ended."""
    for i in script.at("line"):
        line = script.lines[i]
        if rng.random() < 0.3 and re.search(r"(?i)\bbus1\s*=.*\bbus2\s*=", line):
            line = re.sub(r"(?i)\bbus1\s*=", "bus@=", line)
            line = re.sub(r"(?i)\bbus2\s*=", "bus1=", line).replace("bus@=", "bus2=")
            script.lines[i] = line


def renamed_bus(script: Script, rng: Rng) -> None:
    """A bus with a name that users give."""
    buses = {
        m.group(1).lower()
        for i in script.at("load")
        for m in [re.search(r"(?i)bus1\s*=\s*([^\s.]+)", script.lines[i])]
        if m
    }
    if not buses:
        return
    old = str(rng.choice(sorted(buses)))
    new = str(rng.choice(["node-7", "l(r:s)", "bus_é", "a#1", "n$2", "café", "T&D", "x_1y"]))
    one = re.compile(rf"(?i)(\bbus[12]?\s*=\s*){re.escape(old)}(?=[.\s,]|$)")
    several = re.compile(r"(?i)(\bbuses\s*=\s*)([\[(\"'{])([^\])\"'}]*)")
    inside = re.compile(rf"(?i)(?<![\w.-]){re.escape(old)}(?=[.\s,]|$)")
    script.lines = [
        several.sub(
            lambda m: m.group(1) + m.group(2) + inside.sub(new, m.group(3)),
            one.sub(lambda m: m.group(1) + new, line),
        )
        for line in script.lines
    ]


def beside(script: Script, rng: Rng) -> None:
    """What people add: meters, spectra, shapes, controls of inverters, PV, storage, reactors."""
    loads = script.at("load")
    i = _pick(rng, loads)
    if i is None:
        return
    match = re.search(r"(?i)bus1\s*=\s*([^\s.]+)", script.lines[i])
    kv = re.search(r"(?i)\bkv\s*=\s*([\d.]+)", script.lines[i])
    lines = script.at("line")
    if match is None or kv is None or not lines:
        return
    bus, line = match.group(1), _name(script.lines[lines[0]])
    extra = [
        f"New EnergyMeter.em {line} 1",
        f"New Monitor.mo element={line} terminal=1 mode=1",
        "New Spectrum.mine numharm=1 harmonic=(1) %mag=(100) angle=(0)\n"
        f"New Load.harm bus1={bus}.1 phases=1 kv={kv.group(1)} kw=3 spectrum=mine",
        f"New LoadShape.day npts=3 interval=8 mult=[1 .5 1]\n{_name(script.lines[i])}.daily=day",
        f"New PVSystem.pv bus1={bus}.1 phases=1 kv={kv.group(1)} kva=6 pmpp=5 irradiance=0.8",
        f"New Generator.gen bus1={bus}.1 phases=1 kv={kv.group(1)} kw=4 pf=1 model=1",
        f"New Storage.st bus1={bus}.1 phases=1 kv={kv.group(1)} kwrated=5 kwhrated=10",
        f"New Load.pvneg bus1={bus}.1 phases=1 kv={kv.group(1)} kw=-4 kvar=0",
        f"New Reactor.sh bus1={bus}.1 phases=1 kv={kv.group(1)} kvar=5",
        f"New Line.stub bus1={bus}.1 bus2={bus}_end.1 phases=1 r1=.1 x1=.1 c1=0 length=.1",
        f"New Fuse.f monitoredobj={line} monitoredterm=1",
        f"New Load.zip bus1={bus}.1 phases=1 kv={kv.group(1)} kw=6 model=8"
        " zipv=[.5 .3 .2 .4 .3 .3 .8]",
        f"New Line.sw bus1={bus} bus2={bus}_b switch=yes\nNew Load.beyond bus1={bus}_b.1 phases=1"
        f" kv={kv.group(1)} kw=2\nopen line.sw 1",
        "New XYCurve.c npts=2 xarray=[0 1] yarray=[1 1]",
        f"New Fault.ft bus1={bus}.1 r=500",
    ]
    script.lines[script.end() : script.end()] = str(rng.choice(extra)).splitlines()


def settings(script: Script, rng: Rng) -> None:
    """Options that users set."""
    option = rng.choice(
        [
            "Set mode=snap",
            "set maxiter=50",
            "Set ControlMode=static",
            "set toler=0.0001",
            "Set normvminpu=.95 normvmaxpu=1.05",
            "set Algorithm=Newton",
            "Set LoadMult=1.0",
            "set trapezoidal=no",
            "Set number=1",
            "set emergvminpu=0.9",
            "Set casename=x",
            "set datapath=.",
            "Set markTransformers=yes",
            "Set maxcontroliter=30",
            "set hour=3",
            "Set AutoBusList=[a b]",
            "Set earthmodel=Deri",
        ]
    )
    script.lines.insert(script.end(), str(option))


def series_element(script: Script, rng: Rng) -> None:
    """A reactor or a jumper in the place of a line's first end."""
    i = _pick(rng, script.at("line"))
    if i is None:
        return
    match = re.search(r"(?i)\bbus1\s*=\s*([^\s.,]+)((?:\.\d)*)", script.lines[i])
    if match is None:
        return
    bus, nodes = match.groups()
    phases = nodes.count(".") or 3
    ends, back = f"bus1={bus}{nodes} bus2={bus}_x{nodes}", f"bus1={bus}_x{nodes} bus2={bus}{nodes}"
    script.lines[i] = (
        script.lines[i][: match.start()] + f"bus1={bus}_x{nodes}" + script.lines[i][match.end() :]
    )
    between = rng.choice(
        [
            f"New Reactor.ser {ends} phases={phases} r=.01 x=.1",
            f"New Line.jump {ends} phases={phases} switch=y",
            f"New Capacitor.ser {ends} phases={phases} kvar=9000 kv=4",
            f"New Line.jump {back} phases={phases} r1=.01 x1=.01 c1=0",
        ]
    )
    script.lines.insert(i, str(between))


def taps_and_ranges(script: Script, rng: Rng) -> None:
    """Regulators with another range, transformers off neutral."""
    i = _pick(rng, script.at("transformer"))
    if i is not None:
        name = _name(script.lines[i])
        script.lines.insert(
            script.end(),
            str(
                rng.choice(
                    [
                        f"edit {name} wdg=2 tap=1.025",
                        f"{name}.taps=[1.0 1.0125]",
                        f"edit {name} wdg=2 maxtap=1.05 mintap=0.95 numtaps=4",
                        f"edit {name} numtaps=20 maxtap=1.1 mintap=.9",
                    ]
                )
            ),
        )


EDITS: tuple[Callable[[Script, Rng], None], ...] = (
    odd_case,
    continuation,
    quotes,
    reverse_polish,
    object_equals,
    by_edits,
    disabled,
    parallel_line,
    like,
    reversed_ends,
    renamed_bus,
    beside,
    settings,
    series_element,
    taps_and_ranges,
)


def outcome(feeders: Path, seed: int) -> tuple[str, str]:
    """What became of a draw: a word, and its story."""
    from opendssdirect import DSSException

    from p2p_cosim.core.errors import CosimError

    rng = np.random.default_rng(seed)
    name = str(rng.choice(MASTERS))
    script = Script.of(feeders / name)
    chosen = [EDITS[i] for i in rng.choice(len(EDITS), size=int(rng.integers(1, 5)), replace=False)]
    for edit in sorted(chosen, key=lambda e: e in (odd_case, continuation, quotes)):
        edit(script, rng)
    story = f"seed {seed}: {name}: {', '.join(edit.__name__ for edit in chosen)}"
    folder = Path(tempfile.mkdtemp(prefix="edits."))
    try:
        master = folder / "m.dss"
        master.write_text("\n".join(script.lines) + "\n", encoding="utf-8")
        try:
            stock: Any = _stock(master)
        except DSSException as error:
            stock = " ".join(str(error).split())[:200]
        try:
            return _agreement(master, stock, rng), story
        except CosimError as error:
            said = str(error)
            if isinstance(stock, str):
                return ("refused, and so does the engine" if ".dss" in said else "NO LINE"), (
                    f"{story}\n   {said}\n   engine: {stock}"
                )
            if stock is None:
                return "refused, and the engine finds no solution", f"{story}\n   {said}"
            return f"REFUSED: {_kind(said)}", f"{story}\n   {said}"
        except Exception:
            return "BROKE", f"{story}\n   {traceback.format_exc()[-900:]}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _kind(said: str) -> str:
    return re.sub(r"'[^']*'", "'...'", re.sub(r"\d[\d.e+-]*", "#", said.splitlines()[-1]))[:90]


def _engine(master: Path) -> Any:
    from opendssdirect import dss

    engine = dss.NewContext()
    engine.Basic.AllowChangeDir(False)
    engine.Basic.AllowEditor(False)
    engine.Basic.AllowForms(False)
    engine.Text.Command(f'compile "{master}"')
    engine.Text.Command("calcvoltagebases")
    return engine


def _stock(master: Path) -> dict[str, float] | None:
    """Node voltages in V, regulators where the file has them; None without a solution."""
    engine = _engine(master)
    for option in ("mode=snap", "controlmode=off", "tolerance=1e-9", "maxiterations=300"):
        engine.Text.Command(f"set {option}")
    index = engine.RegControls.First()
    while index:
        name, winding = engine.RegControls.Transformer(), engine.RegControls.TapWinding()
        engine.Text.Command(f'edit "transformer.{name}" wdg={winding} tap=1')
        index = engine.RegControls.Next()
    engine.Solution.Solve()
    if not engine.Solution.Converged() or not np.isfinite(engine.Circuit.AllBusVMag()).all():
        return None
    names = [name.lower() for name in engine.Circuit.AllNodeNames()]
    return dict(zip(names, engine.Circuit.AllBusVMag(), strict=True))


def _agreement(master: Path, stock: Any, rng: Rng) -> str:
    from p2p_cosim import conservation
    from p2p_cosim.core.errors import CosimError
    from p2p_cosim.core.types import Fault, Injections
    from p2p_cosim.feeders.elements import PHASE_NODE
    from p2p_cosim.grid.commands import FeederOptions
    from p2p_cosim.grid.dss import read_circuit
    from p2p_cosim.grid.houses import HousePlan
    from p2p_cosim.grid.opendss import OpenDSSGrid

    circuit = read_circuit(master, master.parent)
    options = FeederOptions(taps=(0,) * len(circuit.regulators))
    state = OpenDSSGrid.build(circuit, options).solve()
    if isinstance(stock, str):
        return f"LOADS, and the engine does not: {stock[:80]}"
    if stock is None:
        return "the engine finds no solution"
    worst = 0.0
    grid = OpenDSSGrid.build(circuit, options)
    for name, v_pu in zip(grid.node_names, state.node_v_pu, strict=True):
        bus, _, phase = name.rpartition(".")
        base_v = circuit.buses[bus].base_kv * 1e3 / 3**0.5
        worst = max(worst, abs(v_pu - stock[f"{bus}.{PHASE_NODE[phase]}"] / base_v))
    if worst > TOLERANCE_PU:
        return f"DIFFERS by {worst:.0e} pu"
    conservation.check_power(state, 0)
    sites: Any = "by_load" if any(load.p_kw > 0 for load in circuit.loads) else _some_sites(circuit)
    houses = OpenDSSGrid.build(circuit, options, HousePlan(8, sites))
    draw = Injections(np.ones(8), np.zeros(8))
    houses.dispatch(draw)
    conservation.check_power(houses.solve(), 0)
    place = str(rng.choice(sorted(circuit.breakable())))
    kind = "switch_open" if circuit.breakable()[place][0].kind == "switch" else "lateral_open"
    fault = Fault(kind, place, 0, 1)
    houses.apply(fault)
    try:
        broken = houses.solve()
    except CosimError as error:
        return f"FAULT: {_kind(str(error))}"
    conservation.check_power(broken, 0)
    engine_live = houses._v_pu()[len(houses.node_names) :] > LIVE_PU
    if (engine_live != (broken.house_v_pu > 0)).any():
        return "SUPPLY: program and engine disagree"
    houses.clear(fault)
    houses.solve()
    return "agrees"


def _some_sites(circuit: Any) -> tuple[str, ...]:
    from p2p_cosim.grid.sites import house_nodes

    return tuple(list(house_nodes(circuit))[:2])


def main() -> None:
    """Print every draw that is worth a look, and the counts."""
    parser = argparse.ArgumentParser()
    parser.add_argument("feeders", type=Path)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--first", type=int, default=0)
    asked = parser.parse_args()
    counts = Counter[str]()
    for seed in range(asked.first, asked.first + asked.draws):
        word, story = outcome(asked.feeders.resolve(), seed)
        counts[word] += 1
        if word not in ("agrees", "the engine finds no solution"):
            sys.stdout.write(f"{word}\n   {story[:900]}\n")
            sys.stdout.flush()
    for word, count in counts.most_common():
        sys.stdout.write(f"{count:5d}  {word}\n")


if __name__ == "__main__":
    main()
