import pytest

import hwsim
from tests.studies.networks import tiny_network


@pytest.fixture(scope="session")
def resnet18_run():
    """ResNet-18's names and shapes, at a small input so that it takes little time."""
    return hwsim.run(hwsim.make_network("resnet18", input_size=(64, 64)))


@pytest.fixture(scope="session")
def tiny_run():
    return hwsim.run(tiny_network(), overrides={"num_ms": 32})


@pytest.fixture(scope="session")
def tiny_sweep():
    return hwsim.sweep(tiny_network(), sparsity="0:0.9:0.3")
