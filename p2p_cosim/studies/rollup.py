"""What the transactions of a run would cost on a roll-up: execution there, and data on the chain
below it.

A roll-up executes transactions itself and posts them, as blobs (EIP-4844), to the chain below. So
a run's transactions cost their gas at the roll-up's price, and their bytes at the price of blob
gas, of which a byte takes one. The bytes follow from the interface of the contract and are held to
those of a chain by tests/unit/studies/test_rollup.py. Nothing is taken off for compression, which
roll-ups do, so that the data costs at most what is told here.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from p2p_cosim.core.errors import InputError
from p2p_cosim.core.units import WEI_PER_GWEI, eur_of
from p2p_cosim.market import UTILITY
from p2p_cosim.record import Results

ENVELOPE_BYTES = 120
"""Of a signed EIP-1559 transaction beside its call data, rounded up: signature 67, receiver 21, and
chain, nonce, fees, gas limit, value and lengths."""

EXECUTION_GWEI = 0.02
"""Price of a unit of gas: the least that Arbitrum One takes since ArbOS 51 (proposal of November
2025); chains of the OP stack may take less."""

BLOB_GWEI = 1.0
"""Price of a unit of blob gas. It is one wei (EIP-4844) where there is room in the blobs, and a few
gwei and more where there is not: a price of scarcity, to be on the safe side."""

_WORD = 32
_READING, _SIGNED_ORDER, _METER = 2 * _WORD, 4 * _WORD, _WORD
_BYTES = {  # of one call, without what it holds for each of many
    "deposit": 4,
    "consentToMeter": 4 + _WORD,
    "registerMeters": 4 + 3 * _WORD,
    "placeBid": 4 + 3 * _WORD,
    "placeAsk": 4 + 3 * _WORD,
    "placeSigned": 4 + 3 * _WORD,
    "clear": 4 + _WORD,
    "clearSigned": 4 + 4 * _WORD,
    "settle": 4 + 4 * _WORD,
}
_CLEAR_IN_PARTS, _CLEAR_NEXT = 4 + 2 * _WORD, 4 + 6 * _WORD


class Costs(NamedTuple):
    """In EUR, at the run's price of ether. l1: all gas at the run's price of gas. execution, data:
    the same transactions on a roll-up, at `EXECUTION_GWEI` and `BLOB_GWEI`."""

    l1: float
    execution: float
    data: float

    @property
    def rollup(self) -> float:
        """Execution and data together."""
        return self.execution + self.data


def costs_of(run: Results) -> Costs | None:
    """What the transactions of a run cost, set-up but for the deployment included; None if the run
    recorded no gas. InputError for orders that were not sent in a way whose bytes are known."""
    gas = run.summary().total_gas
    if gas is None:
        return None
    price = (run.gas_price_gwei, EXECUTION_GWEI, BLOB_GWEI)
    amount = (gas, gas, data_bytes(run))
    return Costs(
        *(
            eur_of(units * gwei * WEI_PER_GWEI, run.eur_per_ether)
            for units, gwei in zip(amount, price, strict=True)
        )
    )


def data_bytes(run: Results) -> int:
    """Bytes that the run's transactions put on chain: call data and envelopes."""
    return call_data_bytes(run) + ENVELOPE_BYTES * int(run.manifest["rows"]["transactions"])


def call_data_bytes(run: Results) -> int:
    """Bytes of call data of a run's transactions."""
    counts: Counter[str] = Counter()
    clearings: Counter[int] = Counter()
    for piece in run.frames("transactions", "tick", "label"):
        functions = piece["label"].str.partition(" ")[0]
        counts.update(functions)
        clearings.update(piece.loc[functions == "clear", "tick"])
    unknown = sorted(set(counts) - set(_BYTES))
    if unknown:
        raise InputError(
            f"the bytes of {', '.join(unknown)} are not known: sealed orders and transactions "
            "from outside are not counted here"
        )
    total = sum(count * _BYTES[function] for function, count in counts.items())
    total += _METER * counts["consentToMeter"] + _READING * _readings(run)
    if counts["placeSigned"] or counts["clearSigned"]:
        total += _SIGNED_ORDER * int(run.manifest["rows"]["orders"])
    return total + _in_parts(run, {t: n for t, n in clearings.items() if n > 1})


def _readings(run: Results) -> int:
    """Of everybody with a meter; a house without a reading tells none."""
    houses = sum(
        int(piece["metered_wh"].notna().sum()) for piece in run.frames("households", "metered_wh")
    )
    others = run.others
    return houses + int((others["metered_wh"].notna() & (others["trader"] != UTILITY)).sum())


def _in_parts(run: Results, calls: dict[int, int]) -> int:
    """What clearing in parts takes more than `clear`: every part but the first brings book and
    pairs along. calls: by tick."""
    if not calls:
        return 0
    orders, trades = (Counter(frame["tick"]) for frame in (run.orders, run.trades))
    more = 0
    for tick, count in calls.items():
        each = _CLEAR_NEXT + _WORD * (orders[tick] + trades[tick])
        more += _CLEAR_IN_PARTS + (count - 1) * each - count * _BYTES["clear"]
    return more
