"""A sparse GEMM as STONNE's command line asks for it."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from hwsim.activity import Activity
from hwsim.arch import load_arch
from hwsim.engines.stonne.fabric.fibers import SHORTEST_FIBER, fill_short_fibers
from hwsim.engines.stonne.files.random_operands import draw_operands
from hwsim.engines.stonne.files.settings import StonneSettings
from hwsim.engines.stonne.sigma.gemms import simulate
from hwsim.engines.stonne.sigma.stream import Stream
from hwsim.errors import InputError

Bits = NDArray[np.bool_]
_SIZES: Final = ("num_ms", "dn_bw", "rn_bw")
_LEFT_STAYS: Final = "MK_STA_KN_STR"


def sparse_operands(
    settings: StonneSettings, mk: Bits | None = None, kn: Bits | None = None
) -> tuple[Bits, Bits]:
    """Give the stationary and the streaming matrix, a fiber of length K a row.

    Parameters
    ----------
    settings : StonneSettings
        Of ``SparseGEMM``. The program draws its operands; they are drawn again unless given. With
        ``optimize`` it sorts the stationary fibers, so that they fill the multipliers better.
    mk : ndarray of bool, shape (M, K), optional
        Where the left matrix is not zero.
    kn : ndarray of bool, shape (K, N), optional
        Where the right one is not.

    Raises
    ------
    InputError
        If a matrix has another shape than the settings say.
    """
    M, K, N = settings.numbers("M", "K", "N")
    for name, value in (("M", M), ("K", K), ("N", N)):
        if value < 1:
            raise InputError(f"{name} must be at least 1. Got {value}")
    if mk is None or kn is None:
        zeros = settings.numbers("MK_sparsity", "KN_sparsity")
        drawn = draw_operands((M, K), zeros[0], (K, N), zeros[1])
        mk, kn = drawn[0] if mk is None else mk, drawn[1] if kn is None else kn
    for name, matrix, shape in (("mk", mk, (M, K)), ("kn", kn, (K, N))):
        if np.shape(matrix) != shape:
            raise InputError(f"{name} should have the shape {shape}. Got {np.shape(matrix)}")
    left, right = np.asarray(mk, np.bool_), np.asarray(kn, np.bool_).T
    stationary, streaming = (left, right) if _left_stays(settings) else (right, left)
    if settings.number("optimize"):
        order = packing_order(np.count_nonzero(stationary, axis=1), settings.number("num_ms"))
        stationary = stationary[order]
    return stationary, streaming


def packing_order(sizes: NDArray[np.int64], num_ms: int) -> NDArray[np.int64]:
    """Sort fibers as STONNE's ``-optimize=1`` does.

    Those that do not fit into the multipliers come first. Of the others always the largest that
    fits beside those before it, the first of equal ones; each takes the place of the next one in
    line, which goes where it came from. Nothing fits: the multipliers are empty again.

    Parameters
    ----------
    sizes : ndarray of int, shape (fibers,)
        Non-zeros of each; fewer than three count as three.
    num_ms : int
        Multipliers.
    """
    left = np.maximum(sizes, SHORTEST_FIBER)
    order = np.arange(len(left))
    placed = 0

    def place(fiber: int) -> None:
        nonlocal placed
        for table in (left, order):
            table[[placed, fiber]] = table[[fiber, placed]]
        placed += 1

    for fiber in range(len(left)):
        if left[fiber] > num_ms:
            place(fiber)
    used = 0
    while placed < len(left):
        fitting = np.where(left[placed:] + used <= num_ms, left[placed:], 0)
        largest = int(fitting.argmax())
        if not fitting[largest]:
            used = 0
            continue
        used += int(fitting[largest])
        place(placed + largest)
    return order


def simulate_sparse(
    settings: StonneSettings, mk: Bits | None = None, kn: Bits | None = None
) -> Activity:
    """Run a sparse GEMM on SIGMA.

    Raises
    ------
    InputError
        As :func:`sparse_operands`, and for sizes that the machine cannot have.
    """
    arch = load_arch("sigma", {name: settings.number(name) for name in _SIZES})
    stationary, streaming = sparse_operands(settings, mk, kn)
    stream = Stream.of_bits(fill_short_fibers(streaming))
    return simulate(stationary[None], stream, arch, settings.text("dataflow"))


def _left_stays(settings: StonneSettings) -> bool:
    return settings.text("dataflow") == _LEFT_STAYS
