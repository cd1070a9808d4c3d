"""Networks of random weights, written as files: decoders in shards, and shipped topologies.

``python -m benchmarks.written_networks llama FOLDER`` writes one.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import hwsim
from hwsim.networks import Layer, Network, save_network

Shard = dict[str, NDArray[Any]]


def decoder(
    blocks: int, hidden: int, inner: int, keys: int, vocabulary: int, shards: int
) -> Iterator[Shard]:
    """Give the shards of a decoder in bfloat16, as 16-bit words, embeddings and head with them."""
    rng = np.random.default_rng(0)

    def drawn(shape: tuple[int, int]) -> NDArray[Any]:
        floats = rng.standard_normal(shape, np.float32) * np.float32(0.02)
        return (floats.view(np.uint32) >> 16).astype(np.uint16)

    shard: Shard = {"model.embed_tokens.weight": drawn((vocabulary, hidden))}
    for block in range(blocks):
        for name, shape in projections(hidden, inner, keys).items():
            shard[f"model.layers.{block}.{name}.weight"] = drawn(shape)
        if (block + 1) % -(-blocks // shards) == 0 and block + 1 < blocks:
            yield shard
            shard = {}
    yield {**shard, "lm_head.weight": drawn((vocabulary, hidden))}


def packed_decoder(blocks: int, hidden: int, inner: int, keys: int) -> Iterator[Shard]:
    """Give the shards of a decoder whose projections are packed, four ternary weights a byte."""
    rng = np.random.default_rng(0)
    for block in range(blocks):
        shard: Shard = {}
        for name, (outputs, inputs) in projections(hidden, inner, keys).items():
            digits = rng.integers(0, 3, (4, outputs // 4, inputs), np.uint8)
            packed = digits[0] | digits[1] << 2 | digits[2] << 4 | digits[3] << 6
            shard[f"model.layers.{block}.{name}.weight"] = packed
            shard[f"model.layers.{block}.{name}.weight_scale"] = np.full(1, 0x3C80, np.uint16)
        yield shard


def projections(hidden: int, inner: int, keys: int) -> dict[str, tuple[int, int]]:
    """Give outputs and inputs of the projections of a block."""
    return {
        "self_attn.q_proj": (hidden, hidden),
        "self_attn.k_proj": (keys, hidden),
        "self_attn.v_proj": (keys, hidden),
        "self_attn.o_proj": (hidden, hidden),
        "mlp.gate_proj": (inner, hidden),
        "mlp.up_proj": (inner, hidden),
        "mlp.down_proj": (hidden, inner),
    }


def write_shards(folder: Path, shards: Iterator[Shard]) -> None:
    """Write safetensors with their index; 16-bit words are bfloat16."""
    folder.mkdir()
    places = {}
    for number, arrays in enumerate(shards):
        file = f"model-{number + 1:05d}.safetensors"
        header, end = {}, 0
        for name, array in arrays.items():
            kind = "BF16" if array.dtype == np.uint16 else "U8"
            begin, end = end, end + array.nbytes
            header[name] = {"dtype": kind, "shape": array.shape, "data_offsets": [begin, end]}
            places[name] = file
        text = json.dumps(header).encode()
        with (folder / file).open("wb") as stream:
            stream.write(len(text).to_bytes(8, "little") + text)
            for array in arrays.values():
                stream.write(array.tobytes())
    index = {"metadata": {}, "weight_map": places}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))


def many_layers(count: int, channels: int = 16) -> Network:
    """Make a network of so many convolutions 3 x 3 on 8 x 8 maps, all of other weights."""
    weights = np.random.default_rng(0).standard_normal(
        (count, channels, channels, 3, 3), np.float32
    )
    layers = tuple(
        Layer(f"layer{n}", "conv", weight, padding=(1, 1), input_size=(8, 8))
        for n, weight in enumerate(weights)
    )
    return Network(f"{count} layers", layers)


def write(name: str, path: Path) -> None:
    """Write ``llama``, ``bitnet``, ``billion``, ``layers-1000``, or a shipped topology."""
    if name == "llama":
        # TinyLlama's block (arXiv 2401.02385, table 1) with twice its keys; a shard a block.
        write_shards(path, decoder(8, 2048, 5632, 512, 32000, shards=8))
    elif name == "bitnet":
        write_shards(path, packed_decoder(8, 2048, 5632, 512))
    elif name == "billion":
        # TinyLlama's projections (arXiv 2401.02385, table 1), 24 blocks of them: 1.19e9 weights.
        write_shards(path, decoder(24, 2048, 5632, 256, 32000, shards=3))
    elif name.startswith("layers-"):
        save_network(many_layers(int(name.partition("-")[2])), path)
    else:
        save_network(hwsim.make_network(name), path)


if __name__ == "__main__":
    write(sys.argv[1], Path(sys.argv[2]))
