"""Gas is exact, so a change of it is a change of the contract that somebody must have seen."""

import importlib.util
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def gas():
    """The benchmark script as a module."""
    spec = importlib.util.spec_from_file_location("gas_benchmark", ROOT / "benchmarks" / "gas.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_gas_is_as_committed(gas):
    committed = json.loads(gas.SNAPSHOT.read_text(encoding="utf-8"))
    assert gas.measure() == committed, "run `python benchmarks/gas.py --write` and commit it"


def test_a_full_round_fits_into_one_transaction(gas):
    committed = json.loads(gas.SNAPSHOT.read_text(encoding="utf-8"))
    full = committed["orders"][str(gas.MAX_ORDERS)]
    assert max(full.values()) < gas.GAS_CAP
    rules = (ROOT / "contracts" / "MarketRules.sol").read_text(encoding="utf-8")
    assert f"{full['clear_fresh']:,} of the {gas.GAS_CAP:,} gas" in rules


def test_the_arrival_is_the_dearest_for_a_merge_sort(gas):
    def comparisons(keys):
        """Of a bottom-up merge sort, as contracts/MergeSort.sol does it."""
        count, width = 0, 1
        while width < len(keys):
            merged = []
            for start in range(0, len(keys), 2 * width):
                left, right = keys[start : start + width], keys[start + width : start + 2 * width]
                while left and right:
                    merged.append(min(left, right).pop(0))
                    count += 1
                merged += left + right
            keys, width = merged, 2 * width
        return count

    n = 128
    most = sum(n - n // (2 * width) for width in (1, 2, 4, 8, 16, 32, 64))
    assert comparisons(gas.dearest_arrival(list(range(n)))) == most
    assert comparisons(list(range(n))) < most
