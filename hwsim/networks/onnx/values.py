"""What is known of a value while a graph is followed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

Shape = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Value:
    """A tensor of the graph.

    Parameters
    ----------
    shape : tuple of int or None
        None where it is not known without running.
    element : int
        ``onnx.TensorProto.DataType``; 0 where it is not known.
    array : ndarray or None
        Its elements, if they do not depend on the input's.
    sources : frozenset of str
        Arrays of the file that the elements were computed from; also where ``array`` is None
        because nobody could compute them.
    """

    shape: Shape | None
    element: int = 0
    array: NDArray[Any] | None = None
    sources: frozenset[str] = frozenset()

    @property
    def constant(self) -> bool:
        """Whether its elements are known."""
        return self.array is not None

    @property
    def lost(self) -> bool:
        """Whether its elements are constants that nobody could compute."""
        return self.array is None and bool(self.sources)

    @property
    def known_shape(self) -> Shape:
        """Its shape.

        Raises
        ------
        UnknownShape
            If that is not known.
        """
        if self.shape is None:
            raise UnknownShape
        return self.shape


class UnknownShape(Exception):  # noqa: N818  # no error of the user's: asks for a run of the graph
    """A shape depends on values that only a run of the graph would tell."""
