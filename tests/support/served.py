"""A small run behind the server's app, and a wallet that talks to it as wallets do."""

from __future__ import annotations

from typing import Any

from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount
from httpx import Response
from starlette.testclient import TestClient
from wallet import signed

import p2p_cosim as p2p

DAY = {
    "name": "served",
    "houses": {"count": 3, "sites": ["652.A"]},
    "clock": {"start": "2024-06-21 11:00", "ticks": 4},
}
HOST = "127.0.0.1:8000"


def scenario(**market: object) -> p2p.Scenario:
    return p2p.Scenario.model_validate({**DAY, "market": market})


class Rpc:
    """JSON-RPC over a test client."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    def ask(self, method: str, *params: object) -> dict[str, Any]:
        """The whole response."""
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        answer: dict[str, Any] = self.client.post("/rpc", json=body).json()
        return answer

    def __call__(self, method: str, *params: object) -> Any:
        """The result; an error fails the test."""
        answer = self.ask(method, *params)
        assert "error" not in answer, answer
        return answer["result"]


class Person:
    """Somebody with a wallet, a faucet's ether and the market's address."""

    def __init__(
        self, client: TestClient, account: LocalAccount, headers: dict[str, str] | None = None
    ) -> None:
        """headers: that go along with what is asked of the API, as a class has them."""
        self.headers = headers or {}
        self.rpc = Rpc(client)
        self.client = client
        self.account = account
        self.run = client.get("/api/run").json()
        self.signed_body: dict[str, Any] = {}  # of the order that was signed last

    def fill_purse(self) -> None:
        answer = self.client.post(
            "/api/faucet", json={"address": self.account.address}, headers=self.headers
        )
        assert answer.status_code == 200, answer.text

    def send(self, contract: Any, function: str, *args: object, value: int = 0, **more: Any) -> str:
        """Ask for nonce and gas, sign, send: the transaction's hash."""
        data = contract.transaction(function, *args, sender=self.account.address).data
        sender, to = self.account.address, self.run["market"]
        call = {"from": sender, "to": to, "data": "0x" + data.hex(), "value": hex(value)}
        gas = int(self.rpc("eth_estimateGas", call), 16)
        nonce = int(self.rpc("eth_getTransactionCount", sender, "pending"), 16)
        fields = {"to": to, "data": data, "value": value, "gas": gas, **more}
        return str(self.raw(nonce, **fields)["result"])

    def raw(self, nonce: int, **fields: Any) -> dict[str, Any]:
        """Sign a transaction and send it: the whole response."""
        raw = signed(self.account, self.run["chain_id"], nonce, **fields)
        return self.rpc.ask("eth_sendRawTransaction", "0x" + raw.hex())

    def control(self, action: str, **more: object) -> dict[str, Any]:
        wanted = {"action": action, **more}
        answer = self.client.post("/api/control", json=wanted, headers=self.headers)
        content: dict[str, Any] = answer.json()
        return content

    def ask(self, wanted: str, which: str, **wrong: object) -> Response:
        """Ask for a house, signed as wallets sign typed data."""
        self.run = self.client.get("/api/run").json()
        tick = self.client.get("/api/state").json()["clock"]["tick"]
        terms = {"action": wanted, "house": which, "tick": tick}
        body = {**terms, "address": self.account.address, "signature": self.sign(terms), **wrong}
        headers = {"X-P2P-Token": self.run["token"], **self.headers}
        return self.client.post("/api/house", json=body, headers=headers)

    def sign(self, terms: dict[str, object], **domain: object) -> str:
        """The signature of a request for a house."""
        types = {
            "House": [
                {"name": "action", "type": "string"},
                {"name": "house", "type": "string"},
                {"name": "tick", "type": "uint256"},
            ]
        }
        return self.sign_typed({**domain_of(self.run), **domain}, types, terms)

    def sign_typed(self, domain: dict[str, Any], types: dict[str, Any], terms: Any) -> str:
        """A signature of typed data (EIP-712)."""
        message = encode_typed_data(domain, types, terms)
        return self.account.sign_message(message).signature.to_0x_hex()

    def take(self, contract: Any, house: str) -> None:
        """Take a house over: agree to its meter, and ask."""
        self.send(contract, "consentToMeter", self.run["limits"]["max_order_wh"])
        answer = self.ask("take over", house)
        assert answer.status_code == 200, answer.text

    def order(
        self, way: str, wh: int, price: int, number: int, until: int = 2**40 - 1, **wrong: Any
    ) -> Response:
        """Sign an order for the open round, and have the operator place it."""
        run = self.client.get("/api/run").json()
        block = self.client.get("/api/state").json()["clock"]
        terms = {
            "trader": self.account.address,
            "side": {"bid": 1, "ask": 2}[way],
            "energy": wh,
            "price": price,
            "round": block["tick"] + 1,
            "nonce": number,
            "expiry": until,
        }
        bits = {"side": 8, "energy": 32, "price": 56, "round": 32, "nonce": 32, "expiry": 40}
        types = [{"name": "trader", "type": "address"}]
        types += [{"name": name, "type": f"uint{size}"} for name, size in bits.items()]
        domain = {
            "name": "EnergyMarket",
            "version": "1",
            "chainId": run["chain_id"],
            "verifyingContract": run["market"],
        }
        body = {
            **{name: terms[name] for name in ("trader", "round", "nonce", "expiry")},
            "side": way,
            "energy_wh": wh,
            "price_wei_per_wh": str(price),
            "signature": self.sign_typed(domain, {"Order": types}, terms),
            **wrong,
        }
        self.signed_body = body
        return self.client.post("/api/order", json=body, headers={"X-P2P-Token": run["token"]})


def domain_of(run: dict[str, Any]) -> dict[str, Any]:
    """What wallets sign for: one episode of one run."""
    return {
        "name": "p2p_cosim",
        "version": "1",
        "chainId": run["chain_id"],
        "verifyingContract": run["market"],
        "salt": bytes.fromhex(run["salt"][2:]),
    }


def give(
    person: Person,
    house: str = "house_2",
    sell_from: int = 0,
    buy_up_to: int = 60 * 10**9,
    until: int = 4,
    wh_a_day: int = 500,
    **wrong: object,
) -> Response:
    """Bind the agent of a house to a mandate, signed as wallets sign typed data."""
    run = person.client.get("/api/run").json()
    tick = person.client.get("/api/state").json()["clock"]["tick"]
    signed = {
        "house": house,
        "sellFrom": sell_from,
        "buyUpTo": buy_up_to,
        "until": until,
        "whADay": wh_a_day,
        "tick": tick,
    }
    types = [{"name": name, "type": "uint256"} for name in signed if name != "house"]
    types = {"Mandate": [{"name": "house", "type": "string"}, *types]}
    body = {
        "house": house,
        "sell_from_wei_per_wh": str(sell_from),
        "buy_up_to_wei_per_wh": str(buy_up_to),
        "until": until,
        "wh_a_day": wh_a_day,
        "tick": tick,
        "address": person.account.address,
        "signature": person.sign_typed(domain_of(run), types, signed),
        **wrong,
    }
    headers = {"X-P2P-Token": run["token"]}
    return person.client.post("/api/mandate", json=body, headers=headers)
