"""What somebody asks for a house, signed by the wallet that it is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from p2p_cosim.dapp.errors import BadRequestError, ConflictError, ForbiddenError
from p2p_cosim.dapp.fields import text
from p2p_cosim.dapp.rpc.errors import RpcError
from p2p_cosim.dapp.rpc.params import as_address, as_data
from p2p_cosim.dapp.typed import Domain, Field, signer

TAKE_OVER, GIVE_BACK = "take over", "give back"
ACTIONS = (TAKE_OVER, GIVE_BACK)
MOST_NAME = 64


@dataclass(frozen=True, slots=True)
class HouseRequest:
    """What a wallet signed. tick: whose gate is open; the request is for no other."""

    action: str
    house: str
    tick: int
    address: str
    signature: bytes
    kind: str = "House"

    @property
    def fields(self) -> tuple[Field, ...]:
        """As the wallet shows them before it signs."""
        return (
            ("action", "string", self.action),
            ("house", "string", self.house),
            ("tick", "uint256", self.tick),
        )


def house_request_of(content: Mapping[str, object]) -> HouseRequest:
    """A request from JSON. Raises BadRequestError for what is none."""
    action = content.get("action")
    if action not in ACTIONS:
        raise BadRequestError(f"action is one of {', '.join(ACTIONS)}")
    house, tick, address, signature = signed_parts(content)
    return HouseRequest(str(action), house, tick, address, signature)


def signed_parts(content: Mapping[str, object]) -> tuple[str, int, str, bytes]:
    """House, tick, address and signature of any request. Raises BadRequestError."""
    house, tick = text(content, "house", "the name of a house", MOST_NAME), content.get("tick")
    if not isinstance(tick, int) or isinstance(tick, bool) or not 0 <= tick < 2**32:
        raise BadRequestError("tick is the number of the interval whose gate is open")
    try:
        address = as_address(content.get("address"), 0)
        signature = as_data(content.get("signature"), 0)
    except RpcError:
        raise BadRequestError(
            "address is an address of 20 bytes in hex, signature 65 bytes in hex"
        ) from None
    return house, tick, address, signature


class Request(Protocol):
    """Anything that a wallet signs for one interval."""

    @property
    def kind(self) -> str:
        """The primary type."""
        ...

    @property
    def fields(self) -> tuple[Field, ...]:
        """What is signed."""
        ...

    @property
    def tick(self) -> int:
        """The interval whose gate is open."""
        ...

    @property
    def address(self) -> str:
        """Of the wallet."""
        ...

    @property
    def signature(self) -> bytes:
        """r, s and v."""
        ...


class Signed:
    """Requests that were signed for one episode of a run: each counts once."""

    def __init__(self, domain: Domain) -> None:
        self.domain = domain
        self._seen: set[bytes] = set()

    def require(self, request: Request, tick: int) -> None:
        """Raise unless the request is new, for this tick, and signed by its address.

        SignatureError for no signature, ForbiddenError for somebody else's, ConflictError for
        one of another tick or one that has counted before.
        """
        digest = self.domain.digest(request.kind, request.fields)
        if signer(digest, request.signature) != request.address:
            raise ForbiddenError(f"that was not signed by {request.address} for this run")
        if request.tick != tick:
            raise ConflictError(
                f"that was signed for interval {request.tick + 1}, and the gate of {tick + 1} is "
                "open: sign again"
            )
        key = digest + bytes.fromhex(request.address[2:])
        if key in self._seen:
            raise ConflictError("that request has counted: sign another in the next interval")
        self._seen.add(key)
