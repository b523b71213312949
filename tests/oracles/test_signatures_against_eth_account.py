"""What wallets sign by eth_account's EIP-712 is what the contract takes, and the other way."""

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from market_world import World

from p2p_cosim.chain.accounts import key_of
from p2p_cosim.chain.rules import CHAIN_ID
from p2p_cosim.core.types import Order, Side
from p2p_cosim.market.signing import (
    DOMAIN_NAME,
    DOMAIN_VERSION,
    ORDER_TYPE,
    Terms,
    packed_order,
    signed_order,
)

FIELDS = [
    {"type": kind, "name": name}
    for kind, name in (
        field.split(" ") for field in ORDER_TYPE.removeprefix("Order(")[:-1].split(",")
    )
]


def typed_data(world, order, terms):
    domain = {
        "name": DOMAIN_NAME,
        "version": DOMAIN_VERSION,
        "chainId": CHAIN_ID,
        "verifyingContract": world.contract.address,
    }
    message = {
        "trader": terms.trader,
        "side": 1 if order.side is Side.BID else 2,
        "energy": order.energy_wh,
        "price": order.price_wei_per_wh,
        "round": terms.round_id,
        "nonce": terms.nonce,
        "expiry": terms.expiry,
    }
    return encode_typed_data(domain, {"Order": FIELDS}, message)


@pytest.mark.parametrize(
    "order", [Order("a", Side.BID, 10, 50), Order("b", Side.ASK, 999, 0)], ids=str
)
def test_the_same_signature(order):
    world = World()
    world.deposit(a=1_000, b=999 * 30)
    terms = Terms(world.address(order.trader), 1, 77, 2**40 - 1)
    signed = Account.sign_message(typed_data(world, order, terms), key_of(order.trader))
    vs = signed.s | (signed.v - 27) << 255
    theirs = (
        *(packed_order(order, terms.trader), 1 << 72 | 77 << 40 | terms.expiry),
        *(signed.r.to_bytes(32, "big"), vs.to_bytes(32, "big")),
    )
    assert signed_order(order, terms, world.contract.read.domainSeparator()) == theirs
    (placed,) = world.send("placeSigned", 1, [theirs], by="operator")
    assert placed.args["orders"] == (packed_order(order, terms.trader),)
