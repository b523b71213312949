"""Methods about fees. The base fee is 0; what a wallet offers above it, it pays."""

from __future__ import annotations

from p2p_cosim.chain.explorer import OpenChain
from p2p_cosim.chain.rules import BLOCK_GAS_LIMIT
from p2p_cosim.core.types import Block
from p2p_cosim.dapp.rpc.blocks import number_of
from p2p_cosim.dapp.rpc.errors import INVALID_PARAMS, SERVER, RpcError
from p2p_cosim.dapp.rpc.params import Arguments
from p2p_cosim.dapp.rpc.shapes import Json

SUGGESTED_TIP_WEI = 10**9
MOST_BLOCKS, MOST_PERCENTILES = 1024, 100


class Fees:
    """`eth_gasPrice`, `eth_maxPriorityFeePerGas`, `eth_feeHistory`."""

    def __init__(self, chain: OpenChain) -> None:
        self.chain = chain

    def suggested(self, _args: Arguments) -> str:
        """A price per gas that every transaction gets in with; so would 0."""
        return hex(SUGGESTED_TIP_WEI)

    def history(self, args: Arguments) -> Json:
        """`eth_feeHistory`."""
        wanted = min(args.quantity(0), MOST_BLOCKS)
        newest = min(number_of(self.chain, args.needed(1), 1), self.chain.head)
        percentiles = _percentiles(args.get(2))
        if args.quantity(0) < 1:
            return {"oldestBlock": "0x0", "gasUsedRatio": None}
        numbers = range(max(self.chain.first, newest - wanted + 1), newest + 1)
        blocks = [found for number in numbers if (found := self.chain.block(number))]
        if not blocks:
            raise RpcError(SERVER, "request beyond head block")
        history: Json = {
            "oldestBlock": hex(blocks[0].number),
            "baseFeePerGas": ["0x0"] * (len(blocks) + 1),
            "gasUsedRatio": [found.gas_used / BLOCK_GAS_LIMIT for found in blocks],
            "baseFeePerBlobGas": ["0x1"] * (len(blocks) + 1),
            "blobGasUsedRatio": [0] * len(blocks),
        }
        if percentiles:
            history["reward"] = [[hex(t) for t in _tips(b, percentiles)] for b in blocks]
        return history


def _percentiles(value: object) -> list[float]:
    given = [] if value is None else value
    if not isinstance(given, list) or len(given) > MOST_PERCENTILES:
        raise RpcError(INVALID_PARAMS, f"percentiles are an array of at most {MOST_PERCENTILES}")
    for place, each in enumerate(given):
        if isinstance(each, bool) or not isinstance(each, int | float) or not 0 <= each <= 100:
            raise RpcError(INVALID_PARAMS, f"invalid reward percentile: {each}")
        if place and each < given[place - 1]:
            raise RpcError(
                INVALID_PARAMS, f"invalid reward percentile: {each} after {given[place - 1]}"
            )
    return given


def _tips(found: Block, percentiles: list[float]) -> list[int]:
    """What was paid per gas, at percentiles of the gas that was used."""
    paid = sorted(
        (mined.transaction.gas_price_wei, mined.receipt.gas_used) for mined in found.transactions
    )
    tips = []
    for percentile in percentiles:
        threshold, passed, tip = found.gas_used * percentile / 100, 0, 0
        for price, gas in paid:
            tip, passed = price, passed + gas
            if passed >= threshold:
                break
        tips.append(tip)
    return tips
