"""The pages of docs about scenarios cannot go stale."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args, get_origin

import pytest
from pydantic import BaseModel

from p2p_cosim.core.errors import ScenarioError
from p2p_cosim.scenario import Scenario, load
from p2p_cosim.scenario.reference import updated

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "scenario.md"


def test_field_reference_is_that_of_the_schema() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert updated(page) == page, "run: python -m p2p_cosim.scenario.reference docs/scenario.md"


def test_no_field_is_missing_from_the_reference() -> None:
    def paths(model: type[BaseModel], prefix: str) -> Iterator[str]:
        for name, field in model.model_fields.items():
            yield from entries(field.annotation, prefix + name)

    def entries(annotation: object, path: str) -> Iterator[str]:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield from paths(annotation, f"{path}.")
            return
        yield path
        mark = "[i]" if get_origin(annotation) is tuple else ".<house>"
        for inner in get_args(annotation):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                yield from paths(inner, f"{path}{mark}.")

    rows = re.findall(r"^\| `([^`]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(rows) == sorted(paths(Scenario, ""))
    assert "faults.rates[i].per_year" in rows


def test_error_message_on_the_page_is_real(tmp_path: Path) -> None:
    shown = re.search(r"```text\n>>> load.*\n((?:.*\n)*?)```", PAGE.read_text(encoding="utf-8"))
    file = tmp_path / "my_street.yaml"
    file.write_text("name: x\nprofiles: {pv_shre: 1}\ntariff: {feed_in_eur_per_kwh: 0.4}\n")
    with pytest.raises(ScenarioError) as caught:
        load(file)
    assert shown
    assert shown[1] == str(caught.value).replace(str(file), file.name) + "\n"


def test_yaml_blocks_on_the_page_are_valid(tmp_path: Path) -> None:
    first, plugin = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    for text in (first, f"name: x\n{plugin}"):
        (tmp_path / "day.yaml").write_text(text)
        assert isinstance(load(tmp_path / "day.yaml"), Scenario)


def test_three_houses_page_has_the_numbers_of_the_file() -> None:
    page = (ROOT / "docs" / "three_houses.md").read_text(encoding="utf-8")
    scenario = load(ROOT / "scenarios" / "three_houses.yaml")
    tariff = scenario.tariff
    prices = {
        "retail tariff": tariff.retail_eur_per_kwh,
        "House 1 bids": scenario.traders["house_1"].bid_eur_per_kwh,
        "Houses 2 and 3 bid": scenario.traders["house_2"].bid_eur_per_kwh,
        "House 3 asks": scenario.traders["house_3"].ask_eur_per_kwh,
        "House 2 asks": scenario.traders["house_2"].ask_eur_per_kwh,
        "feed-in tariff": tariff.feed_in_eur_per_kwh,
    }
    for label, eur in prices.items():
        assert eur is not None
        wei = f"{tariff.price_wei_per_wh(eur):.2e}".replace("e+", "e")
        assert f"| {label} | {eur:.2f} | {wei} |" in page
