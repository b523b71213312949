"""JSON-RPC: what wallets ask, and what they must not be able to do."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from served import Rpc
from wallet import signed, wallet

from p2p_cosim.dapp.rpc.service import MOST_CALLS, RpcService

BOB = wallet("bob")
PRICE = 80 * 10**9


def step(client):
    assert client.post("/api/control", json={"action": "step"}).status_code == 200


def test_a_person_deposits_bids_cancels_and_withdraws(client, alice, contract):
    rpc = alice.rpc
    deposit = alice.send(contract, "deposit", value=10**17)
    round_id = contract.read.book().round
    bid = alice.send(
        contract, "placeBid", round_id, 500, PRICE
    )  # stands on a deposit that still waits
    assert rpc("eth_getTransactionReceipt", bid) is None
    assert rpc("eth_getTransactionByHash", bid)["blockNumber"] is None
    pending = rpc("eth_getBlockByNumber", "pending", False)
    assert pending["transactions"] == [deposit, bid]
    step(client)
    receipts = [rpc("eth_getTransactionReceipt", hash_) for hash_ in (deposit, bid)]
    assert [receipt["status"] for receipt in receipts] == ["0x1", "0x1"]
    assert [receipt["transactionIndex"] for receipt in receipts] == ["0x0", "0x1"]
    state = client.get("/api/state").json()
    (mine,) = (o for o in state["others"] if o["name"] == alice.account.address)
    asked_wei = int(mine["balance_wei"])
    alice.send(contract, "requestWithdrawal", asked_wei)
    step(client)
    step(client)
    (mine,) = (
        o for o in client.get("/api/state").json()["others"] if o["name"] == alice.account.address
    )
    alice.send(contract, "withdraw", asked_wei)
    alice.send(contract, "placeBid", contract.read.book().round, 100, 0)
    number = int(rpc("eth_blockNumber"), 16)
    step(client)
    logs = rpc("eth_getLogs", {"fromBlock": hex(number + 1), "toBlock": "latest"})
    placed = [log for log in logs if log["topics"][0] == logs[1]["topics"][0]]
    assert placed
    (left,) = (
        o for o in client.get("/api/state").json()["others"] if o["name"] == alice.account.address
    )
    assert int(left["balance_wei"]) == int(mine["balance_wei"]) - asked_wei


def test_wallets_pay_their_fee_and_agents_none(client, alice, contract):
    hash_ = alice.send(
        contract, "deposit", value=5, maxFeePerGas=3 * 10**9, maxPriorityFeePerGas=2 * 10**9
    )
    before = int(alice.rpc("eth_getBalance", alice.account.address, "latest"), 16)
    step(client)
    receipt = alice.rpc("eth_getTransactionReceipt", hash_)
    assert receipt["effectiveGasPrice"] == hex(2 * 10**9)
    paid = int(receipt["gasUsed"], 16) * 2 * 10**9 + 5
    after = int(alice.rpc("eth_getBalance", alice.account.address, "latest"), 16)
    assert before - after == paid
    block = alice.rpc("eth_getBlockByNumber", receipt["blockNumber"], True)
    assert {tx["gasPrice"] for tx in block["transactions"][1:]} == {"0x0"}
    history = alice.rpc("eth_feeHistory", "0x2", "latest", [0, 100])
    assert history["baseFeePerGas"] == ["0x0"] * 3
    assert history["reward"][0][1] == hex(2 * 10**9)


def test_a_revert_is_error_3_with_the_contracts_own_error(alice, contract):
    call = ("placeBid", contract.read.book().round, 500, PRICE)
    data = contract.transaction(*call, sender=BOB.address).data
    call = {"from": BOB.address, "to": alice.run["market"], "data": "0x" + data.hex()}
    for method in ("eth_call", "eth_estimateGas"):
        error = alice.rpc.ask(method, call)["error"]
        assert error["code"] == 3
        found = contract.revert_error("placeBid", bytes.fromhex(error["data"][2:]))
        assert found.name == "BalanceTooLow"


def test_an_estimate_is_the_least_that_suffices(alice, contract):
    data = "0x" + contract.transaction("deposit", sender=BOB.address).data.hex()
    call = {"from": alice.account.address, "to": alice.run["market"], "data": data, "value": "0x5"}
    gas = int(alice.rpc("eth_estimateGas", call), 16)
    assert alice.rpc.ask("eth_call", {**call, "gas": hex(gas)})["result"] == "0x"
    assert "error" in alice.rpc.ask("eth_call", {**call, "gas": hex(gas - 1)})
    transfer = {"from": alice.account.address, "to": BOB.address, "value": "0x1"}
    assert alice.rpc("eth_estimateGas", transfer) == hex(21_000)


def test_a_gap_of_nonces_waits_and_is_said_to(client, alice, session):
    raw = signed(alice.account, session.chain_id, 3, to=BOB.address)
    hash_ = alice.rpc("eth_sendRawTransaction", "0x" + raw.hex())
    step(client)
    assert alice.rpc("eth_getTransactionReceipt", hash_) is None
    assert alice.rpc("eth_getTransactionByHash", hash_)["nonce"] == "0x3"
    assert alice.rpc("eth_getTransactionCount", alice.account.address, "pending") == "0x0"
    assert client.get("/api/state").json()["clock"]["waiting"] == 1


def test_replayed_tampered_and_foreign_transactions_change_nothing(client, alice, session):
    raw = signed(alice.account, session.chain_id, 0, to=BOB.address, value=1)
    alice.rpc("eth_sendRawTransaction", "0x" + raw.hex())
    step(client)
    ends = {
        "0x" + raw.hex(): "nonce too low",
        "0x" + signed(alice.account, 1, 1, to=BOB.address).hex(): "invalid chain id",
        "0x" + raw[:-1].hex(): "rlp",
        "0x": "not supported",
        "0x" + signed(wallet("poor"), session.chain_id, 0, to=BOB.address).hex(): "insufficient",
    }
    for sent, message in ends.items():
        error = alice.rpc.ask("eth_sendRawTransaction", sent)["error"]
        assert error["code"] == -32000
        assert message in error["message"]
    assert len(session.chain.pool) == 0
    assert alice.rpc("eth_getBalance", BOB.address, "latest") == "0x1"


@pytest.mark.parametrize(
    "method",
    [
        "eth_sendTransaction",
        "eth_sign",
        "personal_unlockAccount",
        "evm_mine",
        "anvil_setBalance",
        "hardhat_reset",
        "debug_traceTransaction",
        "admin_peers",
        "__init__",
    ],
)
def test_nothing_else_can_be_done(rpc, method):
    error = rpc.ask(method)["error"]
    assert error["code"] == -32601
    assert error["message"] == f"the method {method} does not exist/is not available"


def test_it_has_no_accounts(rpc):
    assert rpc("eth_accounts") == []


def test_filters_tell_what_is_new(client, rpc):
    logs, blocks = rpc("eth_newFilter", {}), rpc("eth_newBlockFilter")
    assert rpc("eth_getFilterChanges", logs) == []
    step(client)
    new = rpc("eth_getFilterChanges", logs)
    assert new
    assert {log["blockNumber"] for log in new} == {"0x2", "0x3"}  # gate closure and delivery
    assert new == rpc("eth_getLogs", {"fromBlock": "0x2"})
    assert rpc("eth_getFilterChanges", logs) == []
    assert len(rpc("eth_getFilterChanges", blocks)) == 2
    assert rpc("eth_uninstallFilter", logs) is True
    assert rpc.ask("eth_getFilterChanges", logs)["error"]["message"] == "filter not found"


def test_pending_filters_tell_what_waits(alice, contract):
    name = alice.rpc("eth_newPendingTransactionFilter")
    hash_ = alice.send(contract, "deposit", value=1)
    assert alice.rpc("eth_getFilterChanges", name) == [hash_]
    assert alice.rpc("eth_getFilterChanges", name) == []


def test_old_state_is_refused_and_old_logs_are_there(client, rpc):
    step(client)
    error = rpc.ask("eth_getBalance", BOB.address, "0x1")["error"]
    assert "historical state" in error["message"]
    assert rpc("eth_getLogs", {"fromBlock": "earliest", "toBlock": "0x1"})
    by_hash = {"blockHash": rpc("eth_getBlockByNumber", "latest", False)["hash"]}
    assert rpc("eth_getBalance", BOB.address, by_hash) == "0x0"
    assert rpc("eth_getLogs", by_hash)


def test_a_reset_leaves_wallets_usable(client, alice, contract):
    alice.send(contract, "deposit", value=1)
    step(client)
    head = int(alice.rpc("eth_blockNumber"), 16)
    client.post("/api/control", json={"action": "reset"})
    assert int(alice.rpc("eth_blockNumber"), 16) == head + 1
    assert alice.rpc("eth_getTransactionCount", alice.account.address, "latest") == "0x1"
    assert alice.rpc("eth_chainId") == hex(alice.run["chain_id"])
    alice.fill_purse()
    alice.run = client.get("/api/run").json()
    hash_ = alice.send(contract, "deposit", value=1)
    step(client)
    assert alice.rpc("eth_getTransactionReceipt", hash_)["status"] == "0x1"
    assert alice.rpc("eth_getTransactionByHash", hash_)["nonce"] == "0x1"


def test_batches(client):
    def post(content):
        return client.post("/rpc", json=content).json()

    one = {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId"}
    mixed = post([one, 3, {**one, "id": "b", "method": "nope"}])
    assert [answer.get("id") for answer in mixed] == [1, None, "b"]
    assert post([])["error"]["code"] == -32600
    assert post([one] * (MOST_CALLS + 1))["error"]["message"] == "batch too large"
    told = client.post("/rpc", json={"jsonrpc": "2.0", "method": "eth_chainId"})
    assert (told.status_code, told.content) == (204, b"")


NAMES = st.sampled_from(["to", "data", "fromBlock", "topics", "x"])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["to", "data", "fromBlock", "topics", "x"]), inner, max_size=4
        )
    ),
    max_leaves=8,
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_asked_gets_an_answer_and_changes_nothing(session, data):
    service: RpcService = session.rpc
    method = data.draw(st.sampled_from([*service.methods, "nope"]))
    params = data.draw(st.lists(json_values, max_size=3) | json_values)
    before = (session.chain.position, session.chain.head, len(session.chain.pool))
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
    answer = json.loads(service.answer(body))
    assert ("error" in answer) != ("result" in answer)
    assert answer.get("error", {}).get("message") != "internal error"
    assert (session.chain.position, session.chain.head, len(session.chain.pool)) == before


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=60) | st.text('[]{}":,0x ', max_size=60).map(str.encode))
def test_malformed_bodies_are_answered(session, body):
    answer = session.rpc.answer(body)
    assert answer == b"" or b'"error"' in answer or b"result" in answer


def test_depth_does_not_matter(client):
    headers = {"Content-Type": "application/json"}
    for body in (b"[" * 500_000, b'{"a":' * 100_000, b'"]]]]' * 9 + b'",' + b"[" * 100_000):
        answer = client.post("/rpc", content=body, headers=headers)
        assert answer.json()["error"]["code"] == -32700
    assert isinstance(Rpc(client)("eth_chainId"), str)
