"""A faster opcode loop for py-evm: code is decoded once into blocks that run as a whole.

A block is a straight run of instructions from `instructions.py`, with the sum of their
static gas and the stack height they need, checked once. It ends at a jump, or at an
instruction that is left to py-evm (storage, calls, logs, creation, halts, GAS).

Why that is exact: out of gas, stack underflow and stack overflow all have the same effect,
namely to burn the frame's gas and undo it, so that it does not matter at which instruction
of the block they are found. Nothing inside a block is visible to anybody else before the
block ends, and all instructions that look at the remaining gas begin with exact gas.
`tests/oracles/test_interpreter_against_pyevm.py` compares it with py-evm's own loop.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from eth.abc import ComputationAPI
from eth.exceptions import (
    FullStack,
    InsufficientStack,
    InvalidJumpDestination,
    OutOfGas,
)
from eth.vm import opcode_values as op
from eth.vm.forks.prague.opcodes import PRAGUE_OPCODES
from eth.vm.logic.invalid import InvalidOpcode

from p2p_cosim.chain.pyevm.instructions import INSTRUCTIONS, Action, Instruction, Stack, push

STACK_LIMIT = 1024
OPCODES: dict[int, Any] = dict(PRAGUE_OPCODES)


class Block(NamedTuple):
    """A straight run of instructions.

    gas: static gas of the run, a closing jump included. needs: words that must be on the
    stack. grows: most words above the starting height. finish: gives the next position.
    """

    gas: int
    needs: int
    grows: int
    actions: tuple[Action, ...]
    finish: Callable[[Stack, Any], int]


class Program:
    """Code and the blocks decoded from it so far, by position of their first instruction."""

    def __init__(self, code: bytes) -> None:
        self.code = code
        self.destinations = frozenset(
            position for position in _positions(code) if code[position] == op.JUMPDEST
        )
        self._blocks: dict[int, Block] = {}

    def run(self, computation: Any) -> None:
        """Execute from the start. Ends with py-evm's Halt, or a VMError."""
        stack: Stack = computation._stack.values
        meter = computation._gas_meter
        position = 0
        while True:
            block = self._blocks.get(position)
            if block is None:
                block = self._blocks[position] = self._decode(position)
            gas, needs, grows, actions, finish = block
            remaining = meter.gas_remaining - gas
            if remaining < 0:
                raise OutOfGas(f"block at {position} needs {gas}, has {meter.gas_remaining}")
            meter.gas_remaining = remaining
            height = len(stack)
            if height < needs:
                raise InsufficientStack(f"block at {position} needs {needs} words, has {height}")
            if height + grows > STACK_LIMIT:
                raise FullStack(f"block at {position} exceeds {STACK_LIMIT} words")
            for action in actions:
                action(stack, computation)
            position = finish(stack, computation)

    def _decode(self, start: int) -> Block:
        gas = needs = height = grows = 0
        actions: list[Action] = []
        position = start
        while True:
            opcode = self.code[position] if position < len(self.code) else op.STOP
            if opcode in (op.JUMP, op.JUMPI):
                takes = 1 if opcode == op.JUMP else 2
                gas += OPCODES[opcode].gas_cost
                needs = max(needs, takes - height)
                finish = self._jump() if opcode == op.JUMP else self._branch(position + 1)
                return Block(gas, needs, grows, tuple(actions), finish)
            size = _push_size(opcode)
            instruction = self._push(position, size) if size is not None else None
            instruction = instruction or INSTRUCTIONS.get(opcode)
            if instruction is None:
                return Block(gas, needs, grows, tuple(actions), _foreign(opcode, position + 1))
            gas += OPCODES[opcode].gas_cost
            needs = max(needs, instruction.takes - height)
            height += instruction.leaves - instruction.takes
            grows = max(grows, height)
            actions.append(instruction.action)
            position += 1 + (size or 0)

    def _push(self, position: int, size: int) -> Instruction:
        data = self.code[position + 1 : position + 1 + size]
        return push(int.from_bytes(data.ljust(size, b"\x00"), "big"))

    def _jump(self) -> Callable[[Stack, Any], int]:
        destinations = self.destinations

        def finish(stack: Stack, _: Any) -> int:
            target = stack.pop()
            if target not in destinations:
                raise InvalidJumpDestination(f"no JUMPDEST at {target}")
            return target

        return finish

    def _branch(self, following: int) -> Callable[[Stack, Any], int]:
        destinations = self.destinations

        def finish(stack: Stack, _: Any) -> int:
            target = stack.pop()
            if not stack.pop():
                return following
            if target not in destinations:
                raise InvalidJumpDestination(f"no JUMPDEST at {target}")
            return target

        return finish


@lru_cache(maxsize=128)
def program_of(code: bytes) -> Program:
    """The decoded program of a code; shared by all chains of the process."""
    return Program(code)


def _foreign(opcode: int, following: int) -> Callable[[Stack, Any], int]:
    """Run an instruction of py-evm's, and make what it pushed an int."""
    function: Callable[..., Any] = OPCODES.get(opcode) or InvalidOpcode(opcode)

    def finish(stack: Stack, computation: ComputationAPI) -> int:
        computation.code.program_counter = following
        function(computation=computation)
        if stack and not isinstance(stack[-1], int):
            stack[-1] = int.from_bytes(stack[-1], "big")
        return computation.code.program_counter

    return finish


def _push_size(opcode: int) -> int | None:
    """Bytes of data after a PUSH (PUSH0 has none); None for other opcodes."""
    return opcode - op.PUSH0 if op.PUSH0 <= opcode <= op.PUSH32 else None


def _positions(code: bytes) -> list[int]:
    positions = []
    position = 0
    while position < len(code):
        positions.append(position)
        position += 1 + (_push_size(code[position]) or 0)
    return positions
