"""Layers that are compared: one choice of mappings, whatever is evaluated first and where."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hwsim.arch import load_arch
from hwsim.engines.timeloop.layers import SparseloopEngine
from hwsim.engines.timeloop.layers._layer_mapping import MappingCache
from hwsim.engines.timeloop.layers._layer_problem import layer_shape
from hwsim.engines.timeloop.layers.layer_weights import MappingVariant, compared_variants
from hwsim.engines.timeloop.mapper import side_by_side
from hwsim.pace import ratio_limit
from hwsim.workload import Operands, Workload
from tests.arch.quick_search import quick_arch
from tests.engines.timeloop.layers.small_layers import TINY, convolution, write

SHAPE = (1, 24, 16, 3, 3)
VARIANTS = [MappingVariant(8), MappingVariant(8, 0.5), MappingVariant(1), MappingVariant(1, 0.5)]


def two_of_four(shape: tuple[int, ...]) -> np.ndarray:
    """The first two of every four neighbouring channels are zero."""
    mask = np.ones(shape, bool)
    mask[:, :, np.arange(shape[2]) % 4 < 2] = False
    return mask


def test_the_choice_depends_on_no_order(tmp_path) -> None:
    arch = load_arch(quick_arch(tmp_path, "stc"))
    shape = layer_shape(convolution(np.ones(SHAPE)))
    found = []
    for order in (VARIANTS, VARIANTS[::-1]):
        cache = MappingCache()
        found.append({each: cache.find(arch, shape, each, order) for each in order})
    assert found[0] == found[1]


def test_alone_a_variant_has_its_own_mapping(tmp_path) -> None:
    arch, shape = load_arch(quick_arch(tmp_path, "stc")), layer_shape(convolution(np.ones(SHAPE)))
    cache = MappingCache()
    for each in VARIANTS:
        assert cache.find(arch, shape, each, [each]) is cache.find(arch, shape, each)


def test_a_comparison_searches_no_more_than_its_variants(tmp_path, monkeypatch) -> None:
    made = []
    search = side_by_side.found_together
    monkeypatch.setattr(
        side_by_side,
        "found_together",
        lambda wanted, is_ended: made.extend(wanted) or search(wanted, is_ended),
    )
    arch, shape = load_arch(quick_arch(tmp_path, "stc")), layer_shape(convolution(np.ones(SHAPE)))
    cache = MappingCache()
    for each in VARIANTS:
        cache.find(arch, shape, each, VARIANTS)
    assert len(made) == len(VARIANTS)


def test_what_does_not_fit_the_wide_weights_is_left_out(tmp_path) -> None:
    """48 rows of 64 bits hold all 576 weights of 1 bit, and not all of 8 bits."""
    text = TINY.replace("value: 256", "value: 48").replace("budget: 600", "budget: 60")
    arch, engine = load_arch(write(tmp_path, text)), SparseloopEngine()
    mask = np.ones((1, 8, 8, 3, 3))
    wide, narrow = (
        engine.evaluation(replace(convolution(mask, bits=bits), compared_bits=(1, 8)), arch)[0]
        for bits in (8, 1)
    )
    assert narrow.cycles <= wide.cycles
    assert narrow.energy <= wide.energy


def test_a_layer_is_compared_in_the_bits_of_the_machine(tmp_path) -> None:
    workload = replace(convolution(np.ones(SHAPE)), compared_bits=(1, 8, 32))
    simple, stc = (load_arch(quick_arch(tmp_path, name)) for name in ("simple", "stc"))
    assert compared_variants(workload, simple) == {MappingVariant(1), MappingVariant(8)}
    assert compared_variants(workload, stc) == set(VARIANTS)
    assert compared_variants(replace(workload, compared_bits=()), stc) == set()


def test_a_structure_has_all_slots_of_a_last_group_that_is_not_full(tmp_path) -> None:
    """2 slots for every 4 channels: 5 channels take 4, 3 take 2, and 2 gain nothing."""
    stc = load_arch(quick_arch(tmp_path, "stc"))
    for channels, share in ((8, 0.5), (5, 0.8), (3, 2 / 3), (2, 1.0)):
        layer = convolution(two_of_four((1, 4, channels, 1, 1)))
        assert MappingVariant.of(layer, stc) == MappingVariant(8, share)
        compared = compared_variants(replace(layer, compared_bits=(8,)), stc)
        assert compared == {MappingVariant(8), MappingVariant(8, share)}


def test_layers_compared_with_others_are_other_tasks() -> None:
    engine, alone = SparseloopEngine(), convolution(np.ones(SHAPE))
    compared = replace(alone, compared_bits=(1, 8))
    assert engine.key(alone) != engine.key(compared)
    assert engine.key(compared) == engine.key(replace(compared, layer="another"))


#: Of BERT base at 384 tokens; those of ResNet-50 are published figures (stc-resnet50.yaml).
BERT = [(768, 768, 384), (3072, 768, 384)]


#: Less than 2 where the mapping of the dense layer, which the pruned one has to beat in energy too,
#: leaves the shared memory too slow for twice the pace: 477,477 cycles for 884,736 / 2.
WAITS = {(3072, 768, 384): 477_477}


@pytest.mark.parametrize(("M", "K", "N"), BERT)
def test_two_of_four_takes_half_the_time_of_dense_weights(M: int, K: int, N: int) -> None:
    arch, engine = load_arch("stc"), SparseloopEngine()
    dense, pruned = (
        engine.simulate(
            Workload("gemm", mask.reshape(1, M, K), N, operands=operands, compared_bits=(8,)), arch
        )
        for operands in [Operands("value", 8, 0, M * K, M * K, K * N, M * N)]
        for mask in (np.ones((1, M, K, 1, 1), bool), two_of_four((1, M, K, 1, 1)))
    )
    assert dense.cycles == M * K * N / 1024
    assert pruned.cycles == WAITS.get((M, K, N), dense.cycles / 2)
    assert pruned.cycles >= dense.cycles / 2
    assert dense.pace is not None
    assert pruned.pace is not None
    assert ratio_limit(dense.pace, pruned.pace) == 2
    assert pruned.pace.zeros == "zero weights are skipped, 50 % are left"
    assert dense.pace.zeros == "no operation is skipped"
