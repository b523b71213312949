"""Methods that read blocks, transactions, receipts and logs."""

from __future__ import annotations

from itertools import islice

from p2p_cosim.chain.explorer import OpenChain
from p2p_cosim.core.types import Block, Mined
from p2p_cosim.dapp.rpc import shapes
from p2p_cosim.dapp.rpc.blocks import NEWEST, PENDING, block_at, block_of, number_of
from p2p_cosim.dapp.rpc.errors import INVALID_PARAMS, SERVER, TOO_MUCH, RpcError
from p2p_cosim.dapp.rpc.params import Arguments, LogQuery, as_log_query
from p2p_cosim.dapp.rpc.shapes import Json

MOST_LOGS = 10_000


class Reading:
    """What is on the chain."""

    def __init__(self, chain: OpenChain) -> None:
        self.chain = chain

    def block_by_number(self, args: Arguments) -> Json | None:
        """`eth_getBlockByNumber`."""
        args.needed(0)
        if args.get(0) == PENDING:
            return self._pending_block(full=args.flag(1))
        return self._block(block_at(self.chain, args.get(0), 0), full=args.flag(1))

    def block_by_hash(self, args: Arguments) -> Json | None:
        """`eth_getBlockByHash`."""
        return self._block(block_of(self.chain, args.hash(0)), full=args.flag(1))

    def count_by_number(self, args: Arguments) -> str | None:
        """`eth_getBlockTransactionCountByNumber`."""
        if args.needed(0) == PENDING:
            return hex(len(self.chain.pool.ready()))
        return self._count(block_at(self.chain, args.get(0), 0))

    def count_by_hash(self, args: Arguments) -> str | None:
        """`eth_getBlockTransactionCountByHash`."""
        return self._count(block_of(self.chain, args.hash(0)))

    def transaction(self, args: Arguments) -> Json | None:
        """`eth_getTransactionByHash`; also of one that waits."""
        hash_ = args.hash(0)
        if mined := self.chain.transaction(hash_):
            return shapes.transaction(mined, self._within(mined).hash)
        waiting = self.chain.pool.get(hash_)
        return shapes.signed(waiting) if waiting else None

    def transaction_by_number(self, args: Arguments) -> Json | None:
        """`eth_getTransactionByBlockNumberAndIndex`."""
        return self._in_block(block_at(self.chain, args.needed(0), 0), args.quantity(1))

    def transaction_by_block(self, args: Arguments) -> Json | None:
        """`eth_getTransactionByBlockHashAndIndex`."""
        return self._in_block(block_of(self.chain, args.hash(0)), args.quantity(1))

    def receipt(self, args: Arguments) -> Json | None:
        """`eth_getTransactionReceipt`."""
        mined = self.chain.transaction(args.hash(0))
        return shapes.receipt(mined, self._within(mined)) if mined else None

    def block_receipts(self, args: Arguments) -> list[Json] | None:
        """`eth_getBlockReceipts`."""
        tag = args.needed(0)
        if isinstance(tag, str) and len(tag) == len(shapes.ZERO_HASH):
            found = block_of(self.chain, args.hash(0))
        else:
            found = block_at(self.chain, tag, 0)
        if found is None:
            return None
        return [shapes.receipt(mined, found) for mined in found.transactions]

    def logs(self, args: Arguments) -> list[Json]:
        """`eth_getLogs`."""
        return self.logs_of(as_log_query(args.needed(0), 0))

    def logs_of(self, query: LogQuery, since: int | None = None) -> list[Json]:
        """Logs that match. since: all from this block on, unless the query begins later."""
        first, last = self._range(query)
        if since is not None:
            # Without a first block a query is for the newest alone, but a filter for all to come.
            open_ended = query.first is None or query.first in (*NEWEST, PENDING)
            first = since if open_ended else max(first, since)
        found = self.chain.logs(first, last, query.addresses, query.topics)
        some = list(islice(found, MOST_LOGS + 1))
        if len(some) > MOST_LOGS:
            raise RpcError(
                TOO_MUCH, f"query returned more than {MOST_LOGS} results: ask for fewer blocks"
            )
        blocks = {
            number: self.chain.block(number) for number in {f.mined.block_number for f in some}
        }
        return [
            shapes.log(each, within) for each in some if (within := blocks[each.mined.block_number])
        ]

    def _range(self, query: LogQuery) -> tuple[int, int]:
        if query.block_hash is not None:
            number = self.chain.number_of(query.block_hash)
            if number is None:
                raise RpcError(SERVER, "unknown block")
            return number, number
        first = number_of(self.chain, query.first, 0)
        last = number_of(self.chain, query.last, 0)
        if first > last:
            raise RpcError(INVALID_PARAMS, "invalid block range params")
        return first, last

    def _block(self, found: Block | None, *, full: bool) -> Json | None:
        return shapes.block(found, full=full) if found else None

    def _count(self, found: Block | None) -> str | None:
        return hex(len(found.transactions)) if found else None

    def _in_block(self, found: Block | None, index: int) -> Json | None:
        if found is None or index >= len(found.transactions):
            return None
        return shapes.transaction(found.transactions[index], found.hash)

    def _within(self, mined: Mined) -> Block:
        found = self.chain.block(mined.block_number)
        assert found is not None  # noqa: S101 (the transaction is in it)
        return found

    def _pending_block(self, *, full: bool) -> Json:
        """What waits, as it would begin the next block."""
        newest, ready = self.chain.block(self.chain.head), self.chain.pool.ready()
        assert newest is not None  # noqa: S101 (there is always a newest)
        number = newest.number + 1
        transactions: list[object] = [
            {**shapes.signed(each), "blockNumber": hex(number), "transactionIndex": hex(i)}
            if full
            else shapes.text(each.hash)
            for i, each in enumerate(ready)
        ]
        return {
            **shapes.header(number, newest.timestamp + 1),
            "hash": None,
            "nonce": None,
            "miner": None,
            "parentHash": shapes.text(newest.hash),
            "gasUsed": "0x0",
            "logsBloom": shapes.bloom([]),
            "size": hex(shapes.HEADER_BYTES),
            "transactions": transactions,
        }
