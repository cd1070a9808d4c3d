"""A variant of a layer as it is mapped: what a search is given, and what mappings are tried on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from hwsim.content_key import content_key
from hwsim.engines.timeloop.density.density import FixedStructured
from hwsim.engines.timeloop.evaluation import analyse_dense, evaluate
from hwsim.engines.timeloop.figures.dense_analysis import Analysed
from hwsim.engines.timeloop.figures.evaluation_figures import Evaluation
from hwsim.engines.timeloop.layers._fair_mappings import Trial
from hwsim.engines.timeloop.layers._layer_problem import Shape, layer_problem
from hwsim.engines.timeloop.layers.layer_machine import (
    OperandBits,
    design_of,
    layer_constraints,
    layer_machine,
    layer_sparse,
)
from hwsim.engines.timeloop.layers.layer_pace import layer_pace
from hwsim.engines.timeloop.layers.layer_weights import MappingVariant
from hwsim.engines.timeloop.mapper import MapSpace
from hwsim.engines.timeloop.mapper.joint_search import WantedMapping
from hwsim.engines.timeloop.mapper.written_mapping import read_mapping, written_mapping
from hwsim.engines.timeloop.terms.constraints import Constraints
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.engines.timeloop.terms.mapping import LoopMapping
from hwsim.engines.timeloop.terms.problem import Problem
from hwsim.engines.timeloop.terms.sparse_spec import SparseOptimizations
from hwsim.errors import InputError

if TYPE_CHECKING:
    from hwsim.arch import Arch

_Analyses = dict[LoopMapping, Analysed]


@dataclass(frozen=True)
class MappedLayer:
    """A machine with a layer's widths, and the mapping that the layer takes on it.

    The mapping is the best found for dense tensors; where the machine's weights have a structure
    and the layer's have it too, the best for that. What it asks of the machine, zeros aside, is
    analysed once for all layers that take it.
    """

    machine: Machine
    sparse: SparseOptimizations
    mapping: LoopMapping
    analysed: Analysed = field(compare=False, repr=False)


@dataclass(frozen=True)
class MappingSetting:
    """A variant of a layer as it is mapped, and the machine with its widths."""

    arch: Arch
    shape: Shape
    variant: MappingVariant
    problem: Problem
    machine: Machine
    sparse: SparseOptimizations
    #: Analyses of mappings, which variants of a layer have in common.
    _shared: _Analyses = field(compare=False, repr=False)

    @classmethod
    def of_variants(
        cls, arch: Arch, shape: Shape, variants: Iterable[MappingVariant]
    ) -> list[MappingSetting]:
        """Read the machine for variants of a layer."""
        shared: _Analyses = {}
        return [cls._of(arch, shape, variant, shared) for variant in variants]

    @classmethod
    def of(cls, arch: Arch, shape: Shape, variant: MappingVariant) -> MappingSetting:
        """Read the machine for a variant of a layer."""
        return cls._of(arch, shape, variant, {})

    @classmethod
    def _of(
        cls, arch: Arch, shape: Shape, variant: MappingVariant, shared: _Analyses
    ) -> MappingSetting:
        design, technology = design_of(arch)
        problem = layer_problem(shape, FixedStructured(variant.weight_density))
        machine = layer_machine(arch, OperandBits.of_weights(variant.weight_bits, technology))
        # Weights without the structure bypass the selection.
        bypass = design.structured_weights is not None and variant.weight_density == 1.0
        sparse = SparseOptimizations() if bypass else layer_sparse(arch)
        return cls(arch, shape, variant, problem, machine, sparse, shared)

    @cached_property
    def constraints(self) -> Constraints:
        """What the design leaves no choice of."""
        return layer_constraints(self.arch, self.shape)

    @cached_property
    def content(self) -> str:
        """Name all that decides what the search finds, but the code."""
        constraints = replace(self.constraints, notes=[])
        wanted = design_of(self.arch)[0].search.model_dump()
        machine = _machine_key(self.arch, self.variant.weight_bits)
        sparse = _sparse_key(self.arch) if self.sparse.any else self.sparse
        given = self.problem, machine, sparse, constraints
        return content_key("mapping setting 2", self._width, *self.variant, *given, wanted)

    @property
    def wanted(self) -> WantedMapping:
        """What the search for the best mapping for this variant alone is given."""
        wanted = design_of(self.arch)[0].search
        given = self.problem, self.machine, self.sparse, self.constraints
        return WantedMapping(*given, wanted.objective, wanted.budget, wanted.seed)

    def evaluate(self, mapping: LoopMapping) -> Evaluation:
        """Evaluate a mapping; raises InputError if it does not fit."""
        analysed = self.analysed(mapping)
        return evaluate(self.problem, self.machine, mapping, self.sparse, analysed=analysed)

    def analysed(self, mapping: LoopMapping) -> Analysed:
        """Analyse a mapping, zeros aside; raises InputError if it is none of the problem."""
        if mapping not in self._analysed:
            if mapping not in self._shared:
                self._shared[mapping] = analyse_dense(self.problem, self.machine, mapping)
            # Variants differ in widths and prices, which networks alone look at, and later.
            dense = self._shared[mapping]
            batch = replace(dense.batch, problem=self.problem, machine=self.machine)
            self._analysed[mapping] = replace(dense, batch=batch)
        return self._analysed[mapping]

    @cached_property
    def _analysed(self) -> _Analyses:
        return {}

    def mapped(self, mapping: LoopMapping) -> MappedLayer:
        """Take a mapping."""
        return MappedLayer(self.machine, self.sparse, mapping, self.analysed(mapping))

    def trial(self, mapping: LoopMapping) -> Trial | None:
        """Try a mapping that was found for another variant; None if it does not fit."""
        try:
            found = self.evaluate(mapping)
        except InputError:
            return None
        density = self.variant.weight_density
        return Trial(found.cycles, found.energy, layer_pace(found, density, self._width))

    def write(self, mapping: LoopMapping) -> dict[str, Any]:
        """Write a mapping down, as a member of the map space."""
        return written_mapping(self._space, mapping)

    def read(self, written: Any) -> LoopMapping:
        """Read a mapping back and try it.

        Raises
        ------
        ValueError
            If it is none, or not allowed.
        InputError
            If it does not fit.
        """
        mapping = read_mapping(self._space, written)
        self.evaluate(mapping)
        return mapping

    @cached_property
    def _space(self) -> MapSpace:
        return MapSpace(self.problem, self.machine, self.constraints)

    @property
    def _width(self) -> float:
        return self.variant.weight_bits / design_of(self.arch)[1].weights.bits


@lru_cache(maxsize=64)
def _sparse_key(arch: Arch) -> str:
    """Name the zeros that a machine makes use of by their content."""
    return content_key("sparse optimisations of layers 1", layer_sparse(arch))


@lru_cache(maxsize=256)
def _machine_key(arch: Arch, weight_bits: int) -> str:
    """Name the machine with weights of so many bits by its content."""
    bits = OperandBits.of_weights(weight_bits, design_of(arch)[1])
    return content_key("machine of layers 1", layer_machine(arch, bits))
