"""Signed orders: what a signature is good for, and what leaves an order out of its batch."""

from dataclasses import replace

import pytest
from market_world import CLEARED, CLEARING, RULES, World

from p2p_cosim.chain.accounts import sign_digest
from p2p_cosim.chain.generated import GeneratedChain
from p2p_cosim.chain.rules import CHAIN_ID
from p2p_cosim.core.errors import RevertError
from p2p_cosim.core.types import Order, Side
from p2p_cosim.market.signing import Terms, order_digest, packed_order, signed_order

CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
BID, ASK = Order("a", Side.BID, 10, 50), Order("b", Side.ASK, 8, 20)


@pytest.fixture
def world():
    world = World()
    world.deposit(a=1_000, b=1_000)
    return world


def sign(world, order, nonce=0, round_id=1, expiry=2**40 - 1, separator=None):
    terms = Terms(world.address(order.trader), round_id, nonce, expiry)
    return signed_order(order, terms, separator or world.contract.read.domainSeparator())


def place(world, *batch, by="operator"):
    """Ids of the accepted orders, and (trader, nonce, error) of the others."""
    return told(world, world.send("placeSigned", world.round_id, batch, by=by))


def told(world, events):
    (placed,) = (event.args for event in events if event.name == "SignedOrdersPlaced")
    refused = [
        (
            event.args["trader"],
            event.args["nonce"],
            world.contract.revert_error("placeSigned", event.args["reason"] + bytes(128)).name,
        )
        for event in events
        if event.name == "SignedOrderRefused"
    ]
    return [place & 0xFFFF for place in placed["places"]], refused


def clear_signed(world, batch, payouts=9, by="operator"):
    world.until(world.gate())
    return world.send("clearSigned", world.round_id, batch, payouts, by=by)


def refused(world, *batch):
    """The error names of a batch in which nothing is accepted."""
    ids, others = place(world, *batch)
    assert ids == []
    return [name for _, _, name in others]


def test_signed_orders_clear_with_those_sent_one_by_one(world):
    world.deposit(c=500)
    world.bid("c", 5, 40)
    events = clear_signed(world, [sign(world, BID), sign(world, ASK)])
    assert told(world, events) == ([1, 2], [])
    (trade,) = (event.args for event in events if event.name == "TradeCleared")
    assert (trade["bidId"], trade["askId"], trade["energy"], trade["buyPrice"]) == (1, 2, 8, 35)
    assert world.accounts("abc") == {
        "a": (1_000 - 8 * 35, 0, 8),
        "b": (1_000 - 80, 0, -8),
        "c": (500, 0, 0),
    }
    assert world.past(1).phase == CLEARED
    world.check_money("abc")


def test_a_placed_batch_is_in_the_book(world):
    assert place(world, sign(world, BID), sign(world, ASK)) == ([0, 1], [])
    assert world.contract.read.order(0) == (world.address("a"), 10, 50, 1)
    assert (world.book.orders, world.book.escrowWei) == (2, 580)
    world.cancel(0, by="a")  # as any other
    assert world.account("a") == (1_000, 0, 0)
    world.clear()


def test_a_signed_round_is_cleared_in_parts_too(world):
    batch = [sign(world, BID), sign(world, ASK)]
    events = clear_signed(world, batch, 1)
    begun = next(event.args for event in events if event.name == "ClearingBegun")
    assert world.past(1).phase == CLEARING
    world.send("clearNext", 1, begun["book"], begun["pairs"], 1, by="stranger")
    assert world.past(1).phase == CLEARED
    assert world.accounts("ab") == {"a": (1_000 - 8 * 35, 0, 8), "b": (920, 0, -8)}


