"""Compare our engine with the real timeloop-model, layer by layer, label by label."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hwsim.arch import Arch
from hwsim.engines.timeloop.evaluation import Evaluation, evaluate
from hwsim.engines.timeloop.figures.stats_file import stats_text
from hwsim.engines.timeloop.program.engine import TimeloopEngine
from hwsim.engines.timeloop.program.stats_reader import TimeloopStats, parse_stats
from hwsim.engines.timeloop.spec import read_evaluation_inputs
from hwsim.engines.timeloop.spec.extension import without_extension
from hwsim.engines.timeloop.spec.write_inputs import input_documents
from hwsim.errors import ProgramError
from hwsim.schemes.quantized import QuantizedNetwork
from hwsim.studies.once_each import compare_once_each
from hwsim.workload import lower
from hwsim.workload.workload import Workload

#: The file rounds to two decimals, so equal figures may print one hundredth apart.
_ROUNDING: Final = 0.0101
_RELATIVE: Final = 1e-6


@dataclass(frozen=True)
class TimeloopComparison:
    """A layer on both sides.

    Parameters
    ----------
    scheme, layer : str
        What was compared.
    density : float
        Of the weights, 0 to 1.
    cycles, energy_pj : (number, number or None)
        Ours and the program's; None when it failed. Energy of accesses and operations, pJ.
    compared : int
        How many figures were compared.
    differences : tuple of str
        Empty when every figure is equal.
    failure : str or None
        Why the program gave no result.
    seconds : (float, float)
        Wall time of ours and of the program.
    """

    scheme: str
    layer: str
    density: float
    cycles: tuple[int, int | None]
    energy_pj: tuple[float, float | None]
    compared: int
    differences: tuple[str, ...]
    failure: str | None
    seconds: tuple[float, float]


@dataclass(frozen=True)
class TimeloopValidation:
    """All comparisons of a validation.

    Parameters
    ----------
    layers : tuple of TimeloopComparison
        In the order of the network, scheme by scheme.
    arch, program, density : str
        The machine, the program, and how non-zeros lie.
    """

    layers: tuple[TimeloopComparison, ...]
    arch: str
    program: str
    density: str

    @property
    def different(self) -> list[TimeloopComparison]:
        """Layers with a difference."""
        return [layer for layer in self.layers if layer.differences]

    @property
    def failed(self) -> list[TimeloopComparison]:
        """Layers that the program gave no result for."""
        return [layer for layer in self.layers if layer.failure]


def validate_timeloop(
    networks: Sequence[QuantizedNetwork],
    arch: Arch,
    engine: TimeloopEngine,
    *,
    workers: int = 1,
    on_done: Callable[[str], None] = lambda _: None,
) -> TimeloopValidation:
    """Run the layers on our engine and on the real program, on the same exported inputs.

    Both see what Timeloop can know: statistical densities, and one width for all words of a
    memory. Layers that are one problem are run once. A layer for which the program fails is
    noted, and the others go on.

    Parameters
    ----------
    networks : sequence of QuantizedNetwork
        A network under each scheme, with the layers to compare.
    arch : Arch
        A machine of the engine ``sparseloop``.
    engine : TimeloopEngine
        The real program.
    workers : int
        Programs at a time.
    on_done : callable
        Called with a layer's name when it is done.

    Raises
    ------
    InputError
        If a layer cannot be mapped.
    """
    problems = [
        (network.scheme, workload)
        for network in networks
        for workload in map(lower, network.layers)
    ]
    keys = [engine.key(workload) for _, workload in problems]
    layers = compare_once_each(
        problems,
        keys,
        lambda scheme, workload: _compare(scheme, workload, arch, engine),
        workers=workers,
        on_done=on_done,
        stop=engine.stop,
    )
    return TimeloopValidation(
        layers=layers,
        arch=arch.label,
        program=engine.program,
        density=engine.density,
    )


def _compare(
    scheme: str, workload: Workload, arch: Arch, engine: TimeloopEngine
) -> TimeloopComparison:
    evaluation = engine.evaluation(workload, arch)
    start = time.monotonic()
    ours = parse_stats(stats_text(as_timeloop_reads(evaluation)), "hwsim")
    middle = time.monotonic()
    theirs, failure = None, None
    try:
        theirs = engine.run_evaluation(evaluation)
    except ProgramError as error:
        failure = str(error)
    differences: list[str] = []
    compared = 0
    if theirs is not None:
        for name, mine, other in figures(ours, theirs):
            compared += 1
            if not _equal(mine, other):
                differences.append(f"{name}: {_shown(mine)}, Timeloop {_shown(other)}")
    return TimeloopComparison(
        scheme=scheme,
        layer=workload.layer,
        density=workload.density,
        cycles=(ours.cycles, None if theirs is None else theirs.cycles),
        energy_pj=(ours.energy_pj, None if theirs is None else theirs.energy_pj),
        compared=compared,
        differences=tuple(differences),
        failure=failure,
        seconds=(middle - start, time.monotonic() - middle),
    )


def as_timeloop_reads(evaluation: Evaluation) -> Evaluation:
    """Evaluate what Timeloop's own programs read from the export of an evaluation."""
    inputs = without_extension(input_documents(evaluation))
    return evaluate(*read_evaluation_inputs(inputs))


def figures(ours: TimeloopStats, theirs: TimeloopStats) -> Iterator[tuple[str, Any, Any]]:
    """Pair all figures of two statistics files.

    The summary's area is left out: the program prints 0 there, whatever the areas are.
    """
    for name in ("cycles", "computes", "utilization", "total_energy_pj"):
        yield name.replace("_", " "), getattr(ours, name), getattr(theirs, name)
    yield from _pairs("", ours.levels, theirs.levels)
    yield from _pairs("", _carried(ours), _carried(theirs))
    ranks = [
        {" ".join(key): labels for key, labels in side.ranks.items()} for side in (ours, theirs)
    ]
    yield from _pairs("", *ranks)


def _carried(stats: TimeloopStats) -> dict[str, dict[str, Any]]:
    """Keep what networks carry, and leave out what the inputs say of them."""
    return {
        network: {key: part for key, part in labels.items() if isinstance(part, dict)}
        for network, labels in stats.networks.items()
    }


def _pairs(
    prefix: str, ours: Mapping[str, Any], theirs: Mapping[str, Any]
) -> Iterator[tuple[str, Any, Any]]:
    for key in dict.fromkeys([*theirs, *ours]):
        mine, other = ours.get(key), theirs.get(key)
        name = f"{prefix} {key}".strip()
        if isinstance(mine, Mapping) or isinstance(other, Mapping):
            sides = [side if isinstance(side, Mapping) else {} for side in (mine, other)]
            yield from _pairs(name, *sides)
        else:
            yield name, mine, other


def _equal(mine: Any, other: Any) -> bool:
    if isinstance(mine, float | int) and isinstance(other, float | int):
        return abs(mine - other) <= _ROUNDING + _RELATIVE * abs(other)
    return bool(mine == other)


def _shown(value: Any) -> str:
    return "nothing" if value is None else str(value)
