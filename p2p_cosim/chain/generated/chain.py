"""The default backend: an EVM of its own, which runs our contracts as generated Python.

There are no blocks and signatures, and no base fee. A transaction is executed exactly once, on one
long-lived state; what a block would give it (number, timestamp) is simulated. Status, gas,
logs and state root are those of a full node: `tests/conformance` and `tests/oracles` compare
them with py-evm, eth-tester and the nodes. BLOCKHASH gives 0, PREVRANDAO 0 and the coinbase
is the zero address. docs/decisions/009 says why there is an EVM here at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from p2p_cosim.chain.accounts import (
    FAUCET,
    FAUCET_WEI,
    FUNDING_WEI,
    GENESIS_TIMESTAMP,
    address_of,
    canonical_address,
    checksum_address,
)
from p2p_cosim.chain.artifact import begins_with_artifact
from p2p_cosim.chain.generated.calls import Result, call, create, created_address
from p2p_cosim.chain.generated.library import library_of, template_in
from p2p_cosim.chain.generated.program import Entry, interpreted, program_of
from p2p_cosim.chain.generated.state import Account, Block, Substate, World, state_root
from p2p_cosim.chain.rules import (
    BLOCK_GAS_LIMIT,
    CHAIN_ID,
    FORK,
    INITCODE_WORD_GAS,
    MAX_REFUND_QUOTIENT,
    TRANSACTION_GAS,
    check_balance,
    check_sender,
    check_timestamp,
    check_transaction,
    floor_gas,
    intrinsic_gas,
)
from p2p_cosim.core.errors import ChainError
from p2p_cosim.core.protocols import ChainCapabilities
from p2p_cosim.core.types import Log, Receipt, Transaction

_FIRST_BLOCK = 1


@dataclass(frozen=True, slots=True)
class _Snapshot:
    chain: GeneratedChain
    world: World
    block: Block
    accounts: frozenset[str]


class GeneratedChain:
    """An EVM in this process (`core.protocols.Chain`).

    timestamp: Unix seconds of the first block. chain_id: what CHAINID gives.

    Code that an artifact of this process has deployed, itself or as a part of its own, runs as
    Python that is generated from it; all other code is interpreted. It makes no difference but
    in speed.

    An invalid transaction (unknown sender, value above balance, gas limit below the
    intrinsic gas) raises ChainError; those before it in the same call stay executed.
    """

    def __init__(self, timestamp: int = GENESIS_TIMESTAMP, chain_id: int = CHAIN_ID) -> None:
        self._world: World = {}
        self._block = Block(_FIRST_BLOCK, timestamp, BLOCK_GAS_LIMIT, chain_id)
        self._ours: dict[bytes, bytes] = {}  # templates by code
        faucet = address_of(FAUCET)
        self._accounts = {faucet}
        self._world[_number(faucet)] = Account(balance=FAUCET_WEI)

    def __repr__(self) -> str:
        return f"GeneratedChain(block={self.block_number}, timestamp={self.timestamp})"

    @property
    def capabilities(self) -> ChainCapabilities:
        """Exact gas; no blocks, no signatures."""
        return ChainCapabilities(exact_gas=True, blocks=False, signatures=False, fork=FORK)

    @property
    def timestamp(self) -> int:
        """Timestamp of the block that is being built (Unix seconds)."""
        return self._block.timestamp

    @property
    def block_number(self) -> int:
        """Number of the block that is being built; the first is 1."""
        return self._block.number

    def account(self, label: str) -> str:
        """Checksum address of a label, funded with FUNDING_WEI at first use."""
        address = address_of(label)
        if address not in self._accounts:
            self._accounts.add(address)
            grant = Transaction(address_of(FAUCET), address, b"", FUNDING_WEI, TRANSACTION_GAS)
            self._transact(grant)
        return address

    def advance_to(self, timestamp: int) -> None:
        """Begin the next block. Raises ChainError unless its timestamp is later."""
        check_timestamp(timestamp, self.timestamp)
        self._block = replace(self._block, number=self.block_number + 1, timestamp=timestamp)

    def transact_many(self, transactions: Sequence[Transaction]) -> list[Receipt]:
        """Execute in order in the block being built."""
        return [self._transact(transaction) for transaction in transactions]

    def call(self, transaction: Transaction) -> tuple[bool, bytes]:
        """Execute without effect: success, and output or revert data."""
        tx, (success, _, output), _ = self._execute(transaction)
        tx.undo()
        return success, output

    def balance_wei(self, address: str) -> int:
        """Ether held by an address."""
        account = self._world.get(_number(address))
        return account.balance if account else 0

    def snapshot(self) -> object:
        """A token of the present state, block and time."""
        return _Snapshot(self, _copied(self._world), self._block, frozenset(self._accounts))

    def revert(self, token: object) -> None:
        """Go back to a snapshot of this chain, as often as wanted."""
        if not isinstance(token, _Snapshot) or token.chain is not self:
            raise ChainError(f"{token!r} is not a snapshot of this chain")
        self._world, self._block = _copied(token.world), token.block
        self._accounts = set(token.accounts)

    def close(self) -> None:
        """Nothing to let go: the chain is in this process. What was generated is kept."""
        for template in self._ours.values():
            library_of(template).keep()

    def state_root(self) -> bytes:
        """Root hash of the state, as a block header would carry it."""
        return state_root(self._world)

    def _entry(self, code: bytes) -> Entry:
        template = self._ours.get(code)
        return interpreted(code) if template is None else program_of(code, template).entry

    def _family(self, created: int) -> list[int]:
        """A contract and what it has created so far, as a market does with its settlement."""
        nonces = range(1, self._world[created].nonce)
        children = [created_address(created, nonce) for nonce in nonces]
        return [created, *(child for child in children if child in self._world)]

    def _transact(self, transaction: Transaction) -> Receipt:
        check_sender(transaction, self._accounts)
        tx, (success, left, output), created = self._execute(transaction)
        used = transaction.gas_limit - left
        used -= min(tx.refund, used // MAX_REFUND_QUOTIENT)
        used = max(used, floor_gas(transaction))
        if tx.gas_price:
            tx.account(tx.origin).balance += (transaction.gas_limit - used) * tx.gas_price
            tx.account(self._block.coinbase).balance += used * tx.gas_price
        tx.finish()
        if success and created is not None and begins_with_artifact(transaction.data):
            for address in self._family(created):
                code = self._world[address].code
                self._ours[code] = template_in(transaction.data, code)
        return Receipt(
            status=success,
            gas_used=used,
            logs=tuple(
                [
                    Log(_text(address), tuple(map(_word, topics)), data)
                    for address, topics, data in tx.logs
                ]
            ),
            output=b"" if success else output,
            contract_address=_text(created) if success and created is not None else None,
            block_number=self.block_number,
            timestamp=self.timestamp,
        )

    def _execute(self, transaction: Transaction) -> tuple[Substate, Result, int | None]:
        """Run a transaction: what it changed, how it ended, and the address it creates."""
        check_transaction(transaction)
        sender, value, data = _number(transaction.sender), transaction.value_wei, transaction.data
        to = None if transaction.to is None else _number(transaction.to)
        price = transaction.gas_price_wei
        if value or price:
            check_balance(transaction, self.balance_wei(transaction.sender))
        tx = Substate(self._world, self._block, sender, self._entry, price)
        for listed, slots in transaction.access_list:
            tx.warm.add(_number(listed))
            tx.warm_slots.setdefault(_number(listed), set()).update(slots)
        account = tx.account(sender)
        nonce = account.nonce
        tx.change(account, "nonce", nonce + 1)
        tx.change(account, "balance", account.balance - transaction.gas_limit * price)
        gas = transaction.gas_limit - intrinsic_gas(transaction)
        if to is None:
            gas -= INITCODE_WORD_GAS * ((len(data) + 31) // 32)
            new = created_address(sender, nonce)
            return tx, create(tx, sender, new, value, data, gas), new
        tx.warm.add(to)
        return tx, call(tx, sender, to, to, value, data, gas), None


def _copied(world: World) -> World:
    return {
        address: Account(account.nonce, account.balance, account.code, dict(account.storage))
        for address, account in world.items()
    }


@lru_cache(maxsize=65536)
def _number(address: str) -> int:
    return int.from_bytes(canonical_address(address), "big")


@lru_cache(maxsize=65536)
def _text(address: int) -> str:
    return checksum_address(address.to_bytes(20, "big"))


@lru_cache(maxsize=65536)
def _word(word: int) -> bytes:
    return word.to_bytes(32, "big")
