"""What every section of a scenario is."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """Frozen, refuses unknown fields, and takes no text or truth value for a number."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in type(self).model_fields:
            raise AttributeError(
                f"a scenario does not change: scenario.replace({name}={value!r}) gives another one"
            )
        super().__setattr__(name, value)
