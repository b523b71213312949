"""The numbers drawn, read back from the artists, are those of the tables."""

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import StepPatch
from synthetic_run import EUR_PER_ETHER, TARIFF

from p2p_cosim import plots
from p2p_cosim.core.errors import InputError
from p2p_cosim.plots import style

EUR_PER_KWH = 1000 * EUR_PER_ETHER / 10**18  # of one wei/Wh


def steps(ax, label=None):
    patches = [patch for patch in ax.patches if isinstance(patch, StepPatch)]
    return next(p for p in patches if label is None or p.get_label() == label).get_data()


def line(ax, prefix):
    return next(line for line in ax.lines if str(line.get_label()).startswith(prefix))


def test_price_and_volume(day):
    ax = plots.price_and_volume(day)
    volume = next(other for other in ax.figure.axes if other is not ax)
    price = day.market["price_wei_per_wh"].to_numpy(dtype=float, na_value=np.nan) * EUR_PER_KWH
    assert np.isnan(price).any()
    assert not np.isnan(price).all()
    np.testing.assert_allclose(steps(ax).values, price)
    np.testing.assert_allclose(steps(volume).values, day.market["energy_wh"] / 1000)
    np.testing.assert_allclose(steps(ax).edges, np.arange(97) / 4)
    tariffs = sorted(line.get_ydata()[0] for line in ax.lines)
    expected = [TARIFF.feed_in_wei_per_wh * EUR_PER_KWH, TARIFF.retail_wei_per_wh * EUR_PER_KWH]
    np.testing.assert_allclose(tariffs, expected)
    assert (ax.get_ylabel(), volume.get_ylabel()) == ("Price (EUR/kWh)", "Energy traded (kWh)")


def test_supply_and_demand_draws_the_busiest_round_and_its_crossing(day):
    ax = plots.supply_and_demand(day)
    busiest = day.market.loc[day.market["energy_wh"].idxmax()]
    book = day.orders[(day.orders["tick"] == busiest["tick"]) & (day.orders["rejection"] == "")]
    bids = book[book["side"] == "bid"].sort_values("price_wei_per_wh", ascending=False)
    drawn = steps(ax, "bids")
    np.testing.assert_allclose(drawn.values, bids["price_wei_per_wh"] * EUR_PER_KWH)
    np.testing.assert_allclose(drawn.edges[1:], bids["energy_wh"].cumsum() / 1000)
    assert (np.diff(steps(ax, "asks").values) >= 0).all()
    (energy_kwh,), (price,) = line(ax, "0.").get_data()
    assert energy_kwh == pytest.approx(busiest["energy_wh"] / 1000)
    assert price == pytest.approx(busiest["price_wei_per_wh"] * EUR_PER_KWH)
    assert ax.get_legend().get_title().get_text() == f"Round {busiest['tick']}, 16:45"


def test_supply_and_demand_of_a_chosen_round(day):
    ax = plots.supply_and_demand(day, tick=40)
    assert ax.get_legend().get_title().get_text() == "Round 40, 10:00"


def test_a_huge_order_does_not_squeeze_the_others(day):
    asks_kwh = steps(plots.supply_and_demand(day, tick=48), "asks").edges[-1]
    bids_kwh = steps(plots.supply_and_demand(day, tick=48), "bids").edges[-1]
    assert asks_kwh > 2 * bids_kwh
    assert plots.supply_and_demand(day, tick=48).get_xlim()[1] == pytest.approx(2.04 * bids_kwh)


def test_household_costs_are_sorted_by_the_counterfactual(day):
    ax = plots.household_costs(day)
    costs = day.costs().sort_values("tariff_eur")
    np.testing.assert_allclose(line(ax, "with the market").get_xdata(), costs["total_eur"])
    np.testing.assert_allclose(line(ax, "tariff alone").get_xdata(), costs["tariff_eur"])
    assert [label.get_text() for label in ax.get_yticklabels()] == costs.index.tolist()


