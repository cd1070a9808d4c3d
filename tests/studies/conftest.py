import pytest

import hwsim
from tests.studies.networks import tiny_network


@pytest.fixture(scope="session")
def default_run():
    """By both energy tables that a run has when none is asked for."""
    return hwsim.run(tiny_network(), overrides={"num_ms": 32})


@pytest.fixture(scope="session")
def tiny_run(default_run):
    """By STONNE's table alone."""
    return default_run.by_energy_table("stonne")
