"""`alerts`: what a run had to tell, sending what waits, a receiver for trying, and n8n."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from pathlib import Path

import typer

from p2p_cosim.core.errors import DeliveryError, InputError
from p2p_cosim.notify.courier import Backoff, Courier
from p2p_cosim.notify.install import install
from p2p_cosim.notify.listener import Listener
from p2p_cosim.notify.notices import Notice
from p2p_cosim.notify.outbox import Outbox, Receipts, State, alerts_folder
from p2p_cosim.notify.webhook import Webhook, token_from_environment
from p2p_cosim.record import Results

FLUSH_ATTEMPTS = 4  # waits 0.5, 1 and 2 s between them
WAITING = "waiting"  # not handed over yet
_CLOSE_S = 15.0  # longer than a post may take


def install_workflows() -> None:
    """Import and publish the workflows, and say what is left to do."""
    installed = install()
    for name in installed.workflows:
        typer.echo(f"published in n8n: {name}")
    for remark in installed.remarks:
        typer.echo(remark)
    typer.echo("start n8n now; one that runs already must be started anew")


def listen_for_alerts(port: int) -> None:
    """Receive notices on this machine and print them as people would read them, until Ctrl-C.

    Raises InputError if the token is missing or the port is taken.
    """
    with Listener(token_from_environment(), port, typer.echo) as listener:
        typer.echo(f"listening at {listener.url}; Ctrl-C ends it")
        try:
            listener.serve()
        except KeyboardInterrupt:
            typer.echo(f"{listener.shown} notices shown")


def flush_alerts(run: Path, url: str | None, *, again: bool) -> None:
    """Hand over every notice of a run that waits; with `again`, every one, and to people.

    Raises DeliveryError if one is left.
    """
    folder = alerts_folder(run)
    outbox, receipts = Outbox(folder), Receipts(folder)
    notices = outbox.read()
    webhook = Webhook(url or _url_of(run), token_from_environment())
    with receipts.lock():
        known = {} if again else receipts.states()
        due = [notice for notice in notices if notice.event_id not in known]
        if again:  # a mark of this flush, so that its own repeats are known as such
            mark = secrets.token_hex(8)
            due = [notice.model_copy(update={"again": mark}) for notice in due]
        courier = Courier(webhook.post, receipts, Backoff(FLUSH_ATTEMPTS))
        courier.send(due)
        try:
            courier.wait()
        finally:
            courier.close(_CLOSE_S)
    left = courier.waiting + len(courier.rejections)
    said = ", ".join(f"{courier.said[state]} {state}" for state in State if courier.said[state])
    typer.echo(
        f"{said or 'none handed over'}, {len(notices) - len(due)} were before, {left} left of "
        f"{len(notices)} notices"
    )
    if courier.said[State.HANDED_OVER]:
        typer.echo("what was handed over is the receiver's: n8n shows it as Telegram lets it")
    if courier.said[State.KNOWN]:
        typer.echo("the receiver had the known ones before and told nobody: --again insists")
    troubles = [*courier.rejections, *([courier.failure] if courier.failure else [])]
    if troubles:
        raise DeliveryError("\n".join(map(str, troubles)))


def show_alerts(run: Path, *, as_json: bool) -> None:
    """Print every notice with its texts and how far it has come, and what was suppressed."""
    folder = alerts_folder(run)
    notices, states = Outbox(folder).read(), Receipts(folder).states()
    suppressed = _suppressed(run)
    if as_json:
        listed = [
            {**notice.model_dump(exclude={"again"}), "state": states.get(notice.event_id, WAITING)}
            for notice in notices
        ]
        typer.echo(json.dumps({"notices": listed, "suppressed": suppressed}))
        return
    reached = [states.get(notice.event_id, WAITING) for notice in notices]
    for notice, state in zip(notices, reached, strict=True):
        typer.echo(_text(notice, state))
    counts = ", ".join(f"{count} {state}" for state, count in Counter(reached).items())
    held = ", ".join(f"{count} {reason}" for reason, count in suppressed.items()) or "none"
    typer.echo(f"{len(notices)} notices: {counts}; alerts suppressed: {held}")


def _text(notice: Notice, state: str) -> str:
    where = notice.element or f"{len(notice.houses)} houses"
    head = f"tick {notice.tick}  {notice.time}  {notice.kind} at {where}  {state}"
    return "\n".join([head, *(f"  {message.to}: {message.text}" for message in notice.messages)])


def _suppressed(run: Path) -> dict[str, int]:
    """How many alerts were not told, by reason; empty for a run that left no tables."""
    if not run.is_dir() or run == alerts_folder(run):
        return {}
    reasons = Results.load(run).alerts["suppressed"]
    return dict(sorted(Counter(reasons[reasons != ""]).items()))


def _url_of(run: Path) -> str:
    if run.is_dir() and run != alerts_folder(run):
        return str(Results.load(run).scenario["notify"]["url"])
    raise InputError(f"{run} left no scenario that names a receiver: give one with --url")
