"""The same day on every chain backend: equal status, gas and logs of every transaction."""

import hashlib
import sys

import pytest

import p2p_cosim as p2p

EXACT = ("ethtester", "anvil")
INEXACT = ("revm",) if sys.version_info < (3, 13) else ()  # pyrevm has no later wheels


def digests(backend, *, gas="exact"):
    """Digest of (status, gas, logs) after each transaction of a whole day of few houses."""
    scenario = p2p.load("scenarios/trading_day.yaml").replace(
        {
            "chain.backend": backend,
            "chain.gas": gas,
            "houses.count": 4,
            "feeder.spot_loads.bid": False,
        }
    )
    simulation = p2p.Simulation(scenario)
    running, after = hashlib.sha256(), []
    try:
        while not simulation.done:
            record = simulation.step()
            for _, receipt in (*record.gate.receipts, ("settle", record.settle_receipt)):
                logs = [(log.address, log.topics, log.data) for log in receipt.logs]
                used = receipt.gas_used if gas == "exact" else 0
                running.update(repr((receipt.status, used, logs)).encode())
                after.append(running.hexdigest())
    finally:
        simulation.close()
    return after


@pytest.fixture(scope="module")
def reference():
    return digests("pyevm")


@pytest.mark.parametrize("backend", EXACT)
def test_the_same_day_gives_equal_digests_on_every_backend(backend, reference):
    assert len(reference) > 96 * 3
    assert digests(backend) == reference


@pytest.mark.parametrize("backend", INEXACT)
def test_the_same_day_is_equal_but_for_gas(backend, reference):
    seen = digests(backend, gas="ignore")
    assert seen != reference
    assert seen == digests("pyevm", gas="ignore")


@pytest.mark.parametrize("backend", EXACT)
def test_tables_are_equal_on_every_backend(backend, tmp_path):
    scenario = p2p.load("scenarios/three_houses.yaml").replace(backend=backend)
    run = p2p.run(scenario, out=tmp_path)
    reference = p2p.run(scenario.replace(backend="pyevm"), out=tmp_path / "reference")
    for table, digest in reference.manifest["sha256"].items():
        if table.endswith(".parquet"):
            assert run.manifest["sha256"][table] == digest, table


@pytest.mark.parametrize("backend", INEXACT)
def test_inexact_gas_is_refused_or_left_out(backend, tmp_path):
    scenario = p2p.load("scenarios/three_houses.yaml")
    with pytest.raises(p2p.core.errors.ScenarioError, match="cannot study gas"):
        scenario.replace(backend=backend)
    run = p2p.run(scenario.replace({"chain.backend": backend, "chain.gas": "ignore"}), out=tmp_path)
    reference = p2p.run(scenario, out=tmp_path / "reference")
    assert run.transactions["gas_used"].isna().all()
    assert run.market["gas_clear"].isna().all()
    assert (run.summary().total_gas, run.summary().gas_per_order) == (None, None)
    without = run.transactions.drop(columns="gas_used")
    assert without.equals(reference.transactions.drop(columns="gas_used"))
    assert run.trades.equals(reference.trades)
