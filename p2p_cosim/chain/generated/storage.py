"""Instructions on storage and accounts, as generated code calls them.

Those that charge gas take what is left and give what is then left.
"""

from __future__ import annotations

from p2p_cosim.chain.generated.frame import ADDRESS_MASK, Frame, Halt, OutOfGas, hash_of
from p2p_cosim.chain.generated.state import MEMBER, SLOT

STIPEND = 2_300
COLD_SLOT_GAS, WARM_GAS = 2_100, 100  # EIP-2929
SET_GAS, RESET_GAS = 20_000, 2_900  # EIP-2200, without the cold access of EIP-2929
CLEAR_REFUND = 4_800  # EIP-3529
NEW_ACCOUNT_GAS = 25_000
SELFDESTRUCT_GAS = 5_000


def cold_slot(f: Frame, slot: int) -> int:
    """Gas of an SLOAD of a slot that is not warm, and is from now on."""
    f.warm.add(slot)
    f.tx.journal.append((MEMBER, f.warm, slot))
    return COLD_SLOT_GAS


def store(f: Frame, slot: int, new: int, gas: int) -> int:
    """SSTORE (EIP-2200, EIP-2929, EIP-3529). Raises OutOfGas."""
    if f.static or gas <= STIPEND:
        raise OutOfGas
    tx, storage = f.tx, f.storage
    present = storage.get(slot, 0)
    if slot not in f.warm:
        tx.add(f.warm, slot)
        gas -= COLD_SLOT_GAS
    original = f.originals.setdefault(slot, present)  # the first write sees the original
    if new == present:
        return gas - WARM_GAS
    if original == present:
        gas -= RESET_GAS if original else SET_GAS
        if original and not new:
            tx.refund += CLEAR_REFUND
    else:
        gas -= WARM_GAS
        if original:
            if not present:
                tx.refund -= CLEAR_REFUND
            elif not new:
                tx.refund += CLEAR_REFUND
        if original == new:
            tx.refund += (RESET_GAS if original else SET_GAS) - WARM_GAS
    tx.journal.append((SLOT, storage, slot, present))
    if new:
        storage[slot] = new
    else:
        del storage[slot]
    return gas


def store_transient(f: Frame, slot: int, word: int) -> None:
    """TSTORE (EIP-1153). Raises Halt in a static call."""
    if f.static:
        raise Halt
    transient, key = f.tx.transient, (f.address, slot)
    f.tx.journal.append((SLOT, transient, key, transient.get(key, 0)))
    transient[key] = word


def log(f: Frame, topics: tuple[int, ...], data: bytes) -> None:
    """LOG0 to LOG4. Raises Halt in a static call."""
    if f.static:
        raise Halt
    f.tx.logs.append((f.address, topics, data))


def balance(f: Frame, address: int) -> int:
    """BALANCE in wei."""
    account = f.tx.world.get(address & ADDRESS_MASK)
    return account.balance if account else 0


def code_size(f: Frame, address: int) -> int:
    """EXTCODESIZE in bytes."""
    account = f.tx.world.get(address & ADDRESS_MASK)
    return len(account.code) if account else 0


def code_hash(f: Frame, address: int) -> int:
    """EXTCODEHASH; 0 of an account that the state does not hold (EIP-1052)."""
    account = f.tx.world.get(address & ADDRESS_MASK)
    return 0 if account is None or account.is_empty else hash_of(account.code)


def block_hash(f: Frame, number: int) -> int:
    """BLOCKHASH of one of the last 256 blocks, where the chain has hashes."""
    block = f.tx.block
    return block.hashes.get(number, 0) if block.number - 256 <= number < block.number else 0


def blob_hash(f: Frame, index: int) -> int:
    """BLOBHASH (EIP-4844)."""
    hashes = f.tx.blob_hashes
    return hashes[index] if index < len(hashes) else 0


def self_destruct(f: Frame, heir: int) -> None:
    """SELFDESTRUCT (EIP-6780): all ether goes to the heir. Raises Halt, OutOfGas."""
    if f.static:
        raise Halt
    tx = f.tx
    heir &= ADDRESS_MASK
    gas = f.gas - SELFDESTRUCT_GAS
    if heir not in tx.warm:
        gas -= tx.touch(heir)
    own, other = tx.account(f.address), tx.world.get(heir)
    if own.balance and (other is None or other.is_empty):
        gas -= NEW_ACCOUNT_GAS
    if gas < 0:
        raise OutOfGas
    f.gas = gas
    if heir != f.address:
        tx.transfer(f.address, heir, own.balance)
    if f.address in tx.created:
        tx.change(own, "balance", 0)
        if f.address not in tx.destroyed:
            tx.add(tx.destroyed, f.address)
