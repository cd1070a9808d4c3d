"""The stationary matrix in blocks of k, and which of its values meet anything.

A cycle brings as many words of a streaming vector as the memory gives, so the reduction is cut into
blocks of as many k. The controller takes the OR of the streaming vectors' bit maps and the AND of
it with the stationary one: a value that meets zeros only is not loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from hwsim.workload.workload import Workload

#: Whole numbers, or expected values.
Counts = NDArray[np.number[Any]]
_Value = TypeVar("_Value", bound=np.generic)


@dataclass(frozen=True, eq=False)
class Blocks:
    """Blocks of the groups one after the other, B of them.

    Parameters
    ----------
    bits : ndarray of bool, shape (B, rows, k of a block)
        Stationary values that are loaded; the last block of a group is filled with zeros.
    meets : ndarray, shape (B, k of a block)
        Streaming vectors that are not zero at a k: how often a stationary value multiplies. Floats
        where they are expected.
    groups : int
        Groups that the blocks belong to.
    """

    bits: NDArray[np.bool_]
    meets: Counts
    groups: int


def block(workload: Workload, width: int) -> Blocks:
    """Cut a workload's matrices into blocks of ``width`` k.

    Parameters
    ----------
    workload : Workload
        Its weights stay. Where only a share of the streaming zeros is known, each k meets that
        share of the vectors, and nothing is known to meet zeros only but what meets a channel whose
        share is 0.
    width : int
        The k of a block, at least 1.
    """
    bits, meets = workload.nonzeros, _meets(workload)
    if not workload.activations.dense:
        bits = bits & (meets > 0)[:, None, :]
    width = min(width, workload.K)
    return Blocks(
        bits=_in_blocks(bits, width),
        meets=_in_blocks(meets[:, None, :], width)[:, 0],
        groups=workload.groups,
    )


def _meets(workload: Workload) -> Counts:
    """Count the streaming vectors that are not zero at each k of each group."""
    known = workload.activations.nonzeros
    if known is not None:
        return np.asarray(np.count_nonzero(known, axis=1))
    columns = workload.streams
    if workload.activations.dense:
        return np.full((workload.groups, workload.K), columns)
    return columns * workload.shares_of_k()


def _in_blocks(matrix: NDArray[_Value], width: int) -> NDArray[_Value]:
    """Cut (groups, rows, K) into (groups x blocks, rows, width), filled with zeros at the end."""
    groups, rows, K = matrix.shape
    blocks = -(-K // width)
    filled = np.zeros((groups, rows, blocks * width), dtype=matrix.dtype)
    filled[:, :, :K] = matrix
    of_blocks = filled.reshape(groups, rows, blocks, width).transpose(0, 2, 1, 3)
    return of_blocks.reshape(groups * blocks, rows, width)
