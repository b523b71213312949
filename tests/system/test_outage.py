"""Story 2 with every number written out by hand in docs/outage.md."""

import re
from pathlib import Path

import pytest

import p2p_cosim as p2p
from p2p_cosim.plots import outage_steps

PAGE = Path("docs/outage.md").read_text(encoding="utf-8")
ACCOUNTS = ("house_1", "house_2", "house_3", "utility")
GWEI = 10**9


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    out = tmp_path_factory.mktemp("results")
    return p2p.run(p2p.load("scenarios/outage.yaml"), out=out)


def rows(heading):
    """Cells of a section's table below its head, by row."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = re.findall(r"^\| (.+) \|$", section, re.MULTILINE)
    return [line.split(" | ") for line in lines if not line.startswith("|")][1:]


def of_house_1(run):
    households = run.households
    return households[households["house"] == "house_1"].set_index("tick")


def test_fault(run):
    feed = of_house_1(run)["feed"]
    assert [tick for tick in feed.index if feed[tick] != "drop"] == [4, 5, 6, 7]
    before = of_house_1(run).loc[4]
    assert (before["contracted_wh"], before["metered_wh"], before["load_kw"]) == (600, 0, 0)
    assert not before["supplied"]


def test_alarm_and_all_clear(run):
    alarms = run.alarms[["tick", "kind", "place"]].values.tolist()
    assert alarms == [[4, "house_outage", "house_1"], [8, "house_restored", "house_1"]]


def test_sellers_are_named_with_the_alarm(run):
    offers = run.offers.drop(columns="spare_wh").values.tolist()
    assert offers == [
        [4, "house_1", "tie", 1, "house_2", 40 * GWEI],
        [4, "house_1", "tie", 2, "house_3", 56 * GWEI],
    ]
    assert run.offers["spare_wh"].tolist() == [400, 200]


def test_order_trade_and_delivery_are_those_of_the_page(run):
    meters, orders, trades = of_house_1(run), run.orders, run.trades
    expected = rows("Energy")
    assert [int(row[0]) for row in expected] == [3, 4, 5, 6, 7, 8, 9]
    for row in expected:
        tick = int(row[0])
        order = orders[(orders["tick"] == tick) & (orders["trader"] == "house_1")]
        now = trades[trades["tick"] == tick].set_index("seller")
        meter = meters.loc[tick]
        assert order[["side", "energy_wh"]].values.tolist() == [["bid", int(row[1])]]
        assert (now["buyer"] == "house_1").all()
        assert now["energy_wh"].to_dict() == {"house_2": int(row[2]), "house_3": int(row[3])}
        assert (now["price_wei_per_wh"] == int(float(row[4]))).all()
        assert meter["feed"] == row[5]
        assert (meter["metered_wh"], meter["imbalance_wh"]) == (int(row[6]), int(row[7]))
        assert meter["contracted_wh"] == int(row[2]) + int(row[3])


def test_the_bid_is_the_price_of_urgency_until_the_all_clear(run):
    bids = run.orders[run.orders["trader"] == "house_1"].set_index("tick")["price_wei_per_wh"]
    assert bids.tolist() == [96 * GWEI] * 5 + [200 * GWEI] * 4 + [96 * GWEI] * 3


def test_only_what_was_bought_flows_through_the_tie(run):
    fed = of_house_1(run).loc[5:7]
    assert fed["p_kw"].tolist() == pytest.approx([1.8, 1.8, 1.4], abs=1e-6)
    assert fed["load_kw"].tolist() == pytest.approx([1.8, 1.8, 1.4], abs=1e-6)
    assert fed["supplied"].all()


def test_voltages_are_those_of_the_tie(run):
    v_pu = run.voltages.pivot_table(index="tick", columns="house", values="v_pu")
    assert v_pu.loc[4, "house_1"] == 0
    (drop_v,) = re.findall(r"differ by ([0-9.]+) V / 240 V", PAGE)
    differ_pu = v_pu.loc[5, "house_2"] - v_pu.loc[5, "house_1"]
    assert differ_pu == pytest.approx(float(drop_v) / 240, abs=2e-5)
    assert v_pu.loc[9, "house_1"] == pytest.approx(v_pu.loc[3, "house_1"], abs=1e-6)


def test_power_balances_with_the_tie_closed(run):
    feeder = run.feeder.set_index("tick")
    head_kw = feeder[["head_p_a_kw", "head_p_b_kw", "head_p_c_kw"]].sum(axis=1)
    houses_kw = run.households.groupby("tick")["p_kw"].sum()
    used_kw = houses_kw + feeder["spot_p_kw"] + feeder["losses_kw"]
    assert (head_kw - used_kw).abs().max() < 1e-3


def test_balances_are_those_of_the_page(run):
    households, others = run.households, run.others
    for row in rows("Balances")[1:]:
        tick = int(row[0].removeprefix("tick "))
        houses = households[households["tick"] == tick].set_index("house")["balance_wei"]
        utility = others[others["tick"] == tick].set_index("trader")["balance_wei"]
        found = [*houses[list(ACCOUNTS[:3])], utility["utility"]]
        assert found == [int(float(cell)) for cell in row[1:]]
        assert sum(found) == 16 * 10**15


def test_the_steps_of_the_page_are_in_order(run):
    rows_of_page = rows("From fault to all-clear")
    steps = {row[0]: (int(row[1]), row[2]) for row in rows_of_page}
    feed = of_house_1(run)["feed"]
    alarms = dict(zip(run.alarms["kind"], run.alarms["tick"], strict=True))
    found = {
        "fault": feed[feed != "drop"].index[0],
        "alarm": alarms["house_outage"],
        "alert": run.alerts["tick"].iloc[0],
        "order": feed[feed == "tie"].index[0],
        "trade": feed[feed == "tie"].index[0],
        "delivery": feed[feed == "tie"].index[0],
        "repair": feed[feed == "tie"].index[-1] + 1,
        "all-clear": alarms["house_restored"],
        "all-clear told": run.alerts["tick"].iloc[1],
    }
    assert {step: tick for step, (tick, _) in steps.items()} == found
    ends = ("alarm", "alert", "all-clear", "all-clear told")
    for step, (tick, at) in steps.items():
        assert f"{run.clock.time(tick + (step in ends)):%H:%M}" == at
    drawn = [(step.name, step.edge) for step in outage_steps(run, "house_1")]
    assert drawn == [(step, tick + (step in ends)) for step, (tick, _) in steps.items()]
    late = [edge - drawn[0][1] for _, edge in drawn]
    assert [f"{ticks} tick{'s' * (ticks != 1)}, {15 * ticks} min" for ticks in late[1:]] == [
        row[4] for row in rows_of_page[1:]
    ]
