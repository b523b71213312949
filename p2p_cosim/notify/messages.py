"""The words that people read. Plain text: escaping is the business of the transport."""

from __future__ import annotations

from collections.abc import Sequence

from p2p_cosim.core.types import Alert, AlertKind, Feed

SUBSTATION = "substation"


def display_name(name: str) -> str:
    """`house_1` as people read it: `House 1`. A name in that form already stays as it is."""
    spaced = name.replace("_", " ")
    return spaced[:1].upper() + spaced[1:]


def to_substation(alert: Alert) -> str:
    """What the people who repair are told."""
    house = display_name(alert.house)
    if alert.kind is AlertKind.RESTORED:
        return f"All clear: {house} has supply again."
    return f"Alert: A fault has been detected at {house}. Please initiate rectification procedures."


def to_homeowner(alert: Alert, dapp_url: str) -> str:
    """What the people in the house are told."""
    if alert.kind is AlertKind.RESTORED:
        return "All clear: your house has supply again."
    return f"A fault has been detected at your house. {_way_out(alert, dapp_url)}"


def _way_out(alert: Alert, dapp_url: str) -> str:
    if alert.path is Feed.BATTERY:
        return "Your battery supplies it as long as it lasts."
    if alert.path is not Feed.TIE:
        return "No backup path can supply it: it stays without power until the repair."
    if not alert.sellers:
        return (
            "Nobody can sell you backup power at the moment; new offers appear on our trading "
            f"platform: {dapp_url}."
        )
    sellers = _either([display_name(seller) for seller in alert.sellers])
    return f"You can buy backup power from {sellers} on our trading platform: {dapp_url}."


def _either(names: Sequence[str]) -> str:
    """`A`, `A or B`, `A, B or C`."""
    *first, last = names
    return f"{', '.join(first)} or {last}" if first else last
