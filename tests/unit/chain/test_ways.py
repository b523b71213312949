"""Functions of ways that execution has gone, where it then goes other ways."""

import sys
from collections import Counter

import pytest
from way_code import LOG_SLOT, LOG_TOP, branch, calldata, push, seen, top_of, word_of_calldata

from p2p_cosim.chain.generated import library
from p2p_cosim.chain.generated import opcodes as op
from p2p_cosim.chain.generated.library import FOLDER_VARIABLE, library_of
from p2p_cosim.chain.generated.program import Program, interpreted

WORD_IN_MEMORY = word_of_calldata(0) + bytes([op.MSTORE])
READ_OTHER = word_of_calldata(32) + bytes([op.MLOAD]) + LOG_TOP
STORE_AND_READ = (
    push(7) + WORD_IN_MEMORY
    + word_of_calldata(0) + push(4) + bytes([op.ADD, op.MLOAD]) + LOG_TOP
    + push(9) + push(160) + bytes([op.MSTORE]) + READ_OTHER
    + push(64) + word_of_calldata(0) + bytes([op.KECCAK256]) + LOG_TOP
)  # fmt: skip
STORE_ODD = (
    push(7) + WORD_IN_MEMORY + push(9) + word_of_calldata(0) + push(4) + bytes([op.ADD, op.MSTORE])
    + word_of_calldata(0) + bytes([op.MLOAD]) + LOG_TOP + push(6) + WORD_IN_MEMORY
    + push(11) + word_of_calldata(32) + bytes([op.MSTORE8])
    + word_of_calldata(0) + bytes([op.MLOAD]) + LOG_TOP
)  # fmt: skip
RESERVED_WORDS = (
    push(5) + push(64) + bytes([op.MSTORE]) + push(7) + WORD_IN_MEMORY
    + push(64) + bytes([op.MLOAD]) + LOG_TOP + push(64) + push(32) + bytes([op.KECCAK256]) + LOG_TOP
)  # fmt: skip
ELEMENT = (
    push(3) + push(128) + bytes([op.MSTORE]) + word_of_calldata(32)
    + push(5) + bytes([op.SHL]) + word_of_calldata(0) + bytes([op.ADD])
    + push(32) + bytes([op.ADD, op.MLOAD]) + LOG_TOP
)  # fmt: skip
FAR_ELEMENT = (
    word_of_calldata(0) + bytes([op.MLOAD, op.POP]) + word_of_calldata(32)
    + push(5) + bytes([op.SHL]) + word_of_calldata(0) + bytes([op.ADD])
    + top_of(*push(37), op.SHR) + push(32) + bytes([op.ADD])
    + top_of(*push(37), op.SHR) + top_of(*push(2**37 - 1), op.AND)
)  # fmt: skip
NARROWS = branch(
    word_of_calldata(0) + bytes([op.DUP1]) + push(255) + bytes([op.AND, op.DUP1 + 1, op.SUB]),
    top_of(*push(8), op.SHR) + bytes([op.STOP]),
    top_of(*push(4), op.SHL),
)
BRANCH_TO_BELOW = branch(
    branch(word_of_calldata(0) + bytes([op.DUP1]), b"", b""),
    push(1) + LOG_TOP + bytes([op.STOP]),
    push(2) + LOG_TOP,
)
SLOTS = (
    push(1) + bytes([op.SLOAD]) + LOG_TOP + push(6) + word_of_calldata(0) + bytes([op.SSTORE])
    + push(1) + bytes([op.SLOAD]) + LOG_TOP
)  # fmt: skip
COPIES = (
    bytes([op.CALLDATASIZE, op.PUSH0, op.PUSH0, op.CALLDATACOPY])
    + bytes([op.PUSH0, op.PUSH0, op.CALLDATASIZE, op.PUSH0]) + push(4) + push(10**5)
    + bytes([op.DELEGATECALL, op.POP, op.RETURNDATASIZE, op.PUSH0, op.PUSH0, op.RETURNDATACOPY])
)  # fmt: skip
HANDED_ON = (
    COPIES + bytes([op.RETURNDATASIZE, op.PUSH0, op.LOG0])
    + word_of_calldata(0) + push(32) + bytes([op.MSTORE, op.RETURNDATASIZE, op.PUSH0, op.LOG0])
    + COPIES + word_of_calldata(0) + word_of_calldata(32) + bytes([op.MSTORE8])
    + bytes([op.RETURNDATASIZE, op.PUSH0, op.RETURN])
)  # fmt: skip
CALL_ITSELF = (
    push(32) + word_of_calldata(0) + bytes([op.PUSH0] * 3 + [op.ADDRESS]) + push(30_000)
    + bytes([op.CALL, op.POP]) + word_of_calldata(0) + bytes([op.MLOAD]) + LOG_TOP
    + bytes([op.RETURNDATASIZE]) + LOG_TOP + LOG_SLOT
    + bytes([op.RETURNDATASIZE, op.PUSH0]) + push(160) + bytes([op.RETURNDATACOPY])
    + push(160) + bytes([op.MLOAD]) + LOG_TOP
)  # fmt: skip
COUNT = (
    push(1) + push(1) + bytes([op.SLOAD, op.ADD, op.DUP1]) + push(1)
    + bytes([op.SSTORE, op.PUSH0, op.MSTORE]) + push(32) + bytes([op.PUSH0, op.RETURN])
)  # fmt: skip
COMES_BACK = branch(  # without calldata it counts in slot 1, and returns that
    bytes([op.CALLDATASIZE]),
    COUNT,
    LOG_SLOT + bytes([op.RETURNDATASIZE]) + LOG_TOP + push(3) + WORD_IN_MEMORY + CALL_ITSELF * 2,
)
BEGINS = push(5) + push(7) + word_of_calldata(0)
BACK = push(len(BEGINS)) + bytes([op.JUMP])
HALVE = push(1) + bytes([op.SHR])
ROUNDS = branch(  # one a bit of the calldata's first word
    BEGINS + bytes([op.JUMPDEST, op.DUP1]),
    LOG_TOP * 3 + word_of_calldata(32) + bytes([op.MLOAD]) + LOG_TOP + bytes([op.STOP]),
    b"",
)
LOOP = branch(
    ROUNDS + bytes([op.DUP1]) + push(1) + bytes([op.AND]),
    HALVE + bytes([op.SWAP1]) + push(3) + bytes([op.ADD, op.SWAP1])
    + bytes([op.SWAP1 + 1, op.SWAP1, op.SWAP1 + 1])
    + bytes([op.DUP1 + 1]) + word_of_calldata(32) + bytes([op.MSTORE]) + BACK,
    HALVE + bytes([op.SWAP1, op.ISZERO, op.ISZERO, op.SWAP1, op.DUP1 + 2]) + LOG_TOP + BACK,
)  # fmt: skip
ZEROS = (
    push(5) + push(160) + bytes([op.MSTORE]) + push(0) + WORD_IN_MEMORY
    + push(160) + bytes([op.MLOAD]) + LOG_TOP
)  # fmt: skip
IS_ANY = bytes([op.ISZERO, op.ISZERO])
PLACE = word_of_calldata(0) + bytes([op.DUP1, op.MLOAD, op.POP])
IS_PLACE = (
    push(5) + push(64) + bytes([op.MSTORE]) + PLACE
    + top_of(op.DUP1, *IS_ANY, *push(5), op.ADD) + top_of(op.DUP1, *IS_ANY, op.LT)
    + top_of(op.DUP1, *IS_ANY, op.SWAP1, *push(4), op.ADD, op.SUB)
    + push(96) + push(0) + bytes([op.DUP1 + 2, *IS_ANY, op.CODECOPY])
    + push(64) + bytes([op.MLOAD]) + LOG_TOP
)  # fmt: skip
IS_PART = branch(
    word_of_calldata(0) + bytes([op.DUP1]) + push(255)
    + bytes([op.AND, op.DUP1 + 1, *IS_ANY, op.EQ]),
    top_of(*push(8), op.SHR) + bytes([op.STOP]),
    top_of(*push(8), op.SHR),
)  # fmt: skip
JUMP_THERE = word_of_calldata(32) + bytes([op.JUMP])
INTO_PART = word_of_calldata(0) + bytes([op.JUMP])
PARTS = (len(INTO_PART), len(INTO_PART) + 2)  # two that do nothing but return
DEEP = len(INTO_PART) + 4
ON_FOUR = bytes([op.JUMPDEST]) + push(3) * 4 + push(DEEP + 15) + JUMP_THERE
ON_NONE = DEEP + len(ON_FOUR) + 8
COUNT_DOWN = ON_NONE + 16
SHARED_PARTS = (
    INTO_PART + bytes([op.JUMPDEST, op.JUMP] * 2)
    + ON_FOUR + bytes([op.JUMPDEST] + [op.ADD] * 3) + LOG_TOP + bytes([op.STOP])
    + bytes([op.JUMPDEST]) + word_of_calldata(64) + push(ON_NONE + 10) + JUMP_THERE
    + bytes([op.JUMPDEST, op.DUP1]) + push(COUNT_DOWN) + bytes([op.JUMPI, op.STOP])
    + bytes([op.JUMPDEST]) + push(1) + bytes([op.SWAP1, op.SUB, op.DUP1])
    + push(COUNT_DOWN) + bytes([op.JUMPI, op.STOP])
)  # fmt: skip
WAYS: dict[str, tuple[bytes, list[tuple[int, ...]]]] = {
    "a word that is read at another place than it was put": (
        STORE_AND_READ,
        [(128, 128), (128, 132), (160, 128), (129, 131), (0, 31), (2**40, 0), (128, 2**255)],
    ),
    "a word that overlaps another": (
        STORE_ODD,
        [(128, 160), (128, 128), (128, 135), (132, 160), (2**40, 0), (96, 95)],
    ),
    "zeros where a word was put": (ZEROS, [(160,), (128,), (192,), (161,)]),
    "whether a place is not zero, which is no place": (IS_PLACE, [(160,), (128,), (0,), (161,)]),
    "whether a word is not zero, and a part of it": (IS_PART, [(1,), (257,), (2,), (0,)]),
    "words that Solidity keeps for itself": (RESERVED_WORDS, [(128,), (64,), (65,), (32,), (0,)]),
    "an element of an array": (
        ELEMENT,
        [(128, 1), (96, 0), (128, 2**32), (128, 2**251 + 1), (100, 1), (2**256 - 32, 0)],
    ),
    "a word that is wider than before": (NARROWS, [(3,), (255,), (256,), (2**256 - 1,)]),
    "a branch to what is below": (BRANCH_TO_BELOW, [(1,), (0,), (5,)]),
    "an element that is farther than any memory": (
        FAR_ELEMENT,
        [(128, 1), (128, 2**32 - 1), (128, 2**32), (160, 0)],
    ),
    "a slot that may be another": (SLOTS, [(2,), (1,), (0,)]),
    "what is handed on": (HANDED_ON, [(7, 0), (7, 32), (2**255, 1), (0, 2**40)]),
    "a loop that goes round in two ways": (
        LOOP,
        [(0b1011, 128), (0b100, 160), (2**200 + 5, 128), (0, 128), (0b11011, 7), (0b110, 2**40)],
    ),
    "a part that is reached with less on the stack": (
        SHARED_PARTS,
        [
            *((DEEP, part) for part in PARTS),
            *((ON_NONE, part, count) for part in PARTS for count in (0, 3)),
            (DEEP, PARTS[1] + 1),
        ],
    ),
    "a call that comes back": (COMES_BACK, [(128,), (96,), (64,), (160,), (201,)]),
}


