"""The real ``timeloop-model`` as an engine."""

from __future__ import annotations

import importlib.util
import math
import sys
from collections.abc import Hashable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from hwsim.activity import ActionKey, Activity
from hwsim.engines.programs.limits import Limits
from hwsim.engines.programs.locate import Tool, find_runner
from hwsim.engines.programs.runner import Runner, Workspace, workspace
from hwsim.engines.protocol import Engine, ProgramOptions
from hwsim.engines.timeloop.figures.stats_labels import (
    ACCESSES,
    ENERGY,
    ENERGY_EACH,
    HOPS,
    INGRESSES,
    LINK_TRANSFERS,
    activity_name,
    algorithmic_scalars,
    format_scalars,
    scalars,
)
from hwsim.engines.timeloop.layers import SparseloopEngine
from hwsim.engines.timeloop.layers.layer_pace import layer_pace
from hwsim.engines.timeloop.layers.layer_weights import WeightsTaken
from hwsim.engines.timeloop.program.program_inputs import (
    DensityModel,
    as_timeloop_can,
    input_documents,
)
from hwsim.engines.timeloop.program.stats_reader import TimeloopStats, read_stats, used_instances
from hwsim.engines.timeloop.spec.documents import write_documents
from hwsim.engines.timeloop.spec.layout import Layout
from hwsim.engines.timeloop.terms.operands import count_key
from hwsim.errors import InputError, ProgramError

if TYPE_CHECKING:
    from hwsim.arch import Arch
    from hwsim.engines.timeloop.figures.evaluation_figures import Evaluation
    from hwsim.engines.timeloop.terms.formats import Representation
    from hwsim.workload.workload import Workload

TIMELOOP = Tool(
    title="Timeloop",
    program="timeloop-model",
    variable="HWSIM_TIMELOOP_MODEL",
    image="timeloopaccelergy/accelergy-timeloop-infrastructure",
)
_STATS: Final = "timeloop-model.stats.txt"
_FRONT_END: Final = "pytimeloop"
#: Runs the front end, which writes v0.3 inputs and calls timeloop-model itself.
_FRONT_END_CALL: Final = (
    "import sys, pytimeloop.timeloopfe.v4 as timeloop;"
    "timeloop.call_model(timeloop.Specification.from_yaml_files(*sys.argv[1:]), output_dir='.')"
)


class TimeloopEngine(Engine):
    """Runs ``timeloop-model`` on hwsim's export of a layer, with hwsim's mapping.

    Parameters
    ----------
    runner : Runner, optional
        Where the program is; found by ``HWSIM_TIMELOOP_MODEL`` or on the PATH when not given. If
        there is none, the Python front end is used where ``pytimeloop`` can be imported.
    density : {"hypergeometric", "fixed-structured"}
        How the non-zeros of the weights lie to the program.
    layout : {"v0.3", "v0.4"}
        What the runner wants: the program itself v0.3, Python with the front end v0.4.

    Raises
    ------
    InputError
        If there is no program.
    """

    name = "timeloop"
    runs_program = True
    options = MappingProxyType({})

    def __init__(
        self,
        runner: Runner | None = None,
        density: DensityModel = "hypergeometric",
        layout: Layout = "v0.3",
    ) -> None:
        self._runner, self._layout = (runner, layout) if runner else find_timeloop()
        self._density: DensityModel = density
        self._mapper = SparseloopEngine("statistical")

    @property
    def program(self) -> str:
        """Which program it is, for people."""
        return self._runner.name

    @property
    def density(self) -> str:
        """How the non-zeros of the weights lie to the program."""
        return self._density

    def key(self, workload: Workload) -> Hashable:
        """Identify what the mapping and the program's statistical zeros depend on."""
        return self._mapper.key(workload)

    @classmethod
    def of_program(cls, options: ProgramOptions) -> TimeloopEngine:
        """Make the engine with a program of the user's choice."""
        limits = Limits(seconds=options.timeout_s)
        runner, layout = find_timeloop(options.program, options.docker, limits)
        return cls(runner, layout=layout)

    def simulate(self, workload: Workload, arch: Arch) -> Activity:
        """Run a lowered layer.

        Parameters
        ----------
        workload : Workload
            The layer.
        arch : Arch
            A machine of the engine ``sparseloop``.

        Returns
        -------
        Activity
            Under the names of the engine ``sparseloop``.

        Raises
        ------
        InputError
            If the layer cannot be mapped.
        ProgramError
            If the program fails.
        """
        evaluation, taken = self._evaluate(workload, arch)
        stats = self.run_evaluation(evaluation)
        activity = stats.activity
        return replace(
            activity,
            counts={**activity.counts, **_more_counts(evaluation, stats)},
            macs=workload.macs,
            effectual_macs=workload.effectual_macs,
            statistics={**activity.statistics, "density": self._density},
            pace=layer_pace(evaluation, taken.share, taken.width),
        )

    def evaluation(self, workload: Workload, arch: Arch) -> Evaluation:
        """Map a layer with hwsim, and evaluate it as far as Timeloop can know it."""
        return self._evaluate(workload, arch)[0]

    def _evaluate(self, workload: Workload, arch: Arch) -> tuple[Evaluation, WeightsTaken]:
        evaluation, taken = self._mapper.evaluation(workload, arch)
        return as_timeloop_can(evaluation, self._density), taken

    def run_evaluation(self, evaluation: Evaluation) -> TimeloopStats:
        """Run the program on the export of an evaluation.

        Raises
        ------
        ProgramError
            If the program fails or leaves no usable result.
        """
        documents = input_documents(evaluation, self._layout)
        with workspace() as place:
            write_documents(documents, place.inputs)
            arguments = [self._runner.inside(place, name) for name in documents]
            if self._layout == "v0.4":
                arguments = ["-c", _FRONT_END_CALL, *arguments]
            self._runner.run(arguments, place, {})
            return self._result(place)

    def stop(self) -> None:
        """End what runs, from another thread."""
        self._runner.stop()

    def _result(self, place: Workspace) -> TimeloopStats:
        try:
            return read_stats(place.outputs / _STATS)
        except InputError as error:
            reason = str(error).replace(f"{place.outputs}/", "")
            raise ProgramError(f"{self._runner.name}: left no usable result: {reason}") from error


