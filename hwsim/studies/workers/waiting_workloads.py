"""Workloads that were lowered and wait for their simulation."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Final

from hwsim.studies.workers.layer_of import LayerOf
from hwsim.workload import AlikeWorkloads

#: Bytes of workloads that wait; those that came last stay whatever their size.
HELD_BYTES: Final = 64_000_000
#: And how many layers at most, as many hold next to nothing.
HELD_LAYERS: Final = 1024


#: Where a workload is: those alike, and which of them.
Place = tuple[AlikeWorkloads, int]


class WaitingWorkloads:
    """Workloads by layer, until somebody takes them or newer ones need their room.

    Those alike come and, but for what is taken, leave together.
    """

    def __init__(self) -> None:
        self._at: dict[LayerOf, Place] = {}
        # An ordered one, as the first key of a dict is looked for behind all that have gone.
        self._layers: OrderedDict[AlikeWorkloads, tuple[dict[LayerOf, None], int]] = OrderedDict()
        self._held = 0

    def __len__(self) -> int:
        return len(self._at)

    def __contains__(self, of: LayerOf) -> bool:
        return of in self._at

    def keep(self, places: Mapping[LayerOf, Place]) -> None:
        """Keep workloads, in the place of what is kept of these layers."""
        for of, place in places.items():
            self.take(of)
            workloads, _ = self._at[of] = place
            if workloads not in self._layers:
                size = workloads.held_bytes
                self._layers[workloads] = {}, size
                self._held += size
            self._layers[workloads][0][of] = None
        while len(self._layers) > 1 and (self._held > HELD_BYTES or len(self._at) > HELD_LAYERS):
            for of in [*next(iter(self._layers.values()))[0]]:
                self.take(of)

    def take(self, of: LayerOf) -> Place | None:
        """Take the workload of a layer."""
        found = self._at.pop(of, None)
        if found is not None:
            layers, size = self._layers[found[0]]
            del layers[of]
            if not layers:
                del self._layers[found[0]]
                self._held -= size
        return found
