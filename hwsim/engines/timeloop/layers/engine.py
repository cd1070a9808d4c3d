"""The engine ``sparseloop``: layers of networks on the machines of arch specs."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from hwsim.activity import ActionKey, Activity
from hwsim.engines.protocol import Engine
from hwsim.engines.timeloop.evaluation import evaluate
from hwsim.engines.timeloop.figures.evaluation_figures import Evaluation
from hwsim.engines.timeloop.figures.result import TimeloopResult
from hwsim.engines.timeloop.layers._idle_units import why_idle
from hwsim.engines.timeloop.layers._in_step import in_step_over_even, levels_of_a_unit
from hwsim.engines.timeloop.layers._in_vectors import in_vectors_over_even
from hwsim.engines.timeloop.layers._layer_mapping import MAPPINGS
from hwsim.engines.timeloop.layers._layer_problem import (
    OUTPUTS,
    Shape,
    activation_density,
    activation_tensor,
    layer_problem,
    layer_shape,
    weight_tensor,
)
from hwsim.engines.timeloop.layers._load_balance import slowest_over_mean, strewn
from hwsim.engines.timeloop.layers._loop_roles import Bools
from hwsim.engines.timeloop.layers._mapping_setting import MappedLayer
from hwsim.engines.timeloop.layers.layer_machine import (
    OperandBits,
    design_of,
    images_of,
    layer_constraints,
    layer_sparse,
    smallest_shape,
)
from hwsim.engines.timeloop.layers.layer_pace import layer_pace
from hwsim.engines.timeloop.layers.layer_weights import (
    MappingVariant,
    WeightsTaken,
    compared_variants,
)
from hwsim.engines.timeloop.layers.output_density import output_density, stores_outputs_compressed
from hwsim.engines.timeloop.mapper.side_by_side import SEARCHES
from hwsim.engines.timeloop.sparse.run_lengths import entries_per_nonzero, limit_run_lengths
from hwsim.engines.timeloop.terms.mapping import LoopMapping
from hwsim.engines.timeloop.terms.operands import count_key
from hwsim.engines.timeloop.terms.problem import Problem
from hwsim.engines.timeloop.terms.sparse_spec import SparseOptimizations
from hwsim.errors import InputError, did_you_mean

if TYPE_CHECKING:
    from hwsim.arch import Arch
    from hwsim.arch.design import DesignSpec
    from hwsim.workload.workload import Workload

DENSITY_MODES: Final = ("actual", "statistical")
_OverEven = Callable[[Bools, Bools | None, Shape, LoopMapping, int, float | None], float]
#: Time over that of sharing out evenly, by what a design says of its units.
_WAITING: Final[dict[str, _OverEven]] = {
    "in step": in_step_over_even,
    "in vectors": in_vectors_over_even,
}


class SparseloopEngine(Engine):
    """Cycles and accesses of a layer by Timeloop's nest analysis with Sparseloop's features.

    Parameters
    ----------
    density : {"actual", "statistical"}
        Whether to use the very zeros of the weights, or only their share, strewn at random as
        Timeloop's public releases have to take it.

    Raises
    ------
    InputError
        For another density.
    """

    name = "sparseloop"
    interpreted = True
    foresees = True
    options = MappingProxyType({})

    def __init__(self, density: str = "actual") -> None:
        if density not in DENSITY_MODES:
            raise InputError(f"unknown density {density!r}{did_you_mean(density, DENSITY_MODES)}")
        self.density = density

    def with_density(self, density: str) -> SparseloopEngine:
        """Make an engine with another density; see the class."""
        return SparseloopEngine(density)

    def check(self, arch: Arch) -> None:
        """Read the whole design: machine, sparse optimisations, constraints."""
        layer_sparse(arch)
        layer_constraints(arch, smallest_shape(arch))

    def key(self, workload: Workload) -> Hashable:
        """Identify zeros, window, bits, those compared with as well; levels do not matter."""
        operands = workload.operands
        bits = None if operands is None else (operands.weight_bits, operands.of_activations)
        return workload.zeros_fingerprint(), workload.window, bits, workload.compared_bits

    def reads(self, arch: Arch) -> Hashable:
        """Identify all but the clock: mappings are chosen by cycles and energies of actions."""
        return arch.fingerprint(without=("clock_hz",))

    def foresee(self, outlines: Sequence[Workload], arch: Arch) -> None:
        """Hear for which layers mappings will be searched, so that searches can be joined."""
        images = images_of(arch)
        MAPPINGS.foresee(
            arch,
            [
                (
                    layer_shape(each, images),
                    {MappingVariant.of(each, arch), *compared_variants(each, arch)},
                )
                for each in outlines
            ],
        )

    def stop(self) -> None:
        """End the searches, those in other processes too."""
        SEARCHES.stop()

    def simulate(self, workload: Workload, arch: Arch) -> Activity:
        """Evaluate a lowered layer.

        Parameters
        ----------
        workload : Workload
            The layer.
        arch : Arch
            With a design and a technology.

        Returns
        -------
        Activity
            Units are the levels of the design, components the data spaces ``Weights``,
            ``Inputs`` and ``Outputs``, and the networks between levels.

        Raises
        ------
        InputError
            If the design cannot be used, or no mapping of the layer fits it.
        """
        evaluation, taken = self.evaluation(workload, arch)
        activity = TimeloopResult(evaluation).activity
        counts = {**activity.counts, **_wire_counts(evaluation)}
        images = images_of(arch) or 1
        constraints = layer_constraints(arch, layer_shape(workload, images_of(arch)))
        return replace(
            activity,
            cycles=-(-activity.cycles // images),
            macs=workload.macs,
            effectual_macs=workload.effectual_macs,
            counts={key: count / images for key, count in counts.items()} if images > 1 else counts,
            statistics={
                **activity.statistics,
                "weights": taken.runs,
                "density": self.density,
                **_entries(evaluation),
                "slowest_over_mean": self._wait(workload, arch, evaluation, taken),
                "idle": why_idle(evaluation, constraints),
            },
            pace=layer_pace(evaluation, taken.share, taken.width, taken.imbalance),
        )

    def _wait(
        self, workload: Workload, arch: Arch, evaluation: Evaluation, taken: WeightsTaken
    ) -> float:
        """Tell what units wait, or would wait if they were in step."""
        if design_of(arch)[0].units in _WAITING:
            return taken.imbalance
        return slowest_over_mean(weight_tensor(workload), evaluation.mapping)

    def evaluation(self, workload: Workload, arch: Arch) -> tuple[Evaluation, WeightsTaken]:
        """Evaluate a lowered layer, with all that was evaluated.

        Returns
        -------
        (Evaluation, WeightsTaken)
            Everything, and how the machine takes the weights.

        Raises
        ------
        InputError
            As :meth:`simulate`.
        """
        images = images_of(arch)
        shape = layer_shape(workload, images)
        design, technology = design_of(arch)
        bits = OperandBits.of(workload.operands, technology)
        variant = MappingVariant.of(workload, arch)
        statistical = self.density == "statistical"
        taken = WeightsTaken.of(workload, arch, variant, statistical)
        try:
            mapped = MAPPINGS.find(arch, shape, variant, compared_variants(workload, arch))
            inputs = activation_density(workload, statistical, images)
            outputs = (
                output_density(workload, statistical)
                if stores_outputs_compressed(mapped.sparse)
                else None
            )
            problem = layer_problem(shape, taken.density, inputs, outputs)
            mapped = replace(mapped, sparse=_as_built(mapped.sparse, design))
            if over_even := _WAITING.get(design.units):
                imbalance = self._imbalance(workload, mapped, shape, over_even)
                taken = replace(taken, imbalance=imbalance)
            return _evaluate(problem, mapped, bits, taken.imbalance), taken
        except InputError as error:
            raise InputError(f"arch {arch.label}, layer {workload.layer!r}: {error}") from error

    def _imbalance(
        self, workload: Workload, mapped: MappedLayer, shape: Shape, over_even: _OverEven
    ) -> float:
        """Find the time that units take that wait, over that of sharing out evenly."""
        inside = levels_of_a_unit(mapped.machine)
        weights = weight_tensor(workload)
        if self.density == "statistical":
            weights = strewn(weights)
        activations = workload.activations
        drawn = activations.nonzeros is None or self.density == "statistical"
        inputs = activation_tensor(workload, shape, drawn)
        # Of a draw products are expected, unless it is what is evaluated.
        evaluated = activations.uneven and self.density == "actual"
        share = activations.density if drawn and not evaluated else None
        return over_even(weights, inputs, shape, mapped.mapping, inside, share)


def _as_built(sparse: SparseOptimizations, design: DesignSpec) -> SparseOptimizations:
    """Take formats as a machine has them where Timeloop's are simpler."""
    sparse = replace(sparse, as_stored=True)
    return limit_run_lengths(sparse) if design.run_lengths == "padded" else sparse


