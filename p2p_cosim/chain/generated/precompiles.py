"""The precompiled contracts, which py-evm computes. It is loaded at the first use of one."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from eth_typing import Address

from p2p_cosim.chain.generated.frame import OutOfGas
from p2p_cosim.chain.generated.memory import SHORT, Data
from p2p_cosim.chain.generated.state import LAST_PRECOMPILE

MODEXP = 5
LEAST_WORD_GAS = 3  # of those that take data of any size
# They read the first few words, or refuse data of another size.
_OF_FIXED_SIZE = (0x1, 0x6, 0x7, 0x9, 0xA, 0xB, 0xD, 0x10, 0x11)


class _Computation:
    """As much of py-evm's computation as its precompiles look at; `msg` is the same object."""

    def __init__(self, data: bytes, gas: int) -> None:
        self.msg = self
        self.data = self.data_as_bytes = data
        self.gas = gas
        self.output = b""

    def consume_gas(self, amount: int, reason: str) -> None:
        if amount > self.gas:
            raise OutOfGas(reason)
        self.gas -= amount


def is_precompiled(address: int) -> bool:
    """Whether a contract of the protocol stands at an address."""
    return 0 < address <= LAST_PRECOMPILE


def run_precompiled(address: int, data: Data, gas: int) -> tuple[bool, int, bytes]:
    """Success, gas left and output."""
    from eth.exceptions import VMError

    try:
        data = _needed(address, data, gas)
        computation = _Computation(data, gas)
        _functions()[Address(address.to_bytes(20, "big"))](cast(Any, computation))
    except (OutOfGas, VMError):
        return False, 0, b""
    output = bytes(computation.output)
    if address == MODEXP and not any(data[:32]):
        output = _power_of_nothing(data, len(output))
    return True, computation.gas, output


def _needed(address: int, data: Data, gas: int) -> bytes:
    """As much of the data as decides on the result. Raises OutOfGas."""
    if len(data) <= SHORT:
        return data[:SHORT]
    if address == MODEXP:
        sizes = [int.from_bytes(data[at : at + 32], "big") for at in range(0, 96, 32)]
        return data[: 96 + sum(sizes)] if sizes[0] or sizes[2] else data[:96]
    if address in _OF_FIXED_SIZE:
        return data[:SHORT]
    if gas < LEAST_WORD_GAS * (len(data) >> 5):
        raise OutOfGas
    return data[: len(data)]


def _power_of_nothing(data: bytes, size: int) -> bytes:
    """MODEXP with a base of no bytes. py-evm gives 0, also to the power of 0 (EIP-198: 1)."""
    exponent_size = int.from_bytes(data[32:64].ljust(32, b"\0"), "big")
    exponent = data[96 : 96 + exponent_size]
    modulus = data[96 + exponent_size : 96 + exponent_size + size].ljust(size, b"\0")
    is_one = not any(exponent) and int.from_bytes(modulus, "big") > 1
    return int(is_one).to_bytes(size, "big")


@cache
def _functions() -> Any:
    from eth.vm.forks.prague.computation import PRAGUE_PRECOMPILES

    return PRAGUE_PRECOMPILES
