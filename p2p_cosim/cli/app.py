"""The command `p2p-cosim`."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from p2p_cosim import __version__
from p2p_cosim.cli.commands.alerts import alerts
from p2p_cosim.cli.commands.check import check
from p2p_cosim.cli.commands.cite import cite
from p2p_cosim.cli.commands.detection import evaluate_detector, train_detector
from p2p_cosim.cli.commands.docs import docs
from p2p_cosim.cli.commands.doctor import doctor
from p2p_cosim.cli.commands.examples import examples
from p2p_cosim.cli.commands.export_page import export_page
from p2p_cosim.cli.commands.hosting import hosting_capacity
from p2p_cosim.cli.commands.import_series import import_series
from p2p_cosim.cli.commands.new import new
from p2p_cosim.cli.commands.plot import plot
from p2p_cosim.cli.commands.reproduce import reproduce
from p2p_cosim.cli.commands.run import run
from p2p_cosim.cli.commands.runs import compare, runs
from p2p_cosim.cli.commands.serve import serve
from p2p_cosim.cli.commands.show import show
from p2p_cosim.cli.commands.summary import summary
from p2p_cosim.cli.commands.sweep import sweep
from p2p_cosim.cli.options import FAILED, WRONG_INPUT, explain
from p2p_cosim.cli.shown_by_example import example
from p2p_cosim.core.errors import CosimError, DivergenceError, GridError, InputError

app = typer.Typer(
    name="p2p-cosim",
    help="Peer-to-peer energy markets on a real distribution feeder.\n\n"
    "A scenario file says what to simulate; a run leaves a folder of tables; figures are "
    "drawn from the tables alone.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"p2p-cosim {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """What stands before the name of a command."""


COMMANDS: dict[str, Callable[..., None]] = {
    "run": run,
    "sweep": sweep,
    "serve": serve,
    "check": check,
    "show": show,
    "examples": examples,
    "new": new,
    "doctor": doctor,
    "docs": docs,
    "plot": plot,
    "summary": summary,
    "runs": runs,
    "compare": compare,
    "reproduce": reproduce,
    "cite": cite,
    "train-detector": train_detector,
    "evaluate-detector": evaluate_detector,
    "import": import_series,
    "export-page": export_page,
    "hosting-capacity": hosting_capacity,
}
for name, command in COMMANDS.items():
    app.command(name, epilog=example(name))(command)
app.add_typer(alerts, name="alerts")


def main() -> None:
    """Entry point of `p2p-cosim`."""
    try:
        app()
    except CosimError as error:
        explain(error)
        sys.exit(_exit_code(error))
    except ModuleNotFoundError as error:
        explain(error, f"{error}: p2p-cosim doctor says what is not installed")
        sys.exit(FAILED)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        explain(error, "no space is left where the output goes: give it another place")
        # What is buffered is lost as well, and is not tried again when the process ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)


def _exit_code(error: CosimError) -> int:
    """A feeder that cannot be built is wrong input; one that diverges is a run that failed."""
    refused = isinstance(error, GridError) and not isinstance(error, DivergenceError)
    return WRONG_INPUT if refused or isinstance(error, InputError) else FAILED
