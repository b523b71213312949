"""Houses in people's hands: who may have one, and what happens to its money and its meter."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from eth_account import Account
from served import Person, give, scenario
from wallet import wallet

from p2p_cosim.chain.accounts import key_of
from p2p_cosim.dapp.thread import in_simulation_thread

HOUSE = "house_2"
LIMIT_WH = scenario().market.max_order_wh


@pytest.fixture
def bob(client):
    person = Person(client, wallet("bob"))
    person.fill_purse()
    return person


def people(client):
    return client.get("/api/state").json()["people"]


def led(alice, contract, client):
    """House 2 in alice's hands."""
    alice.take(contract, HOUSE)
    alice.control("step")
    (hand,) = people(client)
    assert hand["leads"]


def balance(session, address):
    (money,), _ = session.market.contract.read.accounts([address])
    return money.balance


def test_the_meter_is_the_wallets_from_the_next_round_on(alice, contract, client, session):
    own = session.chain.account(HOUSE)
    alice.take(contract, HOUSE)
    assert people(client) == [
        {
            "house": HOUSE,
            "address": alice.account.address,
            "account": own,
            "leads": False,
            "since": 0,
        }
    ]
    alice.control("step")
    assert session.simulation.last.gate.placements  # the agent still ordered in that round
    assert contract.read.meter(alice.account.address).limitWh == LIMIT_WH
    assert contract.read.meter(own).limitWh == 0
    assert balance(session, own) == 0
    held = balance(session, alice.account.address)
    row = next(h for h in client.get("/api/state").json()["houses"] if h["name"] == HOUSE)
    assert held == int(row["balance_wei"]) > 0
    alice.control("step")
    record = session.simulation.last
    assert HOUSE not in {placement.order.trader for placement in record.gate.placements}
    (settled,) = [s for s in record.settlements if s.trader == HOUSE]
    assert settled.contracted_wh == 0
    assert settled.metered_wh != 0  # no newcomer's meter of zero


def test_what_it_orders_stands_under_the_houses_name(alice, contract, client, session):
    led(alice, contract, client)
    alice.send(contract, "placeBid", 2, 200, 80 * 10**9)
    alice.control("step")
    record = session.simulation.last
    (placed,) = [p for p in record.gate.placements if p.order.trader == HOUSE]
    assert placed.order.energy_wh == 200
    assert alice.account.address not in record.ledger.accounts


def test_without_the_wallets_consent_the_house_stays_with_its_agent(alice, client, session):
    assert alice.ask("take over", HOUSE).status_code == 200
    alice.control("step")
    assert [hand["leads"] for hand in people(client)] == [False]
    for _ in range(2):
        alice.control("step")
    assert people(client) == []
    traders = {p.order.trader for p in session.simulation.last.gate.placements}
    assert HOUSE in traders


def test_a_house_has_one_hand_and_a_hand_one_house(alice, bob, contract, client):
    alice.take(contract, HOUSE)
    taken = bob.ask("take over", HOUSE)
    assert (taken.status_code, "is taken by" in taken.json()["error"]) == (409, True)
    second = alice.ask("take over", "house_1")
    assert (second.status_code, "give that back first" in second.json()["error"]) == (409, True)
    assert bob.ask("give back", HOUSE).status_code == 409
    assert bob.ask("take over", "house_99").status_code == 409


def test_given_back_its_agent_goes_on_with_as_much(alice, contract, client, session):
    led(alice, contract, client)
    moved = balance(session, alice.account.address)
    assert alice.ask("give back", HOUSE).status_code == 200
    assert people(client) == []
    own = session.chain.account(HOUSE)
    assert balance(session, own) == moved == balance(session, alice.account.address)
    assert contract.read.meter(own).limitWh == LIMIT_WH
    assert contract.read.meter(alice.account.address).limitWh == 0
    alice.control("step")
    record = session.simulation.last
    assert HOUSE in {placement.order.trader for placement in record.gate.placements}
    assert record.ledger.accounts[alice.account.address].balance_wei == moved


def test_somebody_else_may_have_it_after(alice, bob, contract, client, session):
    led(alice, contract, client)
    assert alice.ask("give back", HOUSE).status_code == 200
    bob.take(contract, HOUSE)
    alice.control("step")
    assert [hand["address"] for hand in people(client)] == [bob.account.address]
    alice.control("step")
    assert session.market.names.label(alice.account.address) == alice.account.address


def test_what_was_signed_counts_once_for_one_interval_of_one_run(alice, contract, client):
    terms = {"action": "take over", "house": HOUSE, "tick": 0}
    signature = alice.sign(terms)
    assert alice.ask("take over", HOUSE, signature=signature).status_code == 200
    assert alice.ask("give back", HOUSE).status_code == 200
    assert alice.ask("take over", HOUSE, signature=signature).status_code == 409
    alice.control("step")
    late = alice.ask("take over", HOUSE, signature=signature, tick=0)
    assert (late.status_code, "sign again" in late.json()["error"]) == (409, True)
    alice.control("reset")
    assert people(client) == []
    after = alice.ask("take over", HOUSE, signature=signature, tick=0)
    assert after.status_code == 403


