"""The same day on every chain backend: equal status, gas and logs of every transaction."""

import hashlib

import pytest

import p2p_cosim as p2p

OTHERS = ("pyevm", "ethtester", "anvil")
STORIES = ("three_houses", "outage", "overvoltage")


def digests(backend):
    """Digest of (status, gas, logs) after each transaction of a whole day of few houses."""
    scenario = p2p.load("scenarios/trading_day.yaml").replace(
        {
            "chain.backend": backend,
            "houses.count": 4,
            "feeder.spot_loads.bid": False,
        }
    )
    simulation = p2p.Simulation(scenario)
    running, after = hashlib.sha256(), []
    try:
        while not simulation.done:
            record = simulation.step()
            for _, receipt in (
                *record.gate.receipts,
                *(("settle", receipt) for receipt in record.settle_receipts),
            ):
                logs = [(log.address, log.topics, log.data) for log in receipt.logs]
                running.update(repr((receipt.status, receipt.gas_used, logs)).encode())
                after.append(running.hexdigest())
    finally:
        simulation.close()
    return after


@pytest.fixture(scope="module")
def reference():
    return digests("generated")


@pytest.mark.parametrize("backend", OTHERS)
def test_the_same_day_gives_equal_digests_on_every_backend(backend, reference):
    assert len(reference) > 96 * 3
    assert digests(backend) == reference


def tables(scenario, out):
    """Digest of every table by name, but of alerts, which bear the run's id."""
    sums = p2p.run(scenario, out=out).manifest["sha256"]
    return {t: sums[t] for t in sums if t.endswith(".parquet") and t != "alerts.parquet"}


@pytest.mark.parametrize("story", STORIES)
def test_the_stories_give_equal_tables_on_py_evm(story, tmp_path):
    scenario = p2p.load(f"scenarios/{story}.yaml")
    seen = tables(scenario.replace(backend="pyevm"), tmp_path / "pyevm")
    assert seen == tables(scenario, tmp_path / "default")


@pytest.mark.parametrize("backend", ["ethtester", "anvil"])
def test_tables_are_equal_on_every_backend(backend, tmp_path):
    scenario = p2p.load("scenarios/three_houses.yaml")
    seen = tables(scenario.replace(backend=backend), tmp_path / backend)
    assert seen == tables(scenario, tmp_path / "default")


MECHANISMS = ("k_double_auction", "walrasian", "pay_as_bid", "mcafee", "continuous")
SUBMISSIONS = ("individual", "batched", "signed", "sealed")


@pytest.mark.parametrize("submission", SUBMISSIONS)
@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_every_rule_and_submission_gives_equal_tables_on_py_evm(mechanism, submission, tmp_path):
    scenario = p2p.load("scenarios/trading_day.yaml").replace(
        {
            "mechanism": mechanism,
            "submission": submission,
            "houses.count": 6,
            "start": "2024-06-21 11:00",
            "ticks": 4,
        }
    )
    seen = tables(scenario.replace(backend="pyevm"), tmp_path / "pyevm")
    assert seen == tables(scenario, tmp_path / "default")
