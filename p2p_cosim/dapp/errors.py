"""What can be wrong with a request to a served run, by the status that tells it."""

from __future__ import annotations

from p2p_cosim.core.errors import CosimError


class BadRequestError(CosimError):
    """A request that does not say what it wants."""


class ForbiddenError(CosimError):
    """A request of somebody who may not make it."""


class ConflictError(CosimError):
    """What was asked for is not possible where the run stands."""


class TooManyError(CosimError):
    """Somebody has had as much as there is for one."""


class BusyError(CosimError):
    """Too many requests wait for the run."""