@pytest.mark.parametrize(("code", "calls"), WAYS.values(), ids=WAYS.keys())
@pytest.mark.parametrize("first", range(3))
def test_other_ways_end_as_they_do_when_nothing_is_generated(
    code: bytes, calls: list[tuple[int, ...]], first: int
) -> None:
    """Whichever way was gone first, and wherever the gas runs out."""
    program = Program(code + first.to_bytes(9, "big"))  # behind a STOP: a code of its own
    ends = set()
    for words in [*calls[first:], *calls]:
        for gas in (100_000, 100_000, 3_000, 1_200, 400):
            data = calldata(*words)
            expected = seen(program.code.code, interpreted, data, gas)
            assert seen(program.code.code, lambda _: program.entry, data, gas) == expected
            ends.add(expected[0][0])
    assert ends == {True, False}
    assert program.written > 10


def test_a_function_that_takes_more_of_the_stack_is_left_again_after_its_place() -> None:
    """And not the whole frame interpreted that finds less there."""
    program = Program(SHARED_PARTS + bytes([op.STOP, 3]))
    code = program.code.code
    for words in [(DEEP, PARTS[0]), (DEEP, PARTS[1]), (ON_NONE, PARTS[0]), (ON_NONE, PARTS[1], 99)]:
        expected = seen(code, interpreted, calldata(*words), 100_000)
        assert seen(code, lambda _: program.entry, calldata(*words), 100_000) == expected
    text = program.library.text()
    assert f"def block_{PARTS[1]}(" in text
    assert f"def block_{COUNT_DOWN}(" in text


