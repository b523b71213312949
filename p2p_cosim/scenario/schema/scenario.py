"""The scenario: everything a run depends on besides the code, as one frozen value."""

from __future__ import annotations

import hashlib
import html
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import (
    Field,
    PrivateAttr,
    ValidationError,
    model_validator,
)
from pydantic.functional_validators import ModelWrapValidatorHandler

from p2p_cosim.core.errors import InputError, Problem, ScenarioError
from p2p_cosim.feeders import Places, places_of
from p2p_cosim.scenario.schema.backup import Backup
from p2p_cosim.scenario.schema.beside import findings_beside
from p2p_cosim.scenario.schema.chain import ChainSection
from p2p_cosim.scenario.schema.changes import apply_changes
from p2p_cosim.scenario.schema.checks import findings
from p2p_cosim.scenario.schema.clock import ClockSection
from p2p_cosim.scenario.schema.control import ControlSection
from p2p_cosim.scenario.schema.faults import FaultsSection
from p2p_cosim.scenario.schema.feeder import FeederSection
from p2p_cosim.scenario.schema.fields import Slug
from p2p_cosim.scenario.schema.houses import HousesSection
from p2p_cosim.scenario.schema.market import MarketSection
from p2p_cosim.scenario.schema.notify import NotifySection
from p2p_cosim.scenario.schema.problems import leaf_paths, show, translate
from p2p_cosim.scenario.schema.profiles import ProfilesSection
from p2p_cosim.scenario.schema.section import Section
from p2p_cosim.scenario.schema.tariff import TariffSection
from p2p_cosim.scenario.schema.traders import EVERY_HOUSE, Trader


