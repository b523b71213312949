"""What users write differently in the files of a feeder: one function an edit."""

from __future__ import annotations

import re
from collections.abc import Callable

from feeder_script import Rng, Script, name_of, pick


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
        name = name_of(script.lines[i])
        if rng.random() < 0.4 and "object=" not in script.lines[i].lower():
            shown = rng.choice([f"object={name}", f'"{name}"', f'object="{name}"', f"'{name}'"])
            script.lines[i] = re.sub(
                r"(?i)^new\s+[\"']?[^\s\"']+[\"']?", lambda _, s=shown: f"New {s}", script.lines[i]
            )


def by_edits(script: Script, rng: Rng) -> None:
    """A property given afterwards: edit, class.name.property=, batchedit, enabled=no and back."""
    i = pick(rng, script.at("load"))
    if i is None:
        return
    name = name_of(script.lines[i])
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
    i = pick(rng, script.at("load", "capacitor", "line"))
    if i is not None:
        script.lines[i] += rng.choice([" enabled=no", " enabled=false", " Enabled=n"])


def parallel_line(script: Script, rng: Rng) -> None:
    """A second line between the same buses, or one the other way round."""
    i = pick(rng, script.at("line"))
    if i is None:
        return
    line = script.lines[i]
    name = name_of(line)
    twin = re.sub(re.escape(name), f"{name}_twin", line, count=1)
    if rng.random() < 0.5:
        twin = re.sub(r"(?i)\bbus1\s*=", "bus@=", twin)
        twin = re.sub(r"(?i)\bbus2\s*=", "bus1=", twin).replace("bus@=", "bus2=")
    script.lines.insert(i + 1, twin)


def like(script: Script, rng: Rng) -> None:
    """A second load like another."""
    i = pick(rng, script.at("load"))
    if i is not None:
        name = name_of(script.lines[i])
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
    i = pick(rng, loads)
    if i is None:
        return
    match = re.search(r"(?i)bus1\s*=\s*([^\s.]+)", script.lines[i])
    kv = re.search(r"(?i)\bkv\s*=\s*([\d.]+)", script.lines[i])
    lines = script.at("line")
    if match is None or kv is None or not lines:
        return
    bus, line = match.group(1), name_of(script.lines[lines[0]])
    extra = [
        f"New EnergyMeter.em {line} 1",
        f"New Monitor.mo element={line} terminal=1 mode=1",
        "New Spectrum.mine numharm=1 harmonic=(1) %mag=(100) angle=(0)\n"
        f"New Load.harm bus1={bus}.1 phases=1 kv={kv.group(1)} kw=3 spectrum=mine",
        f"New LoadShape.day npts=3 interval=8 mult=[1 .5 1]\n{name_of(script.lines[i])}.daily=day",
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
    i = pick(rng, script.at("line"))
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
    i = pick(rng, script.at("transformer"))
    if i is not None:
        name = name_of(script.lines[i])
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


SPELLINGS = (odd_case, continuation, quotes)
"""They come last: what they write is not for others to read."""
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
