"""Who is told about outages: the scenario's section as the model takes it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from p2p_cosim.core.protocols import Notifier
from p2p_cosim.notify import (
    AlertDesk,
    NullNotifier,
    Outbox,
    OutboxNotifier,
    Receipts,
    Shelf,
    WebhookNotifier,
    alerts_folder,
)
from p2p_cosim.notify.causes import Element, messages_a_tick
from p2p_cosim.notify.notices import notices_of
from p2p_cosim.scenario import Scenario


def alert_desk_of(scenario: Scenario, run_id: str, elements: Sequence[Element]) -> AlertDesk:
    """The desk that decides what is told. elements: what houses can lie behind together."""
    notify = scenario.notify
    shelves = [Shelf(entry.house, entry.start_tick, entry.end_tick) for entry in notify.shelved]
    at_once = messages_a_tick(scenario.clock.clock().interval_s)
    return AlertDesk(run_id, notify.restore_delay_ticks, shelves, elements, at_once)


def notifier_of(scenario: Scenario, run_id: str, run_folder: Path | None) -> Notifier:
    """The notifier of a run that is written to `run_folder`, or None. Nothing is written yet.

    Raises InputError if the sink is `webhook` and the environment has no token for it, or names
    an authority that cannot be read.
    """
    notify = scenario.notify
    if notify.sink is None or run_folder is None:
        return NullNotifier()
    folder = alerts_folder(run_folder)
    render = partial(
        notices_of,
        scenario=scenario.name,
        run_id=run_id,
        clock=scenario.clock.clock(),
        dapp_url=notify.dapp_url,
        operator_url=notify.operator_url,
    )
    if notify.sink == "jsonl":
        return OutboxNotifier(Outbox(folder), render)
    # Imported here, because only this sink needs an HTTP library.
    from p2p_cosim.notify.webhook import Webhook, token_from_environment

    webhook = Webhook(notify.url, token_from_environment())
    return WebhookNotifier(Outbox(folder), render, Receipts(folder), webhook.post)
