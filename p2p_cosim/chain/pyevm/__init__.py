"""The backend that py-evm runs in process, and the oracle of the default one."""

from p2p_cosim.chain.pyevm.chain import PyEvmChain

__all__ = ["PyEvmChain"]
