"""A deployed contract: calls, transactions, events and revert reasons by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from p2p_cosim.chain.abi import Interface
from p2p_cosim.chain.accounts import checksum_address
from p2p_cosim.chain.artifact import Abi, Artifact
from p2p_cosim.core.errors import ChainError, RevertError
from p2p_cosim.core.protocols import Chain
from p2p_cosim.core.types import Event, Receipt, Transaction

ANYBODY = "0x" + "00" * 20
DEFAULT_GAS_LIMIT = Transaction(ANYBODY, None, b"").gas_limit
OUT_OF_GAS = "OutOfGas"
"""Name of the error where there is none, because the gas had gone."""


class Contract:
    """A contract at an address of a chain.

    Read with `contract.read.round()`; write with `contract.transact("placeBid", ...)`, or
    build transactions with `contract.transaction(...)` and send many at once with
    `chain.transact_many`. Results with several values, and structs, are named tuples.
    """

    def __init__(
        self,
        chain: Chain,
        address: str,
        abi: Abi,
        name: str = "Contract",
        interface: Interface | None = None,
    ) -> None:
        self.chain = chain
        self.address = checksum_address(address)
        self.name = name
        self.read = Reader(self)
        self.abi = abi
        self._interface = interface or Interface(name, abi)

    def __repr__(self) -> str:
        return f"Contract({self.name!r}, {self.address})"

    @property
    def functions(self) -> tuple[str, ...]:
        """Names of all functions in the ABI."""
        return tuple(self._interface.functions)

    def on(self, chain: Chain) -> Contract:
        """The same contract, reached through another object for the same chain."""
        if chain is self.chain:
            return self
        return Contract(chain, self.address, self.abi, self.name, self._interface)

    def function_of(self, data: bytes) -> str:
        """The function that calldata calls: its name, or its selector in hex if it has none."""
        return self._interface.function_of(data)

    def transaction(
        self,
        function: str,
        *args: object,
        sender: str,
        value_wei: int = 0,
        gas_limit: int = DEFAULT_GAS_LIMIT,
    ) -> Transaction:
        """A transaction that calls a function; nothing is sent.

        Raises ChainError for an unknown function or arguments that do not fit.
        """
        data = self._interface.function(function, len(args)).encode(args)
        return Transaction(sender, self.address, data, value_wei, gas_limit)

    def transact(
        self,
        function: str,
        *args: object,
        sender: str,
        value_wei: int = 0,
        gas_limit: int = DEFAULT_GAS_LIMIT,
    ) -> Receipt:
        """Send one transaction. Raises RevertError with the custom error's name and values."""
        transaction = self.transaction(
            function, *args, sender=sender, value_wei=value_wei, gas_limit=gas_limit
        )
        (receipt,) = self.chain.transact_many([transaction])
        if not receipt.status:
            raise self.failure(function, receipt, gas_limit)
        return receipt

    def call(self, function: str, *args: object, sender: str = ANYBODY, value_wei: int = 0) -> Any:
        """Execute a function without effect and return its decoded result.

        Raises RevertError as `transact` does.
        """
        codec = self._interface.function(function, len(args))
        transaction = Transaction(sender, self.address, codec.encode(args), value_wei)
        success, output = self.chain.call(transaction)
        if not success:
            raise self.revert_error(function, output)
        return codec.decode_output(output)

    def decode_events(self, receipt: Receipt) -> tuple[Event, ...]:
        """This contract's events in a receipt, in order of emission.

        Events of other contracts, and events that the ABI does not know, are left out.
        """
        return self._interface.decode_events(
            log for log in receipt.logs if log.address == self.address
        )

    def failure(
        self, function: str, receipt: Receipt, gas_limit: int = DEFAULT_GAS_LIMIT
    ) -> RevertError:
        """Why a transaction of this gas limit failed: `revert_error`, or out of gas."""
        return _failure(self._interface, function, receipt, gas_limit)

    def revert_error(self, function: str, output: bytes) -> RevertError:
        """The error that revert data stands for (see `Interface.revert_error`)."""
        return self._interface.revert_error(function, output)


class Reader:
    """Functions of a contract as methods: `contract.read.order(3)` calls `order(3)`."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract

    def __getattr__(self, function: str) -> Callable[..., Any]:
        if function.startswith("_"):
            # Python and notebooks probe for private names; an ABI error would mislead them.
            raise AttributeError(function)

        def read(*args: object, sender: str = ANYBODY) -> Any:
            return self._contract.call(function, *args, sender=sender)

        return read

    def __repr__(self) -> str:
        return f"Reader({self._contract!r}, {len(self._contract.functions)} functions)"

    def __dir__(self) -> list[str]:
        return sorted(self._contract.functions)


def deploy(chain: Chain, artifact: Artifact, args: Sequence[object], sender: str) -> Contract:
    """Deploy an artifact with constructor arguments.

    Raises RevertError if the constructor reverts, and ChainError if arguments do not fit.
    """
    interface = _interface_of(artifact)
    data = artifact.bytecode + interface.constructor.encode(args)
    (receipt,) = chain.transact_many([Transaction(sender, None, data)])
    if not receipt.status:
        constructor = f"{artifact.name} constructor"
        raise _failure(interface, constructor, receipt, DEFAULT_GAS_LIMIT)
    if receipt.contract_address is None:
        raise ChainError(f"deploying {artifact.name} gave no address: {receipt}")
    return Contract(chain, receipt.contract_address, artifact.abi, artifact.name, interface)


@lru_cache(maxsize=16)
def _interface_of(artifact: Artifact) -> Interface:
    """What an artifact's ABI says: reading it takes as long as a short day's tick or two."""
    return Interface(artifact.name, artifact.abi)


def ran_out_of_gas(receipt: Receipt, gas_limit: int) -> bool:
    """Whether a transaction failed for want of gas: Solidity uses all of it for nothing else."""
    return not (receipt.status or receipt.output or receipt.gas_used < gas_limit)


def _failure(interface: Interface, function: str, receipt: Receipt, gas_limit: int) -> RevertError:
    if not ran_out_of_gas(receipt, gas_limit):
        return interface.revert_error(function, receipt.output)
    return RevertError(
        function,
        OUT_OF_GAS,
        {"gasLimit": gas_limit},
        "all of its gas is used: raise `gas_limit`, or give one transaction less to do (fewer "
        "houses, orders or readings)",
    )
