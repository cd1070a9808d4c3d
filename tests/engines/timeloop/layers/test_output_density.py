"""Outputs that are stored without zeros."""

from __future__ import annotations

import numpy as np
import pytest

import hwsim
from hwsim.engines.timeloop.density.density import FixedStructured, Hypergeometric
from hwsim.engines.timeloop.layers import SparseloopEngine
from hwsim.engines.timeloop.layers.output_density import output_density, stores_outputs_compressed
from hwsim.engines.timeloop.terms.formats import RankFormat, Representation
from hwsim.engines.timeloop.terms.sparse_spec import SparseOptimizations
from hwsim.workload import Activations, Workload
from tests.engines.timeloop.layers.small_layers import TINY, write

COMPRESSED = """\
  sparse_optimizations:
    targets:
      - name: DRAM
        representation_format:
          data_spaces:
            - name: Outputs
              rank_application_order: inner_to_outer
              ranks:
                - {format: UOP, payload_word_bits: 8, flattened_rankIDs: [GMPQ]}
                - {format: CP, metadata_word_bits: 8, flattened_rankIDs: [GMPQ]}
"""


def layer(levels: np.ndarray, activations: Activations, streams: int = 5) -> Workload:
    return Workload("a", levels.astype(np.int8), streams, "linear", activations=activations)


def test_chances_by_hand() -> None:
    rows = np.array([[[1, 1, 0, 1], [0, 0, 0, 0], [0, 1, 0, 0]]])
    workload = layer(rows, Activations(0.25))
    known = output_density(workload, statistical=False)
    assert known == Hypergeometric(pytest.approx((1 - 0.75**3 + 0 + 0.25) / 3))
    share = output_density(workload, statistical=True)
    assert share == Hypergeometric(pytest.approx(1 - (1 - 0.25 / 3) ** 4))
    # Filters without a weight have outputs of zero, others none.
    dense = output_density(layer(rows, Activations()), statistical=False)
    assert dense == Hypergeometric(2 / 3)
    assert output_density(layer(rows[:, [0, 2]], Activations()), False) == FixedStructured(1.0)
    assert output_density(layer(np.ones((1, 2, 4)), Activations()), True) == FixedStructured(1.0)


def test_a_format_of_other_tensors_or_without_compression_is_none() -> None:
    offsets, coordinates = (Representation((RankFormat(name, 8, 8),)) for name in ("uop", "cp"))
    for form, operand, stored in (
        (coordinates, 2, True),
        (offsets, 2, False),
        (coordinates, 0, False),
    ):
        sparse = SparseOptimizations(representations={(2, 0): offsets, (3, operand): form})
        assert stores_outputs_compressed(sparse) is stored


@pytest.mark.parametrize("statistical", [False, True])
def test_products_of_random_matrices(statistical: bool) -> None:
    random = np.random.default_rng(0)
    weights, inputs = random.random((1, 200, 60)) < 0.1, random.random((1, 300, 60)) < 0.05
    products = weights[0].astype(int) @ inputs[0].T.astype(int)
    found = output_density(layer(weights, Activations(nonzeros=inputs), 300), statistical)
    assert found.density == pytest.approx(np.count_nonzero(products) / products.size, rel=0.05)


@pytest.mark.parametrize("density", ["actual", "statistical"])
def test_only_what_is_not_zero_leaves(tmp_path, density: str) -> None:
    plain = write(tmp_path)
    engine = SparseloopEngine(density)
    workload = layer(np.ones((1, 8, 4)), Activations(0.1), 32)
    before = engine.evaluation(workload, hwsim.load_arch(plain))[0].levels[-1].spaces[2].tile
    text = TINY.replace(
        "{depth", "{compression_supported: true, decompression_supported: true, depth"
    )
    text = text.replace(
        "{width: 64, datawidth: 8}", "{width: 64, datawidth: 8, metadata_storage_width: 64}"
    )
    arch = hwsim.load_arch(write(tmp_path, text + COMPRESSED))
    evaluation, _ = engine.evaluation(workload, arch)
    tile = evaluation.levels[-1].spaces[2].tile
    share = 1 - 0.9**4
    nonzeros = int(np.ceil(share * 256))
    assert (before.counts["random_update"], before.dense.updates) == (256, 256)
    assert tile.counts["random_update"] == pytest.approx(nonzeros, abs=1)
    # A coordinate for each; the memory of a machine is one tile, which is never empty.
    assert tile.ranks[0].metadata == pytest.approx(nonzeros, abs=1)
    assert evaluation.problem.densities[2].density == pytest.approx(share)
