"""What goes back to a caller who cannot be served (JSON-RPC 2.0, and geth's own codes)."""

from __future__ import annotations

PARSE, INVALID_REQUEST, NO_METHOD, INVALID_PARAMS = -32700, -32600, -32601, -32602
SERVER, TOO_MUCH = -32000, -32005
REVERTED = 3


class RpcError(Exception):
    """An error with the code and, for a revert, the data that wallets look at."""

    def __init__(self, code: int, message: str, data: str | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.data = code, message, data

    def content(self) -> dict[str, object]:
        """The `error` of a response."""
        content: dict[str, object] = {"code": self.code, "message": self.message}
        return content if self.data is None else {**content, "data": self.data}


def no_method(name: str) -> RpcError:
    """Worded as geth does: ethers looks for it, and asks again and again for anything else."""
    return RpcError(NO_METHOD, f"the method {name} does not exist/is not available")


def invalid_argument(place: int, what: str) -> RpcError:
    """An argument that does not fit."""
    return RpcError(INVALID_PARAMS, f"invalid argument {place}: {what}")
