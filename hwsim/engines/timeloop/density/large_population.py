"""Hypergeometric chances for tensors of more than 104,723 points, with the real program's error.

Timeloop takes its chances from Boost's mathematics library. Up to the largest prime of its table
Boost factorises and is right to the last bit of a double, and so is
:mod:`hwsim.engines.timeloop.density.density`. Beyond, it evaluates

    n! r! (N-n)! (N-r)! / (N! x! (n-x)! (r-x)! (N-n-r+x)!)

by Lanczos' approximation in extended precision, as a product of nine powers whose exponents are
reduced against each other; that leaves relative errors of about 1e-15. They decide which way
Timeloop rounds counts that would be whole, so the same operations are done here in the same order,
for all occupancies at once.

Constants: Lanczos' series with g = 12.2252 and 17 terms, scaled by exp(-g), for 64-bit mantissas
(G. Pugh, An Analysis of the Lanczos Gamma Approximation, 2004; as tabulated by Boost 1.74).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Extended = npt.NDArray[np.longdouble]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: The largest population that Boost factorises.
LARGEST_EXACT: Final = 104_723

_G: Final = np.longdouble("12.2252227365970611572265625")
_NUMERATOR: Final = tuple(
    np.longdouble(text)
    for text in (
        "2715894658327.717377557655133124376674911",
        "3590179526097.912105038525528721129550434",
        "2223966599737.814969312127353235818710172",
        "856940834518.9562481809925866825485883417",
        "229885871668.749072933597446453399395469",
        "45526171687.54610815813502794395753410032",
        "6884887713.165178784550917647709216424823",
        "811048596.1407531864760282453852372777439",
        "75213915.96540822314499613623119501704812",
        "5509245.417224265151697527957954952830126",
        "317673.5368435419126714931842182369574221",
        "14268.27989845035520147014373320337523596",
        "489.3618720403263670213909083601787814792",
        "12.38941330038454449295883217865458609584",
        "0.2183627389504614963941574507281683147897",
        "0.002393749522058449186690627996063983095463",
        "0.1229541408909435212800785616808830746135e-4",
    )
)
#: Coefficients of z (z + 1) ... (z + 15).
_DENOMINATOR: Final = tuple(
    np.longdouble(coefficient)
    for coefficient in (
        0,
        1307674368000,
        4339163001600,
        6165817614720,
        5056995703824,
        2706813345600,
        1009672107080,
        272803210680,
        54631129553,
        8207628000,
        928095740,
        78558480,
        4899622,
        218400,
        6580,
        120,
        1,
    )
)
_SMALLEST: Final = np.finfo(np.longdouble).tiny
_HALF: Final = np.longdouble(0.5)
#: Keeps the table of repeated factors small.
_FACTORS_AT_ONCE: Final = 2**18


def chances(found: Ints, nonzeros: Ints, draws: int, population: int) -> Floats:
    """Chances of finding so many non-zeros among points drawn without putting them back.

    Parameters
    ----------
    found, nonzeros : ndarray of int, same shape
        Non-zeros drawn; non-zeros among all points. All combinations have to be possible.
    draws, population : int
        Points drawn; all points.
    """
    x, r = found.astype(np.longdouble), nonzeros.astype(np.longdouble)
    n, N = np.longdouble(draws), np.longdouble(population)
    one = np.ones_like(x)
    above = [n * one, r, (N - n) * one, N - r]
    below = [N * one, x, n - x, r - x, N - n - r + x]
    bases = np.stack(
        [part + _G + _HALF for part in above] + [1 / (part + _G + _HALF) for part in below]
    )
    exponents = np.stack([part + _HALF for part in [*above, *below]])
    result = _product_of_powers(bases, exponents)
    over, under = (_gamma_rest(part + 1) for part in (np.stack(above), np.stack(below)))
    result *= over.prod(axis=0) / under.prod(axis=0)
    return np.clip(result, 0, 1).astype(np.float64)


def _gamma_rest(z: Extended) -> Extended:
    """Lanczos' series, what is left of a factorial beside powers; z is at least 1."""
    inverse = 1 / z
    above, below = np.full_like(z, _NUMERATOR[0]), np.full_like(z, _DENOMINATOR[0])
    for numerator, denominator in zip(_NUMERATOR[1:], _DENOMINATOR[1:], strict=True):
        above = above * inverse + numerator
        below = below * inverse + denominator
    return above / below


