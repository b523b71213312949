"""Transactions about meters: consent, registration, and readings in parts that fit a block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from p2p_cosim.chain.contract import Contract
from p2p_cosim.market.deployment import METER_ORACLE
from p2p_cosim.market.submission import Call

READINGS = 120
"""Readings in one transaction: benchmarks/gas.py measures that newcomers' fit."""

METERS = 400
"""Meters registered in one transaction."""


def registering(
    contract: Contract, oracle: str, meters: Mapping[str, tuple[str, int]]
) -> list[Call]:
    """Traders agree to a meter each, and the oracle registers them.

    oracle: its address. meters: by a trader's name, its address and the most Wh, either sign,
    that a reading may be.
    """
    calls = [
        Call(
            f"consentToMeter {name}",
            contract.transaction("consentToMeter", limit_wh, sender=address),
        )
        for name, (address, limit_wh) in meters.items()
    ]
    for limit_wh in dict.fromkeys(limit for _, limit in meters.values()):
        same = [address for address, limit in meters.values() if limit == limit_wh]
        for i in range(0, len(same), METERS):
            args = (same[i : i + METERS], limit_wh)
            call = contract.transaction("registerMeters", *args, sender=oracle)
            calls.append(Call(f"registerMeters {METER_ORACLE}", call))
    return calls


def settling(
    contract: Contract, oracle: str, round_id: int, readings: Sequence[tuple[str, int]]
) -> list[Call]:
    """The oracle settles a round and ends it. readings: address and Wh of each meter."""
    parts = [readings[i : i + READINGS] for i in range(0, len(readings), READINGS)] or [[]]
    return [
        Call("settle", contract.transaction("settle", *(round_id, part, last), sender=oracle))
        for part, last in zip(parts, [*[False] * (len(parts) - 1), True], strict=True)
    ]
