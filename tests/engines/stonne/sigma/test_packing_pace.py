"""How long SIGMA's multipliers wait: what a configuration takes beyond a vector a cycle."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hwsim.activity import Activity
from hwsim.arch import load_arch
from hwsim.engines.stonne.sigma.engine import SigmaEngine
from hwsim.workload import Workload


def evaluated(groups: int = 1, **settings: Any) -> Activity:
    """Rows of 16 weights, four a group, past which 100 vectors stream."""
    workload = Workload("a", np.ones((groups, 4, 16), np.int8), 100)
    return SigmaEngine().simulate(workload, load_arch("sigma", settings))


def waits(activity: Activity) -> float:
    assert activity.pace is not None
    assert activity.pace.waits is not None
    return activity.pace.waits


@pytest.mark.parametrize(("ports", "cycles_a_vector"), [(16, 1), (4, 4), (2, 8)])
def test_a_port_that_serves_several_multipliers(ports: int, cycles_a_vector: int) -> None:
    """A configuration a row: without waiting 400 cycles, with it as many times that."""
    activity = evaluated(num_ms=16, dn_bw=ports, rn_bw=16)
    assert waits(activity) == 1 - 400 / activity.cycles
    assert activity.pace is not None
    assert activity.pace.waits_for.startswith("loading of weights")
    assert activity.cycles == pytest.approx(400 * cycles_a_vector, rel=0.15)


def test_groups_add_up() -> None:
    activity = evaluated(groups=3, num_ms=16)
    assert waits(activity) == 1 - 1200 / activity.cycles


def test_the_published_machine_waits_while_it_loads() -> None:
    activity = evaluated(num_ms=16, dn_bw=4, distribution="multicast")
    streaming = int(activity.statistics["N_reconfigurations"]) * 100
    assert 0 < waits(activity) == 1 - streaming / activity.cycles
