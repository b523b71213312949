"""Columns of studies with batteries and outages, against stories whose numbers are known."""

import pytest

import p2p_cosim as p2p
from p2p_cosim.core.errors import InputError
from p2p_cosim.studies.central import central_dispatch
from p2p_cosim.studies.published import derived, flexible

STREET = {
    "houses.count": 6,
    "clock.start": "2024-06-21 08:00",
    "clock.ticks": 40,
    "profiles.pv_share": 0.5,
    "profiles.forecast_error": 0,
    "control.controller": "hold",
    "market.strategy": "opt_out",
}
BATTERY = {"kind": "battery", "power_kw": 3.0, "energy_wh": 6000.0, "stored_share": 0.0}


@pytest.fixture(scope="module")
def street():
    return p2p.load("trading_day").replace(STREET)


@pytest.fixture(scope="module")
def stored(street):
    return street.replace({"traders.every_house.devices": [BATTERY | {"share": 0.5}]})


@pytest.fixture(scope="module")
def outage(tmp_path_factory):
    return p2p.run(p2p.load("outage"), out=tmp_path_factory.mktemp("outage"))


def test_energy_not_supplied_is_that_of_the_page(outage):
    """docs/outage.md: nothing of 600 Wh in tick 4, 450, 450 and 350 Wh over the tie."""
    assert flexible.energy_not_supplied_kwh(outage) == pytest.approx(0.6 + 0.15 + 0.15 + 0.25)
    assert flexible.backup_kwh(outage) == pytest.approx(0.45 + 0.45 + 0.35)
    assert flexible.outage_house_ticks(outage) == 4


def test_without_batteries_a_central_dispatch_can_only_share(street, tmp_path):
    run = p2p.run(street, out=tmp_path)
    shared = derived.DERIVED["mid_market_rate_paid_eur"](run)
    assert derived.DERIVED["central_paid_eur"](run) == pytest.approx(shared, abs=1e-3)
    assert shared < derived.DERIVED["tariff_only_paid_eur"](run)
    central = derived.DERIVED["central_own_share"](run)
    assert central == pytest.approx(derived.DERIVED["own_share"](run), rel=1e-3)


def test_no_institution_beats_the_central_dispatch(stored, tmp_path):
    alone = p2p.run(stored, out=tmp_path)
    market = p2p.run(stored.replace({"market.strategy": "truthful"}), out=tmp_path)
    best = derived.DERIVED["central_paid_eur"](alone)
    for name in ("tariff_only", "mid_market_rate", "supply_demand_ratio"):
        assert best < derived.DERIVED[f"{name}_paid_eur"](alone)
        assert derived.DERIVED[f"{name}_paid_eur"](market) is None
    assert best < derived.DERIVED["market_paid_eur"](market)
    assert derived.DERIVED["market_paid_eur"](alone) is None
    assert derived.DERIVED["central_paid_eur"](market) is None


def test_what_is_paid_is_the_bill_less_the_charge_that_is_left(stored, tmp_path):
    alone = p2p.run(stored, out=tmp_path)
    worth_eur = 0.19 * 0.95 * flexible.stored_left_kwh(alone)
    paid = derived.DERIVED["tariff_only_paid_eur"](alone)
    assert paid == pytest.approx(flexible.bill_eur(alone) - worth_eur, abs=1e-6)
    assert flexible.v_lowest_pu(alone) == pytest.approx(alone.voltages["v_pu"].min())
    assert 0 < flexible.service_loading(alone) <= alone.summary().worst_loading


def test_other_devices_are_refused(street):
    heated = street.replace(
        {"traders.every_house.devices": [{"kind": "heat_pump", "power_kw": 3.0, "cop": 3.5}]}
    )
    with pytest.raises(InputError, match="house_1 has a heat_pump"):
        central_dispatch(heated)
