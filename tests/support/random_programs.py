"""Random EVM programs, and everything observable of them on a chain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from eth.vm import opcode_values as op
from eth.vm.forks.prague.opcodes import PRAGUE_OPCODES

from p2p_cosim.chain.generated import GeneratedChain
from p2p_cosim.chain.generated.program import Entry, program_of
from p2p_cosim.chain.pyevm import PyEvmChain
from p2p_cosim.core.types import Receipt, Transaction

RISKY = {
    op.STOP,
    op.JUMP,
    op.JUMPI,
    op.RETURN,
    op.REVERT,
    op.SELFDESTRUCT,
    op.RETURNDATACOPY,
}
OPCODES = np.array(sorted(PRAGUE_OPCODES))
HARMLESS = np.array([o for o in OPCODES if o not in RISKY])
INVALID = 0x0C
EDGES = [0, 1, 2, 31, 32, 33, 255, 256, 2**255 - 1, 2**255, 2**256 - 2, 2**256 - 1]
GAS_LIMITS = (80_000, 1_000_000)
MUCH_GAS = 4_000_000  # a multiple of 4: programs look at what is left of the gas by 4


class AllGenerated(GeneratedChain):
    """Generates from every code, whoever deployed it, and before it runs.

    Runs without effect come before the one that counts, which write the functions that it goes
    through. Some of them go other ways, because calldata and what is left of the gas decide; those
    with more gas go on where it runs out.
    """

    def _transact(self, transaction: Transaction) -> Receipt:
        data, gas = transaction.data, transaction.gas_limit
        others = [(data, gas + MUCH_GAS), (data, gas)]
        if transaction.to:
            turned = [data[7:] + data[:7], data[::-1]]
            others = [(each, gas + MUCH_GAS + i) for i, each in enumerate(turned)] + others
        for calldata, limit in others:
            self.call(replace(transaction, data=calldata, gas_limit=limit))
        return super()._transact(transaction)

    def _entry(self, code: bytes) -> Entry:
        return program_of(code).entry


def push(word: int) -> bytes:
    data = word.to_bytes((word.bit_length() + 7) // 8, "big")
    return bytes([op.PUSH0 + len(data)]) + data


def any_word(rng: np.random.Generator) -> int:
    kind = rng.integers(3)
    if kind == 0:
        return EDGES[rng.integers(len(EDGES))]
    return int.from_bytes(rng.bytes(32), "big") if kind == 1 else int(rng.integers(200))


def random_program(rng: np.random.Generator) -> bytes:
    """Code that mostly has the words it needs, loops by chance and ends in the open."""
    code = bytes([op.JUMPDEST]) + bytes([op.PUSH0]) * 17
    destinations = [0]
    for _ in range(rng.integers(5, 60)):
        kind = rng.random()
        if kind < 0.1:
            destinations.append(len(code))
            code += bytes([op.JUMPDEST])
        elif kind < 0.2:
            # The remaining gas decides, so that a wrong gas count goes another way.
            target = destinations[rng.integers(len(destinations))]
            condition = bytes([op.GAS]) + push(3) + bytes([op.AND, op.ISZERO])
            code += condition + push(target) + bytes([op.JUMPI])
        elif kind < 0.205:
            code += push(any_word(rng)) + bytes([op.JUMP])
        elif kind < 0.21:
            code += bytes([INVALID])
        elif kind < 0.25:
            code += internal_call(len(code), rng)
        elif kind < 0.35:
            code += struct_in_memory(rng)
        else:
            code += with_operands(rng)
    # Leave what is on the stack and in memory in the state, for the root to tell.
    show_stack = b"".join(push(slot) + bytes([op.SSTORE]) for slot in range(3))
    show_memory = bytes([op.MSIZE, op.PUSH0, op.SHA3, op.GAS, op.SSTORE, op.MSIZE, op.PUSH0])
    end = op.REVERT if rng.random() < 0.2 else op.RETURN
    return code + show_stack + show_memory + bytes([end])


def internal_call(start: int, rng: np.random.Generator) -> bytes:
    """A function of Solidity's kind at a place of the code: return address, jump, and back."""
    body = bytes([op.DUP2, op.ADD, op.SWAP1]) if rng.random() < 0.5 else bytes([op.SWAP1])
    function = start + 3 + 2 + 3 + 1
    after = function + 1 + len(body) + 1
    call = bytes([op.PUSH2, *after.to_bytes(2, "big")]) + push(int(rng.integers(1, 256)))
    jump = bytes([op.PUSH2, *function.to_bytes(2, "big"), op.JUMP, op.JUMPDEST])
    return call + jump + body + bytes([op.JUMP, op.JUMPDEST])


