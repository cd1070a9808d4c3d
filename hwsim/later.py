"""Arrays that are made when somebody asks for them, as fields of a dataclass."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast, overload

import numpy as np
from numpy.typing import DTypeLike, NDArray

_Member = TypeVar("_Member")


@dataclass(slots=True, eq=False)
class _Later:
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    make: Callable[[], Any]

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    @property
    def ndim(self) -> int:
        return len(self.shape)


def later(shape: tuple[int, ...], dtype: DTypeLike, make: Callable[[], Any]) -> NDArray[Any]:
    """Promise an array, or what stands for one, to a field of a :class:`MadeWhenAsked`.

    Parameters
    ----------
    shape, dtype
        Of the array.
    make : callable
        Gives it; called when the field is read, once.

    Returns
    -------
    ndarray
        To whoever reads the field. Until then it knows its shape, size and type only.
    """
    return cast("NDArray[Any]", _Later(shape, np.dtype(dtype), make))


class MadeWhenAsked:
    """Base of frozen dataclasses, arrays of which may be given as :func:`later`.

    A default of such a field is made by a factory: one of the class would be found in its place.
    """

    def promised(self, name: str) -> NDArray[Any]:
        """Give a field as it was given, to hand it on, or as it was made."""
        values = vars(self)
        given: NDArray[Any] = values[name] if name in values else values["_promises"][name]
        return given

    def anew(self) -> Self:
        """Give the same object once more: what is made of the one is not kept by the other."""
        other = object.__new__(type(self))
        vars(other).update(vars(self))
        return other

    def _put_off(self, *names: str) -> None:
        """Set aside what was promised of the fields that may be; for ``__post_init__``."""
        values = vars(self)
        promises = values["_promises"] = {}
        for name in names:
            if type(values[name]) is _Later:
                promises[name] = values.pop(name)

    def __getstate__(self) -> dict[str, Any]:
        """Make what was promised: a function does not travel, the array does."""
        for name in vars(self).get("_promises", {}):
            getattr(self, name)
        return {name: each for name, each in vars(self).items() if name != "_promises"}

    def _made(self, name: str) -> Any:
        """Make what was promised under a name; None if nothing was."""
        promise = vars(self).get("_promises", {}).get(name)
        return None if promise is None else promise.make()

    if not TYPE_CHECKING:  # a checker would take any name for an attribute

        def __getattr__(self, name: str) -> Any:
            made = self._made(name)
            if made is None:
                raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")
            vars(self)[name] = made
            return made


class OneByOne(Sequence[_Member]):
    """Base of sequences the members of which are made when somebody asks for one, once each."""

    @abstractmethod
    def _one(self, place: int) -> _Member:
        """Make the member at a place, from 0 on."""

    @cached_property
    def _members(self) -> dict[int, _Member]:
        return {}

    @overload
    def __getitem__(self, place: int) -> _Member: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[_Member]: ...
    def __getitem__(self, place: int | slice) -> _Member | Sequence[_Member]:
        if isinstance(place, slice):
            return [self[each] for each in range(len(self))[place]]
        place = range(len(self))[place]
        if place not in self._members:
            self._members[place] = self._one(place)
        return self._members[place]

    def _members_at(self, places: Sequence[int]) -> dict[int, _Member]:
        """Give those of some places that are made, by their number among these."""
        made = self._members
        return {number: made[place] for number, place in enumerate(places) if place in made}
