"""Gas per order against the size of a round, by the way in which orders reach the contract.

    python benchmarks/gas_per_order.py            print the table
    python benchmarks/gas_per_order.py --write    and write gas_per_order.json, which a test
                                                  compares, and docs/figures/gas_per_order.png

Per order: all transactions of the gate closure (placing and clearing) by the number of
orders. Half of the orders are bids, energies and limits are drawn uniformly, and the limits
overlap, so that about half of the energy trades. The rounds before had the same orders: every
storage slot is in use, the ring of each account's rounds too. Gas is exact: the numbers are the
same on every machine.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from p2p_cosim.chain.generated import GeneratedChain
from p2p_cosim.core.types import Order, Placement, Reading, Side, Tariff
from p2p_cosim.market import MarketRules, OnChainMarket, Sealing
from p2p_cosim.market.ways import SUBMISSIONS
from p2p_cosim.plots import style

ROOT = Path(__file__).parents[1]
FIGURE = ROOT / "docs" / "figures" / "gas_per_order.png"
SNAPSHOT = Path(__file__).with_name("gas_per_order.json")
SIZES = (10, 30, 100, 300, 1_000)
INTERVAL_S = 900
RING = 4  # of contracts/MarketRules.sol
DEPOSIT_WEI = 10**10
RULES = MarketRules(
    Tariff(retail_wei_per_wh=120_000, feed_in_wei_per_wh=40_000),
    max_price_wei_per_wh=1_000_000,
    max_energy_wh=100_000,
)
SEALED = replace(RULES, sealing=Sealing(bond_wei=10**8, reveal_s=60))
LINES = {
    "sealed": ("committed to and revealed", style.GREEN, "D"),
    "individual": ("one transaction an order", style.BLACK, "o"),
    "batched": ("signed, stored in batches", style.BLUE, "s"),
    "signed": ("signed, cleared at once", style.VERMILION, "^"),
}


def measure() -> dict[str, dict[str, int]]:
    """Gas per order by number of orders and way."""
    return {str(size): {way: gas_per_order(way, size) for way in SUBMISSIONS} for size in SIZES}


def gas_per_order(submission: str, size: int) -> int:
    """Of the last of equal rounds, rounded down."""
    orders = random_orders(size)
    traders = [order.trader for order in orders]
    chain = GeneratedChain()
    rules = SEALED if submission == "sealed" else RULES
    market = OnChainMarket.deploy(chain, rules, traders, submission)
    market.deposit(dict.fromkeys(traders, DEPOSIT_WEI))
    start = chain.timestamp
    for round_ in range(1, RING + 2):
        gate = market.close_gate(orders, start + round_ * INTERVAL_S)
        readings = [Reading(p.order.trader, contracted_wh(p)) for p in gate.placements]
        market.settle(readings, start + (round_ + 1) * INTERVAL_S - 1)
    assert all(placement.order_id is not None for placement in gate.placements)
    assert gate.clearing.trades, "nothing trades: not what is to be measured"
    return sum(receipt.gas_used for _, receipt in gate.receipts) // size


def contracted_wh(placement: Placement) -> int:
    """What the trader bought."""
    return placement.filled_wh * (1 if placement.order.side is Side.BID else -1)


def random_orders(size: int) -> list[Order]:
    """One order a trader, bids and asks in turn."""
    rng = np.random.default_rng(size)
    return [
        Order(
            f"trader_{i}",
            Side.ASK if i % 2 else Side.BID,
            int(rng.integers(100, 2_000)),
            int(rng.integers(RULES.tariff.feed_in_wei_per_wh, RULES.tariff.retail_wei_per_wh)),
        )
        for i in range(size)
    ]


def draw(measured: dict[str, dict[str, int]]) -> None:
    """Draw the figure."""
    sizes = [int(size) for size in measured]
    with style.applied():
        ax = style.new_axes()
        for way, (label, color, marker) in LINES.items():
            thousands = [gas[way] / 1_000 for gas in measured.values()]
            ax.plot(sizes, thousands, color=color, marker=marker, markersize=3.5, label=label)
        ax.set_xscale("log")
        ax.set_xticks(sizes, [f"{size:,}" for size in sizes])
        ax.minorticks_off()
        ax.set_ylim(0, None)
        ax.set_xlabel("Orders in the round")
        ax.set_ylabel("Gas per order (thousands)")
        style.legend_above(ax, columns=1)
        FIGURE.parent.mkdir(exist_ok=True)
        ax.figure.savefig(FIGURE, dpi=200)


def main() -> None:
    """Print the table; with --write, write the snapshot and the figure too."""
    measured = measure()
    print(
        f"{'gas per order':>14}" + "".join(f"{way:>12}" for way in SUBMISSIONS) + "   signed/ind."
    )
    for size, gas in measured.items():
        share = gas["signed"] / gas["individual"]
        print(f"{size:>14}" + "".join(f"{gas[way]:12,}" for way in SUBMISSIONS) + f"{share:14.0%}")
    if "--write" in sys.argv[1:]:
        SNAPSHOT.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
        draw(measured)


if __name__ == "__main__":
    main()
