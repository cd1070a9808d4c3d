"""What records a run, as the operations see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from hwsim.networks.network import Layer
from hwsim.networks.pytorch.names import Frames
from hwsim.networks.pytorch.origins import Origins


class Recording(Protocol):
    """Names weights, reads them, and takes the layers that are called."""

    origins: Origins
    frames: Frames

    def take(self, layer: Layer, vectors: Callable[[], Any] | None = None) -> None:
        """Count a call of a layer; its input as (positions, channels), if that can be seen."""

    def prepares(self, streams: Any) -> bool:
        """Whether an operation makes weights of weights, which no machine runs for a sample."""

    def weight_name(self, weight: Any, operation: str) -> str:
        """Name the layer of a weight, and claim the arrays that it comes from."""

    def array(self, weight: Any) -> Any:
        """Give the elements of a weight; once for each parameter."""

    def unpadded(self, given: Any, rank: int) -> tuple[list[int], list[int], list[int]]:
        """Give the size of an input before zeros were put around it, and how many."""
