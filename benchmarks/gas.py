"""Gas of the market's transactions by number of orders, at its worst.

    python benchmarks/gas.py            print the table
    python benchmarks/gas.py --write    and write gas_snapshot.json, which a test compares

Every order has a trader of its own, every order trades, every pair fills only one order
(so that there are orders - 1 trades), and the prices arrive in the order that costs the
merge sort most. "Fresh" is the first round of all traders, whose storage slots are empty;
"steady" is the same book again. Gas is exact: the numbers are the same on every machine.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from p2p_cosim.chain.artifact import load_artifact
from p2p_cosim.chain.contract import Contract, deploy
from p2p_cosim.chain.pyevm import PyEvmChain
from p2p_cosim.core.protocols import Chain
from p2p_cosim.core.types import Receipt, Tariff
from p2p_cosim.market import MarketRules
from p2p_cosim.market.rules import MAX_ORDERS

SNAPSHOT = Path(__file__).with_name("gas_snapshot.json")
GAS_CAP = 2**24  # of a transaction, EIP-7825
SIZES = (10, 30, 100, MAX_ORDERS)
ENERGY_WH = 500
LOWEST_BID, LOWEST_ASK = 100_000, 50_000
RULES = MarketRules(
    Tariff(retail_wei_per_wh=120_000, feed_in_wei_per_wh=40_000),
    max_price_wei_per_wh=1_000_000,
    max_energy_wh=100_000,
)


def measure() -> dict[str, object]:
    """Gas by transaction for each number of orders, as the snapshot holds it."""
    rows = {str(size): measure_rounds(size) for size in SIZES}
    return {"compiler": load_artifact().compiler.version, "gas_cap": GAS_CAP, "orders": rows}


def measure_rounds(orders: int) -> dict[str, int]:
    """Deployment, a fresh round, a steady one, and readings of as many newcomers.

    `bid` and `ask` are the dearest of the round. `settle_newcomers` has readings of traders
    whom the contract has never seen, and a utility that cannot pay them.
    """
    chain = PyEvmChain()
    operator = chain.account("operator")
    config = RULES.config(operator, chain.account("meter_oracle"), chain.account("utility"))
    contract = deploy(chain, load_artifact(), [config], operator)
    gas: dict[str, int] = {}
    for name in ("fresh", "steady"):
        for transaction, used in measure_round(chain, contract, orders).items():
            gas[f"{transaction}_{name}"] = used
    newcomers = [(chain.account(f"newcomer_{i}"), -ENERGY_WH) for i in range(orders)]
    contract.transact("clear", 2, sender=operator)
    settled = contract.transact("settle", 2, newcomers, sender=chain.account("meter_oracle"))
    return gas | {"settle_newcomers": settled.gas_used}


def measure_round(chain: Chain, contract: Contract, orders: int) -> dict[str, int]:
    """One round of the book that the module's docstring describes."""
    half = orders // 2
    ranks = dearest_arrival(list(range(half)))
    bids, asks = [], []
    for i, rank in enumerate(ranks):
        # The best bid is half an order, so that no two steps of the two curves coincide.
        energy_wh = ENERGY_WH // 2 if rank == half - 1 else ENERGY_WH
        price = LOWEST_BID + rank
        buyer, seller = chain.account(f"buyer_{i}"), chain.account(f"seller_{i}")
        # The deposit is the escrow, so that the free balance is zero when the round clears.
        send(contract, "deposit", buyer, value_wei=energy_wh * price - free_wei(contract, buyer))
        bids.append(send(contract, "placeBid", buyer, energy_wh, price))
        asks.append(send(contract, "placeAsk", seller, ENERGY_WH, LOWEST_ASK + rank))
    round_id = contract.read.round().id
    cleared = send(contract, "clear", chain.account("operator"), round_id)
    trades = sum(e.name == "TradeCleared" for e in contract.decode_events(cleared))
    assert trades == orders - 1, f"{trades} trades of {orders} orders: not the worst case"
    readings = [(chain.account(f"buyer_{i}"), ENERGY_WH + 1) for i in range(half)]
    readings += [(chain.account(f"seller_{i}"), 1 - ENERGY_WH) for i in range(half)]
    settled = send(contract, "settle", chain.account("meter_oracle"), round_id, readings)
    return {
        "bid": max(receipt.gas_used for receipt in bids),
        "ask": max(receipt.gas_used for receipt in asks),
        "clear": cleared.gas_used,
        "settle": settled.gas_used,
    }


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


def main() -> None:
    """Print the table; with --write, write the snapshot too."""
    measured = measure()
    rows: dict[str, dict[str, int]] = measured["orders"]  # type: ignore[assignment]
    print(f"{'gas':22}" + "".join(f"{size + ' orders':>14}" for size in rows))
    for transaction in rows[str(SIZES[0])]:
        print(f"{transaction:22}" + "".join(f"{row[transaction]:14,}" for row in rows.values()))
    worst = rows[str(MAX_ORDERS)]["clear_fresh"]
    print(f"a fresh clearing of {MAX_ORDERS} orders takes {worst / GAS_CAP:.0%} of the cap")
    if "--write" in sys.argv[1:]:
        SNAPSHOT.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