def test_bad_orders_are_left_out_and_stop_nobody(world):
    world.clear()
    world.settle(d=1)  # which leaves d with a debt
    world.deposit(c=1_000)
    good, last = sign(world, BID, round_id=2), sign(world, ASK, round_id=2)
    forged = (*sign(world, BID, nonce=1, round_id=2)[:2], *good[2:])
    batch = [
        sign(world, Order("c", Side.BID, 11, 100), round_id=2),
        sign(world, Order("d", Side.BID, 1, 1), round_id=2),
        good,
        sign(world, Order("c", Side.ASK, 0, 1), round_id=2),
        sign(world, Order("c", Side.ASK, 1_001, 1), round_id=2),
        sign(world, Order("c", Side.ASK, 1, 101), round_id=2),
        sign(world, Order("utility", Side.ASK, 1, 1), round_id=2),
        sign(world, Order("c", Side.ASK, 1, 1), round_id=2, expiry=world.chain.timestamp - 1),
        sign(world, Order("c", Side.ASK, 1, 1), round_id=3),
        forged,
        (packed_order(BID, world.address("a")) ^ 3 << 248, *good[1:]),  # side 2 is an ask
        (packed_order(BID, world.address("a")) ^ 2 << 248, *good[1:]),  # side 3 is nothing
        last,
    ]
    ids, others = place(world, *batch)
    assert ids == [0, 1]
    assert [name for _, _, name in others] == [
        "BalanceTooLow",
        "DebtOutstanding",
        "EnergyBelowMinimum",
        "EnergyAboveMaximum",
        "PriceAboveMaximum",
        "RoleCannotTrade",
        "OrderExpired",
        "WrongRound",
        "BadSignature",
        "NonceTooLow",
        "UnknownSide",
    ]
    assert others[0][:2] == (world.address("c"), 0)
    assert world.book.orders == 2


def test_the_limits_of_a_round_hold_for_signed_orders():
    world = World(replace(RULES, max_orders=3, max_orders_per_trader=2))
    world.deposit(b=100, c=100)
    asks = [sign(world, Order("b", Side.ASK, 1, 1), nonce) for nonce in range(3)]
    others = [sign(world, Order("c", Side.ASK, 1, 1), nonce) for nonce in range(2)]
    ids, refusals = place(world, *asks, *others)
    assert ids == [0, 1, 2]
    assert [(nonce, name) for _, nonce, name in refusals] == [
        (2, "TooManyOrders"),
        (1, "RoundFull"),
    ]


def test_an_order_is_placed_once(world):
    signed = sign(world, BID)
    assert place(world, signed, signed)[0] == [0]
    assert refused(world, signed) == ["NonceTooLow"]
    assert place(world, sign(world, BID, nonce=1))[0] == [1]
    assert refused(world, sign(world, BID, nonce=2**32 - 1)) == ["NonceTooLow"]


@pytest.mark.parametrize("nonces", [(0, 0), (1, 0), (5, 5)])
def test_an_order_is_cleared_once(world, nonces):
    twice = [sign(world, BID, nonce) for nonce in nonces]
    events = clear_signed(world, [*twice, sign(world, ASK)])
    assert told(world, events) == ([0, 1], [(world.address("a"), nonces[1], "NonceTooLow")])
    assert world.account("a") == (1_000 - 8 * 35, 0, 8)
    world.settle(a=8, b=-8)
    floor = world.contract.read.accounts([world.address("a")])[0][0].nonce
    assert floor == nonces[0] + 1
    later = [sign(world, BID, floor, round_id=2), sign(world, ASK, 1, round_id=2)]
    assert told(world, clear_signed(world, later)) == ([0, 1], [])


def test_an_order_is_for_one_round_one_contract_and_one_chain(world):
    signed, separator = sign(world, BID), world.contract.read.domainSeparator()
    other = World(chain=world.chain)
    other.deposit(a=1_000)
    assert other.contract.read.domainSeparator() != separator
    assert refused(other, signed) == ["BadSignature"]
    world.clear()
    world.settle()
    assert refused(world, signed) == ["WrongRound"]
    now = (signed[0], signed[1] + (1 << 72), *signed[2:])  # claims the present round
    assert refused(world, now) == ["BadSignature"]


def test_the_chain_is_in_the_signature():
    separators = []
    for chain_id in (131277322940537, 1):
        world = World(chain=GeneratedChain(chain_id=chain_id))
        separators.append(world.contract.read.domainSeparator())
        if chain_id != 1:
            chain, first = world.chain, world
    assert separators[0] != separators[1]
    # After a fork the contract's code still has the separator of before, and must not use it.
    chain._block = replace(chain._block, chain_id=1)
    assert first.contract.read.domainSeparator() == separators[1]
    first.deposit(a=1_000)
    assert refused(first, sign(first, BID, separator=separators[0])) == ["BadSignature"]


