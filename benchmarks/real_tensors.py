"""What real zeros change against statistical densities; writes the tables of docs/real_tensors.md.

Layers of ResNet-18 with weights drawn from a Laplace distribution (seed 0), signed-binary after
training, and as many zeros in other places; layers that were trained signed-binary.

    python benchmarks/real_tensors.py            # print
    python benchmarks/real_tensors.py --write    # put the tables into docs/real_tensors.md
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import hwsim
from hwsim.activity import Activity
from hwsim.energy import EnergyModel, load_energy_table
from hwsim.engines.timeloop.layers import SparseloopEngine
from hwsim.schemes import quantize
from hwsim.schemes.quantized import QuantizedLayer
from hwsim.workload import Workload, lower

Levels = NDArray[np.int8]

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "real_tensors.md"
TRAINED = ROOT / "examples" / "digits" / "signed-binary.npz"
ARCHS = ("eyeriss_v2", "simple-skipping", "scnn", "extensor-like", "eie-like")
#: One layer of each stage: the layers of a stage say the same.
LAYERS = ("layer1.0.conv1", "layer2.0.conv2", "layer3.0.conv2", "layer4.0.conv2")


def by_threshold(levels: Levels) -> Levels:
    """Leave zeros where the scheme put them: independent, filters differ."""
    return levels


def strewn(levels: Levels) -> Levels:
    """Put the same number of zeros at random places."""
    shuffled: Levels = _generator().permutation(levels.ravel()).reshape(levels.shape)
    return shuffled


def in_kernels(levels: Levels) -> Levels:
    """Let kernels be full or empty, a few weights aside: what pruning of kernels leaves."""
    filters, channels = levels.shape[:2]
    noise = _generator()
    score = 3 * noise.standard_normal((filters, channels, 1, 1))
    return _largest(levels, score + noise.standard_normal(levels.shape))


def in_channels(levels: Levels) -> Levels:
    """Empty whole input channels."""
    score = _generator().standard_normal((1, levels.shape[1], 1, 1))
    return _largest(levels, np.broadcast_to(score, levels.shape))


def in_filters(levels: Levels) -> Levels:
    """Empty whole filters, the last ones."""
    score = -np.arange(len(levels), dtype=float).reshape(-1, 1, 1, 1)
    return _largest(levels, np.broadcast_to(score, levels.shape))


KINDS: dict[str, Callable[[Levels], Levels]] = {
    "by threshold": by_threshold,
    "strewn": strewn,
    "in kernels": in_kernels,
    "in channels": in_channels,
    "in filters": in_filters,
}


def _generator() -> np.random.Generator:
    return np.random.default_rng(0)


def _largest(levels: Levels, score: NDArray[np.floating]) -> Levels:
    """Keep as many weights as there are, those of the largest scores."""
    found = np.zeros(levels.size, dtype=np.int8)
    order = np.argsort(-score.ravel(), kind="stable")
    found[order[: np.count_nonzero(levels)]] = 1
    return found.reshape(levels.shape)


@dataclass(frozen=True)
class Compared:
    """A layer on one machine, with its very zeros and with their share alone; energies in pJ."""

    layer: str
    density: float
    actual: Activity
    statistical: Activity
    actual_pj: float
    statistical_pj: float

    @property
    def energy_off(self) -> float:
        """How far the share alone is off, %."""
        return 100 * (self.statistical_pj / self.actual_pj - 1)

    @property
    def waiting(self) -> float:
        """Time over mean time if units wait for the slowest."""
        return float(self.actual.statistics["slowest_over_mean"])

    @property
    def entries(self) -> float:
        """Entries of run lengths for a non-zero weight; 1 where there are none."""
        return float(self.actual.statistics.get("Weights entries_per_nonzero", 1.0))


def main() -> None:
    """Compare, and print or write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true")
    write = parser.parse_args().write
    resnet = quantize(hwsim.make_network("resnet18"), "signed-binary")
    layers = [layer for layer in resnet.layers if layer.layer.name in LAYERS]
    digits = quantize(hwsim.load_network(TRAINED), "signed-binary")
    trained = [layer for layer in digits.layers if layer.scheme == "signed-binary"]
    tables = {
        "kinds": kind_table(layers),
        "trained": trained_table(trained),
        "metadata": metadata_table(layers[2], trained[1]),
    }
    for name, table in tables.items():
        print(f"{name}\n\n{table}\n")
    if write:
        PAGE.write_text(with_tables(PAGE.read_text(), tables))


