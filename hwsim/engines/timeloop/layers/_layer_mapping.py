"""Mappings of layers: searched once for each shape and width, whatever the zeros are."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, TypeVar

from hwsim.engines.timeloop.density.density import FixedStructured
from hwsim.engines.timeloop.evaluation import evaluate
from hwsim.engines.timeloop.figures.evaluation_figures import Evaluation
from hwsim.engines.timeloop.layers._fair_mappings import Trial, choose_mappings
from hwsim.engines.timeloop.layers._layer_problem import Shape, layer_problem
from hwsim.engines.timeloop.layers.layer_machine import (
    OperandBits,
    design_inputs,
    design_of,
    layer_machine,
)
from hwsim.engines.timeloop.layers.layer_pace import layer_pace
from hwsim.engines.timeloop.layers.layer_weights import MappingVariant
from hwsim.engines.timeloop.mapper import search_mapping
from hwsim.engines.timeloop.spec import read_sparse
from hwsim.engines.timeloop.spec.constraints import read_constraints
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.engines.timeloop.terms.mapping import LoopMapping
from hwsim.engines.timeloop.terms.problem import Problem
from hwsim.engines.timeloop.terms.sparse_spec import SparseOptimizations
from hwsim.errors import InputError

if TYPE_CHECKING:
    from hwsim.arch import Arch

_Found = TypeVar("_Found")


@dataclass(frozen=True)
class MappedLayer:
    """A machine with a layer's widths, and the mapping that the layer takes on it.

    The mapping is the best found for dense tensors; where the machine's weights have a structure
    and the layer's have it too, the best for that.
    """

    machine: Machine
    sparse: SparseOptimizations
    mapping: LoopMapping


@dataclass(frozen=True)
class _Setting:
    """A variant of a layer as it is mapped, and the machine with its widths."""

    arch: Arch
    variant: MappingVariant
    problem: Problem
    machine: Machine
    sparse: SparseOptimizations

    @classmethod
    def of(cls, arch: Arch, shape: Shape, variant: MappingVariant) -> _Setting:
        design, technology = design_of(arch)
        problem = layer_problem(shape, FixedStructured(variant.weight_density))
        machine = layer_machine(arch, OperandBits.of_weights(variant.weight_bits, technology))
        sparse = read_sparse(design_inputs(arch), problem, machine)
        if design.structured_weights is not None and variant.weight_density == 1.0:
            sparse = SparseOptimizations()  # weights without the structure bypass the selection
        return cls(arch, variant, problem, machine, sparse)

    def search(self) -> tuple[LoopMapping, Evaluation]:
        """Find the best mapping for this variant alone."""
        constraints = read_constraints(design_inputs(self.arch), self.problem, self.machine)
        wanted = design_of(self.arch)[0].search
        given = (self.problem, self.machine, self.sparse, constraints)
        found = search_mapping(*given, wanted.objective, wanted.budget, wanted.seed, rests=True)
        return found.mapping, found.result.evaluation

    def evaluate(self, mapping: LoopMapping) -> Evaluation:
        """Evaluate a mapping; raises InputError if it does not fit."""
        return evaluate(self.problem, self.machine, mapping, self.sparse)

    def trial(self, mapping: LoopMapping) -> Trial | None:
        """Try a mapping that was found for another variant; None if it does not fit."""
        try:
            found = self.evaluate(mapping)
        except InputError:
            return None
        bits, density = self.variant
        width = bits / design_of(self.arch)[1].weights.bits
        return Trial(found.cycles, found.energy, layer_pace(found, density, width))


class MappingCache:
    """Searches each mapping once, and keeps the latest; safe to ask from several threads."""

    def __init__(self, most: int = 4096) -> None:
        self._lock = Lock()
        self._most = most
        self._found: dict[Hashable, Future[Any]] = {}

    def find(
        self,
        arch: Arch,
        shape: Shape,
        variant: MappingVariant,
        comparison: Iterable[MappingVariant] = (),
    ) -> MappedLayer:
        """Give the mapping that a variant of a layer takes beside those it is compared with.

        Parameters
        ----------
        arch : Arch
            The machine.
        shape : Shape
            Of the layer.
        variant : MappingVariant
            The one whose mapping is wanted.
        comparison : iterable of MappingVariant
            All that are compared, in any order; alone, a variant takes its own mapping.
        """
        # The most demanding first: the widest, and of these the one with the most weights.
        variants = tuple(sorted({variant, *comparison}, reverse=True))
        if len(variants) == 1:
            return self._own(arch, shape, variant)
        key = (arch.fingerprint(), shape, variants)
        return self._once(key, lambda: self._compare(arch, shape, variants))[variant]

    def _once(self, key: Hashable, work: Callable[[], _Found]) -> _Found:
        with self._lock:
            future = self._found.get(key)
            mine = future is None
            if future is None:
                future = self._found[key] = Future()
                if len(self._found) > self._most:
                    del self._found[next(iter(self._found))]
        if mine:
            try:
                future.set_result(work())
            except BaseException as error:
                with self._lock:  # an interrupted search is one that did not happen
                    self._found.pop(key, None)
                future.set_exception(error)
        found: _Found = future.result()
        return found

    def _own(self, arch: Arch, shape: Shape, variant: MappingVariant) -> MappedLayer:
        key = (arch.fingerprint(), shape, variant)
        return self._once(key, lambda: self._search(arch, shape, variant))

    def _search(self, arch: Arch, shape: Shape, variant: MappingVariant) -> MappedLayer:
        """Find the mapping of a variant alone.

        A mapping that is valid for wider weights is valid for narrower ones too; narrower ones
        have another only if it costs no more cycles and no more energy, so that fewer bits never
        cost more of either.
        """
        setting = _Setting.of(arch, shape, variant)
        mapping, now = setting.search()
        widest = variant._replace(weight_bits=design_of(arch)[1].weights.bits)
        if variant != widest:
            wide = self._own(arch, shape, widest).mapping
            before = setting.evaluate(wide)
            if now.cycles > before.cycles or now.energy > before.energy:
                mapping = wide
        return MappedLayer(setting.machine, setting.sparse, mapping)

    def _compare(
        self, arch: Arch, shape: Shape, variants: tuple[MappingVariant, ...]
    ) -> dict[MappingVariant, MappedLayer]:
        """Try the mapping of each variant on all of them."""
        own = [self._own(arch, shape, variant) for variant in variants]
        mappings = list({id(each.mapping): each.mapping for each in own}.values())
        settings = [_Setting.of(arch, shape, variant) for variant in variants]
        trials = [[setting.trial(mapping) for mapping in mappings] for setting in settings]
        chosen = choose_mappings(trials, design_of(arch)[0].search.objective)
        return {
            variant: MappedLayer(each.machine, each.sparse, mappings[place])
            for variant, each, place in zip(variants, own, chosen, strict=True)
        }


#: Of this process: a mapping depends on nothing but what it is asked for, so that runs share it.
MAPPINGS: Final = MappingCache()
