"""Timeloop's statistics file: the same sections, labels and precision."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from hwsim.engines.timeloop.figures.evaluation_figures import Evaluation
from hwsim.engines.timeloop.figures.network_figures import NetworkFigures, SpaceTraffic
from hwsim.engines.timeloop.figures.result import compute_labels, space_labels
from hwsim.engines.timeloop.figures.stats_labels import (
    ACCESSES,
    HOPS,
    INGRESSES,
    INTENSITY_TITLE,
    LEVELS_TITLE,
    LINK_TRANSFERS,
    NETWORKS_TITLE,
    OUTCOMES,
    REDUCTIONS,
    SUMMARY_TITLE,
    format_scalars,
)
from hwsim.engines.timeloop.figures.storage_figures import LevelFigures, SpaceFigures
from hwsim.engines.timeloop.terms.machine import StorageLevel
from hwsim.whole_file import whole_file

#: Parts of labels, and the unit after their figures.
_UNITS = (("Energy", " pJ"), ("Area", " um^2"), ("Bandwidth (", " words/cycle"))
#: Parts of labels whose figures have no decimals.
_WHOLE = (
    "instances (max)",
    "clusters (max)",
    "Utilized instances",
    "Cycles",
    "omputes (total)",
    "size",
    "shape",
    "capacity",
    "scalar",
    "Scalar",
    "reductions",
    "generations",
)


def write_stats(evaluation: Evaluation, folder: Path) -> Path:
    """Write ``timeloop-model.stats.txt``.

    Parameters
    ----------
    evaluation : Evaluation
        What to write.
    folder : Path
        Where; made if it is not there.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    path = folder / "timeloop-model.stats.txt"
    with whole_file(path) as aside:
        folder.mkdir(parents=True, exist_ok=True)
        aside.write_text(stats_text(evaluation), encoding="utf-8")
    return path


def stats_text(evaluation: Evaluation) -> str:
    """Word all figures of an evaluation as Timeloop does."""
    lines = _titled(LEVELS_TITLE)
    sparse = evaluation.sparse.listed
    if evaluation.compute_energy:
        lines += _level_head(0, evaluation.machine.compute.name)
        lines += _compute(evaluation)
    for number, level in enumerate(evaluation.levels, start=1):
        if level.energy or any(_accesses(space) for space in level.spaces):
            lines += _level_head(number, level.level.name)
            names = [space.name for space in evaluation.problem.data_spaces]
            lines += _level(level, names, sparse)
    lines += _titled(NETWORKS_TITLE)
    shown = sorted((n for n in evaluation.networks if n.energy), key=lambda n: n.network.name)
    for number, network in enumerate(shown):
        lines += [f"Network {number}", "---------"]
        lines += _network(network, evaluation)
    lines += _intensity(evaluation)
    lines += _summary(evaluation, shown)
    return "\n".join(lines) + "\n"


def _titled(title: str) -> list[str]:
    return [title, "-" * len(title)]


def _level_head(number: int, name: str) -> list[str]:
    return [f"Level {number}", "-------", f"=== {name} ===", ""]


def _number(label: str, value: float) -> str:
    if math.isnan(value):
        return "-nan"
    mean = "Energy" in label or "average" in label
    if any(part in label for part in _WHOLE) and not mean:
        return str(round(value))
    return f"{value:.2f}"


def _line(label: str, value: float, indent: int, width: int) -> str:
    unit = next((unit for part, unit in _UNITS if part in label), "")
    return f"{' ' * indent}{label:<{width}}: {_number(label, value)}{unit}"


def _compute(evaluation: Evaluation) -> list[str]:
    level = evaluation.machine.compute
    mesh = level.mesh
    width = 29 if evaluation.sparse.listed else 24
    lines = [
        "    SPECS",
        "    -----",
        f"    Word bits             : {level.word_bits}",
        f"    Instances             : {mesh.instances} ({mesh.columns}*{mesh.rows})",
        f"    Compute energy        : {level.energy['random_compute']:.2f} pJ",
        "",
        "    STATS",
        "    -----",
    ]
    for label, value in compute_labels(evaluation).items():
        text = str(math.floor(value)) if "average" in label else _number(label, value)
        unit = next((unit for part, unit in _UNITS if part in label), "")
        lines.append(f"    {label:<{width}}: {text}{unit}")
    return [*lines, "", ""] if evaluation.sparse.listed else [*lines, ""]


