import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from chains import BACKENDS, T0, deploy_probe, hardhat_node, make


@pytest.fixture(scope="session")
def hardhat_url():
    """The URL of a node that is started once, at first use."""
    with hardhat_node() as url:
        yield url


@pytest.fixture(params=BACKENDS)
def chain(request):
    chain = make(request.param, T0, lambda: request.getfixturevalue("hardhat_url"))
    yield chain
    chain.close()


@pytest.fixture
def probe(chain):
    return deploy_probe(chain)
