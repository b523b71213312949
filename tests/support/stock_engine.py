"""The stock engine's own reading of a feeder: the reference for what the package reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from opendssdirect import dss

_SNAPSHOT = 0
_LEFT_OUT = ("fuse", "relay", "recloser", "swtcontrol", "storagecontroller")
"""Controls that the package does not take."""
_ACTING = (
    *("fuse", "relay", "recloser", "storagecontroller"),
    *("regcontrol", "capcontrol", "invcontrol", "expcontrol"),
)


def node_voltages(
    master: Path, taps: list[tuple[str, int]], *, controls: bool = False
) -> dict[str, float] | None:
    """Node voltages in V by `bus.node`, None without a solution.

    taps: transformers and windings that are put to neutral first. controls: whether the file's
    own controls then act until nothing moves.
    Raises DSSException for what the engine refuses.
    """
    engine = _compiled(master)
    for command in _opened_by_switches(master):
        engine.Text.Command(command)
    for transformer, winding in taps:
        engine.Text.Command(f'edit "transformer.{transformer}" wdg={winding} tap=1')
    mode = "static" if controls else "off"
    for option in (
        *(f"controlmode={mode}", "maxcontroliter=100", "tolerance=1e-9", "maxiterations=300"),
    ):
        engine.Text.Command(f"set {option}")
    if controls:
        _disable_what_is_left_out(engine)
        engine.Solution.SolveDirect()  # inverter controls end within a band: where depends on it
    engine.Solution.Solve()
    if not engine.Solution.Converged():
        return None
    names = [name.lower() for name in engine.Circuit.AllNodeNames()]
    return dict(zip(names, engine.Circuit.AllBusVMag(), strict=True))


def _opened_by_switches(master: Path) -> list[str]:
    """What switch controls open once they act; everything else that acts is off."""
    engine = _compiled(master)
    if not _has(engine, "swtcontrol"):
        return []
    for kind in _ACTING:
        if _has(engine, kind):
            engine.Text.Command(f"batchedit {kind}..* enabled=no")
    engine.Text.Command("set controlmode=static")
    engine.Solution.Solve()
    found = []
    for _ in engine.SwtControls:
        thing, terminal = engine.SwtControls.SwitchedObj(), engine.SwtControls.SwitchedTerm()
        engine.Circuit.SetActiveElement(thing)
        if engine.CktElement.IsOpen(terminal, 0):
            found.append(f'open "{thing}" {terminal}')
    return found


def _has(engine: Any, kind: str) -> bool:
    return int(engine.Circuit.SetActiveClass(kind)) >= 0 and engine.ActiveClass.Count() > 0


def _disable_what_is_left_out(engine: Any) -> None:
    for kind in _LEFT_OUT:
        if _has(engine, kind):
            engine.Text.Command(f"batchedit {kind}..* enabled=no")


def _compiled(master: Path) -> Any:
    engine = dss.NewContext()
    engine.Basic.AllowChangeDir(False)
    engine.Basic.AllowEditor(False)
    engine.Basic.AllowForms(False)
    engine.Text.Command(f'compile "{master}"')
    if engine.Solution.Mode() != _SNAPSHOT:
        engine.Text.Command("set mode=snap")  # which also puts switch controls back to normal
    return engine
