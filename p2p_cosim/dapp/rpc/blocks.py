"""Which block a caller means."""

from __future__ import annotations

from collections.abc import Mapping

from p2p_cosim.chain.explorer import OpenChain
from p2p_cosim.core.types import Block
from p2p_cosim.dapp.rpc.errors import SERVER, RpcError, invalid_argument
from p2p_cosim.dapp.rpc.params import as_hash, as_quantity

PENDING = "pending"
NEWEST = ("latest", "safe", "finalized")
TAGS = (*NEWEST, PENDING, "earliest")


def number_of(chain: OpenChain, tag: object, place: int) -> int:
    """The number that a tag or a hex quantity stands for; `pending` is the one after the newest."""
    if tag is None or tag in NEWEST:
        return chain.head
    if tag == PENDING:
        return chain.head + 1
    if tag == "earliest":
        return chain.first
    try:
        return as_quantity(tag, place)
    except RpcError:
        raise invalid_argument(
            place, f"a block number in hex or one of {', '.join(TAGS)} is expected"
        ) from None


def block_at(chain: OpenChain, tag: object, place: int) -> Block | None:
    """The block that a tag, a number or an object with a number or hash (EIP-1898) stands for."""
    if isinstance(tag, Mapping):
        if tag.get("blockHash") is not None:
            return block_of(chain, as_hash(tag["blockHash"], place))
        tag = tag.get("blockNumber")
    return chain.block(number_of(chain, tag, place))


def block_of(chain: OpenChain, block_hash: bytes) -> Block | None:
    """The block with a hash."""
    number = chain.number_of(block_hash)
    return None if number is None else chain.block(number)


def wants_pending(chain: OpenChain, tag: object, place: int) -> bool:
    """Whether a read of the state is of the pending block, and not of the newest.

    Raises RpcError for any other: the state of old blocks is not kept.
    """
    if tag == PENDING:
        return True
    if tag is None or tag in NEWEST:
        return False
    found = block_at(chain, tag, place)
    if found is None:
        raise RpcError(SERVER, "header not found")
    if found.number != chain.head:
        raise RpcError(
            SERVER,
            f"historical state {found.number} is not available: this chain keeps the newest, "
            f"{chain.head}",
        )
    return False
