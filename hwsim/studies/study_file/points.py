"""The product of a study's axes, as far as its parts go together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any, Final, NamedTuple

from hwsim.arch import Arch, load_arch
from hwsim.energy import EnergyModel
from hwsim.energy.physical.model import PhysicalModel
from hwsim.errors import InputError
from hwsim.studies.idle_settings import refuse_idle_settings
from hwsim.studies.request import Request
from hwsim.studies.study_file.exclusions import Exclusions
from hwsim.studies.study_file.machines import Machine, Overrides, Setting
from hwsim.studies.study_file.problems import Problems
from hwsim.studies.study_file.study import WEIGHT_AXES, Point
from hwsim.studies.study_file.weights import Weights

#: More points than anybody looks at: a range that went wrong.
MOST_POINTS: Final = 100_000
_MACHINE_AXES: Final = ("engine", "activations", "activation_density")
_NAMES: Final = ("model", "arch", *_MACHINE_AXES, *WEIGHT_AXES)


class Inputs(NamedTuple):
    """What is known of the activations: as the study calls it, as a request does, or a share."""

    name: str | None = None
    activations: str | Path | None = None
    density: float | None = None


@dataclass(frozen=True)
class Candidate:
    """A point that nothing is known against yet."""

    coordinates: dict[str, Any]
    network: Request
    machine: Machine
    overrides: Overrides
    engine: str | None
    inputs: Inputs
    scheme: str


@dataclass(frozen=True)
class Axes:
    """What is multiplied, outermost first.

    Parameters
    ----------
    networks : mapping of str to Request
        What is common to the points of each, by what the study calls it.
    settings : sequence of str
        The parameters that any machine has been given.
    machines : sequence of Machine
        With those that each has.
    engines : sequence of str or None
        Names; None for the machine's own.
    inputs : sequence of Inputs
        What is known of the activations.
    weights : sequence of Weights
        Schemes with level and seed.
    """

    networks: Mapping[str, Request]
    settings: Sequence[str]
    machines: Sequence[Machine]
    engines: Sequence[str | None]
    inputs: Sequence[Inputs]
    weights: Sequence[Weights]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the coordinates, in order."""
        settings = map(_coordinate, self.settings)
        return ("model", "arch", *settings, *_MACHINE_AXES, *WEIGHT_AXES)

    def __len__(self) -> int:
        each = (self.networks, self.engines, self.inputs, self.weights)
        count = sum(machine.count for machine in self.machines)
        for axis in each:
            count *= len(axis)
        return count

    def candidates(self) -> Iterator[Candidate]:
        """Multiply; every candidate has every coordinate."""
        machines = [(each, overrides) for each in self.machines for overrides in each.overrides()]
        inner = (self.engines, self.inputs, self.weights)
        for (name, network), (machine, overrides) in product(self.networks.items(), machines):
            given = dict(overrides)
            settings = {_coordinate(each): given.get(each) for each in self.settings}
            for engine, inputs, weights in product(*inner):
                yield Candidate(
                    {
                        "model": name,
                        "arch": machine.text,
                        **settings,
                        "engine": engine or machine.engine,
                        "activations": inputs.name,
                        "activation_density": inputs.density,
                        "scheme": weights.scheme,
                        "sparsity": weights.sparsity,
                        "seed": weights.seed,
                    },
                    network,
                    machine,
                    overrides,
                    engine,
                    inputs,
                    weights.text,
                )


