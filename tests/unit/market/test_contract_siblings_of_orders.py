"""Relatives of what the audit found, about orders: batches, admission, seals, wallets, rewards."""

from dataclasses import replace

import numpy as np
import pytest
from market_world import RULES, World
from seam_world import SeamWorld, fixture

from p2p_cosim.chain.contract import deploy
from p2p_cosim.core.types import Order, Side
from p2p_cosim.market import Sealing
from p2p_cosim.market.deployment import deploy_market
from p2p_cosim.market.signing import Terms, signed_order


def sign(world, order, nonce=0, trader=None):
    terms = Terms(trader or world.address(order.trader), world.round_id, nonce, 2**40 - 1)
    return signed_order(order, terms, world.contract.read.domainSeparator())


# ----------------------------------------------------- what an order leaves behind in a batch


def fickle_world(seed):
    """Few places, traders with little money, and an admission that treats no two orders alike."""
    rules = replace(
        RULES, max_orders=9, max_orders_per_trader=4, open_places=5, mechanism="continuous"
    )
    world = SeamWorld(rules, admission="FickleAdmission")
    world.register("a")
    world.deposit(a=2_000, b=900, c=60)
    draw = np.random.default_rng(seed)
    orders = [
        Order(
            str(draw.choice(list("aabbcd"))),
            Side.BID if draw.random() < 0.5 else Side.ASK,
            int(draw.integers(1, 30)),
            int(draw.integers(1, 60)),
        )
        for _ in range(20)
    ]
    return world, orders


def cleared(world, function, *args):
    """The book with its marks, what was charged by place, and all money, with nothing paid out."""
    events = world.send(function, world.round_id, *args, by="operator")
    (begun,) = (event.args for event in events if event.name == "ClearingBegun")
    charges = [event.args for event in events if event.name == "OrderCharged"]
    return begun["book"], charges, world.accounts("abcd")


@pytest.mark.parametrize("seed", range(3))
def test_no_order_of_a_batch_leaves_anything_to_the_next(seed):
    """Refusals half-way, charges, lowered energy: a batch is what its orders are one by one."""
    world, orders = fickle_world(seed)
    charged, entered = [], 0
    for order in orders:
        events = world.events(world.chain.transact_many([world.placement(order)]))
        charged += [event.args for event in events if event.name == "OrderCharged"]
        entered += bool(events)  # a refusal has none
    world.until(world.gate())
    book, _, accounts = cleared(world, "clearInParts", 0)
    assert 4 < entered == len(book) <= 9
    assert 0 < len(charged) < entered

    ahead, orders = fickle_world(seed)
    batch = [sign(ahead, order, nonce) for nonce, order in enumerate(orders)]
    events = ahead.send("placeSigned", 1, batch, by="operator")
    assert [event.args for event in events if event.name == "OrderCharged"] == charged
    ahead.until(ahead.gate())
    assert cleared(ahead, "clearInParts", 0) == (book, [], accounts)

    within, orders = fickle_world(seed)
    batch = [sign(within, order, nonce) for nonce, order in enumerate(orders)]
    within.until(within.gate())
    assert cleared(within, "clearSigned", batch, 0) == (book, charged, accounts)


def test_a_place_that_is_used_again_keeps_no_charge_of_the_order_before():
    """And a cancelled order gets back what it was charged, not what is charged now."""
    world = SeamWorld(replace(RULES, max_orders=2), admission=True)
    world.deposit(a=1_000, b=1_000, c=1_000)
    world.admit("a", "b", "c")
    world.set_admission(2**32 - 1, 3)
    world.bid("a", 10, 20)
    world.set_admission(2**32 - 1, 0)
    world.ask("b", 10, 20)
    world.set_admission(2**32 - 1, 9)
    world.cancel(0, by="a")
    assert world.account("a")[0] == 1_000
    world.set_admission(2**32 - 1, 0)
    assert world.bid("c", 10, 20) == 0
    world.clear()
    assert (world.account("c")[0], world.account("surplus")[0]) == (1_000 - 200, 0)
    world.check_money("abc")


