"""A layer's operands in the layouts that STONNE's GEMM functions take.

All files are raw little-endian, so that C++ reads them with ``fread`` and numpy with
``fromfile``. Dense values and bitmaps are row-major; compressed values hold what the bitmap marks,
``MK`` row by row and ``KN`` column by column. The groups of a layer follow one another, and those
of the compressed values begin where they would begin if nothing were left out, because that is
where STONNE looks for them (``simulateSparseGemmWithBitmapsForward``).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hwsim.engines.stonne.fabric.fibers import fill_short_fibers
from hwsim.workload.workload import Workload


@dataclass(frozen=True, eq=False)
class Operand:
    """One side (``mk`` or ``kn``) of the GEMMs of a layer.

    Fibers, shape (groups, fibers, K), are values along the reduction: the rows of ``MK`` or the
    columns of ``KN``. ``present`` is what the bitmap marks; fibers with fewer than three values are
    filled to three, as STONNE's own programs do.
    """

    name: str
    fibers: NDArray[np.float32]
    present: NDArray[np.bool_]

    @property
    def dense(self) -> NDArray[np.float32]:
        """Values, shape (groups, M, K) or (groups, K, N)."""
        return self.fibers if self.name == "mk" else self.fibers.transpose(0, 2, 1)

    @property
    def bitmap(self) -> NDArray[np.uint32]:
        """1 where a value is present, in the shape of ``dense``."""
        bits = self.present if self.name == "mk" else self.present.transpose(0, 2, 1)
        return bits.astype("<u4")

    @property
    def compressed(self) -> NDArray[np.float32]:
        """Present values fiber by fiber, shape (groups, fibers * K); zeros after the last."""
        groups = len(self.fibers)
        packed = np.zeros((groups, self.fibers[0].size), dtype="<f4")
        for group in range(groups):
            values = self.fibers[group][self.present[group]]
            packed[group, : values.size] = values
        return packed

    def write(self, folder: Path) -> None:
        """Write ``<name>_dense.f32``, ``<name>_bitmap.u32`` and ``<name>_compressed.f32``."""
        (folder / f"{self.name}_dense.f32").write_bytes(self.dense.astype("<f4").tobytes())
        (folder / f"{self.name}_bitmap.u32").write_bytes(self.bitmap.tobytes())
        (folder / f"{self.name}_compressed.f32").write_bytes(self.compressed.tobytes())


def operands(workload: Workload, values: NDArray[np.floating]) -> tuple[Operand, Operand]:
    """Lay out the weights of a layer and a dense streaming side of ones, as ``mk`` and ``kn``.

    A weight file holds no activations, and neither cycles nor counts depend on their values. The
    weights may have any shape that unrolls to (groups, filters, K).
    """
    groups, filters, K = workload.shape
    weights = np.asarray(values, dtype="<f4").reshape(groups, filters, K)
    present = fill_short_fibers(workload.nonzeros.reshape(-1, K)).reshape(groups, filters, K)
    ones = np.ones((groups, workload.streams, K), dtype="<f4")
    everywhere = np.ones(ones.shape, dtype=np.bool_)
    if workload.dataflow == "MK_STA_KN_STR":
        return Operand("mk", weights, present), Operand("kn", ones, everywhere)
    return Operand("mk", ones, everywhere), Operand("kn", weights, present)
