"""Running a simulation again with what came in when it was served."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence

from p2p_cosim.chain.strangers import CALL, call_of
from p2p_cosim.chain.terms import ChainTerms, Past
from p2p_cosim.core.errors import InputError
from p2p_cosim.core.types import OutsideInput
from p2p_cosim.dapp.hands import HAND, hand_over, market_of
from p2p_cosim.dapp.mandates import MANDATE, bind, read_back
from p2p_cosim.dapp.operating import TAP, move_by_hand
from p2p_cosim.dapp.signed_orders import SIGNED_ORDER, words_of_text
from p2p_cosim.simulation import Simulation


def terms_of(outside: Sequence[OutsideInput]) -> ChainTerms:
    """On which terms the chain was open: those of a served run, or the usual ones.

    Raises InputError if there is no input, or if those of kind 'chain' do not tell.
    """
    first = outside[0] if outside else None
    if first is None:
        raise InputError("nothing came in: run the scenario without --outside")
    if first.kind != "chain":
        return ChainTerms()
    nonces = first.payload.get("nonces", {})
    if not isinstance(nonces, Mapping):
        raise InputError("nonces in the input of kind 'chain' are no object of numbers")
    return ChainTerms(
        chain_id=int(str(first.payload["chain_id"])),
        past=Past(int(str(first.payload["first_block"])), nonces=Counter(dict(nonces))),
    )


def _send(simulation: Simulation, payload: Mapping[str, object]) -> None:
    simulation.chain.send_raw(bytes.fromhex(str(payload["raw"])[2:]))


def _call(simulation: Simulation, payload: Mapping[str, object]) -> None:
    simulation.chain.transact_many([call_of(payload, simulation.chain.account)])


def _grant(simulation: Simulation, payload: Mapping[str, object]) -> None:
    simulation.chain.grant(str(payload["address"]), int(str(payload["wei"])))


def _hand(simulation: Simulation, payload: Mapping[str, object]) -> None:
    address = payload["address"]
    hand_over(simulation, str(payload["house"]), None if address is None else str(address))


def _signed_order(simulation: Simulation, payload: Mapping[str, object]) -> None:
    market_of(simulation).relay.add(words_of_text(payload["words"]))


def _tap(simulation: Simulation, payload: Mapping[str, object]) -> None:
    move_by_hand(simulation, str(payload["regulator"]), int(str(payload["tap"])))


def _mandate(simulation: Simulation, payload: Mapping[str, object]) -> None:
    bind(simulation, *read_back(payload))


_KINDS: Mapping[str, Callable[[Simulation, Mapping[str, object]], None]] = {
    "chain": lambda _simulation, _payload: None,
    "transaction": _send,
    "grant": _grant,
    CALL: _call,
    HAND: _hand,
    TAP: _tap,
    MANDATE: _mandate,
    SIGNED_ORDER: _signed_order,
}


def replay(simulation: Simulation, outside: Sequence[OutsideInput]) -> None:
    """Run a simulation to its end, each input coming in before the tick that it came before.

    simulation: of the same scenario, on the terms that `terms_of` gives. It is the touched run
    again, under the same id. Raises InputError for an input of another kind.
    """
    waiting = deque(outside)
    while True:
        while waiting and (waiting[0].tick <= simulation.tick or simulation.done):
            each = waiting.popleft()
            if each.kind not in _KINDS:
                raise InputError(f"an input of kind {each.kind!r} is not replayed here")
            _KINDS[each.kind](simulation, each.payload)
            simulation.took(each)
        if simulation.done:
            return
        simulation.step()