def _level(figures: LevelFigures, names: list[str], sparse: bool) -> list[str]:
    lines = ["    SPECS", "    -----"]
    specs = _sparse_specs(figures) if sparse else _dense_specs(figures)
    lines += [f"        {label:<32}: {text}" for label, text in specs]
    lines += [
        "",
        "    STATS",
        "    -----",
        f"    Cycles               : {figures.cycles}",
        f"    Bandwidth throttling : {figures.slowdown:.2f}",
    ]
    for name, space in zip(names, figures.spaces, strict=True):
        if not space.tile.kept:
            continue
        lines.append(f"    {name}:")
        labels = space_labels(figures, space, name, sparse)
        if sparse:
            lines += _sparse_space(labels, space)
        else:
            lines += [_line(label, value, 8, 41) for label, value in labels.items()]
    return [*lines, ""]


def _or_dash(value: float | int | None) -> str:
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.2f}"


def _common_specs(level: StorageLevel) -> list[tuple[str, str]]:
    mesh = level.mesh
    return [
        ("Cluster size", str(level.cluster_size)),
        ("Instances", f"{mesh.instances} ({mesh.columns}*{mesh.rows})"),
        ("Shared bandwidth", _or_dash(level.shared_bandwidth)),
        ("Read bandwidth", _or_dash(level.read_bandwidth)),
        ("Write bandwidth", _or_dash(level.write_bandwidth)),
        ("Multiple buffering", f"{level.multiple_buffering:.2f}"),
    ]


def _leak_specs(figures: LevelFigures) -> list[tuple[str, str]]:
    return [
        ("Per-instance-cycle leakage", f"{figures.level.energy['leak']:.2f} pJ"),
        ("Instances sharing power gating", f"{figures.sharing_power_gate:.2f}"),
        ("Non-power-gated utilization", f"{100 * figures.powered_utilization:.2f}%"),
        ("Leakage energy (total)", f"{figures.leakage:.2f} pJ"),
        ("Area", f"{figures.level.area:.2f} um^2"),
    ]


def _dense_specs(figures: LevelFigures) -> list[tuple[str, str]]:
    level = figures.level
    return [
        ("Technology", "DRAM" if level.dram else "SRAM"),
        ("Size", _or_dash(level.size)),
        ("Word bits", str(level.word_bits)),
        ("Block size", str(level.block_size)),
        *_common_specs(level),
        ("Effective size", _or_dash(level.effective_size)),
        ("Min utilization", f"{level.min_utilization:.2f}"),
        ("Vector access energy", f"{level.vector_access_energy:.2f} pJ"),
        ("Vector access energy source", level.energy_source),
        *_leak_specs(figures),
    ]


def _sparse_specs(figures: LevelFigures) -> list[tuple[str, str]]:
    level = figures.level
    prices = (
        ("Vector read energy", "random_read"),
        ("Vector write energy", "random_fill"),
        ("Vector metadata read energy", "random_metadata_read"),
        ("Vector metadata write energy", "random_metadata_fill"),
        ("(De)compression energy", "decompression_count"),
    )
    return [
        ("Technology", "DRAM" if level.dram else "SRAM"),
        ("Data storage size", _or_dash(level.size)),
        ("Data word bits", str(level.word_bits)),
        ("Data block size", str(level.block_size)),
        ("Metadata storage width(bits)", str(level.metadata_width)),
        ("Metadata storage depth", _or_dash(level.metadata_depth or None)),
        *_common_specs(level),
        ("Effective data storage size", _or_dash(level.effective_size)),
        ("Min utilization", f"{level.min_utilization:.2f}"),
        *((label, f"{level.energy[action]:.2f} pJ") for label, action in prices),
        *_leak_specs(figures),
    ]


