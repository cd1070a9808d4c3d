"""Exact scores, one mapping at a time, by the engine itself."""

from __future__ import annotations

import numpy as np

from hwsim.engines.timeloop.evaluation import Evaluation, evaluate
from hwsim.engines.timeloop.mapper.batch_score import BatchScorer, Scores
from hwsim.engines.timeloop.mapper.candidate_mapping import loop_mapping
from hwsim.engines.timeloop.mapper.candidates import Candidates
from hwsim.engines.timeloop.mapper.expected_shares import ExpectedShares
from hwsim.engines.timeloop.mapper.mapspace import MapSpace
from hwsim.engines.timeloop.terms.constraints import Constraints
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.engines.timeloop.terms.sparse_spec import SparseOptimizations
from hwsim.errors import InputError


def has_batched_form(machine: Machine, constraints: Constraints) -> bool:
    """Whether the batched analysis covers a machine.

    It does not cover named networks of adders or buses priced by receivers, networks that split
    multicasts among receivers (``network_type: M:N``), and ``no_coalesce``.
    """
    if any(what == "no_coalesce" and denied for (_, what), denied in constraints.denied.items()):
        return False
    networks = [
        network
        for level in machine.levels
        for network in (level.read_network, level.update_network)
    ]
    return all(network.kind == "Legacy" and not network.distributes for network in networks)


class ExactScorer(BatchScorer):
    """Scores candidates with the engine where there is no batched form.

    Parameters
    ----------
    space : MapSpace
        The map space.
    shares : ExpectedShares
        For quick capacity checks.
    sparse : SparseOptimizations
        Of the machine.
    """

    def __init__(
        self, space: MapSpace, shares: ExpectedShares, sparse: SparseOptimizations
    ) -> None:
        super().__init__(space, shares)
        self._sparse = sparse

    def score(self, candidates: Candidates) -> Scores:
        """See :class:`BatchScorer`; exact also with sparse optimisations."""
        fault = self.faults_of(candidates)
        cycles = np.full(len(candidates), np.inf)
        energy = np.full(len(candidates), np.inf)
        for which in np.flatnonzero(fault == 0).tolist():
            try:
                found = self.evaluate(candidates, which)
            except InputError:
                fault[which] = len(self.faults)
                continue
            cycles[which], energy[which] = found.cycles, found.energy
        return Scores(cycles, energy, fault)

    def evaluate(self, candidates: Candidates, which: int) -> Evaluation:
        """Everything about one candidate."""
        space = self.space
        mapping = loop_mapping(space, candidates, which)
        return evaluate(space.problem, space.machine, mapping, self._sparse)