def _product_of_powers(bases: Extended, exponents: Extended) -> Extended:
    """Multiply powers of nine bases, shape (9, count), which fold into each other first."""
    order = np.argsort(-exponents, axis=0, kind="stable")
    bases, exponents = (np.take_along_axis(part, order, axis=0) for part in (bases, exponents))
    scales = np.take_along_axis(
        np.broadcast_to(np.array([-1, -1, -1, -1, 1, 1, 1, 1, 1])[:, None], bases.shape),
        order,
        axis=0,
    )
    scales = scales.astype(np.int64)
    product = np.zeros(bases.shape[1], dtype=np.longdouble)
    active = np.arange(bases.shape[1])
    while len(active):
        gone = _fold(exponents, bases, scales)
        done = gone | (exponents[1] <= 1)
        if done.any():
            ready = done & ~gone
            product[active[ready]] = _multiply(
                bases[:, ready], exponents[:, ready], scales[:, ready]
            )
            active = active[~done]
            bases, exponents, scales = bases[:, ~done], exponents[:, ~done], scales[:, ~done]
    return product


def _fold(exponents: Extended, bases: Extended, scales: Ints) -> npt.NDArray[np.bool_]:
    """Take the second largest power out of the largest until that is no longer the largest.

    Returns which products vanish.
    """
    halves = (2 * exponents[:2]).astype(np.int64)
    times = np.maximum(-(-(halves[0] - halves[1]) // halves[1]), 1)
    exponents[0] -= times * exponents[1]
    scales[1] += times * scales[0]
    bases[1] = _multiply_again(bases[1], bases[0], times)
    gone: npt.NDArray[np.bool_] = (bases[1] < _SMALLEST) & (exponents[1] != 0)
    columns = np.arange(exponents.shape[1])
    for place in range(8):
        columns = columns[exponents[place, columns] <= exponents[place + 1, columns]]
        if not len(columns):
            break
        for part in (exponents, bases, scales):
            upper = part[place, columns]
            part[place, columns] = part[place + 1, columns]
            part[place + 1, columns] = upper
    return gone


def _multiply_again(product: Extended, factor: Extended, times: Ints) -> Extended:
    """Multiply one by one, so that every step rounds; a factor of 1 changes nothing."""
    most = int(times.max())
    if most == 1:
        return product * factor
    at_once = _FACTORS_AT_ONCE // len(product) + 1
    for first in range(0, most, at_once):
        steps = np.arange(first, min(first + at_once, most))[:, None]
        factors = np.where(steps < times, factor, np.longdouble(1))
        product = np.multiply.reduce(np.concatenate((product[None], factors)), axis=0)
    return product


def _multiply(bases: Extended, exponents: Extended, scales: Ints) -> Extended:
    for place in range(8, 0, -1):
        equal = (exponents[place] > 0) & (exponents[place - 1] == exponents[place])
        bases[place - 1] = np.where(equal, bases[place - 1] * bases[place], bases[place - 1])
        scales[place - 1] = np.where(equal, scales[place - 1] + scales[place], scales[place - 1])
        exponents[place] = np.where(equal, 0, exponents[place])
    result = np.ones(bases.shape[1], dtype=np.longdouble)
    for place in range(9):
        exponent = exponents[place]
        columns = np.flatnonzero((exponent > 0) & (result >= _SMALLEST))
        if not len(columns):
            continue
        scaled = bases[place, columns] * np.exp(scales[place, columns].astype(np.longdouble))
        own = exponent[columns]
        power = np.power(scaled, own)
        if place:  # the first is a power whatever its exponent
            power = np.where(own == 1, scaled, np.where(own == _HALF, np.sqrt(scaled), power))
        result[columns] *= power
    return np.where(result < _SMALLEST, 0, result)
