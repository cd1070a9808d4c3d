"""Mappings of layers: searched once for each shape and width, whatever the zeros are."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, TypeVar

from hwsim.core_count import core_count
from hwsim.engines.timeloop.layers._fair_mappings import choose_mappings
from hwsim.engines.timeloop.layers._joint_searches import JointSearches, SoughtMapping
from hwsim.engines.timeloop.layers._layer_problem import Shape
from hwsim.engines.timeloop.layers._mapping_setting import MappedLayer, MappingSetting
from hwsim.engines.timeloop.layers.kept_mappings import (
    KEPT_MAPPINGS,
    is_free,
    keep,
    mappings_key,
    recall,
)
from hwsim.engines.timeloop.layers.layer_machine import design_of
from hwsim.engines.timeloop.layers.layer_weights import MappingVariant
from hwsim.engines.timeloop.terms.mapping import LoopMapping
from hwsim.errors import InputError

if TYPE_CHECKING:
    from hwsim.arch import Arch

_Found = TypeVar("_Found")


class MappingCache:
    """Searches each mapping once, and keeps the latest; safe to ask from several threads."""

    def __init__(self, most: int = 4096) -> None:
        self._lock = Lock()
        self._most = most
        self._found: dict[Hashable, Future[Any]] = {}
        self._searches = JointSearches(self._is_known, core_count())

    def foresee(self, arch: Arch, layers: Iterable[tuple[Shape, Iterable[MappingVariant]]]) -> None:
        """Hear what variants of which layers will be asked for, so that searches can be joined.

        Parameters
        ----------
        arch : Arch
            The machine.
        layers : iterable of (Shape, iterable of MappingVariant)
            Each with the variants that are compared; none when no more will be asked for.
        """
        sought = [
            SoughtMapping(arch, shape, variant)
            for shape, variants in dict.fromkeys(
                (shape, tuple(sorted(variants, reverse=True))) for shape, variants in layers
            )
            for variant in variants
        ]
        self._searches.foresee(arch, [each for each in sought if not self._is_asked(each)])

    def find(
        self,
        arch: Arch,
        shape: Shape,
        variant: MappingVariant,
        comparison: Iterable[MappingVariant] = (),
    ) -> MappedLayer:
        """Give the mapping that a variant of a layer takes beside those it is compared with.

        Parameters
        ----------
        arch : Arch
            The machine.
        shape : Shape
            Of the layer.
        variant : MappingVariant
            The one whose mapping is wanted.
        comparison : iterable of MappingVariant
            All that are compared, in any order; alone, a variant takes its own mapping.
        """
        # The most demanding first: the widest, and of these the one with the most weights.
        variants = tuple(sorted({variant, *comparison}, reverse=True))
        mapped = self._mapped(arch, shape, variants)[variant]
        self._keep_along()
        return mapped

    def _keep_along(self) -> None:
        """Keep what was searched along with something else, before anything more is searched.

        Only when this thread is finding nothing that it, or another thread, might wait for here.
        """
        for each in self._searches.along():
            if not self._is_asked(each):
                with suppress(InputError):  # which is for whoever asks for it
                    self._own(*each)

    def _is_asked(self, sought: SoughtMapping) -> bool:
        """Tell whether a variant alone is in memory, or somebody is finding it."""
        return (*sought.key[:2], (sought.variant,)) in self._found

    def _is_known(self, sought: SoughtMapping) -> bool:
        """Tell the same of this process, of the disk, and of other processes."""
        if self._is_asked(sought):
            return True
        key = mappings_key(_looked_at(sought.arch, sought.shape, (sought.variant,)))
        return KEPT_MAPPINGS.get(key) is not None or not is_free(key)

    def _once(
        self, key: Hashable, work: Callable[[], _Found], meanwhile: Callable[[], None]
    ) -> _Found:
        """Do something once; who asks while another thread does it does something else first."""
        with self._lock:
            future = self._found.get(key)
            mine = future is None
            if future is None:
                future = self._found[key] = Future()
                if len(self._found) > self._most:
                    del self._found[next(iter(self._found))]
        if mine:
            try:
                future.set_result(work())
            except BaseException as error:
                with self._lock:  # an interrupted search is one that did not happen
                    self._found.pop(key, None)
                future.set_exception(error)
        elif not future.done():
            meanwhile()
        found: _Found = future.result()
        return found

    def _mapped(
        self, arch: Arch, shape: Shape, variants: tuple[MappingVariant, ...]
    ) -> dict[MappingVariant, MappedLayer]:
        key = (arch.fingerprint(), shape, variants)
        return self._once(
            key,
            lambda: self._recalled(arch, shape, variants),
            lambda: self._help(arch, shape, variants[::-1]),
        )

    def _help(self, arch: Arch, shape: Shape, variants: Iterable[MappingVariant]) -> None:
        """Search what of a comparison no other thread and no other process is searching."""
        for variant in variants:
            if not self._is_known(SoughtMapping(arch, shape, variant)):
                self._own(arch, shape, variant)

    def _own(self, arch: Arch, shape: Shape, variant: MappingVariant) -> LoopMapping:
        return self._mapped(arch, shape, (variant,))[variant].mapping

    def _recalled(
        self, arch: Arch, shape: Shape, variants: tuple[MappingVariant, ...]
    ) -> dict[MappingVariant, MappedLayer]:
        """Take mappings from disk, or find them and keep them there."""
        looked_at = _looked_at(arch, shape, variants)
        key, settings = mappings_key(looked_at), looked_at[: len(variants)]
        mappings = recall(key, settings)
        # Before it is locked: whoever looks whether one in this process is free would unlock it.
        if mappings is not None or len(variants) == 1:
            for each in variants:
                self._searches.forget(SoughtMapping(arch, shape, each))
        if mappings is None and len(settings) > 1:
            mappings = self._compare(settings, shape)
            keep(key, settings, mappings)
        elif mappings is None:
            with KEPT_MAPPINGS.alone(key):
                mappings = recall(key, settings)  # another process may have searched meanwhile
                if mappings is None:
                    mappings = [self._search(settings[0], shape)]
                    keep(key, settings, mappings)
        return {
            variant: setting.mapped(mapping)
            for variant, setting, mapping in zip(variants, settings, mappings, strict=True)
        }

    def _search(self, setting: MappingSetting, shape: Shape) -> LoopMapping:
        """Find the mapping of a variant alone.

        A mapping that is valid for wider weights is valid for narrower ones too; narrower ones
        have another only if it costs no more cycles and no more energy, so that fewer bits never
        cost more of either.
        """
        mapping = self._searches.find(SoughtMapping(setting.arch, shape, setting.variant))
        widest = _widest(setting.arch, setting.variant)
        if setting.variant != widest:
            wide = self._own(setting.arch, shape, widest)
            now, before = setting.evaluate(mapping), setting.evaluate(wide)
            if now.cycles > before.cycles or now.energy > before.energy:
                return wide
        return mapping

    def _compare(self, settings: Sequence[MappingSetting], shape: Shape) -> list[LoopMapping]:
        """Try the mapping of each variant on all of them."""
        arch, variants = settings[0].arch, [setting.variant for setting in settings]
        self._help(arch, shape, variants)
        own = [self._own(arch, shape, variant) for variant in variants]
        mappings = list(dict.fromkeys(own))
        trials = [[setting.trial(mapping) for mapping in mappings] for setting in settings]
        chosen = choose_mappings(trials, design_of(arch)[0].search.objective)
        return [mappings[place] for place in chosen]


def _looked_at(
    arch: Arch, shape: Shape, variants: tuple[MappingVariant, ...]
) -> list[MappingSetting]:
    """Set up variants, and behind them those that their mappings are held against."""
    beside = dict.fromkeys(_widest(arch, variant) for variant in variants)
    return MappingSetting.of_variants(arch, shape, dict.fromkeys([*variants, *beside]))


def _widest(arch: Arch, variant: MappingVariant) -> MappingVariant:
    """Give the same weights in the bits of the machine's own."""
    return variant._replace(weight_bits=design_of(arch)[1].weights.bits)


#: Of this process: a mapping depends on nothing but what it is asked for, so that runs share it.
MAPPINGS: Final = MappingCache()
