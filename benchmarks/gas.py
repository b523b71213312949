"""Gas of the market's transactions by number of orders and by clearing rule, at its worst.

    python benchmarks/gas.py            print the tables
    python benchmarks/gas.py --write    and write gas_snapshot.json, which a test compares

Every order has a trader of its own, every order trades, every pair fills only one order
(so that there are orders - 1 trades), and the prices arrive in the order that costs the
merge sort most. "Fresh" is the first round of all traders, whose storage slots are empty;
"steady" is the same book again when every slot is in use, the ring of each account's rounds too.
Gas is exact: the numbers are the same on every machine.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

from p2p_cosim.chain.artifact import load_artifact
from p2p_cosim.chain.contract import Contract
from p2p_cosim.chain.generated import GeneratedChain
from p2p_cosim.core.protocols import Chain
from p2p_cosim.core.roles import MECHANISMS
from p2p_cosim.core.types import Receipt, Tariff
from p2p_cosim.market import MarketRules
from p2p_cosim.market.deployment import deploy_market
from p2p_cosim.market.meter_calls import READINGS
from p2p_cosim.market.submission import PAYOUTS

SNAPSHOT = Path(__file__).with_name("gas_snapshot.json")
GAS_CAP = 2**24  # of a transaction, EIP-7825
SIZES = (10, 30, 100, PAYOUTS)
LARGE = 1_024  # the most that a round takes
RING = 4  # of contracts/MarketRules.sol
ENERGY_WH = 500
LOWEST_BID, LOWEST_ASK = 100_000, 50_000
RULES = MarketRules(
    Tariff(retail_wei_per_wh=120_000, feed_in_wei_per_wh=40_000),
    max_price_wei_per_wh=1_000_000,
    max_energy_wh=100_000,
)


def measure() -> dict[str, object]:
    """Gas by transaction for each number of orders, and of the large round for each rule."""
    return {
        "compiler": load_artifact().compiler.version,
        "gas_cap": GAS_CAP,
        "orders": {str(size): measure_rounds(size) for size in SIZES},
        "rules": {name: measure_in_parts(name, 30) for name in MECHANISMS},
        "large": {name: measure_in_parts(name, LARGE) for name in MECHANISMS},
    }


def measure_rounds(orders: int) -> dict[str, int]:
    """A fresh round, a steady one, and readings of as many newcomers.

    `bid` and `ask` are the dearest of the round, `settle` the dearest transaction of its
    readings. `settle_newcomers` is that of traders whom the contract has never seen, and whom
    the utility cannot pay.
    """
    chain = GeneratedChain()
    contract = deploy_market(chain, RULES)
    gas: dict[str, int] = {}
    for round_id in range(1, RING + 2):
        measured = measure_round(chain, contract, orders, round_id)
        if round_id in (1, RING + 1):
            name = "fresh" if round_id == 1 else "steady"
            gas |= {f"{transaction}_{name}": used for transaction, used in measured.items()}
    newcomers = [chain.account(f"newcomer_{i}") for i in range(orders)]
    register(chain, contract, newcomers)
    to_gate(chain, contract, RING + 2)
    contract.transact("clear", RING + 2, sender=chain.account("operator"))
    rows = [(newcomer, -ENERGY_WH) for newcomer in newcomers]
    return gas | {"settle_newcomers": settle(chain, contract, RING + 2, rows)}


def register(chain: Chain, contract: Contract, traders: list[str]) -> None:
    """Give everybody a meter."""
    for trader in traders:
        send(contract, "consentToMeter", trader, RULES.max_energy_wh)
    for i in range(0, len(traders), 200):
        args = (traders[i : i + 200], RULES.max_energy_wh)
        send(contract, "registerMeters", chain.account("meter_oracle"), *args)


def to_gate(chain: Chain, contract: Contract, round_id: int) -> None:
    """Let time go on to the gate of a round."""
    chain.advance_to(max(contract.read.gateOf(round_id), chain.timestamp + 1))


def settle(chain: Chain, contract: Contract, round_id: int, rows: list[tuple[str, int]]) -> int:
    """Settle the round in as many transactions as it takes; gas of the dearest."""
    delivered = contract.read.gateOf(round_id) + RULES.interval_s - 1
    chain.advance_to(max(delivered, chain.timestamp + 1))
    oracle = chain.account("meter_oracle")
    parts = [rows[i : i + READINGS] for i in range(0, len(rows), READINGS)]
    return max(
        send(contract, "settle", oracle, round_id, part, part is parts[-1]).gas_used
        for part in parts
    )


def measure_round(chain: Chain, contract: Contract, orders: int, round_id: int) -> dict[str, int]:
    """One round of the book that the module's docstring describes."""
    gas = place_orders(chain, contract, orders, round_id)
    half = orders // 2
    if round_id == 1:
        sides = ("buyer", "seller")
        register(chain, contract, [chain.account(f"{s}_{i}") for s in sides for i in range(half)])
    to_gate(chain, contract, round_id)
    cleared = send(contract, "clear", chain.account("operator"), round_id)
    require_worst_case(contract, cleared, orders - 1)
    readings = [(chain.account(f"buyer_{i}"), ENERGY_WH + 1) for i in range(half)]
    readings += [(chain.account(f"seller_{i}"), 1 - ENERGY_WH) for i in range(half)]
    return gas | {
        "clear": cleared.gas_used,
        "settle": settle(chain, contract, round_id, readings),
    }


