"""Ethereum JSON-RPC over a run's own chain, in geth's shapes and words."""
