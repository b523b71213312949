"""What a block is made of, so that a node which has forgotten it can mine it again."""

from __future__ import annotations

from dataclasses import dataclass

from p2p_cosim.core.types import Transaction


@dataclass(frozen=True, slots=True)
class Block:
    """What makes a block: the same fields give the same block again.

    adopted: accounts that are first used in it, with the wei they have at its beginning.
    """

    timestamp: int
    adopted: tuple[tuple[str, int], ...] = ()
    transactions: tuple[Transaction, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """The end of a block: its number, and how it came about if a snapshot stands before."""

    number: int
    block: Block | None = None
    parent: Point | None = None
