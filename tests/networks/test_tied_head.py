"""A head that shares the weights of the embeddings counts once, where config.json says so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from hwsim.networks import Network, load_network

TABLE = np.arange(40, dtype=np.float32).reshape(10, 4)
STATE = {
    "model.embed_tokens.weight": TABLE,
    "model.layers.0.mlp.up_proj.weight": np.ones((6, 4), np.float32),
}
TIED = {"architectures": ["LlamaForCausalLM"], "tie_word_embeddings": True}
NOTE = (
    "lm_head shares the weights of model.embed_tokens.weight (tie_word_embeddings in config.json)"
)
HINT = (
    "no layer gives 10 outputs: if the head shares the weights of model.embed_tokens.weight, "
    "--take '*model.embed_tokens.weight' counts it"
)


def _load(
    folder: Path, config: Any, state: dict[str, np.ndarray] = STATE, **options: Any
) -> Network:
    save_file(state, folder / "model.safetensors")
    if config is not None:
        text = config if isinstance(config, str) else json.dumps(config)
        (folder / "config.json").write_text(text)
    return load_network(folder, **options)


@pytest.mark.parametrize(
    "config",
    [
        TIED,
        {"architectures": ["GPT2LMHeadModel"], "tie_word_embeddings": True},
        {
            "architectures": ["Gemma3ForConditionalGeneration"],
            "text_config": {"tie_word_embeddings": True},
        },
    ],
)
def test_a_tied_head_is_a_layer(tmp_path: Path, config: dict[str, Any]) -> None:
    network = _load(tmp_path, config)
    assert [layer.name for layer in network.layers] == ["model.layers.0.mlp.up_proj", "lm_head"]
    np.testing.assert_array_equal(network.layers[1].weight, TABLE)
    assert [(each.name, each.reason) for each in network.uncounted] == [
        ("model.embed_tokens.weight", "look-up")
    ]
    assert network.notes[0] == NOTE
    assert HINT not in network.notes
    alone = load_network(tmp_path / "model.safetensors")
    assert [layer.name for layer in alone.layers] == [layer.name for layer in network.layers]


@pytest.mark.parametrize(
    "config",
    [
        None,
        "{",
        "[" * 100_000,
        [],
        {"tie_word_embeddings": True},
        {**TIED, "architectures": None},
        {**TIED, "architectures": ["LlamaModel"]},
        {**TIED, "tie_word_embeddings": False},
        {**TIED, "tie_word_embeddings": "true"},
        {"architectures": ["LlamaForCausalLM"], "text_config": 3},
    ],
)
def test_where_nothing_says_so_a_note_asks(tmp_path: Path, config: Any) -> None:
    network = _load(tmp_path, config)
    assert [layer.name for layer in network.layers] == ["model.layers.0.mlp.up_proj"]
    assert HINT in network.notes


def test_a_head_of_its_own_stays(tmp_path: Path) -> None:
    head = np.ones((10, 4), np.float32)
    network = _load(tmp_path, TIED, {**STATE, "lm_head.weight": head})
    np.testing.assert_array_equal(network.layers[-1].weight, head)
    assert NOTE not in network.notes


def test_the_head_can_be_skipped(tmp_path: Path) -> None:
    network = _load(tmp_path, TIED, skip="lm_head")
    assert [layer.name for layer in network.layers] == ["model.layers.0.mlp.up_proj"]


def test_two_tables_say_nothing(tmp_path: Path) -> None:
    state = {**STATE, "model.shared.weight": TABLE + 1}
    assert "lm_head" not in [layer.name for layer in _load(tmp_path, TIED, state).layers]
