"""Layers in the order in which they probably run."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from hwsim.networks import load_network
from hwsim.networks.arrays.order import likely_order

LLAMA = [
    *(
        f"model.layers.{block}.{part}"
        for block in (0, 1, 10)
        for part in (
            *("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj"),
            *("mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"),
        )
    ),
    "lm_head",
]
BERT = [
    "embeddings.projection",
    *(
        f"layer.{block}.{part}"
        for block in (0, 1)
        for part in (
            *("attention.self.query", "attention.self.key", "attention.self.value"),
            *("attention.output.dense", "intermediate.dense", "output.dense"),
        )
    ),
    "pooler.dense",
]
PLAIN = ["encoder.fc1", "encoder.fc2", "encoder.fc10", "hidden.0", "hidden.2", "head"]


@pytest.mark.parametrize("names", [LLAMA, BERT, PLAIN], ids=["llama", "bert", "plain"])
def test_names_suggest_an_order(names: list[str]) -> None:
    shuffled = random.Random(0).sample(names, len(names))
    assert sorted(shuffled, key=likely_order) == names


def test_a_file_that_sorts_its_arrays_is_put_in_order(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    save_file({f"{name}.weight": np.ones((2, 2), np.float32) for name in LLAMA}, path)
    assert [layer.name for layer in load_network(path).layers] == LLAMA
