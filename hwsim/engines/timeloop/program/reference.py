"""The real timeloop-model beside our engine, label by label of the statistics file."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from hwsim.activity import Activity
from hwsim.arch import Arch
from hwsim.engines.reference import ComparedFigure, Comparison, Reference, ReferenceOptions
from hwsim.engines.timeloop.evaluation import evaluate
from hwsim.engines.timeloop.figures.evaluation_figures import Evaluation
from hwsim.engines.timeloop.figures.stats_file import stats_text
from hwsim.engines.timeloop.program.engine import TIMELOOP, TimeloopEngine, find_timeloop
from hwsim.engines.timeloop.program.program_inputs import density_model, input_documents
from hwsim.engines.timeloop.program.stats_reader import TimeloopStats, parse_stats
from hwsim.engines.timeloop.spec import read_evaluation_inputs
from hwsim.engines.timeloop.spec.architecture.extension import without_extension
from hwsim.errors import ProgramError
from hwsim.workload import Workload

#: The file rounds to two decimals, so equal figures may print one hundredth apart.
_ROUNDING: Final = 0.0101
_RELATIVE: Final = 1e-6


@dataclass(frozen=True)
class TimeloopReference(Reference):
    """The program on the exported inputs, which our engine reads as well.

    Both see what Timeloop can know: statistical densities, and one width for all words of a
    memory.

    Parameters
    ----------
    engine : TimeloopEngine
        Runs the program.
    """

    engine: TimeloopEngine

    title: ClassVar[str] = TIMELOOP.title
    shown: ClassVar[Mapping[str, str]] = {"cycles": "cycles", "energy_pj": "energy pJ"}

    @classmethod
    def find(cls, arch: Arch, options: ReferenceOptions) -> TimeloopReference:
        """Find the program, or its Python front end."""
        density = density_model(options.density)
        runner, layout = find_timeloop(options.program, options.docker, options.limits)
        return cls(TimeloopEngine(runner, density, layout))

    @property
    def program(self) -> str:
        """Which program it is, for people."""
        return self.engine.program

    @property
    def notes(self) -> Mapping[str, str]:
        """What Timeloop cannot know."""
        return {
            "density": f"{self.engine.density}: Timeloop knows no tensor's own zeros",
            "words": "one width for all words of a memory, as Timeloop has it",
            "energy": "of everything, by the exported ERT; Timeloop prints 0.01 uJ",
        }

    def key(self, workload: Workload) -> Hashable:
        """Identify as the engine does."""
        return self.engine.key(workload)

    def part(self, workload: Workload) -> Workload:
        """Take one feature map of a convolution; of the first sample, where zeros are known."""
        return next(workload.parts(images_together=False))

    def compare(
        self, workload: Workload, arch: Arch, energy: Callable[[Activity], float]
    ) -> Comparison:
        """Evaluate the export on both sides; its energies are the files' own."""
        evaluation = self.engine.evaluation(workload, arch)
        start = time.monotonic()
        ours = parse_stats(stats_text(_as_timeloop_reads(evaluation)), "hwsim")
        middle = time.monotonic()
        theirs, failure = None, None
        try:
            theirs = self.engine.run_evaluation(evaluation)
        except ProgramError as error:
            failure = str(error)
        return Comparison(
            zeros=1 - workload.density,
            ours=_shown(ours),
            theirs=None if theirs is None else _shown(theirs),
            figures=() if theirs is None else tuple(_figures(ours, theirs)),
            seconds=(middle - start, time.monotonic() - middle),
            failure=failure,
        )

    def stop(self) -> None:
        """End what runs, from another thread."""
        self.engine.stop()


def _as_timeloop_reads(evaluation: Evaluation) -> Evaluation:
    """Evaluate what Timeloop's own programs read from the export of an evaluation."""
    inputs = without_extension(input_documents(evaluation))
    return evaluate(*read_evaluation_inputs(inputs))


def _shown(stats: TimeloopStats) -> dict[str, float]:
    return {"cycles": stats.cycles, "energy_pj": stats.energy_pj}


def _figures(ours: TimeloopStats, theirs: TimeloopStats) -> Iterator[ComparedFigure]:
    """Pair all figures of two statistics files.

    The summary's area is left out: the program prints 0 there, whatever the areas are.
    """
    for name in ("cycles", "computes", "utilization", "energy_pj"):
        yield _pair(name.replace("_", " "), getattr(ours, name), getattr(theirs, name))
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
) -> Iterator[ComparedFigure]:
    for key in dict.fromkeys([*theirs, *ours]):
        mine, other = ours.get(key), theirs.get(key)
        name = f"{prefix} {key}".strip()
        if isinstance(mine, Mapping) or isinstance(other, Mapping):
            sides = [side if isinstance(side, Mapping) else {} for side in (mine, other)]
            yield from _pairs(name, *sides)
        else:
            yield _pair(name, mine, other)


def _pair(label: str, ours: Any, theirs: Any) -> ComparedFigure:
    return ComparedFigure(label, ours, theirs, absolute=_ROUNDING, relative=_RELATIVE)
