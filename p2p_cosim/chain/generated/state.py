"""Accounts, and all that one transaction changes, with a list to undo it by.

Addresses and words are ints. A slot that holds zero is absent from the dict of an account's
storage, and an account that was never used from the world.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

LAST_PRECOMPILE = 0x11  # EIP-2537
COLD_ACCOUNT_GAS, WARM_GAS = 2600, 100  # EIP-2929

_ALWAYS_WARM = set(range(1, LAST_PRECOMPILE + 1))

# Kinds of entries in the journal: what is undone.
SLOT, MEMBER, FIELD, NEW = range(4)


@dataclass(slots=True)
class Account:
    """An account; `storage` by slot, without zeros."""

    nonce: int = 0
    balance: int = 0
    code: bytes = b""
    storage: dict[int, int] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether the state holds no such account (EIP-161)."""
        return not (self.nonce or self.balance or self.code)


World = dict[int, Account]
"""Accounts by address."""


@dataclass(frozen=True, slots=True)
class Block:
    """What code can see of the block. hashes: those of earlier blocks by number."""

    number: int
    timestamp: int
    gas_limit: int
    chain_id: int
    coinbase: int = 0
    base_fee: int = 0
    prevrandao: int = 0
    blob_base_fee: int = 1
    hashes: Mapping[int, int] = field(default_factory=dict)


class Substate:
    """The transaction that is being executed (Yellow Paper, 6.1).

    entry: gives the function that runs a code from its first instruction.
    """

    __slots__ = (
        *("world", "block", "entry", "origin", "gas_price", "blob_hashes"),
        *("logs", "journal", "refund", "warm", "warm_slots", "originals"),
        *("transient", "created", "destroyed"),
    )

    def __init__(
        self,
        world: World,
        block: Block,
        origin: int,
        entry: Callable[[bytes], Callable[..., Any]],
        gas_price: int = 0,
    ) -> None:
        self.world, self.block, self.entry = world, block, entry
        self.origin, self.gas_price = origin, gas_price
        self.blob_hashes: tuple[int, ...] = ()
        self.logs: list[tuple[int, tuple[int, ...], bytes]] = []
        self.journal: list[tuple[Any, ...]] = []
        self.refund = 0
        # EIP-2929, EIP-3651: sender, recipient, coinbase and precompiles are warm.
        self.warm = _ALWAYS_WARM | {origin, block.coinbase}
        self.warm_slots: dict[int, set[int]] = {}
        self.originals: dict[int, dict[int, int]] = {}  # values before, of slots written
        self.transient: dict[tuple[int, int], int] = {}
        self.created: set[int] = set()
        self.destroyed: set[int] = set()

    def account(self, address: int) -> Account:
        """The account at an address, which exists from now on."""
        account = self.world.get(address)
        if account is None:
            account = self.world[address] = Account()
            self.journal.append((NEW, self.world, address))
        return account

    def change(self, account: Account, name: str, value: object) -> None:
        """Change a field of an account."""
        self.journal.append((FIELD, account, name, getattr(account, name)))
        setattr(account, name, value)

    def add(self, members: set[int], member: int) -> None:
        """Put an address or a slot into a set that does not have it."""
        members.add(member)
        self.journal.append((MEMBER, members, member))

    def touch(self, address: int) -> int:
        """Gas of reaching for an account, which is warm from now on."""
        if address in self.warm:
            return WARM_GAS
        self.add(self.warm, address)
        return COLD_ACCOUNT_GAS

    def transfer(self, sender: int, recipient: int, wei: int) -> None:
        """Move ether that the sender has."""
        if wei:
            giver, taker = self.account(sender), self.account(recipient)
            self.change(giver, "balance", giver.balance - wei)
            self.change(taker, "balance", taker.balance + wei)

    def mark(self) -> tuple[int, int, int]:
        """Where the substate stands now, for `undo`."""
        return len(self.journal), len(self.logs), self.refund

    def undo(self, mark: tuple[int, int, int] = (0, 0, 0)) -> None:
        """Take back everything since a mark."""
        length, logs, self.refund = mark
        del self.logs[logs:]
        journal = self.journal
        while len(journal) > length:
            entry = journal.pop()
            kind, where, key = entry[0], entry[1], entry[2]
            if kind == SLOT:
                if entry[3]:
                    where[key] = entry[3]
                else:
                    where.pop(key, None)
            elif kind == MEMBER:
                where.discard(key)
            elif kind == FIELD:
                setattr(where, key, entry[3])
            else:
                where.pop(key, None)

    def finish(self) -> None:
        """Delete what destroyed itself in the transaction that created it (EIP-6780)."""
        for address in self.destroyed:
            del self.world[address]


def state_root(world: World) -> bytes:
    """Root hash of the state, as a block header carries it (Yellow Paper, 4.1)."""
    import rlp
    from eth_hash.auto import keccak
    from trie.hexary import HexaryTrie

    accounts = HexaryTrie({})
    for address, account in world.items():
        if account.is_empty:
            continue
        slots = HexaryTrie({})
        for slot, word in account.storage.items():
            slots[keccak(slot.to_bytes(32, "big"))] = rlp.encode(word)
        fields = [account.nonce, account.balance, slots.root_hash, keccak(account.code)]
        accounts[keccak(address.to_bytes(20, "big"))] = rlp.encode(fields)
    return bytes(accounts.root_hash)