def find_timeloop(
    program: str | Path | None = None, docker: str | None = None, limits: Limits | None = None
) -> tuple[Runner, Layout]:
    """Find the program, or the Python front end where there is no program.

    Parameters
    ----------
    program, docker, limits
        See :func:`hwsim.engines.programs.find_runner`.

    Returns
    -------
    (Runner, str)
        What runs, and the layout of the inputs that it wants.

    Raises
    ------
    InputError
        If there is neither, or what was named cannot be used.
    """
    try:
        return find_runner(TIMELOOP, program, docker, limits), "v0.3"
    except InputError:
        if program or docker or importlib.util.find_spec(_FRONT_END) is None:
            raise
    python = Tool(_FRONT_END, "python3", "HWSIM_TIMELOOP_PYTHON", TIMELOOP.image)
    return find_runner(python, sys.executable, None, limits), "v0.4"


def _more_counts(evaluation: Evaluation, stats: TimeloopStats) -> dict[ActionKey, float]:
    """Work out what energy models want and the statistics file does not spell out.

    Accesses to whole rows, as many as words and metadata fill, and words times hops.
    """
    found: dict[ActionKey, float] = {}
    words = stats.activity.counts
    for number, figures in enumerate(evaluation.levels):
        level = figures.level
        for place, space in enumerate(evaluation.problem.data_spaces):
            labels = stats.levels.get(level.name, {}).get(space.name)
            if labels is None:
                continue
            form = evaluation.sparse.representations.get((number, place))
            ranks = stats.ranks.get((level.name, space.name), {})
            instances = used_instances(labels)
            for access in ACCESSES:
                action = activity_name(access, "random")
                count = words.get(count_key(level.name, space.name, action), 0)
                rows = count / level.block_of(space.name) * level.rows_of_word(space.name)
                found[count_key(level.name, space.name, f"vector_{action}")] = rows
                units = ranks.get(format_scalars(access, "random"))
                if form is not None and units and level.metadata_width:
                    bits = _bits(units, form)
                    metadata_rows = math.ceil(bits / level.metadata_width) * instances
                    key = count_key(level.name, space.name, f"vector_metadata_{action}")
                    found[key] = metadata_rows
            for network in (level.read_network, level.update_network):
                carried = stats.networks.get(network.name, {}).get(space.name)
                if carried is not None:
                    left = _left(labels, "update" if space.read_write else "read")
                    hops = carried[HOPS] * carried[INGRESSES]
                    hops = (hops + carried[LINK_TRANSFERS]) * _senders(carried) * left
                    found[count_key(network.name, space.name, "word_hops")] = hops
    return {key: count for key, count in found.items() if count}


def _bits(units: list[tuple[float, float]], form: Representation) -> float:
    """Add up metadata and payload; the file lists the outermost rank first."""
    return sum(
        metadata * rank.metadata_bits + payload * rank.payload_bits
        for (metadata, payload), rank in zip(reversed(units), form.ranks, strict=False)
    )


def _left(labels: Mapping[str, Any], action: str) -> float:
    """Share of the dense accesses that happens; a word that is not read does not travel."""
    dense = labels.get(algorithmic_scalars(action))
    if not dense:
        return 1.0
    return float(labels[scalars(action, "random")] / dense)


def _senders(carried: Mapping[str, Any]) -> float:
    """Instances of the memory that feeds a network."""
    each = carried[ENERGY_EACH]
    return float(carried[ENERGY] / each) if each else 1.0
