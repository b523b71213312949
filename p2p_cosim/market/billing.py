"""The bill that keeps accounts filled in a long run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from p2p_cosim.core.limits import MAX_ACCOUNT_WEI
from p2p_cosim.core.protocols import Market
from p2p_cosim.core.types import Ledger, Receipt


@dataclass(slots=True)
class Billing:
    """Has traders pay in what brings their account back to where it was.

    every_ticks: from one bill to the next; 0 never bills. deposits_wei: by trader, what it paid in
    before tick 0. A bill settles an account up to that, or up to what it has spent since the bill
    before, if that is more, as a supplier asks for an advance that lasts. Who has more keeps it.
    """

    every_ticks: int = 0
    deposits_wei: Mapping[str, int] = field(default_factory=dict)
    _after_last_wei: dict[str, int] = field(default_factory=dict)

    def collect(
        self, tick: int, market: Market, ledger: Ledger, traders: Iterable[str]
    ) -> tuple[tuple[tuple[str, Receipt], ...], Ledger]:
        """Have these traders pay by deposits if a bill is due before the orders of this tick.

        Returns the receipts, labelled, and the ledger that was given, or the one after it. Raises
        ChainError if an account has not got the ether.
        """
        if not (self.every_ticks and tick) or tick % self.every_ticks:
            return (), ledger
        due_wei = {}
        for name in traders:
            account, deposit_wei = ledger.accounts[name], self.deposits_wei[name]
            has_wei = account.balance_wei + min(0, account.open_wei)  # a debt is paid first
            spent_wei = self._after_last_wei.get(name, deposit_wei) - has_wei
            target_wei = min(max(deposit_wei, spent_wei), MAX_ACCOUNT_WEI)
            self._after_last_wei[name] = max(has_wei, target_wei)
            if has_wei < target_wei:
                due_wei[name] = target_wei - has_wei
        return market.deposit(due_wei), market.ledger()
