"""Orders that strangers signed, as the operator places them at the gate."""

from collections.abc import Sequence

from p2p_cosim.chain.generated import GeneratedChain
from p2p_cosim.core.types import GateClosure, Order, Receipt, Side, Tariff
from p2p_cosim.market.onchain import OnChainMarket
from p2p_cosim.market.rules import MarketRules
from p2p_cosim.market.signing import Terms, signed_order
from p2p_cosim.market.submission import Call

RETAIL, EACH = 30, 12
HONEST = tuple(f"honest {i}" for i in range(8))
DEAR = tuple(f"dear {i}" for i in range(72))
RULES = MarketRules(
    tariff=Tariff(RETAIL, 8),
    max_price_wei_per_wh=100,
    max_energy_wh=1_000,
)


def market_with_a_full_book(submission: str = "individual") -> OnChainMarket:
    """Who is dear has bids in the book that cost nothing, and any order of theirs on the other
    side is compared with each."""
    chain = GeneratedChain()
    market = OnChainMarket.deploy(chain, RULES, [*HONEST, *DEAR], submission)
    market.deposit(dict.fromkeys(HONEST, 10_000))
    place = market.contract.transaction
    bids = [
        place("placeBid", 1, 1 + i, 0, sender=market.names.addresses[name])
        for i in range(EACH)
        for name in DEAR
    ]
    assert all(receipt.status for receipt in chain.transact_many(bids))
    return market


def sign(market: OnChainMarket, order: Order) -> tuple[int, int, bytes, bytes]:
    address = market.names.addresses[order.trader]
    expiry = market.contract.chain.timestamp + 10_000
    terms = Terms(address, 1, EACH, expiry)  # an order of one's own counts as a signed one
    return signed_order(order, terms, market.contract.read.domainSeparator())


def sent_at_the_gate(gate: GateClosure) -> list[bool]:
    """Whether each batch of signed orders was placed."""
    return [receipt.status for label, receipt in gate.receipts if label == "placeSigned operator"]


def test_orders_that_are_dear_to_place_keep_no_others_out() -> None:
    market = market_with_a_full_book()
    asks = [Order(name, Side.ASK, 1, RETAIL) for name in DEAR]
    bids = [Order(name, Side.BID, 100, 20 + i) for i, name in enumerate(HONEST)]
    for order in [*asks[:36], *bids, *asks[36:]]:
        market.relay.add(sign(market, order))
    gate = market.close_gate([], market.contract.chain.timestamp + 900)
    placed = [each.order for each in gate.placements if each.order_id is not None]
    assert [order for order in placed if order.trader in HONEST] == bids
    assert len([order for order in placed if order.side is Side.ASK]) == len(asks)
    assert sent_at_the_gate(gate) == [False, True, True]


def test_a_batch_that_the_market_refuses_as_a_whole_is_sent_once() -> None:
    market = market_with_a_full_book()
    for name in HONEST:
        market.relay.add(sign(market, Order(name, Side.BID, 100, 20)))
    market.close_gate([], market.contract.chain.timestamp + 900)
    for name in HONEST:
        market.relay.add(sign(market, Order(name, Side.BID, 100, 20)))
    sent = []

    def send(calls: Sequence[Call]) -> list[tuple[str, Receipt]]:
        sent.append(calls)
        transactions = [call.transaction for call in calls]
        return [("", receipt) for receipt in market.contract.chain.transact_many(transactions)]

    ((_, receipt),) = market.relay.place(1, send)  # which is over
    assert not receipt.status
    assert len(sent) == 1
    assert len(market.relay) == 0


def test_agents_whose_batch_is_too_dear_are_told_so() -> None:
    market = market_with_a_full_book("batched")
    orders = [Order(name, Side.ASK, 1, RETAIL) for name in DEAR]
    gate = market.close_gate(orders, market.contract.chain.timestamp + 900)
    assert sent_at_the_gate(gate) == [False]
    assert {each.rejection for each in gate.placements if each.order in orders} == {"OutOfGas"}
