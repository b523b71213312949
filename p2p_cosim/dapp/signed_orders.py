"""Orders that a wallet signs and the operator places, so that they cost their trader no fee."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from p2p_cosim.chain.accounts import signer_of
from p2p_cosim.chain.explorer import OpenChain
from p2p_cosim.core.errors import CosimError
from p2p_cosim.core.limits import ENERGY_BITS, PRICE_BITS
from p2p_cosim.core.types import Order, Side
from p2p_cosim.dapp.errors import BadRequestError, ConflictError, ForbiddenError
from p2p_cosim.dapp.fields import integer, price
from p2p_cosim.dapp.rpc.errors import RpcError
from p2p_cosim.dapp.rpc.params import as_address, as_data
from p2p_cosim.dapp.typed import halves
from p2p_cosim.market import OnChainMarket
from p2p_cosim.market.relay import SignedWords
from p2p_cosim.market.signing import Terms, order_digest, packed_order, packed_terms
from p2p_cosim.market.submission import error_name

Json = dict[str, object]
SIGNED_ORDER = "signed order"
"""The kind of an input that is one."""

MOST_WAITING, MOST_OF_A_TRADER = 100, 16
_NONCE_BITS, _ROUND_BITS, _EXPIRY_BITS = 32, 32, 40


class RefusedOrderError(CosimError):
    """An order that the market would refuse. name: of the contract's error."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the market refuses the order: {name}")
        self.name = name


@dataclass(frozen=True, slots=True)
class SignedOrder:
    """An order with its terms and the two halves of its signature (EIP-2098)."""

    order: Order
    terms: Terms
    r: int
    s: int
    parity: int

    @property
    def words(self) -> SignedWords:
        """As the contract takes it."""
        vs = self.s | self.parity << 255
        head = packed_order(self.order, self.terms.trader), packed_terms(self.terms)
        return *head, self.r.to_bytes(32, "big"), vs.to_bytes(32, "big")

    def told(self) -> Json:
        """As `signed` of docs/dapp-api.md."""
        return {
            "trader": self.terms.trader,
            "side": str(self.order.side),
            "energy_wh": self.order.energy_wh,
            "price_wei_per_wh": str(self.order.price_wei_per_wh),
            "round": self.terms.round_id,
            "nonce": self.terms.nonce,
            "expiry": self.terms.expiry,
        }


def signed_order_of(content: Mapping[str, object]) -> SignedOrder:
    """An order from JSON. Raises BadRequestError for what is none."""
    try:
        trader = as_address(content.get("trader"), 0)
        r, s, parity = halves(as_data(content.get("signature"), 0))
    except RpcError:
        raise BadRequestError(
            "trader is an address of 20 bytes in hex, signature 65 bytes in hex"
        ) from None
    side = content.get("side")
    if side not in tuple(Side):
        raise BadRequestError(f"side is one of {', '.join(Side)}")
    order = Order(
        trader,
        Side(str(side)),
        integer(content, "energy_wh", 0, 2**ENERGY_BITS - 1),
        price(content, "price_wei_per_wh", PRICE_BITS),
    )
    terms = Terms(
        trader,
        integer(content, "round", 0, 2**_ROUND_BITS - 1),
        integer(content, "nonce", 0, 2**_NONCE_BITS - 1),
        integer(content, "expiry", 0, 2**_EXPIRY_BITS - 1),
    )
    return SignedOrder(order, terms, r, s, parity)


class SignedOrders:
    """What wallets signed for the open round.

    note: one that was taken. taken: digests of those that were taken before, which count no more;
    new ones are added to it. The market of a run that was reset is the same to a signature: the
    same address on the same chain, where all nonces are new again.
    """

    def __init__(
        self,
        chain: OpenChain,
        market: OnChainMarket,
        note: Callable[[SignedWords], None],
        taken: set[bytes],
    ) -> None:
        self._chain, self._market, self._note = chain, market, note
        self._before, self._taken = frozenset(taken), taken
        self._waiting: list[SignedOrder] = []

    def waiting(self) -> list[Json]:
        """Those that the next gate places."""
        if not len(self._market.relay):
            self._waiting = []
        return [each.told() for each in self._waiting]

    def take(self, signed: SignedOrder) -> None:
        """Have the operator place an order at the gate.

        Raises ForbiddenError for a signature of somebody else and for an account of the run's own,
        whose key everybody has; ConflictError for what was signed before a reset and where too
        many wait; and RefusedOrderError, with the error's name, for one that the market would
        refuse now.
        """
        self.waiting()
        contract = self._market.contract
        digest = order_digest(signed.order, signed.terms, contract.read.domainSeparator())
        if signer_of(digest, signed.r, signed.s, signed.parity) != signed.terms.trader:
            raise ForbiddenError(f"that was not signed by {signed.terms.trader} for this market")
        self._require_own(signed.terms.trader, digest)
        mine = [each for each in self._waiting if each.terms.trader == signed.terms.trader]
        if len(mine) >= MOST_OF_A_TRADER or len(self._waiting) >= MOST_WAITING:
            raise ConflictError("too many signed orders wait for this gate: order in the next one")
        self._require_admitted(signed)
        self._market.relay.add(signed.words)
        self._waiting.append(signed)
        self._taken.add(digest)
        self._note(signed.words)

    def _require_own(self, trader: str, digest: bytes) -> None:
        """Raise for an order of an account of the run, and for one that counted before a reset."""
        if trader in self._chain.labels:
            raise ForbiddenError(f"{trader} is an account of the run: use a wallet of your own")
        if digest in self._before:
            raise ConflictError(
                "that order was taken before the run was reset: sign it anew, with a later expiry"
            )

    def _require_admitted(self, signed: SignedOrder) -> None:
        """Try it on the state with all that waits."""
        contract = self._market.contract
        round_id = contract.read.book().round
        receipt = self._chain.trial(self._market.relay.placing(round_id, signed.words))
        if not receipt.status:
            raise RefusedOrderError(error_name(contract, receipt.output))
        mine = (signed.terms.trader, signed.terms.nonce)
        for event in contract.decode_events(receipt):
            refused = event.name == "SignedOrderRefused"
            if refused and (event.args["trader"], event.args["nonce"]) == mine:
                reason = event.args["reason"]
                assert isinstance(reason, bytes)  # noqa: S101 (the contract's type)
                raise RefusedOrderError(error_name(contract, reason))


def words_as_text(words: SignedWords) -> list[str]:
    """As they stand in `outside.jsonl`."""
    order, terms, r, vs = words
    return [f"0x{order:064x}", f"0x{terms:064x}", f"0x{r.hex()}", f"0x{vs.hex()}"]


def words_of_text(written: object) -> SignedWords:
    """The reverse of `words_as_text`."""
    assert isinstance(written, list)  # noqa: S101 (as it was written)
    order, terms, r, vs = (bytes.fromhex(str(word)[2:]) for word in written)
    return int.from_bytes(order, "big"), int.from_bytes(terms, "big"), r, vs
