"""`python -m p2p_cosim` is `p2p-cosim`."""

from p2p_cosim.cli import main

if __name__ == "__main__":
    main()
