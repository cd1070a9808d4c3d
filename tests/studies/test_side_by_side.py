"""Layers that are lowered together come out as one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hwsim.networks.network import Layer, Network
from hwsim.schemes.description import describe_layer
from hwsim.studies.plan import Plan
from hwsim.studies.request import Request
from hwsim.studies.workers.bench import Bench
from hwsim.studies.workers.layer_of import LayerOf
from hwsim.workload import lower

SCHEMES = (
    "dense",
    "dense:precision=int8",
    "binary",
    "binary:scale=one",
    "ternary",
    "signed-binary",
    "signed-binary:p=0.3,delta=0.2,scale=mean",
    "signed-binary:sign=sum",
    "signed-binary:sparsity=0.4",
    "signed-binary:sparsity=0.4,method=random",
    "pruned:sparsity=0.5",
)
SHAPES = ((4, 3, 3, 3), (5, 3, 3, 3), (5, 7), (4, 1, 1, 1))
KINDS = ("laplace", "zeros", "one sign", "trained binary", "trained signed-binary", "ints")


def weights(kind, shape, seed):
    draw = np.random.default_rng(seed)
    drawn = draw.laplace(size=shape).astype(np.float32)
    signs = np.where(np.arange(shape[0]) < shape[0] // 2, 1, -1).reshape(-1, *[1] * len(shape[1:]))
    return {
        "laplace": drawn,
        "zeros": drawn * (draw.random(shape) < 0.3),
        "one sign": abs(drawn),
        "trained binary": np.where(drawn > 0, np.float32(0.5), np.float32(-0.5)),
        "trained signed-binary": (signs * (drawn > 0)).astype(np.float32),
        "ints": draw.integers(-3, 4, shape).astype(np.float32),
    }[kind]


def network(kinds, shapes):
    layers = []
    for number, (kind, shape) in enumerate(zip(kinds, shapes, strict=True)):
        weight = weights(kind, shape, number)
        weight.setflags(write=False)
        window = {"padding": (1, 1), "input_size": (6, 5 + number % 2)} if len(shape) == 4 else {}
        name = "conv" if len(shape) == 4 else "linear"
        layers.append(Layer(f"layer{number}", name, weight, **window))
    return Network("drawn", tuple(layers))


@pytest.mark.parametrize("scheme", SCHEMES)
@settings(max_examples=20)
@given(st.data())
def test_together_is_as_one_by_one(scheme, data):
    count = data.draw(st.integers(1, 7))
    kinds = data.draw(st.lists(st.sampled_from(KINDS), min_size=count, max_size=count))
    shapes = data.draw(st.lists(st.sampled_from(SHAPES), min_size=count, max_size=count))
    asked = Request(network(kinds, shapes), schemes=(scheme,), quantize_layers=("*",))
    plan = Plan.of(asked, kept=False)
    names = [layer.name for layer in plan.chosen.layers]
    together = {
        task.layer: (task, row, operands, zeros, workload)
        for tasks, rows, workloads in plan.lower_together(scheme, names)
        for task, row, operands, zeros, workload in zip(
            tasks,
            rows,
            workloads.operands,
            workloads.zeros_fingerprints(),
            workloads,
            strict=True,
        )
    }
    assert sorted(together) == names
    quantized = plan.quantizers[scheme].layers(names)
    for name, of_many in zip(names, quantized, strict=True):
        task, row, operands, zeros, workload = together[name]
        alone = plan.quantizers[scheme].layer(name)
        assert np.array_equal(of_many.values, alone.values)
        assert of_many.values.dtype == alone.values.dtype
        assert (of_many.origin, of_many.sign_bits) == (alone.origin, alone.sign_bits)
        assert row == describe_layer(alone)
        bits = plan.compared_bits(scheme, name)
        expected = lower(alone, plan.activations(of_many.layer), bits)
        assert workload == expected  # levels and geometry
        assert (workload.operands, workload.bits.counts.tolist()) == (
            expected.operands,
            expected.bits.counts.tolist(),
        )
        assert zeros == workload.zeros_fingerprint() == expected.zeros_fingerprint()
        assert operands == expected.operands
        assert task == plan.lower(scheme, name)[0]
        assert (task.density, task.effectual_macs) == (alone.density, expected.effectual_macs)
        assert (task.macs, task.weight_bits) == (expected.macs, alone.storage_bits)
        assert (task.origin, task.scheme_applied) == (alone.origin, alone.scheme)


def test_one_that_cannot_be_lowered_does_not_stop_the_others():
    plan = Plan.of(
        Request(network(["laplace"] * 3, [SHAPES[0]] * 3), schemes=("binary",)), kept=False
    )
    bench = Bench()
    bench.take(plan)
    names = "layer0", "no such layer", "layer2"
    first, second, third = bench.lower([LayerOf(plan.key, "binary", name) for name in names], [])
    assert (first.task.layer, third.task.layer) == ("layer0", "layer2")
    assert "'no such layer'" in str(second)
