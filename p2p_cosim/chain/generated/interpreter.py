"""Code instruction by instruction: code that is not ours, and ways that are new.

Generating takes a thousand times as long as executing once, and anybody may deploy code. Here
the work that a code can cause is in proportion to the gas it pays, and nothing of it is kept but
where jumps may go, for the newest few codes.
The instructions themselves are generated functions too, one for each opcode, so that what an
instruction does is written once.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from functools import cache
from typing import Any

from p2p_cosim.chain.generated import opcodes as op
from p2p_cosim.chain.generated.bytecode import Bytecode
from p2p_cosim.chain.generated.frame import STACK_LIMIT, BadJump, Frame, OutOfGas, StackError
from p2p_cosim.chain.generated.instructions import NAMES, write_instruction
from p2p_cosim.chain.generated.path import Path
from p2p_cosim.chain.generated.trace import Step, Way
from p2p_cosim.chain.generated.writer import Writer

Stack = list[int]
Instruction = Callable[[Frame, Stack], bool | None]

LONG_WAY = 4000
"""Instructions of a way after which it ends at the next JUMPDEST."""

_BY_THE_LOOP = {op.JUMP, op.JUMPI, op.PC, *range(op.PUSH0, op.PUSH32 + 1)}


def interpret(code: Bytecode, position: int, f: Frame, stack: Stack) -> None:
    """Execute a code from a position to its end. Raises Halt."""
    following: int | None = position
    while following is not None:
        following = pass_block(code, following, f, stack)


def pass_block(code: Bytecode, position: int, f: Frame, stack: Stack) -> int | None:
    """Execute from a position to the next JUMPDEST: where that is, None if the frame ended.
    Raises Halt."""
    steps, opcode = _steps(), code.opcode(position)
    while True:
        step = steps[opcode]
        if step is None:
            position = _control(code, position, opcode, f, stack)
        elif step(f, stack):
            position += 1
        else:
            return None
        opcode = code.opcode(position)
        if opcode == op.JUMPDEST:
            return position


def follow(code: Bytecode, position: int, stops: Container[int], f: Frame, stack: Stack) -> Way:
    """Execute a code from a position on, as far as one function shall go, and tell the way: to the
    end, to where it is once more with the same returns before it, to one of `stops`, or when it has
    grown long. Raises Halt."""
    steps, targets = _steps(), code.destinations
    passed: set[tuple[int, ...]] = set()
    gone: list[Step] = []
    while True:
        opcode = code.opcode(position)
        if opcode == op.JUMPDEST:
            context = (position, *(word for word in stack if word in targets))
            if gone and (context in passed or position in stops or len(gone) > LONG_WAY):
                return Way(gone, position)
            passed.add(context)
        gone.append(Step(position, *stack[:-3:-1]))
        step = steps[opcode]
        if step is None:
            position = _control(code, position, opcode, f, stack)
        elif step(f, stack):
            position += 1
        else:
            return Way(gone, None)


def _control(code: Bytecode, position: int, opcode: int, f: Frame, stack: Stack) -> int:
    """The instructions that depend on where they stand; the next position."""
    f.gas -= op.STATIC_GAS[opcode]
    if f.gas < 0:
        raise OutOfGas
    if opcode in (op.JUMP, op.JUMPI):
        if len(stack) < (1 if opcode == op.JUMP else 2):
            raise StackError
        target = stack.pop()
        if opcode == op.JUMPI and not stack.pop():
            return position + 1
        if target not in code.destinations:
            raise BadJump
        return target
    if len(stack) >= STACK_LIMIT:
        raise StackError
    if opcode == op.PC:
        stack.append(position)
        return position + 1
    stack.append(code.word(position))
    return position + 1 + op.push_bytes(opcode)


@cache
def _steps() -> list[Instruction | None]:
    """A function for each opcode; None for those that depend on where they stand."""
    return [None if opcode in _BY_THE_LOOP else _step(opcode) for opcode in range(256)]


def _step(opcode: int) -> Instruction:
    writer, path = Writer(), Path()
    if write_instruction(writer, path, opcode):
        writer.require_gas(path)
        writer.flush(path)
        writer.emit("f.gas = gas", "return True")
    text = writer.assemble("step", path, "raise StackError")
    space: dict[str, Any] = dict(NAMES)
    exec(compile(text, f"<EVM {opcode:#04x}>", "exec"), space)  # noqa: S102 - our text
    step: Instruction = space["step"]
    return step
