"""What a house without supply is told about backup power."""

from __future__ import annotations

from dataclasses import dataclass

from p2p_cosim.core.types.grid import Feed


@dataclass(frozen=True, slots=True)
class Seller:
    """A house that can sell energy in the next interval.

    ask_wei_per_wh: its cheapest ask of the last round; None if it did not ask.
    spare_wh: what it expects to have left over.
    """

    name: str
    ask_wei_per_wh: int | None
    spare_wh: int


@dataclass(frozen=True, slots=True)
class BackupOffer:
    """What can feed a house from the next interval on, named at the end of a tick.

    path: its tie, if there is a voltage at the other end; its battery, if there is energy in
    it; else nothing. sellers: who can sell through a tie, best first, at most three.
    """

    tick: int
    house: str
    path: Feed
    sellers: tuple[Seller, ...] = ()