class Scenario(Section):
    """Everything a run depends on besides the code.

    Raises ScenarioError, with every problem found, for data that does not fit.
    """

    name: Slug = Field(description="Short name; the folder of the results is called so.")
    description: str = Field(default="", max_length=2000, description="What the scenario shows.")
    seed: int = Field(
        default=0, ge=0, lt=2**63, description="Root of every random number; same seed, same run."
    )
    clock: ClockSection = Field(default=ClockSection(), description=ClockSection.__doc__)
    feeder: FeederSection = Field(default=FeederSection(), description=FeederSection.__doc__)
    houses: HousesSection = Field(default=HousesSection(), description=HousesSection.__doc__)
    profiles: ProfilesSection = Field(
        default=ProfilesSection(), description=ProfilesSection.__doc__
    )
    market: MarketSection = Field(default=MarketSection(), description=MarketSection.__doc__)
    tariff: TariffSection = Field(default=TariffSection(), description=TariffSection.__doc__)
    control: ControlSection = Field(default=ControlSection(), description=ControlSection.__doc__)
    faults: FaultsSection = Field(default=FaultsSection(), description=FaultsSection.__doc__)
    chain: ChainSection = Field(default=ChainSection(), description=ChainSection.__doc__)
    notify: NotifySection = Field(default=NotifySection(), description=NotifySection.__doc__)
    backup: Mapping[str, Backup] = Field(
        default={}, description="By house name, what feeds one house that lost its supply."
    )
    traders: Mapping[str, Trader] = Field(
        default={},
        description="By house name, what one house has of its own; `every_house` is for all that "
        "have not.",
    )

    # Where relative paths start: the folder of the file the scenario came from.
    _folder: Path = PrivateAttr(default_factory=Path)

    @model_validator(mode="wrap")
    @classmethod
    def _validate(cls, data: Any, handler: ModelWrapValidatorHandler[Scenario]) -> Scenario:
        try:
            scenario = handler(data)
        except ValidationError as error:
            problems = translate(error, cls)
            invalid = [tuple(e["loc"]) for e in error.errors(include_url=False)]
            problems += findings_beside(data, invalid, handler)
            raise ScenarioError("scenario", problems) from None
        if found := findings(scenario):
            raise ScenarioError("scenario", [finding.problem for finding in found])
        return scenario

    if not TYPE_CHECKING:  # a type checker knows the fields

        def __getattr__(self, name: str) -> Any:
            if name.startswith("_"):
                return super().__getattr__(name)
            there = [path for path in leaf_paths(type(self)) if path.rpartition(".")[2] == name]
            where = f": it is scenario.{', scenario.'.join(there)}" if there else ""
            raise AttributeError(f"a Scenario has no attribute {name!r}{where}")

    @property
    def house_names(self) -> tuple[str, ...]:
        """`house_1` to `house_<count>`, in the order of every house array."""
        return tuple(f"house_{i + 1}" for i in range(self.houses.count))

    def trader(self, house: str) -> Trader:
        """A house's own values; then those of `every_house`; then the common strategy and
        forecast error."""
        all_have = self.traders.get(EVERY_HOUSE, Trader())
        given = self.traders.get(house, Trader())
        own = all_have.model_copy(
            update={
                field: value
                for field in Trader.model_fields
                if (value := getattr(given, field)) not in (None, ())
            }
        )
        common = {
            "strategy": own.strategy or self.market.strategy,
            "forecast_error": (
                self.profiles.forecast_error if own.forecast_error is None else own.forecast_error
            ),
        }
        return own.model_copy(update=common)

    @property
    def places(self) -> Places | None:
        """The feeder's places; None for one that only the engine can read."""
        return None if self.feeder.master is not None else places_of(self.feeder.name)

    @property
    def folder(self) -> Path:
        """Where relative paths begin."""
        return self._folder

    def csv_file(self) -> Path | None:
        """The file with measured data, or None if profiles are generated.

        Raises ScenarioError if it is not a file inside the scenario's folder; a symbolic link
        that leads out of the folder counts as outside.
        """
        return self._file("profiles.csv", self.profiles.csv)

    def master_file(self) -> Path | None:
        """The feeder's DSS master file, or None without one. Raises as `csv_file` does."""
        return self._file("feeder.master", self.feeder.master)

    def source_file(self) -> Path | None:
        """The file with the voltage at the head over time, or None if it stays the same.

        Raises ScenarioError as `csv_file` does.
        """
        return self._file("feeder.source_series", self.feeder.source_series)

    def tariff_file(self) -> Path | None:
        """The file with prices over time, or None without one. Raises as `csv_file` does."""
        return self._file("tariff.prices_csv", self.tariff.prices_csv)

    def series_files(self) -> tuple[Path, ...]:
        """The files with series that this scenario names. Raises as `csv_file` does."""
        named = (self.csv_file(), self.source_file(), self.tariff_file())
        return tuple(file for file in named if file is not None)

    def _file(self, field: str, name: str | None) -> Path | None:
        if name is None:
            return None
        folder = self._folder.resolve()
        file = (folder / name).resolve()
        if not file.is_relative_to(folder):
            message = f"{show(name)} leads out of the scenario's folder: copy it there"
        elif not file.is_file():
            message = f"{show(name)} is not a file in the scenario's folder {folder}"
        else:
            return file
        raise ScenarioError(self.name, [Problem(field, message)])

    def at(self, folder: Path) -> Scenario:
        """The same scenario with its relative paths starting at a folder."""
        moved = self.model_copy()
        moved._folder = folder
        return moved

    def replace(self, changes: Mapping[str, object] | None = None, /, **named: object) -> Scenario:
        """A copy with some fields changed, validated anew.

        A field is named by its last part if only one field is called so (`pv_share=0.8`), or
        by its dotted path (`{"market.k": 0.4}`, `{"traders.house_1.load_kw": 2.0}`).

        Raises ScenarioError for a name that is unknown or ambiguous, and for values that do
        not fit.
        """
        if not isinstance(changes or {}, Mapping):
            raise InputError(
                f"replace takes fields with their values, not a {type(changes).__name__}: "
                "scenario.replace(pv_share=0.8)"
            )
        data = self.model_dump()
        apply_changes(data, {**(changes or {}), **named}, type(self))
        try:
            return type(self).model_validate(data).at(self._folder)
        except ScenarioError as error:
            raise ScenarioError(f"replace in {self.name}", error.problems) from None

    def resolved(self) -> dict[str, Any]:
        """Every field with its value, defaults included, as JSON types in the schema's order.

        Traders list what was given: an absent field there means the common value.
        """
        data = self.model_dump(mode="json", exclude={"backup", "traders"})
        by_house: dict[str, Mapping[str, Section]] = {
            "backup": self.backup,
            "traders": self.traders,
        }
        for section, entries in by_house.items():
            data[section] = {
                name: entries[name].model_dump(mode="json", exclude_none=True)
                for name in sorted(entries, key=_natural)
            }
        return data

    def to_yaml(self) -> str:
        """`resolved()` as YAML; loading it gives the same scenario."""
        return yaml.safe_dump(self.resolved(), sort_keys=False, allow_unicode=True)

    def content_digest(self) -> str:
        """Hex sha256 over the resolved scenario and the bytes of its CSV files, if any. Raises
        ScenarioError if one of them cannot be found."""
        digest = hashlib.sha256(
            json.dumps(self.resolved(), sort_keys=True, separators=(",", ":")).encode()
        )
        for file in self.series_files():
            digest.update(hashlib.sha256(file.read_bytes()).digest())
        return digest.hexdigest()

    def __repr__(self) -> str:
        clock, count = self.clock, self.houses.count
        feeder = self.feeder.master or self.feeder.name
        return (
            f"Scenario({self.name!r}, {feeder}, {count} household{'s'[: count != 1]}, "
            f"{clock.ticks} x {clock.interval_min} min)"
        )

    __str__ = __repr__

    def _repr_html_(self) -> str:
        """A table of the sections; values that differ from the default are bold."""
        defaults = Scenario(name=self.name).resolved()
        rows = "".join(
            f"<tr><th>{html.escape(section)}</th><td>{_cell(value, defaults[section])}</td></tr>"
            for section, value in self.resolved().items()
        )
        return f"<table><caption>{html.escape(repr(self))}</caption>{rows}</table>"


def _natural(house: str) -> tuple[int, str]:
    """Orders house_2 before house_10."""
    return len(house), house


def _cell(value: object, default: object) -> str:
    if not isinstance(value, dict):
        text = html.escape(show(value))
        return text if value == default else f"<b>{text}</b>"
    known = default if isinstance(default, dict) else {}
    return ", ".join(
        f"{html.escape(name)}: {_cell(inner, known.get(name))}" for name, inner in value.items()
    )
