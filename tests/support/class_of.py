"""A class of scripted players; benchmarks/class_of_players.py lets twenty of them play.

Every player joins with his code, takes his house over, listens to the events as a page does, and
orders in every round, each over HTTP with a key of his own. At the end every order is looked for
in the book, every account is compared with its bill from the chain's events, and the gates with
the clock.
"""

from __future__ import annotations

import json
import tempfile
import threading
import time
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import requests
from served import Person
from site_of_run import Site
from wallet import wallet

import p2p_cosim as p2p
from p2p_cosim.dapp.thread import in_simulation_thread

DEPOSIT_WEI, WH = 10**17, 200
GAS = 10**6  # what an order needs depends on those that come between it and its estimate
LED_FROM_TICK = 1  # by the wallet, which has the house when the first gate has closed
LOST, LATE, PLACED = "lost", "late", "placed"


@dataclass(eq=False)
class Player(threading.Thread):
    """One player. sent: by tick, the hash of his order and whether the gate was still open when the
    server had taken it. problems: what went wrong."""

    site: Site
    number: int
    house: str
    code: str
    over: threading.Event
    sent: dict[int, tuple[str, bool]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        client = httpx.Client(base_url=self.site.url, timeout=120)
        joined = client.post("/api/class/join", json={"code": self.code, "name": f"P{self.number}"})
        assert joined.json()["house"] == self.house, joined.text
        headers = {"X-P2P-Join": self.code}
        self.person = Person(client, wallet(f"player {self.number}"), headers)  # type: ignore[arg-type]
        self.contract = self.site.session.market.contract

    def begin(self) -> None:
        """Ether, money in the market, and the house."""
        self.person.fill_purse()
        self.person.send(self.contract, "deposit", value=DEPOSIT_WEI)
        self.person.take(self.contract, self.house)

    def run(self) -> None:
        """Listen, and order once in every round."""
        url = f"{self.site.url}/events?join={self.code}"
        with requests.get(url, stream=True, timeout=120) as events:
            for name, content in _events(events):
                if self.over.is_set():
                    return
                if name == "tick":
                    self._order(content)

    def _order(self, state: dict[str, Any]) -> None:
        tick = state["clock"]["tick"]
        mine = next((p for p in state["people"] if p["house"] == self.house), None)
        if state["clock"]["mode"] != "playing" or mine is None or not mine["leads"]:
            return
        function = ("placeBid", "placeAsk")[self.number % 2]
        price = (120 - self.number, 32 + self.number)[self.number % 2] * 10**9
        try:
            sent = self.person.send(self.contract, function, tick + 1, WH, price, gas=GAS)
            head = int(self.person.rpc("eth_blockNumber"), 16)
            self.sent[tick] = sent, head == state["clock"]["block"]
        except Exception as error:
            self.problems.append(f"tick {tick}: {error!r}")


def _events(answer: requests.Response) -> Any:
    """Name and data of server-sent events."""
    name = ""
    for line in answer.iter_lines(decode_unicode=True):
        if line.startswith("event: "):
            name = line[7:]
        elif line.startswith("data: "):
            yield name, json.loads(line[6:])


@dataclass
class Found:
    """What a class did.

    orders: that were sent. late: of them those that came when their gate had closed, which the
    market refused. lost: those that are neither in their book nor late. wrong: accounts that
    differ from their bills. late_s: how late the gates closed, by the clock.
    """

    orders: int
    late: int
    lost: list[str]
    wrong: list[str]
    late_s: list[float]
    problems: list[str]


def play(players: int, rounds: int, gate_s: float, scenario: p2p.Scenario) -> Found:
    """Let a class play, and look at what came of it."""
    over = threading.Event()
    with (
        tempfile.TemporaryDirectory() as out,
        Site(scenario, Path(out), players=players) as site,
    ):
        room = site.session.classroom
        assert room is not None
        seats = [(seat.house, seat.code) for seat in room.seats]
        teacher = {"X-P2P-Teacher": room.teacher}
        crowd = [Player(site, i, house, code, over) for i, (house, code) in enumerate(seats)]
        for player in crowd:
            player.begin()
            player.start()
        _wait(lambda: all(seat.pages for seat in room.seats), 60)
        _control(site, teacher, {"action": "step"})
        closed = _watch(site, rounds, gate_s, teacher)
        time.sleep(gate_s)
        over.set()
        _control(site, teacher, {"action": "step"})  # what was ordered last, and the last event
        for player in crowd:
            player.join(30)
        results = in_simulation_thread(site.session.simulation.results)
        fates = {(p.house, tick): _fate(results, p, tick) for p in crowd for tick in p.sent}
        lost = [f"{house} in tick {tick}" for (house, tick), f in fates.items() if f == LOST]
        late = [*fates.values()].count(LATE)
        wrong = [p.house for p in crowd if not _balanced(results, p)]
        steps = [after - before for before, after in pairwise(closed)]
        sent = sum(len(player.sent) for player in crowd)
        problems = [f"{p.house}, {each}" for p in crowd for each in p.problems]
    return Found(sent, late, lost, wrong, [step - gate_s for step in steps], problems)


def _control(site: Site, headers: dict[str, str], body: dict[str, Any]) -> None:
    answer = requests.post(f"{site.url}/api/control", json=body, headers=headers, timeout=120)
    assert answer.status_code == 200, answer.text


def _watch(site: Site, rounds: int, gate_s: float, teacher: dict[str, str]) -> list[float]:
    """Play so many rounds, and tell when each tick was over."""
    closed: list[float] = []
    with requests.get(f"{site.url}/events", stream=True, timeout=120) as events:
        coming = _events(events)
        next(coming)
        _control(site, teacher, {"action": "play", "seconds_per_tick": gate_s})
        for name, _content in coming:
            if name == "tick":
                closed.append(time.monotonic())
            if len(closed) > rounds:
                break
    _control(site, teacher, {"action": "pause"})
    return closed


def _wait(done: Any, most_s: float) -> None:
    end = time.monotonic() + most_s
    while not done():
        assert time.monotonic() < end, "players do not arrive"
        time.sleep(0.05)


def _fate(results: p2p.Results, player: Player, tick: int) -> str:
    """What became of an order. The server had taken it when no new block was there afterwards: then
    it has to stand in the book of its tick."""
    hash_, in_time = player.sent[tick]
    receipt = player.person.rpc("eth_getTransactionReceipt", hash_)
    orders = results.orders
    mine = orders[(orders["tick"] == tick) & (orders["trader"] == player.house)]
    if ((mine["energy_wh"] == WH) & (mine["rejection"] == "")).any():
        return PLACED
    refused = receipt is not None and int(receipt["status"], 16) == 0
    return LATE if refused and not in_time else LOST


def _balanced(results: p2p.Results, player: Player) -> bool:
    """Whether the account, as the chain has it, changes by what was paid in and what the trades and
    the utility took, to the wei, in every round; and holds at the end what the table says."""
    rows = results.households[results.households["house"] == player.house]
    rows = rows[rows["tick"] >= LED_FROM_TICK]
    told = ("balance_wei", "open_wei", "paid_in_wei", "market_wei", "imbalance_wei")
    ledger = [tuple(map(int, row)) for row in zip(*(rows[name] for name in told), strict=True)]
    held = [balance + open_ for balance, open_, *_ in ledger]
    changes = [paid_in - market - imbalance for _, _, paid_in, market, imbalance in ledger]
    steps = zip(held, held[1:], changes[1:], strict=False)
    if not all(after - before == change for before, after, change in steps):
        return False
    read = player.contract.read.accounts
    (money,), _ = in_simulation_thread(lambda: read([player.person.account.address]))
    return bool(money.balance == ledger[-1][0])
