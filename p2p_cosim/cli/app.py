"""Commands. Heavy imports stand inside them, so that `--help` answers at once."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from p2p_cosim.core.errors import CosimError, InputError

FAILED, WRONG_INPUT, INTERRUPTED = 1, 2, 130

app = typer.Typer(
    name="p2p-cosim",
    help="Peer-to-peer energy markets on a real distribution feeder.\n\n"
    "A scenario file says what to simulate; a run leaves a folder of tables; figures are "
    "drawn from the tables alone.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


ScenarioFile = Annotated[
    Path, typer.Argument(help="Scenario file, such as scenarios/trading_day.yaml.")
]
Change = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="FIELD=VALUE",
        help="Change a field of the scenario, by its name or dotted path; may be repeated. "
        "Example: --set pv_share=0.8 --set market.k=0.4",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout instead.")]


@app.command()
def run(
    scenario: ScenarioFile,
    seed: Annotated[
        int | None, typer.Option(help="Root of every random number; the scenario's if not given.")
    ] = None,
    chain: Annotated[
        str | None,
        typer.Option(
            metavar="BACKEND",
            help="The EVM to run the contract on: pyevm, ethtester, anvil, revm, or jsonrpc:URL "
            "of a running anvil or Hardhat node. See docs/chains.md.",
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder that results are written below.")] = Path(
        "results"
    ),
    change: Change = None,
    plot: Annotated[bool, typer.Option("--plot", help="Draw the figures when done.")] = False,
    json: Json = False,
) -> None:
    """Run a scenario, tick by tick, and write its tables.

    The folder is OUT/<scenario>/<run id>; the id names scenario, seed and code, so the same
    run lands in the same place with the same bytes. Ctrl-C keeps what was recorded.
    """
    from p2p_cosim.cli.run import run_scenario

    overrides: dict[str, object] = dict(_changes(change))
    if seed is not None:
        overrides["seed"] = seed
    if chain is not None:
        backend, _, url = chain.partition(":")
        overrides |= {"chain.backend": backend, "chain.url": url or None}
    try:
        run_scenario(scenario, overrides, out, plot=plot, as_json=json)
    except KeyboardInterrupt as interrupt:
        _explain(interrupt, "interrupted")
        raise typer.Exit(INTERRUPTED) from None


@app.command()
def check(scenario: ScenarioFile) -> None:
    """Check a scenario file and report every problem at once.

    Exit code 2 if there is one. Measured data that the file names is read and checked too.
    """
    from p2p_cosim.cli.inspect import check_scenario

    check_scenario(scenario)


@app.command()
def show(scenario: ScenarioFile, change: Change = None, json: Json = False) -> None:
    """Print a scenario as it resolves, with every default visible."""
    from p2p_cosim.cli.inspect import show_scenario

    show_scenario(scenario, dict(_changes(change)), as_json=json)


@app.command()
def plot(
    run: Annotated[Path, typer.Argument(help="Folder of a run, as `run` printed it.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder for the figures; RUN/figures if not given.")
    ] = None,
    tick: Annotated[
        int | None,
        typer.Option(help="Tick of the supply and demand curve and of the feeder map."),
    ] = None,
) -> None:
    """Draw the figures of a run as PNG and SVG, from its tables alone."""
    from p2p_cosim.cli.plot import plot_run

    plot_run(run, out, tick)


@app.command()
def summary(
    run: Annotated[Path, typer.Argument(help="Folder of a run, as `run` printed it.")],
    json: Json = False,
) -> None:
    """Print the closing summary of a run again."""
    from p2p_cosim.cli.report import print_summary
    from p2p_cosim.record import Results

    print_summary(Results.load(run), as_json=json)


Quick = Annotated[
    bool, typer.Option("--quick", help="A small configuration: seconds, and good for nothing else.")
]


@app.command()
def train_detector(
    out: Annotated[Path, typer.Option(help="File of the model.")] = Path("detector.json"),
    seed: Annotated[int, typer.Option(help="Root of the forest's random splits.")] = 1,
    quick: Quick = False,
) -> None:
    """Train the learned fault detector on simulated faults and write it as JSON.

    The model that ships is this command's, byte for byte. Needs scikit-learn: pip install
    'p2p-cosim[detect]'.
    """
    from p2p_cosim.cli.detection import train_detector

    train_detector(out, seed=seed, quick=quick)


@app.command()
def evaluate_detector(
    out: Annotated[Path, typer.Option(help="Folder for verdicts, tables and figures.")] = Path(
        "results/detection"
    ),
    model: Annotated[
        Path | None, typer.Option(help="Model to measure; the one that ships if not given.")
    ] = None,
    page: Annotated[
        Path | None, typer.Option(help="Page between whose marks the tables are written.")
    ] = None,
    quick: Quick = False,
) -> None:
    """Measure every fault detector on days, faults and places that none was trained on."""
    from p2p_cosim.cli.detection import evaluate_detector

    evaluate_detector(out, model, page, quick=quick)


alerts = typer.Typer(
    help="Tell people about outages: what a run had to tell, and who was told.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(alerts, name="alerts")
RunFolder = Annotated[Path, typer.Argument(help="Folder of a run, as `run` printed it.")]


@alerts.command("install")
def alerts_install() -> None:
    """Put the two workflows into the local n8n, with tokens and chats from the environment.

    Needs P2P_ALERT_TOKEN, TELEGRAM_BOT_TOKEN, TELEGRAM_CHAT_SUBSTATION and
    TELEGRAM_CHAT_HOMEOWNER. N8N_BIN names the n8n command if it is not on PATH.
    """
    from p2p_cosim.cli.alerts import install_workflows

    install_workflows()


@alerts.command("flush")
def alerts_flush(
    run: RunFolder,
    url: Annotated[
        str | None, typer.Option(help="Receiver; the scenario's notify.url if not given.")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Send what was delivered before, too.")
    ] = False,
) -> None:
    """Send the alerts of a run that have not arrived. Needs P2P_ALERT_TOKEN.

    Exit code 1 if one is left. May be repeated and interrupted: nothing is lost, and a
    receiver knows what it gets twice by its event_id.
    """
    from p2p_cosim.cli.alerts import flush_alerts

    flush_alerts(run, url, again=again)


@alerts.command("show")
def alerts_show(run: RunFolder, json: Json = False) -> None:
    """Print the alerts of a run, with their texts and whether they have arrived."""
    from p2p_cosim.cli.alerts import show_alerts

    show_alerts(run, as_json=json)


@app.command("hosting-capacity")
def hosting_capacity(
    scenario: ScenarioFile,
    controller: Annotated[
        list[str] | None,
        typer.Option(help="Controller to search under; may be repeated. The scenario's if none."),
    ] = None,
    field: Annotated[str, typer.Option(help="Field to raise: pv_kw or pv_share.")] = "pv_kw",
    low: Annotated[float, typer.Option(help="Where the search begins.")] = 0.0,
    high: Annotated[
        float | None, typer.Option(help="Where it ends; 20, or 1 for pv_share.")
    ] = None,
    resolution: Annotated[
        float | None, typer.Option(help="How close it gets; 0.5, or 0.05 for pv_share.")
    ] = None,
    change: Change = None,
    json: Json = False,
) -> None:
    """Find the most PV that keeps every house meter at or below the upper limit.

    By bisection; every step is a run that ends at its first violation. Nothing is written.
    """
    from p2p_cosim.cli.hosting import print_hosting_capacity

    share = field.endswith("pv_share")
    most = (1.0 if share else 20.0) if high is None else high
    step = (0.05 if share else 0.5) if resolution is None else resolution
    print_hosting_capacity(
        *(scenario, dict(_changes(change)), controller or ()),
        (field, low, most, step),
        as_json=json,
    )


def main() -> None:
    """Entry point of `p2p-cosim`."""
    try:
        app()
    except CosimError as error:
        _explain(error)
        sys.exit(WRONG_INPUT if isinstance(error, InputError) else FAILED)


def _explain(error: BaseException, text: str = "") -> None:
    typer.echo(f"p2p-cosim: {text or error}", err=True)
    for note in getattr(error, "__notes__", ()):
        typer.echo(f"  {note}", err=True)


def _changes(pairs: list[str] | None) -> list[tuple[str, object]]:
    import yaml

    changes: list[tuple[str, object]] = []
    for pair in pairs or ():
        name, equals, value = pair.partition("=")
        try:
            parsed: object = yaml.safe_load(value)
        except yaml.YAMLError:
            parsed = value
        if not equals or not name:
            raise InputError(f"--set {pair!r} is not FIELD=VALUE: write --set pv_share=0.8")
        changes.append((name, parsed))
    return changes
