"""Print the Python that runs so far have generated from a contract of the package.

python -m p2p_cosim.chain.generated KDoubleAuction
"""

from __future__ import annotations

import sys

from p2p_cosim.chain.artifact import load_artifact
from p2p_cosim.chain.generated.library import library_of
from p2p_cosim.core.errors import ChainError


def main(arguments: list[str]) -> int:
    """Print the text; exit code 2 for a contract that there is not, or that nothing has run."""
    if len(arguments) != 1:
        sys.stderr.write(f"{(__doc__ or '').strip()}\n")
        return 2
    try:
        artifact = load_artifact(arguments[0])
    except ChainError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    text = library_of(artifact.deployed_bytecode).text()
    if not text:
        sys.stderr.write(
            f"nothing of {arguments[0]} has been run yet: run a scenario that uses it\n"
        )
        return 2
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
