"""What an engine is checked against: the program of another tool, on the same inputs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from hwsim.activity import Activity
from hwsim.engines.programs import Limits
from hwsim.entry_points import load_registered, registered
from hwsim.errors import InputError

if TYPE_CHECKING:
    from hwsim.arch import Arch
    from hwsim.workload import Workload

#: Entry point group of references, each a :class:`Reference`, by the name of the engine that it
#: checks.
GROUP = "hwsim.references"

#: What a figure can be: a number, a text, or what a file lists.
Figured = float | str | list[object] | tuple[object, ...] | None


@dataclass(frozen=True)
class ComparedFigure:
    """One figure on both sides.

    Parameters
    ----------
    label : str
        What it is, e.g. ``ReduceNetwork ADDER ADD_2_1``.
    ours, theirs : number, str, sequence or None
        By our engine and by the program; None where a side has no such figure.
    absolute, relative : float
        How far numbers may be apart and still be equal; the relative part is of ``theirs``.
    """

    label: str
    ours: Figured
    theirs: Figured
    absolute: float = 0.0
    relative: float = 0.0

    @property
    def equal(self) -> bool:
        """Whether both sides say the same."""
        if isinstance(self.ours, float | int) and isinstance(self.theirs, float | int):
            bound = self.absolute + self.relative * abs(self.theirs)
            return abs(self.ours - self.theirs) <= bound
        return bool(self.ours == self.theirs)


@dataclass(frozen=True)
class Comparison:
    """A workload on both sides.

    Parameters
    ----------
    zeros : float
        Share of zeros in the weights as they were run, 0 to 1.
    ours, theirs : mapping of str to number, or None
        The figures that people look at, under the names of :attr:`Reference.shown`; None for a
        side without a result.
    figures : tuple of ComparedFigure
        All that was compared; empty when a side has no result.
    seconds : (float, float)
        Wall time of our engine and of the program.
    failure : str or None
        Why the program gave no result.
    """

    zeros: float
    ours: Mapping[str, float] | None
    theirs: Mapping[str, float] | None
    figures: tuple[ComparedFigure, ...]
    seconds: tuple[float, float]
    failure: str | None = None

    @property
    def differences(self) -> list[ComparedFigure]:
        """Figures that are not equal, each once."""
        found: list[ComparedFigure] = []
        for each in self.figures:  # those of one group of a layer may be those of another one
            if not each.equal and each not in found:
                found.append(each)
        return found


@dataclass(frozen=True)
class ReferenceOptions:
    """Where the program is, and what to hand to it.

    Parameters
    ----------
    program, docker : str or None
        The file, and an image that holds it; see :func:`hwsim.engines.programs.find_runner`.
    limits : Limits
        Of each run.
    columns : int
        Stream at most that many vectors a layer, where the program steps through cycles.
    operands : {"auto", "layer", "random"}
        Whose zeros: the layer's own, or those that the program draws.
    density : str
        How non-zeros lie to a program that knows their share only.
    """

    program: str | Path | None
    docker: str | None
    limits: Limits
    columns: int
    operands: str
    density: str


class Reference(ABC):
    """A program that an engine of ours is checked against.

    Attributes
    ----------
    title : str
        What to call its side: ``STONNE``.
    shown : mapping of str to str
        Names of the figures that people look at, and their headings.
    """

    title: ClassVar[str]
    shown: ClassVar[Mapping[str, str]]

    @classmethod
    @abstractmethod
    def find(cls, arch: Arch, options: ReferenceOptions) -> Reference:
        """Find the program.

        Raises
        ------
        InputError
            If it cannot be found, cannot be the machine, or an option is none that it knows.
        """

    @property
    @abstractmethod
    def program(self) -> str:
        """Which program it is, for people."""

    @property
    @abstractmethod
    def notes(self) -> Mapping[str, str]:
        """What a reader of the comparison should know, by headings."""

    def part(self, workload: Workload) -> Workload:
        """Take the part of a workload that is compared; by default all of it."""
        return workload

    @abstractmethod
    def key(self, workload: Workload) -> Hashable:
        """Identify what decides both sides; equal ones are compared once."""

    @abstractmethod
    def compare(
        self, workload: Workload, arch: Arch, energy: Callable[[Activity], float]
    ) -> Comparison:
        """Run a workload on both sides; a program that fails is part of the result.

        Parameters
        ----------
        workload : Workload
            One of :meth:`part`.
        arch : Arch
            The machine.
        energy : callable
            Prices an activity, in the unit of the machine's energy table.

        Raises
        ------
        InputError
            If the workload cannot be run on the machine.
        """

    @abstractmethod
    def stop(self) -> None:
        """End what runs; called from another thread."""


def find_reference(arch: Arch, options: ReferenceOptions) -> Reference:
    """Find the program that the engine of a machine is checked against.

    Raises
    ------
    InputError
        If there is none for the engine, or it cannot be found.
    """
    known = registered(GROUP)
    if arch.engine not in known:
        raise InputError(
            f"arch {arch.name!r} is of the engine {arch.engine!r}, which no program is known to "
            f"check; known engines: {', '.join(sorted(known))}"
        )
    kind: type[Reference] = load_registered(known[arch.engine], "reference")
    return kind.find(arch, options)