@pytest.mark.parametrize(
    "domain",
    [{"chainId": 1}, {"verifyingContract": "0x" + "11" * 20}, {"salt": bytes(32)}, {"name": "x"}],
)
def test_a_signature_for_elsewhere_does_not_count(alice, client, domain):
    terms = {"action": "take over", "house": HOUSE, "tick": 0}
    assert alice.ask("take over", HOUSE, signature=alice.sign(terms, **domain)).status_code == 403
    assert people(client) == []


def test_nobody_takes_a_house_in_another_name(alice, bob, client, session):
    assert alice.ask("take over", HOUSE, address=bob.account.address).status_code == 403
    malleable = bytearray.fromhex(
        alice.sign({"action": "take over", "house": HOUSE, "tick": 0})[2:]
    )
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    malleable[32:64] = (order - int.from_bytes(malleable[32:64], "big")).to_bytes(32, "big")
    malleable[64] = 27 + 28 - malleable[64]
    assert alice.ask("take over", HOUSE, signature="0x" + malleable.hex()).status_code == 403
    assert people(client) == []


def test_an_account_of_the_run_cannot_be_a_hand(alice, session, client):
    """Keys of the run's accounts follow from their names: everybody has them."""
    alice.account = Account.from_key(key_of("house_1"))
    refused = alice.ask("take over", HOUSE)
    assert (refused.status_code, "a wallet of your own" in refused.json()["error"]) == (409, True)


def test_a_transaction_of_an_account_of_the_run_is_not_taken(alice, client, session):
    """With a house's key somebody could take back its request, with the operator's end a round."""
    for name in ("house_1", "operator", "meter_oracle"):
        alice.account = Account.from_key(key_of(name))
        answer = alice.raw(0, to=session.market.contract.address)
        assert "an account of the run" in answer["error"]["message"]
    assert [each.kind for each in session.outside] == ["chain", "grant"]  # of her purse


def test_who_is_refused_a_house_keeps_the_mandate_of_another(alice, contract, client):
    assert give(alice, HOUSE).status_code == 200
    alice.take(contract, "house_1")
    refused = alice.ask("take over", HOUSE)
    assert (refused.status_code, "give that back first" in refused.json()["error"]) == (409, True)
    (held,) = client.get("/api/state").json()["mandates"]
    assert held["house"] == HOUSE


@pytest.mark.parametrize(
    "wrong",
    [
        {"action": "explode"},
        {"action": ["take over"]},
        {"house": 2},
        {"house": ""},
        {"house": "x" * 65},
        {"tick": -1},
        {"tick": True},
        {"tick": "0"},
        {"address": "0x12"},
        {"signature": "0xzz"},
        {"signature": None},
    ],
)
def test_what_does_not_say_what_it_wants_is_refused(alice, client, wrong):
    answer = alice.ask("take over", HOUSE, **wrong)
    assert answer.status_code == 400
    assert people(client) == []


@pytest.mark.parametrize("signature", ["0x", "0x" + "00" * 65, "0x" + "ff" * 65, "0x" + "11" * 64])
def test_what_is_no_signature_is_refused(alice, client, signature):
    assert alice.ask("take over", HOUSE, signature=signature).status_code == 403
    assert people(client) == []


def test_other_pages_and_extensions_take_no_house(alice, client):
    terms = {"action": "take over", "house": HOUSE, "tick": 0}
    body = {**terms, "address": alice.account.address, "signature": alice.sign(terms)}
    token = {"X-P2P-Token": alice.run["token"]}
    for headers in (
        {},
        {"X-P2P-Token": "x"},
        {"X-P2P-Token": "\u00e9".encode("latin-1")},
        {**token, "Origin": "http://evil.example"},
        {**token, "Origin": "chrome-extension://nkbihfbeogaeaoehlefnkodb"},
        {**token, "Host": "evil.example:8000"},
    ):
        assert client.post("/api/house", json=body, headers=headers).status_code == 403
    simple = client.post(
        "/api/house", content="{}", headers={**token, "Content-Type": "text/plain"}
    )
    assert simple.status_code == 415
    assert people(client) == []
    extension = {"Origin": "chrome-extension://nkbihfbeogaeaoehlefnkodb"}
    assert client.get("/api/run", headers=extension).status_code == 403


def test_in_the_last_interval_nothing_changes_hands(alice, contract, client, session):
    for _ in range(3):
        alice.control("step")
    alice.take(contract, HOUSE)
    alice.control("step")
    assert [hand["leads"] for hand in people(client)] == [False]
    assert alice.ask("give back", HOUSE).status_code == 200
    assert alice.ask("take over", HOUSE).status_code == 409
    in_simulation_thread(session.simulation.results)


def test_what_is_asked_while_the_gate_closes_counts_or_is_to_be_signed_again(
    alice, contract, client, session
):
    """Which of the two is chance; the house is his in the one case and its agent's in the other."""
    alice.send(contract, "consentToMeter", LIMIT_WH)
    for _ in range(2):
        with ThreadPoolExecutor(2) as pool:
            closing = pool.submit(alice.control, "step")
            asked = pool.submit(alice.ask, "take over", HOUSE).result()
        assert closing.result()["error"] is None
        if asked.status_code == 200:
            break
        assert (asked.status_code, "sign again" in asked.json()["error"]) == (409, True)
        assert people(client) == []
    else:
        assert alice.ask("take over", HOUSE).status_code == 200
    alice.control("step")
    assert session.hands.led() == {HOUSE: alice.account.address}
