import pytest

from p2p_cosim.chain.rules import floor_gas, intrinsic_gas, least_gas_limit
from p2p_cosim.core.types import Transaction

SENDER = "0x" + "01" * 20


@pytest.mark.parametrize(
    ("to", "data", "intrinsic", "floor", "least"),
    [
        (SENDER, b"", 21_000, 21_000, 21_000),
        (SENDER, b"\x00\x01", 21_020, 21_050, 21_050),
        (None, b"", 53_000, 21_000, 53_000),
        (None, b"\x01" * 33, 53_528, 22_320, 53_532),  # two words of init code
    ],
)
def test_gas_before_execution(
    to: str | None, data: bytes, intrinsic: int, floor: int, least: int
) -> None:
    transaction = Transaction(SENDER, to, data)
    assert intrinsic_gas(transaction) == intrinsic
    assert floor_gas(transaction) == floor
    assert least_gas_limit(transaction) == least
