"""Telling people: from alarms to messages, without making a tick wait.

    alarms --AlertDesk--> alerts (one a house) --notices_of--> notices (one a cause)
    --Outbox--> file --Courier--> webhook --n8n--> Telegram

An alarm is what a detector raises, an alert what happened to one house, a notice what one cause
makes people read, and a message one text of it for one chat.

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
