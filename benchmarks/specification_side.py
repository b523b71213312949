"""The other side of specification.py: calls, a JSON a line, by the rules of Prague.

It runs where the package ethereum-execution is installed, and nothing of ours.
"""

# mypy: ignore-errors
import json
import sys

from ethereum.forks.prague.fork_types import Account, Address
from ethereum.forks.prague.state import (
    State,
    TransientStorage,
    destroy_account,
    get_account,
    set_account,
    set_storage,
    state_root,
)
from ethereum.forks.prague.vm import BlockEnvironment, Message, TransactionEnvironment
from ethereum.forks.prague.vm.interpreter import process_message_call
from ethereum.forks.prague.vm.precompiled_contracts.mapping import PRE_COMPILED_CONTRACTS
from ethereum_types.bytes import Bytes, Bytes32
from ethereum_types.numeric import U64, U256, Uint

FIRST_HASH = Bytes32((7).to_bytes(32, "big"))


def address_of(number):
    """An address of the specification."""
    return Address(int(number).to_bytes(20, "big"))


def word(octets):
    """Bytes as an int."""
    return int.from_bytes(octets, "big")


def state_of(world):
    """The state before the call."""
    state = State()
    for number, (nonce, wei, code, storage) in world.items():
        address = address_of(number)
        set_account(state, address, Account(Uint(nonce), U256(wei), Bytes(bytes.fromhex(code))))
        for slot, word in storage.items():
            set_storage(state, address, Bytes32(int(slot).to_bytes(32, "big")), U256(word))
    return state


def outcome(given):
    """What is compared."""
    state = state_of(given["world"])
    end = process_message_call(message_of(given, state))
    for address in end.accounts_to_delete:
        destroy_account(state, address)
    logs = [
        [
            int.from_bytes(e.address, "big"),
            [int.from_bytes(t, "big") for t in e.topics],
            e.data.hex(),
        ]
        for e in end.logs
    ]
    refund, output = int(end.refund_counter), end.return_data.hex()
    return [not end.error, int(end.gas_left), refund, output, logs, state_root(state).hex()]


def block_of(given, state):
    """The block of the call; the base fee is zero."""
    number, timestamp, gas_limit, chain_id, coinbase = given["block"]
    return BlockEnvironment(
        chain_id=U64(chain_id),
        state=state,
        block_gas_limit=Uint(gas_limit),
        block_hashes=[FIRST_HASH],
        coinbase=address_of(coinbase),
        number=Uint(number),
        base_fee_per_gas=Uint(0),
        time=U256(timestamp),
        prev_randao=Bytes32(bytes(32)),
        excess_blob_gas=U64(0),
        parent_beacon_block_root=Bytes32(bytes(32)),
    )


def transaction_of(given):
    """The transaction around the call; gas is free."""
    sender, _, _, gas, _ = given["call"]
    return TransactionEnvironment(
        origin=address_of(sender),
        gas_price=Uint(0),
        gas=Uint(gas),
        access_list_addresses=set(),
        access_list_storage_keys=set(),
        transient_storage=TransientStorage(),
        blob_versioned_hashes=(),
        authorizations=(),
        index_in_block=Uint(0),
        tx_hash=None,
    )


def message_of(given, state):
    """The call."""
    sender, to, value, gas, data = given["call"]
    coinbase = given["block"][-1]
    return Message(
        block_env=block_of(given, state),
        tx_env=transaction_of(given),
        caller=address_of(sender),
        target=address_of(to),
        current_target=address_of(to),
        gas=Uint(gas),
        value=U256(value),
        data=Bytes(bytes.fromhex(data)),
        code_address=address_of(to),
        code=get_account(state, address_of(to)).code,
        depth=Uint(0),
        should_transfer_value=True,
        is_static=False,
        accessed_addresses={*map(address_of, (sender, to, coinbase)), *PRE_COMPILED_CONTRACTS},
        accessed_storage_keys=set(),
        disable_precompiles=False,
        parent_evm=None,
    )


if __name__ == "__main__":
    sys.setrecursionlimit(20_000)
    for line in sys.stdin:
        print(json.dumps(outcome(json.loads(line))), flush=True)
