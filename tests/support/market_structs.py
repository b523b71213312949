"""What `state_from_logs` keeps, in the order of the fields of contracts/IMarketTypes.sol."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Order:
    """Of the book. charge: of admission for each Wh. open: in a place that needs no meter."""

    trader: str
    energy: int
    price: int
    side: int
    charge: int
    open: bool


@dataclass
class Account:
    """In the order of `IMarketTypes.Account`; so are those below."""

    balance: int = 0
    position: int = 0
    nonce: int = 0
    orders_round: int = 0
    orders: int = 0
    flags: int = 0


@dataclass
class Round:
    retail: int
    feed_in: int
    price: int = 0
    since: int = 0
    phase: int = 0
    open_positions: int = 0
    paid_out: int = 0


@dataclass
class Position:
    round: int = 0
    contracted_wh: int = 0
    locked_wei: int = 0
    settled: bool = False


@dataclass
class Clearing:
    """A round that is paid out. trades: bid id, ask id, energy and both prices."""

    book: list[Order | None]
    trades: list[tuple[int, ...]]
    surplus: int
    in_parts: bool = False
    done: int = 0
