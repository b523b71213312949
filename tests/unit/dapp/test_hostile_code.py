"""Contracts that strangers deploy cost their senders gas, and the run nothing."""

import pytest
from served import Person
from wallet import wallet

from p2p_cosim.chain.accounts import checksum_address

GAS = 2**20
PRICE = 80 * 10**9
# Runtime code: what it does with whatever gas it is given.
CODE = {
    "runs for ever": "5b5f56",
    "calls itself": "5f5f5f5f5f305af100",
    "creates without end": "5b5f5f5ff0505f56",
    "floods the logs": "5b61ffff5fa05f56",
    "fills storage": "5b5a5a555f56",
    "takes memory": "5b5a515a52505f56",
    "returns much": "620fffff5ff3",
    "is no code": "fe",
    "destroys itself": "33ff",
}


def init_code(runtime):
    size = len(runtime) // 2
    return bytes.fromhex(f"60{size:02x}600a5f3960{size:02x}5ff3" + runtime)


@pytest.mark.parametrize("what", CODE)
def test_it_ends_with_its_gas_and_the_run_goes_on(what, alice, client, contract):
    bob = Person(client, wallet("bob"))
    bob.fill_purse()
    alice.raw(0, to=b"", data=init_code(CODE[what]), gas=GAS)
    alice.control("step")
    made = alice.rpc("eth_getBlockByNumber", "0x2", False)["transactions"][0]
    address = alice.rpc("eth_getTransactionReceipt", made)["contractAddress"]
    address = checksum_address(address)

    sent = [alice.raw(nonce, to=address, gas=GAS, data=b"")["result"] for nonce in (1, 2)]
    bob.send(contract, "deposit", value=10**17)
    placed = bob.send(contract, "placeBid", 2, 300, PRICE)
    assert alice.control("step")["mode"] == "paused"
    receipts = [alice.rpc("eth_getTransactionReceipt", hash_) for hash_ in (*sent, placed)]
    assert all(int(receipt["gasUsed"], 16) <= GAS for receipt in receipts)
    assert receipts[-1]["status"] == "0x1"
    answer = alice.rpc.ask("eth_call", {"to": address, "gas": hex(GAS)}, "latest")
    assert answer.keys() & {"result", "error"}
    assert alice.control("step")["tick"] == 3


def test_what_it_does_to_the_market_is_an_outsiders_call(alice, client, contract):
    """A contract that calls the market from its constructor is a trader as anybody else."""
    market = contract.address[2:].lower()
    clear = contract.transaction("clear", 1, sender=alice.account.address).data
    word = clear[:4].hex().ljust(64, "0")
    code = f"7f{word}5f5260015f6004525f5f60245f5f73{market}5af1"
    before = client.get("/api/state").json()
    alice.raw(0, to=b"", data=bytes.fromhex(code), gas=GAS)
    alice.control("step")
    state = client.get("/api/state").json()
    assert state["clock"]["error"] is None
    assert before["clock"]["tick"] + 1 == state["clock"]["tick"]
    assert (
        state["market"]["bids"] + state["market"]["asks"] > 0
    )  # the gate was the agents', and open