def points_of(
    axes: Axes,
    exclusions: Exclusions,
    common: Request,
    problems: Problems,
    notes: list[str],
) -> tuple[Point, ...]:
    """Make the points of a study, equal ones once.

    Parameters
    ----------
    axes : Axes
        What is multiplied.
    exclusions : Exclusions
        What is left out.
    common : Request
        What all points have in common.
    problems : Problems
        Told of machines that cannot be.
    notes : list of str
        Told of points that are equal.
    """
    if len(axes) > MOST_POINTS:
        problems.add((), f"{len(axes):,} points are more than {MOST_POINTS:,}")
        return ()
    machines = _Machines(axes, common, problems)
    points: dict[object, Point] = {}
    twice: list[tuple[Point, dict[str, Any]]] = []
    left = False
    for each in axes.candidates():
        if exclusions.leave_out(each.coordinates):
            continue
        left = True
        arch = machines.checked(each)
        if arch is None:
            continue
        same = (
            each.network,
            arch.path,
            arch.fingerprint(),
            *(each.coordinates[axis] for axis in _MACHINE_AXES),
            each.scheme,
        )
        if same in points:
            twice.append((points[same], each.coordinates))
        else:
            points[same] = Point(len(points), each.coordinates, _request(each))
    if axes and not left:
        problems.add(("exclude",), "leaves no point")
    machines.refuse_idle_timeout()
    notes += exclusions.notes
    if twice:
        notes.append(_equal(*twice[0], len(twice)))
    return tuple(points.values())


class _Machines:
    """The distinct machines and engines of a study, each loaded and checked once."""

    def __init__(self, axes: Axes, common: Request, problems: Problems) -> None:
        self._engines = list(axes.engines)
        self._common = common
        self._problems = problems
        self._archs: dict[tuple[str, Overrides], Arch | None] = {}
        self._runs: set[tuple[str, Overrides, str | None]] = set()
        self._programs = False

    def checked(self, each: Candidate) -> Arch | None:
        """Load the machine of a candidate, None if it cannot be, and check what is to run it."""
        key = (each.machine.text, each.overrides)
        if key not in self._archs:
            self._archs[key] = each.machine.load(each.overrides, self._load, self._problems)
        arch = self._archs[key]
        engine = each.engine
        run = (*key, engine)
        if arch is not None and run not in self._runs:
            self._runs.add(run)
            at = each.machine.key if engine is None else ("engine", self._engines.index(engine))
            with self._problems.at(at):
                made = replace(self._common, engine=engine).load_engine(arch)
                self._programs |= made.runs_program
        return arch

    def refuse_idle_timeout(self) -> None:
        """Tell of a time for programs where no engine of the study runs one."""
        if self._common.timeout_s != Request.timeout_s and self._runs and not self._programs:
            self._problems.add(
                ("timeout_s",), "changes nothing: no engine of the study runs a program"
            )

    def _load(self, arch: str | Path, settings: Mapping[str, Setting]) -> Arch:
        """Load a machine that the prices of the study know."""
        loaded = load_arch(arch, settings)
        prices = self._common.load_run_prices(loaded)
        for model in prices:
            if isinstance(model, PhysicalModel):
                model.check(loaded)
        # Of several engines one may read what the others do not.
        if settings and self._engines == [None]:
            self._refuse_idle(loaded, prices)
        return loaded

    def _refuse_idle(self, arch: Arch, prices: Sequence[EnergyModel]) -> None:
        try:
            engine = self._common.load_engine(arch)
        except InputError:  # told when the machine is checked
            return
        refuse_idle_settings(arch, engine, prices)


def _request(each: Candidate) -> Request:
    density = each.inputs.density
    return replace(
        each.network,
        arch=each.machine.arch,
        overrides=dict(each.overrides),
        engine=each.engine,
        activations=each.inputs.activations,
        activation_density=1.0 if density is None else density,
        schemes=(each.scheme,),
    )


def _coordinate(setting: str) -> str:
    """Name the coordinate of a setting; ``activations`` is a number format and an axis."""
    return f"set.{setting}" if setting in _NAMES else setting


def _equal(first: Point, second: Mapping[str, Any], count: int) -> str:
    differ = [
        f"{axis} {first.coordinates[axis]!r} and {value!r}"
        for axis, value in second.items()
        if first.coordinates[axis] != value
    ]
    points = "1 point equals another and stands" if count == 1 else f"{count} points equal others"
    both = ", ".join(differ) or "listed twice"
    return f"{points} once: {both}" if count == 1 else f"{points} and stand once, e.g. {both}"
