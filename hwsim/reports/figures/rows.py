"""The layers that a figure has room for, a row each; the others stand together in the last one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hwsim.reports._numbers import count
from hwsim.reports.figures.sheet import short
from hwsim.studies.columns import distinct, over, sums

if TYPE_CHECKING:
    from hwsim.studies import RunResult

#: Rows that a page has room for.
MOST: Final = 60


def run_name(result: RunResult) -> str:
    """Name the network and the machine of a run, as the title of a figure begins."""
    return f"{result.manifest['network']['name']} on {result.manifest['arch']['name']}"


@dataclass(frozen=True)
class LayerRows:
    """What stands in the rows of a figure.

    Parameters
    ----------
    labels : list of str
        Of each row.
    layers : list of list of str
        The layers of each row: one, and in a last row perhaps many.
    """

    labels: list[str]
    layers: list[list[str]]

    def __len__(self) -> int:
        return len(self.labels)

    def sums(self, result: RunResult, measure: str) -> dict[str, list[float]]:
        """Sum a measure of the layer table: by scheme, then by row."""
        table = result.sums.layers
        by_layer = sums(table.rows("scheme", "layer"), table[measure])
        return {
            scheme: [sum(by_layer[scheme, layer] for layer in layers) for layers in self.layers]
            for scheme in result.schemes
        }

    def ratios(self, result: RunResult, measure: str) -> dict[str, list[float]]:
        """Give baseline over scheme of the same; NaN without a baseline."""
        found = self.sums(result, measure)
        first = found[result.baseline] if result.baseline else [math.nan] * len(self)
        return {
            scheme: [over(dense, own) for dense, own in zip(first, values, strict=True)]
            for scheme, values in found.items()
        }


def layer_rows(result: RunResult) -> LayerRows:
    """Choose the rows of a figure: every layer, or those that take the most energy.

    Parameters
    ----------
    result : RunResult
        Of one energy table.
    """
    names = [str(name) for name in distinct(result.sums.layers["layer"])]
    if len(names) <= MOST:
        return LayerRows([short(name) for name in names], [[name] for name in names])
    energy = sums(result.sums.layers["layer"], result.sums.layers["energy"])
    largest = set(sorted(names, key=lambda name: -energy[name])[: MOST - 1])
    kept = [name for name in names if name in largest]
    others = [name for name in names if name not in largest]
    labels = [*map(short, kept), count(len(others), "other layer")]
    return LayerRows(labels, [*([name] for name in kept), others])
