"""Milliseconds per transaction of the chain backends, measured in one run.

    python benchmarks/chain_speed.py [--ticks 4]

The yardstick is web3 + eth-tester as pip installs them: pure Python signatures, and no
explicit gas, so that web3 estimates it for every transaction. A tick is 30 orders of six
traders and one clearing on OpenMarket; every backend gets the same. The backends take turns tick
by tick, so that a busy machine slows them alike; the first tick of each is not counted. Read the
ratios, not the milliseconds.

web3 encodes calls and decodes receipts for every transaction and cannot do without. Of our
backends the first column is the whole way too: calls encoded, transactions, events decoded. The
second is the chain's part alone, from `Transaction` to `Receipt`. Exit code 1 if the default
chain is not LEAST times as fast as the yardstick.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

# eth-keys would take coincurve, which this project depends on and plain web3 does not.
os.environ["ECC_BACKEND_CLASS"] = "eth_keys.backends.NativeECCBackend"

import numpy as np
from web3 import EthereumTesterProvider, Web3

from p2p_cosim.chain.artifact import Artifact, load_artifact
from p2p_cosim.chain.contract import Contract, deploy
from p2p_cosim.chain.ethtester import EthTesterChain
from p2p_cosim.chain.generated import GeneratedChain
from p2p_cosim.chain.jsonrpc import AnvilChain, JsonRpcChain
from p2p_cosim.chain.pyevm import PyEvmChain
from p2p_cosim.core.protocols import Chain
from p2p_cosim.core.types import Tariff
from p2p_cosim.market import MarketRules
from p2p_cosim.market.rules import Places

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from chains import hardhat_node

ORDERS = 30
TRADERS = 6  # eth-tester comes with ten accounts; four have roles
TRANSACTIONS = ORDERS + 1
ETHER = 10**18
MARKET, RULE, SETTLEMENT = (load_artifact(n) for n in ("OpenMarket", "KDoubleAuction", "DualPrice"))
RULES = MarketRules(
    Tariff(10**12, 10**11),
    max_price_wei_per_wh=2 * 10**12,
    max_energy_wh=100_000,
    max_orders=64,
    interval_s=3_600,  # web3's tester mines a block a transaction, at least a second apart
)
RULE_ARGUMENTS = (RULES.k_basis_points, RULES.price_size_wh)
LEAST = 300  # times faster than the yardstick that the default chain must be, all the way
Call = tuple[str, tuple[object, ...], int]  # function, arguments, trader (-1: the operator)


def order_calls(round_id: int) -> list[Call]:
    """Orders of a round that cross about half."""
    rng = np.random.default_rng(round_id)
    calls: list[Call] = []
    for order in range(ORDERS):
        function = "placeBid" if order % 2 else "placeAsk"
        energy, price = int(rng.integers(100, 5000)), int(rng.integers(10**11, 10**12))
        calls.append((function, (round_id, energy, price), order % TRADERS))
    return calls


def blocks(round_id: int, first_gate: int) -> list[tuple[int | None, list[Call]]]:
    """The blocks of a round, orders and then clearing at the gate, each with its time; None for as
    soon as may be."""
    gate = first_gate + (round_id - 1) * RULES.interval_s
    return [
        (None, order_calls(round_id)),
        (gate + 1, [("clear", (round_id,), -1)]),
    ]


def naive() -> Callable[[int], tuple[int, float]]:
    """A round on web3 and eth-tester, used as their documentation does: gas and seconds."""
    provider = EthereumTesterProvider()
    web3 = Web3(provider)
    roles, traders = web3.eth.accounts[:4], web3.eth.accounts[4:]
    operator = roles[0]
    web3.eth.default_account = operator

    def create(artifact: Artifact, *arguments: object) -> str:
        factory = web3.eth.contract(abi=artifact.abi, bytecode=artifact.bytecode)
        created = factory.constructor(*arguments).transact()
        return str(web3.eth.get_transaction_receipt(created)["contractAddress"])

    deployed = Places(*roles, create(RULE, *RULE_ARGUMENTS), create(SETTLEMENT))
    timestamp = int(web3.eth.get_block("latest")["timestamp"])
    config = RULES.config(deployed, timestamp)
    inputs: Any = next(entry for entry in MARKET.abi if entry["type"] == "constructor")["inputs"]
    in_order = tuple(config[component["name"]] for component in inputs[0]["components"])
    market = web3.eth.contract(create(MARKET, in_order), abi=MARKET.abi)
    for trader in traders:
        market.functions.deposit().transact({"from": trader, "value": ETHER})

    def tick(round_id: int) -> tuple[int, float]:
        gas, start = 0, perf_counter()
        for time, calls in blocks(round_id, timestamp + RULES.interval_s):
            if time is not None:
                provider.ethereum_tester.time_travel(time)
            for function, args, trader in calls:
                sender = operator if trader < 0 else traders[trader]
                sent = market.functions[function](*args).transact({"from": sender})
                gas += web3.eth.get_transaction_receipt(sent)["gasUsed"]
        return gas, perf_counter() - start

    return tick


def through_contract(chain: Chain) -> Callable[[int], tuple[int, float]]:
    """A round on one of our backends: gas, and seconds that the chain took."""
    roles = [chain.account(role) for role in ("operator", "oracle", "utility", "surplus")]
    operator = roles[0]
    traders = [chain.account(f"trader {i}") for i in range(TRADERS)]
    rule = deploy(chain, RULE, list(RULE_ARGUMENTS), operator).address
    settlement = deploy(chain, SETTLEMENT, [], operator).address
    timestamp = chain.timestamp
    config = RULES.config(Places(*roles, rule, settlement), timestamp)
    market: Contract = deploy(chain, MARKET, [config], operator)
    for trader in traders:
        market.transact("deposit", sender=trader, value_wei=ETHER)

    def tick(round_id: int) -> tuple[int, float]:
        gas, seconds = 0, 0.0
        for time, calls in blocks(round_id, timestamp + RULES.interval_s):
            transactions = [
                market.transaction(f, *args, sender=operator if i < 0 else traders[i])
                for f, args, i in calls
            ]
            start = perf_counter()
            chain.advance_to(chain.timestamp + 1 if time is None else time)
            receipts = chain.transact_many(transactions)
            seconds += perf_counter() - start
            for receipt in receipts:
                if not receipt.status:
                    raise market.revert_error("benchmark", receipt.output)
                market.decode_events(receipt)
            gas += sum(receipt.gas_used for receipt in receipts)
        return gas, seconds

    return tick


def measure(
    backends: dict[str, Callable[[int], tuple[int, float]]], ticks: int
) -> dict[str, tuple[float, float]]:
    """Median milliseconds a transaction by backend: the whole way, and the chain's part."""
    whole: dict[str, list[float]] = {name: [] for name in backends}
    chain: dict[str, list[float]] = {name: [] for name in backends}
    for number in range(1, ticks + 2):
        gas = set()
        for name, tick in backends.items():
            start = perf_counter()
            used, seconds = tick(number)
            whole[name].append(perf_counter() - start)
            chain[name].append(seconds)
            gas.add(used)
        assert len(gas) == 1, f"backends charge different gas in tick {number}: {gas}"
    scale = 1000 / TRANSACTIONS
    return {n: (scale * median(whole[n][1:]), scale * median(chain[n][1:])) for n in backends}


