"""What a served run bears: malformed bodies, oversized batches, foreign names, open connections,
and code that never ends.

python benchmarks/abuse.py --bodies 10000 --connections 200
"""

from __future__ import annotations

import argparse
import random
import resource
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

import p2p_cosim as p2p

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests/support"))
PATHS = ("/rpc", "/api/control", "/api/faucet", "/api/house", "/api/mandate", "/api/order")
PIECES = (
    *(
        b'{"jsonrpc":"2.0","id":1,"method":"',
        b"eth_call",
        b"eth_sendRawTransaction",
        b"eth_getLogs",
    ),
    *(b'","params":[', b"]", b"}", b"[", b"{", b'"0x', b"ff" * 40, b'"', b",", b"null", b"1e999"),
    *(
        b"-1",
        b'"\\ud800"',
        b"NaN",
        b"\xff\xfe",
        b"\x00",
        b'{"to":"0x00"}',
        b"[[[[" * 30,
        b"9" * 400,
    ),
)
KIND = {"Content-Type": "application/json"}
PAUSE_S = 0.003  # below the limit of calls a second, which is measured apart


def main() -> None:
    """Do all of it, and print what came."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bodies", type=int, default=10_000)
    parser.add_argument("--connections", type=int, default=200)
    given = parser.parse_args()
    from site_of_run import Site

    day = {"houses": {"count": 3, "sites": ["652.A"]}, "clock": {"ticks": 4}, "name": "abused"}
    scenario = p2p.Scenario.model_validate(day)
    with tempfile.TemporaryDirectory() as out, Site(scenario, Path(out)) as site:
        site.step()
        for what, do in (
            (f"{given.bodies} malformed bodies", lambda: malformed(site.url, given.bodies)),
            ("batches of 101 and bodies of 2 MiB", lambda: oversized(site.url)),
            ("other names of the host, other origins", lambda: foreign(site.url)),
            (f"{given.connections} open connections", lambda: held(site, given.connections)),
        ):
            report(what, do, site.url)
        print(endless(site))


def report(what: str, do: Callable[[], Counter[str]], url: str) -> None:
    """What was answered, whether the state is another, and the memory."""
    before, memory_mb = state(url), peak_mb()
    start = time.monotonic()
    answers = do()
    same = "unchanged" if state(url) == before else "CHANGED"
    told = ", ".join(f"{count} x {answer}" for answer, count in answers.most_common())
    print(f"{what}: {told}; state {same}; {time.monotonic() - start:.1f} s; ", end="")
    print(f"peak memory {memory_mb:.0f} to {peak_mb():.0f} MB")


def state(url: str) -> object:
    """All that is told of the run."""
    return requests.get(f"{url}/api/state", timeout=60).json()


def peak_mb() -> float:
    """Of this process, in which the server is a thread."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def malformed(url: str, bodies: int) -> Counter[str]:
    """Pieces of requests in any order."""
    rng = random.Random(1)  # noqa: S311 (nothing secret)
    answers, asked = Counter[str](), requests.Session()
    for _ in range(bodies):
        body = b"".join(rng.choices(PIECES, k=rng.randrange(1, 12)))
        answer = asked.post(url + rng.choice(PATHS), data=body, headers=KIND, timeout=60)
        answers[str(answer.status_code)] += 1
        time.sleep(PAUSE_S)
    return answers


def oversized(url: str) -> Counter[str]:
    """More calls than a batch may have, and longer bodies than any."""
    call = {"jsonrpc": "2.0", "id": 1, "method": "eth_blockNumber"}
    answers = Counter[str]()
    for _ in range(20):
        batch = requests.post(f"{url}/rpc", json=[call] * 101, timeout=60).json()
        answers[batch["error"]["message"]] += 1
        long = requests.post(f"{url}/rpc", data=b" " * 2**21, headers=KIND, timeout=60)
        answers[str(long.status_code)] += 1
        time.sleep(0.3)
    return answers


def foreign(url: str) -> Counter[str]:
    """As a page of another site reaches a server on loopback."""
    names = [{"Host": "evil.example"}, {"Host": "127.0.0.1.evil.example"}]
    names += [{"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "file://"}]
    step = {"action": "step"}
    return Counter(
        str(requests.post(url + path, json=step, headers=name, timeout=60).status_code)
        for name in names
        for path in PATHS
    )


def held(site: object, connections: int) -> Counter[str]:
    """Connections that send half a request and stay, and what others are answered meanwhile."""
    port = int(str(site.port))  # type: ignore[attr-defined]
    held = [socket.create_connection(("127.0.0.1", port)) for _ in range(connections)]
    for each in held:
        each.sendall(
            f"POST /rpc HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
            "Content-Length: 10\r\n\r\n{".encode()
        )
    answers: Counter[str] = Counter()
    slowest = 0.0
    for _ in range(50):
        start = time.monotonic()
        answer = requests.get(f"http://127.0.0.1:{port}/api/state", timeout=60)
        slowest = max(slowest, time.monotonic() - start)
        answers[str(answer.status_code)] += 1
    for each in held:
        each.close()
    answers[f"others within {1000 * slowest:.0f} ms"] = 1
    return answers


def endless(site: Any) -> str:
    """Fill both blocks of an interval with endless loops of many senders, and close the gate."""
    from wallet import signed, wallet

    from p2p_cosim.chain.pool import MOST_GAS, MOST_GAS_A_BLOCK

    raws = []
    for number in range(2 * MOST_GAS_A_BLOCK // MOST_GAS):
        code = bytes.fromhex("5b5f56")  # JUMPDEST, PUSH0, JUMP
        fields = {"to": b"", "data": code, "gas": MOST_GAS, "gasPrice": 0}
        raw = signed(wallet(f"mallory {number}"), site.session.chain_id, 0, **fields)
        raws.append("0x" + raw.hex())
    for raw in raws:
        body = {"jsonrpc": "2.0", "id": 1, "method": "eth_sendRawTransaction", "params": [raw]}
        assert "result" in requests.post(f"{site.url}/rpc", json=body, timeout=60).json()
    start, step = time.process_time(), {"action": "step"}
    requests.post(f"{site.url}/api/control", json=step, timeout=3600).raise_for_status()
    took_s, left = time.process_time() - start, site.get("state")["clock"]["waiting"]
    return (
        f"{len(raws)} endless loops of {MOST_GAS:,} gas: {len(raws) - left} in two blocks, "
        f"{left} wait; closing the gate took {took_s:.1f} s of processor time"
    )


if __name__ == "__main__":
    main()
