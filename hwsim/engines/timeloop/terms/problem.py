"""A tensor problem: dimensions, data spaces that project onto them, and how dense each is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from hwsim.engines.timeloop.density.density import Density, FixedStructured

Ints = npt.NDArray[np.int64]
#: Lengths of a tile along the ranks of a data space.
Box = tuple[int, ...]


@dataclass(frozen=True)
class DataSpace:
    """A tensor of the problem.

    Parameters
    ----------
    name : str
        E.g. ``"Weights"``.
    projection : ndarray of int, shape (ranks, dimensions)
        Coordinate along each rank = projection @ point of the iteration space.
    read_write : bool
        Whether it is the result (accumulated) or an operand.
    """

    name: str
    projection: Ints
    read_write: bool = False
    dimensions: frozenset[int] = field(init=False)
    #: Dimensions that walk each rank, with how far.
    _walks: tuple[tuple[tuple[int, int], ...], ...] = field(init=False, repr=False, compare=False)
    _slides: dict[tuple[int, ...], bool] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        used = np.flatnonzero(np.abs(self.projection).sum(axis=0))
        walks = tuple(
            tuple((number, abs(by)) for number, by in enumerate(rank) if by)
            for rank in self.projection.tolist()
        )
        object.__setattr__(self, "dimensions", frozenset(used.tolist()))
        object.__setattr__(self, "_walks", walks)

    def box(self, extents: Sequence[int] | Ints) -> Box:
        """Lengths along the ranks of what a block of the iteration space touches.

        Parameters
        ----------
        extents : sequence of int
            Lengths of the block along the dimensions.
        """
        lengths = extents.tolist() if isinstance(extents, np.ndarray) else extents
        box = []
        for rank in self._walks:
            length = 1
            for number, by in rank:
                length += by * (lengths[number] - 1)
            box.append(length)
        return tuple(box)

    def slides(self, bounds: Sequence[int]) -> bool:
        """Tell whether blocks of the iteration space may overlap, leave gaps or run backwards.

        Parameters
        ----------
        bounds : sequence of int
            Lengths of the iteration space; a dimension of 1 moves nothing.
        """
        key = tuple(bounds)
        if key not in self._slides:
            self._slides[key] = self._slides_over(key)
        return self._slides[key]

    def _slides_over(self, bounds: tuple[int, ...]) -> bool:
        moved = self.projection[:, np.array(bounds) > 1]
        alone = (np.count_nonzero(moved, axis=0) <= 1).all()
        steps = ((moved == 0) | (moved == 1)).all()
        return not (alone and steps and (moved.sum(axis=1) <= 1).all())

    def size(self, extents: Sequence[int] | Ints) -> int:
        """Count the points that a block of the iteration space touches."""
        return volume(self.box(extents))


@dataclass(frozen=True)
class Problem:
    """What is computed: one operation for every point of the iteration space.

    Parameters
    ----------
    dimensions : tuple of str
        Names, one letter each.
    bounds : tuple of int
        Lengths of the iteration space.
    data_spaces : tuple of DataSpace
        The tensors.
    densities : tuple of Density
        Of each tensor, in the same order.
    """

    dimensions: tuple[str, ...]
    bounds: tuple[int, ...]
    data_spaces: tuple[DataSpace, ...]
    densities: tuple[Density, ...]

    @property
    def operations(self) -> int:
        """Points of the iteration space."""
        return volume(self.bounds)


def volume(lengths: Sequence[int]) -> int:
    """Multiply the lengths of a box."""
    product = 1
    for length in lengths:
        product *= length
    return product


def make_problem(
    bounds: Mapping[str, int],
    data_spaces: Mapping[str, Sequence[Mapping[str, int]]],
    read_write: Sequence[str],
    densities: Mapping[str, Density] | None = None,
) -> Problem:
    """Put a problem together from names.

    Parameters
    ----------
    bounds : mapping of str to int
        Dimensions and their lengths.
    data_spaces : mapping of str to sequence of mapping
        For each tensor its ranks, each ``{dimension: coefficient}``.
    read_write : sequence of str
        Which tensors are results.
    densities : mapping of str to Density, optional
        Tensors that are not named are dense.
    """
    names = tuple(bounds)
    spaces = []
    for name, ranks in data_spaces.items():
        projection = np.zeros((len(ranks), len(names)), dtype=np.int64)
        for rank, terms in enumerate(ranks):
            for dimension, coefficient in terms.items():
                projection[rank, names.index(dimension)] += coefficient
        spaces.append(DataSpace(name, projection, name in read_write))
    given = densities or {}
    lengths = tuple(bounds.values())
    of_each = tuple(given.get(space.name) or FixedStructured(1.0) for space in spaces)
    sized = tuple(
        density.of_tensor(space.box(lengths))
        for density, space in zip(of_each, spaces, strict=True)
    )
    return Problem(names, lengths, tuple(spaces), sized)
