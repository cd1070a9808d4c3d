"""STONNE's counters sum over operands; told apart they are those of our engine."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hwsim
from hwsim.activity import ActionKey
from hwsim.engines.stonne.sigma.operands_of_counters import split_operands
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
    found = split_operands(summed(ours), num_ms, dn_bw, M * N)
    assert {key: count for key, count in found.counts.items() if count} == {
        key: count for key, count in ours.counts.items() if count
    }
    assert found.by_action() == ours.by_action()


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
