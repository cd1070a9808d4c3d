"""What the engine says of its streaming matrix, by hand."""

import numpy as np
import pytest

from hwsim.arch import load_arch
from hwsim.engines.stonne.sigma.gemms import simulate
from hwsim.engines.stonne.sigma.stream import Stream


def test_a_stream_of_bits_counts_what_stonne_takes_for_present():
    bits = np.array([[1, 1, 1, 1, 0], [0, 0, 0, 0, 1], [0, 0, 0, 0, 0]], dtype=bool)
    stream = Stream.of_bits(bits)
    assert (stream.columns, stream.present) == (3, 4 + 3 + 3)  # two fibers are filled up to three
    assert stream.present_at.tolist() == [3, 3, 2, 1, 1]


@pytest.mark.parametrize(
    ("K", "density", "present"), [(30, 1.0, 210), (30, 0.5, 105), (30, 0.05, 21), (2, 0.5, 14)]
)
def test_a_stream_of_a_density_has_at_least_three_a_vector(K, density, present):
    stream = Stream.of_density(7, K, density)
    assert (stream.columns, stream.present) == (7, present)
    assert stream.present_at.tolist() == [pytest.approx(present / K)] * K


@pytest.mark.parametrize("groups", [1, 2, 3])
def test_the_share_of_zeros_in_the_stream_is_that_of_every_group(groups):
    arch = load_arch("sigma", {"num_ms": 16})
    bits = np.ones((groups, 4, 30), dtype=bool)
    activity = simulate(bits, Stream.of_density(7, 30, 0.4), arch, "MK_STA_KN_STR")
    assert activity.statistics["STR_sparsity"] == 60
    assert activity.statistics["STA_sparsity"] == 0
    assert activity.macs == activity.effectual_macs == groups * 4 * 30 * 7
