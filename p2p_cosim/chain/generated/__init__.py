"""The default EVM backend: contracts as generated Python (see `GeneratedChain`).

From the bottom up: `opcodes`, `arithmetic` and `state` (accounts, and the undo list of a
transaction); `memory`, `frame`, `storage`, `precompiles` and `calls`, which generated code calls;
`symbols`, `writer`, `expressions`, `effects`, `instructions` and `trace`, which write it;
`library`, `program` and `interpreter`, which run a code from generated Python, or without; `chain`.
"""

from p2p_cosim.chain.generated.chain import GeneratedChain

__all__ = ["GeneratedChain"]
