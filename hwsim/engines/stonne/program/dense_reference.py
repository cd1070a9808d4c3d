"""STONNE's own program beside our engines of its dense machines, count by count."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Final, Self

from hwsim.activity import ActionKey, Activity
from hwsim.arch import Arch
from hwsim.engines.programs import find_runner
from hwsim.engines.programs.runner import Runner, workspace
from hwsim.engines.protocol import Engine
from hwsim.engines.reference import Comparison, Reference, ReferenceOptions
from hwsim.engines.stonne.files.result import read_result
from hwsim.engines.stonne.files.settings import StonneSettings
from hwsim.engines.stonne.maeri.engine import MaeriEngine, convolution_of
from hwsim.engines.stonne.maeri.machine import MaeriMachine
from hwsim.engines.stonne.program.compared import (
    HEADINGS,
    SHOWN,
    compared_figures,
    shown_figures,
)
from hwsim.engines.stonne.program.engine import STONNE
from hwsim.engines.stonne.tpu.engine import TpuEngine
from hwsim.engines.stonne.tpu.sizes import MeshSizes
from hwsim.errors import InputError, ProgramError
from hwsim.workload import Activations, Workload

_NO_ZEROS: Final = "drawn by the program; a dense machine counts the same of any"


@dataclass(frozen=True)
class DenseReference(Reference):
    """The program on one group of a layer, in the tile that our engine took.

    Parameters
    ----------
    runner : Runner
        Runs the program.
    columns : int
        Stream at most that many vectors a layer: the program steps through every cycle.
    """

    runner: Runner
    columns: int

    title: ClassVar[str] = STONNE.title
    shown: ClassVar[Mapping[str, str]] = SHOWN

    @classmethod
    def find(cls, arch: Arch, options: ReferenceOptions) -> Self:
        """Find the program; the machine has to be one that it can be."""
        cls.engine().check(arch)
        runner = find_runner(STONNE, options.program, options.docker, options.limits)
        return cls(runner, options.columns)

    @classmethod
    @abstractmethod
    def engine(cls) -> Engine:
        """Make our engine of the machine."""

    @abstractmethod
    def settings(self, workload: Workload, arch: Arch, ours: Activity) -> StonneSettings:
        """Say to the program what our engine ran."""

    @property
    def program(self) -> str:
        """Which program it is, for people."""
        return self.runner.name

    @property
    def notes(self) -> Mapping[str, str]:
        """Whose zeros, and what is counted."""
        return {"operands": _NO_ZEROS, "columns": HEADINGS}

    def part(self, workload: Workload) -> Workload:
        """Take the first vectors of the first image."""
        first = next(workload.parts(images_together=False))
        streams = min(self.columns, first.streams)
        return replace(first, streams=streams, images=1, window=None, activations=Activations())

    def key(self, workload: Workload) -> Hashable:
        """Identify as our engine does."""
        return self.engine().key(workload)

    def compare(
        self, workload: Workload, arch: Arch, energy: Callable[[Activity], float]
    ) -> Comparison:
        """Run a group on both sides; the others are like it."""
        group, zeros = replace(workload, levels=workload.levels[:1]), 1 - workload.density
        start = time.monotonic()
        found = self.engine().simulate(group, arch)
        settings = self.settings(group, arch, found)
        said = {name: value for name, value in found.statistics.items() if name[:2] != "T_"}
        ours = replace(found, statistics=said)
        middle = time.monotonic()
        try:
            theirs = with_operands_of(self._run(settings), ours)
        except ProgramError as error:
            seconds = middle - start, time.monotonic() - middle
            return Comparison(zeros, None, None, (), seconds, str(error))
        seconds = middle - start, time.monotonic() - middle
        return Comparison(
            zeros=zeros,
            ours=shown_figures([(ours, workload.groups)], energy),
            theirs=shown_figures([(theirs, workload.groups)], energy),
            figures=tuple(compared_figures(ours, theirs, energy)),
            seconds=seconds,
        )

    def stop(self) -> None:
        """End what runs, from another thread."""
        self.runner.stop()

    def _run(self, settings: StonneSettings) -> Activity:
        with workspace() as place:
            self.runner.run(settings.arguments, place, {"OUTPUT_DIR": "."})
            try:
                return read_result(place.outputs)
            except InputError as error:
                reason = str(error).replace(f"{place.outputs}/", "")
                raise ProgramError(f"{self.program}: left no usable result: {reason}") from error


class MeshReference(DenseReference):
    """The program as the systolic mesh."""

    @classmethod
    def engine(cls) -> Engine:
        """Make our engine of the machine."""
        return TpuEngine()

    def settings(self, workload: Workload, arch: Arch, ours: Activity) -> StonneSettings:
        """Say to the program what our engine ran."""
        product = {"M": workload.M, "N": workload.N, "K": workload.K}
        tile = {name: ours.statistics[name] for name in ("T_M", "T_N")}
        sizes = MeshSizes.of(arch)._asdict()
        return StonneSettings.of("DenseGEMM", {**product, **tile, "T_K": 1, **sizes})


class MaeriReference(DenseReference):
    """The program as MAERI."""

    @classmethod
    def engine(cls) -> Engine:
        """Make our engine of the machine."""
        return MaeriEngine()

    def part(self, workload: Workload) -> Workload:
        """Take the first outputs of the first image: of a convolution, from its first row."""
        first, window = next(workload.parts(images_together=False)), workload.window
        if window is None:
            return super().part(workload)
        columns = min(self.columns, window.output[1])
        row = replace(window, output=(1, columns))
        return replace(first, streams=columns, images=1, window=row, activations=Activations())

    def settings(self, workload: Workload, arch: Arch, ours: Activity) -> StonneSettings:
        """Say to the program what our engine ran."""
        tile = {name: value for name, value in ours.statistics.items() if name[:2] == "T_"}
        layer = convolution_of(workload)
        if layer is None:
            sizes = {"M": workload.streams, "N": workload.filters, "K": workload.K}
        else:
            sizes = vars(layer)
        machine = MaeriMachine.of(arch)
        fabric = {
            "num_ms": machine.num_ms,
            "dn_bw": machine.dn_bw,
            "rn_bw": machine.rn_bw,
            "accumulation_buffer": int(machine.accumulates),
            "rn_type": "FENETWORK" if machine.fold_nodes else "ASNETWORK",
        }
        operation = "DenseGEMM" if layer is None else "CONV"
        return StonneSettings.of(operation, {**sizes, **tile, **fabric})


def with_operands_of(theirs: Activity, ours: Activity) -> Activity:
    """Tell the operands of STONNE's counts apart, which its files sum over.

    An action that both counted equally often is shared out as ours is; of another one the
    difference is its first operand's, so that it stays one.
    """
    left: dict[tuple[str, str, str], float] = dict(theirs.by_action())
    counts: dict[ActionKey, float] = {}
    for key, count in ours.counts.items():
        if key[:3] in left:
            counts[key] = min(count, left[key[:3]])
            left[key[:3]] -= counts[key]
    for action, more in left.items():
        first = next((key for key in counts if key[:3] == action), ActionKey(*action))
        counts[first] = counts.get(first, 0) + more
    return replace(theirs, counts=counts)
