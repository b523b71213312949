"""A thousand houses trade and settle on two chains, under every way of submission.

    python benchmarks/thousand_houses.py                 1,000 houses, 4 rounds
    python benchmarks/thousand_houses.py --houses 100    fewer

The market alone, without a feeder: half of the houses bid and half ask, limits overlap, and every
meter differs from what its house contracted. Both chains, the default one and anvil, get the same
orders and readings. The digest is of all that the market told of its rounds (placements, trades,
settlements, accounts) and of every receipt: status, gas and logs. Exit code 1 if digests of the
two chains differ, if an order was refused or a reading not settled, or if a transaction took more
than EIP-7825 allows.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from time import perf_counter

import numpy as np

from p2p_cosim.chain.generated import GeneratedChain
from p2p_cosim.chain.jsonrpc import AnvilChain
from p2p_cosim.core.protocols import Chain
from p2p_cosim.core.types import Delivery, GateClosure, Order, Reading, Receipt, Side, Tariff
from p2p_cosim.market import MarketRules, OnChainMarket, Sealing
from p2p_cosim.market.ways import SUBMISSIONS

T0, INTERVAL_S, GAS_CAP = 1_750_000_000, 900, 2**24
DEPOSIT_WEI = 10**12
RULES = MarketRules(
    Tariff(retail_wei_per_wh=120_000, feed_in_wei_per_wh=40_000),
    max_price_wei_per_wh=1_000_000,
    max_energy_wh=100_000,
    interval_s=INTERVAL_S,
)
CHAINS: dict[str, Callable[[], Chain]] = {
    "generated": lambda: GeneratedChain(timestamp=T0),
    "anvil": lambda: AnvilChain(timestamp=T0),
}
SEALED = replace(RULES, sealing=Sealing(bond_wei=10**8, reveal_s=60))


def orders_of(houses: int, round_id: int) -> list[Order]:
    """One of each house, bids and asks in turn."""
    rng = np.random.default_rng([houses, round_id])
    limits = (RULES.tariff.feed_in_wei_per_wh, RULES.tariff.retail_wei_per_wh)
    return [
        Order(
            f"house_{i}",
            Side.ASK if i % 2 else Side.BID,
            int(rng.integers(100, 2_000)),
            int(rng.integers(*limits)),
        )
        for i in range(houses)
    ]


def readings_of(gate: GateClosure) -> list[Reading]:
    """What each house contracted, and up to 50 Wh more or less."""
    rng = np.random.default_rng(gate.round_id)
    return [
        Reading(
            placed.order.trader,
            placed.filled_wh * (1 if placed.order.side is Side.BID else -1)
            + int(rng.integers(-50, 51)),
        )
        for placed in gate.placements
    ]


class Told:
    """What a market told, as a digest, and its dearest transaction."""

    def __init__(self) -> None:
        self._hash = sha256()
        self.most_gas = 0

    def add(self, what: object, receipts: list[Receipt]) -> None:
        """Records first, then the receipts."""
        self._hash.update(repr(what).encode())
        for receipt in receipts:
            logs = [(log.address, log.topics, log.data) for log in receipt.logs]
            self._hash.update(repr((receipt.status, receipt.gas_used, logs)).encode())
            self.most_gas = max(self.most_gas, receipt.gas_used)

    @property
    def digest(self) -> str:
        """The first 16 hex digits."""
        return self._hash.hexdigest()[:16]


def play(chain: Chain, way: str, houses: int, rounds: int) -> Told:
    """All rounds on one chain. Raises SystemExit for an order or a reading that was refused."""
    names = [f"house_{i}" for i in range(houses)]
    rules = SEALED if way == "sealed" else RULES
    market, told = OnChainMarket.deploy(chain, rules, names, way), Told()
    deposits = dict.fromkeys([*names, "utility"], DEPOSIT_WEI)
    told.add("deposits", [receipt for _, receipt in market.deposit(deposits)])
    first_gate = int(market.contract.read.gateOf(1))
    for round_id in range(1, rounds + 1):
        at = first_gate + (round_id - 1) * INTERVAL_S
        gate = market.close_gate(orders_of(houses, round_id), at)
        delivery = market.settle(readings_of(gate), at + INTERVAL_S - 1)
        _require_whole(gate, delivery, houses)
        told.add((gate.placements, gate.clearing), [receipt for _, receipt in gate.receipts])
        told.add((delivery.settlements, delivery.ledger), list(delivery.receipts))
    return told


def _require_whole(gate: GateClosure, delivery: Delivery, houses: int) -> None:
    refused = [placed for placed in gate.placements if placed.order_id is None]
    if refused or not gate.clearing.trades or len(delivery.settlements) != houses:
        sys.exit(
            f"round {gate.round_id}: {len(refused)} orders refused, {len(gate.clearing.trades)} "
            f"trades, {len(delivery.settlements)} of {houses} settled; first {refused[:1]}"
        )


def main() -> int:
    """Play on both chains and print a row for each way and chain."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--houses", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--ways", nargs="*", default=SUBMISSIONS, choices=SUBMISSIONS)
    options = parser.parse_args()
    print(f"{options.houses} houses, {options.rounds} rounds")
    bad = False
    for way in options.ways:
        digests = set()
        for name, make in CHAINS.items():
            chain, start = make(), perf_counter()
            try:
                told = play(chain, way, options.houses, options.rounds)
            finally:
                chain.close()
            digests.add(told.digest)
            bad |= told.most_gas > GAS_CAP
            row = f"{way:11} {name:10} {told.digest}  dearest transaction {told.most_gas:12,} gas"
            print(f"{row}  {perf_counter() - start:7.1f} s", flush=True)
        bad |= len(digests) > 1
    print("digests differ, or a transaction is too dear" if bad else "equal on both chains")
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
