"""The table `devices` accounts for every house's meter."""

import numpy as np
import pytest

import p2p_cosim as p2p

OUTAGE = p2p.load("scenarios/outage.yaml")
BATTERY = {"kind": "battery", "energy_wh": 700.0, "stored_share": 0.6}
WORLDS = {
    "tie": OUTAGE,
    "battery": OUTAGE.replace(backup={"house_1": BATTERY}),
    # Far below nominal the engine's loads draw less than was dispatched.
    "brown-out": OUTAGE.replace({"feeder.source_v_pu": 0.9, "feeder.taps": [-16, -16, -16]}),
    "curtailed": p2p.load("scenarios/overvoltage.yaml").replace({"control.controller": "curtail"}),
}


@pytest.mark.parametrize("name", WORLDS)
def test_the_devices_of_a_house_sum_to_its_meter(name, tmp_path):
    run = p2p.run(WORLDS[name], out=tmp_path)
    devices, houses = run.table("devices"), run.households.set_index(["tick", "house"])
    sums = devices.groupby(["tick", "house"])[["p_kw", "q_kvar", "curtailed_kw"]].sum()
    sums = sums.reindex(houses.index)
    for column in ("p_kw", "q_kvar", "curtailed_kw"):
        reference = houses[column]
        np.testing.assert_allclose(sums[column], reference, rtol=0, atol=1e-6)
    by_kind = devices.pivot_table(
        index=["tick", "house"], columns="kind", values="p_kw", aggfunc="sum"
    )
    by_kind = by_kind.reindex(houses.index).fillna(0.0)
    np.testing.assert_allclose(by_kind["load"], houses["load_kw"], rtol=0, atol=2e-6)
    np.testing.assert_allclose(-by_kind["pv"], houses["pv_kw"], rtol=0, atol=2e-6)
    if name == "battery":
        own = devices[devices["kind"] == "battery"].set_index("tick")["stored_wh"]
        stored = run.households.query("house == 'house_1'").set_index("tick")["stored_wh"]
        assert own.tolist() == stored.tolist()
        assert own.min() == 0 < own.max()
    if name == "brown-out":
        assert (run.voltages["v_pu"][run.voltages["v_pu"] > 0] < 0.85).any()
        assert houses.loc[(0, "house_1"), "load_kw"] < 2.4 - 1e-3
    if name == "curtailed":
        assert houses["curtailed_kw"].sum() > 1
