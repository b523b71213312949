"""The default EVM backend: py-evm in process (see `PyEvmChain`)."""

from p2p_cosim.chain.pyevm.chain import PyEvmChain

__all__ = ["PyEvmChain"]
