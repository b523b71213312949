"""Who clears short circuits."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from p2p_cosim.scenario.schema.section import Section


def as_text(value: object) -> object:
    """A bus such as 671 is a number to YAML."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


PlaceName = Annotated[str, BeforeValidator(as_text)]


class DeviceEntry(Section):
    """A fuse or a recloser."""

    place: PlaceName = Field(
        description="Line or switch by its buses (632-645), or service transformer (service_2)."
    )
    kind: Literal["fuse", "recloser"] = Field(
        description="`fuse`: a K link in each phase; `recloser`: all phases open together."
    )
    rated_a: float = Field(
        gt=0,
        le=1e5,
        description="Rating of the links in A; of a recloser the current from which it counts.",
    )
    ground_a: float | None = Field(
        default=None,
        gt=0,
        le=1e5,
        description="Sum of the phases' currents in A from which a recloser counts; not given, "
        "it has no ground element.",
    )

    @property
    def ground_from_a(self) -> float:
        """The same as a number: infinite without a ground element."""
        return math.inf if self.ground_a is None else self.ground_a


class ProtectionSection(Section):
    """Who clears short circuits; by default nobody, and they burn until they are repaired."""

    typical: bool = Field(
        default=False,
        description="Whether the feeder has the devices that are usual: docs/faults.md.",
    )
    devices: Annotated[tuple[DeviceEntry, ...], Field(strict=False)] = Field(
        default=(),
        description="Devices by place; each takes the place of the usual one there.",
    )
