"""Gas is exact, so a change of it is a change of the contract that somebody must have seen."""

import importlib.util
import json
from pathlib import Path

import pytest

from p2p_cosim.core.roles import MECHANISMS
from p2p_cosim.market.ways import SUBMISSIONS

ROOT = Path(__file__).parents[3]


def script(name):
    """A benchmark script as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "benchmarks" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def gas():
    return script("gas")


@pytest.fixture(scope="module")
def committed(gas):
    return json.loads(gas.SNAPSHOT.read_text(encoding="utf-8"))


def test_gas_is_as_committed(gas, committed):
    # The larger rounds take half a minute; a change of the contract shows in these as well.
    for orders in (10, 30):
        assert gas.measure_rounds(orders) == committed["orders"][str(orders)], (
            "run `python benchmarks/gas.py --write` and commit it"
        )


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_gas_of_each_rule_is_as_committed(gas, committed, mechanism):
    assert gas.measure_in_parts(mechanism, 30) == committed["rules"][mechanism]


def test_the_page_has_the_measured_gas(committed):
    page = (ROOT / "docs" / "market.md").read_text(encoding="utf-8")
    for mechanism, gas in committed["large"].items():
        assert f"| `{mechanism}` | {' | '.join(f'{g:,}' for g in gas.values())} |" in page


def test_every_transaction_of_a_round_fits_its_cap(gas, committed):
    assert max(committed["orders"][str(gas.PAYOUTS)].values()) < gas.GAS_CAP
    for part in ("match", "pay_out"):
        assert max(rule[part] for rule in committed["large"].values()) < gas.GAS_CAP


@pytest.mark.parametrize("submission", SUBMISSIONS)
def test_gas_per_order_is_as_committed(submission):
    per_order = script("gas_per_order")
    committed = json.loads(per_order.SNAPSHOT.read_text(encoding="utf-8"))
    assert per_order.gas_per_order(submission, 30) == committed["30"][submission]


def test_signing_saves_what_the_page_says():
    committed = json.loads(script("gas_per_order").SNAPSHOT.read_text(encoding="utf-8"))
    page = (ROOT / "docs" / "market.md").read_text(encoding="utf-8")
    for orders, gas in committed.items():
        cells = " | ".join(f"{gas[way]:,}" for way in SUBMISSIONS)
        share = f"{gas['signed'] / gas['individual']:.0%}"
        assert f"| {int(orders):,} | {cells} | {share} |" in page
    assert committed["30"]["signed"] <= 0.45 * committed["30"]["individual"]


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
