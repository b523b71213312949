"""A development node: blocks on demand, at simulated times, and taken back again.

anvil and Hardhat share most of their methods, under Hardhat's names. Where they differ, this
module knows it and nobody else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from p2p_cosim.chain.accounts import FAUCET, address_of, key_of
from p2p_cosim.chain.jsonrpc.client import Call, RpcClient, RpcError
from p2p_cosim.chain.jsonrpc.messages import failure_data, signed, unsigned
from p2p_cosim.chain.rules import BLOCK_GAS_LIMIT, CHAIN_ID, FORK
from p2p_cosim.core.errors import ChainError
from p2p_cosim.core.types import Transaction

_ZERO_WORD = "0x" + "00" * 32
_ZERO_ADDRESS = "0x" + "00" * 20
MOST_AT_ONCE = 50
"""Transactions sent in one request: anvil 1.7 takes them in order up to the 63rd and no further."""

_NEEDED = ("evm_setAutomine", "evm_setBlockGasLimit", "hardhat_setNextBlockBaseFeePerGas")

# Init code for eth_call. CLZ came with Osaka (EIP-7939) and is an invalid opcode before; the
# precompile at 0x0b with Prague (EIP-2537), which then refuses the empty input given here.
_CLZ = "0x60011e00"
_CALL_0X0B = "0x5f5f5f5f600b620ffffffa5f5260205ff3"


class Node:
    """A node that has been found to be one of ours: right chain, right rules, free gas.

    sign: sign transactions here, or None to do so only where the node cannot take any
    sender's word for it. Raises ChainError if the node will not do.
    """

    def __init__(
        self, client: RpcClient, chain_id: int = CHAIN_ID, *, sign: bool | None = None
    ) -> None:
        self.client = client
        self._chain_id = chain_id
        self.version: str = client.call("web3_clientVersion")
        self._is_anvil = self.version.startswith("anvil")
        self._before_block: str | None = None
        self._check_chain()
        self._found = self._remember()
        self._prepare()
        self._check_fork()
        self.signs = self._must_sign() if sign is None else sign

    def leave(self) -> None:
        """Put the node back to how it was found."""
        token, mines_at_once = self._found
        self.restore(token)
        self.client.attempt([("evm_setAutomine", (mines_at_once,))])

    def adopt(self, balances_wei: dict[str, int]) -> None:
        """Give accounts these balances and let them send; outside any block."""
        calls: list[Call] = [
            ("hardhat_setBalance", (address, hex(wei))) for address, wei in balances_wei.items()
        ]
        if not self.signs:
            calls += [("hardhat_impersonateAccount", (address,)) for address in balances_wei]
        self.client.batch(calls)

    def set_nonces(self, nonces: Mapping[str, int]) -> None:
        """Let accounts go on with these nonces; outside any block."""
        self.client.batch(
            [("hardhat_setNonce", (address, hex(nonce))) for address, nonce in nonces.items()]
        )

    def balances_wei(self, addresses: Sequence[str]) -> dict[str, int]:
        """Ether of accounts in the newest block."""
        held = self.client.batch([("eth_getBalance", (a, "latest")) for a in addresses])
        return {address: int(wei, 16) for address, wei in zip(addresses, held, strict=True)}

    def nonces(self, addresses: Sequence[str]) -> dict[str, int]:
        """Transactions sent by accounts up to the newest block."""
        sent = self.client.batch([("eth_getTransactionCount", (a, "latest")) for a in addresses])
        return {address: int(count, 16) for address, count in zip(addresses, sent, strict=True)}

    def newest_block(self) -> tuple[int, int]:
        """Number and timestamp (Unix seconds) of the newest block."""
        block = self.client.call("eth_getBlockByNumber", "latest", False)
        return int(block["number"], 16), int(block["timestamp"], 16)

    def begin_block(self, timestamp: int) -> None:
        """Fix the next block's timestamp, which `pending` reads then see."""
        calls: list[Call] = [("evm_setNextBlockTimestamp", (hex(timestamp),))]
        if not self._is_anvil:
            calls += [("hardhat_setPrevRandao", (_ZERO_WORD,)), ("evm_snapshot", ())]
        results = self.client.batch(calls)
        self._before_block = None if self._is_anvil else results[-1]

    def mine(self, messages: Sequence[tuple[Transaction, int, str]]) -> list[Any]:
        """One block of transactions, each with nonce and label of its sender; the label is ""
        where the transaction is signed already.

        Their receipts as the node gives them, in order. A transaction that did not get into
        the block has an RpcError or None in its place; none are left in the node's pool.
        """
        calls = [self._message(*message) for message in messages]
        sent = [answer for part in _parts(calls) for answer in self.client.attempt(part)]
        hashes = [answer for answer in sent if not isinstance(answer, RpcError)]
        # Not in one request with the sending: Hardhat works on a request's calls at once.
        self.client.call("evm_mine")
        receipts = self._receipts(hashes)
        if in_place := [receipts.get(h) if isinstance(h, str) else h for h in sent]:
            self._drop([h for h in hashes if h not in receipts])
        return in_place

    def undo_block(self) -> None:
        """Take the newest block back, so that another can be mined in its place."""
        if not self._is_anvil:
            self.client.call("evm_revert", self._before_block)
            return
        try:
            self.client.call("anvil_rollback", 1)
        except RpcError as error:
            raise ChainError(
                f"anvil cannot take a block back ({error.reason}): start it with "
                "'--prune-history 2' or without that option"
            ) from error

    def snapshot(self) -> str:
        """The node's own token of its present state; `restore` uses it up."""
        return str(self.client.call("evm_snapshot"))

    def restore(self, token: str) -> None:
        """Go back to a snapshot. Those taken after it are gone, and it is too."""
        if self.client.call("evm_revert", token) is not True:
            raise ChainError(
                "the node lost its snapshots: it was reset or used by others meanwhile"
            )

    def call(self, message: dict[str, str], block: str) -> tuple[bool, bytes]:
        """`eth_call`: success, and output or revert data."""
        (result,) = self.client.attempt([("eth_call", (message, block))])
        if not isinstance(result, RpcError):
            return True, bytes.fromhex(result[2:])
        data = failure_data(result)
        if data is None:
            raise result
        return False, data

    def revert_data(self, hashes: Sequence[str]) -> list[bytes]:
        """What mined transactions reverted with."""
        options = dict.fromkeys(("disableStorage", "disableMemory", "disableStack"), True)
        traces = self.client.batch([("debug_traceTransaction", (h, options)) for h in hashes])
        return [bytes.fromhex(trace["returnValue"].removeprefix("0x")) for trace in traces]

    def _message(self, transaction: Transaction, nonce: int, label: str) -> Call:
        if transaction.signed:
            return "eth_sendRawTransaction", ("0x" + transaction.signed.hex(),)
        if self.signs:
            return "eth_sendRawTransaction", (
                signed(transaction, nonce, key_of(label), self._chain_id),
            )
        return "eth_sendTransaction", (unsigned(transaction, nonce),)

    def _receipts(self, hashes: Sequence[str]) -> dict[str, Any]:
        """Receipts by hash of those in the newest block. Raises if the node shuffled them."""
        if self._is_anvil:
            found = self.client.call("eth_getBlockReceipts", "latest")
        else:
            asked = self.client.batch([("eth_getTransactionReceipt", (h,)) for h in hashes])
            found = [receipt for receipt in asked if receipt]
        receipts = {receipt["transactionHash"]: receipt for receipt in found}
        places = [int(receipts[h]["transactionIndex"], 16) for h in hashes if h in receipts]
        if places != list(range(len(found))):
            raise ChainError(
                f"{self.version} did not mine the transactions alone and in the order they were "
                "sent: start it with '--order fifo' and let nobody else use it"
            )
        return receipts

    def _drop(self, hashes: Sequence[str]) -> None:
        self.client.attempt([("hardhat_dropTransaction", (h,)) for h in hashes])

    def _check_chain(self) -> None:
        chain_id = int(self.client.call("eth_chainId"), 16)
        if chain_id != self._chain_id:
            raise ChainError(
                f"{self.version} at {self.client.url} runs chain {chain_id}, not {self._chain_id}: "
                f"start it with that chain id (anvil --chain-id {self._chain_id}; docs/chains.md)"
            )

    def _remember(self) -> tuple[str, bool]:
        """A token of the node's state, and whether it mines every transaction at once."""
        calls: list[Call] = [("hardhat_getAutomine", ()), ("evm_snapshot", ())]
        mines_at_once, token = self.client.attempt(calls)
        if isinstance(token, RpcError):
            raise self._no_development_node(token)
        return token, mines_at_once is True

    def _prepare(self) -> None:
        """No automatic blocks, no base fee, room for any round in a block."""
        arguments = (False, hex(BLOCK_GAS_LIMIT), "0x0")
        answers = self.client.attempt(
            [(method, (argument,)) for method, argument in zip(_NEEDED, arguments, strict=True)]
        )
        if refused := [answer for answer in answers if isinstance(answer, RpcError)]:
            raise self._no_development_node(refused[0])
        self.client.attempt([("hardhat_setCoinbase", (_ZERO_ADDRESS,))])

    def _no_development_node(self, refused: RpcError) -> ChainError:
        return ChainError(
            f"{self.version} at {self.client.url} is no development node with simulated time "
            f"({refused}): use anvil or Hardhat"
        )

    def _check_fork(self) -> None:
        anybody = {"from": _ZERO_ADDRESS, "gas": hex(10**6)}
        is_later, _ = self.call({**anybody, "data": _CLZ}, "latest")
        _, reached = self.call({**anybody, "data": _CALL_0X0B}, "latest")
        if is_later or int.from_bytes(reached, "big"):
            raise ChainError(
                f"{self.version} at {self.client.url} runs {'later' if is_later else 'earlier'} "
                f"rules than {FORK}: start it with '--hardfork {FORK}'"
            )

    def _must_sign(self) -> bool:
        (answer,) = self.client.attempt([("hardhat_impersonateAccount", (address_of(FAUCET),))])
        return isinstance(answer, RpcError)


def _parts(calls: Sequence[Call]) -> Iterator[list[Call]]:
    """What is sent in one request each, in order. Hardhat works on a request's calls at once, and
    is done with a signed transaction before one whose sender it impersonates."""
    for _, same in groupby(calls, key=lambda call: call[0]):
        kind = list(same)
        for first in range(0, len(kind), MOST_AT_ONCE):
            yield kind[first : first + MOST_AT_ONCE]
