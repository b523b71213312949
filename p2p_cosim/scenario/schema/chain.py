"""The section on the EVM."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from p2p_cosim.scenario.schema.section import Section


class ChainSection(Section):
    """The EVM that runs the contract."""

    backend: Literal["pyevm", "ethtester", "anvil", "jsonrpc", "revm"] = Field(
        default="pyevm",
        description="`pyevm` in this process; `ethtester` with full blocks; `anvil`, started for "
        "the run; `jsonrpc`, the node at `url`; `revm`, fastest and without exact gas.",
    )
    url: str | None = Field(
        default=None,
        description="Address of the anvil or Hardhat node (backend `jsonrpc`), which the run has "
        "for itself: `http://127.0.0.1:8545`.",
    )
    gas: Literal["exact", "ignore"] = Field(
        default="exact",
        description="`exact` refuses a backend whose gas is not the protocol's; `ignore` leaves "
        "all gas columns empty.",
    )
    gas_price_gwei: float = Field(
        default=1.0,
        ge=0,
        le=100_000,
        description="What a unit of gas costs, to tell the run's gas in money (with "
        "tariff.eur_per_ether). In the run itself gas is free.",
    )
