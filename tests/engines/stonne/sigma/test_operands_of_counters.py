"""STONNE's counters sum over operands; told apart they are those of our engine."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hwsim
from hwsim.activity import ActionKey
from hwsim.engines.stonne.sigma.operands_of_counters import add_what_rules_tell, split_operands
from hwsim.errors import InputError


def summed(activity):
    return replace(
        activity, counts={ActionKey(*key): count for key, count in activity.by_action().items()}
    )


@given(
    st.integers(1, 20),
    st.integers(1, 70),
    st.integers(1, 6),
    st.floats(0, 1),
    st.integers(2, 5),
    st.integers(0, 2),
)
def test_sums_are_taken_apart_as_they_were_put_together(M, K, N, density, size, ports) -> None:
    num_ms, dn_bw = 2**size, 2 ** max(size - ports, 0)
    arch = hwsim.load_arch("sigma", {"num_ms": num_ms, "dn_bw": dn_bw})
    mk = np.random.default_rng(0).random((M, K)) < density
    kn = np.random.default_rng(1).random((K, N)) < 0.7
    ours = hwsim.simulate_gemm(mk, kn, arch).activity
    sums = replace(summed(ours), levels={})
    found = add_what_rules_tell(split_operands(sums, num_ms, dn_bw, M * N), ours)
    assert {key: count for key, count in found.counts.items() if count} == {
        key: count for key, count in ours.counts.items() if count
    }
    assert found.by_action() == ours.by_action()
    assert found.levels == ours.levels


def test_what_the_program_counts_otherwise_is_not_spread() -> None:
    arch = hwsim.load_arch("sigma", {"num_ms": 8})
    mk = np.array([[1, 1, 0, 1, 0, 1]])
    ours = hwsim.simulate_gemm(mk, 3, arch).activity
    read = ActionKey("GlobalBuffer", "GLOBALBUFFER", "READ", "activations")
    add = ActionKey("ReduceNetwork", "ADDER", "ADD_2_1")
    theirs = split_operands(summed(ours), 8, 8, 3)
    same = add_what_rules_tell(theirs, ours)
    assert (same.counts[read], same.counts[read._replace(operand="unused activations")]) == (12, 6)
    assert same.levels == ours.levels
    other = replace(theirs, counts={**theirs.counts, read: 19, add: theirs.counts[add] + 1})
    told = add_what_rules_tell(other, ours)
    assert told.counts == other.counts
    assert told.activation_reads is None
    assert told.levels.keys() == ours.levels.keys() - {add}


@pytest.mark.parametrize(
    "name",
    [
        "MSNetwork MULTIPLIER MULTIPLICATION",
        "MSNetwork FIFO PUSH",
        "MSNetwork FIFO POP",
        "GlobalBuffer GLOBALBUFFER READ",
        "GlobalBuffer GLOBALBUFFER WRITE",
    ],
)
def test_a_counter_that_the_program_leaves_out_is_named(name) -> None:
    activity = summed(hwsim.simulate_gemm(np.ones((2, 4)), 3, "sigma").activity)
    counts = dict(activity.counts)
    del counts[ActionKey(*name.split())]
    with pytest.raises(InputError) as refusal:
        split_operands(replace(activity, counts=counts), 8, 8, 6)
    assert str(refusal.value) == f"{name}: no such counter"


def test_totals_that_do_not_fit_the_counters_are_refused() -> None:
    arch = hwsim.load_arch("sigma", {"num_ms": 8})
    activity = summed(hwsim.simulate_gemm(np.ones((2, 4)), 3, arch).activity)
    wrong = {**activity.statistics, "N_SRAM_weight_reads": 1000}
    with pytest.raises(InputError) as refusal:
        split_operands(replace(activity, statistics=wrong), 8, 8, 6)
    wires = activity.by_action()["DSNetwork", "DN_WIRE", "WRITE"]
    assert str(refusal.value) == (
        f"DSNetwork DN_WIRE WRITE: {wires} counted, but the memory controller's totals alone make "
        "1000"
    )
