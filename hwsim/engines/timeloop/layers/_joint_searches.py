"""Searches for mappings of single variants, several at a time where it is foreseen which will come.

Searches of layers whose loops slide alike score their candidates together, in less time than one
after the other. What each of them finds is what it would find by itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING, Final, NamedTuple

from hwsim.engines.timeloop.layers._layer_problem import Shape
from hwsim.engines.timeloop.layers._mapping_setting import MappingSetting
from hwsim.engines.timeloop.layers.layer_weights import MappingVariant
from hwsim.engines.timeloop.mapper.side_by_side import SEARCHES
from hwsim.engines.timeloop.terms.mapping import LoopMapping
from hwsim.errors import InputError

if TYPE_CHECKING:
    from hwsim.arch import Arch

#: Searches that go together at most: with more, what is scored at once no longer stays in a
#: core's cache.
_MOST_TOGETHER: Final = 8


_Key = tuple[str, Shape, MappingVariant]


class SoughtMapping(NamedTuple):
    """What a mapping is searched for: a variant of a layer, alone, on a machine."""

    arch: Arch
    shape: Shape
    variant: MappingVariant

    @property
    def key(self) -> _Key:
        """Name it."""
        return self.arch.fingerprint(), self.shape, self.variant

    def is_like(self, other: SoughtMapping) -> bool:
        """Tell whether the two differ in the lengths of their loops at most."""
        return self._kind == other._kind

    @property
    def _kind(self) -> tuple[object, ...]:
        bounds, *slides = self.shape
        iterates = [bound > 1 for bound in bounds]
        return self.arch.fingerprint(), self.variant, slides, iterates


class JointSearches:
    """Finds mappings for whoever asks, from several threads; the same to each, whatever goes with.

    Parameters
    ----------
    is_kept : callable
        Whether a mapping is found already, or is being found by another process.
    slots : int
        How many threads ask at a time.
    """

    def __init__(self, is_kept: Callable[[SoughtMapping], bool], slots: int) -> None:
        self._is_kept = is_kept
        self._slots = slots
        self._lock = Lock()
        self._foreseen: dict[_Key, SoughtMapping] = {}
        self._found: dict[_Key, Future[LoopMapping]] = {}
        self._along: deque[SoughtMapping] = deque()

    def foresee(self, sought: Iterable[SoughtMapping]) -> None:
        """Hear what will be asked for, in place of what was said before of the same machines."""
        listed = [*sought]
        machines = {each.arch.fingerprint() for each in listed}
        with self._lock:
            others = {
                key: each
                for key, each in self._foreseen.items()
                if each.arch.fingerprint() not in machines
            }
            self._foreseen = {**others, **{each.key: each for each in listed}}

    def forget(self, sought: Iterable[SoughtMapping]) -> None:
        """Hear what need not be taken along, as somebody asks for it or has it."""
        with self._lock:
            for each in sought:
                self._foreseen.pop(each.key, None)

    def find(self, sought: SoughtMapping) -> LoopMapping:
        """Find a mapping, and perhaps others along with it.

        Raises
        ------
        InputError
            If no mapping fits.
        EngineError
            If the searches were ended.
        """
        mine = self._found.pop(sought.key, None)
        if mine is None:
            self._search(sought)
            mine = self._found.pop(sought.key)
        while not mine.done() and (other := self._another()):  # another thread is finding it
            self._search(other)
            self._along.append(other)
        return mine.result()

    def along(self) -> Iterator[SoughtMapping]:
        """Tell, once, what was found along with what was asked for."""
        while self._along:
            with suppress(IndexError):  # another thread has told it
                yield self._along.popleft()

    def _another(self) -> SoughtMapping | None:
        """Take something else that is foreseen and not kept yet."""
        with self._lock:
            while self._foreseen:
                taken = self._foreseen.pop(next(iter(self._foreseen)))
                if not self._is_kept(taken):
                    return taken
        return None

    def _search(self, sought: SoughtMapping) -> None:
        """Search for a mapping and what goes with it.

        A fair share of what is left goes, so that all threads end together.
        """
        with self._lock:
            share = min(_MOST_TOGETHER, -(-(len(self._foreseen) + 1) // self._slots))
            taken = [sought]
            for each in [*self._foreseen.values()]:
                if len(taken) == share:
                    break
                if sought.is_like(each) and each.key != sought.key:
                    del self._foreseen[each.key]
                    if not self._is_kept(each):
                        taken.append(each)
            futures = {each.key: Future[LoopMapping]() for each in taken}
            self._found |= futures
        try:
            wanted = [MappingSetting.of(*each).wanted for each in taken]
            for future, found in zip(futures.values(), SEARCHES.search(wanted), strict=True):
                if isinstance(found, InputError):
                    future.set_exception(found)
                else:
                    future.set_result(found)
        except BaseException as error:  # an interrupted search is one that did not happen
            with self._lock:
                for key in futures:
                    self._found.pop(key, None)
            for future in futures.values():
                if not future.done():
                    future.set_exception(error)
            raise
        self._along.extend(taken[1:])