def main() -> int:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ticks", type=int, default=4, help="ticks measured per backend")
    ticks = parser.parse_args().ticks
    with ExitStack() as stack:
        chains: dict[str, Chain] = {
            "ethtester": EthTesterChain(),
            "pyevm": PyEvmChain(),
            "generated": GeneratedChain(),
            "jsonrpc, Hardhat node": JsonRpcChain(stack.enter_context(hardhat_node())),
            "anvil": AnvilChain(),
        }
        for chain in chains.values():
            stack.callback(chain.close)
        ours = {name: through_contract(chain) for name, chain in chains.items()}
        rows = measure({"web3 + eth-tester as installed": naive(), **ours}, ticks)
    base, _ = next(iter(rows.values()))
    print(f"{ticks} ticks of {TRANSACTIONS} transactions, median tick; equal gas")
    print(f"{'backend':32} {'ms/tx':>8} {'faster':>8} {'chain ms/tx':>12} {'faster':>8}")
    for name, (whole, chain_ms) in rows.items():
        print(
            f"{name:32} {whole:8.3f} {base / whole:7.0f}x {chain_ms:12.4f} {base / chain_ms:7.0f}x"
        )
    return int(base / rows["generated"][0] < LEAST)


if __name__ == "__main__":
    sys.exit(main())
