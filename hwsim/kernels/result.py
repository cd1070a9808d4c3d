"""What a bench measured, and the figures that follow from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from hwsim.kernels.group_sums import Tile
from hwsim.kernels.paired import Spread, Times
from hwsim.kernels.peak import Peak
from hwsim.networks.network import Layer


@dataclass(frozen=True)
class Kernel:
    """A layer's convolution under a scheme.

    Parameters
    ----------
    tile : Tile
        The fastest one of those tried.
    additions : int
        Additions of a vector of output positions, those of zeros and of folding among them.
    positions : int
        Output positions of all images that were computed, those in vain among them.
    error : float
        Largest difference from the dense product in float64, over the sum of magnitudes.
    """

    tile: Tile
    additions: int
    positions: int
    error: float


@dataclass(frozen=True, eq=False)
class LayerTimes:
    """What was measured of a layer.

    Parameters
    ----------
    layer : Layer
        The layer.
    kernels : mapping of str to Kernel
        By scheme.
    times : Times
        By scheme, ``sgemm`` alone and with im2col, ``oneDNN`` where torch is; in seconds.
    """

    layer: Layer
    kernels: Mapping[str, Kernel]
    times: Times

    def additions_per_mac(self, scheme: str) -> float:
        """Additions for each multiply-accumulate of the dense layer."""
        return self.kernels[scheme].additions / (self.layer.filters * self.layer.reduction)

    def macs_per_second(self, way: str) -> float:
        """Multiply-accumulates of the dense layer that a way stands for in a second."""
        return self.layer.macs / self.times.of(way).median

    def additions_per_second(self, scheme: str) -> float:
        """Additions that a kernel really made in a second, of floats."""
        kernel = self.kernels[scheme]
        return kernel.additions * kernel.positions / self.times.of(scheme).median

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        kernels = {
            scheme: {
                **asdict(kernel),
                "additions_per_mac": self.additions_per_mac(scheme),
                "giga_additions_per_second": self.additions_per_second(scheme) / 1e9,
            }
            for scheme, kernel in self.kernels.items()
        }
        rates = {way: self.macs_per_second(way) / 1e9 for way in self.times.seconds}
        return {
            "layer": self.layer.name,
            "macs": self.layer.macs,
            "kernels": kernels,
            "giga_macs_per_second": rates,
            **self.times.to_dict(),
        }


@dataclass(frozen=True, eq=False)
class BenchResult:
    """What was measured of a network.

    Parameters
    ----------
    network : str
        Its name.
    schemes : tuple of str
        Compared ones.
    layers : tuple of LayerTimes
        In the network's order.
    left : tuple of str
        Layers that were not measured, because schemes leave them as they are or they have no
        weights.
    peak : Peak
        Of the processor.
    where : str
        What they ran on.
    """

    network: str
    schemes: tuple[str, ...]
    layers: tuple[LayerTimes, ...]
    left: tuple[str, ...]
    peak: Peak
    where: str

    @property
    def macs(self) -> int:
        """Multiply-accumulates of all layers together."""
        return sum(each.layer.macs for each in self.layers)

    @property
    def ways(self) -> tuple[str, ...]:
        """What layers were measured with, schemes first."""
        return tuple(dict.fromkeys(way for each in self.layers for way in each.times.seconds))

    @property
    def everywhere(self) -> tuple[str, ...]:
        """What every layer was measured with."""
        return tuple(
            way for way in self.ways if all(way in each.times.seconds for each in self.layers)
        )

    def total(self, way: str) -> Spread:
        """All layers one after the other: quartiles of theirs, added up, in seconds.

        Parameters
        ----------
        way : str
            One of :attr:`everywhere`.
        """
        spreads = [each.times.of(way) for each in self.layers]
        return Spread(
            sum(each.low for each in spreads),
            sum(each.median for each in spreads),
            sum(each.high for each in spreads),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain data: times in seconds as quartiles, rates in 1e9 a second."""
        return {
            "network": self.network,
            "schemes": list(self.schemes),
            "where": self.where,
            "peak": asdict(self.peak),
            "layers": [each.to_dict() for each in self.layers],
            "left": list(self.left),
            "total": {way: asdict(self.total(way)) for way in self.everywhere},
        }
