"""What a file of series cannot say of itself, said once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from p2p_cosim.core.errors import Problem, ScenarioError

Unit = Literal["kw", "w", "kwh", "wh"]
Stamps = Literal["beginning", "ending"]
_OFFSET = re.compile(r"([+-])([01]?\d|2[0-3]):?([0-5]\d)?")
_PER_KILO = {"kw": 1.0, "w": 1e-3, "kwh": 1.0, "wh": 1e-3}


@dataclass(frozen=True, slots=True)
class SeriesForm:
    """How to read a file.

    unit: of the values; kwh and wh are of an interval. stamps: whether a time is where its interval
    begins or ends. zone: of times without one, as `Europe/Berlin` or `+01:00`. is_net: values are
    of net meters, and what is negative was fed in. time_format: as `%d.%m.%Y %H:%M`; "" for ISO
    8601. time_column, house_column, load_column, pv_column: their names where the file has others
    than usual. count: take that many houses; 0 for all. names: new name by the file's. step_min:
    minutes of what is written; 0 for the finest of the file. start, end: cut to that, on the clock
    of what is written. fill_min: longest gap in minutes that is filled by a straight line.
    """

    unit: Unit
    stamps: Stamps
    zone: str
    is_net: bool = False
    time_format: str = ""
    time_column: str = ""
    house_column: str = ""
    load_column: str = ""
    pv_column: str = ""
    count: int = 0
    names: Mapping[str, str] = field(default_factory=dict)
    step_min: int = 0
    start: datetime | None = None
    end: datetime | None = None
    fill_min: int = 0

    @property
    def is_energy(self) -> bool:
        """Whether values are energies of an interval."""
        return self.unit in ("kwh", "wh")

    @property
    def kilo(self) -> float:
        """By which a value is multiplied to be in kW or kWh."""
        return _PER_KILO[self.unit]

    def tz(self) -> tzinfo:
        """The zone. Raises ScenarioError if there is none of that name."""
        if match := _OFFSET.fullmatch(self.zone):
            sign, hours, minutes = match.groups()
            offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
            return timezone(-offset if sign == "-" else offset)
        try:
            return ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            remedy = "give a name such as Europe/Berlin, UTC, or an offset such as +01:00"
            raise ScenarioError(
                "zone", [Problem(self.zone, f"is no time zone: {remedy}")]
            ) from None
