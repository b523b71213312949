"""Everything that views answer can be told from logs: nobody needs an archive node."""

from dataclasses import astuple, replace

import numpy as np
import pytest
from market_world import CLEARING, RULES, T0, TARIFF
from seam_world import SeamWorld
from state_from_logs import StateFromLogs

from p2p_cosim.chain.explorer import OpenChain
from p2p_cosim.chain.generated import GeneratedChain
from p2p_cosim.core.errors import RevertError
from p2p_cosim.core.types import Order, Side
from p2p_cosim.market import Sealing
from p2p_cosim.market.deployment import deploy_market
from p2p_cosim.market.signing import SIDES, Terms, commitment, signed_order

NAMES = ("a", "b", "c", "d", "e")
EVERYBODY = (*NAMES, "utility", "surplus", "operator", "stranger")
BOND_WEI, REVEAL_S = 50, 60
PLAYED = replace(
    RULES,
    tariff=replace(TARIFF, feed_in_wei_per_wh=-5),
    mechanism="mcafee",
    max_orders=12,
    open_places=9,
    finisher_reward_wei=3,
    min_feed_in_wei_per_wh=-9,
    max_retail_wei_per_wh=60,
)


def rebuilt(world):
    """From the logs of all transactions since the first."""
    state = StateFromLogs()
    for each in world.chain.included(0):
        for event in world.contract.decode_events(each.receipt):
            state.read(event, each.receipt.timestamp)
    return state


def differences(world, names=EVERYBODY):
    """What views answer otherwise than the logs, by name of the view."""
    state, read = rebuilt(world), world.contract.read
    totals = (state.held, state.locked, state.claims, state.paid, state.sealed)
    freed = state.freed[-1] + 1 if state.freed else 0
    opened = sum(order is not None and order.open for order in state.book)
    terms = state.rounds[state.present]
    book = (state.present, len(state.book), opened, freed, terms.retail, state.escrow)
    pairs = [
        ("config", tuple(read.config()), tuple(state.config)),
        ("totals", tuple(read.totals()), totals),
        ("book", tuple(read.book()), book),
        ("order", [told(read.order(i)) for i in range(len(state.book))], [*map(of, state.book)]),
    ]
    for i in range(1, state.present + 3):
        expected = astuple(state.rounds[i]) if i in state.rounds else (0,) * 7
        pairs.append((f"round {i}", tuple(read.round(i)), expected))
    for name in names:
        address = world.address(name)
        pairs += [(f"{what} of {name}", *pair) for what, *pair in own(state, read, address)]
    return [pair for pair in pairs if pair[1] != pair[2]]


def own(state, read, address):
    """Views of one account, with what they answer and what the logs say."""
    (money,), (energy_wh,) = read.accounts([address])
    account, paid = state.accounts[address], state.collectable(address)
    mine = replace(account, balance=account.balance + paid, position=account.position - paid)
    slots = [state.ring[address, i] for i in range(4)]
    waiting_wh = sum(slot.contracted_wh for slot in slots if not slot.settled)
    yield "account", tuple(money), astuple(mine)
    yield "energy", energy_wh, state.energy[address] + waiting_wh
    yield "meter", tuple(read.meter(address)), (state.limits[address], state.consents[address])
    yield "withdrawal", tuple(read.withdrawal(address)), tuple(state.withdrawals[address])
    for i in range(1, state.present + 1):
        slot = state.ring[address, i % 4]
        expected = astuple(slot) if slot.round == i else (0, 0, 0, False)
        yield f"position in {i}", tuple(read.position(address, i)), expected
    if "commitment" in dir(read):
        expected = state.commitments.get(address, (bytes(32), 0, 0))
        yield "commitment", tuple(read.commitment(address)), expected


def told(order):
    return tuple(order) if order.side else None


def of(order):
    return order and (order.trader, order.energy, order.price, order.side)


