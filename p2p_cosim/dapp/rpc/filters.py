"""Filters: what is new since a caller last asked."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from p2p_cosim.dapp.rpc.errors import SERVER, RpcError, invalid_argument
from p2p_cosim.dapp.rpc.params import Arguments, LogQuery, as_log_query
from p2p_cosim.dapp.rpc.reading import Reading
from p2p_cosim.dapp.rpc.shapes import text

MOST_FILTERS = 512
"""The least used goes when there are more: callers rarely uninstall theirs."""


@dataclass(slots=True)
class _Filter:
    """next_block: the first that was not told. query: of a filter of logs. told: hashes of
    waiting transactions that were."""

    changes: Callable[[_Filter], list[object]]
    next_block: int
    query: LogQuery | None = None
    told: frozenset[bytes] = frozenset()


class Filters:
    """`eth_newFilter` and its like."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._chain = reading.chain
        self._filters: OrderedDict[str, _Filter] = OrderedDict()

    def new_logs(self, args: Arguments) -> str:
        """`eth_newFilter`."""
        query = as_log_query(args.needed(0), 0)
        return self._add(_Filter(self._logs, self._chain.head + 1, query))

    def new_blocks(self, _args: Arguments) -> str:
        """`eth_newBlockFilter`."""
        return self._add(_Filter(self._blocks, self._chain.head + 1))

    def new_pending(self, _args: Arguments) -> str:
        """`eth_newPendingTransactionFilter`."""
        waiting = frozenset(each.hash for each in self._chain.pool)
        return self._add(_Filter(self._pending, self._chain.head + 1, told=waiting))

    def changes(self, args: Arguments) -> list[object]:
        """`eth_getFilterChanges`."""
        found = self._find(args)
        return found.changes(found)

    def logs(self, args: Arguments) -> list[object]:
        """`eth_getFilterLogs`."""
        found = self._find(args)
        if found.query is None:
            raise RpcError(SERVER, "filter not found")
        return list(self._reading.logs_of(found.query))

    def uninstall(self, args: Arguments) -> bool:
        """`eth_uninstallFilter`."""
        return self._filters.pop(self._id(args), None) is not None

    def _add(self, filter_: _Filter) -> str:
        name = hex(secrets.randbits(120) | 1 << 120)
        self._filters[name] = filter_
        while len(self._filters) > MOST_FILTERS:
            self._filters.popitem(last=False)
        return name

    def _find(self, args: Arguments) -> _Filter:
        name = self._id(args)
        if name not in self._filters:
            raise RpcError(SERVER, "filter not found")
        self._filters.move_to_end(name)
        return self._filters[name]

    def _id(self, args: Arguments) -> str:
        name = args.needed(0)
        if not isinstance(name, str):
            raise invalid_argument(0, "a filter's id is expected")
        return name

    def _logs(self, filter_: _Filter) -> list[object]:
        assert filter_.query is not None  # noqa: S101 (set with this function)
        since, filter_.next_block = filter_.next_block, self._chain.head + 1
        if since > self._chain.head:
            return []
        return list(self._reading.logs_of(filter_.query, since))

    def _blocks(self, filter_: _Filter) -> list[object]:
        since, filter_.next_block = filter_.next_block, self._chain.head + 1
        found = (self._chain.block(number) for number in range(since, self._chain.head + 1))
        return [text(block.hash) for block in found if block]

    def _pending(self, filter_: _Filter) -> list[object]:
        waiting = [each.hash for each in self._chain.pool]
        new = [text(each) for each in waiting if each not in filter_.told]
        filter_.told = frozenset(waiting)
        return list(new)
