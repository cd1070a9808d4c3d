"""Which arrays are layers, which cost nothing, and which are refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from hwsim.errors import InputError
from hwsim.networks.arrays.names import is_vector
from hwsim.networks.arrays.options import FileOptions
from hwsim.networks.tensors import sort_tensors

PATH = Path("w.npz")
FC = {"fc.weight": np.ones((2, 3), np.float32)}


def _reason(key: str, *shape: int, **more: np.ndarray) -> str:
    found = sort_tensors(PATH, {key: np.full(shape, 0.5), **FC, **more}).uncounted
    return next(each.reason for each in found if each.name == key)


@pytest.mark.parametrize(
    ("key", "shape", "reason"),
    [
        ("pos_embed", (1, 5, 4), "positional table"),
        ("blocks.0.attn.relative_position_bias_table", (9, 2), "positional table"),
        ("encoder.embed_positions.weight", (5, 4), "positional table"),
        ("pos_encoder.pe", (5, 1, 4), "positional table"),
        ("wpe.weight", (5, 4), "positional table"),
        ("attention_biases", (2, 7), "positional table"),
        ("model.embed_tokens.weight", (9, 3), "look-up"),
        ("embeddings.word_embeddings.weight", (9, 3), "look-up"),
        ("tables.emb.weight", (9, 3), "look-up"),
        ("embeddings.3.weight", (9, 3), "look-up"),
        ("tok_embeddings.weight", (9, 3), "look-up"),
        ("wte.weight", (9, 3), "look-up"),
        ("cls_token", (1, 1, 4), "learned token"),
        ("class_embedding", (4,), "learned token"),
        ("attn.relative_position_index", (4, 4), "buffer"),
        ("embeddings.position_ids", (1, 512), "buffer"),
        ("rotary.inv_freq", (4,), "buffer"),
        ("attn.mask", (4, 4), "buffer"),
        ("bn.running_var", (4,), "running statistics"),
        ("bn/moving_mean:0", (4,), "running statistics"),
        ("optimizer.state.0.step", (4, 2), "optimiser state"),
        ("fc.weight.exp_avg_sq", (2, 3), "optimiser state"),
        ("norm.weight", (4,), "norm"),
        ("gamma", (4,), "norm"),
        ("lstm.bias_ih_l0", (8,), "bias"),
        ("conv.bias", (1, 4, 1, 1), "bias"),
        ("attn.pos_bias_u", (2, 4), "bias"),
        ("dense/bias:0", (4,), "bias"),
        ("act.alpha", (4,), "scale"),
        ("logit_scale", (4, 1, 1), "scale"),
        ("prelu.weight", (2,), "vector"),
        ("layer.whatever", (), "vector"),
    ],
)
def test_what_costs_no_macs(key: str, shape: tuple[int, ...], reason: str) -> None:
    assert _reason(key, *shape) == reason


@pytest.mark.parametrize(
    ("shape", "vector"),
    [
        *(((), True), ((4,), True), ((1, 4), False), ((4, 1), False), ((1, 1), False)),
        *(((1, 1, 4), True), ((1, 4, 1, 1), True), ((1, 1, 1), True), ((1, 4, 2), False)),
    ],
)
def test_what_a_vector_is(shape: tuple[int, ...], vector: bool) -> None:
    assert is_vector(np.ones(shape)) == vector


def test_a_mask_called_bias_is_a_buffer() -> None:
    mask = np.tril(np.ones((1, 1, 4, 4)))
    assert sort_tensors(PATH, {"attn.bias": mask, **FC}).uncounted[0].reason == "buffer"


@pytest.mark.parametrize(
    "key",
    ["lstm.weight_ih_l0", "gru.weight_hh_l1_reverse", "lstm.weight_hr_l0", "cell.weight_hh"],
)
def test_recurrent_weights_are_layers(key: str) -> None:
    assert list(sort_tensors(PATH, {key: np.ones((4, 3))}).weights) == [key]


def test_a_table_with_a_bias_is_a_layer() -> None:
    state = {"embed.weight": np.ones((9, 3)), "embed.bias": np.ones(9)}
    assert list(sort_tensors(PATH, state).weights) == ["embed"]


def _refused(state: dict[str, np.ndarray], **options: tuple[str, ...]) -> str:
    with pytest.raises(InputError) as caught:
        sort_tensors(PATH, state, FileOptions(**options))
    return str(caught.value).removeprefix("w.npz: ")


TWO = np.ones((2, 2))


def test_what_nobody_claims_is_refused_by_name() -> None:
    assert _refused({**FC, "tree.kernel": np.ones((4, 5))}) == (
        "what are tree.kernel (4x5)? Neither layers that hwsim knows nor arrays that cost no MACs. "
        "Leave out with --skip GLOB what is no layer, take with --take GLOB what is (weights as "
        "filters x inputs), or import the network from torch or ONNX (docs/networks.md). "
        "Kernels of Keras, TensorFlow and Flax are read with --layout keras"
    )
    assert _refused({**FC, "a": TWO, "b": TWO, "c": TWO}).startswith(
        "what are a (2x2), b (2x2), c (2x2)? "
    )
    assert _refused({**FC, "a": TWO, "b": TWO, "c": TWO, "d": TWO}).startswith(
        "what are a (2x2), b (2x2), c (2x2) and 1 more? "
    )


def test_a_table_that_is_read_like_a_layer_is_asked_about() -> None:
    state = {"embed.weight": np.ones((3, 9)), "fc.weight": np.ones((2, 3))}
    assert _refused(state).startswith("what are embed.weight (3x9)? ")
    assert list(sort_tensors(PATH, state, FileOptions(take=("embed",))).weights) == ["embed", "fc"]
    square = {**state, "embed.weight": np.ones((9, 9))}
    assert list(sort_tensors(PATH, square).weights) == ["fc"]


def test_patterns_leave_out_and_take() -> None:
    state = {**FC, "a.kernel": TWO, "b.kernel": TWO}
    found = sort_tensors(PATH, state, FileOptions(skip=("a.*",), take=("b.kernel",)))
    assert list(found.weights) == ["fc", "b.kernel"]
    assert [(each.name, each.shape, each.reason) for each in found.uncounted] == [
        ("a.kernel", (2, 2), "skipped by the user")
    ]
    assert _refused(state, skip=("c.*",)) == "no array matches 'c.*'"
    assert _refused(state, take=("c.*",)) == "no array of two dimensions or more matches 'c.*'"


@pytest.mark.parametrize("text", ["", "x", "0", "a=0", "=3", "a=", "1000001", "-1", "1.5"])
def test_wrong_numbers_of_tokens(text: str) -> None:
    with pytest.raises(InputError, match=r"^tokens"):
        FileOptions(tokens=(text,))


def test_the_last_number_of_tokens_counts() -> None:
    options = FileOptions(tokens=("7", "lstm.*=160"))
    assert [options.vectors(name) for name in ("fc", "lstm.x", "lstm")] == [7, 160, 7]
    assert FileOptions(tokens=("a=1000000",)).vectors("b") is None


@pytest.mark.parametrize("given", [3, b"a", {"a": 1}, [1], [""], ""])
def test_patterns_are_texts(given: object) -> None:
    with pytest.raises(InputError, match=r"^skip: expected a text or a list of texts\. Got "):
        FileOptions(skip=given)  # type: ignore[arg-type]


def test_one_text_is_one_pattern() -> None:
    assert FileOptions(skip="a.*", take=["b", "c"]) == FileOptions(("a.*",), ("b", "c"))


_NAMES = st.sampled_from(
    [
        *("a.weight", "a.bias", "bn.running_mean", "bn.weight", "embed.weight", "pos_embed"),
        *("lstm.weight_ih_l0", "x", "x.kernel", "ema.a.weight", "cls_token", "ln.weight", "mask"),
        *("module.b.weight", "optimizer.state.0.exp_avg", "attn.in_proj_weight", "scale"),
    ]
)


@given(st.dictionaries(_NAMES, hnp.array_shapes(min_dims=0, max_dims=4, max_side=4), max_size=6))
def test_every_array_is_in_one_place(shapes: dict[str, tuple[int, ...]]) -> None:
    arrays = {name: np.full(shape, 0.5) for name, shape in shapes.items()}
    try:
        found = sort_tensors(PATH, arrays)
    except InputError:
        return
    assert len(found.weights) + len(found.uncounted) == len(arrays)
    assert all(weight.ndim >= 2 for weight in found.weights.values())
