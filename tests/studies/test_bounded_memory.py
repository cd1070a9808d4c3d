"""Networks in shards, like LLaMA and like BitNet: a run holds a few layers, and not the network."""

from __future__ import annotations

import json
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hwsim.networks import load_network
from hwsim.networks.arrays import scratch
from hwsim.networks.catalogue import describe
from hwsim.schemes import Quantizer
from hwsim.schemes import describe as describe_layers
from hwsim.schemes.quantized import QuantizedNetwork
from hwsim.schemes.quantized_npz import write_quantized_npz
from hwsim.studies.cells import Cell
from hwsim.studies.evaluation import Evaluation
from hwsim.studies.plan import Plan
from hwsim.studies.request import Request
from hwsim.studies.workers import waiting_workloads
from hwsim.studies.workers.threads import ThreadWorkers

FILTERS, INPUTS, BLOCKS = 128, 1024, 8
#: Of one layer as 32-bit floats, as which the network has eight times as many.
LAYER = FILTERS * INPUTS * 4


def _bfloat16(rng: np.random.Generator, name: str) -> dict[str, tuple[str, np.ndarray]]:
    floats = rng.standard_normal((FILTERS, INPUTS), np.float32)
    return {f"{name}.weight": ("BF16", (floats.view(np.uint32) >> 16).astype(np.uint16))}


def _packed(rng: np.random.Generator, name: str) -> dict[str, tuple[str, np.ndarray]]:
    digits = rng.integers(0, 3, (4, FILTERS // 4, INPUTS), np.uint8)
    packed = digits[0] | digits[1] << 2 | digits[2] << 4 | digits[3] << 6
    scale = np.full(1, 0x3C80, np.uint16)
    return {f"{name}.weight": ("U8", packed), f"{name}.weight_scale": ("BF16", scale)}


@pytest.fixture(params=[_bfloat16, _packed])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # As small beside a layer as they are beside one of a large network.
    monkeypatch.setattr(scratch, "_PIECE", 1 << 14)
    monkeypatch.setattr(waiting_workloads, "HELD_BYTES", FILTERS * INPUTS)
    rng = np.random.default_rng(0)
    places = {}
    for block in range(BLOCKS):
        arrays = request.param(rng, f"model.layers.{block}.mlp.up_proj")
        header, end = {}, 0
        for name, (kind, array) in arrays.items():
            begin, end = end, end + array.nbytes
            header[name] = {"dtype": kind, "shape": array.shape, "data_offsets": [begin, end]}
            places[name] = f"model-{block:05d}.safetensors"
        text = json.dumps(header).encode()
        content = b"".join(array.tobytes() for _, array in arrays.values())
        shard = len(text).to_bytes(8, "little") + text + content
        (tmp_path / f"model-{block:05d}.safetensors").write_bytes(shard)
    index = {"metadata": {}, "weight_map": places}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    return tmp_path


def _mapped() -> int:
    """Count the bytes of shards and of scratch files that are in memory, as the kernel says."""
    try:
        lines = Path("/proc/self/smaps").read_text().splitlines()
    except OSError:
        return 0
    total, counts = 0, False
    for line in lines:
        words = line.split()
        if not words[0].endswith(":"):
            counts = ".safetensors" in line or "/hwsim-" in line
        elif counts and words[0] == "Rss:":
            total += 1024 * int(words[1])
    return total


def _evaluated(request: Request) -> int:
    """Evaluate and describe all layers; count them."""
    machine = request.load_machine(request.load_arch())
    plan = Plan.of(request)
    evaluation = Evaluation([Cell(plan, scheme, machine) for scheme in request.schemes])
    with ThreadWorkers(1) as crew:
        evaluation.run(crew)
    assert not evaluation.missing
    return sum(len(describe_layers(plan.under(scheme))) for scheme in request.schemes)


def test_an_evaluation_holds_a_few_layers(folder: Path) -> None:
    request = Request(folder, schemes=["dense", "ternary"], quantize_layers=["all"])
    _evaluated(replace(request, layers=["*.0.*"]))  # modules and tables are no weights
    peaks = []
    for _ in range(2):  # a table of the interpreter that grows meanwhile does so once
        tracemalloc.start()
        assert _evaluated(request) == 2 * BLOCKS
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert min(peaks) < 4 * LAYER
    assert _mapped() < 2 * LAYER


def test_so_do_description_and_export(folder: Path, tmp_path: Path) -> None:
    def described_and_written() -> tuple[int, QuantizedNetwork]:
        network = load_network(folder)
        quantized = Quantizer.of(network, "ternary", "all").quantized()
        write_quantized_npz(quantized, tmp_path / "q.npz")
        return describe(network)["totals"]["weights"], quantized

    described_and_written()  # modules are no weights
    tracemalloc.start()
    weights, quantized = described_and_written()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert weights == BLOCKS * FILTERS * INPUTS
    assert peak < 4 * LAYER
    assert _mapped() < 2 * LAYER
    first = load_network(tmp_path / "q.npz").layers[0].weight
    np.testing.assert_array_equal(first, quantized.layers[0].values)
