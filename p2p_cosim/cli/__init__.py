"""The command line. Exit codes: 0 done, 1 the run failed, 2 wrong input, 130 interrupted."""

from p2p_cosim.cli.app import main

__all__ = ["main"]
