"""Code that is not ours, instruction by instruction: nothing is generated from it.

Generating takes a thousand times as long as executing once, and anybody may deploy code. Here
the work that a code can cause is in proportion to the gas it pays, and nothing of it is kept.
The instructions themselves are generated functions too, one for each opcode, so that what an
instruction does is written once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from p2p_cosim.chain.generated import opcodes as op
from p2p_cosim.chain.generated.bytecode import Bytecode
from p2p_cosim.chain.generated.frame import STACK_LIMIT, BadJump, Frame, OutOfGas, StackError
from p2p_cosim.chain.generated.instructions import NAMES, write_instruction
from p2p_cosim.chain.generated.symbols import Path
from p2p_cosim.chain.generated.writer import Writer

Stack = list[int]
Step = Callable[[Frame, Stack], bool | None]

_BY_THE_LOOP = {op.JUMP, op.JUMPI, op.PC, *range(op.PUSH0, op.PUSH32 + 1)}


def interpret(code: Bytecode, position: int, f: Frame, stack: Stack) -> None:
    """Execute a code from a position to its end. Raises Halt."""
    steps = _steps()
    while True:
        opcode = code.opcode(position)
        step = steps[opcode]
        if step is None:
            position = _control(code, position, opcode, f, stack)
        elif step(f, stack):
            position += 1
        else:
            return


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
def _steps() -> list[Step | None]:
    """A function for each opcode; None for those that depend on where they stand."""
    return [None if opcode in _BY_THE_LOOP else _step(opcode) for opcode in range(256)]


def _step(opcode: int) -> Step:
    writer, path = Writer(), Path()
    writer.open(path)
    if write_instruction(writer, path, opcode):
        writer.close(path)
        writer.require_gas(path)
        writer.flush(path)
        writer.emit(path, "f.gas = gas", "return True")
    space: dict[str, Any] = dict(NAMES)
    exec(compile(writer.text(), f"<EVM {opcode:#04x}>", "exec"), space)  # noqa: S102 - our text
    step: Step = space["block"]
    return step
