"""What must balance in every tick: money in the contract, energy in trade, feeder power.

Each check raises `ConservationError` with the tick and both sides. Amounts of money and
energy are integers and balance exactly; power is a float and has a tolerance.
"""

from __future__ import annotations

from collections import Counter

from p2p_cosim.core.errors import ConservationError
from p2p_cosim.core.types import Account, Clearing, GridState, Ledger, TickRecord

# The solve's tolerance of 1e-8 pu leaves well under a watt on a 4 MW feeder.
POWER_TOLERANCE_KW = 0.01

UTILITY, SURPLUS = "utility", "surplus"  # as the ledger names them
NOTHING = Account(0, 0, 0)
"""The account of whoever has never been in the market."""


def check_tick(record: TickRecord, before: Ledger) -> None:
    """All checks on one tick; `before` is the ledger at the end of the tick before."""
    check_trades(record.gate.clearing, record.tick)
    check_money(record.ledger, record.tick)
    check_energy(before, record)
    check_payments(before, record)
    check_power(record.grid, record.tick)


def check_money(ledger: Ledger, tick: int) -> None:
    """What was paid in is the sum of balances and escrow, and is there; what is open between
    the traders and the utility sums to zero.

    Ether that was forced upon the contract belongs to nobody, and is no balance.
    """
    accounts = ledger.accounts.values()
    paid_in = sum(ledger.paid_in_wei.values())
    balances = sum(account.balance_wei for account in accounts)
    held = balances + ledger.escrow_wei
    _require_equal("deposits less withdrawals against balances", tick, paid_in, held, "wei")
    if ledger.contract_wei < paid_in:
        raise ConservationError("contract's ether", tick, ledger.contract_wei, paid_in, "wei")
    open_wei = sum(account.open_wei for account in accounts)
    _require_equal("debts against claims", tick, open_wei, 0, "wei")


def check_trades(clearing: Clearing, tick: int) -> None:
    """The trades add up to what the round's summary says of energy and surplus."""
    trades = clearing.trades
    energy_wh = sum(trade.energy_wh for trade in trades)
    _require_equal("energy of the trades", tick, energy_wh, clearing.energy_wh, "Wh")
    budget_surplus_wei = sum(trade.payment_wei - trade.proceeds_wei for trade in trades)
    _require_equal(
        "surplus of the trades", tick, budget_surplus_wei, clearing.budget_surplus_wei, "wei"
    )


def check_energy(before: Ledger, record: TickRecord) -> None:
    """Energy bought is energy sold, and every account moved by its trades and imbalance.

    All energy accounts together stay at zero, the utility's included; and the contract's
    accounts agree with the trades and settlements that its events told.
    """
    accounts = record.ledger.accounts
    total = sum(account.energy_wh for account in accounts.values())
    _require_equal("energy bought against energy sold", record.tick, total, 0, "Wh")
    moved: Counter[str] = Counter()
    for trade in record.trades:
        moved[trade.buyer] += trade.energy_wh
        moved[trade.seller] -= trade.energy_wh
    for settlement in record.settlements:
        moved[settlement.trader] += settlement.imbalance_wh
        moved[UTILITY] -= settlement.imbalance_wh
    for trader, account in accounts.items():
        expected = before.accounts.get(trader, NOTHING).energy_wh + moved[trader]
        _require_equal(
            f"energy account of {trader}", record.tick, account.energy_wh, expected, "Wh"
        )


def check_payments(before: Ledger, record: TickRecord) -> None:
    """Every account's money moved by what it paid in, its trades and its imbalance.

    Balance and open position count together, because paying a debt moves money between the
    two. Not checked while orders of others have money in escrow.
    """
    if before.escrow_wei or record.ledger.escrow_wei:
        return
    moved = Counter(record.paid_in_wei)
    for trade in record.trades:
        moved[trade.buyer] -= trade.payment_wei
        moved[trade.seller] += trade.proceeds_wei
        moved[SURPLUS] += trade.budget_surplus_wei
    for settlement in record.settlements:
        moved[settlement.trader] -= settlement.charge_wei
        moved[UTILITY] += settlement.charge_wei
    for trader, account in record.ledger.accounts.items():
        then = before.accounts.get(trader, NOTHING)
        expected = then.balance_wei + then.open_wei + moved[trader]
        has = account.balance_wei + account.open_wei
        _require_equal(f"money of {trader}", record.tick, has, expected, "wei")


def check_power(state: GridState, tick: int) -> None:
    """Power into the feeder is what houses and spot loads draw plus losses."""
    drawn = float(state.house_p_kw.sum() + state.spot_p_kw.sum())
    drawn += state.losses_kw + state.other_p_kw
    into = float(state.head_p_kw.sum())
    if not abs(into - drawn) <= POWER_TOLERANCE_KW:
        raise ConservationError("feeder power", tick, into, drawn, "kW")


def _require_equal(what: str, tick: int, left: int, right: int, unit: str) -> None:
    if left != right:
        raise ConservationError(what, tick, left, right, unit)
