"""What must balance in every tick: money in the contract, energy in trade, feeder power.

Each check raises `ConservationError` with the tick and both sides. Amounts of money and
energy are integers and balance exactly; power is a float and has a tolerance.
"""

from __future__ import annotations

from collections.abc import Sequence

from p2p_cosim.core.errors import ConservationError
from p2p_cosim.core.types import Clearing, GridState, Ledger, Settlement, TickRecord

# The solve's tolerance of 1e-8 pu leaves well under a watt on a 4 MW feeder.
POWER_TOLERANCE_KW = 0.01


def check_tick(record: TickRecord, before: Ledger) -> None:
    """All checks on one tick; `before` is the ledger at the end of the tick before."""
    check_trades(record.gate.clearing, record.tick)
    check_money(record.ledger, record.tick)
    check_energy(before, record.ledger, record.gate.clearing, record.settlements, record.tick)
    check_power(record.grid, record.tick)


def check_money(ledger: Ledger, tick: int) -> None:
    """The ether the contract holds is the sum of balances and escrow."""
    balances = sum(account.balance_wei for account in ledger.accounts.values())
    _require_equal(
        "contract's ether against balances + escrow",
        tick,
        ledger.contract_wei,
        balances + ledger.escrow_wei,
        "wei",
    )


def check_trades(clearing: Clearing, tick: int) -> None:
    """The trades add up to what the round's summary says of energy and surplus."""
    trades = clearing.trades
    energy_wh = sum(trade.energy_wh for trade in trades)
    _require_equal("energy of the trades", tick, energy_wh, clearing.energy_wh, "Wh")
    budget_surplus_wei = sum(trade.payment_wei - trade.proceeds_wei for trade in trades)
    _require_equal(
        "surplus of the trades", tick, budget_surplus_wei, clearing.budget_surplus_wei, "wei"
    )


def check_energy(
    before: Ledger,
    after: Ledger,
    clearing: Clearing,
    settlements: Sequence[Settlement],
    tick: int,
) -> None:
    """Energy bought is energy sold, and every account moved by its trades and imbalance.

    All energy accounts together stay at zero, the utility's included; and the contract's
    accounts agree with the trades and settlements that its events told.
    """
    total = sum(account.energy_wh for account in after.accounts.values())
    _require_equal("energy bought against energy sold", tick, total, 0, "Wh")
    moved = dict.fromkeys(after.accounts, 0)
    for trade in clearing.trades:
        moved[trade.buyer] += trade.energy_wh
        moved[trade.seller] -= trade.energy_wh
    for settlement in settlements:
        moved[settlement.trader] += settlement.imbalance_wh
        moved["utility"] -= settlement.imbalance_wh
    for trader, account in after.accounts.items():
        expected = before.accounts[trader].energy_wh + moved[trader]
        _require_equal(f"energy account of {trader}", tick, account.energy_wh, expected, "Wh")


def check_power(state: GridState, tick: int) -> None:
    """Power into the feeder is what houses and spot loads draw plus losses."""
    drawn = float(state.house_p_kw.sum() + state.spot_p_kw.sum()) + state.losses_kw
    into = float(state.head_p_kw.sum())
    if not abs(into - drawn) <= POWER_TOLERANCE_KW:
        raise ConservationError("feeder power", tick, into, drawn, "kW")


def _require_equal(what: str, tick: int, left: int, right: int, unit: str) -> None:
    if left != right:
        raise ConservationError(what, tick, left, right, unit)
