"""A market that moves the grid: batteries and cars feed in because they sold."""

import pytest

import p2p_cosim as p2p

BASE = p2p.load("scenarios/oversale.yaml")
SALE = range(2, 8)  # ticks in which battery and car of every house sell 7 kW
NO_MARKET = {"market.strategy": "opt_out"}
WITHIN_PU = 1e-3


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    """Runs with and without the market, taps left alone, and with the controller."""
    out = tmp_path_factory.mktemp("results")
    hold = {"control.controller": "hold"}
    changes = {"market": hold, "no market": hold | NO_MARKET, "controlled": {}}
    return {
        name: p2p.run(BASE.replace(some).replace(ticks=SALE.stop), out=out)
        for name, some in changes.items()
    }


def highest(run):
    return run.feeder["v_max_pu"].to_numpy()


def test_without_the_market_every_house_stays_inside(story):
    run = story["no market"]
    assert highest(run).max() < 1.05 - 5e-3
    assert run.trades.empty
    assert run.households["battery_kw"].to_numpy() == pytest.approx(-1.0)  # its own load
    assert run.households["p_kw"].to_numpy() == pytest.approx(0.0, abs=1e-6)


def test_with_it_they_feed_in_what_they_sold_and_the_voltage_leaves_the_band(story):
    run = story["market"]
    assert highest(run)[SALE.start :] == pytest.approx(1.056, abs=WITHIN_PU)
    sale = run.households[run.households["tick"].isin(SALE)]
    assert sale["p_kw"].to_numpy() == pytest.approx(-7.0, abs=1e-6)
    sold = run.trades.groupby(["tick", "seller"])["energy_wh"].sum()
    assert set(sold.loc[SALE.start :]) == {1750}
    assert set(run.households["imbalance_wh"]) == {0}
    devices = run.table("devices").set_index(["tick", "device"])["p_kw"]
    assert devices.loc[(SALE.start, "ev")].to_numpy() == pytest.approx(-4.0)
    assert devices.loc[(SALE.start, "battery")].to_numpy() == pytest.approx(-4.0)


def test_the_controller_sees_it_in_the_trades(story):
    run = story["controlled"]
    assert highest(run)[SALE.start :] == pytest.approx(1.016, abs=WITHIN_PU)
    assert highest(run).max() < 1.05
    moves = run.taps[run.taps["tick"] >= 0]
    assert moves[["tick", "regulator"]].to_numpy().tolist() == [[SALE.start, "reg_b"]]


def test_what_batteries_do_changes_voltages_losses_and_loads(story):
    market, none = story["market"].feeder, story["no market"].feeder
    assert (market["losses_kw"] - none["losses_kw"]).abs().max() > 1
    assert (market["v_max_pu"] - none["v_max_pu"]).abs().max() > 0.01
    sold, unsold = (_service_loading(story[name]) for name in ("market", "no market"))
    assert sold > 0.8
    assert unsold < 0.1


def _service_loading(run):
    """Of the fullest service transformer in the middle of the sale, a share of its rating."""
    loadings = run.table("loadings")
    service = loadings["element"].str.startswith("service_") & (loadings["tick"] == SALE.start)
    return (loadings["current_a"] / loadings["rated_a"])[service].max()


def test_without_flexible_devices_the_market_moves_nothing(tmp_path):
    bare = BASE.replace({"traders.every_house.devices": [], "control.controller": "hold"})
    one = p2p.run(bare.replace(ticks=3), out=tmp_path)
    # Houses of one load each: nothing to sell, so let sun be sold.
    sunny = bare.replace({"traders.every_house.pv_kw": 3.0, "market.strategy": "truthful"})
    sold = p2p.run(sunny.replace(ticks=3), out=tmp_path)
    unsold = p2p.run(sunny.replace(NO_MARKET).replace(ticks=3), out=tmp_path)
    assert sold.trades["energy_wh"].sum() > 0 == len(unsold.trades)
    for column in ("v_max_pu", "v_min_pu", "losses_kw"):
        assert sold.feeder[column].tolist() == unsold.feeder[column].tolist()
    assert one.feeder["v_max_pu"].tolist() != sold.feeder["v_max_pu"].tolist()