# -------------------------------------------------------------- wallets that call back


@pytest.mark.parametrize("call", [("raiseNonce", 7), ("placeBid", 1, 1, 1), ("deposit",)])
def test_a_wallet_changes_nothing_while_it_is_asked_for_its_signature(call):
    """It says yes only if the market refused its call, and then its one order is in the book."""
    world = World()
    owner = world.address("a")
    wallet = deploy(world.chain, fixture("Receiver"), [world.contract.address], owner)
    world.send("depositFor", wallet.address, by="a", value_wei=1_000)
    wallet.transact("sign", True, sender=owner)
    wallet.transact("react", world.contract.transaction(*call, sender=owner).data, sender=owner)
    signed = sign(world, Order("a", Side.BID, 10, 50), trader=wallet.address)
    world.send("placeSigned", 1, [signed], by="operator")
    assert (world.book.orders, world.book.escrowWei) == (1, 500)
    (account,), _ = world.contract.read.accounts([wallet.address])
    assert (account.balance, account.nonce, account.orders) == (500, 1, 1)


def test_the_market_pays_nothing_out_to_itself():
    """It takes no ether without a call, not even its own."""
    world = World()
    world.deposit(a=100)
    world.send("requestWithdrawal", 100, by="a")
    world.clear()
    world.settle()
    error = world.fails("withdrawTo", world.contract.address, 100, by="a")
    assert error.name == "TransferFailed"
    assert world.account("a")[0] == world.totals.heldWei == 100


# -------------------------------------------------------------------- rewards (L1, M5)


def test_a_crowd_of_free_orders_earns_its_maker_no_more_than_the_operators_deposit():
    """Orders at 0 cost nothing, and paying them out is work; parts that pay out none are not."""
    world = World(replace(RULES, finisher_reward_wei=7))
    world.deposit(operator=40)
    for _ in range(10):
        world.bid("mallory", 1, 0)
    world.until(world.gate() + RULES.grace_s)
    events = world.send("clearInParts", 1, 0, by="mallory")
    (begun,) = (event.args for event in events if event.name == "ClearingBegun")
    for _ in range(3):
        world.send("clearNext", 1, begun["book"], begun["pairs"], 0, by="mallory")
    assert world.account("mallory")[0] == 7
    world.send("clearNext", 1, begun["book"], begun["pairs"], 99, by="mallory")
    assert world.accounts(["mallory", "operator"]) == {
        "mallory": (40, 0, 0),
        "operator": (0, 0, 0),
    }


# ------------------------------------------------------------------- seals and meters (M7)


def test_a_meter_taken_away_between_commitment_and_reveal_costs_the_bond_at_most():
    """The trader was counted as one with a meter, and finds the open places taken."""

    class Sealed(World):
        def deploy(self):
            return deploy_market(self.chain, replace(self.rules, sealing=Sealing(50, 300)))

    world = Sealed(replace(RULES, open_places=1))
    world.register("a")
    world.deposit(a=1_000, b=1_000)
    for name in "ab":
        salt = name.encode() * 32
        hashed = world.contract.read.commitmentOf(world.address(name), 1, 1, 10, 50, salt)
        world.send("commit", 1, hashed, 500, by=name)
    world.send("registerMeters", [world.address("a")], 0, by="meter_oracle")
    world.until(world.gate() + 1)
    world.send("reveal", 1, 1, 10, 50, b"b" * 32, by="b")
    assert world.fails("reveal", 1, 1, 10, 50, b"a" * 32, by="a").name == "RoundFull"
    world.until(world.gate() + 301)
    world.send("clear", 1, by="operator")
    world.send("forfeit", world.address("a"), by="stranger")
    assert world.account("a") == (1_000 - 50, 0, 0)
    assert world.account("b") == (1_000, 0, 0)
    world.check_money("ab")
