"""The result of an evaluation under Timeloop's own labels, and as the common activity."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from hwsim.activity import ActionKey, Activity, ComponentKey
from hwsim.engines.timeloop.figures.evaluation_figures import Evaluation
from hwsim.engines.timeloop.figures.stats_labels import (
    ALGORITHMIC_COMPUTES,
    AVERAGE_INSTANCES,
    COMPUTES,
    ENERGY,
    ENERGY_EACH,
    INSTANCES,
    MOST_INSTANCES,
    OUTCOMES,
    REDUCTIONS,
    activity_name,
    algorithmic_scalars,
    computes,
    each_access,
    format_scalars,
    scalars,
)
from hwsim.engines.timeloop.figures.storage_figures import LevelFigures, SpaceFigures
from hwsim.engines.timeloop.sparse.rounding import settled
from hwsim.engines.timeloop.terms.operands import count_key

Labels = dict[str, float]


@dataclass(frozen=True)
class TimeloopResult:
    """What Timeloop would report.

    Parameters
    ----------
    evaluation : Evaluation
        All figures.
    notes : tuple of str
        What was left alone in the inputs.
    """

    evaluation: Evaluation
    notes: tuple[str, ...] = ()

    @property
    def cycles(self) -> int:
        """Of the whole run."""
        return self.evaluation.cycles

    @property
    def energy_pj(self) -> float:
        """Of everything, pJ: the sum of :attr:`energy_by_part_pj`, and Timeloop's summary."""
        return self.evaluation.energy

    @property
    def energy_by_part_pj(self) -> dict[str, float]:
        """Of compute, storage, address generation, leakage and networks, pJ."""
        return self.evaluation.energy_by_part

    @property
    def timeloop_access_energy_pj(self) -> float:
        """What Timeloop's lines ``Energy (total)`` add up to, pJ.

        Storage accesses and operations. Address generation, leakage and networks stand elsewhere
        in its statistics file, and ``timeloop-model.map+stats.xml`` adds up no others.
        """
        parts = self.evaluation.energy_by_part
        return parts["compute"] + parts["storage"]

    @property
    def computes(self) -> float:
        """Operations that happen."""
        return self.evaluation.compute.counts["random_compute"]

    @property
    def utilization(self) -> float:
        """Operations over slots of all compute units, %."""
        return 100 * self.evaluation.utilization

    @cached_property
    def levels(self) -> dict[str, dict[str, Any]]:
        """{level: {label: value, data space: {label: value}}}, compute units first."""
        found: dict[str, dict[str, Any]] = {
            self.evaluation.machine.compute.name: dict(compute_labels(self.evaluation))
        }
        names = [space.name for space in self.evaluation.problem.data_spaces]
        for level in self.evaluation.levels:
            found[level.level.name] = _level_labels(level, names, self.evaluation.sparse.listed)
        return found

    def to_dict(self) -> dict[str, Any]:
        """Plain data: cycles, energies (pJ), computes, utilization (%) and levels.

        ``energy_pj`` is of everything, ``energy_by_part_pj`` what it is the sum of, and
        ``timeloop_access_energy_pj`` what Timeloop's lines ``Energy (total)`` add up to.
        """
        return {
            "cycles": self.cycles,
            "energy_pj": self.energy_pj,
            "energy_by_part_pj": self.energy_by_part_pj,
            "timeloop_access_energy_pj": self.timeloop_access_energy_pj,
            "computes": self.computes,
            "utilization": self.utilization,
            "levels": self.levels,
        }

    @property
    def activity(self) -> Activity:
        """The common activity: unit = level, component = data space or MAC.

        Actions of a data space are ``reads``, ``fills`` and ``updates`` (scalars that happen),
        ``gated_...`` and ``skipped_...``, ``metadata_..._bits``, ``vector_...`` (block accesses,
        which are what costs energy) and ``temporal_reductions``; of MAC ``computes`` and the like.
        """
        evaluation = self.evaluation
        counts: dict[ActionKey, float] = {}
        instances: dict[ComponentKey, int] = {}
        unit = evaluation.machine.compute.name
        for outcome in OUTCOMES:
            operations = evaluation.compute.counts[f"{outcome}_compute"]
            counts[count_key(unit, "MAC", activity_name("compute", outcome))] = operations
        instances[unit, "MAC"] = evaluation.machine.compute.mesh.instances
        for level in evaluation.levels:
            for space, figures in zip(evaluation.problem.data_spaces, level.spaces, strict=True):
                if not figures.tile.kept:
                    continue
                instances[level.level.name, space.name] = level.level.mesh.instances
                for action, count in _actions(figures).items():
                    key = count_key(level.level.name, space.name, action)
                    counts[key] = settled(count * figures.tile.instances)
        effectual = evaluation.compute.counts["random_compute"]
        return Activity(
            engine="sparseloop",
            cycles=self.cycles,
            counts=counts,
            instances=instances,
            macs=evaluation.algorithmic_computes,
            effectual_macs=round(effectual),
            utilization=evaluation.utilization,
            statistics=_summary(self),
        )


