"""What sparse optimisations leave of dense counts on average: a quick look before the exact one."""

from __future__ import annotations

from typing import Final

import numpy as np

from hwsim.engines.timeloop.density.density import Density, FixedStructured
from hwsim.engines.timeloop.nest.loops import Floats
from hwsim.engines.timeloop.terms.machine import Machine
from hwsim.engines.timeloop.terms.problem import Problem
from hwsim.engines.timeloop.terms.sparse_spec import SparseOptimizations

_FULL: Final = FixedStructured(1.0)


class ExpectedShares:
    """Shares of accesses and operations that are left, from the densities of single points.

    Compressed tensors are accessed at their density; gating and skipping leave the accesses whose
    conditions are non-zero, there and at the levels inside. Metadata are not counted. Without
    optimisations all shares are 1.
    """

    def __init__(self, problem: Problem, machine: Machine, sparse: SparseOptimizations) -> None:
        self._problem = problem
        self._sparse = sparse
        levels, spaces = len(machine.levels), len(problem.data_spaces)
        self._priced = np.ones((levels, spaces))
        self._timed = np.ones((levels, spaces))
        self.compute = self.timed_compute = 1.0
        #: By data space, of those that have zeros.
        self._most_words = {
            space: _MostWords(density)
            for space, density in enumerate(problem.densities)
            if density != _FULL
        }
        if sparse.any:
            self._fill(levels, spaces)

    def is_like(self, other: ExpectedShares) -> bool:
        """Tell whether the shares of another problem are these."""
        ours, theirs = self._problem.densities, other._problem.densities
        return self._sparse == other._sparse and ours == theirs

    def _fill(self, levels: int, spaces: int) -> None:
        sparse = self._sparse
        density = [
            model.expected((1,) * len(space.projection))
            for model, space in zip(self._problem.densities, self._problem.data_spaces, strict=True)
        ]
        priced, timed = np.ones(spaces), np.ones(spaces)
        for level in reversed(range(levels)):
            for saving in sparse.savings.get(level, ()):
                condition = saving.options[0]
                left = float(np.prod([density[space] for space in condition.condition_on]))
                priced[condition.target] = min(priced[condition.target], left)
                if saving.kind != "gating":
                    timed[condition.target] = min(timed[condition.target], left)
            for space in range(spaces):
                form = sparse.representations.get((level, space))
                own = density[space] if form is not None and form.compressed else 1.0
                self._priced[level, space] = own * priced[space]
                self._timed[level, space] = own * timed[space]
        operands = [
            number for number, space in enumerate(self._problem.data_spaces) if not space.read_write
        ]
        compressed = [
            any(
                place[1] == space and form.compressed
                for place, form in sparse.representations.items()
            )
            for space in operands
        ]
        for space, small in zip(operands, compressed, strict=True):
            if small or sparse.compute_gates or sparse.compute_skips:
                self.compute *= density[space]
            if small and (sparse.compute_skips or timed.min() < 1):
                self.timed_compute *= density[space]

    def priced(self, level: int, space: int) -> float:
        """Share of accesses that cost energy."""
        return float(self._priced[level, space])

    def timed(self, level: int, space: int) -> float:
        """Share of accesses that take time."""
        return float(self._timed[level, space])

    def looks_at(self, level: int, space: int) -> bool:
        """Whether tiles there may hold fewer words than points, or have metadata."""
        return (level, space) in self._sparse.representations

    def held(self, level: int, space: int, sizes: Floats) -> Floats:
        """Words that tiles take at most: all points, or the non-zeros of compressed ones."""
        most = self._most_words.get(space)
        if most is None or self._sparse.representations.get((level, space)) is None:
            return sizes
        return most.of(sizes)

    def metadata_bits(self, level: int, space: int, sizes: Floats, held: Floats) -> Floats | None:
        """Bits of the innermost rank's metadata at most; None for what has none there.

        Outer ranks are left to the exact evaluation. The words that are held are :meth:`held`'s.
        """
        form = self._sparse.representations.get((level, space))
        if form is None or form.ranks[0].name in {"u", "uop"}:
            return None
        coordinates = sizes if form.ranks[0].name in {"b", "ub"} else held
        return coordinates * form.ranks[0].metadata_bits


class _MostWords:
    """Words that tiles of some density hold at most, by their points; each is found once."""

    def __init__(self, density: Density) -> None:
        self._density = density
        #: Points that were asked for, ascending, and the words.
        self._points, self._words = np.zeros(1), np.zeros(1)

    def of(self, points: Floats) -> Floats:
        """Find them for many tiles."""
        places = self._points.searchsorted(points)
        new = points[self._points.take(places, mode="clip") != points]
        if len(new):
            self._look(sorted(set(new.tolist())))
            places = self._points.searchsorted(points)
        return self._words.take(places)

    def _look(self, points: list[float]) -> None:
        words = [float(self._density.max_occupancy_of_size(int(each))) for each in points]
        together = np.concatenate([self._points, points])
        order = together.argsort()
        self._points = together[order]
        self._words = np.concatenate([self._words, words])[order]
