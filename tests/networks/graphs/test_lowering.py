import numpy as np
import pytest

from hwsim.errors import InputError
from hwsim.networks.graphs.lowering import (
    attention,
    convolution,
    same_padding,
    stacked_linear,
    transposed_convolution,
)

NONE, ONE = (0,), (1,)


def test_one_dimension() -> None:
    layer = convolution("c", np.ones((2, 3, 4), "f4"), (9,), (2,), (1,), (1,), (1,), images=3)
    assert (layer.weight.shape, layer.input_size, layer.stride) == ((2, 3, 1, 4), (1, 9), (1, 2))
    assert (layer.padding, layer.padding_end, layer.images) == ((0, 1), None, 3)
    assert layer.macs == 2 * 12 * 4 * 3


def test_ranks_that_are_none() -> None:
    with pytest.raises(InputError, match=r"^layer 'c': convolutions have 1, 2 or 3 dimen.* Got 4$"):
        convolution("c", np.ones((1, 1, 1, 1, 1, 1), "f4"), ONE * 4, ONE * 4, NONE * 4, NONE * 4,
                    ONE * 4)  # fmt: skip
    with pytest.raises(InputError, match=r"^layer 'c': has no output: its input is 2, its kernel "):
        convolution("c", np.ones((1, 1, 3), "f4"), (2,), ONE, NONE, NONE, ONE)


def test_no_frame_is_no_output() -> None:
    weight = np.ones((1, 1, 3, 1, 1), "f4")
    with pytest.raises(InputError, match="its input is 2x4x4"):
        convolution("c", weight, (2, 4, 4), ONE * 3, NONE * 3, NONE * 3, ONE * 3)
    zeros = convolution("c", weight, (2, 4, 4), ONE * 3, (1, 0, 0), NONE * 3, ONE * 3)
    assert zeros.images == 1


def test_transposed_equals_the_products_of_its_definition() -> None:
    rng = np.random.default_rng(0)
    weight, given = rng.standard_normal((4, 3, 2)), rng.standard_normal((4, 5))
    layer = transposed_convolution("t", weight, (5,), groups=2)
    # Group by group, what every input position adds to the outputs, tap by tap.
    for group in range(2):
        channels = slice(2 * group, 2 * group + 2)
        expected = np.einsum("cks,cp->ksp", weight[channels], given[channels])
        filters = layer.weight[6 * group : 6 * group + 6, :, 0, 0]
        assert np.allclose(filters @ given[channels], expected.reshape(6, 5))
    assert layer.macs == 4 * 3 * 2 * 5


def test_stacked_matrices() -> None:
    weights = np.arange(12, dtype="f4").reshape(2, 3, 2)
    layer = stacked_linear("s", weights, 7)
    assert (layer.kind, layer.groups, layer.columns, layer.macs) == ("conv", 2, 7, 84)
    assert np.array_equal(layer.weight[3:, :, 0, 0], weights[1])
    assert stacked_linear("s", weights[:1], 7).kind == "linear"


def test_attention() -> None:
    scores, mixed = attention("a", 2, 5, 7, 4, 3)
    assert (scores.name, scores.filters, scores.reduction, scores.vectors) == ("a.qk", 14, 4, 5)
    assert (mixed.name, mixed.filters, mixed.reduction, mixed.vectors) == ("a.av", 6, 7, 5)


@pytest.mark.parametrize(
    ("size", "window", "stride", "dilation", "zeros"),
    [(7, 3, 1, 1, 2), (7, 3, 2, 1, 2), (8, 3, 2, 1, 1), (8, 3, 1, 2, 4), (8, 1, 2, 1, 0)],
)
def test_same_padding(size: int, window: int, stride: int, dilation: int, zeros: int) -> None:
    assert same_padding(size, window, stride, dilation) == zeros