def _sparse_space(labels: dict[str, float], space: SpaceFigures) -> Iterator[str]:
    tile = space.tile
    form = tile.representation
    shares = {
        "Shared": space.format_shared_share,
        "Read": space.format_read_share,
        "Write": space.format_write_share,
    }
    for label, value in labels.items():
        if label == "Data tile shape":
            yield f"        {'Tile density distribution':<60}: {tile.density.name}"
        if label == "Max utilized Repr format storage capacity":
            continue
        if label == REDUCTIONS and form is not None:
            yield from _format_accesses(space)
        if "scalar format" not in label:
            yield _line(label, value, 8, 60)
        if label == "Max utilized data storage capacity":
            yield f"        {'Representation format':<60}: {form.label if form else 'none'}"
            title = f"        {'Max utilized Repr format storage capacity':<60}"
            yield f"{title}: 0" if form is None else title
            pairs = [(math.ceil(r.metadata), math.ceil(r.payload)) for r in space.metadata]
            yield from _ranks(pairs, ", ")
        if label.endswith("Bandwidth (per-instance)"):
            share = shares[label.split()[1]]
            closing = "" if "Shared" in label else ")"
            yield (
                f"            Breakdown (Data, Format): ({1 - 100 * share:.2f}%, "
                f"{100 * share:.2f}%{closing}"
            )


def _format_accesses(space: SpaceFigures) -> Iterator[str]:
    for action in ACCESSES:
        for how in OUTCOMES:
            title = f"        {format_scalars(action, how):<60}"
            if space.format_bits[f"{how}_metadata_{action}"] == 0:
                yield f"{title}: 0"
                continue
            yield title
            yield from _ranks(space.tile.formats[f"{how}_metadata_{action}"], ",  ")


def _ranks(pairs: Sequence[Sequence[float]], between: str) -> Iterator[str]:
    for rank, (metadata, payload) in reversed(list(enumerate(pairs))):
        units = f"({round(metadata)}{between}{round(payload)})"
        yield f"            Rank {rank} (metadata, payload): {units}"


def _accesses(space: SpaceFigures) -> int:
    dense = space.tile.dense
    return int(space.tile.instances * (dense.reads + dense.updates + dense.fills))


def _network(figures: NetworkFigures, evaluation: Evaluation) -> Iterator[str]:
    network = figures.network
    both = any(
        level.read_network == level.update_network == network for level in evaluation.machine.levels
    )
    inwards = any(level.read_network == network for level in evaluation.machine.levels)
    specs = [
        ("Type", network.kind),
        ("Legacy sub-type", "M_N" if network.distributes else ""),
        ("ConnectionType", "3" if both else "1" if inwards else "2"),
        ("Word bits", str(network.word_bits)),
        ("Router energy", f"{_or_dash(network.router_energy or None)} pJ"),
        ("Wire energy", f"{_or_dash(network.wire_energy or None)} pJ/b/mm"),
        ("Ingress energy", f"{_or_dash(network.ingress_energy or None)} pJ"),
        ("Fill latency", str(network.fill_latency)),
        ("Drain latency", str(network.drain_latency)),
    ]
    yield from (network.name, "", "    SPECS", "    -----")
    yield from (f"        {label:<16}: {text}" for label, text in specs)
    yield from ("", "    STATS", "    -----")
    for space, traffic in zip(evaluation.problem.data_spaces, figures.spaces, strict=True):
        yield f"    {space.name}:"
        yield from _network_space(traffic)
    yield ""


