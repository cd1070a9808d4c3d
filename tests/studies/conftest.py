import pytest

import hwsim
from tests.studies.networks import tiny_network


@pytest.fixture(scope="session")
def tiny_run():
    return hwsim.run(tiny_network(), overrides={"num_ms": 32})
