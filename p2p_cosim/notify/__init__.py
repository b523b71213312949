"""Telling people: from alarms to messages, without making a tick wait.

    alarms --AlertDesk--> alerts --Notifier--> outbox file --Courier--> webhook --n8n--> Telegram

docs/alerts.md takes a person from nothing to the first message.
"""

from p2p_cosim.notify.desk import AlertDesk, Shelf
from p2p_cosim.notify.notifiers import NullNotifier, OutboxNotifier, WebhookNotifier
from p2p_cosim.notify.outbox import Outbox, Receipts, State, alerts_folder

__all__ = [
    "AlertDesk",
    "NullNotifier",
    "Outbox",
    "OutboxNotifier",
    "Receipts",
    "Shelf",
    "State",
    "WebhookNotifier",
    "alerts_folder",
]
