"""The section on houses."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from p2p_cosim.core.limits import MAX_HOUSE_KW
from p2p_cosim.scenario.schema.fields import Sites
from p2p_cosim.scenario.schema.section import Section


class HousesSection(Section):
    """How many houses there are, and where they stand."""

    count: int = Field(
        default=30, ge=1, le=1000, description="Houses; `house_1` to `house_<count>`."
    )
    sites: Sites = Field(
        default=("652.A", "611.C", "684.A", "684.C", "675.B"),
        description="Primary nodes as bus.phase (675.BC between two phases, 675.ABC on three); "
        "houses fill them in equal blocks, in order. Or "
        "`by_load`: each node has houses by its share of the published spot load. Or "
        "`at_loads`: one house in the place of each of the first `count` loads on the feeder's own "
        "low voltage.",
    )
    per_transformer: int = Field(
        default=6, ge=1, le=100, description="Most houses behind one service transformer."
    )
    transformer_kva: float = Field(
        default=50.0, ge=5, le=500, description="Rating of a service transformer."
    )
    drop_ft: float = Field(
        default=80.0, ge=1, le=2000, description="Length of a house's service drop."
    )
    mode: Literal["add", "replace"] = Field(
        default="add",
        description="`add` the houses to the published loads, or `replace` part of the spot load "
        "of the same bus and phase by nominal_house_kw for each house.",
    )
    nominal_house_kw: float = Field(
        default=3.5, gt=0, le=MAX_HOUSE_KW, description="What one house replaces (mode `replace`)."
    )
