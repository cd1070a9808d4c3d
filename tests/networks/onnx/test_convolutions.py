from pathlib import Path

import numpy as np
import pytest

from hwsim.errors import InputError
from tests.networks.onnx.graphs import facts, node, only, read, weights


def test_two_dimensions_with_everything_uneven(tmp_path: Path) -> None:
    w = weights(6, 2, 3, 4)
    conv = node(
        "Conv", ["x", "w", "b"], ["y"], "c",
        pads=[1, 0, 2, 3], strides=[2, 1], dilations=[1, 2], group=2,
    )  # fmt: skip
    layer = only(read(tmp_path, [conv], {"x": [1, 4, 9, 11]}, {"w": w, "b": weights(6)}))
    assert (layer.name, layer.kind, layer.groups, layer.images) == ("c", "conv", 2, 1)
    assert (layer.padding, layer.padding_end) == ((1, 0), (2, 3))
    assert (layer.stride, layer.dilation, layer.input_size) == ((2, 1), (1, 2), (9, 11))
    assert layer.output_size == (5, 8)  # (9+3-3)/2+1, 11+3-2*3-1+1
    assert layer.macs == 6 * 2 * 3 * 4 * 5 * 8
    assert np.array_equal(layer.weight, w)


def test_one_dimension_is_one_row(tmp_path: Path) -> None:
    conv = node("Conv", ["x", "w"], ["y"], pads=[2, 1], strides=[3], dilations=[2])
    layer = only(read(tmp_path, [conv], {"x": [2, 3, 20]}, {"w": weights(5, 3, 4)}))
    assert layer.weight.shape == (5, 3, 1, 4)
    assert (layer.stride, layer.dilation, layer.images) == ((1, 3), (1, 2), 2)
    assert (layer.padding, layer.padding_end, layer.input_size) == ((0, 2), (0, 1), (1, 20))
    assert layer.macs == 5 * 3 * 4 * 6 * 2  # 20 + 3 - 7 + 1 positions in steps of 3, 2 images


def test_time_is_folded_into_channels_and_images(tmp_path: Path) -> None:
    w = weights(4, 1, 3, 2, 2)
    conv = node("Conv", ["x", "w"], ["y"], group=2, pads=[1, 0, 0, 1, 0, 0], strides=[2, 1, 1])
    layer = only(read(tmp_path, [conv], {"x": [1, 2, 7, 5, 6]}, {"w": w}))
    assert layer.weight.shape == (4, 3, 2, 2)
    assert np.array_equal(layer.weight[1, 2], w[1, 0, 2])
    assert (layer.images, layer.input_size, layer.padding) == (4, (5, 6), (0, 0))
    assert layer.macs == 4 * 3 * 2 * 2 * 4 * 5 * 4


@pytest.mark.parametrize(
    ("mode", "begin", "end"), [("SAME_UPPER", (1, 1), (1, 2)), ("SAME_LOWER", (1, 2), (1, 1))]
)
def test_same_padding(
    tmp_path: Path, mode: str, begin: tuple[int, int], end: tuple[int, int]
) -> None:
    conv = node("Conv", ["x", "w"], ["y"], auto_pad=mode, strides=[2, 1])
    layer = only(read(tmp_path, [conv], {"x": [1, 1, 7, 8]}, {"w": weights(1, 1, 3, 4)}))
    assert (layer.padding, layer.padding_end) == (begin, end)
    assert layer.output_size == (4, 8)


def test_valid_padding(tmp_path: Path) -> None:
    valid = node("Conv", ["x", "w"], ["y"], auto_pad="VALID")
    assert only(read(tmp_path, [valid], {"x": [1, 1, 5, 5]}, {"w": weights(1, 1, 3, 3)})).macs == 81


def test_transposed_takes_the_products_of_its_input(tmp_path: Path) -> None:
    w = weights(4, 3, 2, 5)
    layer = only(
        read(
            tmp_path,
            [node("ConvTranspose", ["x", "w"], ["y"], group=2, strides=[2, 2])],
            {"x": [1, 4, 6, 7]},
            {"w": w},
        )
    )
    assert (layer.weight.shape, layer.groups, layer.input_size) == ((60, 2, 1, 1), 2, (6, 7))
    assert layer.macs == 4 * 3 * 2 * 5 * 6 * 7
    # Filter 1 of group 1, tap (1, 3), channel 0 of the group.
    assert layer.weight[30 + 1 * 10 + 1 * 5 + 3, 0, 0, 0] == w[2, 1, 1, 3]


