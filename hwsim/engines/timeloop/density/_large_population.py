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

from fractions import Fraction
from typing import Final

import numpy as np
import numpy.typing as npt

from hwsim.engines.timeloop.density._double_double import Floats
from hwsim.engines.timeloop.density._extended import Extended, Ints, exponential_of

Bools = npt.NDArray[np.bool_]

#: The largest population that Boost factorises.
LARGEST_EXACT: Final = 104_723

_G: Final = Extended.of_fraction(Fraction("12.2252227365970611572265625"))
_NUMERATOR: Final = tuple(
    Extended.of_fraction(Fraction(text))
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
#: Coefficients of z (z + 1) ... (z + 15) but for the first, which is 0.
_DENOMINATOR: Final = tuple(
    Extended.of_integers(coefficient)
    for coefficient in (
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
_HALF: Final = Extended.of_fraction(Fraction(1, 2))
#: Exponent of the smallest number that is normal in extended precision.
_SMALLEST: Final = -16_382


def chances(found: Ints, nonzeros: Ints, draws: int, population: int) -> Floats:
    """Chances of finding so many non-zeros among ``draws`` points of the population.

    ``found`` and ``nonzeros`` are of one shape, and all combinations have to be possible.
    """
    if not len(found):
        return np.zeros(0)
    x, r, n, N = found, nonzeros, np.full_like(found, draws), np.full_like(found, population)
    above = np.stack([n, r, N - n, N - r])
    below = np.stack([N, x, n - x, r - x, N - n - r + x])
    one = Extended.of_integers(1)
    bases = Extended.stack(
        [*(_base(part) for part in above), *(one / _base(part) for part in below)]
    )
    exponents = np.concatenate((above, below)) + 0.5
    result, alive = _product_of_powers(bases, exponents)
    over, under = (_gamma_rest(Extended.of_integers(part + 1)) for part in (above, below))
    result = result * (over.product() / under.product())
    return np.where(alive, np.minimum(result.doubles(), 1), 0.0)


def _base(part: Ints) -> Extended:
    return Extended.of_integers(part) + _G + _HALF


def _gamma_rest(z: Extended) -> Extended:
    """Lanczos' series, what is left of a factorial beside powers; z is at least 1."""
    inverse = Extended.of_integers(1) / z
    above = _NUMERATOR[0] * inverse + _NUMERATOR[1]
    below = _DENOMINATOR[0]
    for numerator, denominator in zip(_NUMERATOR[2:], _DENOMINATOR[1:], strict=True):
        above = above * inverse + numerator
        below = below * inverse + denominator
    return above / below


def _product_of_powers(bases: Extended, exponents: Floats) -> tuple[Extended, Bools]:
    """Multiply powers of nine bases, shape (9, count), which fold into each other first.

    Returns the products and which of them do not vanish.
    """
    order = np.argsort(-exponents, axis=0, kind="stable")
    scales = np.repeat([-1, -1, -1, -1, 1, 1, 1, 1, 1], exponents.shape[1]).reshape(
        bases.high.shape
    )
    exponents, scales = (np.take_along_axis(part, order, axis=0) for part in (exponents, scales))
    bases = bases.each(lambda part: np.take_along_axis(part, order, axis=0))
    count = exponents.shape[1]
    alive = np.zeros(count, dtype=bool)
    active = np.arange(count)
    finished = []
    while len(active):
        gone = _fold(exponents, bases, scales)
        done = gone | (exponents[1] <= 1)
        ready = done & ~gone
        finished.append((active[ready], bases[:, ready], exponents[:, ready], scales[:, ready]))
        active = active[~done]
        bases, exponents, scales = bases[:, ~done], exponents[:, ~done], scales[:, ~done]
    places, ended, *rest = zip(*finished, strict=True)
    at = np.concatenate(places)
    last = Extended.join(ended, axis=1)
    exponents, scales = (np.concatenate(parts, axis=1) for parts in rest)
    found, left = _multiply(last, exponents, scales)
    product = Extended.ones(count)
    product.put(at, found)
    alive[at] = left
    return product, alive


def _fold(exponents: Floats, bases: Extended, scales: Ints) -> Bools:
    """Take the second largest power out of the largest until that is no longer the largest.

    Returns which products vanish.
    """
    largest, second = (2 * exponents[:2]).astype(np.int64)  # in halves
    times = np.maximum(-(-(largest - second) // second), 1)
    exponents[0] -= times * exponents[1]
    scales[1] += times * scales[0]
    bases.put(1, bases[1].times(bases[0], times))
    gone: Bools = bases.exponent[1] < _SMALLEST
    columns = np.arange(exponents.shape[1])
    for place in range(8):
        columns = columns[exponents[place, columns] <= exponents[place + 1, columns]]
        if not len(columns):
            break
        for part in (exponents, *bases.arrays, scales):
            upper = part[place, columns]
            part[place, columns] = part[place + 1, columns]
            part[place + 1, columns] = upper
    return gone


def _multiply(bases: Extended, exponents: Floats, scales: Ints) -> tuple[Extended, Bools]:
    """Multiply what is left of the powers; returns the products and which do not vanish."""
    for place in range(8, 0, -1):
        equal = np.flatnonzero((exponents[place] > 0) & (exponents[place - 1] == exponents[place]))
        bases.put((place - 1, equal), bases[place - 1, equal] * bases[place, equal])
        scales[place - 1, equal] += scales[place, equal]
        exponents[place, equal] = 0
    scaled = bases * exponential_of(scales)
    powers = scaled.power(exponents)
    roots = exponents[1:] == 0.5  # the first is a power whatever its exponent
    powers[1:].put(roots, scaled[1:][roots].square_root())
    result = Extended.ones(exponents.shape[1])
    for place in range(9):
        columns = np.flatnonzero((exponents[place] > 0) & (result.exponent >= _SMALLEST))
        result.put(columns, result[columns] * powers[place, columns])
    return result, result.exponent >= _SMALLEST
