"""How much of the faucet's ether whoever asks may have: its gifts fill the chain's memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from time import monotonic

from p2p_cosim.dapp.errors import ConflictError, TooManyError

FAUCET_WEI = 10 * 10**18
MOST_OF_A_SEAT = 3
"""Of a player in a game: his wallet, and two more for keys that he has lost."""

MOST_OF_A_CLIENT, HOUR_S = 30, 3600.0
"""Wallets that one client's address may fill in an hour, where there is no class."""

MOST_OF_A_RUN = 1000


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks. client: the address he connects from. house: of his seat, where a class plays.
    is_teacher: of that class."""

    client: str = ""
    house: str | None = None
    is_teacher: bool = False


class Faucet:
    """What was given in one episode of a run. now: seconds of a clock that never goes back.

    No result depends on that clock: what was refused is no input of the run.
    """

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._given: set[str] = set()
        self._seats: dict[str, int] = {}
        self._clients: dict[str, list[float]] = {}

    def require(self, address: str, asker: Asker) -> None:
        """Raise ConflictError for an address that has had its ether, and TooManyError for somebody
        who has had too much of it."""
        if address in self._given:
            raise ConflictError(f"{address} has had the faucet's ether in this run")
        if len(self._given) >= MOST_OF_A_RUN:
            raise TooManyError(f"the faucet fills {MOST_OF_A_RUN} wallets in a run: reset the run")
        if asker.is_teacher:
            return
        if asker.house is not None:
            if self._seats.get(asker.house, 0) >= MOST_OF_A_SEAT:
                raise TooManyError(
                    f"the faucet fills {MOST_OF_A_SEAT} wallets of a player in a game: go on with "
                    "one that you have, or ask your teacher, whose page has no such limit"
                )
            return
        recent = self._recent(asker.client)
        if len(recent) >= MOST_OF_A_CLIENT:
            wait_min = ceil((recent[0] + HOUR_S - self._now()) / 60)
            raise TooManyError(
                f"the faucet fills {MOST_OF_A_CLIENT} wallets an hour for one computer: go on with "
                f"one that you have, or ask again in {wait_min} min"
            )

    def note(self, address: str, asker: Asker) -> None:
        """Count what was given."""
        self._given.add(address)
        if asker.is_teacher:
            return
        if asker.house is not None:
            self._seats[asker.house] = self._seats.get(asker.house, 0) + 1
        else:
            self._clients[asker.client] = [*self._recent(asker.client), self._now()]

    def _recent(self, client: str) -> list[float]:
        """When this client was given ether in the last hour."""
        since = self._now() - HOUR_S
        return [given for given in self._clients.get(client, ()) if given > since]