def _network_space(traffic: SpaceTraffic) -> Iterator[str]:
    def line(label: str, text: str) -> str:
        return f"        {label:<40}: {text}"

    count = traffic.instances
    yield line("Fanout", str(traffic.fanout))
    yield line("Multicast factor", str(traffic.multicast))
    yield line(INGRESSES, f"{sum(traffic.ingresses.values()):.2f}")
    for (multicast, scatter), words in sorted(traffic.ingresses.items()):
        yield f"            @multicast {multicast} @scatter {scatter}: {words:.2f}"
    yield line(LINK_TRANSFERS, str(int(traffic.link_transfers)))
    yield line("Spatial reductions", str(int(traffic.spatial_reductions)))
    yield line(HOPS, f"{traffic.hops:.2f}")
    yield line("Energy (per-hop)", f"{1000 * traffic.energy_per_hop:.2f} fJ")
    for label, energy in (
        ("Energy", traffic.energy),
        ("Link transfer energy", traffic.link_energy),
        ("Spatial Reduction Energy", traffic.reduction_energy),
    ):
        yield line(f"{label} (per-instance)", f"{energy:.2f} pJ")
        yield line(f"{label} (total)", f"{energy * count:.2f} pJ")


def _operations(evaluation: Evaluation) -> tuple[int, int, int]:
    """Operations done, additions among them, and words that have to be moved at least."""
    done = round(evaluation.compute.counts["random_compute"])
    traffic = results = 0
    for number, space in enumerate(evaluation.problem.data_spaces):
        outwards = (level.spaces[number].capacity for level in reversed(evaluation.levels))
        size = next((size for size in outwards if size > 0), 0)
        traffic += size
        results += size if space.read_write else 0
    return done, max(done - results, 0), traffic


def _single(above: int, below: int) -> float:
    """Divide in single precision, as Timeloop prints its rates."""
    return float(np.float32(above) / np.float32(below)) if below else math.nan


def _intensity(evaluation: Evaluation) -> Iterator[str]:
    done, reductions, traffic = _operations(evaluation)
    total = done + reductions
    outermost = evaluation.levels[-1].level.word_bits
    yield from ("", *_titled(INTENSITY_TITLE))

    def line(label: str, text: str) -> str:
        return f"    {label:<40}: {text}"

    yield line("Total elementwise ops", str(done))
    yield line("Total reduction ops", str(reductions))
    yield line("Total ops", str(total))
    yield line("Total memory accesses required", str(traffic))
    yield line("Optimal Op per Byte", f"{_single(total, outermost * traffic // 8):.2f}")
    yield ""
    for level in evaluation.levels:
        yield f"=== {level.level.name} ==="
        accesses = sum(map(_accesses, level.spaces))
        if accesses:
            size = level.level.word_bits * accesses // 8
            yield line("Total scalar accesses", str(accesses))
            yield line("Op per Byte", f"{_single(total, size):.2f}")
    yield from ("", "")


def _summary(evaluation: Evaluation, networks: Iterable[NetworkFigures]) -> Iterator[str]:
    done, reductions, _ = _operations(evaluation)
    energy, cycles = evaluation.energy, evaluation.cycles
    yield from _titled(SUMMARY_TITLE)
    yield f"GFLOPs (@1GHz): {_single(done + reductions, cycles):.2f}"
    yield f"Utilization: {100 * evaluation.utilization:.2f}%"
    yield f"Cycles: {cycles}"
    yield f"Energy: {energy / 10**6:.2f} uJ"
    yield f"EDP(J*cycle): {cycles * energy / 10**12:.2e}"
    yield f"Area: {evaluation.area / 10**6:.2f} mm^2"
    parts = [(evaluation.machine.compute.name, evaluation.compute_energy)]
    parts += [(level.level.name, level.energy) for level in evaluation.levels]
    parts += [(network.network.name, network.energy) for network in networks]
    names = [name for name, _ in parts] + [n.network.name for n in evaluation.networks]
    width = max(map(len, names)) + 1
    titles = [("Computes", "fJ/Compute", done)]
    if evaluation.sparse.listed:
        algorithmic = evaluation.algorithmic_computes
        titles = [
            ("Algorithmic Computes", "fJ/Algorithmic-Compute", algorithmic),
            ("Actual Computes", "fJ/Compute", done),
        ]
    for title, unit, count in titles:
        yield from ("", f"{title} = {count}", unit)
        for name, part in [*((n, e) for n, e in parts if e), ("Total", energy)]:
            each = part * 1000 / count if count else math.nan
            yield f"    {name:<{width}}= {each:.2f}"
    yield ""
