"""What a reader of weight files is, and what it gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from numpy.typing import NDArray

from hwsim.networks.geometry import Geometry
from hwsim.networks.uncounted import Uncounted


@dataclass(frozen=True)
class CarriedGeometry:
    """The geometry that a weight file has of itself.

    Parameters
    ----------
    network : str
        What the file calls the network.
    layers : tuple of Geometry
        In execution order, named as the weights without ``.weight``. A shape of ``()`` is that of
        the weights; another one is checked against them.
    quantized_layers : tuple of str or None
        The layers that quantisation touches by default; None if the file says nothing of it.
    place : str
        Where in the file it stands, for messages.
    masks : mapping of str to ndarray of uint8
        By layer, where its input was not zero; see :mod:`hwsim.networks.input_masks`.
    """

    network: str
    layers: tuple[Geometry, ...]
    quantized_layers: tuple[str, ...] | None = None
    place: str = "geometry"
    masks: Mapping[str, NDArray[Any]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Contents:
    """What a weight file holds.

    Parameters
    ----------
    tensors : mapping of str to ndarray
        All its arrays by name, in the file's order: the weights of a layer as ``LAYER.weight``
        with the shape (K, C/G, R, S) or (K, C); biases, norms and others under any name. An array
        may be mapped from the file; hwsim writes to none.
    geometry : CarriedGeometry or None
        Strides, paddings, input sizes, if the file has them; else a topology gives them.
    notes : tuple of str
        What a reader of the results should know of the weights, a line each.
    provenance : str or None
        What wrote the file, e.g. ``"hwsim, format 1"``; None if it does not say.
    uncounted : tuple of Uncounted
        What the file says of the network that is no layer and no array of the file.
    ordered : bool
        Whether the arrays stand in the order in which the network runs; False where the format
        sorts them.
    """

    tensors: Mapping[str, NDArray[Any]]
    geometry: CarriedGeometry | None = None
    notes: tuple[str, ...] = ()
    provenance: str | None = None
    uncounted: tuple[Uncounted, ...] = ()
    ordered: bool = True


@runtime_checkable
class Reader(Protocol):
    """A reader of one format; a class without arguments under the entry point group.

    ::

        [project.entry-points."hwsim.readers"]
        my-format = "my_package.reader:MyReader"

    Importing it should be cheap: every reader is imported to learn what it takes. What is heavy
    is imported in ``read``.
    """

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Endings of the names that it takes, lower case with their dot: ``(".npz",)``."""

    def recognises(self, head: bytes) -> bool:
        """Tell from up to 4,096 first bytes whether a file of unknown suffix is of this format."""

    def read(self, path: Path) -> Contents:
        """Read a file, which is there, is a regular one and is not empty.

        Whatever it raises becomes one line that names the file; an ``InputError`` is shown as it
        is.
        """
