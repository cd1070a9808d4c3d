"""Which arrays become layers, which are skipped, and which are refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hwsim.errors import InputError
from hwsim.networks.tensors import sort_tensors
from hwsim.networks.uncounted import by_reason

PATH = Path("w.npz")
ONES = np.ones((2, 3), np.float32)


def test_what_is_skipped_is_counted_by_reason() -> None:
    vector = np.ones(2)
    found = sort_tensors(
        PATH,
        {
            "conv1.weight": np.ones((2, 3, 1, 1)),
            "conv1.bias": vector,
            "bn1.weight": vector,
            "bn1.bias": vector,
            "bn1.running_mean": vector,
            "bn1.running_var": vector,
            "bn1.num_batches_tracked": np.array(3),
            "ln.weight": vector,
            "ln.bias": vector,
            "prelu.weight": vector,
            "self_attention.in_proj_weight": ONES,
            "self_attention.in_proj_bias": vector,
            "class_token": np.ones((1, 1, 2)),
            "label": np.array("x"),
            "fc.weight": ONES,
            "fc.bias": vector,
        },
    )
    assert list(found.weights) == ["conv1", "self_attention.in_proj", "fc"]
    assert by_reason(found.uncounted) == {
        "bias": 3,
        "norm": 4,
        "running statistics": 3,
        "vector": 2,
        "learned token": 1,
    }


@pytest.mark.parametrize("prefix", ["module.", "module.module.", "_orig_mod.", "module._orig_mod."])
def test_wrappers_leave_the_names(prefix: str) -> None:
    weights = sort_tensors(PATH, {f"{prefix}layer1.module.fc.weight": ONES}).weights
    assert list(weights) == ["layer1.module.fc"]


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", ">f4", "i1", "u2", "i8", "?"])
def test_real_numbers_become_float32(dtype: str) -> None:
    array = np.array([[0, 1, 1]]).astype(dtype)
    weights = sort_tensors(PATH, {"fc.weight": array}).weights
    assert weights["fc"].dtype == np.float32
    np.testing.assert_array_equal(weights["fc"], array.astype(float))


def test_weights_are_contiguous_and_cannot_be_changed() -> None:
    weights = sort_tensors(PATH, {"fc.weight": np.asfortranarray(ONES)}).weights
    assert weights["fc"].flags.c_contiguous
    with pytest.raises(ValueError, match="read-only"):
        weights["fc"][0, 0] = 2


def test_masks_of_torch_prune_are_applied() -> None:
    mask = np.array([[1, 0, 1], [0, 0, 1]], np.float32)
    found = sort_tensors(
        PATH, {"fc.weight_orig": 2 * ONES, "fc.weight_mask": mask, "fc.bias": np.ones(2)}
    )
    np.testing.assert_array_equal(found.weights["fc"], 2 * mask)
    assert by_reason(found.uncounted) == {"bias": 1}


NAN = np.array([[1.0, np.nan], [np.inf, 0.0]])


def test_of_many_small_layers_the_one_that_is_wrong_is_named() -> None:
    tensors = {f"{name}.weight": np.ones((2, 2)) for name in "abc"}
    with pytest.raises(InputError, match=r"b.weight has 2 of 4 weights that are NaN or infinite"):
        sort_tensors(PATH, tensors | {"b.weight": NAN})


def test_weights_are_read_in_the_order_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hwsim.networks.arrays.weights.BLOCK", 10)
    sizes = {"a": 2, "b": 3, "c": 4, "d": 20, "e": 5, "f": 6}
    tensors = {f"{name}.weight": np.full((1, n), float(n)) for name, n in sizes.items()}
    told: list[tuple[str, int, int]] = []
    found = sort_tensors(PATH, tensors, report=lambda *step: told.append(step)).weights
    assert {name: weight.tolist() for name, weight in found.items()} == {
        name: [[n] * n] for name, n in sizes.items()
    }
    assert told == [("weights of layers", done, 6) for done in range(7)]


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        (
            {},
            "holds no layer weights (arrays named LAYER.weight with 2 or 4 dimensions); "
            "it is empty",
        ),
        (
            {"a": ONES, "b": ONES, "c": ONES, "d": ONES, "e": ONES},
            "holds no layer weights (arrays named LAYER.weight with 2 or 4 dimensions); "
            "its arrays are a, b, c, d, ...; --take GLOB takes those that are",
        ),
        (
            {"fc.weight": np.ones(6), "fc.bias": np.ones(2)},
            "fc.weight has rank 1 (6); expected 3 to 5 (filters, channels, and the window) for a "
            "convolution or 2 for a linear layer; if it is packed, give --unpack "
            "'fc.weight=FORMAT:SHAPE'",
        ),
        ({"fc.weight": np.ones((0, 3))}, "fc.weight has no elements (0x3)"),
        ({"fc.weight": ONES * 1j}, "fc.weight holds complex64; expected real numbers"),
        ({"fc.weight": ONES.astype("U3")}, "fc.weight holds <U3; expected real numbers"),
        (
            {"fc.weight": NAN},
            "fc.weight has 2 of 4 weights that are NaN or infinite (as 32-bit floats)",
        ),
        (
            {"fc.weight": np.array([[1e300, 1.0]])},
            "fc.weight has 1 of 2 weights that are NaN or infinite (as 32-bit floats)",
        ),
        (
            {"module.fc.weight": ONES, "fc.weight": ONES},
            "two arrays are named 'fc.weight' (with and without 'module.')",
        ),
        (
            {"a.q_proj_weight": ONES, "a.q_proj.weight": ONES},
            "layer 'a.q_proj' has two weight arrays",
        ),
        (
            {"fc.weight_orig": ONES, "fc.weight_mask": ONES[:1]},
            "fc.weight is made of parts that do not fit each other (2x3, 1x3)",
        ),
    ],
)
def test_what_is_refused(tensors: dict[str, np.ndarray], message: str) -> None:
    with pytest.raises(InputError) as caught:
        sort_tensors(PATH, tensors)
    assert str(caught.value) == f"w.npz: {message}"
