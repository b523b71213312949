"""EVM backends behind `core.protocols.Chain`, the contract handle and compiled artifacts.

Import the module you need: `chain.contract`, `chain.artifact`, and one backend
(`chain.generated`, `chain.pyevm`, `chain.ethtester`, `chain.jsonrpc`). Nothing is imported here,
so that the contract handle loads no EVM.
"""
