"""EVM backends behind `core.protocols.Chain`, the contract handle and compiled artifacts.

Import the module you need: `chain.contract`, `chain.artifact`, and one backend
(`chain.pyevm`, `chain.ethtester`, `chain.jsonrpc`, `chain.revm`). Nothing is imported here,
so that the contract handle loads no EVM.
"""
