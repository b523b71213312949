"""Mandates: limits that somebody signs once, inside which a house's agent trades for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

from p2p_cosim.agents.mandate import Mandate, Terms
from p2p_cosim.core.limits import PRICE_BITS
from p2p_cosim.dapp.errors import ConflictError
from p2p_cosim.dapp.fields import integer, price
from p2p_cosim.dapp.house_requests import signed_parts
from p2p_cosim.dapp.typed import Field
from p2p_cosim.simulation import Simulation

Json = dict[str, object]
MANDATE = "mandate"
"""The kind of an input that is a mandate, or the end of one."""

MOST_WH_A_DAY = 10**9


@dataclass(frozen=True, slots=True)
class MandateRequest:
    """A mandate as a wallet signed it; `tick` is the interval whose gate is open."""

    house: str
    terms: Terms
    tick: int
    address: str
    signature: bytes
    kind: str = "Mandate"

    @property
    def fields(self) -> tuple[Field, ...]:
        """As the wallet shows them before it signs."""
        return (
            ("house", "string", self.house),
            ("sellFrom", "uint256", self.terms.sell_from),
            ("buyUpTo", "uint256", self.terms.buy_up_to),
            ("until", "uint256", self.terms.until),
            ("whADay", "uint256", self.terms.wh_a_day),
            ("tick", "uint256", self.tick),
        )


def mandate_request_of(content: Mapping[str, object]) -> MandateRequest:
    """A mandate from JSON. Raises BadRequestError for what is none."""
    house, tick, address, signature = signed_parts(content)
    terms = Terms(
        sell_from=price(content, "sell_from_wei_per_wh", PRICE_BITS),
        buy_up_to=price(content, "buy_up_to_wei_per_wh", PRICE_BITS),
        until=integer(content, "until", 0, 2**32),
        wh_a_day=integer(content, "wh_a_day", 0, MOST_WH_A_DAY),
    )
    return MandateRequest(house, terms, tick, address, signature)


class Mandates:
    """Who has given which house's agent a mandate. note: one that begins, or ends (None)."""

    def __init__(self, simulation: Simulation, note: Callable[[str, Terms | None], None]) -> None:
        self._simulation, self._note = simulation, note
        self._held: dict[str, tuple[str, Terms]] = {}

    def give(self, request: MandateRequest) -> None:
        """Bind an agent from the open gate on. Raises ConflictError for a house of another, for one
        that there is not, for a mandate that would end at once, and for a least price that the
        market takes of nobody."""
        house = request.house
        if not any(site.name == house for site in self._simulation.model.grid.houses):
            raise ConflictError(f"{house[:40]!r} is no house of this run: choose one of its houses")
        holder = self.holder(house)
        if holder not in (None, request.address):
            raise ConflictError(f"{house} is taken by {holder}: choose another house")
        if request.terms.until <= self._simulation.tick:
            raise ConflictError(
                f"the mandate ends before interval {self._simulation.tick + 1}: give a later end"
            )
        if request.terms.sell_from > self._highest_wei_per_wh:
            raise ConflictError(
                f"the market takes no price above {self._highest_wei_per_wh} wei/Wh: sell from "
                "that or less"
            )
        self._held[house] = (request.address, request.terms)
        self._bind(house, request.terms)

    @property
    def _highest_wei_per_wh(self) -> int:
        scenario = self._simulation.scenario
        return scenario.tariff.price_wei_per_wh(scenario.market.max_price_eur_per_kwh)

    def after_tick(self) -> None:
        """Between two ticks: who was bound until now trades freely again."""
        for house, (_, terms) in [*self._held.items()]:
            if terms.until <= self._simulation.tick:
                self.end(house)

    def end(self, house: str) -> None:
        """Let the agent trade freely again."""
        del self._held[house]
        self._bind(house, None)

    def holder(self, house: str) -> str | None:
        """The address that has given a house's agent a mandate."""
        held = self._held.get(house)
        return held and held[0]

    def told(self) -> list[Json]:
        """All of them, by house."""
        return [
            {
                "house": house,
                "address": address,
                "sell_from_wei_per_wh": str(terms.sell_from),
                "buy_up_to_wei_per_wh": str(terms.buy_up_to),
                "until": terms.until,
                "wh_a_day": terms.wh_a_day,
            }
            for house, (address, terms) in sorted(self._held.items())
        ]

    def _bind(self, house: str, terms: Terms | None) -> None:
        bind(self._simulation, house, terms)
        self._note(house, terms)


def bind(simulation: Simulation, house: str, terms: Terms | None) -> None:
    """Let an agent trade inside limits from the next gate on; None lets it trade freely."""
    model = simulation.model
    household = model.household(house)
    household.mandate = None if terms is None else Mandate(terms, model.clock)


def written(house: str, terms: Terms | None) -> Json:
    """As it stands in `outside.jsonl`; prices as text."""
    if terms is None:
        return {"house": house, "terms": None}
    return {"house": house, "terms": {name: str(value) for name, value in asdict(terms).items()}}


def read_back(payload: Mapping[str, object]) -> tuple[str, Terms | None]:
    """The reverse of `written`."""
    terms = payload["terms"]
    if not isinstance(terms, Mapping):
        return str(payload["house"]), None
    return str(payload["house"]), Terms(**{name: int(value) for name, value in terms.items()})
