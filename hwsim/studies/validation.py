"""Compare our engine with the real program, layer by layer, count by count."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsim.activity import Activity
from hwsim.arch import Arch
from hwsim.energy import EnergyModel, price
from hwsim.engines.stonne.files.config import sizes
from hwsim.engines.stonne.program.engine import OperandSource, StonneEngine, distinct_groups
from hwsim.errors import ProgramError
from hwsim.schemes.quantized import QuantizedNetwork
from hwsim.studies.gemm import simulate_gemm
from hwsim.studies.once_each import compare_once_each
from hwsim.workload import lower
from hwsim.workload.workload import Workload

_ENERGY_TOLERANCE = 1e-9  # both sides add up the same counts, in another order


@dataclass(frozen=True)
class Side:
    """What one of the two found for a layer.

    Parameters
    ----------
    cycles : int
        All groups.
    multiplications, buffer_accesses : int
        Two of the counts, for people: effectual multiplications; reads and writes of the global
        buffer.
    energy : float
        In the energy table's unit.
    """

    cycles: int
    multiplications: int
    buffer_accesses: int
    energy: float


@dataclass(frozen=True)
class LayerComparison:
    """A layer on both sides.

    Parameters
    ----------
    scheme, layer : str
        What was compared.
    M, K, N, groups : int
        The GEMMs, N or M reduced to the columns that were asked for.
    zeros : float
        Share of zeros in the stationary operand as it was run, 0 to 1.
    ours, theirs : Side or None
        None when the program failed.
    differences : tuple of str
        ``cycles: 10, STONNE 12`` and so on; empty when every figure is equal.
    compared : int
        How many figures were compared.
    failure : str or None
        Why the program gave no result.
    seconds : float
        Wall time of the program.
    """

    scheme: str
    layer: str
    M: int
    K: int
    N: int
    groups: int
    zeros: float
    ours: Side | None
    theirs: Side | None
    differences: tuple[str, ...]
    compared: int
    failure: str | None
    seconds: float

    @property
    def agrees(self) -> bool:
        """Whether both sides gave a result and no figure differs."""
        return self.failure is None and not self.differences


@dataclass(frozen=True)
class Validation:
    """All comparisons of a validation.

    Parameters
    ----------
    layers : tuple of LayerComparison
        In the order of the network, scheme by scheme.
    arch, program, operands, energy_label : str
        The machine, the program, where the zeros came from, and whose energy it is.
    """

    layers: tuple[LayerComparison, ...]
    arch: str
    program: str
    operands: str
    energy_label: str

    @property
    def different(self) -> list[LayerComparison]:
        """Layers with a difference."""
        return [layer for layer in self.layers if layer.differences]

    @property
    def failed(self) -> list[LayerComparison]:
        """Layers that the program gave no result for."""
        return [layer for layer in self.layers if layer.failure]


def validate(
    networks: Sequence[QuantizedNetwork],
    arch: Arch,
    engine: StonneEngine,
    energy: EnergyModel,
    *,
    columns: int = 8,
    workers: int = 1,
    on_done: Callable[[str], None] = lambda _: None,
) -> Validation:
    """Run the layers on our engine and on the real program.

    Layers that are one problem (shape and zeros) are run once. A layer for which the program
    fails is noted, and the others go on.

    Parameters
    ----------
    networks : sequence of QuantizedNetwork
        A network under each scheme, with the layers to compare.
    arch : Arch
        A machine of the engine ``sigma``.
    engine : StonneEngine
        The real program.
    energy : EnergyModel
        Prices for both sides.
    columns : int
        Stream at most that many vectors a layer.
    workers : int
        Programs at a time.
    on_done : callable
        Called with a layer's name when it is done.

    Returns
    -------
    Validation

    Raises
    ------
    InputError
        If the architecture is none that STONNE can be, or a layer cannot be lowered.
    """
    sizes(arch)
    problems = [
        (network.scheme, replace(workload, streams=min(columns, workload.streams)))
        for network in networks
        for workload in map(lower, network.layers)
    ]
    keys = [workload.zeros_fingerprint() for _, workload in problems]
    layers = compare_once_each(
        problems,
        keys,
        lambda scheme, workload: _compare(scheme, workload, arch, engine, energy),
        workers=workers,
        on_done=on_done,
        stop=engine.stop,
    )
    return Validation(
        layers=layers,
        arch=arch.label,
        program=engine.program,
        operands=_WORDS[engine.operands],
        energy_label=energy.label,
    )


_WORDS: dict[OperandSource, str] = {
    "layer": "each layer's own zeros, handed to the program through the C library's rand()",
    "random": "drawn by the program at each layer's share of zeros, and drawn again by hwsim",
}


def _compare(
    scheme: str, workload: Workload, arch: Arch, engine: StonneEngine, energy: EnergyModel
) -> LayerComparison:
    start = time.monotonic()
    ours: list[tuple[Activity, int]] = []
    theirs: list[tuple[Activity, int]] = []
    differences: list[str] = []
    compared = zeros = 0
    failure = None
    try:
        for group, times in distinct_groups(workload):
            activity, mk, kn = engine.run_group(group, arch)
            same = simulate_gemm(mk, kn, arch, workload.dataflow).activity
            found, figures = _differences(same, activity, arch, energy)
            differences += [line for line in found if line not in differences]
            compared += figures
            zeros += times * _zeros(mk if workload.dataflow == "MK_STA_KN_STR" else kn)
            ours.append((same, times))
            theirs.append((activity, times))
    except ProgramError as error:
        failure = str(error)
    return LayerComparison(
        scheme=scheme,
        layer=workload.layer,
        M=workload.M,
        K=workload.K,
        N=workload.N,
        groups=workload.groups,
        zeros=zeros / workload.levels.size if failure is None else 1 - workload.density,
        ours=None if failure else _side(ours, arch, energy),
        theirs=None if failure else _side(theirs, arch, energy),
        differences=() if failure else tuple(differences),
        compared=0 if failure else compared,
        failure=failure,
        seconds=time.monotonic() - start,
    )


def _differences(
    ours: Activity, theirs: Activity, arch: Arch, energy: EnergyModel
) -> tuple[list[str], int]:
    """Word every figure of the two that is not equal, and count the figures."""
    figures = {"cycles": (ours.cycles, theirs.cycles)}
    figures |= _pairs("", ours.by_action(), theirs.by_action())
    figures |= _pairs("instances of ", ours.instances, theirs.instances)
    figures |= _pairs("", ours.statistics, theirs.statistics)
    lines = [
        f"{name}: {_figure(mine)}, STONNE {_figure(other)}"
        for name, (mine, other) in figures.items()
        if mine != other
    ]
    our_energy, their_energy = (price(side, energy, arch).total for side in (ours, theirs))
    if abs(our_energy - their_energy) > _ENERGY_TOLERANCE * abs(their_energy):
        lines.append(f"energy: {our_energy:.6g}, STONNE {their_energy:.6g}")
    return lines, len(figures) + 1


def _pairs(
    prefix: str, ours: Mapping[Any, Any], theirs: Mapping[Any, Any]
) -> dict[str, tuple[Any, Any]]:
    keys = dict.fromkeys([*ours, *theirs])
    return {
        prefix + (key if isinstance(key, str) else " ".join(key)): (ours.get(key), theirs.get(key))
        for key in keys
    }


def _figure(value: object) -> str:
    return "nothing" if value is None else str(value)


def _zeros(operand: NDArray[np.bool_]) -> int:
    return operand.size - int(np.count_nonzero(operand))


def _side(runs: list[tuple[Activity, int]], arch: Arch, energy: EnergyModel) -> Side:
    def total(*keys: tuple[str, str, str]) -> int:
        return sum(int(run.by_action().get(key, 0)) * times for run, times in runs for key in keys)

    buffer = ("GlobalBuffer", "GLOBALBUFFER")
    return Side(
        cycles=sum(run.cycles * times for run, times in runs),
        multiplications=total(("MSNetwork", "MULTIPLIER", "MULTIPLICATION")),
        buffer_accesses=total((*buffer, "READ"), (*buffer, "WRITE")),
        energy=sum(price(run, energy, arch).total * times for run, times in runs),
    )
