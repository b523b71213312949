"""What the client says when the other side is not a well-behaved node."""

import json
import select
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from p2p_cosim.chain.jsonrpc import JsonRpcChain
from p2p_cosim.chain.jsonrpc.client import RpcClient, RpcError
from p2p_cosim.chain.rules import CHAIN_ID
from p2p_cosim.core.errors import ChainError


@pytest.fixture
def serve():
    """Starts a server on loopback that answers with a function of the request; gives its URL."""
    servers = []

    def start(answer):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, text = answer(json.loads(body))
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())
                self.close_connection = answer is echo_once

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.handle_error = lambda *_: None  # clients that gave up on it
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/rpc"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def echo(calls):
    """Results are the methods; the order of answers is turned round, as JSON-RPC allows."""
    return 200, json.dumps([{"id": call["id"], "result": call["method"]} for call in calls][::-1])


def echo_once(calls):
    return echo(calls)


def refuse_second(calls):
    error = {"code": 3, "message": "execution reverted", "data": "0x01"}
    answers = [{"id": 0, "result": 7}, {"id": 1, "error": error}]
    return 200, json.dumps(answers[: len(calls)])


def test_results_come_in_the_order_of_the_calls(serve):
    client = RpcClient(serve(echo))
    assert client.batch([("a", ()), ("b", ()), ("c", ())]) == ["a", "b", "c"]
    assert client.batch([]) == []


def test_a_connection_that_the_server_closed_is_opened_again(serve):
    client = RpcClient(serve(echo_once))
    for name in "abc":
        assert client.call(name) == name
        select.select([client._connection.sock], [], [], 20)  # until the server has closed it


def test_a_refusal_carries_code_and_data(serve):
    client = RpcClient(serve(refuse_second))
    result, refusal = client.attempt([("good", ()), ("bad", ())])
    assert (result, refusal.code, refusal.data) == (7, 3, "0x01")
    with pytest.raises(RpcError, match=r"refused bad: execution reverted \(code 3\)"):
        client.batch([("good", ()), ("bad", ())])


@pytest.mark.parametrize(
    ("status", "text", "message"),
    [
        (200, "<html>", "does not speak JSON-RPC, it answers HTTP 200 b'<html>': check the URL"),
        (404, "no such page", "it answers HTTP 404"),
        (200, '{"error": {"code": -32600}}', "does not speak JSON-RPC"),
        (200, "[]", "does not speak JSON-RPC"),
        (200, "3", "does not speak JSON-RPC"),
    ],
)
def test_another_server_is_told_from_a_node(serve, status, text, message):
    with pytest.raises(ChainError, match=message.replace("(", r"\(")):
        RpcClient(serve(lambda _: (status, text))).call("eth_chainId")


def geth(calls):
    known = {"web3_clientVersion": "Geth/v1.16.4", "eth_chainId": hex(CHAIN_ID)}
    return 200, json.dumps(
        [
            {"id": call["id"], "result": known[call["method"]]}
            if call["method"] in known
            else {"id": call["id"], "error": {"code": -32601, "message": "does not exist"}}
            for call in calls
        ]
    )


def test_a_node_without_simulated_time_is_told(serve):
    with pytest.raises(ChainError, match=r"Geth/v1.16.4 .* no development node .*: use anvil"):
        JsonRpcChain(serve(geth))


def test_a_node_that_hangs_is_given_up(serve):
    release = threading.Event()
    try:
        client = RpcClient(serve(lambda calls: (release.wait(30), echo(calls))[1]), timeout_s=0.1)
        with pytest.raises(ChainError, match=r"did not answer within 0.1 s: .* restart it"):
            client.call("eth_chainId")
    finally:
        release.set()


def test_nobody_there(serve):
    with pytest.raises(ChainError, match=r"no node answers at http://127.0.0.1:9 .*--chain anvil"):
        RpcClient("http://127.0.0.1:9").call("eth_chainId")


@pytest.mark.parametrize("url", ["127.0.0.1:8545", "ws://127.0.0.1:8545", "http://a:b@host"])
def test_an_address_of_another_kind_is_refused(url):
    with pytest.raises(ChainError, match="the address of the node"):
        RpcClient(url)
