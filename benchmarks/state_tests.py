"""The official state tests on the EVM of the default chain.

    git clone --depth 1 https://github.com/ethereum/tests
    python benchmarks/state_tests.py tests/GeneralStateTests [--fork Cancun] [--interpreted]

Takes a file or a folder of state tests, of ethereum/tests or of execution-spec-tests, and prints
how many give the state root and the logs that they ask for, how many do not, and why others are
left out. A test of Cancun runs with the rules of Prague, less
the calldata floor of EIP-7623 and the warm addresses of EIP-2537. Each has run twice before, once
with more gas, so that it runs as generated functions.

What a full node does round the EVM (fees, access lists, the coinbase's part) is done here: the
chain has no fees. Left out are transactions that a node refuses, and those that set the code of
their signers (EIP-7702), which this chain does not take.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import rlp
from eth_hash.auto import keccak

from p2p_cosim.chain.generated.calls import call, create, created_address
from p2p_cosim.chain.generated.program import Entry, Program, interpreted
from p2p_cosim.chain.generated.state import Account, Block, Substate, World, state_root
from p2p_cosim.chain.rules import (
    CREATION_GAS,
    FLOOR_TOKEN_GAS,
    INITCODE_WORD_GAS,
    LISTED_ADDRESS_GAS,
    LISTED_SLOT_GAS,
    MAX_REFUND_QUOTIENT,
    OTHER_BYTE_GAS,
    TRANSACTION_GAS,
    ZERO_BYTE_GAS,
)

BLOB_GAS = 2**17  # EIP-4844
MUCH_GAS = 4_000_000  # more than a test has, so that it goes on where gas runs out
SINCE_PRAGUE = set(range(0x0B, 0x12))  # precompiled contracts of EIP-2537, cold before
Fields = dict[str, Any]


def number(text: str | None) -> int:
    """An int of a test, hex as a rule; 0 if it is missing or empty."""
    return int(text, 0) if text and text != "0x" else 0


def data_of(text: str) -> bytes:
    """Bytes of a test."""
    return bytes.fromhex(text.removeprefix("0x"))


def world_of(pre: dict[str, Fields]) -> World:
    """The state before the transaction."""
    return {
        int(address, 16): Account(
            number(raw["nonce"]),
            number(raw["balance"]),
            data_of(raw["code"]),
            {number(slot): number(word) for slot, word in raw["storage"].items() if number(word)},
        )
        for address, raw in pre.items()
    }


def fake_exponential(factor: int, numerator: int, denominator: int) -> int:
    """The price of blob gas (EIP-4844)."""
    step, total, term = 1, 0, factor * denominator
    while term > 0:
        total += term
        term = term * numerator // (denominator * step)
        step += 1
    return total // denominator


def block_of(env: Fields, fork: str) -> Block:
    """What code can see of the block."""
    fraction = 3_338_477 if fork == "Cancun" else 5_007_716  # EIP-7691
    block = number(env["currentNumber"])
    return Block(
        number=block,
        timestamp=number(env["currentTimestamp"]),
        gas_limit=number(env["currentGasLimit"]),
        chain_id=1,
        coinbase=number(env["currentCoinbase"]),
        base_fee=number(env.get("currentBaseFee")),
        prevrandao=number(env.get("currentRandom")),
        blob_base_fee=fake_exponential(1, number(env.get("currentExcessBlobGas")), fraction),
        # As the tests define them: the hash of block n is keccak256 of n in decimal.
        hashes={
            n: int.from_bytes(keccak(str(n).encode()), "big") for n in range(block - 256, block)
        },
    )


def prices(tx: Fields, block: Block) -> int:
    """Wei that a unit of gas costs."""
    if "gasPrice" in tx:
        return number(tx["gasPrice"])
    tip = number(tx["maxPriorityFeePerGas"])
    return min(number(tx["maxFeePerGas"]), block.base_fee + tip)


def access_list(tx: Fields, index: int) -> list[tuple[int, list[int]]]:
    """Addresses and slots that the transaction declares."""
    lists = tx.get("accessLists") or []
    entries = lists[index] if index < len(lists) else None
    return [
        (int(entry["address"], 16), [number(slot) for slot in entry["storageKeys"]])
        for entry in entries or []
    ]


class Test:
    """One transaction of a state test."""

    def __init__(
        self, raw: Fields, fork: str, post: Fields, is_interpreted: bool, more_gas: int = 0
    ) -> None:
        self.tx, self.fork = raw["transaction"], fork
        self.block, self.world = block_of(raw["env"], fork), world_of(raw["pre"])
        chosen = post["indexes"]
        self.data = data_of(self.tx["data"][chosen["data"]])
        self.gas_limit = number(self.tx["gasLimit"][chosen["gas"]]) + more_gas
        self.world[int(self.tx["sender"], 16)].balance += more_gas * prices(self.tx, self.block)
        self.value = number(self.tx["value"][chosen["value"]])
        self.to = int(self.tx["to"], 16) if self.tx["to"] else None
        self.listed = access_list(self.tx, chosen["data"])
        self.entry = interpreted if is_interpreted else _generated

    def run(self) -> tuple[bytes, bytes]:
        """State root, and hash of the logs."""
        sender, price = int(self.tx["sender"], 16), prices(self.tx, self.block)
        sub = Substate(self.world, self.block, sender, self.entry, price)
        sub.blob_hashes = tuple(number(h) for h in self.tx.get("blobVersionedHashes") or ())
        if self.fork == "Cancun":
            sub.warm -= SINCE_PRAGUE
        for address, slots in self.listed:
            sub.warm.add(address)
            sub.warm_slots.setdefault(address, set()).update(slots)
        account = sub.account(sender)
        nonce, account.nonce = account.nonce, account.nonce + 1
        account.balance -= self.gas_limit * price
        account.balance -= len(sub.blob_hashes) * BLOB_GAS * self.block.blob_base_fee
        used = self._execute(sub, sender, nonce)
        account.balance += (self.gas_limit - used) * price
        if reward := used * (price - self.block.base_fee):
            sub.account(self.block.coinbase).balance += reward
        sub.finish()
        logs = [
            [a.to_bytes(20, "big"), [t.to_bytes(32, "big") for t in topics], data]
            for a, topics, data in sub.logs
        ]
        return state_root(self.world), keccak(rlp.encode(logs))

    def _execute(self, sub: Substate, sender: int, nonce: int) -> int:
        """Run the transaction; the gas that it is charged."""
        gas = self.gas_limit - self._intrinsic_gas()
        if self.to is None:
            address = created_address(sender, nonce)
            _, left, _ = create(sub, sender, address, self.value, self.data, gas)
        else:
            sub.warm.add(self.to)
            _, left, _ = call(sub, sender, self.to, self.to, self.value, self.data, gas)
        used = self.gas_limit - left
        used -= min(sub.refund, used // MAX_REFUND_QUOTIENT)
        zeros = self.data.count(0)
        tokens = zeros + 4 * (len(self.data) - zeros)
        floor = TRANSACTION_GAS + FLOOR_TOKEN_GAS * tokens if self.fork != "Cancun" else 0
        return max(used, floor)

    def _intrinsic_gas(self) -> int:
        zeros = self.data.count(0)
        gas = TRANSACTION_GAS + ZERO_BYTE_GAS * zeros + OTHER_BYTE_GAS * (len(self.data) - zeros)
        if self.to is None:
            gas += CREATION_GAS + INITCODE_WORD_GAS * ((len(self.data) + 31) // 32)
        slots = sum(len(keys) for _, keys in self.listed)
        return gas + LISTED_ADDRESS_GAS * len(self.listed) + LISTED_SLOT_GAS * slots


def _generated(code: bytes) -> Entry:
    return _PROGRAMS.setdefault(code, Program(code)).entry


_PROGRAMS: dict[bytes, Program] = {}


def cases(path: Path, fork: str) -> Iterator[tuple[str, Fields, Fields]]:
    """Name, test and expected result of every transaction of a fork."""
    for file in [path] if path.is_file() else sorted(path.rglob("*.json")):
        for name, raw in json.loads(file.read_text()).items():
            if isinstance(raw, dict) and "transaction" in raw:
                for place, post in enumerate(raw["post"].get(fork, [])):
                    yield f"{file.stem}::{name}[{place}]", raw, post
        _PROGRAMS.clear()


def outcome(raw: Fields, fork: str, post: Fields, is_interpreted: bool) -> str:
    """How a test ended, or why it was left out."""
    if "expectException" in post:
        return "left out: a node refuses the transaction"
    if "authorizationList" in raw["transaction"]:
        return "left out: sets code (EIP-7702)"
    if not is_interpreted:  # writes the functions that then run
        Test(raw, fork, post, is_interpreted, more_gas=MUCH_GAS).run()
        Test(raw, fork, post, is_interpreted).run()
    root, logs = Test(raw, fork, post, is_interpreted).run()
    is_equal = (root, logs) == (data_of(post["hash"]), data_of(post["logs"]))
    return "equal" if is_equal else "different"


def main() -> int:
    """Run the tests and print the counts; exit code 1 if one differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", type=Path)
    parser.add_argument("--fork", default="Cancun")
    parser.add_argument("--interpreted", action="store_true", help="generate nothing")
    given = parser.parse_args()
    counts: Counter[str] = Counter()
    begin = perf_counter()
    for name, raw, post in cases(given.path, given.fork):
        how = outcome(raw, given.fork, post, given.interpreted)
        counts[how] += 1
        if how == "different":
            print(f"  different: {name}", flush=True)
    print(f"{given.fork}, {'interpreted' if given.interpreted else 'generated'}:")
    for how, count in counts.most_common():
        print(f"  {count:6} {how}")
    print(f"  {perf_counter() - begin:6.0f} s")
    return int(counts["different"] > 0)


if __name__ == "__main__":
    sys.exit(main())
