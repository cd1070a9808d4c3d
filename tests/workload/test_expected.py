"""What is expected of a stream when the shares of the input itself are known."""

from dataclasses import replace

import numpy as np
import pytest

from hwsim.networks.network import Layer
from hwsim.workload.lower import expected_of
from hwsim.workload.unfold import unfold

CONV = Layer("c", "conv", np.ones((4, 2, 3, 2), np.float32), input_size=(5, 4), padding=(1, 0),
             padding_end=(2, 1), stride=(2, 1), groups=2)  # fmt: skip


@pytest.mark.parametrize(
    "layer",
    [
        CONV,
        replace(CONV, padding=(2, 2), padding_end=None, dilation=(2, 1)),
        replace(CONV, padding=(0, 0)),
        replace(CONV, padding=(0, 3), padding_end=None, images=2),
    ],
)
def test_padding_is_zero_as_often_as_windows_see_it(layer: Layer) -> None:
    everything = unfold(np.ones(layer.input_shape, bool), layer)
    found = expected_of(layer, 0.5, (0.25, 0.75, 0.0, 1.0))
    assert found.density == pytest.approx(0.5 * everything.mean())
    inside = everything.mean()
    assert found.by_channel == pytest.approx((0.25 * inside, 0.75 * inside, 0, inside))
    assert found.own == (
        (layer.padding[0], layer.input_size[0]),
        (layer.padding[1], layer.input_size[1]),
    )
    one = expected_of(layer, 1.0)
    assert (one.density, one.by_channel) == (pytest.approx(inside), None)


def test_what_has_no_padding_keeps_its_share() -> None:
    for layer in (
        replace(CONV, padding=(0, 0), padding_end=None),
        Layer("fc", "linear", np.ones((2, 4)), vectors=3),
    ):
        found = expected_of(layer, 0.5, (0.25, 0.75, 0.5, 0.5))
        assert (found.density, found.by_channel) == (0.5, (0.25, 0.75, 0.5, 0.5))
        assert found.own is None


def test_windows_that_see_padding_alone_stream_next_to_nothing() -> None:
    layer = Layer("c", "conv", np.ones((1, 1, 2, 1)), input_size=(1, 1), padding=(1, 0),
                  dilation=(2, 1))  # fmt: skip
    found = expected_of(layer, 1.0)
    assert (found.density, found.own) == (1 / 2, None)
