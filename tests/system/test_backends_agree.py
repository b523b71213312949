"""The same day on every chain backend: equal status, gas and logs of every transaction."""

import hashlib

import pytest

import p2p_cosim as p2p

BACKENDS = ("pyevm", "ethtester")


def digests(backend):
    """Digest of (status, gas, logs) after each transaction of a whole day of few houses."""
    scenario = p2p.load("scenarios/trading_day.yaml").replace(
        {"chain.backend": backend, "houses.count": 4, "feeder.spot_loads.bid": False}
    )
    simulation = p2p.Simulation(scenario)
    running, after = hashlib.sha256(), []
    while not simulation.done:
        record = simulation.step()
        for _, receipt in (*record.gate.receipts, ("settle", record.settle_receipt)):
            logs = [(log.address, log.topics, log.data) for log in receipt.logs]
            running.update(repr((receipt.status, receipt.gas_used, logs)).encode())
            after.append(running.hexdigest())
    return after


def test_the_same_day_gives_equal_digests_on_every_backend():
    reference, *others = (digests(backend) for backend in BACKENDS)
    assert len(reference) > 96 * 3
    for other in others:
        assert other == reference


@pytest.mark.parametrize("backend", BACKENDS)
def test_tables_are_equal_on_every_backend(backend, tmp_path):
    scenario = p2p.load("scenarios/three_houses.yaml").replace(backend=backend)
    run = p2p.run(scenario, out=tmp_path)
    reference = p2p.run(scenario.replace(backend="pyevm"), out=tmp_path / "reference")
    for table, digest in reference.manifest["sha256"].items():
        if table.endswith(".parquet"):
            assert run.manifest["sha256"][table] == digest, table
