"""Methods that read the state, execute without effect, or send."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from p2p_cosim.chain.abi import Interface
from p2p_cosim.chain.explorer import OpenChain
from p2p_cosim.chain.rules import least_gas_limit
from p2p_cosim.core.errors import ChainError
from p2p_cosim.core.types import Transaction
from p2p_cosim.dapp.rpc.blocks import NEWEST, PENDING, wants_pending
from p2p_cosim.dapp.rpc.errors import REVERTED, SERVER, RpcError
from p2p_cosim.dapp.rpc.params import Arguments, as_call
from p2p_cosim.dapp.rpc.shapes import text

Answer = TypeVar("Answer")
_STRINGS = Interface("any contract", ())


class State:
    """Balances, code, nonces; `eth_call`, `eth_estimateGas`, `eth_sendRawTransaction`.

    send: takes a raw transaction and returns its hash.
    """

    def __init__(self, chain: OpenChain, send: Callable[[bytes], bytes]) -> None:
        self.chain = chain
        self.send = send

    def balance(self, args: Arguments) -> str:
        """`eth_getBalance`."""
        address = args.address(0)
        return hex(self._at(args.get(1), 1, lambda: self.chain.balance_wei(address)))

    def code(self, args: Arguments) -> str:
        """`eth_getCode`."""
        address = args.address(0)
        return text(self._at(args.get(1), 1, lambda: self.chain.code(address)))

    def nonce(self, args: Arguments) -> str:
        """`eth_getTransactionCount`; `pending` counts what waits."""
        address = args.address(0)
        if wants_pending(self.chain, args.get(1), 1):
            return hex(self.chain.pool.next_nonce(address))
        return hex(self.chain.nonce(address))

    def call(self, args: Arguments) -> str:
        """`eth_call`."""
        transaction, limited = as_call(args.needed(0), 0)
        least = least_gas_limit(transaction)
        if limited and transaction.gas_limit < least:
            raise RpcError(
                SERVER,
                f"err: intrinsic gas too low: have {transaction.gas_limit}, want {least} "
                f"(supplied gas {transaction.gas_limit})",
            )
        return text(self._at(args.get(1), 1, lambda: self._run(transaction)))

    def estimate_gas(self, args: Arguments) -> str:
        """`eth_estimateGas`: the least limit that suffices.

        Of the pending state, also where the newest is asked for, as web3.py always does: what is
        estimated comes after what waits, and may build on it.
        """
        transaction, _ = as_call(args.needed(0), 0)
        tag = args.get(1, PENDING)
        tag = PENDING if tag in NEWEST else tag
        return hex(self._at(tag, 1, lambda: self._least_gas(transaction)))

    def send_raw(self, args: Arguments) -> str:
        """`eth_sendRawTransaction`."""
        try:
            return text(self.send(args.data(0)))
        except ChainError as refused:
            raise RpcError(SERVER, str(refused)) from None

    def _at(self, tag: object, place: int, read: Callable[[], Answer]) -> Answer:
        if not wants_pending(self.chain, tag, place):
            return read()
        with self.chain.as_pending():
            return read()

    def _run(self, transaction: Transaction) -> bytes:
        success, output = self._attempt(transaction)
        if success:
            return output
        raise _reverted(output)

    def _attempt(self, transaction: Transaction) -> tuple[bool, bytes]:
        held = self.chain.balance_wei(transaction.sender) if transaction.value_wei else 0
        if held < transaction.value_wei:
            raise RpcError(
                SERVER,
                f"insufficient funds for gas * price + value: address {transaction.sender} "
                f"have {held} want {transaction.value_wei}",
            )
        try:
            return self.chain.call(transaction)
        except ChainError as refused:
            raise RpcError(SERVER, str(refused)) from None

    def _least_gas(self, transaction: Transaction) -> int:
        """By halving, as geth does: whether it succeeds depends on the limit alone."""
        low, high = least_gas_limit(transaction) - 1, transaction.gas_limit
        if high <= low:
            raise RpcError(SERVER, f"gas required exceeds allowance ({high})")
        self._run(transaction)
        if self._suffices(transaction, low + 1):
            return low + 1
        low += 1
        while high - low > 1:
            # Most need far less than the limit: begin with twice what failed.
            middle = min((low + high) // 2, 2 * low)
            if self._suffices(transaction, middle):
                high = middle
            else:
                low = middle
        return high

    def _suffices(self, transaction: Transaction, gas_limit: int) -> bool:
        return self._attempt(replace(transaction, gas_limit=gas_limit))[0]


def _reverted(output: bytes) -> RpcError:
    """Code 3 with the data, by which wallets find the contract's own error; also where there is
    none, which viem takes for no revert otherwise."""
    if not output:
        return RpcError(REVERTED, "execution reverted", "0x")
    error = _STRINGS.revert_error("call", output)
    reason = {"Error": error.args_by_name.get("reason"), "Panic": error.args_by_name.get("meaning")}
    said = reason.get(error.name)
    message = "execution reverted" if said is None else f"execution reverted: {said}"
    return RpcError(REVERTED, message, text(output))
