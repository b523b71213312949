"""The key behind the test wallet: answers EIP-1193 as an extension does, and signs."""

from __future__ import annotations

import json
from typing import Any

import requests
from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount

MAINNET = 1
REJECTED = {"code": 4001, "message": "User rejected the request."}
UNKNOWN_CHAIN = {"code": 4902, "message": "Unrecognized chain ID. Try adding the chain first."}
UNSUPPORTED = {"code": -32601, "message": "the method is not supported"}


class Signer:
    """An account of a wallet that begins on another chain.

    rejects: whether its owner says no to the next transaction. asked: methods, in order.
    """

    def __init__(self, account: LocalAccount) -> None:
        self.account = account
        self.chain_id = MAINNET
        self.known: dict[int, str] = {MAINNET: ""}
        self.rejects = False
        self.asked: list[str] = []

    def answer(self, method: str, params: str) -> str:
        """JSON with `result` or `error`."""
        self.asked.append(method)
        content = json.loads(params)
        known = {
            "eth_requestAccounts": lambda: _result([self.account.address]),
            "eth_accounts": lambda: _result([self.account.address]),
            "eth_chainId": lambda: _result(hex(self.chain_id)),
            "wallet_addEthereumChain": lambda: self._add(content[0]),
            "wallet_switchEthereumChain": lambda: self._switch(int(content[0]["chainId"], 16)),
            "eth_sendTransaction": lambda: self._send(content[0]),
            "eth_signTypedData_v4": lambda: self._sign(json.loads(content[1])),
        }
        answer = known.get(method)
        return answer() if answer else json.dumps({"error": UNSUPPORTED})

    def _add(self, chain: dict[str, Any]) -> str:
        self.known[int(chain["chainId"], 16)] = chain["rpcUrls"][0]
        return self._switch(int(chain["chainId"], 16))

    def _switch(self, chain_id: int) -> str:
        if chain_id not in self.known:
            return json.dumps({"error": UNKNOWN_CHAIN})
        self.chain_id = chain_id
        return json.dumps({"result": None, "chainChanged": hex(chain_id)})

    def _send(self, call: dict[str, str]) -> str:
        if self.rejects:
            self.rejects = False
            return json.dumps({"error": REJECTED})
        nonce = int(self._rpc("eth_getTransactionCount", self.account.address, "pending"), 16)
        tip = int(self._rpc("eth_maxPriorityFeePerGas"), 16)
        signed = self.account.sign_transaction(
            {
                "chainId": self.chain_id,
                "nonce": nonce,
                "to": call["to"],
                "data": call["data"],
                "value": int(call["value"], 16),
                "gas": int(call["gas"], 16),
                "maxFeePerGas": tip,
                "maxPriorityFeePerGas": tip,
            }
        )
        return _result(self._rpc("eth_sendRawTransaction", signed.raw_transaction.to_0x_hex()))

    def _sign(self, typed: dict[str, Any]) -> str:
        if self.rejects:
            self.rejects = False
            return json.dumps({"error": REJECTED})
        message = encode_typed_data(full_message=typed)
        return _result(self.account.sign_message(message).signature.to_0x_hex())

    def _rpc(self, method: str, *params: object) -> Any:
        """By the address that the page gave with the chain, as a wallet does."""
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        answer = requests.post(self.known[self.chain_id], json=body, timeout=30).json()
        if "error" in answer:
            raise AssertionError(answer["error"])
        return answer["result"]


def _result(result: object) -> str:
    return json.dumps({"result": result})
