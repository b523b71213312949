"""Who is behind an address: names of the scenario, and accounts that change hands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from p2p_cosim.core.brief import Brief
from p2p_cosim.core.errors import InputError
from p2p_cosim.core.types import Account


class Names(Brief):
    """Addresses by name, and names by address.

    traders: address of each, by name. roles: of accounts that send and do not trade.

    `addresses` is by name and follows a trader that gets another account. An account that was a
    trader's keeps its name, so that what is left in it stays the trader's.
    """

    def __init__(self, traders: Mapping[str, str], roles: Mapping[str, str]) -> None:
        self.addresses = dict(traders)
        self._first = dict(traders)
        self._labels = {address: role for role, address in roles.items()}
        self._labels |= {address: name for name, address in traders.items()}
        self._traders = dict.fromkeys(traders.values())

    def __contains__(self, address: str) -> bool:
        return address in self._labels

    @property
    def accounts(self) -> tuple[str, ...]:
        """Addresses with the name of a trader, in the order in which they got it."""
        return tuple(self._traders)

    def address(self, trader: str) -> str:
        """Of a trader. Raises InputError for one that this market does not know."""
        try:
            return self.addresses[trader]
        except KeyError:
            raise InputError(
                f"{trader!r} is no trader of this market: name it in `deploy(traders=...)`"
            ) from None

    def label(self, address: str) -> str:
        """The name behind an address, or the address itself if nobody has given it one."""
        return self._labels.get(address, address)

    def bind(self, trader: str, address: str | None) -> None:
        """Let a trader trade under an address from now on; None is its first one.

        Raises InputError for an unknown trader, and for an address that is somebody's.
        """
        bound, first = self.address(trader), self._first[trader]
        address = first if address is None else address
        if self._labels.get(address, trader) != trader:
            raise InputError(
                f"{address} is the account of {self._labels[address]}: choose another for {trader}"
            )
        if bound != first:
            del self._labels[bound], self._traders[bound]
        self.addresses[trader] = address
        self._labels[address] = trader
        self._traders[address] = None

    def summed(self, accounts: Iterable[tuple[str, Account]]) -> dict[str, Account]:
        """Accounts by name: all that have the same one are one."""
        found: dict[str, Account] = {}
        for address, account in accounts:
            name = self.label(address)
            found[name] = _sum(found[name], account) if name in found else account
        return found


def _sum(one: Account, other: Account) -> Account:
    return Account(
        one.balance_wei + other.balance_wei,
        one.open_wei + other.open_wei,
        one.energy_wh + other.energy_wh,
    )
