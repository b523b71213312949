"""Milliseconds per transaction of the chain backends, measured in one run.

    python benchmarks/chain_speed.py [--ticks 4]

The yardstick is web3 + eth-tester as pip installs them: pure Python signatures, and no
explicit gas, so that web3 estimates it for every transaction. A tick is 30 orders of eight
traders, one clearing and one settlement on EnergyMarket; every backend gets the same. The
backends take turns tick by tick, so that a busy machine slows them alike; the first tick
of each is not counted. Read the ratios, not the milliseconds.

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

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from chains import hardhat_node

ORDERS = 30
TRADERS = 8  # eth-tester comes with ten accounts; two are operator and utility
TRANSACTIONS = ORDERS + 2
ETHER = 10**18
ARTIFACT, RULE = load_artifact("EnergyMarket"), load_artifact("KDoubleAuction")
K_BASIS_POINTS = 5_000
LEAST = 300  # times faster than the yardstick that the default chain must be, all the way
Call = tuple[str, tuple[object, ...], int]  # function, arguments, trader (-1: the operator)


def config(operator: str, utility: str, rule: str) -> dict[str, object]:
    """Rules of the market, in the order of the struct; prices in wei/Wh."""
    return {
        "operator": operator,
        "meterOracle": operator,
        "utility": utility,
        "rule": rule,
        "retail": 10**12,
        "feedIn": 10**11,
        "maxPrice": 2 * 10**12,
        "minEnergy": 1,
        "maxEnergy": 100_000,
        "maxOrders": 64,
        "maxOrdersPerTrader": 64,
        "graceSeconds": 3600,
    }


def tick_calls(tick: int) -> list[Call]:
    """The calls of a tick: orders that cross about half, clearing, settlement."""
    rng = np.random.default_rng(tick)
    calls: list[Call] = []
    for order in range(ORDERS):
        function = "placeBid" if order % 2 else "placeAsk"
        energy, price = int(rng.integers(100, 5000)), int(rng.integers(10**11, 10**12))
        calls.append((function, (energy, price), order % TRADERS))
    return [*calls, ("clear", (tick,), -1), ("settle", (tick, []), -1)]


def naive() -> Callable[[int], tuple[int, float]]:
    """A tick on web3 and eth-tester, used as their documentation does: gas and seconds."""
    web3 = Web3(EthereumTesterProvider())
    operator, utility, *traders = web3.eth.accounts
    web3.eth.default_account = operator

    def create(artifact: Artifact, argument: object) -> str:
        factory = web3.eth.contract(abi=artifact.abi, bytecode=artifact.bytecode)
        created = factory.constructor(argument).transact()
        return str(web3.eth.get_transaction_receipt(created)["contractAddress"])

    rule = create(RULE, K_BASIS_POINTS)
    address = create(ARTIFACT, tuple(config(operator, utility, rule).values()))
    market = web3.eth.contract(address, abi=ARTIFACT.abi)
    for trader in traders:
        market.functions.deposit().transact({"from": trader, "value": ETHER})

    def tick(number: int) -> tuple[int, float]:
        gas, start = 0, perf_counter()
        for function, args, trader in tick_calls(number):
            sender = operator if trader < 0 else traders[trader]
            sent = market.functions[function](*args).transact({"from": sender})
            gas += web3.eth.get_transaction_receipt(sent)["gasUsed"]
        return gas, perf_counter() - start

    return tick


def through_contract(chain: Chain) -> Callable[[int], tuple[int, float]]:
    """A tick on one of our backends: gas, and seconds that the chain took."""
    operator, utility = chain.account("operator"), chain.account("utility")
    traders = [chain.account(f"trader {i}") for i in range(TRADERS)]
    rule = deploy(chain, RULE, [K_BASIS_POINTS], operator).address
    market: Contract = deploy(chain, ARTIFACT, [config(operator, utility, rule)], operator)
    for trader in traders:
        market.transact("deposit", sender=trader, value_wei=ETHER)

    def tick(number: int) -> tuple[int, float]:
        transactions = [
            market.transaction(f, *args, sender=operator if i < 0 else traders[i])
            for f, args, i in tick_calls(number)
        ]
        start = perf_counter()
        chain.advance_to(chain.timestamp + 900)
        receipts = chain.transact_many(transactions)
        seconds = perf_counter() - start
        for receipt in receipts:
            if not receipt.status:
                raise market.revert_error("benchmark", receipt.output)
            market.decode_events(receipt)
        return sum(receipt.gas_used for receipt in receipts), seconds

    return tick


def measure(
    backends: dict[str, Callable[[int], tuple[int, float]]], ticks: int
) -> dict[str, tuple[float, float]]:
    """Median milliseconds a transaction by backend: the whole way, and the chain's part."""
    whole: dict[str, list[float]] = {name: [] for name in backends}
    chain: dict[str, list[float]] = {name: [] for name in backends}
    for number in range(ticks + 1):
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
