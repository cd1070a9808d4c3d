"""What an engine is, whole."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple

from hwsim.activity import Activity
from hwsim.activity_mean import per_sample
from hwsim.errors import EngineError, InputError

if TYPE_CHECKING:
    from hwsim.arch import Arch
    from hwsim.arch.technology import Technology
    from hwsim.workload import AlikeWorkloads, Workload

#: What the units of a machine multiply by, and the codings of weights that it is enough for.
_TAKES: Final = {
    "ternary": ("ternary", "sign", "zero"),
    "sign": ("sign",),
    "mask": ("zero",),
}


class ProgramOptions(NamedTuple):
    """Where another tool's program is, for engines that run one.

    Parameters
    ----------
    program : str, optional
        The program, or with ``docker`` its name in the image; found by the environment or on the
        PATH when not given.
    docker : str, optional
        Image to run it from; ``default`` is the one that its authors publish.
    timeout_s : float
        For each run, seconds.
    """

    program: str | None = None
    docker: str | None = None
    timeout_s: float = 3600.0


def refuse_program(options: ProgramOptions) -> None:
    """Refuse a program for an engine that runs none.

    Raises
    ------
    InputError
        If one is named.
    """
    for option, value in (("--program", options.program), ("--docker", options.docker)):
        if value is not None:
            raise InputError(
                f"{option} needs an engine that runs a program: --engine stonne or timeloop"
            )


class Engine(ABC):
    """A model of a machine: it turns a workload and an architecture into an activity.

    An engine is named and not sent: every process makes its own by
    :func:`~hwsim.engines.registry.load_engine`. ``simulate`` is pure: it changes nothing that
    another call could see, and may be called from several threads. A package offers an engine by
    an entry point of the group ``hwsim.engines``, a subclass of this that takes no arguments.

    Attributes
    ----------
    name : str
        What arch specs and ``--engine`` call it; the name of the entry point.
    version : str
        To be raised whenever an equal workload on an equal machine gives another activity, so
        that results kept under the former version are not taken for this one's.
    images_together : bool
        Whether the vectors of several feature maps stream past weights that are loaded once. Else
        each feature map of a convolution is simulated by itself, and weights come anew for it.
    runs_program : bool
        Whether it runs another tool's program: a layer may then take hours, and may fail.
    compares_schemes : bool
        Whether ``compared_bits`` of a workload may change its result; where they do not, a study
        that gets another scheme finds its former results.
    side_by_side : bool
        Whether :meth:`simulate_all` takes less for small layers together than one after the other:
        they come as one job.
    foresees : bool
        Whether it makes use of :meth:`foresee`.
    options : mapping of str to sequence of str, optional
        Options that a spec may have for it, and the choices that are known of each; None if any.
    """

    name: str
    version: ClassVar[str] = "1"
    images_together: ClassVar[bool] = False
    runs_program: ClassVar[bool] = False
    interpreted: ClassVar[bool] = False
    compares_schemes: ClassVar[bool] = True
    side_by_side: ClassVar[bool] = False
    foresees: ClassVar[bool] = False
    options: ClassVar[Mapping[str, Sequence[str]] | None] = None

    @property
    def program(self) -> str:
        """Which program of another tool it runs, for people; empty if none."""
        return ""

    @abstractmethod
    def simulate(self, workload: Workload, arch: Arch) -> Activity:
        """Find what a workload makes the machine do.

        Raises
        ------
        InputError
            If the machine is none of this engine's, or cannot run the workload.
        EngineError
            If evaluating it fails.
        """

    def simulate_all(self, workloads: Sequence[Workload], arch: Arch) -> list[Activity]:
        """Find what each of several workloads makes the machine do, each by itself.

        An engine overrides it that has less to do for small layers side by side than for one after
        the other; what it gives is what :meth:`simulate` gives.
        """
        return [self.simulate(workload, arch) for workload in workloads]

    def simulate_alike(self, groups: Sequence[AlikeWorkloads], arch: Arch) -> list[Activity]:
        """Find the same of workloads of which some are alike, one group after the other.

        An engine overrides it that takes layers alike as columns, and makes no workload of each;
        by default all are made and simulated by :meth:`simulate_all`.
        """
        return self.simulate_all([each for alike in groups for each in alike], arch)

    def foresee(self, outlines: Sequence[Workload], arch: Arch) -> None:  # noqa: B027  few do
        """Hear of layers that are going to be simulated, in this process.

        An engine overrides it that has to find something for each, and finds it for several
        together in less time. Nothing but the time depends on whether it was called.

        Parameters
        ----------
        outlines : sequence of Workload
            The layers before anybody has looked at their weights, none of which is taken to be
            zero; see :func:`hwsim.workload.lower.outline`. None when no more will come.
        arch : Arch
            The machine.
        """

    def check(self, arch: Arch) -> None:  # noqa: B027  most machines are checked by their spec
        """Refuse a machine that this engine cannot run, before anything long begins.

        Raises
        ------
        InputError
            If a part of the spec that only this engine reads cannot be used; by default nothing
            is looked at.
        """

    def key(self, workload: Workload) -> Hashable:
        """Identify what decides the result on one machine.

        Workloads of equal keys are simulated once. By default nothing that a workload knows is
        left out; an engine that looks at less (SIGMA knows zeros and no levels) narrows it.
        """
        return workload.fingerprint()

    def keys(self, workloads: AlikeWorkloads) -> Sequence[Hashable]:
        """Give :meth:`key` of each of several workloads.

        An engine overrides it whose keys of layers alike take less together.
        """
        return [self.key(workload) for workload in workloads]

    def reads(self, arch: Arch) -> Hashable:
        """Identify what of a machine decides the result of any workload.

        Results are kept under it, so that what is left out must change no activity. By default
        nothing is; an engine that looks at less narrows it, beginning with
        :func:`operand_limits`, and a change of clock or DRAM then only prices anew.
        """
        return arch.fingerprint()

    def with_density(self, density: str) -> Engine:
        """Give an engine that takes the zeros of the weights in another way.

        Parameters
        ----------
        density : str
            ``actual``: where they are. ``statistical``: their share, strewn at random.

        Raises
        ------
        InputError
            If this engine cannot; by default it takes them where they are.
        """
        if density == "actual":
            return self
        raise InputError(
            f"density {density!r}: engine {self.name!r} evaluates the very zeros of the weights; "
            "choose an architecture of the engine sparseloop"
        )

    @classmethod
    def of_program(cls, options: ProgramOptions) -> Engine:
        """Make the engine with another tool's program.

        Raises
        ------
        InputError
            If this engine runs none, or the program cannot be found.
        """
        refuse_program(options)
        return cls()

    def stop(self) -> None:  # noqa: B027  most engines run in this process and have nothing to end
        """End what runs on behalf of this engine; called from another thread."""


class BareEngine(Engine):
    """An object that has a name and can simulate, and is no subclass of :class:`Engine`.

    It is taken at its word: nothing is narrowed, nothing is configured, nothing is stopped.

    Parameters
    ----------
    model : object
        With ``name`` and ``simulate(workload, arch)``.
    """

    def __init__(self, model: Any) -> None:
        self.name = str(model.name)
        self._model = model

    def simulate(self, workload: Workload, arch: Arch) -> Activity:
        """Ask the object."""
        activity: Activity = self._model.simulate(workload, arch)
        return activity


def activity_of(engine: Engine, workload: Workload, arch: Arch) -> Activity:
    """Simulate, and hold the engine to what it has to give.

    Raises
    ------
    InputError
        If the units of the machine cannot multiply by such weights.
    EngineError
        If it gives something else; and as :meth:`Engine.simulate`.
    """
    return _activities(engine, [workload], arch)[0]


def activities_of(
    engine: Engine, workloads: Sequence[Workload], arch: Arch
) -> list[Activity | Exception]:
    """Do as :func:`activity_of` for several workloads.

    Returns
    -------
    list of Activity or Exception
        A workload that cannot be simulated does not stop the others.
    """
    try:
        return [*_activities(engine, workloads, arch)]
    except Exception as error:
        if len(workloads) == 1:
            return [error]
    return [each for workload in workloads for each in activities_of(engine, [workload], arch)]


def activities_of_alike(
    engine: Engine, groups: Sequence[AlikeWorkloads], arch: Arch
) -> list[Activity | Exception]:
    """Do as :func:`activities_of` for workloads of which some are alike, one group after the other.

    Returns
    -------
    list of Activity or Exception
        Of each workload of each group.
    """
    if all(_is_whole(alike.first, engine.images_together) for alike in groups):
        try:
            for alike in groups:
                refuse_operands(alike.first, arch)
            found: object = engine.simulate_alike(groups, arch)
            return [*_held_to(engine, found, [each for alike in groups for each in alike.names])]
        except Exception as error:
            if sum(map(len, groups)) == 1:
                return [error]
    return activities_of(engine, [each for alike in groups for each in alike], arch)


def _is_whole(workload: Workload, images_together: bool) -> bool:
    """Whether it is simulated as it is, and no samples or feature maps of it by themselves."""
    return workload.activations.nonzeros is None and workload.maps_apart(images_together) == 1


def _activities(engine: Engine, workloads: Sequence[Workload], arch: Arch) -> list[Activity]:
    for workload in workloads:
        refuse_operands(workload, arch)
    parts = [list(workload.parts(engine.images_together)) for workload in workloads]
    bounds = [0, *accumulate(map(len, parts))]
    every = [part for each in parts for part in each]
    found = _held_to(engine, engine.simulate_all(every, arch), [each.layer for each in every])
    return [
        _of_parts(engine, workload, found[first:past])
        for workload, (first, past) in zip(workloads, pairwise(bounds), strict=True)
    ]


def _held_to(engine: Engine, found: object, layers: Sequence[str]) -> list[Activity]:
    """Hold an engine to what it has to give."""
    if not isinstance(found, list) or len(found) != len(layers):
        raise EngineError(
            f"engine {engine.name!r}: simulate_all should give a list of {len(layers)}, an "
            f"Activity for each workload. Got {found!r:.80}"
        )
    for layer, activity in zip(layers, found, strict=True):
        if not isinstance(activity, Activity):
            raise EngineError(
                f"engine {engine.name!r}, layer {layer!r}: simulate should give an "
                f"Activity. Got {activity!r:.80}"
            )
    return found


def _of_parts(engine: Engine, workload: Workload, activities: list[Activity]) -> Activity:
    """Put together what the parts of a workload did."""
    if workload.activations.nonzeros is not None:
        return per_sample(activities, workload.activations.samples)
    times = workload.maps_apart(engine.images_together)  # alike: the first stands for all
    return activities[0].repeated(times) if times > 1 else activities[0]


def check_machine(engine: Engine, arch: Arch) -> None:
    """Refuse a machine that an engine cannot run, or that has options which it does not know.

    Raises
    ------
    InputError
        As :meth:`Engine.check`; and for an option, or a choice of one, without effect.
    """
    engine.check(arch)
    if engine.options is not None:
        arch.refuse_idle_options(engine.options)


def operand_limits(arch: Arch) -> Hashable:
    """Give what :func:`refuse_operands` reads of a machine, for :meth:`Engine.reads`."""
    technology = arch.technology
    if technology is None:
        return None
    formats = technology.weights.name, technology.activations.name
    return technology.multiplier, *formats


def refuse_operands(workload: Workload, arch: Arch) -> None:
    """Refuse a layer by whose weights, or by whose activations in their place, no unit multiplies.

    Raises
    ------
    InputError
        If the units of the machine cannot.
    """
    technology = arch.technology
    if technology is None:
        return
    if workload.operands is not None and workload.operands.of_activations:
        _refuse_product(workload, arch, technology)
    if technology.multiplier not in _TAKES:
        return
    taken = _TAKES[technology.multiplier]
    if workload.coding not in taken:
        raise InputError(
            f"arch {arch.label!r}, layer {workload.layer!r}: units that multiply by a "
            f"{technology.multiplier} take weights of the coding {' or '.join(taken)}. Got "
            f"{workload.coding!r}: choose schemes and layers with such weights, or a machine whose "
            "units multiply by numbers (multiplier=number)"
        )


def _refuse_product(workload: Workload, arch: Arch, technology: Technology) -> None:
    """Refuse a product of activations where units would have to round one of the two."""
    wide, narrow = technology.activations, technology.weights
    other = technology.multiplier in _TAKES
    if not other and narrow.bits >= wide.bits:
        return
    takes = f"a {technology.multiplier}" if other else f"weights of {narrow.name}"
    raise InputError(
        f"arch {arch.label!r}, layer {workload.layer!r}: a product of two activations of "
        f"{wide.name}, but units multiply by {takes}: choose other layers "
        f"(--layers '!{workload.layer}' leaves it out), or another machine"
    )


def as_engine(model: object) -> Engine:
    """Take an engine, or what has a name and can simulate, as an engine.

    Raises
    ------
    InputError
        If it is neither.
    """
    if isinstance(model, Engine):
        return model
    if isinstance(model, type):
        raise InputError(f"{model.__name__} is a class; give an engine of it, {model.__name__}()")
    if isinstance(getattr(model, "name", None), str) and callable(getattr(model, "simulate", None)):
        return BareEngine(model)
    raise InputError(
        f"{model!r} is no engine: it has no name or no simulate(workload, arch); derive it from "
        "hwsim.engines.Engine"
    )
