"""Check of a chain: accounts, value, code, time and snapshots, with nothing but raw bytes."""

from __future__ import annotations

from collections.abc import Callable

from p2p_cosim.core.errors import ChainError
from p2p_cosim.core.protocols import Chain
from p2p_cosim.core.types import Receipt, Transaction
from p2p_cosim.testing.findings import Findings

_INTRINSIC_GAS = 21_000
# Called with a word, it stores and logs it and gives it back; with more, it reverts with that.
#   CALLDATASIZE PUSH 32 LT PUSH <long> JUMPI
#   PUSH 0 CALLDATALOAD DUP1 PUSH 0 SSTORE PUSH 0 MSTORE
#   PUSH 32 PUSH 0 LOG0 PUSH 32 PUSH 0 RETURN
#   <long> JUMPDEST CALLDATASIZE PUSH 0 PUSH 0 CALLDATACOPY CALLDATASIZE PUSH 0 REVERT
_CODE = bytes.fromhex(
    "36602010601b576000358060005560005260206000a060206000f35b366000600037366000fd"
)
_INIT = bytes.fromhex(f"60{len(_CODE):02x}600c60003960{len(_CODE):02x}6000f3") + _CODE


def check_chain(make: Callable[[], Chain]) -> None:
    """Send value, create and call a contract, let one revert, move time, go back to a snapshot.

    make: starts a fresh chain; it is closed afterwards.

    Raises ConformanceError unless labels give the same funded accounts again, a revert is a
    receipt and not an exception, calls leave no trace, time only goes forward, a snapshot brings
    back balances, code and time more than once, and closing twice is harmless.
    """
    found = Findings("the chain", "Chain")
    with found.case("as it starts"):
        chain = make()
        found = Findings(chain, "Chain")
        try:
            for name, rule in _RULES.items():
                with found.case(name):
                    rule(found, chain)
        finally:
            with found.case("closing"):
                chain.close()
                chain.close()
    found.close()


def _accounts(found: Findings, chain: Chain) -> None:
    alice, bob = chain.account("alice"), chain.account("bob")
    found.expect(alice != bob, "two labels give one account")
    found.expect(chain.account("alice") == alice, "a label gives another account the second time")
    found.expect(
        len(alice) == 42 and alice.startswith("0x") and alice != alice.lower(),
        f"{alice} is no address with a checksum (EIP-55)",
    )
    found.expect(chain.balance_wei(alice) > 0, "a labelled account is not funded")


def _value(found: Findings, chain: Chain) -> None:
    alice, bob = chain.account("alice"), chain.account("bob")
    before = chain.balance_wei(bob)
    receipt = _send(chain, Transaction(alice, bob, b"", 7))
    found.expect(receipt.status, "sending 7 wei fails")
    found.expect(chain.balance_wei(bob) == before + 7, "7 wei were sent and have not arrived")
    if chain.capabilities.exact_gas:
        found.expect(
            receipt.gas_used == _INTRINSIC_GAS,
            f"sending value costs {receipt.gas_used} gas, the protocol says {_INTRINSIC_GAS}",
        )


def _code(found: Findings, chain: Chain) -> None:
    alice, word = chain.account("alice"), (5).to_bytes(32, "big")
    created = _send(chain, Transaction(alice, None, _INIT))
    to = created.contract_address
    found.expect(created.status and to, "a contract cannot be created, or has no address")
    done = _send(chain, Transaction(alice, to, word))
    found.expect(done.status, "a call of the contract fails")
    found.expect(done.output == b"", "the receipt of a transaction that succeeds has output")
    found.expect(
        [(log.address, log.topics, log.data) for log in done.logs] == [(to, (), word)],
        f"the log of a transaction is {done.logs}, expected its word from {to}",
    )
    long = word * 2
    failed = _send(chain, Transaction(alice, to, long))
    found.expect(not failed.status, "a revert has a receipt that says it succeeded")
    found.expect(failed.output == long, "the receipt of a revert lacks its data")
    found.expect(failed.logs == (), "the receipt of a revert has logs")
    for data, right in ((word, (True, word)), (long, (False, long))):
        told = chain.call(Transaction(alice, to, data))
        found.expect(told == right, f"a call gives {told}, expected {right}")


def _time(found: Findings, chain: Chain) -> None:
    now = chain.timestamp
    chain.advance_to(now + 60)
    found.expect(chain.timestamp == now + 60, "advance_to does not set the time")
    alice, bob = chain.account("alice"), chain.account("bob")
    receipt = _send(chain, Transaction(alice, bob, b"", 1))
    found.expect(receipt.timestamp == now + 60, "a receipt has another time than its block")
    for earlier in (now + 60, now):
        try:
            chain.advance_to(earlier)
        except ChainError:
            continue
        found.expect(False, "time may stand still or go back: expected a ChainError")


def _snapshots(found: Findings, chain: Chain) -> None:
    alice, bob = chain.account("alice"), chain.account("bob")
    token, before, now = chain.snapshot(), chain.balance_wei(bob), chain.timestamp
    for _ in range(2):  # a token may be used more than once
        _send(chain, Transaction(alice, bob, b"", 9))
        chain.advance_to(chain.timestamp + 30)
        chain.revert(token)
        found.expect(chain.balance_wei(bob) == before, "going back does not bring back balances")
        found.expect(chain.timestamp == now, "going back does not bring back the time")


def _order(found: Findings, chain: Chain) -> None:
    alice = chain.account("alice")
    to = _send(chain, Transaction(alice, None, _INIT)).contract_address
    words = [number.to_bytes(32, "big") for number in range(4)]
    receipts = chain.transact_many([Transaction(alice, to, word) for word in words])
    found.expect(
        [receipt.logs[0].data for receipt in receipts if receipt.logs] == words,
        "transactions are not executed in their order",
    )
    found.expect(
        len({(receipt.block_number, receipt.timestamp) for receipt in receipts}) == 1,
        "transactions that are sent together are not in one block",
    )


_RULES: dict[str, Callable[[Findings, Chain], None]] = {
    "accounts": _accounts,
    "value": _value,
    "code": _code,
    "order": _order,
    "time": _time,
    "snapshots": _snapshots,
}


def _send(chain: Chain, transaction: Transaction) -> Receipt:
    (receipt,) = chain.transact_many([transaction])
    return receipt
