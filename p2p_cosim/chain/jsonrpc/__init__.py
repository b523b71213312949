"""The chain of a development node (anvil, Hardhat) over JSON-RPC."""

from p2p_cosim.chain.jsonrpc.anvil import AnvilChain
from p2p_cosim.chain.jsonrpc.chain import JsonRpcChain

__all__ = ["AnvilChain", "JsonRpcChain"]