def compare(workload: Workload, name: str, model: EnergyModel) -> Compared:
    """Evaluate a layer on a machine; both evaluations run the same mapping."""
    arch = hwsim.load_arch(name)
    engine = SparseloopEngine()
    found = [each.simulate(workload, arch) for each in (engine, engine.with_density("statistical"))]
    energies = [model.price(each, arch, workload.operands).total for each in found]
    return Compared(workload.layer, workload.density, found[0], found[1], *energies)


def with_zeros(layer: QuantizedLayer, kind: Callable[[Levels], Levels]) -> Workload:
    """Lower a layer with its zeros in other places."""
    workload = lower(layer)
    levels = kind((layer.levels != 0).astype(np.int8))
    return replace(workload, levels=levels.reshape(workload.levels.shape))


def kind_table(layers: list[QuantizedLayer]) -> str:
    """Tabulate machines and kinds of zeros, over the layers."""
    model = load_energy_table("physical")
    lines = [
        "| machine | zeros | cycles, statistical over real | energy, statistical over real | "
        "largest difference of a layer | entries a non-zero | wait |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in ARCHS:
        for kind, place in KINDS.items():
            rows = [compare(with_zeros(layer, place), name, model) for layer in layers]
            cycles = sum(row.actual.cycles for row in rows)
            share = sum(row.statistical.cycles for row in rows) / cycles
            energy = sum(row.statistical_pj for row in rows) / sum(row.actual_pj for row in rows)
            largest = max((row.energy_off for row in rows), key=abs)
            waiting = sum(row.actual.cycles * row.waiting for row in rows) / cycles
            entries = sum(row.entries for row in rows) / len(rows)
            lines.append(
                f"| {name} | {kind} | {share:.4f} | {energy:.4f} | {largest:+.2f} % | "
                f"{entries:.3f} | {waiting:.2f} |"
            )
    return "\n".join(lines)


def trained_table(layers: list[QuantizedLayer]) -> str:
    """Tabulate trained layers, beside as many zeros strewn at random."""
    model = load_energy_table("physical")
    lines = [
        "| machine | layer | not 0 | of filters | of channels | cycles, real | statistical | "
        "energy, statistical over real | wait, real | wait, strewn |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name in ARCHS:
        for layer in layers:
            row = compare(lower(layer), name, model)
            random = compare(with_zeros(layer, strewn), name, model)
            there = layer.levels != 0
            filters, channels = there.mean(axis=(1, 2, 3)), there.mean(axis=(0, 2, 3))
            lines.append(
                f"| {name} | {row.layer} | {100 * row.density:.1f} % | {_range(filters)} | "
                f"{_range(channels)} | {row.actual.cycles:,} | {row.statistical.cycles:,} | "
                f"{row.statistical_pj / row.actual_pj:.4f} | {row.waiting:.2f} | "
                f"{random.waiting:.2f} |"
            )
    return "\n".join(lines)


def _range(shares: NDArray[Any]) -> str:
    return f"{100 * shares.min():.0f} to {100 * shares.max():.0f} %"


def metadata_table(layer: QuantizedLayer, trained: QuantizedLayer) -> str:
    """Tabulate the metadata of weights in DRAM, counted and expected."""
    lines = [
        "| machine | format of a rank | zeros | non-zeros | counted | expected from the share |",
        "|---|---|---|---|---|---|",
    ]
    for name in ("eyeriss_v2", "simple-skipping", "extensor-like"):
        cases = {
            kind: with_zeros(layer, place) for kind, place in KINDS.items() if kind != "strewn"
        }
        for kind, workload in {**cases, "trained": lower(trained)}.items():
            counted, expected = (
                next(_weight_metadata(workload, name, density))
                for density in ("actual", "statistical")
            )
            lines.append(
                f"| {name} | {counted[0]} | {kind} | {workload.effectual_weights:,} | "
                f"{counted[1]:,.0f} | {expected[1]:,.0f} |"
            )
    return "\n".join(lines)


def _weight_metadata(workload: Workload, name: str, density: str) -> Iterator[tuple[str, float]]:
    """Give the innermost rank of the weights as DRAM holds them: its format, its units."""
    evaluation, _ = SparseloopEngine(density).evaluation(workload, hwsim.load_arch(name))
    tile = evaluation.levels[-1].spaces[0].tile
    assert tile.representation is not None
    for rank, units in zip(tile.representation.ranks, tile.ranks, strict=True):
        yield rank.name.upper(), units.metadata


def with_tables(page: str, tables: dict[str, str]) -> str:
    """Replace what stands between the markers of each table."""
    for name, table in tables.items():
        begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
        before, _, rest = page.partition(begin)
        _, _, after = rest.partition(end)
        page = f"{before}{begin}\n{table}\n{end}{after}"
    return page


if __name__ == "__main__":
    main()
