"""The tariff of every interval: by hours, from a file, and what is refused."""

from itertools import pairwise

import pytest

from p2p_cosim.core.errors import ScenarioError
from p2p_cosim.core.types import Tariff
from p2p_cosim.scenario import Scenario, tariffs_of

EUR = 400_000_000_000  # wei per Wh of 1 EUR/kWh at 2500 EUR an ether
NIGHT = {"from_hour": 22, "to_hour": 6, "retail_eur_per_kwh": 0.2}
EVENING = {"from_hour": 17, "to_hour": 21, "days": "weekdays", "retail_eur_per_kwh": 0.45}
NOON = {"from_hour": 11, "to_hour": 14, "feed_in_eur_per_kwh": -0.05}


def scenario(**changes):
    clock = {"clock.start": "2024-06-21 00:00", "clock.interval_min": 60, "clock.ticks": 48}
    return Scenario(name="x").replace({**clock, **changes})  # from a Friday on


def prices(**changes):
    told = tariffs_of(scenario(**changes))
    assert len(told) == 48
    return [(t.retail_wei_per_wh / EUR, t.feed_in_wei_per_wh / EUR) for t in told]


def test_one_tariff_is_that_of_all_intervals():
    assert set(tariffs_of(scenario())) == {Tariff(120_000_000_000, 32_000_000_000)}


def test_hours_of_the_day_have_prices_of_their_own():
    found = prices(**{"tariff.periods": [NIGHT, EVENING, NOON]})
    assert [hour for hour in range(24) if found[hour][0] == 0.2] == [0, 1, 2, 3, 4, 5, 22, 23]
    assert [hour for hour in range(48) if found[hour][0] == 0.45] == [17, 18, 19, 20]  # no Saturday
    assert [hour for hour in range(24) if found[hour][1] == -0.05] == [11, 12, 13]
    assert found[12] == (0.3, -0.05)


def test_of_periods_that_overlap_the_first_counts():
    day = {"from_hour": 0, "to_hour": 24, "retail_eur_per_kwh": 0.25}
    assert prices(**{"tariff.periods": [EVENING, day]})[18][0] == 0.45
    assert prices(**{"tariff.periods": [day, EVENING]})[18][0] == 0.25


@pytest.mark.parametrize(
    ("period", "told"),
    [
        ({"from_hour": 5, "to_hour": 5}, r"periods\[0\].from_hour: 5 is to_hour as well"),
        ({"from_hour": 5.25, "to_hour": 6}, r"from_hour: 5.25 is inside an interval of 60 min"),
        (
            {"from_hour": 5, "to_hour": 6, "retail_eur_per_kwh": 0.05},
            r"feed-in 0.08 exceeds retail 0.05 EUR/kWh: buying to sell back would pay",
        ),
        ({"from_hour": 5, "to_hour": 6, "retail_eur_per_kwh": 0.0}, "retail 0 EUR/kWh is no price"),
        (
            {"from_hour": 5, "to_hour": 6, "retail_eur_per_kwh": 3.0},
            r"retail 3 EUR/kWh exceeds market.max_price_eur_per_kwh 1",
        ),
    ],
)
def test_a_period_that_does_not_fit_is_refused(period, told):
    with pytest.raises(ScenarioError, match=told):
        scenario(**{"tariff.periods": [period]})


def test_a_retail_price_of_nothing_is_refused():
    with pytest.raises(ScenarioError, match="0 is less than a wei per Wh"):
        scenario(**{"tariff.retail_eur_per_kwh": 0.0, "tariff.feed_in_eur_per_kwh": 0.0})


@pytest.fixture
def from_file(tmp_path):
    """Prices of a file with these lines, or what is wrong with them."""

    def read(*lines, header="timestamp,retail_eur_per_kwh,feed_in_eur_per_kwh", **changes):
        (tmp_path / "prices.csv").write_text("\n".join([header, *lines, ""]), encoding="utf-8")
        named = scenario(**{"tariff.prices_csv": "prices.csv", **changes}).at(tmp_path)
        return [(t.retail_wei_per_wh / EUR, t.feed_in_wei_per_wh / EUR) for t in tariffs_of(named)]

    return read


def lines(hours=48, **other):
    """A file's rows, hour by hour; `other` replaces some, by `h` and the hour."""
    rows = [f"2024-06-{21 + h // 24} {h % 24:02}:00,0.{20 + h},0.05" for h in range(hours)]
    for name, row in other.items():
        rows[int(name[1:])] = row
    return [row for row in rows if row]


def test_a_file_has_the_price_of_every_hour(from_file):
    found = from_file(*lines(49))
    assert found[0] == (0.2, 0.05)
    assert found[47] == (0.67, 0.05)
    assert from_file(*reversed(lines())) == found  # in any order of rows


def test_a_price_holds_for_all_intervals_until_the_next(from_file):
    found = from_file(*lines(), **{"clock.interval_min": 30, "clock.ticks": 96})
    assert all(a == b for a, b in zip(found[::2], found[1::2], strict=True))
    assert all(a != b for a, b in pairwise(found[::2]))


def test_without_a_column_the_feed_in_price_is_the_scenarios(from_file):
    rows = [row.rpartition(",")[0] for row in lines()]
    assert from_file(*rows, header="timestamp,retail_eur_per_kwh")[5] == (0.25, 0.08)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (lines(40), "2024-06-22 16:00:00: has no price, nor have 7 intervals after it"),
        (lines(h3=""), "after 2024-06-21 02:00:00: the next price comes 120 min later, and .* 60"),
        (lines(h3="2024-06-21 03:00+02:00,0.3,0.05"), "line 5: timestamp has a time zone"),
        (lines(h3="2024-06-21 02:00,0.3,0.05"), "line 5: timestamp stands twice"),
        (lines(h3="yesterday,0.3,0.05"), "line 5: timestamp is not a time"),
        (lines(h3="2024-06-21 03:00,nan,0.05"), "line 5: retail nan and feed-in 0.05 .* numbers"),
        (lines(h3="2024-06-21 03:00,-0.1,-0.2"), "line 5: retail -0.1 EUR/kWh is no price above 0"),
        (lines(h3="2024-06-21 03:00,0.04,0.05"), "line 5: feed-in 0.05 exceeds retail 0.04"),
        (lines(h3="2024-06-21 03:00,30,5"), "line 5: retail 30 EUR/kWh exceeds market.max_price"),
        (lines(h3="2024-06-21 03:00,0.3"), "line 5: has 2 cells: give 3"),
        ([], "has no price, nor have 47 intervals after it: the file has no row"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(from_file, rows, told):
    with pytest.raises(ScenarioError, match=told):
        from_file(*rows)


def test_prices_that_change_within_an_interval_are_refused(from_file):
    rows = [f"2024-06-21 {h:02}:{m},0.3,0.05" for h in range(24) for m in ("00", "30")]
    with pytest.raises(ScenarioError, match="prices change within an interval of 60 min"):
        from_file(*rows, **{"clock.ticks": 24})


def test_periods_and_a_file_are_not_given_together(from_file):
    with pytest.raises(ScenarioError, match=r"prices come from 'prices.csv': remove one"):
        from_file(*lines(), **{"tariff.periods": [NOON]})


def test_another_file_is_another_run(tmp_path):
    digests = set()
    for price in ("0.3", "0.31"):
        (tmp_path / "prices.csv").write_text(price, encoding="utf-8")
        named = scenario(**{"tariff.prices_csv": "prices.csv"}).at(tmp_path)
        digests.add(named.content_digest())
    assert len(digests) == 2
