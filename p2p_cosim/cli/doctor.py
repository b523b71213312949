"""`doctor`: what is installed, in which versions, and what is missing for what."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import typer
from packaging.requirements import Requirement

from p2p_cosim import __version__
from p2p_cosim.cli.options import FAILED
from p2p_cosim.core.errors import CosimError

DISTRIBUTION = "p2p-cosim"
EXTRAS = {
    "detect": "p2p-cosim train-detector",
    "dapp": "p2p-cosim serve",
    "dask": "p2p-cosim sweep --dask",
    "data": "Sweep.to_xarray",
    "notebook": "JupyterLab and the stepper",
}
"""What each extra that users install is for."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One requirement. installed: its version, or "" if it is not there."""

    name: str
    wanted: str
    installed: str
    good: bool

    def __str__(self) -> str:
        if not self.installed:
            return f"{self.name}: not installed ({self.wanted or 'any version'} is needed)"
        return f"{self.name} {self.installed}" + f": {self.wanted} is needed" * (not self.good)


def examine(out: Path) -> None:
    """Print what is there; exit with code 1 if a run could not be made.

    Nothing that a run needs is imported before it is looked at, so that what is broken is told.
    """
    typer.echo(f"p2p-cosim {__version__}")
    typer.echo(f"Python {platform.python_version()} at {sys.executable}")
    typer.echo(platform.platform())
    core = list(requirements())
    typer.echo("\nneeded for every run:")
    for finding in core:
        typer.echo(f"  {'ok     ' if finding.good else 'WRONG  '} {finding}")
    broken = _broken()
    typer.echo(f"  {'WRONG  ' if broken else 'ok     '} {broken or 'all of it can be imported'}")
    problem = "" if broken else _not_writable(out)
    if not broken:
        told = problem or f"results go to {out.resolve()}"
        typer.echo(f"  {'WRONG  ' if problem else 'ok     '} {told}")
    typer.echo("\nneeded for more:")
    for name, what in EXTRAS.items():
        lacking = [str(finding) for finding in requirements(name) if not finding.good]
        typer.echo(f"  {'missing' if lacking else 'ok     '} {what} (extra {name!r})")
        for line in lacking:
            typer.echo(f"            {line}")
        if lacking:
            typer.echo(f'            pip install "{DISTRIBUTION}[{name}]"')
    if not broken:
        anvil = _anvil()
        typer.echo(
            f"  {'missing' if anvil else 'ok     '} --chain anvil{f': {anvil}' * bool(anvil)}"
        )
    if broken or problem or not all(finding.good for finding in core):
        raise typer.Exit(FAILED)


def _broken() -> str:
    """Why a run could not even be begun, or "". A package may be there and not load."""
    try:
        import_module("p2p_cosim.running")
    except Exception as error:  # of any package, which may raise what it likes
        kind = type(error).__name__
        return f"cannot be imported: {kind}: {error}; pip install --force-reinstall {DISTRIBUTION}"
    return ""


def requirements(extra: str = "") -> Iterator[Finding]:
    """What this distribution requires: for every run, or what an extra adds."""
    for line in _required():
        wanted = Requirement(line)
        marker = wanted.marker
        if marker is None:
            applies = not extra
        else:
            always = marker.evaluate({"extra": ""})
            applies = marker.evaluate({"extra": extra}) and always == (not extra)
        if applies:
            yield found(wanted)


def _required() -> list[str]:
    """What the distribution asks for; nothing is known of a folder that is not installed."""
    try:
        return requires(DISTRIBUTION) or []
    except PackageNotFoundError:
        typer.echo(f"  WRONG   {DISTRIBUTION} is a folder and not installed: pip install -e .")
        raise typer.Exit(FAILED) from None


def found(wanted: Requirement) -> Finding:
    """What is installed of a requirement."""
    try:
        there = version(wanted.name)
    except PackageNotFoundError:
        return Finding(wanted.name, str(wanted.specifier), "", good=False)
    good = wanted.specifier.contains(there, prereleases=True)
    return Finding(wanted.name, str(wanted.specifier), there, good)


def _not_writable(out: Path) -> str:
    """Why nothing can be written there, or ""."""
    from p2p_cosim.record import check_writable

    try:
        check_writable(out / "doctor" / "run")
    except CosimError as error:
        return str(error)
    return ""


def _anvil() -> str:
    """Why there is no anvil, or ""."""
    from p2p_cosim.chain.jsonrpc.anvil import find_anvil

    try:
        find_anvil()
    except CosimError as error:
        return str(error)
    return ""
