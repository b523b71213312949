"""People do to a served run whatever comes to their minds: its money balances, and it replays."""

from random import Random

import pytest
from eth_account import Account
from served import Person, give, scenario
from starlette.testclient import TestClient
from wallet import wallet

import p2p_cosim as p2p
from p2p_cosim.chain.accounts import key_of
from p2p_cosim.core.types import outside_text, read_outside
from p2p_cosim.dapp.app import app_of
from p2p_cosim.dapp.outside import replay, terms_of
from p2p_cosim.dapp.session import Session
from p2p_cosim.dapp.thread import in_simulation_thread

TICKS, ACTIONS_A_TICK = 10, 8
HOUSES = ("house_1", "house_2", "house_3")
KEYS = (*HOUSES, "operator", "meter_oracle", "utility")
GWEI = 10**9
CALLS = {
    "deposit": lambda _: ((), 10**16),
    "placeBid": lambda r: ((r.round, r.randrange(1, 3_000), r.randrange(120 * GWEI)), 0),
    "placeAsk": lambda r: ((r.round, r.randrange(1, 3_000), r.randrange(120 * GWEI)), 0),
    "requestWithdrawal": lambda r: ((r.choice((0, 10**13, 2**88 - 1)),), 0),
    "withdraw": lambda r: ((r.choice((0, 10**12, 10**15)),), 0),
    "raiseNonce": lambda r: ((r.randrange(20),), 0),
    "consentToMeter": lambda r: ((r.choice((0, 2 * 10**6, 2**31)),), 0),
    "payClaims": lambda _: ((), 0),
    "clear": lambda r: ((r.round,), 0),
}


class Crowd(Random):
    """Wallets, and somebody with keys of the run's accounts, which follow from their names."""

    def __init__(self, seed, client, session):
        super().__init__(seed)
        self.client, self.session = client, session
        self.people = [Person(client, wallet(name)) for name in ("alice", "bob", "carol")]
        self.thieves = [Person(client, Account.from_key(key_of(name))) for name in KEYS]
        self.orders = []  # bodies that were taken, to be sent again
        self.done = set()

    @property
    def round(self):
        return self.session.simulation.tick + 1

    def begin(self):
        for person in self.people:
            person.fill_purse()
            person.run = self.client.get("/api/run").json()

    def act(self):
        what = self.choice((self.send, self.send, self.house, self.mandate, self.order, self.tap))
        answer = what()
        if answer is not None:
            assert answer.status_code in (200, 400, 403, 409), answer.text
            if answer.status_code == 200:
                self.done.add(what.__name__)

    def send(self):
        person = self.choice((*self.people, *self.thieves))
        function = self.choice(tuple(CALLS))
        args, value = CALLS[function](self)
        contract = self.session.market.contract
        data = contract.transaction(function, *args, sender=person.account.address).data
        to, sender = contract.address, person.account.address
        nonce = int(person.rpc("eth_getTransactionCount", sender, "pending"), 16)
        fields = {"to": to, "data": data, "value": value, "gas": 1_000_000}
        answer = person.raw(nonce, **fields)
        if person in self.thieves:
            assert "an account of the run" in answer["error"]["message"]

    def house(self):
        person, house = self.choice(self.people), self.choice(HOUSES)
        if self.random() < 0.7:
            person.send(self.session.market.contract, "consentToMeter", 2 * 10**6)
        return person.ask(self.choice(("take over", "take over", "give back")), house)

    def mandate(self):
        terms = {
            "sell_from": self.choice((0, 90 * GWEI, 2**56 - 1)),
            "buy_up_to": self.choice((0, 90 * GWEI, 2**56 - 1)),
            "until": self.choice((0, TICKS // 2, 2**32)),
            "wh_a_day": self.choice((0, 77, 10**9)),
        }
        return give(self.choice(self.people), self.choice(HOUSES), **terms)

    def order(self):
        if self.orders and self.random() < 0.2:  # again, perhaps for another round or chain
            person, body = self.choice(self.orders)
            headers = {"X-P2P-Token": self.client.get("/api/run").json()["token"]}
            answer = self.client.post("/api/order", json=body, headers=headers)
            assert answer.status_code in (403, 409), answer.text
            return answer
        person = self.choice((*self.people, *self.thieves))
        wh, price = self.choice((1, 200, 3_000)), self.randrange(120 * GWEI)
        (told,), _ = self.session.market.contract.read.accounts([person.account.address])
        side, nonce = self.choice(("bid", "ask")), told.nonce + self.randrange(3)
        answer = person.order(side, wh, price, nonce)
        if answer.status_code == 200:
            assert person not in self.thieves
            self.orders.append((person, person.signed_body))
        return answer

    def tap(self):
        body = {"action": "tap", "regulator": "reg_a", "tap": self.randrange(-18, 18)}
        headers = {"X-P2P-Token": self.client.get("/api/run").json()["token"]}
        return self.client.post("/api/operator", json=body, headers=headers)


def played(crowd):
    """Tick by tick, with what people do before each gate."""
    crowd.begin()
    for tick in range(TICKS):
        for _ in range(ACTIONS_A_TICK):
            crowd.act()
        clock = crowd.people[0].control("step")
        assert clock.get("tick") == tick + 1, clock
        ledger = crowd.session.simulation.last.ledger
        balances = sum(account.balance_wei for account in ledger.accounts.values())
        assert balances + ledger.escrow_wei == sum(ledger.paid_in_wei.values())
        assert ledger.contract_wei == balances + ledger.escrow_wei


@pytest.mark.parametrize("seed", [1, 2])
def test_money_balances_and_the_run_replays_whatever_people_do(seed, tmp_path):
    changed = scenario().replace({"clock.ticks": TICKS, "control.controller": "look_ahead"})
    session = in_simulation_thread(lambda: Session(changed, tmp_path / "served"))
    with TestClient(app_of(session), base_url="http://127.0.0.1") as client:
        crowd = Crowd(seed, client, session)
        played(crowd)
        crowd.people[0].control("reset")  # what was signed before it counts no more
        played(crowd)
        assert {"house", "mandate", "order", "tap"} <= crowd.done
        served = session.simulation.results().path
    kept = read_outside(outside_text(session.outside), "outside.jsonl")
    again = p2p.Simulation(changed, out=tmp_path / "again", terms=terms_of(kept))
    replay(again, kept)
    found = again.results().path
    for path in sorted(served.glob("*.parquet")):
        assert path.read_bytes() == (found / path.name).read_bytes(), path.name
