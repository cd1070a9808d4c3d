"""The sparse optimisations of a machine: formats, gating and skipping, by level."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from hwsim.engines.timeloop.terms.formats import Representation

SavingKind = Literal["gating", "skipping", "skipping_spatial"]


@dataclass(frozen=True)
class Condition:
    """Leave out accesses to a target where all of the others' matching tiles are empty.

    Parameters
    ----------
    target : int
        Data space whose accesses are saved.
    condition_on : tuple of int
        Data spaces that are looked at.
    """

    target: int
    condition_on: tuple[int, ...]


@dataclass(frozen=True)
class Saving:
    """An optimisation of a storage level.

    Parameters
    ----------
    kind : {'gating', 'skipping', 'skipping_spatial'}
        Energy only; energy and time; whole instances.
    options : tuple of Condition
        The one that saves most is built.
    """

    kind: SavingKind
    options: tuple[Condition, ...]


@dataclass(frozen=True)
class SparseOptimizations:
    """All of a machine's.

    Parameters
    ----------
    listed : bool
        Whether the inputs list sparse optimisations at all (it decides the labels of results).
    representations : mapping of (int, int) to Representation
        By storage level and data space.
    savings : mapping of int to tuple of Saving
        By storage level.
    position_skips : mapping of int to tuple of int
        Data spaces whose empty positions the units below a storage level are not given.
    compute_gates, compute_skips : bool
        Whether compute units gate on zero operands, skip operands that do not meet.
    as_stored : bool
        Whether metadata are expected of a tensor as it is stored: a point that several windows
        touch has them once in a tile, like its data, and ranks cover all of their loops. Timeloop
        counts them for every window, and takes ranks of several loops for smaller than they are.
    as_timeloop : bool
        Whether tiles that are never empty are taken for empty where Timeloop does so.
    any : bool
        Whether any optimisation is on.
    """

    listed: bool = False
    representations: Mapping[tuple[int, int], Representation] = field(default_factory=dict)
    savings: Mapping[int, tuple[Saving, ...]] = field(default_factory=dict)
    position_skips: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    compute_gates: bool = False
    compute_skips: bool = False
    as_stored: bool = False
    as_timeloop: bool = False
    any: bool = False

    def as_timeloop_has_them(self) -> SparseOptimizations:
        """Leave out what Timeloop does not know: runs that end, tensors as they are stored."""
        endless = {
            place: replace(
                form, ranks=tuple(replace(rank, longest_run=None) for rank in form.ranks)
            )
            for place, form in self.representations.items()
        }
        return replace(self, representations=endless, as_stored=False)
