"""JSON-RPC 2.0 over one kept-alive HTTP connection, with batches.

The standard library's client: a request costs 0.2 ms, which a block has three of. Through
web3's provider it costs ten times that.
"""

from __future__ import annotations

import json
import select
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from p2p_cosim.core.errors import ChainError
from p2p_cosim.core.web import link_problem

Call = tuple[str, Sequence[object]]
"""A method and its parameters."""

TIMEOUT_S = 60.0
_JSON = {"Content-Type": "application/json"}


class RpcError(ChainError):
    """The node answered with an error. `data` is what it added, such as revert data."""

    def __init__(self, method: str, error: dict[str, Any]) -> None:
        self.code = error.get("code", 0)
        self.reason = str(error.get("message", ""))
        self.data = error.get("data")
        super().__init__(f"the node refused {method}: {self.reason} (code {self.code})")


class RpcClient:
    """A JSON-RPC server at an http or https address.

    Every method raises ChainError if the server cannot be reached, does not answer within
    timeout_s (seconds), or answers no JSON-RPC.
    """

    def __init__(self, url: str, timeout_s: float = TIMEOUT_S) -> None:
        if problem := link_problem(url):
            raise ChainError(f"the address of the node {problem}")
        parts = urlsplit(url)
        make = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self.url = url
        self._path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        self._timeout_s = timeout_s
        self._connection = make(parts.hostname or "", parts.port, timeout=timeout_s)

    def __repr__(self) -> str:
        return f"RpcClient({self.url!r})"

    def call(self, method: str, *params: object) -> Any:
        """The result of one method. Raises RpcError if the node refuses."""
        return self.batch([(method, params)])[0]

    def batch(self, calls: Sequence[Call]) -> list[Any]:
        """Results in order, from one request. Raises the first RpcError among them."""
        results = self.attempt(calls)
        for result in results:
            if isinstance(result, RpcError):
                raise result
        return results

    def attempt(self, calls: Sequence[Call]) -> list[Any]:
        """Results in order, an RpcError in the place of each that the node refused."""
        if not calls:
            return []
        answers = self._post(
            [
                {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
                for number, (method, params) in enumerate(calls)
            ]
        )
        try:
            by_id = {answer["id"]: answer for answer in answers}
            return [
                RpcError(method, by_id[number]["error"])
                if "error" in by_id[number]
                else by_id[number]["result"]
                for number, (method, _) in enumerate(calls)
            ]
        except (KeyError, TypeError) as error:
            raise self._no_rpc(str(answers)[:200]) from error

    def close(self) -> None:
        """Close the connection; the next call opens another."""
        self._connection.close()

    def _post(self, body: object) -> Any:
        self._drop_if_closed()
        try:
            self._connection.request("POST", self._path, json.dumps(body).encode(), _JSON)
            response = self._connection.getresponse()
            content = response.read()
        except TimeoutError as error:
            self.close()
            raise ChainError(
                f"the node at {self.url} did not answer within {self._timeout_s:g} s: "
                "it is overloaded or hangs; restart it"
            ) from error
        except (OSError, HTTPException) as error:
            self.close()
            raise ChainError(
                f"no node answers at {self.url} ({error or type(error).__name__}): start one "
                "there (docs/chains.md), or run with '--chain anvil'"
            ) from error
        try:
            return json.loads(content)
        except ValueError as error:
            raise self._no_rpc(f"HTTP {response.status} {content[:200]!r}") from error

    def _drop_if_closed(self) -> None:
        """Close our end if the server has closed its own while we were idle."""
        socket = self._connection.sock
        if socket and select.select([socket], [], [], 0)[0]:
            self.close()

    def _no_rpc(self, answer: str) -> ChainError:
        return ChainError(f"{self.url} does not speak JSON-RPC, it answers {answer}: check the URL")
