"""What every section of a scenario is."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ConfigDict

from p2p_cosim.core.brief import in_short
from p2p_cosim.core.naming import did_you_mean
from p2p_cosim.scenario.schema.problems import leaf_paths

LONGEST = 60  # characters of a value in a line


class _Short(str):
    """Text that is shown without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class Section(BaseModel):
    """Frozen, refuses unknown fields, and takes no text or truth value for a number."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Fields with their values, long ones by their size."""
        for name, value in super().__repr_args__():
            yield name, value if len(repr(value)) <= LONGEST else _Short(in_short(value))

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_"):
            super().__setattr__(name, value)
            return
        known = [path.rpartition(".")[2] for path in leaf_paths(type(self))]
        known += type(self).model_fields
        near = name if name in known else next(iter(get_close_matches(name, known, n=1)), None)
        unknown = "" if near == name else f"there is no field {name!r}{did_you_mean(name, known)}; "
        change = f"{near or 'field'}={value!r}"
        raise AttributeError(
            f"{unknown}a scenario does not change: scenario.replace({change}) gives another one"
        )
