"""One PE of Eyeriss V2 on a pruned MobileNet: cycles from real zeros are the true ones."""

import json

import numpy as np
import pytest

import hwsim
from hwsim.networks.network import Layer, Network
from tests.arch.quick_search import quick_arch
from tests.measured import golden_folder

UOP = {"format": "UOP", "payload_word_bits": 0}
CP = {"format": "CP", "metadata_word_bits": 4}


def design(layer, weights, inputs):
    """A 1x1 layer on a PE that skips whatever has a zero operand."""
    positions = layer["P"] * layer["Q"]
    scratchpad = {
        "depth": 2**20,
        "width": 8,
        "block_size": 1,
        "word_bits": 8,
        "metadata_storage_width": 8,
        "metadata_storage_depth": 2**20,
    }
    memory = {"width": 64, "block_size": 8, "word_bits": 8, "metadata_storage_width": 64}
    pe = [
        {"name": "spad", "class": "regfile", "attributes": scratchpad},
        {"name": "MAC", "class": "intmac", "attributes": {"datawidth": 8}},
    ]
    dram = {"name": "DRAM", "class": "DRAM", "attributes": memory}
    system = {"name": "system", "local": [dram], "subtree": [{"name": "PE", "local": pe}]}
    spaces = [
        {"name": "Weights", "projection": [[["M"]], [["C"]]]},
        {"name": "Inputs", "projection": [[["N"]], [["C"]]]},
        {"name": "Outputs", "projection": [[["M"]], [["N"]]], "read_write": True},
    ]
    instance = {
        "M": layer["M"],
        "C": layer["C"],
        "N": positions,
        "densities": {"Weights": weights, "Inputs": inputs},
    }

    def ranks(count):
        return {
            "data_spaces": [
                {"name": name, "ranks": [UOP] * count + [CP]} for name in ("Weights", "Inputs")
            ]
        }

    skipping = [
        {"type": "skipping", "options": [{"target": a, "condition_on": [b]}]}
        for a, b in (("Weights", "Inputs"), ("Inputs", "Weights"))
    ]
    return {
        "architecture": {"version": 0.3, "subtree": [system]},
        "problem": {
            "shape": {"name": "conv", "dimensions": ["M", "C", "N"], "data_spaces": spaces},
            "instance": instance,
        },
        "mapping": [
            {
                "target": "DRAM",
                "type": "temporal",
                "factors": f"N={positions} M=1 C=1",
                "permutation": "NMC",
            },
            {
                "target": "spad",
                "type": "temporal",
                "factors": f"N=1 M={layer['M']} C={layer['C']}",
                "permutation": "MCN",
            },
        ],
        "sparse_optimizations": {
            "targets": [
                {"name": "DRAM", "representation_format": ranks(3)},
                {
                    "name": "spad",
                    "representation_format": ranks(1),
                    "action_optimization": skipping,
                },
                {"name": "MAC", "compute_optimization": [{"type": "skipping"}]},
            ]
        },
    }


@pytest.fixture(scope="module")
def layers():
    folder = golden_folder("eyeriss_v2")
    masks = np.load(folder / "masks.npz", allow_pickle=False)
    found = []
    for layer in json.loads((folder / "layers.json").read_text(encoding="utf-8")):
        name, M, C = layer["layer"], layer["M"], layer["C"]
        N = layer["P"] * layer["Q"]
        weights = np.unpackbits(masks[f"{name}_weights"])[: M * C].reshape(M, C)
        inputs = np.unpackbits(masks[f"{name}_inputs"])[: N * C].reshape(N, C)
        found.append((layer, weights, inputs))
    return found


def test_cycles_from_real_zeros_are_the_truth(layers):
    assert len(layers) == 8
    for layer, weights, inputs in layers:
        result = hwsim.evaluate_timeloop(design(layer, weights, inputs))
        assert result.cycles == layer["ground_truth_cycles"], layer["layer"]


@pytest.mark.parametrize("distribution", ["hypergeometric", "fixed_structured"])
def test_cycles_from_densities_are_those_of_sparseloop(layers, distribution):
    for layer, weights, inputs in layers:  # densities are published to two decimals
        spread = [
            {"distribution": distribution, "density": round(float(tensor.mean()), 2)}
            for tensor in (weights, inputs)
        ]
        result = hwsim.evaluate_timeloop(design(layer, *spread))
        expected = pytest.approx(layer["sparseloop_uniform_cycles"], rel=0.005)
        assert result.cycles == expected, layer["layer"]


def test_a_run_of_the_shipped_machine_gives_the_true_cycles(layers, tmp_path):
    maps, found = {}, []
    for layer, weights, inputs in layers:
        name, size = layer["layer"], (layer["P"], layer["Q"])
        kernels = weights.astype(np.float32)[..., None, None]
        found.append(Layer(name, "conv", kernels, input_size=size))
        maps[name] = inputs.T.reshape(-1, *size)
    np.savez(tmp_path / "inputs.npz", **maps)
    result = hwsim.run(
        Network("mobilenet", tuple(found)),
        quick_arch(tmp_path, "eyeriss_v2_pe"),
        schemes=["dense"],
        activations=tmp_path / "inputs.npz",
    )
    truth = [layer["ground_truth_cycles"] for layer, _, _ in layers]
    assert result.layers["cycles"].tolist() == truth
    # the memory for activations is read once for each that is not zero and each tile of filters,
    # the register with every operation
    reads = result.table.query("action == 'reads'").set_index(["layer", "unit"])["count"]
    for (layer, _, inputs), cycles in zip(layers, truth, strict=True):
        assert reads[layer["layer"], "InputReg"] == cycles
        assert reads[layer["layer"], "InputSpad"] % np.count_nonzero(inputs) == 0