def test_transposed_over_time_and_one_dimension(tmp_path: Path) -> None:
    up = node("ConvTranspose", ["x", "w"], ["y"])
    assert only(read(tmp_path, [up], {"x": [2, 3, 9]}, {"w": weights(3, 4, 2)})).macs == 432
    over = only(read(tmp_path, [up], {"x": [1, 2, 3, 4, 5]}, {"w": weights(2, 3, 2, 2, 2)}))
    assert (over.images, over.input_size, over.macs) == (3, (4, 5), 2 * 3 * 8 * 60)


def test_integers_stand_for_what_scale_and_zero_point_say(tmp_path: Path) -> None:
    w = weights(2, 3, 2, 2, dtype=np.uint8)
    network = read(
        tmp_path,
        [node("ConvInteger", ["x", "w", "", "z"], ["y"], "c")],
        {"x": ([1, 3, 4, 4], 2)},
        {"w": w, "z": np.array([3, 5], np.uint8)},
    )
    zeros = np.array([3, 5]).reshape(2, 1, 1, 1)
    assert np.array_equal(only(network).weight, w.astype(np.float32) - zeros)
    linear = read(
        tmp_path,
        [node("QLinearConv", ["x", "s", "z", "w", "ws", "wz", "s", "z", "b"], ["y"])],
        {"x": ([1, 3, 4, 4], 2)},
        {
            "w": w,
            "s": np.float32(0.5),
            "z": np.uint8(2),
            "ws": np.array([0.5, 2], np.float32),
            "wz": np.array([3, 5], np.uint8),
            "b": np.array([1, 2], np.int32),
        },
    )
    scales = np.array([0.5, 2]).reshape(2, 1, 1, 1)
    assert np.array_equal(only(linear).weight, (w - zeros) * scales)
    assert linear.skipped == {"bias": 1, "scale": 4}


def test_a_kernel_that_is_computed_makes_a_product(tmp_path: Path) -> None:
    conv = node("Conv", ["x", "k"], ["y"], "c", group=3)
    layer = only(read(tmp_path, [conv], {"x": [2, 3, 5, 5], "k": [6, 1, 2, 2]}))
    assert (layer.kind, layer.groups, layer.filters, layer.reduction) == ("product", 3, 6, 4)
    assert layer.vectors == 2 * 16


def test_where_a_deformable_one_reads_changes_nothing(tmp_path: Path) -> None:
    network = read(
        tmp_path,
        [node("DeformConv", ["x", "w", "o"], ["y"], "d", pads=[1, 1, 1, 1])],
        {"x": [1, 2, 4, 5], "o": [1, 18, 4, 5]},
        {"w": weights(3, 2, 3, 3)},
        opset=19,
    )
    assert facts(network) == [("d", "conv", 3 * 2 * 9 * 20)]


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    conv = node("Conv", ["x", "w"], ["y"], "c")
    with pytest.raises(InputError, match=r"layer 'c': has no output: its input is 2x9, its kernel"):
        read(tmp_path, [conv], {"x": [1, 1, 2, 9]}, {"w": weights(1, 1, 3, 3)})
    with pytest.raises(InputError, match=r"'c': its input is 1x2x9x9, its weights 1x1x3x3 in 1 "):
        read(tmp_path, [conv], {"x": [1, 2, 9, 9]}, {"w": weights(1, 1, 3, 3)})
    with pytest.raises(InputError, match=r"not all finite"):
        read(tmp_path, [conv], {"x": [1, 1, 9, 9]}, {"w": np.full((1, 1, 3, 3), np.nan, "f4")})


def test_integers_that_are_computed_are_refused(tmp_path: Path) -> None:
    conv = node("ConvInteger", ["x", "k"], ["y"], "c")
    with pytest.raises(InputError, match="'c': the weights of this ConvInteger depend on the in"):
        read(tmp_path, [conv], {"x": ([1, 1, 4, 4], 2), "k": ([1, 1, 2, 2], 2)})
    network = read(
        tmp_path,
        [conv, node("MatMul", ["z", "w"], ["t"], "m")],
        {"x": ([1, 1, 4, 4], 2), "k": ([1, 1, 2, 2], 2), "z": [1, 4]},
        {"w": weights(4, 5)},
        skip=["c"],
    )
    assert facts(network) == [("m", "linear", 20)]
