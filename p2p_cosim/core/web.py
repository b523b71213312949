"""What an address in a scenario may look like. Messages never repeat it: it may hold a secret."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

LONGEST_LINK = 2000
"""Characters; a message with more would near the 4,096 that Telegram takes."""


def link_problem(url: str) -> str | None:
    """What is wrong with a link for people to follow, or None."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return "is no web address: write https://host/path"
    if parts.scheme not in ("http", "https") or not host or not url.isprintable() or " " in url:
        return "is no web address: write https://host/path"
    if len(url) > LONGEST_LINK:
        return f"is {len(url)} characters long, above the limit of {LONGEST_LINK}: shorten it"
    if parts.username is not None or parts.password is not None:
        return "holds a user name or password, and scenarios are published: remove it"
    return None


def receiver_problem(url: str) -> str | None:
    """What is wrong with an address that a secret token is sent to, or None."""
    if problem := link_problem(url):
        return problem
    parts = urlsplit(url)
    if parts.query or parts.fragment:
        return "has a query or fragment, where secrets are often put: write the address alone"
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        return "would send a token unencrypted: write https, which only this machine may omit"
    return None


def is_loopback(host: str) -> bool:
    """Whether a host, by name or address, is this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