def rounds_in(program: Program, *words: int) -> int:
    """In how many ways the function of LOOP goes round, after calls with these words."""
    code = program.code.code
    for word in [*words, *words]:
        expected = seen(code, interpreted, calldata(word, 128), 100_000)
        assert seen(code, lambda _: program.entry, calldata(word, 128), 100_000) == expected
    _, _, function = program.library.text().partition(f"def block_{len(BEGINS)}(")
    return function.partition("\ndef ")[0].count("continue\n")


def test_all_ways_round_a_loop_are_one_function() -> None:
    program = Program(LOOP + bytes([op.STOP, 1]))
    assert rounds_in(program, 0b1111) == 1
    assert rounds_in(program, 0b1010) == 2


def test_a_loop_of_an_earlier_process_takes_in_new_ways(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    code = LOOP + bytes([op.STOP, 2])
    first = Program(code)
    assert rounds_in(first, 0b1111) == 1
    first.library.keep()
    library_of.cache_clear()
    second = Program(code)
    assert second.library is not first.library
    assert rounds_in(second, 0b1111) == 1
    assert rounds_in(second, 0b1010) == 2


def test_a_way_that_is_not_written_any_more_leads_back_to_functions(monkeypatch) -> None:
    """And not the whole frame interpreted that has gone it."""
    program = Program(LOOP + bytes([op.STOP, 3]))
    code, words = program.code.code, calldata(0b10101010, 128)
    assert rounds_in(program, 0b1111) == 1
    expected = seen(code, interpreted, words, 100_000)
    entered: Counter[str] = Counter()
    monkeypatch.setattr(library, "MOST_WRITTEN", 0)
    sys.setprofile(lambda frame, event, _: entered.update({frame.f_code.co_name: event == "call"}))
    try:
        found = seen(code, lambda _: program.entry, words, 100_000)
    finally:
        sys.setprofile(None)
    assert found == expected
    assert entered[f"block_{len(BEGINS)}"] >= 4  # a round each for the bits that are zero
