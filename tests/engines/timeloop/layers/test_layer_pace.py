"""What a mapped layer waits for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hwsim.arch import load_arch
from hwsim.engines.timeloop.layers import SparseloopEngine
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
