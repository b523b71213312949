"""The default chain, with generated code and without, against py-evm.

Compared are receipts and state roots: a wrong stored word shows in the root alone. Run
`python tests/support/random_programs.py 10000` for more programs than CI has time for.
"""

import numpy as np
import pytest
from eth.vm import opcode_values as op
from eth.vm.forks.prague.computation import PRAGUE_PRECOMPILES
from eth.vm.forks.prague.opcodes import PRAGUE_OPCODES
from random_programs import EDGES, MAKERS, AllGenerated, push, random_program, run

from p2p_cosim.chain.generated import GeneratedChain
from p2p_cosim.chain.generated.opcodes import CREATE, CREATE2, SELFDESTRUCT, STATIC_GAS
from p2p_cosim.chain.generated.precompiles import is_precompiled
from p2p_cosim.chain.pyevm import PyEvmChain
from p2p_cosim.core.types import Receipt, Transaction

pytestmark = pytest.mark.filterwarnings("ignore:SELFDESTRUCT opcode")

Make = type[GeneratedChain] | type[PyEvmChain]
ALL: tuple[Make, ...] = (PyEvmChain, GeneratedChain, AllGenerated)


def test_the_table_of_instructions_is_py_evms() -> None:
    assert set(STATIC_GAS) == set(PRAGUE_OPCODES)
    elsewhere = {CREATE, CREATE2, SELFDESTRUCT}  # charged where they are executed
    for opcode in set(STATIC_GAS) - elsewhere:
        assert STATIC_GAS[opcode] == PRAGUE_OPCODES[opcode].gas_cost + log_topics(opcode), opcode


def log_topics(opcode: int) -> int:
    """Gas of topics, which py-evm charges when it executes a log."""
    return 375 * (opcode - op.LOG0) if op.LOG0 <= opcode <= op.LOG4 else 0


def test_the_precompiled_contracts_are_py_evms() -> None:
    addresses = {int.from_bytes(address, "big") for address in PRAGUE_PRECOMPILES}
    assert addresses == {address for address in range(100) if is_precompiled(address)}


@pytest.mark.parametrize("seed", range(3))
def test_random_programs_do_the_same(seed: int) -> None:
    rng = np.random.default_rng(seed)
    programs = [random_program(rng) for _ in range(50)]
    expected = run(PyEvmChain(), programs, seed)
    for make in MAKERS:
        assert run(make(), programs, seed) == expected
    statuses = [seen.status for seen in expected if isinstance(seen, Receipt)]
    assert 10 < sum(statuses) < 80  # the programs are not all trivial


def outcome(make: Make, code: bytes, **fields: int) -> tuple[Receipt, bytes]:
    """The receipt of a creation, and the state root after it."""
    chain = make()
    (receipt,) = chain.transact_many([Transaction(chain.account("alice"), None, code, **fields)])
    return receipt, chain.state_root()


def same(code: bytes, **fields: int) -> Receipt:
    """The receipt that all three give for init code."""
    expected = outcome(PyEvmChain, code, **fields)
    for make in ALL[1:]:
        assert outcome(make, code, **fields) == expected
    return expected[0]


@pytest.mark.parametrize("instruction", sorted(set(range(0x01, 0x1E)) & set(PRAGUE_OPCODES)))
@pytest.mark.parametrize("known", [True, False], ids=["constants", "unknown operands"])
def test_arithmetic_at_the_edges_of_the_word(instruction: int, known: bool) -> None:
    """With operands that the generator folds, and with such that it must leave to Python."""
    pairs = [(a, b) for a in EDGES for b in EDGES]
    hide = b"" if known else bytes([op.PUSH0, op.MSTORE, op.PUSH0, op.MLOAD])
    code = b"".join(
        push(7) + push(b) + hide + push(a) + hide + bytes([instruction]) + push(s) + b"\x55"
        for s, (a, b) in enumerate(pairs[:: 1 + (instruction == op.EXP)])
    )
    assert same(code).status


@pytest.mark.parametrize(
    ("depth", "status"), [(1023, True), (1024, True), (1025, False), (2000, False)]
)
def test_the_stack_holds_1024_words(depth: int, status: bool) -> None:
    assert same(bytes([op.PUSH0] * depth)).status is status


