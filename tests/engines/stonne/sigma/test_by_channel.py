"""SIGMA with shares of activations by channel."""

import numpy as np
import pytest

import hwsim
from hwsim.activity import UNUSED_ACTIVATIONS
from hwsim.engines import load_engine
from hwsim.engines.stonne.sigma.stream import Stream
from hwsim.networks.network import Layer, Network
from hwsim.schemes import quantize
from hwsim.workload import Activations, Workload, lower
from hwsim.workload.lower import expected_of
from hwsim.workload.unfold import unfold

WEIGHTS = (np.random.default_rng(5).random((3, 7, 24)) < 0.4).astype(np.int8)
#: Channels of four kernel positions that are all there or all zero, other ones in each group.
THERE = np.array([[1, 1, 0, 1, 0, 0], [0, 1, 0, 0, 0, 0], [1, 1, 1, 1, 1, 0]], bool)
SHARES = tuple(map(float, THERE.ravel()))


def layer(activations, levels=WEIGHTS):
    return Workload("layer", levels, 9, activations=activations)


def by_channel(*shares):
    return Activations(float(np.mean(shares)), by_channel=shares)


@pytest.mark.parametrize("distribution", ["ports", "multicast"])
@pytest.mark.parametrize("num_ms", [8, 32])
def test_whole_channels_of_zeros_are_counted_as_the_zeros_are(distribution, num_ms):
    arch = hwsim.load_arch("sigma", {"num_ms": num_ms, "dn_bw": 8, "distribution": distribution})
    vectors = np.repeat(np.repeat(THERE, 4, axis=1)[:, None], 9, axis=1)
    engine = load_engine("sigma")
    known = engine.simulate(layer(Activations(nonzeros=vectors)), arch)
    expected = engine.simulate(layer(by_channel(*SHARES)), arch)
    assert expected.cycles == known.cycles
    assert expected.counts == pytest.approx(known.counts)
    for key, spread in known.levels.items():
        assert expected.levels[key] == pytest.approx(spread)
    one = engine.simulate(layer(Activations(float(np.mean(SHARES)))), arch)
    assert one.counts != pytest.approx(known.counts)


def test_reads_that_nobody_waits_for_are_of_their_channels():
    """The weights need the first channel only: the other one's values are read for nothing."""
    levels = np.array([[[1, 1, 1, 1, 0, 0, 0, 0]]], np.int8)
    arch, engine = hwsim.load_arch("sigma", {"num_ms": 8}), load_engine("sigma")
    for shares in ((1.0, 0.5), (0.5, 1.0), (0.75, 0.75)):
        activity = engine.simulate(layer(by_channel(*shares), levels), arch)
        assert activity.activation_reads == (9 * 4 * 1.5, 9 * 4 * shares[1])
    assert any(key.operand == UNUSED_ACTIVATIONS for key in activity.counts)


def test_vectors_of_too_few_are_filled():
    stream = Stream.of_shares(10, np.array([[0.5, 0.0, 0.5, 0.0, 1.0], [1.0, 1.0, 0.5, 1.0, 0.0]]))
    # One is missing of the first, shared out as there is room in the first three: 0.5, 1, 0.5.
    assert np.allclose(stream.present_at, [[7.5, 5, 7.5, 0, 10], [10, 10, 5, 10, 0]])
    assert stream.present == pytest.approx((30 + 35) / 2)
    assert stream.columns == 10
    full = Stream.of_shares(10, np.array([[0.5, 0.25, 0.5]]))
    assert (full.present, full.present_at.tolist()) == (30, [10, 10, 10])
    first = Stream.of_shares(10, np.array([[1.0, 1.0, 1.0, 0.0]]))
    assert first.present_at.tolist() == [[10, 10, 10, 0]]


@pytest.mark.parametrize("arch", ["sigma", "sigma-hpca2020"])
def test_zeros_of_the_padding_are_counted_as_they_are(arch):
    """A dense input with padding: the share tells all, and counts are those of the zeros."""
    weight = np.random.default_rng(1).laplace(size=(6, 4, 3, 3)).astype(np.float32)
    conv = Layer("c", "conv", weight, input_size=(5, 6), padding=(1, 1), groups=1)
    [quantized] = quantize(Network("n", (conv,)), "signed-binary", "all").layers
    there = unfold(np.ones(conv.input_shape, bool), conv)
    machine, engine = hwsim.load_arch(arch), load_engine("sigma")
    known = engine.simulate(lower(quantized, Activations(nonzeros=there)), machine)
    expected = engine.simulate(lower(quantized, expected_of(conv, 1.0)), machine)
    assert expected.counts == pytest.approx(known.counts)
    assert expected.cycles == known.cycles
