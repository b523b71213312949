"""Every error the package raises on purpose.

    CosimError
    ├── InputError            something the user wrote is wrong (exit code 2)
    │   ├── ScenarioError     a scenario file; carries every problem found
    │   ├── PluginError       what a plug-in returned; carries every problem found
    │   └── ResultsError      a results folder cannot be read
    ├── ChainError            the EVM side
    │   └── RevertError       a transaction or call reverted; carries the custom error
    ├── GridError             the power flow side
    │   └── DivergenceError   a solve did not converge; carries tick and worst node
    ├── DeliveryError         an alert did not reach its receiver
    ├── SimulationError       a Simulation that cannot go on was asked to
    ├── StorageError          results cannot be written where they should be
    ├── SweepError            every run of a sweep failed
    └── ConservationError     money, energy or power did not balance

Messages name the thing, the value, the limit and the remedy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_RESTLESS = (
    "they work against one another; give an InvControl a smaller deltaq_factor or a flatter curve, "
    "a RegControl a wider band, or take another control.controller"
)


class CosimError(Exception):
    """Base of all errors raised by p2p_cosim. All go from process to process as they are."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _as_it_was, (type(self), self.args, self.__dict__)


def _as_it_was(
    cls: type[CosimError], args: tuple[object, ...], state: dict[str, Any]
) -> CosimError:
    """An error with this message and these attributes; made without what each class asks for."""
    error = cls.__new__(cls)
    error.args = args
    error.__dict__.update(state)
    return error


class InputError(CosimError):
    """Something the user wrote is wrong; the command line answers with exit code 2."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in an input file: where it is, and what to do about it."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class ScenarioError(InputError):
    """A scenario (or a profile it names) is wrong. `problems` lists everything found."""

    def __init__(self, source: str, problems: Sequence[Problem]) -> None:
        self.source = source
        self.problems = tuple(problems)
        count = len(self.problems)
        head = f"{source}: {count} problem{'s' if count != 1 else ''}"
        super().__init__("\n".join([head, *(f"  {p}" for p in self.problems)]))


class PluginError(InputError):
    """A plug-in (a strategy, a controller, ...) returned what it may not.

    source: who returned it and when, such as `strategy my_module:Mine of house_7, tick 3`.
    problems: everything wrong with that one answer; a path is a field, such as
    `orders[0].price_wei_per_wh`.
    """

    def __init__(self, source: str, problems: Sequence[Problem]) -> None:
        self.source = source
        self.problems = tuple(problems)
        if len(self.problems) == 1:
            super().__init__(f"{source}: {self.problems[0]}")
        else:
            head = f"{source}: {len(self.problems)} problems"
            super().__init__("\n".join([head, *(f"  {p}" for p in self.problems)]))


class ResultsError(InputError):
    """A results folder is missing, incomplete or of another format."""


class ChainError(CosimError):
    """The chain backend could not do what was asked."""


class RevertError(ChainError):
    """A call or transaction reverted.

    `name` is the custom error's name (`"Error"` for a plain reason string, `"Panic"` for
    a Solidity panic, `"OutOfGas"` when all gas was used, `""` when there is no revert data)
    and `args_by_name` its values. remedy: what to do about it, if that is known.
    """

    def __init__(
        self, function: str, name: str, args_by_name: Mapping[str, object], remedy: str = ""
    ) -> None:
        self.function = function
        self.name = name
        self.args_by_name = dict(args_by_name)
        values = ", ".join(f"{key}={value}" for key, value in self.args_by_name.items())
        reason = f"{name}({values})" if name else "no reason given (or out of gas, in a view)"
        super().__init__(f"{function} reverted: {reason}{': ' + remedy if remedy else ''}")


class GridError(CosimError):
    """The power flow engine refused a command or an element does not exist."""


class DivergenceError(GridError):
    """A solve did not converge or produced NaN.

    `tick` is None until the model, which knows it, adds it with `at_tick`. broken: what stands
    broken, each as `kind at place`. is_restless: there is a solution, but the feeder's own
    controls move on and on.
    """

    def __init__(
        self,
        worst_node: str,
        worst_v_pu: float,
        tick: int | None = None,
        broken: Sequence[str] = (),
        is_restless: bool = False,
    ) -> None:
        self.worst_node = worst_node
        self.worst_v_pu = worst_v_pu
        self.tick = tick
        self.broken = tuple(broken)
        self.is_restless = is_restless
        where = "" if tick is None else f" at tick {tick}"
        where += f" with {' and '.join(broken)}" if broken else ""
        if is_restless:
            super().__init__(f"the feeder's own controls do not come to rest{where}: {_RESTLESS}")
            return
        super().__init__(
            f"power flow diverged{where}: worst node {worst_node} at {worst_v_pu:.4g} pu; "
            f"lower the injections there{', or check the fault impedance' if broken else ''}"
        )

    def at_tick(self, tick: int) -> DivergenceError:
        """The same error with the tick filled in."""
        return DivergenceError(
            self.worst_node, self.worst_v_pu, tick, self.broken, self.is_restless
        )


class DeliveryError(CosimError):
    """An alert did not reach its receiver; it is still in the outbox."""


class SimulationError(CosimError):
    """A Simulation was used after it stopped or was closed, or by two threads at once."""


class StorageError(CosimError):
    """Results cannot be written: the place is not writable, or it is full."""


class SweepError(CosimError):
    """Every run of a sweep failed; the message is that of the first."""


class ConservationError(CosimError):
    """A balance that must hold does not. Carries the tick and both sides."""

    def __init__(self, what: str, tick: int, left: float, right: float, unit: str) -> None:
        self.what, self.tick, self.left, self.right, self.unit = what, tick, left, right, unit
        super().__init__(
            f"{what} does not balance at tick {tick}: {left} != {right} {unit} "
            f"(difference {left - right}); this is a bug in the model, please report it"
        )
