"""Orders as traders sign them: EIP-712 typed data of contracts/IOpenMarket.sol."""

from __future__ import annotations

from dataclasses import dataclass

from eth_abi.abi import encode
from eth_hash.auto import keccak

from p2p_cosim.chain.accounts import checksum_address, sign_digest
from p2p_cosim.core.limits import ENERGY_BITS, PRICE_BITS
from p2p_cosim.core.types import Order, Side

ORDER_TYPE = (
    "Order(address trader,uint8 side,uint32 energy,uint56 price,"
    "uint32 round,uint32 nonce,uint40 expiry)"
)
DOMAIN_NAME, DOMAIN_VERSION = "EnergyMarket", "1"
_ORDER_TYPEHASH = keccak(ORDER_TYPE.encode())
_ORDER_ABI = ("bytes32", "address", *("uint256",) * 6)
SIDES = {Side.BID: 1, Side.ASK: 2}
"""`IMarketTypes.Side`."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a signature binds an order to.

    trader: address. round_id: the only round it is for. nonce: at least the trader's floor.
    expiry: last Unix second at which it may be placed.
    """

    trader: str
    round_id: int
    nonce: int
    expiry: int


def packed_order(order: Order, trader: str) -> int:
    """An order in one word, as contracts/PackedOrder.sol has it."""
    return (
        SIDES[order.side] << 248
        | order.price_wei_per_wh << 192
        | order.energy_wh << 160
        | int(trader, 16)
    )


def unpacked_order(word: int) -> tuple[str, Side, int, int]:
    """Trader's address, side, energy and price of a word as the contract has it."""
    price, energy_wh = word >> 192 & (2**PRICE_BITS - 1), word >> 160 & (2**ENERGY_BITS - 1)
    side = Side.BID if word >> 248 & 63 == SIDES[Side.BID] else Side.ASK
    return checksum_address((word & (2**160 - 1)).to_bytes(20, "big")), side, energy_wh, price


def packed_terms(terms: Terms) -> int:
    """Round, nonce and expiry in one word, as contracts/SignedOrder.sol has it."""
    return terms.round_id << 72 | terms.nonce << 40 | terms.expiry


def commitment(
    chain_id: int, market: str, round_id: int, order: Order, trader: str, salt: bytes
) -> bytes:
    """What a trader commits to in contracts/SealedMarket.sol, which gives the same as
    `commitmentOf`; computed here, because asking a node would tell it the order.

    market, trader: addresses. salt: 32 bytes that nobody can guess.
    """
    side, energy_wh, price = SIDES[order.side], order.energy_wh, order.price_wei_per_wh
    types = ("uint256", "address", "uint256", "address", *("uint256",) * 3, "bytes32")
    return keccak(encode(types, [chain_id, market, round_id, trader, side, energy_wh, price, salt]))


def order_digest(order: Order, terms: Terms, domain_separator: bytes) -> bytes:
    """The 32 bytes that the trader signs (EIP-712)."""
    content = encode(
        _ORDER_ABI,
        [
            _ORDER_TYPEHASH,
            terms.trader,
            SIDES[order.side],
            order.energy_wh,
            order.price_wei_per_wh,
            terms.round_id,
            terms.nonce,
            terms.expiry,
        ],
    )
    return keccak(b"\x19\x01" + domain_separator + keccak(content))


def signed_order(order: Order, terms: Terms, domain_separator: bytes) -> tuple[object, ...]:
    """The contract's SignedOrder, signed with the key of the label `order.trader`."""
    r, s, parity = sign_digest(order.trader, order_digest(order, terms, domain_separator))
    vs = s | parity << 255  # EIP-2098
    head = (packed_order(order, terms.trader), packed_terms(terms))
    return (*head, r.to_bytes(32, "big"), vs.to_bytes(32, "big"))
