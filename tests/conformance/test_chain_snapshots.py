"""What every `Chain` must do: simulated time, snapshots and their use in any order."""

import pytest
from chains import T0, send

from p2p_cosim.chain.contract import Contract
from p2p_cosim.core.errors import ChainError
from p2p_cosim.core.protocols import Chain


def test_contracts_see_simulated_time(chain: Chain, probe: Contract) -> None:
    assert chain.timestamp == T0
    timestamp, number, _ = probe.read.time()
    assert (timestamp, number) == (T0, 1)
    chain.advance_to(T0 + 900)
    assert chain.timestamp == T0 + 900
    assert probe.read.time()[:2] == (T0 + 900, 2)
    receipt = probe.transact("store", 1, 1, sender=chain.account("owner"))
    assert (receipt.timestamp, receipt.block_number) == (T0 + 900, 2)


@pytest.mark.parametrize("timestamp", [T0, T0 - 1])
def test_time_does_not_go_back(chain: Chain, timestamp: int) -> None:
    with pytest.raises(ChainError, match="is not after"):
        chain.advance_to(timestamp)


def test_a_snapshot_restores_state_block_and_time_twice(chain: Chain, probe: Contract) -> None:
    owner = chain.account("owner")
    probe.transact("store", 1, 10, sender=owner)
    token = chain.snapshot()

    def proceed() -> list[object]:
        late = chain.account("late")
        first = send(chain, probe.transaction("store", 1, 20, sender=late))
        chain.advance_to(T0 + 60)
        second = send(chain, probe.transaction("wipe", 1, 2, sender=owner))
        chain.advance_to(T0 + 120)
        return [*first, *second, chain.balance_wei(late), probe.read.time(), probe.read.basket()]

    once = proceed()
    for _ in range(2):
        chain.revert(token)
        assert (chain.timestamp, probe.read.time().number) == (T0, 1)
        assert probe.read.values(1) == 10
        assert len(probe.read.basket().items) == 2
        assert proceed() == once


def test_snapshots_nest_and_may_be_taken_back_in_any_order(chain: Chain, probe: Contract) -> None:
    owner = chain.account("owner")
    tokens = []
    for amount in (1, 2, 3):
        probe.transact("store", 1, amount, sender=owner)
        tokens.append(chain.snapshot())
        chain.advance_to(chain.timestamp + 1)
    for place in (2, 0, 1):
        chain.revert(tokens[place])
        assert probe.read.values(1) == place + 1


def test_a_foreign_token_is_refused(chain: Chain) -> None:
    with pytest.raises(ChainError, match="not a snapshot of this chain"):
        chain.revert("token")
