"""Searches for mappings of single variants, several at a time where it is foreseen which will come.

Searches of layers whose loops slide alike score their candidates together, in less time than one
after the other. What each of them finds is what it would find by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING, Final, NamedTuple

from hwsim.engines.timeloop.layers._layer_problem import Shape
from hwsim.engines.timeloop.layers._mapping_setting import MappingSetting
from hwsim.engines.timeloop.layers.layer_weights import MappingVariant
from hwsim.engines.timeloop.mapper.joint_search import WantedMapping
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
    is_known : callable
        Whether a mapping is found already, or somebody has asked for it.
    slots : int
        How many threads ask at a time.
    """

    def __init__(self, is_known: Callable[[SoughtMapping], bool], slots: int) -> None:
        self._is_known = is_known
        self._slots = slots
        self._lock = Lock()
        #: By machine, what will be asked for.
        self._foreseen: dict[str, dict[_Key, SoughtMapping]] = {}
        #: What is, or was, searched along with something else, until it is asked for.
        self._found: dict[_Key, Future[LoopMapping]] = {}
        self._along: list[SoughtMapping] = []

    def foresee(self, arch: Arch, sought: Iterable[SoughtMapping]) -> None:
        """Hear what will be asked for of a machine, in place of what was said before.

        If nothing will be, what was found of it and never asked for is let go.
        """
        machine = arch.fingerprint()
        listed = {each.key: each for each in sought}
        with self._lock:
            if listed:
                self._foreseen[machine] = listed
                return
            self._foreseen.pop(machine, None)
            for key in [*self._found]:
                if key[0] == machine and self._found[key].done():
                    del self._found[key]

    def forget(self, sought: SoughtMapping) -> None:
        """Hear what need not be taken along, as somebody asks for it or has it."""
        with self._lock:
            self._foreseen.get(sought.key[0], {}).pop(sought.key, None)

    def find(self, sought: SoughtMapping) -> LoopMapping:
        """Find a mapping, and perhaps others along with it.

        Raises
        ------
        InputError
            If no mapping fits.
        EngineError
            If the searches were ended.
        """
        with self._lock:
            mine = self._found.pop(sought.key, None)
        if mine is None:
            mine = Future()
            self._search(sought, mine)
        while not mine.done() and (other := self._another(sought)):  # another thread is finding it
            self._search(*other)
            with self._lock:
                self._along.append(other[0])
        return mine.result()

    def along(self) -> Iterator[SoughtMapping]:
        """Tell, once, what was found along with what was asked for.

        Why there is no mapping of a layer is left for whoever asks for it.
        """
        with self._lock:
            along, self._along = self._along, []
        for each in along:
            found = self._found.get(each.key)
            if found is not None and found.exception() is None:
                yield each

    def _another(self, sought: SoughtMapping) -> tuple[SoughtMapping, Future[LoopMapping]] | None:
        """Take something else that is foreseen of the same machine."""
        foreseen = self._foreseen.get(sought.key[0], {})
        with self._lock:
            while foreseen:
                taken = foreseen.pop(next(iter(foreseen)))
                if self._wanted(taken) is not None:
                    future = self._found[taken.key] = Future()
                    return taken, future
        return None

    def _wanted(self, sought: SoughtMapping) -> WantedMapping | None:
        """Give what a search is given; None if it is known, or cannot be, as who asks will hear."""
        with suppress(InputError):
            if sought.key not in self._found and not self._is_known(sought):
                return MappingSetting.of(*sought).wanted
        return None

    def _search(self, sought: SoughtMapping, mine: Future[LoopMapping]) -> None:
        """Search for a mapping, which whoever has its future waits for, and what goes with it.

        A fair share of what is left goes, so that all threads end together.
        """
        wanted = {sought: MappingSetting.of(*sought).wanted}
        with self._lock:
            foreseen = self._foreseen.get(sought.key[0], {})
            share = min(_MOST_TOGETHER, -(-(len(foreseen) + 1) // self._slots))
            for each in [*foreseen.values()]:
                if len(wanted) >= share:
                    break
                if sought.is_like(each):
                    del foreseen[each.key]
                    if (more := self._wanted(each)) is not None:
                        wanted[each] = more
            others = {each: Future[LoopMapping]() for each in wanted if each != sought}
            self._found |= {each.key: future for each, future in others.items()}
        futures = {sought: mine, **others}
        try:
            found = SEARCHES.search([*wanted.values()])
        except BaseException as error:  # an interrupted search is one that did not happen
            with self._lock:
                for each, future in futures.items():
                    if self._found.get(each.key) is future:
                        del self._found[each.key]
            for future in futures.values():
                future.set_exception(error)
            raise
        for future, one in zip(futures.values(), found, strict=True):
            if isinstance(one, InputError):
                future.set_exception(one)
            else:
                future.set_result(one)
        with self._lock:
            self._along.extend(others)
