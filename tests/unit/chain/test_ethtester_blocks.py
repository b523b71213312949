from p2p_cosim.chain.ethtester import EthTesterChain
from p2p_cosim.core.types import Transaction

T0 = 1_750_000_000


def traded() -> EthTesterChain:
    chain = EthTesterChain(T0)
    chain.transact_many([Transaction(chain.account("alice"), chain.account("bob"), b"", 5)] * 2)
    chain.advance_to(T0 + 900)
    return chain


def test_web3_sees_one_block_at_the_simulated_time() -> None:
    web3 = traded().web3
    block = web3.eth.get_block("latest", full_transactions=True)
    assert (block["number"], block["timestamp"]) == (1, T0)
    funding, last = block["transactions"][:2], block["transactions"][-1]
    assert len(block["transactions"]) == 4
    assert {transaction["nonce"] for transaction in funding} == {0, 1}
    assert (last["from"], last["value"], last["nonce"]) == (traded().account("alice"), 5, 1)
    assert web3.eth.get_transaction_receipt(last["hash"])["gasUsed"] == 21_000


def test_block_hashes_repeat() -> None:
    hashes = {traded().web3.eth.get_block("latest")["hash"] for _ in range(2)}
    assert len(hashes) == 1
