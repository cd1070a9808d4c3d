"""The structural choices of a machine, as technologies to price by."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hwsim.arch import load_arch
from hwsim.energy import load_energy_table, price
from hwsim.energy.physical import structures
from hwsim.studies.gemm import simulate_gemm
from hwsim.workload.operands import Operands


def test_every_combination_of_what_sigma_states_its_own_first() -> None:
    technology = load_arch("sigma").technology
    assert technology is not None
    found = structures(technology)
    first = "controller=reads-all, tree_width=grows, tree_registers=queues"
    assert next(iter(found)) == first
    assert found[first] == technology
    assert len(found) == len(set(found.values())) == 8
    other = found["controller=reads-needed, tree_width=partial-sums, tree_registers=level"]
    assert other == replace(
        technology, controller="reads-needed", tree_width="partial-sums", tree_registers="level"
    )


def test_a_structure_that_is_set_comes_first() -> None:
    technology = load_arch("sigma", {"controller": "reads-needed"}).technology
    assert technology is not None
    assert next(iter(structures(technology))) == (
        "controller=reads-needed, tree_width=grows, tree_registers=queues"
    )


def test_a_machine_that_states_none_is_as_built() -> None:
    technology = load_arch("eyeriss-like").technology
    assert technology is not None
    assert structures(technology) == {"as built": technology}


def test_counts_are_priced_anew_under_each() -> None:
    arch = load_arch("sigma", {"num_ms": 16})
    assert arch.technology is not None
    bits = np.random.default_rng(1).random((9, 40)) < 0.4
    activity = simulate_gemm(bits, 20, arch).activity
    operands = Operands("zero", 1, 0, bits.size, int(bits.sum()), 800, 180)
    model = load_energy_table("physical")
    energies = [
        price(activity, model, replace(arch, technology=each), operands).total
        for each in structures(arch.technology).values()
    ]
    assert len(set(energies)) == 8
    assert min(energies) > 0
