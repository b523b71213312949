"""A chain that takes the place of another, on every backend that can be served."""

import pytest
from chains import T0
from wallet import signed, wallet

import p2p_cosim as p2p
from p2p_cosim.chain.rules import CHAIN_ID
from p2p_cosim.chain.terms import ChainTerms
from p2p_cosim.compose.chain import chain_of


@pytest.fixture(params=["generated", "pyevm", "anvil", "jsonrpc"])
def scenario(request):
    url = request.getfixturevalue("hardhat_url") if request.param == "jsonrpc" else None
    return p2p.load("three_houses").replace({"chain.backend": request.param, "chain.url": url})


def test_wallets_go_on_with_their_nonces(scenario):
    """A node checks nonces itself: it has to know what the chain before had come to."""
    alice, operator, past = wallet("alice"), "", ChainTerms().past
    for episode in range(3):
        chain = chain_of(scenario, T0, ChainTerms(past=past))
        operator = chain.account("operator")
        chain.grant(alice.address, 10**18)
        raws = [signed(alice, CHAIN_ID, 2 * episode + i, to=operator) for i in (0, 1)]
        first = chain.send_raw(raws[0])
        chain.advance_to(T0 + 900)
        assert chain.transaction(first).receipt.status
        second = chain.send_raw(raws[1])
        with chain.as_pending():
            assert chain.balance_wei(alice.address) < 10**18
        chain.advance_to(T0 + 1800)
        assert chain.transaction(second).receipt.status
        assert chain.nonce(alice.address) == 2 * episode + 2
        past = chain.past()
        chain.close()
