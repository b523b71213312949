"""Families of contracts that call each other, and everything observable of them on a chain."""

from __future__ import annotations

import numpy as np
from calling_programs import Contract
from random_programs import any_word, init_code

from p2p_cosim.chain.generated import GeneratedChain
from p2p_cosim.chain.generated.calls import created_address
from p2p_cosim.chain.pyevm import PyEvmChain
from p2p_cosim.core.types import Receipt, Transaction

CONTRACTS = 3  # of a family: each may call all of them
GAS_LIMITS = (900_000, 400_000, 200_000, 90_000)
Seen = list[Receipt | bytes]


def family(rng: np.random.Generator, deployer: str, nonce: int) -> list[bytes]:
    """Contracts that know each other's addresses, if they are deployed from this nonce on."""
    addresses = [created_address(int(deployer, 16), nonce + i) for i in range(CONTRACTS)]
    return [Contract(rng, addresses).code() for _ in addresses]


def run_families(
    chain: PyEvmChain | GeneratedChain, count: int, seed: int
) -> list[Receipt | bytes]:
    """Everything observable of families that are deployed and called."""
    rng = np.random.default_rng(seed)
    alice = chain.account("alice")
    seen: Seen = []
    for number in range(count):
        nonce = number * CONTRACTS * (1 + len(GAS_LIMITS))
        creations = [
            Transaction(alice, None, init_code(each)) for each in family(rng, alice, nonce)
        ]
        contracts = [each.contract_address for each in chain.transact_many(creations)]
        for gas_limit in GAS_LIMITS:
            for contract in contracts:
                words = [any_word(rng) for _ in range(rng.integers(5))]
                data = b"".join(word.to_bytes(32, "big") for word in words) + rng.bytes(3)
                seen += chain.transact_many([Transaction(alice, contract, data, 5, gas_limit)])
                seen.append(chain.state_root())
        chain.advance_to(chain.timestamp + 1)
    return seen
