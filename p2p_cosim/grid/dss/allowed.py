"""Which statements of a DSS script may reach the engine: those that define a circuit.

Nothing that reads or writes files, runs programs, draws, or solves: that is the program's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches

from p2p_cosim.core.errors import GridError
from p2p_cosim.grid.dss.statements import Statement

CLASSES = (
    "circuit",
    "vsource",
    "line",
    "linecode",
    "linegeometry",
    "linespacing",
    "wiredata",
    "cndata",
    "tsdata",
    "transformer",
    "xfmrcode",
    "load",
    "capacitor",
    "reactor",
    "regcontrol",
)
# Without effect on the power flow, and met in many published files.
_IGNORED_CLASSES = ("energymeter", "monitor", "spectrum")
_IGNORED_VERBS = ("clear", "clearall", "solve", "makebuslist", "calcvoltagebases", "calcv")
_SETTINGS = ("defaultbasefrequency", "defaultbasefreq", "basefrequency")
_IGNORED_SETTINGS = (
    "mode",
    "controlmode",
    "tolerance",
    "maxiterations",
    "maxiter",
    "maxcontroliter",
    "algorithm",
    "number",
    "stepsize",
    "hour",
    "sec",
    "trapezoidal",
)
# A value that the engine would read from a file.
_FROM_FILE = re.compile(r"\b\w*file\s*=", flags=re.IGNORECASE)
_OBJECT = re.compile(r"(?:object\s*=\s*)?[\"']?([a-z]+)\.([^\s\"'=]+)[\"']?", flags=re.IGNORECASE)
_BASES = re.compile(r"voltagebases\s*=\s*[\[({\"']?([^\])}\"']*)", flags=re.IGNORECASE)
_PROPERTY = re.compile(r"^([a-z]+)\.([^\s=.]+)\.[%\w]+\s*=", flags=re.IGNORECASE)
# Names that houses, their transformers and faults use.
_OURS = re.compile(r"(house|drop_house|tie_house|service)_\d+|short_circuit", flags=re.IGNORECASE)


@dataclass(slots=True)
class Script:
    """What is left of a script.

    base_kv: nominal line-to-line voltages. commands: for the engine, without controls.
    controls: RegControls. coordinates: names of files with bus coordinates, each with where it
    is named.
    """

    base_kv: list[float] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    controls: list[str] = field(default_factory=list)
    coordinates: list[tuple[str, str]] = field(default_factory=list)


def sift(statements: Iterable[Statement]) -> Script:
    """Keep what defines a circuit.

    Raises GridError that lists every other statement with its file and line.
    """
    script, problems = Script(), []
    for statement in statements:
        problems += [f"{statement.where}: {problem}" for problem in _take(statement, script)]
    if not any(re.match(r"new\s+\S*circuit\.", c, re.IGNORECASE) for c in script.commands):
        problems.append("no circuit: begin with 'New Circuit.<name> ...'")
    if not script.base_kv:
        problems.append("no voltage bases: add 'Set VoltageBases=[...]' in kV, line to line")
    if problems:
        raise GridError("\n".join(["the feeder's files hold what they may not:", *problems]))
    return script


def _take(statement: Statement, script: Script) -> Iterator[str]:
    verb, text = statement.verb, statement.text
    if verb in _IGNORED_VERBS:
        return
    if verb in ("buscoords", "latlongcoords"):
        script.coordinates.append((statement.rest, statement.where))
    elif verb == "set":
        yield from _setting(statement, script)
    elif verb in ("new", "edit"):
        yield from _element(statement, _OBJECT.match(statement.rest), script)
    elif match := _PROPERTY.match(text):
        yield from _element(statement, match, script)
    else:
        yield (
            f"command {verb!r} is not allowed: a feeder's files may only define a circuit "
            "(New, Edit, Set, Redirect, BusCoords)"
        )


def _setting(statement: Statement, script: Script) -> Iterator[str]:
    if match := _BASES.match(statement.rest):
        try:
            script.base_kv += [float(kv) for kv in re.split(r"[\s,]+", match.group(1).strip())]
        except ValueError:
            yield f"voltage bases {match.group(1)!r} are not numbers"
        return
    names = [name.lower() for name in re.findall(r"(%?\w+)\s*=", statement.rest)]
    for name in names:
        if name not in _SETTINGS and name not in _IGNORED_SETTINGS:
            yield f"option {name!r} is not allowed: leave it out, the scenario decides"
    if names and all(name in _SETTINGS for name in names):
        script.commands.append(statement.text)


def _element(statement: Statement, match: re.Match[str] | None, script: Script) -> Iterator[str]:
    if match is None:
        yield f"{statement.text[:40]!r} names no element: write it as 'New Line.name ...'"
        return
    kind, name = match.group(1).lower(), match.group(2)
    if kind in _IGNORED_CLASSES:
        return
    if kind not in CLASSES:
        nearest = get_close_matches(kind, CLASSES, n=1)
        remedy = f"did you mean {nearest[0]!r}?" if nearest else "leave it out"
        yield f"class {kind!r} is not allowed: {remedy}"
    elif _FROM_FILE.search(statement.text):
        yield f"{kind}.{name} takes a value from a file: write the numbers here"
    elif kind != "regcontrol" and _OURS.fullmatch(name):
        yield f"{kind}.{name} has a name that this program gives: rename it"
    else:
        (script.controls if kind == "regcontrol" else script.commands).append(statement.text)
