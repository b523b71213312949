"""Parts of a total that still add up when a table has rounded them."""

from __future__ import annotations

from collections.abc import Sequence

from p2p_cosim.record.schema.column import FLOAT_DECIMALS


def rounded_to(parts: Sequence[float], total: float) -> list[float]:
    """The parts as tables keep them; what rounding leaves of their total is the largest's.

    What differs by more than rounding can is left to be seen.
    """
    kept = [round(part, FLOAT_DECIMALS) for part in parts]
    left = round(round(total, FLOAT_DECIMALS) - sum(kept), FLOAT_DECIMALS)
    if left and kept and abs(left) <= len(kept) * 10.0**-FLOAT_DECIMALS:
        largest = max(range(len(kept)), key=lambda i: abs(kept[i]))
        kept[largest] = round(kept[largest] + left, FLOAT_DECIMALS)
    return kept