JUMPS = {
    "into the data of a push": bytes([op.PUSH1, 4, op.JUMP, op.PUSH1, op.JUMPDEST]),
    "to the beginning, which is no JUMPDEST": bytes([op.PUSH0, op.JUMP]),
    "computed, to the beginning": bytes([op.CALLDATASIZE, op.JUMP]),
    "beyond the end": push(10**6) + bytes([op.JUMP]),
    "on condition, into the data of a push": bytes([op.GAS, op.PUSH1, 5, op.JUMPI, op.PUSH1, 91]),
}


@pytest.mark.parametrize("code", JUMPS.values(), ids=JUMPS.keys())
def test_a_bad_jump_burns_the_gas(code: bytes) -> None:
    receipt = same(code, gas_limit=100_000)
    assert (receipt.status, receipt.gas_used) == (False, 100_000)


def at_free_memory(*ops: int) -> bytes:
    return push(64) + bytes([op.MLOAD, *ops])


@pytest.mark.parametrize("place", [0, 1, 31, 32, 64, 96, 127, 128, 129, 160, 2**16, 2**36, 2**255])
def test_free_memory_may_be_anywhere(place: int) -> None:
    """Generated code takes it for a multiple of 32 behind what Solidity keeps for itself."""
    take = at_free_memory() + push(32) + bytes([op.ADD]) + push(64) + bytes([op.MSTORE])
    puts = b"".join(push(word) + at_free_memory(op.MSTORE) + take for word in (7, 2**255, 9))
    beside = push(11) + at_free_memory() + push(5) + bytes([op.ADD, op.MSTORE])
    byte = push(13) + push(64) + at_free_memory() + bytes([op.SUB, op.MSTORE8])
    keys = push(1) + push(0) + bytes([op.MSTORE]) + push(64) + push(0) + bytes([op.SHA3])
    shown = [at_free_memory(), at_free_memory(op.MLOAD), push(0) + bytes([op.MLOAD]), keys]
    less = at_free_memory(op.DUP1) + push(32) + bytes([op.ADD, op.LT])
    code = push(place) + push(64) + bytes([op.MSTORE]) + puts
    for part in (b"", beside, byte):
        code += part
        for show in (*shown, less):
            code += show + bytes([op.GAS, op.SSTORE])
    receipt = same(code, gas_limit=2_000_000)
    assert receipt.status or place < 96 or place > 2**20  # not for nothing


@pytest.mark.parametrize("first", [0, 1, 2])
@pytest.mark.parametrize("second", [0, 1])
def test_what_a_branch_tells_of_its_condition(first: int, second: int) -> None:
    """The condition stands below as it was, on either way, and at a jump to what follows."""
    hide = bytes([op.PUSH0, op.MSTORE, op.PUSH0, op.MLOAD])
    code = push(first) + hide
    for negate in (b"", bytes([op.ISZERO]), bytes([op.ISZERO, op.ISZERO])):
        code += bytes([op.DUP1]) + negate + bytes([op.DUP1])
        code += push(len(code) + 3) + bytes([op.JUMPI, op.JUMPDEST, op.GAS, op.SSTORE])
        code += bytes([op.DUP1]) + negate + push(second) + hide + bytes([op.OR, op.DUP1])
        code += push(len(code) + 6) + bytes([op.JUMPI]) + push(7)
        code += bytes([op.POP, op.JUMPDEST, op.GAS, op.SSTORE])
    assert same(code).status


def test_calls_nest_1024_deep() -> None:
    """A contract that counts its own depth in its storage, with gas enough for all of it."""
    count = bytes([op.PUSH0, op.SLOAD, op.PUSH1, 1, op.ADD, op.PUSH0, op.SSTORE])
    call_itself = bytes([op.PUSH0] * 5 + [op.ADDRESS, op.GAS, op.CALL])
    program = count + call_itself
    head = bytes([op.PUSH1, len(program), op.PUSH1, 10, op.PUSH0, op.CODECOPY])
    init = head + bytes([op.PUSH1, len(program), op.PUSH0, op.RETURN]) + program
    seen = []
    for make in ALL:
        chain = make()
        alice = chain.account("alice")
        (created,) = chain.transact_many([Transaction(alice, None, init)])
        call = Transaction(alice, created.contract_address, b"", 0, 2**36)
        (receipt,) = chain.transact_many([call])
        assert receipt.status
        seen.append((receipt, chain.state_root()))
    assert seen[0] == seen[1] == seen[2]
    assert seen[0][0].gas_used > 1024 * 250  # every level has counted
