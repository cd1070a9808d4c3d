"""What real zeros change against statistical densities; writes the tables of docs/real_tensors.md.

ResNet-18 with weights drawn from a Laplace distribution (seed 0), signed-binary after training.

    python benchmarks/real_tensors.py            # print
    python benchmarks/real_tensors.py --write    # put the tables into docs/real_tensors.md
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

import hwsim
from hwsim.activity import Activity
from hwsim.energy import load_energy_table
from hwsim.engines.timeloop.layers import SparseloopEngine
from hwsim.schemes import quantize
from hwsim.schemes.quantized import QuantizedLayer
from hwsim.workload import Workload, lower

ARCHS = ("eyeriss_v2", "simple-skipping", "scnn", "extensor-like", "eie-like")
PAGE = Path(__file__).resolve().parent.parent / "docs" / "real_tensors.md"
CONTROL = "layer3.0.conv2"


@dataclass(frozen=True)
class Compared:
    """A layer on one machine, with its very zeros and with their share alone."""

    layer: str
    density: float
    fewest: float
    most: float
    actual: Activity
    statistical: Activity
    strewn: Activity
    actual_uj: float
    statistical_uj: float

    @property
    def waiting(self) -> float:
        """Time over mean time if units wait for the slowest."""
        return float(self.actual.statistics["slowest_over_mean"])


def main() -> None:
    """Compare, and print or write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true")
    write = parser.parse_args().write
    network = quantize(hwsim.make_network("resnet18"), "signed-binary")
    layers = [layer for layer in network.layers if layer.scheme == "signed-binary"]
    by_arch = {name: list(compare(layers, name)) for name in ARCHS}
    tables = {
        "layers": layer_table(by_arch[ARCHS[0]]),
        "machines": machine_table(by_arch),
        "control": control_table(next(x for x in layers if x.layer.name == CONTROL)),
    }
    for name, table in tables.items():
        print(f"{name}\n\n{table}\n")
    if write:
        PAGE.write_text(with_tables(PAGE.read_text(), tables))


def compare(layers: list[QuantizedLayer], name: str) -> Iterator[Compared]:
    """Evaluate layers on a machine; all three evaluations of a layer run the same mapping."""
    arch = hwsim.load_arch(name)
    model = load_energy_table("physical")
    engine = SparseloopEngine()
    statistical = engine.with_density("statistical")
    for layer in layers:
        workload = lower(layer)
        found = [engine.simulate(workload, arch), statistical.simulate(workload, arch)]
        energies = [model.price(each, arch, workload.operands).total / 1e6 for each in found]
        of_filters = workload.nonzeros.mean(axis=2)
        yield Compared(
            workload.layer,
            workload.density,
            float(of_filters.min()),
            float(of_filters.max()),
            found[0],
            found[1],
            engine.simulate(strewn(workload), arch),
            *energies,
        )


def strewn(workload: Workload) -> Workload:
    """Put the same number of zeros at random places."""
    shuffled = np.random.default_rng(0).permutation(workload.nonzeros.ravel())
    return replace(workload, levels=shuffled.reshape(workload.nonzeros.shape))


def gathered(workload: Workload) -> Workload:
    """Put the same number of zeros into the last filters, which are then empty."""
    ordered = np.sort(workload.nonzeros.ravel())[::-1]
    return replace(workload, levels=ordered.reshape(workload.nonzeros.shape))


def layer_table(rows: list[Compared]) -> str:
    """Tabulate one machine, layer by layer."""
    lines = [
        "| layer | not 0 | of filters | cycles, real | cycles, statistical | energy, real uJ | "
        "energy, statistical | wait, real | wait, strewn |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        off = 100 * (row.statistical_uj / row.actual_uj - 1)
        lines.append(
            f"| {row.layer} | {100 * row.density:.1f} % | "
            f"{100 * row.fewest:.0f} to {100 * row.most:.0f} % | {row.actual.cycles:,} | "
            f"{row.statistical.cycles:,} | {row.actual_uj:.1f} | {off:+.2f} % | "
            f"{row.waiting:.2f} | {float(row.strewn.statistics['slowest_over_mean']):.2f} |"
        )
    return "\n".join(lines)


def machine_table(by_arch: dict[str, list[Compared]]) -> str:
    """Tabulate the sums over the layers, machine by machine."""
    lines = [
        "| machine | cycles, statistical over real | energy, statistical over real | "
        "largest difference of a layer | cycles with waiting over cycles |",
        "|---|---|---|---|---|",
    ]
    for name, rows in by_arch.items():
        cycles = sum(row.actual.cycles for row in rows)
        share = sum(row.statistical.cycles for row in rows) / cycles
        energy = sum(row.statistical_uj for row in rows) / sum(row.actual_uj for row in rows)
        largest = max(abs(row.statistical_uj / row.actual_uj - 1) for row in rows)
        waiting = sum(row.actual.cycles * row.waiting for row in rows) / cycles
        lines.append(
            f"| {name} | {share:.4f} | {energy:.4f} | {100 * largest:.2f} % | {waiting:.2f} |"
        )
    return "\n".join(lines)


def control_table(layer: QuantizedLayer) -> str:
    """Tabulate one layer with its zeros gathered, where the share alone tells too little."""
    workload = lower(layer)
    model = load_energy_table("physical")
    lines = [
        "| machine | zeros | cycles | energy uJ | wait |",
        "|---|---|---|---|---|",
    ]
    for name in ARCHS:
        arch = hwsim.load_arch(name)
        engine = SparseloopEngine()
        runs = {
            "statistical": (engine.with_density("statistical"), workload),
            "real": (engine, workload),
            "gathered": (engine, gathered(workload)),
        }
        for label, (evaluator, problem) in runs.items():
            activity = evaluator.simulate(problem, arch)
            energy = model.price(activity, arch, workload.operands).total / 1e6
            wait = float(activity.statistics["slowest_over_mean"])
            shown = "" if label == "statistical" else f"{wait:.2f}"
            lines.append(f"| {name} | {label} | {activity.cycles:,} | {energy:.1f} | {shown} |")
    return "\n".join(lines)


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