def struct_in_memory(rng: np.random.Generator) -> bytes:
    """Reads and writes at offsets from two places of the memory, which may be the same or overlap.
    The text tells neither: one may be known, the other hangs on the calldata. All that is read is
    logged."""
    code = place_in_memory(rng) + place_in_memory(rng)
    for _ in range(rng.integers(2, 12)):
        offset = int(rng.choice([0, 4, 32, 36, 64, 96, 128]))
        offset = 2**32 - int(rng.integers(3)) if rng.random() < 0.01 else offset
        there = push(offset) + bytes([op.ADD])
        base = op.DUP1 + int(rng.integers(2))
        kind = rng.integers(8)
        if kind < 3:
            code += bytes([base]) + there + bytes([op.MLOAD, op.PUSH0, op.PUSH0, op.LOG1])
        elif kind == 3:
            size = 32 * int(rng.integers(1, 4))
            code += push(size) + bytes([base + 1]) + there
            code += bytes([op.SHA3, op.PUSH0, op.PUSH0, op.LOG1])
        elif kind == 4:
            size = int(rng.choice([0, 5, 32, 64]))
            copy = (op.CALLDATACOPY, op.CODECOPY, op.MCOPY)[rng.integers(3)]
            code += push(size) + push(int(rng.integers(40))) + bytes([base + 2]) + there
            code += bytes([copy])
        elif kind == 5:
            code += push(64) + bytes([base + 1]) + there + bytes([op.LOG0])
        else:
            code += push(any_word(rng)) + bytes([base + 1]) + there
            code += bytes([op.MSTORE if kind == 6 or rng.random() < 0.7 else op.MSTORE8])
    return code + bytes([op.POP, op.POP])


HIDE = bytes([op.PUSH0, op.TSTORE, op.PUSH0, op.TLOAD])
"""The word on top of the stack once more, so that nothing is known of it."""


def of_calldata(rng: np.random.Generator, mask: int) -> bytes:
    """Leaves some bits of the calldata on the stack, of which the code tells how many they are, or
    does not."""
    code = push(int(rng.integers(12))) + bytes([op.CALLDATALOAD]) + push(mask) + bytes([op.AND])
    return code + HIDE if rng.random() < 0.6 else code


def place_in_memory(rng: np.random.Generator) -> bytes:
    """Leaves a place on the stack: mostly a multiple of 32, seldom one that nobody can pay for; by
    chance that of an element of an array."""
    strange = [2**36 - 32, 2**36 + 1, 2**255, 2**256 - 32, 2**256 - 1]
    if rng.random() < 0.6:
        code = of_calldata(rng, 0x1E0 if rng.random() < 0.6 else 0x1E1)
    else:
        place = 32 * int(rng.integers(20)) + (0 if rng.random() < 0.8 else int(rng.integers(32)))
        place = strange[rng.integers(len(strange))] if rng.random() < 0.03 else place
        code = push(place) + (HIDE if rng.random() < 0.5 else b"")
    if rng.random() < 0.4:
        index = 7 if rng.random() < 0.9 else 7 | 1 << 251
        code += of_calldata(rng, index) + push(5) + bytes([op.SHL, op.ADD])
    return code


def with_operands(rng: np.random.Generator) -> bytes:
    """An instruction, and before it the words that it takes, most of the time."""
    opcode = int(rng.choice(OPCODES if rng.random() < 0.02 else HARMLESS))
    wild = opcode <= op.SAR or rng.random() < 0.01
    words = [any_word(rng) if wild else int(rng.integers(200)) for _ in range(7)]
    data = rng.bytes(opcode - op.PUSH0) if op.PUSH0 < opcode <= op.PUSH32 else b""
    enough = 7 if rng.random() < 0.95 else int(rng.integers(3))
    return b"".join(push(word) for word in words[:enough]) + bytes([opcode]) + data


def init_code(program: bytes) -> bytes:
    """Code that deploys a program."""
    head = bytes([op.PUSH2, *len(program).to_bytes(2, "big"), op.DUP1])
    size = len(head) + 2 + 4
    return head + bytes([op.PUSH1, size, op.PUSH0, op.CODECOPY, op.PUSH0, op.RETURN]) + program


def run(
    chain: PyEvmChain | GeneratedChain, programs: list[bytes], seed: int
) -> list[Receipt | bytes]:
    """Everything observable of programs that are deployed and called, one after the other."""
    rng = np.random.default_rng(seed)
    alice = chain.account("alice")
    seen: list[Receipt | bytes] = []
    for program in programs:
        (created,) = chain.transact_many([Transaction(alice, None, init_code(program))])
        assert created.contract_address is not None
        for gas_limit in GAS_LIMITS:
            seen += chain.transact_many(
                [Transaction(alice, created.contract_address, rng.bytes(40), 5, gas_limit)]
            )
        seen.append(chain.state_root())
        chain.advance_to(chain.timestamp + 1)
    return seen


MAKERS: tuple[Callable[[], PyEvmChain | GeneratedChain], ...] = (AllGenerated, GeneratedChain)
