"""Measured zeros of activations, four ways; writes a table of docs/real_tensors.md.

The trained digits networks on eight held-out images: the very zeros of both operands in each image,
each channel's share of them, each layer's, and one share for the whole network.

    python -m benchmarks.measured_activations            # print
    python -m benchmarks.measured_activations --write    # put the table into docs/real_tensors.md
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

import hwsim
from benchmarks.real_tensors import PAGE, with_tables
from examples.digits.infer import layer_inputs
from hwsim.networks.network import Layer, Network

FOLDER = Path(__file__).resolve().parent.parent / "examples" / "digits"
IMAGES: Final = 8
MACHINES: Final = ("eyeriss_v2", "scnn", "extensor-like", "sigma", "sigma-hpca2020")
NETWORKS: Final = (("float", "dense"), ("signed-binary", "signed-binary"))
WAYS: Final = ("the very zeros", "a share a channel", "a share a layer", "one share")
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


def measured(name: str, images: NDArray[np.float32]) -> Network:
    """Read a network, and keep what each layer saw of the images."""
    network = hwsim.load_network(FOLDER / f"{name}.npz")
    inputs, _ = layer_inputs(FOLDER / f"{name}.npz", images)
    return replace(network, layers=tuple(_with(la, inputs[la.name] != 0) for la in network.layers))


def _with(layer: Layer, there: Bools) -> Layer:
    channels = there.mean(axis=tuple(axis for axis in range(there.ndim) if axis != 1))
    return replace(
        layer,
        input_density=float(there.mean()),
        input_density_by_channel=tuple(map(float, channels)),
        input_masks=there.reshape(len(there), *layer.input_shape),
    )


def _without(network: Network, *fields: str) -> Network:
    nothing: dict[str, None] = dict.fromkeys(fields)
    layers = (replace(layer, **nothing) for layer in network.layers)  # type: ignore[arg-type]
    return replace(network, layers=tuple(layers))


def compare(network: Network, scheme: str, arch: str) -> list[Floats]:
    """Cycles and energy, pJ, of an image, for each of :data:`WAYS`."""
    values = [np.size(layer.input_masks) for layer in network.layers]
    shares = [layer.input_density or 0.0 for layer in network.layers]
    by_channel = _without(network, "input_masks")
    ways = (
        (network, "measured"),
        (by_channel, "measured"),
        (_without(by_channel, "input_density_by_channel"), "measured"),
        (network, str(float(np.average(shares, weights=values)))),
    )
    found = []
    for way, activations in ways:
        result = hwsim.run(way, arch, [scheme], energy="physical", activations=activations)
        total = result.totals[result.totals["scope"] == "network"].iloc[0]
        found.append(np.array([total["cycles"], total["energy"]]))
    return found


def table() -> str:
    """Tabulate machines, networks and ways."""
    lines = [
        "| machine | network | activations | cycles of an image | against the very zeros | energy "
        "of an image | against the very zeros |",
        "|---|---|---|---|---|---|---|",
    ]
    images = held_out()
    networks = [(measured(name, images), name, scheme) for name, scheme in NETWORKS]
    for arch, (network, name, scheme) in product(MACHINES, networks):
        found = compare(network, scheme, arch)
        for way, (cycles, energy) in zip(WAYS, found, strict=True):
            lines.append(
                f"| {arch} | {name} | {way} | {cycles:,.0f} | "
                f"{100 * (cycles / found[0][0] - 1):+.1f} % | {energy / 1e6:.3f} uJ | "
                f"{100 * (energy / found[0][1] - 1):+.1f} % |"
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
