"""Deployments that differ in their immutables alone."""

import pytest
from way_code import LOG_SLOT, LOG_TOP, branch, push, seen

from p2p_cosim.chain.generated import opcodes as op
from p2p_cosim.chain.generated.program import Program, interpreted

IMMUTABLE = b"\x7f" + bytes(32)
USES_IMMUTABLES = branch(
    push(7) + IMMUTABLE + bytes([op.MSTORE]) + IMMUTABLE + bytes([op.MLOAD]) + LOG_TOP
    + IMMUTABLE + push(5) + bytes([op.SHL]) + LOG_TOP + push(3) + IMMUTABLE + bytes([op.SSTORE])
    + LOG_SLOT + IMMUTABLE + push(255) + bytes([op.AND]) + IMMUTABLE + bytes([op.EQ]),
    push(64) + IMMUTABLE + bytes([op.KECCAK256]) + LOG_TOP + IMMUTABLE + bytes([op.JUMP]),
    IMMUTABLE + LOG_TOP,
)  # fmt: skip


@pytest.mark.parametrize("first", [0, 1, 5])
def test_deployments_that_differ_in_immutables_share_what_is_written(first: int) -> None:
    """Each goes its own way, whichever was deployed first."""
    template = USES_IMMUTABLES + bytes([op.STOP, 0xFE, first])  # a code of its own
    words = [128, 1, 0, 129, 64, 256, 2**40, 2**255]
    for word in [*words[first:], *words]:
        code = template.replace(IMMUTABLE, b"\x7f" + word.to_bytes(32, "big"))
        program = Program(code, template)
        for gas in (100_000, 100_000, 30_000, 3_000):
            expected = seen(code, interpreted, b"", gas)
            assert seen(code, lambda _, entry=program.entry: entry, b"", gas) == expected
    assert program.written > 10
