"""What a mapped layer waits for."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from hwsim.arch import load_arch
from hwsim.engines.timeloop.layers import SparseloopEngine
from hwsim.engines.timeloop.layers._layer_problem import layer_problem
from hwsim.engines.timeloop.layers.layer_pace import layer_pace
from hwsim.engines.timeloop.terms.sparse_spec import Condition, Saving, SparseOptimizations
from hwsim.pace import Pace
from tests.engines.timeloop.layers.small_layers import TINY, convolution, write


@pytest.mark.parametrize("words", [0.01, 64])
def test_units_wait_for_a_memory(tmp_path: Path, words: float) -> None:
    slow = f"attributes: {{width: 64, datawidth: 8, read_bandwidth: {words}}}"
    text = TINY.replace("attributes: {width: 64, datawidth: 8}", slow)
    workload, arch = convolution(np.ones((1, 4, 2, 3, 3))), load_arch(write(tmp_path, text))
    engine = SparseloopEngine()
    evaluation, _ = engine.evaluation(workload, arch)
    pace = engine.simulate(workload, arch).pace
    assert pace is not None
    if words == 64:
        assert pace.waits == 0
    else:
        assert evaluation.cycles > 2 * evaluation.compute_cycles
        assert pace.waits == 1 - evaluation.compute_cycles / evaluation.cycles


def test_a_memory_may_be_as_wide_as_a_weight(tmp_path: Path) -> None:
    text = TINY.replace("width: 8, datawidth: 8", "width: weight_bits, datawidth: weight_bits")
    for bits in (1, 8):
        arch = load_arch(write(tmp_path, text), {"weights": f"int{bits}"})
        evaluation, _ = SparseloopEngine().evaluation(convolution(np.ones((1, 1, 1, 1, 1))), arch)
        registers = evaluation.machine.levels[0]
        assert (registers.width, registers.word_bits) == (bits, bits)


WEIGHTS, INPUTS, OUTPUTS = range(3)
ONE = (1, 1)
PROBLEM = layer_problem(((1,) * 7, ONE, ONE))


def pace(cycles: int = 100, operations: int = 100, **sparse: Any) -> Pace:
    """Of weights of a quarter of the bits, three quarters of them zero."""
    made = SparseOptimizations(**sparse)
    levels = [
        SimpleNamespace(level=SimpleNamespace(name=name), cycles=own)
        for name, own in (("Buffer", cycles // 2), ("DRAM", cycles))
    ]
    evaluated = SimpleNamespace(
        problem=PROBLEM,
        sparse=made,
        cycles=cycles,
        compute_cycles=operations,
        levels=levels,
        waiting_cycles=int(operations == 0),
    )
    return layer_pace(evaluated, 0.25, 0.5, 1.5)  # type: ignore[arg-type]


def saving(target: int, *condition_on: int, kind: str = "skipping") -> dict[str, Any]:
    return {"savings": {1: (Saving(kind, (Condition(target, condition_on),)),)}}  # type: ignore[arg-type]


def stored(space: int, compressed: bool = True) -> dict[str, Any]:
    form = SimpleNamespace(compressed=compressed)
    return {"representations": {(2, INPUTS): SimpleNamespace(compressed=False), (1, space): form}}


@pytest.mark.parametrize(
    ("sparse", "operations", "memories"),
    [
        ({}, 1.0, 0.5),
        (saving(INPUTS, WEIGHTS), 0.25, 0.125),
        (saving(INPUTS, OUTPUTS, WEIGHTS), 0.25, 0.125),
        (saving(INPUTS, WEIGHTS, kind="gating"), 0.25, 0.125),  # its operation falls away, too
        (saving(OUTPUTS, WEIGHTS), 1.0, 0.125),  # the operations are done
        (saving(OUTPUTS, WEIGHTS, kind="gating"), 1.0, 0.5),
        (saving(WEIGHTS, INPUTS), 1.0, 0.5),
        (stored(WEIGHTS), 1.0, 0.125),
        (stored(WEIGHTS, compressed=False), 1.0, 0.5),
        (stored(INPUTS), 1.0, 0.5),
        ({**stored(WEIGHTS), "compute_skips": True}, 0.25, 0.125),
        ({**stored(INPUTS), "compute_skips": True}, 1.0, 0.5),
    ],
)
def test_what_zero_weights_shorten(
    sparse: dict[str, Any], operations: float, memories: float
) -> None:
    found = pace(**sparse)
    assert (found.operations, found.memories) == (operations, memories)
    left = "zero weights are skipped, 25 % are left"
    assert found.zeros == (left if operations < 1 else "no operation is skipped")


@pytest.mark.parametrize(
    ("cycles", "operations", "slack", "waits"),
    [(100, 100, 1.5, 0.0), (400, 100, 6.0, 0.75), (100, 200, 1.5, 0.0), (3, 0, 4.5, 1.0)],
)
def test_waiting_for_memories_and_for_other_units(
    cycles: int, operations: int, slack: float, waits: float
) -> None:
    found = pace(cycles, operations)
    assert (found.slack, found.waits) == (slack, waits)
    together = "units wait for the one with the most products"
    assert found.waiting == (together if cycles == operations else "a memory sets the pace")
    names = "DRAM" if operations else "DRAM and the first words of passes"
    assert found.waits_for == (names if cycles > operations else "")


def test_a_layer_that_takes_no_time_has_a_pace() -> None:
    found = pace(0, 0)
    assert (found.slack, found.waits) == (1.5, 1.0)
