"""Which statements of a DSS script may reach the engine: those that define a circuit.

Nothing that reads or writes files, runs programs, draws, or solves: that is the program's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from difflib import get_close_matches

from p2p_cosim.core.errors import GridError
from p2p_cosim.grid.dss.curves import plain_curve
from p2p_cosim.grid.dss.properties import properties_of
from p2p_cosim.grid.dss.script import Active, Command, Script
from p2p_cosim.grid.dss.settings import take_settings
from p2p_cosim.grid.dss.statements import Statement
from p2p_cosim.grid.dss.switches import SWITCH_CLASSES
from p2p_cosim.grid.dss.vocabulary import (
    CHANGING_VERBS,
    CIRCUIT_CLASSES,
    CONTROL_CLASSES,
    ELEMENT_VERBS,
    INVERTER_CONTROLS,
    POWER_CLASSES,
    REPORTING_VERBS,
    SKIPPED_CLASSES,
    SKIPPED_PROPERTIES,
    SKIPPED_VERBS,
    UNMODELLED_CLASSES,
    UNMODELLED_VALUES,
)
from p2p_cosim.grid.dss.words import Word, words

# A value that the engine would read from a file.
_FROM_FILE = re.compile(r"\b\w*file\s*=", flags=re.IGNORECASE)
_ELEMENT = re.compile(r"^([a-z_]\w*)\.(.+)$", flags=re.IGNORECASE)
# Names that houses, their transformers and faults use.
_OURS = re.compile(
    r"((drop_|tie_|ground_)?house|service|ground_(island|end))_\d+|short_circuit",
    flags=re.IGNORECASE,
)
_KNOWN = (*CIRCUIT_CLASSES, *CONTROL_CLASSES, *SKIPPED_CLASSES, *UNMODELLED_CLASSES)
_INVERTERS = (
    "it acts with the feeder's own controls (control.controller: regcontrol), and with others its "
    "elements keep what the file gives them"
)
_AFTER_LIKE = (
    "after like= OpenDSS gives what goes on with ~ to the element that was copied: write it in "
    "one line"
)
_ACTUAL = (
    "loadshape with useactual: its loads keep their own kW, and OpenDSS takes the shape's highest"
)


def is_ours(name: str) -> bool:
    """Whether the program gives this name to elements and buses of its own."""
    return _OURS.fullmatch(name) is not None


def sift(statements: Iterable[Statement]) -> Script:
    """Keep what defines a circuit.

    Raises GridError that lists every other statement with its file and line.
    """
    script, problems, cleared = Script(), list[str](), ""
    for statement in statements:
        if statement.verb == "clear":
            # The engine starts anew, and so does the reader.
            if _has_circuit(script):
                cleared = statement.where
            script, problems = script.cleared(), []
            continue
        problems += [f"{statement.where}: {problem}" for problem in _take(statement, script)]
    if not _has_circuit(script):
        problems.append(
            f"no circuit: the Clear of {cleared} takes away what was before, take it out"
            if cleared
            else "no circuit: begin with 'New Circuit.<name> ...'"
        )
    script.commands += [Command(text, where) for text, where in script.switches.opened()]
    if problems:
        raise GridError("\n".join(["the feeder's files hold what they may not:", *problems]))
    return script


def _has_circuit(script: Script) -> bool:
    return any(re.match(r"new\s+\S*circuit\.", c.text, re.IGNORECASE) for c in script.commands)


def _take(statement: Statement, script: Script) -> Iterator[str]:
    verb = statement.verb
    if verb in SKIPPED_VERBS:
        return
    if verb in REPORTING_VERBS:
        script.skipped[f"command {verb}: the program writes and draws its own results"] += 1
        return
    if verb in ("buscoords", "latlongcoords"):
        script.coordinates.append(statement)
    elif verb == "set":
        yield from take_settings(statement, script)
    elif verb == "setkvbase":
        script.bases.append(Command(statement.text, statement.where))
    elif verb == "var":
        if "file" in statement.rest.lower():
            yield "variable with a value from a file: write the numbers here"
        elif "=" in statement.rest:
            script.commands.append(Command(statement.text, statement.where))
    elif verb in ELEMENT_VERBS:
        yield from _element(statement, verb, statement.rest, script)
    elif not verb and "." in (first := words(statement.text)[0]).name:
        element, _, given = first.name.rpartition(".")
        rest = statement.text[statement.text.index("=") :]
        yield from _element(statement, "edit", f'"{element}" {given}{rest}', script)
    elif verb in ("", "more"):
        yield from _continued(statement, script)
    else:
        yield _refusal(verb)


def _refusal(verb: str) -> str:
    if verb in CHANGING_VERBS:
        return (
            f"command {verb!r} would change the circuit: run it in OpenDSS, and give the feeder "
            "that 'save circuit' writes"
        )
    return (
        f"command {verb!r} is not allowed: a feeder's files may only define a circuit "
        "(New, Edit, Set, Open, Close, Redirect, BusCoords)"
    )


def _element(statement: Statement, verb: str, rest: str, script: Script) -> Iterator[str]:
    found = words(rest)
    name = found[0].value if found and found[0].name in ("", "object") else ""
    match = _ELEMENT.match(name)
    if match is None:
        yield f"{statement.text[:40]!r} names no element: write it as 'New Line.name ...'"
        return
    kind, own = match.group(1).lower(), match.group(2)
    taken = script.controls if kind in CONTROL_CLASSES else script.commands
    is_taken = kind in (*CIRCUIT_CLASSES, *CONTROL_CLASSES)
    copied = any(word.name == "like" for word in found[1:])
    script.active = Active(kind, own, taken if is_taken else None, copied)
    if kind in SKIPPED_CLASSES:
        script.skipped[f"{kind}: it {SKIPPED_CLASSES[kind]}"] += 1
        yield from _properties(found[1:], "", statement.where, script.active, script)
    elif not is_taken:
        yield _unknown_class(kind)
    elif kind not in CONTROL_CLASSES and is_ours(own):
        yield f"{kind}.{own} has a name that this program gives: rename it"
    elif verb in ("open", "close") and kind in POWER_CLASSES:
        yield from _worked(verb, kind, found, statement.where, script)
    else:
        if kind in INVERTER_CONTROLS:
            script.skipped[f"{kind}: {_INVERTERS}"] += 1
        head = f"{verb} {_quoted(name)}"
        yield from _properties(found[1:], head, statement.where, script.active, script)


def _worked(verb: str, kind: str, found: list[Word], where: str, script: Script) -> Iterator[str]:
    """Open or close what draws or gives power, as a whole: of one that is open the engine tells
    the powers of one that is not."""
    if len(found) > len(("load.a", "1")):
        name = found[0].value
        yield f"{verb} {name} works one conductor of a {kind}: write one for each phase instead"
        return
    state = "no" if verb == "open" else "yes"
    script.commands.append(Command(f"edit {_quoted(found[0].value)} enabled={state}", where))


def _continued(statement: Statement, script: Script) -> Iterator[str]:
    """The next edit of the same element."""
    if script.active is None:
        yield f"{statement.text[:40]!r} goes on with no element: begin with 'New Line.name ...'"
    elif found := words(statement.rest):
        if script.active.copied and script.active.taken is not None:
            script.skipped[f"{statement.where}: {_AFTER_LIKE}"] += 1
        yield from _properties(found, "~", statement.where, script.active, script)


def _properties(
    found: list[Word], head: str, where: str, active: Active, script: Script
) -> Iterator[str]:
    """Hand over what the active element is given, if it is taken."""
    if active.kind == "loadshape" and any(map(_is_actual, found)):
        script.skipped[_ACTUAL] += 1
    if active.kind in SWITCH_CLASSES:
        script.switches.take(active.kind, active.own, found, where)
    if active.taken is None:
        return
    told = properties_of(active.kind, found)
    kept = [
        (name, _without_class(word) if active.kind in INVERTER_CONTROLS else word)
        for name, word in zip(told, found, strict=True)
        if not _is_skipped(name, script)
    ]
    if len(kept) < len(found):
        kept = [(name, _by_name(name, word)) for name, word in kept]
    yield from _unmodelled(kept, active, script)
    if any(name.endswith("file") or _FROM_FILE.search(word.value) for name, word in kept):
        if active.kind == "xycurve":  # it matters only where it is used
            script.curves_of_files[active.own.lower()] = where
            script.active = replace(active, taken=None)
        else:
            yield f"{active.kind}.{active.own} takes a value from a file: write the numbers here"
    elif kept or head != "~":
        try:
            plain = [word for _, word in kept]
            plain = _curve(plain, active, script) if active.kind == "xycurve" else plain
        except GridError as error:
            yield f"xycurve.{active.own}: {error}"
        else:
            active.taken.append(Command(" ".join([head, *(word.text for word in plain)]), where))


def _unmodelled(kept: list[tuple[str, Word]], active: Active, script: Script) -> Iterator[str]:
    for name, word in kept:
        value = word.value.lower()
        if value in script.curves_of_files and "curve" in name:
            yield (
                f"{active.kind}.{active.own} uses xycurve.{word.value}, whose values come from a "
                f"file: write the numbers at {script.curves_of_files[value]}"
            )
        if why := UNMODELLED_VALUES.get((active.kind, name, value)):
            yield f"{active.kind}.{active.own} has {name}={word.value}, which {why}"


def _curve(kept: list[Word], active: Active, script: Script) -> list[Word]:
    plain = plain_curve(kept, sized=active.own.lower() in script.curves)
    if any(word.name == "npts" for word in plain):
        script.curves.add(active.own.lower())
    return plain


def _without_class(word: Word) -> Word:
    """What `save circuit` writes for the old list of an InvControl, which takes names alone."""
    if word.name != "pvsystemlist":
        return word
    return replace(word, text=re.sub(r"pvsystem\.", "", word.text, flags=re.IGNORECASE))


def _by_name(name: str, word: Word) -> Word:
    """With its name, so that it does not depend on what stood before it."""
    return replace(word, text=f"{name}={word.text}") if name and not word.name else word


def _is_actual(word: Word) -> bool:
    is_option = len(word.name) > len("use") and "useactual".startswith(word.name)
    return is_option and word.value[:1].lower() in ("y", "t")


def _is_skipped(name: str, script: Script) -> bool:
    if name not in SKIPPED_PROPERTIES:
        return False
    script.skipped[f"property {name}: what it refers to is skipped"] += 1
    return True


def _unknown_class(kind: str) -> str:
    if kind in UNMODELLED_CLASSES:
        return f"class {kind!r} is not modelled: {UNMODELLED_CLASSES[kind]}"
    nearest = get_close_matches(kind, _KNOWN, n=1, cutoff=0.75)
    if nearest:
        return f"class {kind!r} is no class of OpenDSS: did you mean {nearest[0]!r}?"
    return f"class {kind!r} is no class of OpenDSS: leave it out"


def _quoted(name: str) -> str:
    return f'"{name}"' if re.search(r"[\s,=]", name) else name
