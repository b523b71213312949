"""`alerts install`, `listen`, `flush` and `show`."""

from __future__ import annotations

from typing import Annotated

import typer

from p2p_cosim.cli.options import Json, RunFolder
from p2p_cosim.cli.shown_by_example import example

alerts = typer.Typer(
    help="Tell people about outages: what a run had to tell, and who was told.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@alerts.command("install", epilog=example("alerts install"))
def alerts_install() -> None:
    """Put the two workflows into the local n8n, with tokens and chats from the environment.

    Needs P2P_ALERT_TOKEN, TELEGRAM_BOT_TOKEN, TELEGRAM_CHAT_SUBSTATION and
    TELEGRAM_CHAT_HOMEOWNER. N8N_BIN names the n8n command if it is not on PATH.
    """
    from p2p_cosim.cli.alerts import install_workflows

    install_workflows()


@alerts.command("listen", epilog=example("alerts listen"))
def alerts_listen(
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="Port on 127.0.0.1; n8n's if not given.")
    ] = 5678,
) -> None:
    """Show what would reach people, without n8n: a receiver on this machine, until Ctrl-C.

    Needs P2P_ALERT_TOKEN, and runs with notify.sink webhook or `alerts flush` in another
    terminal.
    """
    from p2p_cosim.cli.alerts import listen_for_alerts

    listen_for_alerts(port)


@alerts.command("flush", epilog=example("alerts flush"))
def alerts_flush(
    run: RunFolder,
    url: Annotated[
        str | None, typer.Option(help="Receiver; the scenario's notify.url if not given.")
    ] = None,
    again: Annotated[
        bool,
        typer.Option("--again", help="Send everything anew, also what people have read."),
    ] = False,
) -> None:
    """Hand over the alerts of a run that wait. Needs P2P_ALERT_TOKEN.

    Exit code 1 if one is left. May be repeated and interrupted: nothing is lost, and a
    receiver knows what it gets twice by its event_id.
    """
    from p2p_cosim.cli.alerts import flush_alerts

    flush_alerts(run, url, again=again)


@alerts.command("show", epilog=example("alerts show"))
def alerts_show(run: RunFolder, json: Json = False) -> None:
    """Print the alerts of a run, with their texts and how far they have come."""
    from p2p_cosim.cli.alerts import show_alerts

    show_alerts(run, as_json=json)
