"""Mappings of layers: searched once for each shape and width, whatever the zeros are."""

from __future__ import annotations

from collections.abc import Hashable
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Final

from hwsim.engines.timeloop.density.density import FixedStructured
from hwsim.engines.timeloop.evaluation import evaluate
from hwsim.engines.timeloop.layers._layer_problem import Shape, layer_problem
from hwsim.engines.timeloop.layers.layer_machine import (
    OperandBits,
    design_inputs,
    design_of,
    layer_machine,
)
from hwsim.engines.timeloop.mapper import search_mapping
from hwsim.engines.timeloop.spec import read_sparse
from hwsim.engines.timeloop.spec.constraints import read_constraints
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.engines.timeloop.terms.mapping import LoopMapping
from hwsim.engines.timeloop.terms.sparse_spec import SparseOptimizations

if TYPE_CHECKING:
    from hwsim.arch import Arch


@dataclass(frozen=True)
class MappedLayer:
    """A machine with a layer's widths, and the best mapping found for dense tensors.

    Where the machine's weights have a structure and the layer's have it too, the best for that.
    """

    machine: Machine
    sparse: SparseOptimizations
    mapping: LoopMapping


class MappingCache:
    """Searches each mapping once, and keeps the latest; safe to ask from several threads."""

    def __init__(self, most: int = 4096) -> None:
        self._lock = Lock()
        self._most = most
        self._found: dict[Hashable, Future[MappedLayer]] = {}

    def find(
        self, arch: Arch, shape: Shape, bits: OperandBits, weight_density: float = 1.0
    ) -> MappedLayer:
        """Give the mapping of a layer; ``weight_density`` is 1, or what a structure leaves.

        A mapping that is valid for wider weights is valid for narrower ones too; narrower ones
        have another only if it costs no more cycles and no more energy, so that fewer bits never
        cost more of either.
        """
        key = (arch.fingerprint(), shape, bits, weight_density)
        with self._lock:
            future = self._found.get(key)
            mine = future is None
            if future is None:
                future = self._found[key] = Future()
                if len(self._found) > self._most:
                    del self._found[next(iter(self._found))]
        if mine:
            try:
                future.set_result(self._search(arch, shape, bits, weight_density))
            except BaseException as error:
                with self._lock:  # an interrupted search is one that did not happen
                    self._found.pop(key, None)
                future.set_exception(error)
        return future.result()

    def _search(
        self, arch: Arch, shape: Shape, bits: OperandBits, weight_density: float
    ) -> MappedLayer:
        design, technology = design_of(arch)
        problem = layer_problem(shape, FixedStructured(weight_density))
        machine = layer_machine(arch, bits)
        inputs = design_inputs(arch)
        sparse = read_sparse(inputs, problem, machine)
        if design.structured_weights is not None and weight_density == 1.0:
            sparse = SparseOptimizations()  # weights without the structure bypass the selection
        constraints = read_constraints(inputs, problem, machine)
        wanted = design.search
        found = search_mapping(
            problem,
            machine,
            sparse,
            constraints,
            wanted.objective,
            wanted.budget,
            wanted.seed,
            rests=True,
        )
        own = MappedLayer(machine, sparse, found.mapping)
        widest = OperandBits.of(None, technology)
        if widest.weights <= bits.weights:
            return own
        wide = self.find(arch, shape, widest, weight_density).mapping
        before = evaluate(problem, machine, wide, sparse)
        now = found.result.evaluation
        if now.cycles <= before.cycles and now.energy <= before.energy:
            return own
        return MappedLayer(machine, sparse, wide)


#: Of this process: a mapping depends on nothing but what it is asked for, so that runs share it.
MAPPINGS: Final = MappingCache()
