"""STONNE's own program beside our engine of SIGMA, count by count."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from hwsim.activity import Activity
from hwsim.arch import Arch
from hwsim.engines.programs import find_runner
from hwsim.engines.reference import ComparedFigure, Comparison, Reference, ReferenceOptions
from hwsim.engines.stonne.files.config import sizes
from hwsim.engines.stonne.program.compared import (
    HEADINGS,
    SHOWN,
    compared_figures,
    shown_figures,
)
from hwsim.engines.stonne.program.engine import (
    STONNE,
    OperandSource,
    StonneEngine,
    choose_operands,
    distinct_groups,
)
from hwsim.engines.stonne.sigma import SigmaEngine
from hwsim.errors import ProgramError
from hwsim.workload import Activations, Workload

_OPERANDS: Final[dict[OperandSource, str]] = {
    "layer": "each layer's own zeros, handed to the program through the C library's rand()",
    "random": "drawn by the program at each layer's share of zeros, and drawn again by hwsim",
}


@dataclass(frozen=True)
class StonneReference(Reference):
    """The program on the same operands as our engine.

    Parameters
    ----------
    engine : StonneEngine
        Runs the program.
    columns : int
        Stream at most that many vectors a layer: the program steps through every cycle.
    """

    engine: StonneEngine
    columns: int

    title: ClassVar[str] = STONNE.title
    shown: ClassVar[Mapping[str, str]] = SHOWN

    @classmethod
    def find(cls, arch: Arch, options: ReferenceOptions) -> StonneReference:
        """Find the program; the machine has to be one that it can be."""
        sizes(arch)
        operands = choose_operands(options.operands)
        runner = find_runner(STONNE, options.program, options.docker, options.limits)
        return cls(StonneEngine(runner, operands), options.columns)

    @property
    def program(self) -> str:
        """Which program it is, for people."""
        return self.engine.program

    @property
    def notes(self) -> Mapping[str, str]:
        """Whose zeros, and what is counted."""
        return {
            "operands": _OPERANDS[self.engine.operands],
            "columns": HEADINGS,
        }

    def part(self, workload: Workload) -> Workload:
        """Take the first vectors of the streaming side, of the first sample.

        Raises
        ------
        InputError
            If zeros of activations are asked for that the program cannot be given.
        """
        workload = next(workload.parts(images_together=True))
        self.engine.refuse_activations(workload)
        streams, known = min(self.columns, workload.streams), workload.activations.nonzeros
        activations = (
            workload.activations
            if known is None
            else Activations(nonzeros=np.ascontiguousarray(known[:, :streams]))
        )
        return replace(workload, streams=streams, images=1, activations=activations)

    def key(self, workload: Workload) -> Hashable:
        """Identify as the program's engine does."""
        return self.engine.key(workload)

    def compare(
        self, workload: Workload, arch: Arch, energy: Callable[[Activity], float]
    ) -> Comparison:
        """Run each distinct group on both sides."""
        sides: list[tuple[Activity, Activity, int]] = []
        figures: list[ComparedFigure] = []
        zeros, ours_s, theirs_s = 0, 0.0, 0.0
        for group, times in distinct_groups(workload):
            start = time.monotonic()
            try:
                theirs, mk, kn = self.engine.run_group(group, arch)
            except ProgramError as error:
                seconds = (ours_s, theirs_s + time.monotonic() - start)
                return Comparison(1 - workload.density, None, None, (), seconds, str(error))
            middle = time.monotonic()
            stationary, streaming = (mk, kn.T) if workload.kind == "conv" else (kn.T, mk)
            activations = Activations(nonzeros=np.ascontiguousarray(streaming)[None])
            run = replace(group, levels=stationary[None].astype(np.int8), activations=activations)
            ours = SigmaEngine().simulate(run, arch)
            theirs_s += middle - start
            ours_s += time.monotonic() - middle
            figures += compared_figures(ours, theirs, energy)
            zeros += times * _zeros(stationary)
            sides.append((ours, theirs, times))
        return Comparison(
            zeros=zeros / workload.size,
            ours=shown_figures([(ours, times) for ours, _, times in sides], energy),
            theirs=shown_figures([(theirs, times) for _, theirs, times in sides], energy),
            figures=tuple(figures),
            seconds=(ours_s, theirs_s),
        )

    def stop(self) -> None:
        """End what runs, from another thread."""
        self.engine.stop()


def _zeros(operand: NDArray[np.bool_]) -> int:
    return operand.size - int(np.count_nonzero(operand))
