"""Measured zeros of activations, three ways; writes a table of docs/real_tensors.md.

The trained digits networks on eight held-out images: the very zeros of both operands, each layer's
share of them, and one share for the whole network.

    python -m benchmarks.measured_activations            # print
    python -m benchmarks.measured_activations --write    # put the table into docs/real_tensors.md
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import hwsim
from benchmarks.real_tensors import PAGE, with_tables
from examples.digits.infer import layer_inputs
from hwsim.energy import load_energy_table
from hwsim.engines.protocol import activity_of
from hwsim.engines.timeloop.layers import SparseloopEngine
from hwsim.schemes import quantize
from hwsim.schemes.quantized import QuantizedLayer
from hwsim.workload import Activations, lower
from hwsim.workload.unfold import unfold

FOLDER = Path(__file__).resolve().parent.parent / "examples" / "digits"
MACHINE = "eyeriss_v2"
IMAGES = 8
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


def held_out() -> NDArray[np.float32]:
    """Take the first test images, split as train.py splits them."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    digits = load_digits()
    images = (digits.images[:, None] / 16).astype(np.float32)
    _, images = train_test_split(images, test_size=450, random_state=0, stratify=digits.target)
    first: NDArray[np.float32] = images[:IMAGES]
    return first


def total(layers: tuple[QuantizedLayer, ...], known: Mapping[str, Activations]) -> Floats:
    """Cycles and energy, pJ, of one image."""
    engine, arch, model = (
        SparseloopEngine(),
        hwsim.load_arch(MACHINE),
        load_energy_table("physical"),
    )
    found = np.zeros(2)
    for layer in layers:
        workload = lower(layer, known[layer.layer.name])
        activity = activity_of(engine, workload, arch)
        found += activity.cycles, model.price(activity, arch, workload.operands).total
    return found


def compare(name: str, scheme: str, images: NDArray[np.float32]) -> list[Floats]:
    """Sum over the images: the very zeros, shares by layer, one share; then the shares."""
    layers = quantize(hwsim.load_network(FOLDER / f"{name}.npz"), scheme).layers
    inputs, _ = layer_inputs(FOLDER / f"{name}.npz", images)
    sums = [np.zeros(2) for _ in range(3)]
    for number in range(len(images)):
        seen: dict[str, Bools] = {key: maps[number] != 0 for key, maps in inputs.items()}
        seen["fc"] = seen["fc"][None]
        masks = {
            layer.layer.name: Activations(nonzeros=unfold(seen[layer.layer.name], layer.layer))
            for layer in layers
        }
        shares = {key: float(there.mean()) for key, there in seen.items()}
        values = sum(there.size for there in seen.values())
        one = sum(int(there.sum()) for there in seen.values()) / values
        ways = (
            masks,
            {key: Activations(share) for key, share in shares.items()},
            {key: Activations(one) for key in shares},
        )
        for sum_of_way, way in zip(sums, ways, strict=True):
            sum_of_way += total(layers, way)
    return sums


def table() -> str:
    """Tabulate networks and ways."""
    lines = [
        "| network | activations | cycles of an image | against the very zeros | energy of an "
        "image | against the very zeros |",
        "|---|---|---|---|---|---|",
    ]
    images = held_out()
    for name, scheme in (("float", "dense"), ("signed-binary", "signed-binary")):
        sums = compare(name, scheme, images)
        for way, (cycles, energy) in zip(
            ("the very zeros", "a share a layer", "one share"), sums, strict=True
        ):
            lines.append(
                f"| {name} | {way} | {cycles / IMAGES:,.0f} | "
                f"{100 * (cycles / sums[0][0] - 1):+.1f} % | {energy / IMAGES / 1e6:.3f} uJ | "
                f"{100 * (energy / sums[0][1] - 1):+.1f} % |"
            )
    return "\n".join(lines)


def main() -> None:
    """Compare, and print or write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true")
    write = parser.parse_args().write
    found = table()
    print(found)
    if write:
        PAGE.write_text(with_tables(PAGE.read_text(), {"measured": found}))


if __name__ == "__main__":
    main()
