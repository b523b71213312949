"""Random programs on the block interpreter and on py-evm's own opcode loop.

Compared are receipts and state roots: a wrong stored word shows in the root alone.
"""

import numpy as np
import pytest
from eth.vm import opcode_values as op
from eth.vm.forks.prague.computation import PragueComputation
from eth.vm.forks.prague.opcodes import PRAGUE_OPCODES

from p2p_cosim.chain.pyevm import PyEvmChain
from p2p_cosim.chain.pyevm.interpreter import Program
from p2p_cosim.chain.pyevm.machine import State
from p2p_cosim.core.types import Receipt, Transaction

pytestmark = pytest.mark.filterwarnings("ignore:SELFDESTRUCT opcode")

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


class PlainState(State):
    computation_class = PragueComputation


class PlainChain(PyEvmChain):
    """The same chain with py-evm's own loop."""

    def _open(self, root: bytes) -> State:
        return PlainState(self._db, self._context(), root)  # type: ignore[arg-type]


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
        else:
            opcode = int(rng.choice(OPCODES if rng.random() < 0.02 else HARMLESS))
            wild = opcode <= op.SAR or rng.random() < 0.01
            words = [any_word(rng) if wild else int(rng.integers(200)) for _ in range(7)]
            data = rng.bytes(opcode - op.PUSH0) if op.PUSH0 < opcode <= op.PUSH32 else b""
            enough = 7 if rng.random() < 0.95 else int(rng.integers(3))
            code += b"".join(push(word) for word in words[:enough])
            code += bytes([opcode]) + data
    # Leave what is on the stack and in memory in the state, for the root to tell.
    show_stack = b"".join(push(slot) + bytes([op.SSTORE]) for slot in range(3))
    show_memory = bytes([op.MSIZE, op.PUSH0, op.SHA3, op.GAS, op.SSTORE, op.MSIZE, op.PUSH0])
    end = op.REVERT if rng.random() < 0.2 else op.RETURN
    return code + show_stack + show_memory + bytes([end])


def run(chain: PyEvmChain, programs: list[bytes], seed: int) -> list[Receipt | bytes]:
    rng = np.random.default_rng(seed)
    alice = chain.account("alice")
    seen: list[Receipt | bytes] = []
    for program in programs:
        copy = push(len(program)) + bytes([op.DUP1, op.PUSH0 + 1, 0, op.PUSH0, op.CODECOPY])
        init = copy + bytes([op.PUSH0, op.RETURN])
        init = init.replace(b"\x60\x00\x5f\x39", bytes([0x60, len(init), 0x5F, 0x39]))
        (created,) = chain.transact_many([Transaction(alice, None, init + program)])
        assert created.contract_address is not None
        for gas_limit in (80_000, 1_000_000):
            seen += chain.transact_many(
                [Transaction(alice, created.contract_address, rng.bytes(40), 5, gas_limit)]
            )
        seen.append(chain.state_root())
        chain.advance_to(chain.timestamp + 1)
    return seen


@pytest.mark.parametrize("seed", range(3))
def test_random_programs_do_the_same_on_both(seed: int) -> None:
    rng = np.random.default_rng(seed)
    programs = [random_program(rng) for _ in range(50)]
    ours = run(PyEvmChain(), programs, seed)
    assert ours == run(PlainChain(), programs, seed)
    statuses = [seen.status for seen in ours if isinstance(seen, Receipt)]
    assert 15 < sum(statuses) < 80  # the programs are not all trivial


@pytest.mark.parametrize("instruction", sorted(set(range(0x01, 0x1E)) & set(PRAGUE_OPCODES)))
def test_arithmetic_at_the_edges_of_the_word(instruction: int) -> None:
    pairs = [(a, b) for a in EDGES for b in EDGES]
    code = b"".join(
        push(7) + push(b) + push(a) + bytes([instruction]) + push(slot) + bytes([op.SSTORE])
        for slot, (a, b) in enumerate(pairs[:: 1 + (instruction == op.EXP)])
    )
    roots = []
    for make in (PyEvmChain, PlainChain):
        chain = make()
        (receipt,) = chain.transact_many([Transaction(chain.account("alice"), None, code)])
        roots.append((receipt, chain.state_root()))
    assert roots[0] == roots[1]
    assert roots[0][0].status


@pytest.mark.parametrize(
    ("depth", "status"), [(1023, True), (1024, True), (1025, False), (2000, False)]
)
def test_the_stack_holds_1024_words(depth: int, status: bool) -> None:
    chain = PyEvmChain()
    (receipt,) = chain.transact_many(
        [Transaction(chain.account("alice"), None, bytes([op.PUSH0] * depth))]
    )
    assert receipt.status is status


def test_a_jump_into_push_data_is_refused() -> None:
    code = bytes([op.PUSH1, op.JUMPDEST, op.JUMPDEST, op.PUSH2, op.JUMPDEST])
    assert Program(code).destinations == {2}
