"""Code that wants to cost more than it pays, as anybody may deploy it."""

from contextlib import suppress
from time import process_time

import pytest

from p2p_cosim.chain.artifact import load_artifact
from p2p_cosim.chain.contract import deploy
from p2p_cosim.chain.generated import GeneratedChain
from p2p_cosim.chain.generated import chain as chain_module
from p2p_cosim.chain.generated import opcodes as op
from p2p_cosim.chain.generated.frame import Frame, Halt
from p2p_cosim.chain.generated.library import MOST_WRITTEN
from p2p_cosim.chain.generated.program import Entry, Program, program_of
from p2p_cosim.chain.generated.state import LAST_PRECOMPILE, Block, Substate
from p2p_cosim.core.types import Reading, Receipt, Tariff, Transaction
from p2p_cosim.market import MarketRules, OnChainMarket

MOST_BYTES = 24_576
GAS = 16_000_000
SECONDS_A_MILLION_GAS = 10.0  # of CPU; ten times what a quiet machine takes


def run_init(code: bytes, gas_limit: int = GAS) -> Receipt:
    chain = GeneratedChain()
    creation = Transaction(chain.account("mallory"), None, code, 0, gas_limit)
    (receipt,) = chain.transact_many([creation])
    return receipt


LOOPS = {
    "jump": bytes([op.JUMPDEST, op.PUSH0, op.JUMP]),
    "hash": bytes([op.JUMPDEST, op.MSIZE, op.PUSH0, op.KECCAK256, op.POP, op.PUSH0, op.JUMP]),
    "divide": bytes([op.JUMPDEST, op.PUSH0, op.NOT, op.DUP1, op.DUP1])
    + bytes([op.MULMOD, op.POP, op.PUSH0, op.JUMP]),
    "call nobody": bytes([op.JUMPDEST, *[op.PUSH0] * 6, op.GAS, op.STATICCALL])
    + bytes([op.POP, op.PUSH0, op.JUMP]),
    "create": bytes([op.JUMPDEST, op.CODESIZE, op.PUSH0, op.PUSH0, op.CODECOPY])
    + bytes([op.CODESIZE, op.PUSH0, op.PUSH0, op.CREATE, op.POP, op.PUSH0, op.JUMP]),
}


MUCH = bytes([op.PUSH0 + 3, *(300_000).to_bytes(3, "big")])  # bytes, for 209,000 gas


def calls_with_much_data(address: int) -> bytes:
    """Calls somebody over and over, with data that costs nothing after the first time."""
    to = bytes([op.PUSH0 + 20, *address.to_bytes(20, "big")])
    call = bytes([op.JUMPDEST, op.PUSH0, op.PUSH0]) + MUCH + bytes([op.PUSH0]) + to
    return call + bytes([op.PUSH0 + 2, 0x0F, 0xFF, op.STATICCALL, op.POP, op.PUSH0, op.JUMP])


@pytest.mark.parametrize("address", range(1, LAST_PRECOMPILE + 1))
def test_data_that_a_precompiled_contract_does_not_read_costs_nothing(address: int) -> None:
    begin = process_time()
    assert run_init(calls_with_much_data(address), 1_000_000).gas_used == 1_000_000
    assert process_time() - begin < SECONDS_A_MILLION_GAS


def test_data_that_a_contract_does_not_read_costs_nothing() -> None:
    chain = GeneratedChain()
    mallory = chain.account("mallory")
    one_zero = bytes([op.PUSH0 + 1, 1, op.PUSH0, op.RETURN])  # the code is STOP
    (callee,) = chain.transact_many([Transaction(mallory, None, one_zero)])
    assert callee.contract_address is not None
    code = calls_with_much_data(int(callee.contract_address, 16))
    begin = process_time()
    (receipt,) = chain.transact_many([Transaction(mallory, None, code, 0, 1_000_000)])
    assert receipt.gas_used == 1_000_000
    assert process_time() - begin < SECONDS_A_MILLION_GAS


@pytest.mark.parametrize("code", LOOPS.values(), ids=LOOPS.keys())
def test_time_is_in_proportion_to_gas(code: bytes) -> None:
    begin = process_time()
    receipt = run_init(code, 1_000_000)
    assert not receipt.status
    assert receipt.gas_used == 1_000_000
    assert process_time() - begin < SECONDS_A_MILLION_GAS


