"""The section on the EVM."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from p2p_cosim.scenario.schema.section import Section


class ChainSection(Section):
    """The EVM that runs the contract."""

    backend: Literal["generated", "pyevm", "ethtester", "anvil", "jsonrpc"] = Field(
        default="generated",
        description="`generated`, contracts as generated Python in this process, the fastest; "
        "`pyevm`, py-evm in this process; `ethtester` with full blocks; `anvil`, started for the "
        "run; `jsonrpc`, the node at `url`. All give the same tables.",
    )
    url: str | None = Field(
        default=None,
        description="Address of the anvil or Hardhat node (backend `jsonrpc`), which the run has "
        "for itself: `http://127.0.0.1:8545`.",
    )
    gas_price_gwei: float = Field(
        default=1.0,
        ge=0,
        le=100_000,
        description="What a unit of gas costs, to tell the run's gas in money (with "
        "tariff.eur_per_ether). In the run itself gas is free.",
    )

    @field_validator("backend", mode="before")
    @classmethod
    def _is_not_revm(cls, backend: object) -> object:
        if backend == "revm":
            raise PydanticCustomError(
                "scenario",
                "is no longer 'revm', whose gas was not exact: choose 'generated', the default, "
                "which is nearly as fast",
            )
        return backend
