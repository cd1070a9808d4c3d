"""No shipped machine takes fewer cycles than the weights of a layer and its own ways allow."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hwsim.arch import list_archs, load_arch
from hwsim.engines import load_engine
from hwsim.pace import exceeds, limit_reason, ratio_limit
from hwsim.workload import Activations, ConvolutionWindow, Operands, Workload
from tests.arch.quick_search import quick_arch

#: Bits of the forms that are compared: dense and pruned, ternary, binary.
BITS = (8, 2, 1)


def random_layer(random: np.random.Generator) -> Workload:
    """A small convolution without zeros."""
    channels, kernel = int(random.integers(1, 25)), int(random.choice([1, 1, 3]))
    filters, side = int(random.integers(1, 33)), int(random.integers(1, 12))
    groups = int(random.choice([1, 1, 2]))
    return Workload(
        layer="random",
        levels=np.ones((groups, filters, channels * kernel * kernel), np.int8),
        streams=side * side,
        window=ConvolutionWindow(channels, (kernel, kernel), (side, side)),
        activations=Activations(float(random.choice([1.0, 0.4]))),
        compared_bits=BITS,
    )


def forms(dense: Workload, random: np.random.Generator) -> list[Workload]:
    """The layer with zeros at random, in whole kernels, in 2 of 4 channels, and in fewer bits."""
    assert dense.window is not None
    shape = (dense.groups, dense.filters, dense.window.channels, dense.window.kernel[0] ** 2)
    share = float(random.choice([0.05, 0.3, 0.6, 0.95]))
    strewn = random.random(shape) < share
    clustered = np.broadcast_to(random.random((*shape[:3], 1)) < share, shape)
    two_of_four = np.broadcast_to((np.arange(shape[2]) % 4 < 2)[None, None, :, None], shape)
    ones = np.ones(shape, bool)
    return [
        coded(replace(dense, levels=mask.reshape(dense.levels.shape).astype(np.int8)), bits)
        for mask, bits in (
            *((strewn, bits) for bits in BITS),
            (clustered, 8),
            (two_of_four, 8),
            (ones, 1),
        )
    ]


def coded(workload: Workload, bits: int) -> Workload:
    coding = "value" if bits > 2 else "ternary" if bits == 2 else "sign"
    size, some = workload.levels.size, workload.effectual_weights
    return replace(workload, operands=Operands(coding, bits, 0, size, some, 1, 1))


#: One machine of each kind: of those that come in sizes the one that the others extend.
SIZES = ("sigma-", "maeri-", "tpu-")
MACHINES = [name for name in list_archs() if name != "yodann-like" and not name.startswith(SIZES)]


@pytest.mark.parametrize("name", MACHINES)
def test_no_ratio_of_cycles_is_beyond_its_limit(name: str, tmp_path) -> None:
    arch = load_arch(name)
    if arch.engine == "sparseloop":
        arch = load_arch(quick_arch(tmp_path, name))
    engine = load_engine(arch.engine)
    for seed in range(2):
        random = np.random.default_rng(seed)
        layer = coded(random_layer(random), 8)
        dense = engine.simulate(layer, arch)
        assert dense.pace is not None
        for form in forms(layer, random):
            found = engine.simulate(form, arch)
            assert found.pace is not None
            limit = ratio_limit(dense.pace, found.pace)
            assert not exceeds(dense.cycles, found.cycles, limit), (
                f"{dense.cycles} over {found.cycles} cycles, at most {limit:.4g}: "
                f"{limit_reason(dense.pace, found.pace)}"
            )
            # unpu counts bits, of which narrow weights have fewer; ucnn what several filters share.
            if arch.engine not in ("unpu", "ucnn"):
                assert found.pace.operations >= form.density
            assert found.cycles >= 1
