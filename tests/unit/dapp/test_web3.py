"""web3.py against a served run, through its own provider."""

import json

import pytest
from served import Person
from wallet import wallet
from web3 import Web3
from web3.exceptions import ContractCustomError, Web3RPCError
from web3.providers.base import JSONBaseProvider

PRICE = 80 * 10**9


class ClientProvider(JSONBaseProvider):
    """A provider over a test client."""

    def __init__(self, client):
        super().__init__()
        self.client = client

    def make_request(self, method, params):
        body = self.encode_rpc_request(method, params)
        headers = {"Content-Type": "application/json"}
        return json.loads(self.client.post("/rpc", content=body, headers=headers).content)


@pytest.fixture
def web3(client):
    return Web3(ClientProvider(client))


@pytest.fixture
def market(web3, alice):
    return web3.eth.contract(address=alice.run["market"], abi=alice.run["abi"])


def send(web3, account, function, **more):
    """Fill in, sign, send: as a script does."""
    sender = account.address
    nonce = web3.eth.get_transaction_count(sender, "pending")
    transaction = function.build_transaction({"from": sender, "nonce": nonce, **more})
    return web3.eth.send_raw_transaction(account.sign_transaction(transaction).raw_transaction)


def test_a_script_trades(web3, market, alice):
    assert web3.is_connected()
    assert web3.eth.chain_id == alice.run["chain_id"]
    assert web3.eth.get_balance(alice.account.address) == 10**19
    hashes = [
        send(web3, alice.account, market.functions.deposit(), value=10**17),
        send(
            web3,
            alice.account,
            market.functions.placeBid(market.functions.book().call()[0], 300, PRICE),
        ),
    ]
    logs = web3.eth.filter({"address": alice.run["market"]})
    alice.control("step")
    receipts = [web3.eth.wait_for_transaction_receipt(hash_) for hash_ in hashes]
    assert [receipt.status for receipt in receipts] == [1, 1]
    (deposited,) = market.events.Deposited().process_receipt(receipts[0])
    assert deposited.args.amountWei == 10**17
    assert market.events.Deposited().get_logs(from_block=0)[-1] == deposited
    assert deposited.transactionHash in {log.transactionHash for log in logs.get_new_entries()}
    block = web3.eth.get_block("latest", full_transactions=True)
    assert {transaction.gasPrice for transaction in block.transactions} <= {0}
    assert web3.eth.get_transaction(hashes[1])["from"] == alice.account.address
    assert web3.eth.fee_history(1, "latest", [50]).baseFeePerGas == [0, 0]


def test_a_script_reads_why_it_was_refused(web3, market, alice):
    with pytest.raises(ContractCustomError) as refused:
        market.functions.withdraw(10**20).call({"from": alice.account.address})
    assert refused.value.data.startswith("0x")
    with pytest.raises(ContractCustomError):
        market.functions.withdraw(10**20).estimate_gas({"from": alice.account.address})
    account = wallet("poor")
    transaction = {"to": account.address, "value": 1, "gas": 21_000, "gasPrice": 1, "nonce": 0}
    raw = account.sign_transaction({**transaction, "chainId": web3.eth.chain_id}).raw_transaction
    with pytest.raises(Web3RPCError, match="insufficient funds"):
        web3.eth.send_raw_transaction(raw)


def test_another_person_sees_the_same(client, web3, alice):
    bob = Person(client, wallet("bob"))
    assert bob.run == alice.run
    assert web3.eth.get_code(alice.run["market"])