def _evaluate(
    problem: Problem, mapped: MappedLayer, bits: OperandBits, imbalance: float
) -> Evaluation:
    """Evaluate; finished outputs go to DRAM as activations, unfinished ones as partial sums."""
    machine = mapped.machine
    number = next(place for place, space in enumerate(problem.data_spaces) if space.name == OUTPUTS)
    outermost = mapped.analysed.tiles[number][-1]
    if outermost.kept and not outermost.reads:
        *inner, outer = machine.levels
        widths = {**outer.bits, OUTPUTS: bits.activations}
        machine = replace(machine, levels=(*inner, replace(outer, bits=widths)))
    return evaluate(problem, machine, mapped.mapping, mapped.sparse, imbalance, mapped.analysed)


def _entries(evaluation: Evaluation) -> dict[str, float]:
    """Say what run lengths of few bits add, of operands that have them."""
    found = {}
    for number, space in enumerate(evaluation.problem.data_spaces):
        tiles = [level.spaces[number].tile for level in evaluation.levels]
        entries = entries_per_nonzero(evaluation.problem.densities[number], tiles)
        if entries is not None:
            found[f"{space.name} entries_per_nonzero"] = entries
    return found


def _wire_counts(evaluation: Evaluation) -> dict[ActionKey, float]:
    """Words times hops on the networks, of the accesses that zeros leave.

    Timeloop's networks carry the dense words; a word that is not read does not travel.
    """
    counts: dict[ActionKey, float] = {}
    levels = {
        network.name: level
        for level in evaluation.levels
        for network in (level.level.read_network, level.level.update_network)
    }
    for network in evaluation.networks:
        level = levels[network.network.name]
        for space, carried, figures in zip(
            evaluation.problem.data_spaces, network.spaces, level.spaces, strict=True
        ):
            if not figures.tile.kept:
                continue
            hops = carried.hops * sum((carried.ingresses | carried.distributed).values())
            hops += carried.link_transfers
            dense = figures.tile.dense.updates if space.read_write else figures.tile.dense.reads
            done = figures.tile.counts["random_update" if space.read_write else "random_read"]
            left = done / dense if dense else 0.0
            if words := hops * left * carried.instances:
                counts[count_key(network.network.name, space.name, "word_hops")] = words
    return counts