def test_the_malleable_twin_of_a_signature_is_refused(world):
    terms = Terms(world.address("a"), 1, 0, 2**40 - 1)
    digest = order_digest(BID, terms, world.contract.read.domainSeparator())
    r, s, parity = sign_digest("a", digest)
    twin = (CURVE_ORDER - s) | (1 - parity) << 255  # recovers the same signer
    signed = sign(world, BID)
    assert signed[2] == r.to_bytes(32, "big")
    assert refused(world, (*signed[:3], twin.to_bytes(32, "big"))) == ["BadSignature"]
    assert refused(world, (*signed[:2], bytes(32), bytes(32))) == ["BadSignature"]
    assert place(world, signed)[0] == [0]


def test_an_order_that_nobody_signed_is_refused(world):
    """Whoever recovers to no address at all must not speak for the zero address."""
    free = Order("nobody", Side.BID, 10, 0)  # whose account is empty
    nobody = (packed_order(free, "0x" + "00" * 20), 1 << 72 | 2**40 - 1)
    assert refused(world, (*nobody, bytes(32), bytes(32))) == ["BadSignature"]


def test_a_raised_nonce_cancels_all_below(world):
    first, second = sign(world, BID, nonce=3), sign(world, BID, nonce=4)
    (raised,) = world.send("raiseNonce", 4, by="a")
    assert raised.args == {"trader": world.address("a"), "nonce": 4}
    ids, others = place(world, first, second)
    assert (ids, others) == ([0], [(world.address("a"), 3, "NonceTooLow")])
    with pytest.raises(RevertError, match="NonceTooLow") as caught:
        world.send("raiseNonce", 5, by="a")
    assert caught.value.args_by_name == {"nonce": 5, "least": 5}


def test_a_signed_order_is_cancelled_by_its_uid(world):
    first, second = sign(world, BID), sign(world, Order("a", Side.BID, 9, 50))
    terms = Terms(world.address("a"), 1, 0, 2**40 - 1)
    uid = order_digest(BID, terms, world.contract.read.domainSeparator())
    world.send("cancelSigned", uid, by="b")  # is nothing to a
    (told_,) = world.send("cancelSigned", uid, by="a")
    assert (told_.name, told_.args["uid"]) == ("SignedOrderCancelled", uid)
    # The other one of the same nonce replaces it.
    assert place(world, first, second) == ([0], [(world.address("a"), 0, "OrderVoid")])


def test_who_has_no_signature_left_orders_on(world):
    world.send("raiseNonce", 2**32 - 1, by="a")
    for order_id in range(2):
        assert world.bid("a", 1, 1) == order_id
    assert world.contract.read.accounts([world.address("a")])[0][0].nonce == 2**32 - 1


def test_nonces_are_told(world):
    events = world.send("placeSigned", 1, [sign(world, BID, nonce=41)], by="operator")
    (placed,) = (event.args for event in events if event.name == "SignedOrdersPlaced")
    assert placed["places"] == (41 << 16 | 0,)


def test_the_domain_is_told():
    world = World()
    fields, name, version, chain_id, contract, salt, more = world.contract.read.eip712Domain()
    assert (fields, name, version) == (b"\x0f", "EnergyMarket", "1")
    assert (contract, salt, more) == (world.contract.address, bytes(32), ())
    assert chain_id == CHAIN_ID


def test_who_may_send_a_batch(world):
    signed = sign(world, BID)
    assert world.fails("placeSigned", 1, [signed], by="stranger").name == "NotAuthorized"
    world.until(world.gate())
    error = world.fails("clearSigned", 1, [signed], 9, by="stranger")
    assert error.name == "NotAuthorized"
    assert error.args_by_name["allowed"] == world.address("operator")
    world.wait(RULES.grace_s)
    assert world.fails("clearSigned", 1, [signed], 9, by="stranger").name == "NotAuthorized"
    world.send("clearSigned", 1, [], 9, by="stranger")  # as `clear`
    error = world.fails("clearSigned", 1, [signed], 9, by="operator")
    assert (error.name, error.args_by_name) == ("WrongRound", {"given": 1, "present": 2})
