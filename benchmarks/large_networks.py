"""Peak memory of networks of hundreds of millions of weights in shards, command by command.

Writes a network like LLaMA (bfloat16) and one like BitNet b1.58 (four weights a byte), of random
weights, then runs each command in a process of its own and prints the most that it had in memory.
Linux only: it reads what the kernel counts, pages of mapped files among it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

HIDDEN, INNER, KEYS, VOCABULARY = 2048, 5632, 512, 32000
BLOCKS = 8
#: Projections of a block: outputs and inputs.
PROJECTIONS = {
    "self_attn.q_proj": (HIDDEN, HIDDEN),
    "self_attn.k_proj": (KEYS, HIDDEN),
    "self_attn.v_proj": (KEYS, HIDDEN),
    "self_attn.o_proj": (HIDDEN, HIDDEN),
    "mlp.gate_proj": (INNER, HIDDEN),
    "mlp.up_proj": (INNER, HIDDEN),
    "mlp.down_proj": (HIDDEN, INNER),
}
COMMANDS = {
    "show": ["network", "show", "MODEL"],
    "run": ["run", "--model", "MODEL", "--arch", "sigma", "-o", "OUT/run"],
    "export npz": [
        "export", "npz", "--model", "MODEL", "--scheme", "ternary", "-o", "OUT/q.npz"
    ],
}  # fmt: skip


def main() -> None:
    """Write both networks into a temporary folder, and measure."""
    with tempfile.TemporaryDirectory(prefix="hwsim-") as name:
        for style in STYLES:
            folder = Path(name) / style
            # In a process of its own: the kernel counts what a process had before it ran another
            # program, too, so that this one has to stay small.
            subprocess.run([sys.executable, __file__, style, folder], check=True)
            size = sum(file.stat().st_size for file in folder.iterdir())
            print(f"{style}: {size / 1e6:,.0f} MB in {len(list(folder.iterdir())) - 1} shards")
            for title, words in COMMANDS.items():
                out = Path(name) / f"{style} {title}"
                out.mkdir()
                seconds, peak = _measured(
                    [w.replace("MODEL", str(folder)).replace("OUT", str(out)) for w in words]
                )
                print(f"  {title:12} {peak / 1e6:8,.0f} MB {seconds:8.1f} s", flush=True)


def _measured(words: list[str]) -> tuple[float, float]:
    """Run a command; its seconds, and the most bytes that it had in memory."""
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "hwsim", *words], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"hwsim {' '.join(words)}: failed")
    return time.perf_counter() - began, usage.ru_maxrss * 1024


def _llama() -> Iterator[dict[str, NDArray[Any]]]:
    """Give the shards of a decoder in bfloat16, as 16-bit words."""
    rng = np.random.default_rng(0)

    def drawn(shape: tuple[int, int]) -> NDArray[Any]:
        floats = rng.standard_normal(shape, np.float32) * np.float32(0.02)
        return (floats.view(np.uint32) >> 16).astype(np.uint16)

    yield {"model.embed_tokens.weight": drawn((VOCABULARY, HIDDEN))}
    for block in range(BLOCKS):
        yield {
            f"model.layers.{block}.{name}.weight": drawn(shape)
            for name, shape in PROJECTIONS.items()
        }
    yield {"lm_head.weight": drawn((VOCABULARY, HIDDEN))}


def _bitnet() -> Iterator[dict[str, NDArray[Any]]]:
    """Give the shards of a decoder whose projections are packed, four ternary weights a byte."""
    rng = np.random.default_rng(0)
    for block in range(BLOCKS):
        shard: dict[str, NDArray[Any]] = {}
        for name, (outputs, inputs) in PROJECTIONS.items():
            digits = rng.integers(0, 3, (4, outputs // 4, inputs), np.uint8)
            packed = digits[0] | digits[1] << 2 | digits[2] << 4 | digits[3] << 6
            shard[f"model.layers.{block}.{name}.weight"] = packed
            shard[f"model.layers.{block}.{name}.weight_scale"] = np.full(1, 0x3C80, np.uint16)
        yield shard


#: How a network's shards are made.
STYLES = {"llama": _llama, "bitnet": _bitnet}


def _write(folder: Path, shards: Iterator[dict[str, NDArray[Any]]]) -> None:
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


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _write(Path(sys.argv[2]), STYLES[sys.argv[1]]())
    else:
        main()
