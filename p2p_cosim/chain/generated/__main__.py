"""Print the Python that is generated from a contract of the package.

python -m p2p_cosim.chain.generated KDoubleAuction
"""

from __future__ import annotations

import sys

from p2p_cosim.chain.artifact import load_artifact
from p2p_cosim.chain.generated.source import source_of
from p2p_cosim.core.errors import ChainError


def main(arguments: list[str]) -> int:
    """Print the text; exit code 2 for a contract that there is not."""
    if len(arguments) != 1:
        sys.stderr.write(f"{(__doc__ or '').strip()}\n")
        return 2
    try:
        artifact = load_artifact(arguments[0])
    except ChainError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(source_of(artifact.deployed_bytecode))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