def measure_in_parts(mechanism: str, orders: int) -> dict[str, int]:
    """The dearest transactions of a fresh round that is cleared in parts, and how many.

    Trade reduction leaves the marginal pair out. In a continuous auction the asks arrive
    first, so that every bid finds all that rest.
    """
    continuous = mechanism == "continuous"
    chain = GeneratedChain()
    contract = deploy_market(chain, replace(RULES, mechanism=mechanism))
    place_orders(chain, contract, orders, 1, asks_first=continuous)
    to_gate(chain, contract, 1)
    operator = chain.account("operator")
    begun = send(contract, "clearInParts", operator, 1, 0)
    require_worst_case(contract, begun, orders - (3 if mechanism == "mcafee" else 1))
    told = next(e.args for e in contract.decode_events(begun) if e.name == "ClearingBegun")
    parts = [
        send(contract, "clearNext", operator, 1, told["book"], told["pairs"], PAYOUTS).gas_used
        for _ in range(0, orders, PAYOUTS)
    ]
    assert contract.read.round(1).paidOut == 0
    return {
        "match": begun.gas_used,
        "pay_out": max(parts),
        "transactions": 1 + len(parts),
        "all": begun.gas_used + sum(parts),
    }


def place_orders(
    chain: Chain, contract: Contract, orders: int, round_id: int, asks_first: bool = False
) -> dict[str, int]:
    """Place the book; gas of the dearest bid and ask."""
    half = orders // 2
    ranks = dearest_arrival(list(range(half)))
    # The bid that trades first is half an order, so that no bid ends where an ask does.
    smallest = ranks[0] if asks_first else half - 1
    bids, asks = [], []
    for i, rank in enumerate(ranks):
        buyer = chain.account(f"buyer_{i}")
        energy_wh, price = ENERGY_WH // (2 if rank == smallest else 1), LOWEST_BID + rank
        # The deposit is the escrow, so that the free balance is zero when the round clears.
        deposit = energy_wh * price - free_wei(contract, buyer)
        send(contract, "deposit", buyer, value_wei=max(0, deposit))
        bids.append(partial(send, contract, "placeBid", buyer, round_id, energy_wh, price))
        seller, price = chain.account(f"seller_{i}"), LOWEST_ASK + rank
        margin = ENERGY_WH * (RULES.tariff.retail_wei_per_wh - price)
        deposit = margin - free_wei(contract, seller)
        send(contract, "deposit", seller, value_wei=max(0, deposit))
        asks.append(partial(send, contract, "placeAsk", seller, round_id, ENERGY_WH, price))
    pairs = [place for pair in zip(bids, asks, strict=True) for place in pair]
    placed = {place: place().gas_used for place in ([*asks, *bids] if asks_first else pairs)}
    return {"bid": max(placed[b] for b in bids), "ask": max(placed[a] for a in asks)}


def require_worst_case(contract: Contract, cleared: Receipt, expected: int) -> None:
    """Every pair but the last fills one order, so that there are as many as there can be."""
    trades = sum(e.name == "TradeCleared" for e in contract.decode_events(cleared))
    assert trades == expected, f"{trades} trades, expected {expected}: not the worst case"


def dearest_arrival(ascending: list[int]) -> list[int]:
    """The permutation whose merges alternate between their runs all the way."""
    if len(ascending) <= 1:
        return ascending
    return dearest_arrival(ascending[::2]) + dearest_arrival(ascending[1::2])


def free_wei(contract: Contract, trader: str) -> int:
    """The trader's free balance; a debt, which a deposit pays first, counts as negative."""
    (account,), _ = contract.read.accounts([trader])
    return int(account.balance + min(0, account.position))


def send(
    contract: Contract, function: str, sender: str, *args: object, value_wei: int = 0
) -> Receipt:
    """One transaction that must succeed."""
    return contract.transact(function, *args, sender=sender, value_wei=value_wei)


def print_table(head: str, columns: dict[str, dict[str, int]]) -> None:
    """Rows are what was measured, columns what it was measured for."""
    print(f"{head:22}" + "".join(f"{name:>18}" for name in columns))
    for row in next(iter(columns.values())):
        print(f"{row:22}" + "".join(f"{gas[row]:18,}" for gas in columns.values()))


def main() -> None:
    """Print the tables; with --write, write the snapshot too."""
    measured = measure()
    rows: dict[str, dict[str, int]] = measured["orders"]  # type: ignore[assignment]
    large: dict[str, dict[str, int]] = measured["large"]  # type: ignore[assignment]
    print_table("gas by orders", rows)
    print_table(f"{LARGE} orders, fresh", large)
    worst = max(max(gas["match"], gas["pay_out"]) for gas in large.values())
    print(f"the dearest of its transactions takes {worst / GAS_CAP:.0%} of the cap")
    if "--write" in sys.argv[1:]:
        SNAPSHOT.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
