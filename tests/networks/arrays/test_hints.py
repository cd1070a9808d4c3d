"""What names tell of a network that its weights do not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hwsim.networks import load_network
from hwsim.networks.arrays.hints import hints
from hwsim.networks.uncounted import Uncounted
from hwsim.schemes import parse_scheme
from tests.networks.files import write_npz


@pytest.mark.parametrize(
    ("name", "library", "scheme"),
    [
        ("quant_conv2d/kernel:0", "larq", "larq"),
        ("net.quant_dense_1.weight", "larq", "larq"),
        ("conv.weight_quant.tensor_quant.scaling_impl.value", "brevitas", "brevitas-binary"),
        ("layer1.0.binary_3x3.weight", "ReActNet", "reactnet"),
        ("conv.weight_fake_quant.scale", "torch.ao.quantization", "dense:precision=int8"),
    ],
)
def test_latent_weights_of_a_library(name: str, library: str, scheme: str) -> None:
    assert list(hints([name], {}, [])) == [
        f"names of {library}: the weights may be the floats of training and not what runs; "
        f"--scheme {scheme} quantises them"
    ]
    parse_scheme(scheme)


def test_other_names_tell_nothing() -> None:
    names = ["conv1.weight", "equant_conv.weight", "layer.move10.bias", "weight_quantile"]
    assert list(hints(names, {"experts.0.w1": (2, 2), "fc": (3, 2)}, [])) == []


def test_a_head_may_share_the_weights_of_a_look_up() -> None:
    table = Uncounted("model.embed_tokens.weight", (32000, 8), "look-up")
    assert list(hints([], {"fc": (4, 8)}, [table])) == [
        "no layer gives 32,000 outputs: if the head shares the weights of "
        "model.embed_tokens.weight, --take '*model.embed_tokens.weight' counts it"
    ]
    assert list(hints([], {"lm_head": (32000, 8)}, [table])) == []
    assert list(hints([], {}, [Uncounted("cat.embed.weight", (9, 8), "look-up")])) == []


def test_blocks_that_do_not_start_at_the_first_are_noticed() -> None:
    for first in (0, 1):
        assert list(hints([], {f"model.layers.{first}.fc": (2, 2)}, [])) == []
    shapes = {f"model.layers.{each}.fc": (2, 2) for each in (7, 5, 6)}
    assert list(hints([], {**shapes, "blocks.0.fc": (2, 2)}, [])) == [
        "model.layers start at 5: is this file one part of several?"
    ]


def test_experts_are_said_to_run_all(tmp_path: Path) -> None:
    state = {f"layers.0.experts.{each}.w1.weight": np.ones((2, 2)) for each in range(4)}
    assert load_network(write_npz(tmp_path / "w.npz", state)).notes[0] == (
        "mixture of experts: all 4 are counted as if they ran; --skip leaves out those that a "
        "token does not take"
    )
