import dataclasses

import numpy as np
import pytest

from p2p_cosim import conservation
from p2p_cosim.core.errors import ConservationError
from p2p_cosim.core.types import (
    Account,
    Clearing,
    GateClosure,
    GridState,
    Ledger,
    Receipt,
    Settlement,
    TickRecord,
    Trade,
)


def ledger(energy_wh, *, escrow_wei=0, contract_wei=30, paid_in_wei=30, money=((10, 0),) * 3):
    """Accounts of house_1, house_2 and the utility with these energies and, each, 10 wei."""
    names = ("house_1", "house_2", "utility")
    accounts = {
        name: Account(*wei, wh) for name, wei, wh in zip(names, money, energy_wh, strict=True)
    }
    return Ledger(accounts, escrow_wei, contract_wei, {"house_1": paid_in_wei})


CLEARING = Clearing(7, 100, 0, (Trade("house_1", "house_2", 100, 7),))
SHORT = Settlement("house_2", -100, -80, 20, 20 * 12, 0)


def record(after, *, settlements=(SHORT,), **changes):
    """Of tick 3, in which house 1 bought 100 Wh and house 2 was 20 Wh short."""
    gate = GateClosure(3, (), CLEARING, (), 0)
    done = Receipt(True, 0)
    return TickRecord(3, gate, (), (), grid_state(), settlements, done, after, (), **changes)


def test_money_that_balances_passes():
    conservation.check_money(ledger((0, 0, 0)), 3)
    conservation.check_money(ledger((0, 0, 0), escrow_wei=5, contract_wei=35, paid_in_wei=35), 3)


def test_ether_forced_upon_the_contract_is_nobodys():
    conservation.check_money(ledger((0, 0, 0), contract_wei=31), 3)


def test_trades_add_up_to_their_summary():
    conservation.check_trades(CLEARING, 3)
    two_prices = dataclasses.replace(CLEARING.trades[0], budget_surplus_wei=40)
    with pytest.raises(ConservationError, match=r"surplus of the trades .* 40 != 0 wei"):
        conservation.check_trades(dataclasses.replace(CLEARING, trades=(two_prices,)), 3)
    with pytest.raises(ConservationError, match=r"energy of the trades .* 100 != 99 Wh"):
        conservation.check_trades(dataclasses.replace(CLEARING, energy_wh=99), 3)


@pytest.mark.parametrize("paid_in_wei", [29, 31])
def test_one_wei_too_many_or_too_few_stops_the_run(paid_in_wei):
    with pytest.raises(ConservationError, match=r"at tick 3: \d+ != 30 wei") as caught:
        conservation.check_money(ledger((0, 0, 0), contract_wei=40, paid_in_wei=paid_in_wei), 3)
    assert (caught.value.left, caught.value.right) == (paid_in_wei, 30)


def test_ether_that_is_missing_stops_the_run():
    with pytest.raises(ConservationError, match=r"contract's ether .* 29 != 30 wei"):
        conservation.check_money(ledger((0, 0, 0), contract_wei=29), 3)


def test_a_debt_that_nobody_is_owed_stops_the_run():
    money = ((10, -5), (10, 0), (10, 4))
    with pytest.raises(ConservationError, match=r"debts against claims .* -1 != 0 wei"):
        conservation.check_money(ledger((0, 0, 0), money=money), 3)


def test_energy_moves_with_trades_and_imbalances():
    conservation.check_energy(ledger((0, 0, 0)), record(ledger((100, -80, -20))))


@pytest.mark.parametrize("after", [(100, -80, -19), (99, -79, -20), (100, -100, 0)])
def test_energy_that_appears_or_moves_unexplained_stops_the_run(after):
    with pytest.raises(ConservationError, match="Wh"):
        conservation.check_energy(ledger((0, 0, 0)), record(ledger(after)))


def test_money_moves_with_payments_charges_and_what_is_paid_in():
    # House 1 pays 700 and brings 1,000; house 2 gets 700 and owes 240, of which it pays 40.
    money = ((310, 0), (670, -200), (50, 200))
    paid = {"house_1": 1000}
    conservation.check_payments(
        ledger((0, 0, 0)), record(ledger((0, 0, 0), money=money), paid_in_wei=paid)
    )
    with pytest.raises(ConservationError, match=r"money of house_1 .* 310 != -690 wei"):
        conservation.check_payments(ledger((0, 0, 0)), record(ledger((0, 0, 0), money=money)))


def test_trades_of_rounds_that_others_cleared_count():
    late = (Trade("house_2", "house_1", 30, 7),)
    after = ledger((70, -50, -20))
    conservation.check_energy(ledger((0, 0, 0)), record(after, late_trades=late))


def grid_state(**changes):
    zeros = np.zeros(2)
    state = GridState(
        house_v_pu=np.ones(2),
        house_p_kw=np.array([1.0, -4.0]),
        house_q_kvar=zeros,
        spot_p_kw=np.array([10.0]),
        node_v_pu=np.ones(3),
        head_p_kw=np.array([3.0, 3.0, 1.5]),
        head_q_kvar=np.zeros(3),
        losses_kw=0.5,
        taps=(0, 0, 0),
    )
    return dataclasses.replace(state, **changes)


def test_power_that_balances_passes():
    conservation.check_power(grid_state(), 0)


@pytest.mark.parametrize("losses_kw", [0.48, 0.52, float("nan")])
def test_power_that_does_not_balance_stops_the_run(losses_kw):
    with pytest.raises(ConservationError, match="feeder power"):
        conservation.check_power(grid_state(losses_kw=losses_kw), 0)
