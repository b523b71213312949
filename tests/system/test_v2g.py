"""An evening on which cars feed cars: who gives, who gets, and what the feeder notices."""

import pytest

import p2p_cosim as p2p

BASE = p2p.load("scenarios/v2g.yaml")
TICKS = 24  # until nine in the evening
DEVICES = [device.model_dump() for device in BASE.traders["every_house"].devices]
STILL = {"traders.every_house.devices": [d | {"v2g": False} for d in DEVICES]}


@pytest.fixture(scope="module")
def evenings(tmp_path_factory):
    out = tmp_path_factory.mktemp("results")
    arms = {"v2g": {}, "still": STILL}
    return {
        name: p2p.run(BASE.replace(arm).replace(ticks=TICKS), out=out) for name, arm in arms.items()
    }


def given_kw(run, device):
    devices = run.devices[run.devices["device"] == device]
    return devices.groupby("tick")["p_kw"].sum()


def test_cars_give_because_they_sold_and_only_then(evenings):
    assert (given_kw(evenings["still"], "workplace") == 0).all()
    run = evenings["v2g"]
    devices = run.devices.set_index(["tick", "house"])
    sellers = run.trades.groupby(["tick", "seller"])["energy_wh"].sum()
    giving = devices[(devices["device"] == "workplace") & (devices["p_kw"] < 0)]
    assert len(giving) > 100
    contracted = run.households.set_index(["tick", "house"])["contracted_wh"]
    assert (contracted.loc[giving.index] < 0).all()
    assert set(giving.index) <= set(sellers.index)


def test_nobody_sells_what_he_wants_to_keep(evenings):
    stored = evenings["v2g"].devices.dropna(subset="stored_wh")
    cars = stored[stored["device"] == "workplace"]
    least_wh = DEVICES[1]["required_share"] * DEVICES[1]["energy_wh"]
    # Offers stop there; a load above its forecast takes a little more, for the night to refill.
    assert cars["stored_wh"].min() > 0.98 * least_wh


def test_the_feeder_notices(evenings):
    peak_kw = {
        name: run.households.groupby("tick")["p_kw"].sum().max() for name, run in evenings.items()
    }
    assert peak_kw["v2g"] < 0.75 * peak_kw["still"]
    losses = {name: run.feeder["losses_kw"].sum() for name, run in evenings.items()}
    assert losses["v2g"] < losses["still"]