def test_fresh_init_code_over_and_over_generates_nothing() -> None:
    """Each creation runs 24 kB of code that the process has never seen."""
    before = program_of.cache_info()
    body = bytes([op.PUSH0, op.POP]) * (MOST_BYTES // 2)
    begin = process_time()
    for number in range(20):
        chain = GeneratedChain()
        code = bytes([op.PUSH0 + 2, *number.to_bytes(2, "big"), op.POP]) + body
        (receipt,) = chain.transact_many([Transaction(chain.account("mallory"), None, code)])
        assert receipt.status
    assert process_time() - begin < 20 * SECONDS_A_MILLION_GAS
    assert program_of.cache_info() == before


def test_only_code_of_our_artifacts_is_generated() -> None:
    chain = GeneratedChain()
    owner = chain.account("owner")
    program_of.cache_clear()
    ours = deploy(chain, load_artifact("Walrasian"), [5_000], owner)
    assert ours.read.K_BASIS_POINTS() == 5_000
    assert program_of.cache_info().misses == 1
    stranger = b"\x00" + load_artifact("Walrasian").bytecode  # begins with something else
    chain.transact_many([Transaction(owner, None, stranger)])
    assert program_of.cache_info().misses == 1


def test_what_our_artifacts_create_is_generated_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A market creates its settlement: a day would take thrice as long."""
    rules = MarketRules(Tariff(3, 1), max_price_wei_per_wh=4, max_energy_wh=100)
    chain = GeneratedChain(timestamp=1_750_000_000)
    market = OnChainMarket.deploy(chain, rules, ["alice"])

    def interpret(*_: object) -> None:
        raise AssertionError("something is interpreted, and no function written of it")

    monkeypatch.setattr(chain_module, "interpreted", interpret)
    market.deposit({"alice": 1_000, "utility": 1_000})
    market.close_gate([], chain.timestamp + 900)
    settled = market.settle([Reading("alice", 10)], chain.timestamp + 899)
    assert settled.settlements[0].charge_wei == 30


DENSE = {
    "jump destinations": bytes([op.JUMPDEST]) * MOST_BYTES,
    "branches to everywhere": b"".join(
        bytes(
            [op.JUMPDEST, op.CALLDATASIZE, op.PUSH0 + 2, *(7 * (n * 977 % 3500)).to_bytes(2, "big")]
        )
        + bytes([op.JUMPI, op.POP])
        for n in range(3500)
    ),
    "ways that all come to nothing": b"".join(
        bytes([op.JUMPDEST, op.GAS, op.PUSH0 + 2, *(6 * (n + 2)).to_bytes(2, "big"), op.JUMPI])
        for n in range(40)
    )
    + bytes([op.JUMPDEST] * 12 + [0xFE]),
    "one long expression": bytes([op.CALLDATASIZE]) + bytes([op.DUP1, op.MUL]) * 12_000,
    "a deep stack": bytes([op.JUMPDEST]) + bytes([op.GAS]) * 1_000 + bytes([op.PUSH0, op.JUMP]),
}


@pytest.mark.parametrize("code", DENSE.values(), ids=DENSE.keys())
def test_what_is_generated_from_one_code_is_bounded(code: bytes) -> None:
    """Even from a code that is taken for ours, and entered at a few hundred of its places."""
    program = Program(code)
    block = Block(1, 1, 2**30, 1)
    begin = process_time()
    places = sorted(program.code.destinations)
    for position in [None, *places[:: 1 + len(places) // 300]]:
        for gas in (20_000, 19_001):
            tx = Substate({}, block, 1, lambda _: program.entry)
            frame, stack = Frame(tx, 1, 1, 0, bytes(9), code, gas, False, 0), [7] * 9
            entry: Entry | None = program.entry if position is None else program.jump(position)
            with suppress(Halt):
                while entry is not None:
                    entry = entry(frame, stack if position is not None else [])
    assert program.written < MOST_WRITTEN + 25_000  # the last function may be long
    assert process_time() - begin < 60


def test_nothing_of_a_stranger_s_calls_stays_in_the_world() -> None:
    """Calls to a thousand addresses that nobody has make no accounts."""
    chain = GeneratedChain()
    call = bytes([*[op.PUSH0] * 4, op.GAS, op.GAS, op.STATICCALL, op.POP])  # an address each
    creation = Transaction(chain.account("mallory"), None, call * 500)
    before = len(chain._world)
    (receipt,) = chain.transact_many([creation])
    assert receipt.status
    assert len(chain._world) == before + 1