def test_voltage_band_marks_every_violation_and_ignores_the_outage(day):
    ax = plots.voltage_band(day)
    v_pu = day.voltages["v_pu"].to_numpy().reshape(96, 30)
    supplied = np.where(v_pu > 0, v_pu, np.nan)
    assert (v_pu == 0).sum() == 4
    band = steps(ax, "lowest to highest")
    np.testing.assert_allclose(band.values, np.nanmax(supplied, axis=1))
    np.testing.assert_allclose(band.baseline, np.nanmin(supplied, axis=1))
    np.testing.assert_allclose(steps(ax, "median").values, np.nanmedian(supplied, axis=1))
    marks = line(ax, "outside limits").get_ydata()
    outside = supplied[(supplied < 0.95) | (supplied > 1.05)]
    np.testing.assert_allclose(np.sort(marks), np.sort(outside))
    assert len(marks) == day.summary().house_ticks_outside
    limits = {line.get_ydata()[0] for line in ax.lines if line.get_linestyle() == "--"}
    assert limits == {0.95, 1.05}


def test_voltages_of_many_sites_are_drawn_by_phase_and_ignore_the_outage(day):
    ax = plots.voltage_by_site(day)
    places = day.feeder_map["houses"]
    phase_of = day.voltages["house"].map(lambda house: f"phase {places[house]['phase']}")
    supplied = day.voltages.assign(phase=phase_of).query("v_pu > 0")
    drawn = [patch.get_label() for patch in ax.patches if patch.get_label()]
    assert drawn == list(dict.fromkeys(phase_of))
    for phase, own in supplied.groupby("phase"):
        mean = own.groupby("tick")["v_pu"].mean()
        np.testing.assert_allclose(steps(ax, phase).values[mean.index], mean)
    written = {text.get_text() for text in ax.texts}
    assert {"upper limit 1.05", "lower limit 0.95"} <= written


def test_taps_show_the_whole_trajectory(day):
    ax = plots.taps(day)
    reg1 = steps(ax, "reg1").values
    moves = day.taps[day.taps["regulator"] == "reg1"]
    assert moves["tick"].tolist() == [-1, 36, 65]
    assert np.unique(reg1[:36]).tolist() == [9]
    assert np.unique(reg1[36:65]).tolist() == [7]
    assert np.unique(reg1[65:]).tolist() == [10]


def test_feeder_map_colours_houses_and_the_worst_phase_of_each_bus(day):
    ax = plots.feeder_map(day)
    tick = day.summary().worst_v_tick
    assert ax.get_title(loc="left").startswith(f"Tick {tick}, ")
    houses = next(c for c in ax.collections if c.get_label() == "houses")
    buses = next(c for c in ax.collections if c.get_label() == "buses")
    v_pu = day.voltages.query("tick == @tick")["v_pu"].to_numpy()
    assert len(houses.get_offsets()) == 30
    red, blue = houses.get_facecolor()[:, 0], houses.get_facecolor()[:, 2]
    assert (red[v_pu > 1.01] > blue[v_pu > 1.01]).all()
    np.testing.assert_allclose(buses.get_offsets(), list(day.feeder_map["buses"].values()))
    at_671 = day.node_voltages.query("tick == @tick and node.str.startswith('671.')")["v_pu"]
    worst = at_671.iloc[(at_671 - 1).abs().argmax()]
    index = list(day.feeder_map["buses"]).index("671")
    scale = next(other for other in ax.figure.axes if other is not ax)
    assert scale.get_ylabel() == "Voltage (pu)"
    colour = ax.figure.axes[1]._colorbar.mappable.to_rgba(worst)
    assert to_hex(buses.get_facecolor()[index]) == to_hex(colour)


def test_feeder_map_crosses_out_a_house_without_supply(day):
    ax = plots.feeder_map(day, tick=73)
    cut_off = next(c for c in ax.collections if c.get_label() == "without supply")
    assert len(cut_off.get_offsets()) == 1
    assert "no supply" in [text.get_text() for text in ax.get_legend().get_texts()]


@pytest.mark.parametrize("draw", [plots.supply_and_demand, plots.feeder_map])
def test_a_tick_that_was_not_recorded(day, draw):
    with pytest.raises(InputError, match="tick 96 is not in this run: give 0 to 95"):
        draw(day, tick=96)


@pytest.mark.parametrize(
    ("hour", "text"),
    [(0, "00:00"), (9.25, "09:15"), (23.9999, "24:00"), (24, "24:00"), (25.5, "01:30")],
)
def test_clock_text(hour, text):
    assert style.clock_text(hour) == text
