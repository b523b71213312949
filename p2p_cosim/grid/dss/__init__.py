"""Feeders from OpenDSS files: what a file may say, and what it builds."""

from p2p_cosim.grid.dss.reader import read_circuit

__all__ = ["read_circuit"]
