"""Requests to answers: one call, or a batch of them."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping

from eth_hash.auto import keccak

from p2p_cosim.chain.explorer import OpenChain
from p2p_cosim.dapp.rpc.errors import INVALID_REQUEST, PARSE, SERVER, RpcError, no_method
from p2p_cosim.dapp.rpc.fees import Fees
from p2p_cosim.dapp.rpc.filters import Filters
from p2p_cosim.dapp.rpc.params import Arguments
from p2p_cosim.dapp.rpc.reading import Reading
from p2p_cosim.dapp.rpc.shapes import ZERO_ADDRESS, text
from p2p_cosim.dapp.rpc.state import State
from p2p_cosim.dapp.strict_json import parse

MOST_CALLS = 100
"""Of a batch."""

Method = Callable[[Arguments], object]
_log = logging.getLogger(__name__)


class RpcService:
    """JSON-RPC over a chain. Nothing here changes it but `eth_sendRawTransaction`.

    version: what `web3_clientVersion` says. send: takes a raw transaction, returns its hash.
    """

    def __init__(self, chain: OpenChain, version: str, send: Callable[[bytes], bytes]) -> None:
        self._methods = _methods(chain, version, send)

    @property
    def methods(self) -> tuple[str, ...]:
        """Names of all methods."""
        return tuple(self._methods)

    def answer(self, body: bytes) -> bytes:
        """The response to a request or a batch; empty if none of it wants one."""
        try:
            request = parse(body)
        except ValueError:
            return _encode(_failed(None, RpcError(PARSE, "parse error")))
        if not isinstance(request, list):
            response = self._respond(request)
            return b"" if response is None else _encode(response)
        if not request:
            return _encode(_failed(None, RpcError(INVALID_REQUEST, "empty batch")))
        if len(request) > MOST_CALLS:
            return _encode(_failed(None, RpcError(INVALID_REQUEST, "batch too large")))
        responses = [response for each in request if (response := self._respond(each))]
        return _encode(responses) if responses else b""

    def call(self, method: str, *params: object) -> object:
        """The result of one call. Raises RpcError."""
        if method not in self._methods:
            raise no_method(method)
        return self._methods[method](Arguments(list(params)))

    def _respond(self, request: object) -> dict[str, object] | None:
        if not isinstance(request, dict) or not isinstance(request.get("method"), str):
            return _failed(None, RpcError(INVALID_REQUEST, "invalid request"))
        id_ = request.get("id")
        if isinstance(id_, bool | list | dict):
            return _failed(None, RpcError(INVALID_REQUEST, "invalid request"))
        try:
            method = self._methods.get(request["method"])
            if method is None:
                raise no_method(request["method"][:100])
            result = method(Arguments(request.get("params")))
        except RpcError as error:
            response = _failed(id_, error)
        except Exception:  # whatever is asked, the run goes on
            _log.exception("%s failed", request["method"])
            response = _failed(id_, RpcError(SERVER, "internal error"))
        else:
            response = {"jsonrpc": "2.0", "id": id_, "result": result}
        return response if "id" in request else None


def _failed(id_: object, error: RpcError) -> dict[str, object]:
    return {"jsonrpc": "2.0", "id": id_, "error": error.content()}


def _encode(content: object) -> bytes:
    return json.dumps(content, separators=(",", ":")).encode()


def _methods(
    chain: OpenChain, version: str, send: Callable[[bytes], bytes]
) -> Mapping[str, Method]:
    reading, state, fees = Reading(chain), State(chain, send), Fees(chain)
    filters = Filters(reading)
    return {**_about(chain, version), **_reads(reading), **_executes(state), **_asks(fees, filters)}


def _about(chain: OpenChain, version: str) -> dict[str, Method]:
    """What this is, and what it is not."""
    return {
        "web3_clientVersion": lambda _: version,
        "web3_sha3": lambda args: text(keccak(args.data(0))),
        "net_version": lambda _: str(chain.chain_id),
        "net_listening": lambda _: True,
        "net_peerCount": lambda _: "0x0",
        "eth_chainId": lambda _: hex(chain.chain_id),
        "eth_syncing": lambda _: False,
        "eth_mining": lambda _: False,
        "eth_coinbase": lambda _: ZERO_ADDRESS,
        "eth_accounts": lambda _: [],
        "eth_blockNumber": lambda _: hex(chain.head),
        "eth_blobBaseFee": lambda _: "0x1",
        "eth_getUncleCountByBlockNumber": lambda _: "0x0",
        "eth_getUncleCountByBlockHash": lambda _: "0x0",
    }


def _reads(reading: Reading) -> dict[str, Method]:
    """Blocks, transactions, receipts and logs."""
    return {
        "eth_getBlockByNumber": reading.block_by_number,
        "eth_getBlockByHash": reading.block_by_hash,
        "eth_getBlockTransactionCountByNumber": reading.count_by_number,
        "eth_getBlockTransactionCountByHash": reading.count_by_hash,
        "eth_getTransactionByHash": reading.transaction,
        "eth_getTransactionByBlockNumberAndIndex": reading.transaction_by_number,
        "eth_getTransactionByBlockHashAndIndex": reading.transaction_by_block,
        "eth_getTransactionReceipt": reading.receipt,
        "eth_getBlockReceipts": reading.block_receipts,
        "eth_getLogs": reading.logs,
    }


def _executes(state: State) -> dict[str, Method]:
    """The state, execution without effect, and the way in."""
    return {
        "eth_getBalance": state.balance,
        "eth_getCode": state.code,
        "eth_getTransactionCount": state.nonce,
        "eth_call": state.call,
        "eth_estimateGas": state.estimate_gas,
        "eth_sendRawTransaction": state.send_raw,
    }


def _asks(fees: Fees, filters: Filters) -> dict[str, Method]:
    """Fees, and what is new."""
    return {
        "eth_gasPrice": fees.suggested,
        "eth_maxPriorityFeePerGas": fees.suggested,
        "eth_feeHistory": fees.history,
        "eth_newFilter": filters.new_logs,
        "eth_newBlockFilter": filters.new_blocks,
        "eth_newPendingTransactionFilter": filters.new_pending,
        "eth_getFilterChanges": filters.changes,
        "eth_getFilterLogs": filters.logs,
        "eth_uninstallFilter": filters.uninstall,
    }
