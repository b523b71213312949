"""`doctor`: what is installed, in which versions, and what is missing for what."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import typer
from packaging.requirements import Requirement

from p2p_cosim import __version__
from p2p_cosim.cli.options import FAILED
from p2p_cosim.core.errors import CosimError
from p2p_cosim.sweeps.engine import cores

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
    """Print what is there; exit with code 1 if a run could not be made."""
    typer.echo(f"p2p-cosim {__version__}")
    typer.echo(f"Python {platform.python_version()} at {sys.executable}")
    typer.echo(f"{platform.platform()}, {cores()} cores to use")
    core = list(requirements())
    typer.echo("\nneeded for every run:")
    for finding in core:
        typer.echo(f"  {'ok     ' if finding.good else 'WRONG  '} {finding}")
    problem = _not_writable(out)
    typer.echo(f"  {'WRONG  ' if problem else 'ok     '} results go to {problem or out.resolve()}")
    typer.echo("\nneeded for more:")
    for name, what in EXTRAS.items():
        lacking = [str(finding) for finding in requirements(name) if not finding.good]
        typer.echo(f"  {'missing' if lacking else 'ok     '} {what} (extra {name!r})")
        for line in lacking:
            typer.echo(f"            {line}")
        if lacking:
            typer.echo(f'            pip install "{DISTRIBUTION}[{name}]"')
    anvil = _anvil()
    typer.echo(f"  {'missing' if anvil else 'ok     '} --chain anvil{f': {anvil}' * bool(anvil)}")
    if problem or not all(finding.good for finding in core):
        raise typer.Exit(FAILED)


def requirements(extra: str = "") -> Iterator[Finding]:
    """What this distribution requires: for every run, or what an extra adds."""
    for line in requires(DISTRIBUTION) or ():
        wanted = Requirement(line)
        marker = wanted.marker
        if marker is None:
            applies = not extra
        else:
            always = marker.evaluate({"extra": ""})
            applies = marker.evaluate({"extra": extra}) and always == (not extra)
        if applies:
            yield found(wanted)


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
