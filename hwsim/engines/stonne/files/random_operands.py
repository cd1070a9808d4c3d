"""The operands that STONNE's program draws for itself, drawn again.

``stonne -SparseGEMM`` never seeds the C library's ``rand()``, so it draws the same matrices in
every run. The GNU C library documents ``rand()`` as an additive feedback generator with the
polynomial x^31 + x^3 + 1: each number is the sum, modulo 2^32, of those 3 and 31 places before,
and its lowest bit is dropped. The 34 numbers before the first come from the seed by the minimal
standard generator 16807 x mod (2^31 - 1), and 310 numbers are thrown away.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

_SEED = 1  # what the C standard prescribes for a program that never calls srand
_LONG_LAG, _SHORT_LAG = 31, 3
_DISCARDED = 310
_MODULUS = 2**32


def glibc_rand() -> Iterator[int]:
    """Yield what successive calls of ``rand()`` return in a program that never seeds it."""
    state = [_SEED]
    for _ in range(_LONG_LAG - 1):
        state.append(16807 * state[-1] % (2**31 - 1))
    latest = deque(state + state[:_SHORT_LAG], _LONG_LAG)
    for count in itertools.count():
        latest.append((latest[0] + latest[-_SHORT_LAG]) % _MODULUS)
        if count >= _DISCARDED:
            yield latest[-1] >> 1


def draw_operands(
    mk_shape: tuple[int, int],
    mk_sparsity: int,
    kn_shape: tuple[int, int],
    kn_sparsity: int,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Draw where the operands of ``stonne -SparseGEMM`` are not zero.

    Parameters
    ----------
    mk_shape : (int, int)
        M, K.
    mk_sparsity : int
        Of the command line.
    kn_shape : (int, int)
        K, N.
    kn_sparsity : int
        Of the command line.

    Returns
    -------
    (ndarray of bool, ndarray of bool)
        (M, K) and (K, N); the left matrix is drawn first, row by row. A value that is not zero
        takes a second number.
    """
    numbers = glibc_rand()
    return _draw(numbers, mk_shape, mk_sparsity), _draw(numbers, kn_shape, kn_sparsity)


def _draw(numbers: Iterator[int], shape: tuple[int, int], sparsity: int) -> NDArray[np.bool_]:
    bits = bytearray(shape[0] * shape[1])
    draw = numbers.__next__
    for place in range(len(bits)):
        if draw() % 100 > sparsity:
            bits[place] = 1
            draw()
    return np.frombuffer(bits, dtype=np.bool_).reshape(shape)