class Play:
    """Random steps of everybody; those that the market refuses leave no logs."""

    def __init__(self, world, seed):
        self.world, self.rng = world, np.random.default_rng(seed)
        world.deposit(**dict.fromkeys(NAMES, 5_000), operator=30, utility=2_000)
        world.register("a", "b", "c")

    def round(self):
        for _ in range(12):
            self.try_to(
                self.rng.choice([self.order, self.order, self.order, self.sign, self.money])
            )
        if self.rng.random() < 0.5:
            self.try_to(self.cancel)
        self.try_to(self.tariff)
        self.clear()
        self.settle()

    @staticmethod
    def try_to(step):
        try:
            step()
        except RevertError:
            return

    def anybody(self):
        return str(self.rng.choice(NAMES))

    def random_order(self):
        side = Side.BID if self.rng.random() < 0.5 else Side.ASK
        price = int(self.rng.integers(10, 60))
        return Order(self.anybody(), side, int(self.rng.integers(1, 30)), price)

    def order(self):
        order = self.random_order()
        place = self.world.bid if order.side is Side.BID else self.world.ask
        place(order.trader, order.energy_wh, order.price_wei_per_wh)

    def signed(self, nonce):
        order, world = self.random_order(), self.world
        terms = Terms(world.address(order.trader), world.round_id, nonce, 2**40 - 1)
        return signed_order(order, terms, world.contract.read.domainSeparator())

    def sign(self):
        batch = [self.signed(int(self.rng.integers(0, 90))) for _ in range(2)]
        self.world.send("placeSigned", self.world.round_id, batch, by="operator")

    def money(self):
        who = self.anybody()
        for function, args in (
            ("depositFor", (self.world.address(self.anybody()),)),
            ("requestWithdrawal", (int(self.rng.integers(0, 200)),)),
            ("withdraw", (int(self.rng.integers(0, 100)),)),
            ("raiseNonce", (int(self.rng.integers(0, 60)),)),
            ("cancelSigned", (bytes(32),)),
        ):
            wei = int(self.rng.integers(1, 300)) if function == "depositFor" else 0
            self.try_to(
                lambda f=function, a=args, w=wei: self.world.send(f, *a, by=who, value_wei=w)
            )

    def cancel(self):
        for order_id in range(self.world.book.orders):
            order = self.world.contract.read.order(order_id)
            if order.side and self.rng.random() < 0.3:
                owner = next(n for n in NAMES if self.world.address(n) == order.trader)
                self.world.cancel(order_id, by=owner)

    def tariff(self):
        ahead = self.world.round_id + int(self.rng.integers(1, 4))
        terms = (int(self.rng.integers(30, 61)), int(self.rng.integers(-9, 10)))
        self.world.send("setTariff", ahead, *terms, by="tariff setter")

    def clear(self):
        world, way = self.world, self.rng.random()
        if way < 0.3:
            world.clear_in_parts(int(self.rng.integers(1, 6)))
        elif way < 0.5:
            world.until(world.gate())
            batch = [self.signed(100 + i) for i in range(3)]
            world.send(
                "clearSigned", world.round_id, batch, int(self.rng.integers(0, 9)), by="operator"
            )
            self.finish()
        elif way < 0.6:
            world.until(world.gate() + 2 * RULES.grace_s)
            world.send("abort", world.round_id, 3, by="stranger")
            self.finish()
        else:
            world.until(world.gate() + (RULES.grace_s if way < 0.7 else 0))
            world.send("clear", world.round_id, by="stranger" if way < 0.7 else "operator")

    def finish(self):
        last = self.world.round_id - 1
        cleared = max(i for i in range(1, last + 1) if self.world.past(i).phase)
        if self.world.past(cleared).phase == CLEARING:
            begun = self.world.begun()
            args = (cleared, begun["book"], begun["pairs"], 1_000)
            self.world.send("clearNext", *args, by="stranger")

    def settle(self):
        world = self.world
        cleared = max(i for i in range(1, world.round_id) if world.past(i).phase)
        for round_id in {cleared, max(1, cleared - int(self.rng.integers(0, 3)))}:
            who = self.rng.choice(["a", "b", "c"], size=int(self.rng.integers(0, 4)), replace=False)
            readings = {str(n): int(self.rng.integers(-40, 41)) for n in who}
            last = bool(self.rng.random() < 0.8)
            self.try_to(
                lambda r=round_id, m=readings, z=last: world.settle(last=z, round_id=r, **m)
            )
        old = max(1, world.round_id - 6)
        self.try_to(
            lambda: world.send("release", world.address(self.anybody()), old, by="stranger")
        )


class LogWorld(SeamWorld):
    """On a chain that keeps its transactions."""

    def begun(self):
        told = [e for i in self.chain.included(0) for e in self.contract.decode_events(i.receipt)]
        return [event.args for event in told if event.name == "ClearingBegun"][-1]


@pytest.mark.parametrize("seed", range(3))
def test_all_that_an_open_market_answers_follows_from_its_logs(seed):
    chain = OpenChain.of(GeneratedChain(timestamp=T0))
    world = LogWorld(PLAYED, admission=True, chain=chain)
    world.admit(*NAMES)
    world.set_admission(25, 2)
    play = Play(world, seed)
    for _ in range(7):
        play.round()
        assert differences(world) == []
    names = {e.name for i in chain.included(0) for e in world.contract.decode_events(i.receipt)}
    assert {"ClearingBegun", "ImbalanceSettled", "OrderCharged", "SignedOrdersPlaced"} <= names


class SealedLogWorld(LogWorld):
    def deploy(self):
        return deploy_market(self.chain, replace(self.rules, sealing=Sealing(BOND_WEI, REVEAL_S)))


def test_all_that_a_sealed_market_answers_follows_from_its_logs():
    chain = OpenChain.of(GeneratedChain(timestamp=T0))
    world = SealedLogWorld(RULES, chain=chain)
    world.deposit(**dict.fromkeys(NAMES, 5_000))
    orders = [Order(name, Side.ASK if i % 2 else Side.BID, 10, 30) for i, name in enumerate(NAMES)]
    for _ in range(2):
        round_id, silent = world.round_id, orders[-1].trader
        for order in orders:
            told = (chain.chain_id, world.contract.address, round_id)
            hash_ = commitment(*told, order, world.address(order.trader), bytes(32))
            world.send("commit", round_id, hash_, 400, by=order.trader)
        assert differences(world) == []
        world.until(world.gate() + 1)
        for order in orders[:-1]:
            what = (SIDES[order.side], order.energy_wh, order.price_wei_per_wh, bytes(32))
            world.send("reveal", round_id, *what, by=order.trader)
        world.until(world.gate() + REVEAL_S + 1)
        world.send("clear", round_id, by="operator")
        assert differences(world) == []
    world.send("forfeit", world.address(silent), by="stranger")
    assert differences(world) == []
