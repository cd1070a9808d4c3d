"""The reasons why units stand idle."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from hwsim.arch import load_arch
from hwsim.engines.timeloop.layers import SparseloopEngine
from hwsim.engines.timeloop.layers._idle_units import why_idle
from hwsim.engines.timeloop.terms.constraints import Constraints
from tests.engines.timeloop.layers.small_layers import ONLY_ROWS, TINY, convolution, write


def idle(folder: Path, text: str, shape: tuple[int, ...], output: tuple[int, int]) -> str:
    workload = convolution(np.ones(shape, dtype=bool), output)
    activity = SparseloopEngine().simulate(workload, load_arch(write(folder, text)))
    return str(activity.statistics["idle"])


def test_what_may_be_shared_out_and_what_may_not(tmp_path: Path) -> None:
    only_rows = ONLY_ROWS.replace("value: 4, unit: PEs", "value: 8, unit: PEs")
    assert idle(tmp_path, only_rows, (1, 4, 4, 1, 1), (3, 5)) == (
        "3 of 8 Registers a Buffer: it shares out P 3 of 3 and may not share out G, M, C, R, S, Q"
    )
    assert idle(tmp_path, only_rows, (1, 4, 4, 1, 1), (1, 5)) == (
        "1 of 8 Registers a Buffer: it shares out nothing and may not share out G, M, C, R, S, Q"
    )
    assert idle(tmp_path, only_rows, (1, 4, 4, 1, 1), (5, 5)) == ""  # more than half of them


def test_without_constraints_all_dimensions_are_named(tmp_path: Path) -> None:
    found = idle(tmp_path, TINY, (1, 2, 1, 1, 1), (1, 1))
    assert found == "2 of 4 Registers a Buffer: it shares out M 2 of 2"


def test_a_memory_that_is_waited_for(tmp_path: Path) -> None:
    slow = TINY.replace("DRAM, attributes: {", "DRAM, attributes: {read_bandwidth: 1, ")
    # a matrix of 64 weights, one a cycle, and 8 activations, for 64 operations on four PEs
    found = idle(tmp_path, slow, (1, 8, 8, 1, 1), (1, 1))
    assert found == "DRAM takes 72 cycles for its accesses, the operations 16"


@pytest.mark.parametrize(("operations", "waits"), [(8, True), (9, False)])
def test_a_memory_is_named_where_computing_takes_half_of_its_time(
    operations: int, waits: bool
) -> None:
    levels = [
        SimpleNamespace(level=SimpleNamespace(name=name), cycles=cycles)
        for name, cycles in (("Buffer", 15), ("DRAM", 16))
    ]
    nothing = SimpleNamespace(levels=[])
    layer = SimpleNamespace(
        levels=levels, compute_cycles=operations, machine=nothing, problem=nothing
    )
    text = "DRAM takes 16 cycles for its accesses, the operations 8" if waits else ""
    assert why_idle(layer, Constraints()) == text  # type: ignore[arg-type]


def test_half_of_the_units_are_few(tmp_path: Path) -> None:
    grid = TINY.replace("meshX: pes", "meshX: 2, meshY: 2")
    assert idle(tmp_path, grid, (1, 2, 2, 1, 1), (1, 1)) == ""
    assert idle(tmp_path, grid, (1, 2, 1, 1, 1), (1, 1)) == (
        "2 of 4 Registers a Buffer: it shares out M 2 of 2"
    )