def _actions(figures: SpaceFigures) -> dict[str, float]:
    tile = figures.tile
    found: dict[str, float] = {}
    for how, what in each_access():
        label, action = activity_name(what, how), f"{how}_{what}"
        found[label] = tile.counts[action]
        found[f"vector_{label}"] = figures.vector_accesses[action]
    for action, bits in figures.format_bits.items():
        if bits:
            found[f"{action.removeprefix('random_')}_bits"] = bits
            vector = f"vector_{action.removeprefix('random_')}s"
            found[vector] = figures.vector_accesses[action]
    found["temporal_reductions"] = settled(tile.dense.temporal_reductions)
    return found


def _summary(result: TimeloopResult) -> dict[str, float | str]:
    parts = {f"{part} energy_pj": energy for part, energy in result.energy_by_part_pj.items()}
    return {"energy_pj": result.energy_pj, **parts, "Utilization": result.utilization}


def compute_labels(evaluation: Evaluation) -> Labels:
    """Put the figures of the compute units under Timeloop's labels."""
    compute, level = evaluation.compute, evaluation.machine.compute
    area = level.area * level.mesh.instances
    most = compute.columns * compute.rows
    if not evaluation.sparse.listed:
        return {
            INSTANCES: most,
            COMPUTES: compute.counts["random_compute"],
            "Cycles": evaluation.compute_cycles,
            ENERGY: evaluation.compute_energy,
            "Area (total)": area,
        }
    return {
        MOST_INSTANCES: most,
        AVERAGE_INSTANCES: compute.instances,
        "Cycles": evaluation.compute_cycles,
        ALGORITHMIC_COMPUTES: evaluation.algorithmic_computes,
        **{computes(outcome): compute.counts[f"{outcome}_compute"] for outcome in OUTCOMES},
        "Energy (total)": evaluation.compute_energy,
        "Area (total)": area,
    }


def _level_labels(level: LevelFigures, names: list[str], sparse: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"Cycles": level.cycles, "Bandwidth throttling": level.slowdown}
    for name, figures in zip(names, level.spaces, strict=True):
        if figures.tile.kept:
            labels = space_labels(level, figures, name, sparse)
            # JSON has no NaN: the energy of an access where there is none
            found[name] = {
                key: None if math.isnan(value) else value for key, value in labels.items()
            }
    return found


def space_labels(level: LevelFigures, figures: SpaceFigures, name: str, sparse: bool) -> Labels:
    """Put a data space's figures under Timeloop's labels; ``sparse`` picks the longer set."""
    labels = _sparse_counts(figures) if sparse else _dense_counts(figures)
    tile = figures.tile
    average = tile.instances
    accesses = figures.actual_accesses
    unused = 0.0 if average <= 0 else float("nan")
    per_access = figures.energy / accesses if accesses else unused
    labels |= {
        REDUCTIONS: int(tile.dense.temporal_reductions),
        "Address generations (per-cluster)": figures.address_generations,
        "Energy (per-scalar-access)": per_access,
        ENERGY_EACH: figures.energy,
        ENERGY: figures.total_energy,
        "Temporal Reduction Energy (per-instance)": 0.0,
        "Temporal Reduction Energy (total)": 0.0,
        "Address Generation Energy (per-cluster)": figures.addr_gen_energy,
        "Address Generation Energy (total)": figures.addr_gen_energy * figures.clusters,
        "Bandwidth Consumption Scale": level.level.bandwidth_scale.get(name, 1.0),
    }
    average_word = "Average " if sparse else ""
    spread = figures.most_instances if sparse else average
    for kind in ("Shared", "Read", "Write"):
        bandwidth = getattr(figures, f"{kind.lower()}_bandwidth")
        labels[f"{average_word}{kind} Bandwidth (per-instance)"] = bandwidth
        labels[f"{kind} Bandwidth (total)"] = bandwidth * spread
    return labels


def _dense_counts(figures: SpaceFigures) -> Labels:
    tile = figures.tile
    return {
        "Partition size": tile.dense.partition_size,
        "Utilized capacity": figures.capacity,
        MOST_INSTANCES: int(tile.instances),
        "Utilized clusters (max)": figures.clusters,
        scalars("read"): tile.dense.reads,
        scalars("fill"): tile.dense.fills,
        scalars("update"): tile.dense.updates,
    }


def _sparse_counts(figures: SpaceFigures) -> Labels:
    tile = figures.tile
    labels: Labels = {
        "Partition size": tile.dense.partition_size,
        "Data tile shape": tile.dense.size,
        "Max utilized data storage capacity": figures.capacity,
        MOST_INSTANCES: figures.most_instances,
        AVERAGE_INSTANCES: tile.instances,
        "Utilized clusters (max)": figures.clusters,
    }
    if tile.representation is None:
        labels["Max utilized Repr format storage capacity"] = 0
    dense: Mapping[str, int] = {
        "read": tile.dense.reads,
        "fill": tile.dense.fills,
        "update": tile.dense.updates,
    }
    for action, count in dense.items():
        labels[algorithmic_scalars(action)] = count
        for how in OUTCOMES:
            labels[scalars(action, how)] = tile.counts[f"{how}_{action}"]
    if tile.representation is not None:
        for action in dense:
            for how in OUTCOMES:
                if figures.format_bits[f"{how}_metadata_{action}"] == 0:
                    labels[format_scalars(action, how)] = 0
    return labels
