"""`alerts`: what a run had to tell, sending what is left, and installing n8n's workflows."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import typer

from p2p_cosim.core.errors import DeliveryError, InputError
from p2p_cosim.notify.courier import Backoff, Courier
from p2p_cosim.notify.events import Event
from p2p_cosim.notify.install import install
from p2p_cosim.notify.outbox import Outbox, Receipts, alerts_folder
from p2p_cosim.notify.webhook import Webhook, token_from_environment
from p2p_cosim.record import Results

FLUSH_ATTEMPTS = 4  # waits 0.5, 1 and 2 s between them
_CLOSE_S = 15.0  # longer than a post may take


def install_workflows() -> None:
    """Import and publish the workflows, and say what is left to do."""
    for name in install():
        typer.echo(f"published in n8n: {name}")
    typer.echo("start n8n now; one that runs already must be started anew")


def flush_alerts(run: Path, url: str | None, *, again: bool) -> None:
    """Send every event of a run that no receipt shows as delivered; with `again`, every one.

    Raises DeliveryError if one is left.
    """
    folder = alerts_folder(run)
    outbox, receipts = Outbox(folder), Receipts(folder)
    events = outbox.read()
    webhook = Webhook(url or _url_of(run), token_from_environment())
    with receipts.lock():
        known = set() if again else receipts.delivered()
        due = [event for event in events if event.event_id not in known]
        courier = Courier(webhook.post, receipts, Backoff(FLUSH_ATTEMPTS))
        courier.send(due)
        try:
            courier.wait()
        finally:
            courier.close(_CLOSE_S)
    left = courier.waiting + len(courier.rejections)
    typer.echo(
        f"{len(due) - left} delivered, {len(events) - len(due)} were before, {left} left of "
        f"{len(events)} alerts"
    )
    troubles = [*courier.rejections, *([courier.failure] if courier.failure else [])]
    if troubles:
        raise DeliveryError("\n".join(map(str, troubles)))


def show_alerts(run: Path, *, as_json: bool) -> None:
    """Print every event with its texts and whether it has arrived, and what was suppressed."""
    folder = alerts_folder(run)
    events, delivered = Outbox(folder).read(), Receipts(folder).delivered()
    suppressed = _suppressed(run)
    if as_json:
        listed = [
            {**event.model_dump(), "delivered": event.event_id in delivered} for event in events
        ]
        typer.echo(json.dumps({"events": listed, "suppressed": suppressed}))
        return
    for event in events:
        typer.echo(_text(event, arrived=event.event_id in delivered))
    held = ", ".join(f"{count} {reason}" for reason, count in suppressed.items()) or "none"
    typer.echo(f"{len(events)} alerts, {len(delivered)} delivered; suppressed: {held}")


def _text(event: Event, *, arrived: bool) -> str:
    state = "delivered" if arrived else "waiting"
    head = f"tick {event.tick}  {event.time}  {event.kind} at {event.house}  {state}"
    return "\n".join([head, *(f"  {message.to}: {message.text}" for message in event.messages)])


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
