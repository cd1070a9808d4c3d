"""What is known of the activations that stream past the weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hwsim.errors import InputError


@dataclass(frozen=True, eq=False)
class Activations:
    """Zeros of the streaming side: where they are, or what share is expected.

    Parameters
    ----------
    density : float
        Expected share of activations that are not zero, above 0 to 1; 1 is a dense stream. With
        ``nonzeros`` it is their share, whatever is given.
    nonzeros : ndarray of bool, shape (groups, streams, reduction), optional
        True where an activation of a streaming vector is not zero. Of several samples, (samples,
        groups, streams, reduction): each is evaluated, and results are those of one on average.
    by_channel : tuple of float, optional
        The share of each channel or feature, groups one after the other, 0 to 1; None where nobody
        knows, and where it is the same for all.
    own : tuple of (int, int), optional
        Rows, and columns, of a convolution's map that are the input's: before them, and how many;
        what lies around them are zeros of the padding, which the shares count. None where there is
        no padding, or the shares know nothing of it.

    Raises
    ------
    InputError
        For a share outside of its range, or an array of another kind.
    """

    density: float = 1.0
    nonzeros: NDArray[np.bool_] | None = None
    by_channel: tuple[float, ...] | None = None
    own: tuple[tuple[int, int], tuple[int, int]] | None = None

    def __post_init__(self) -> None:
        if self.nonzeros is not None:
            known = self.nonzeros
            if known.dtype != np.bool_ or known.ndim not in (3, 4) or not known.size:
                raise InputError(
                    "zeros of activations should be booleans of shape (groups, streams, "
                    f"reduction). Got {self.nonzeros.dtype} of shape {self.nonzeros.shape}"
                )
            share = np.count_nonzero(self.nonzeros) / self.nonzeros.size
            object.__setattr__(self, "density", float(share))
        elif not isinstance(self.density, Real) or not 0 < self.density <= 1:
            given = f"{self.density:g}" if isinstance(self.density, Real) else repr(self.density)
            raise InputError(f"activation density {given}: expected a share above 0, at most 1")
        self._check_channels()
        if self.nonzeros is not None:
            object.__setattr__(self, "own", None)

    def _check_channels(self) -> None:
        shares = self.by_channel
        if shares is None:
            return
        plain = isinstance(shares, tuple) and all(isinstance(each, Real) for each in shares)
        if not plain or not shares or not all(0 <= each <= 1 for each in shares):
            raise InputError(
                f"activations by channel should be shares from 0 to 1. Got {shares!r:.80}"
            )
        alike = len(set(shares)) == 1 or self.nonzeros is not None
        known = None if alike else tuple(float(each) for each in shares)
        object.__setattr__(self, "by_channel", known)

    @property
    def uneven(self) -> bool:
        """Whether shares are known that are not the same everywhere: by channel, beside padding."""
        return self.by_channel is not None or self.own is not None

    @property
    def expected(self) -> dict[str, Any]:
        """The shares and what else is expected, as JSON knows it; :meth:`of` takes it back."""
        return {"density": self.density, "by_channel": self.by_channel, "own": self.own}

    @classmethod
    def of(cls, expected: Mapping[str, Any], nonzeros: NDArray[np.bool_] | None) -> Activations:
        """Put together what :attr:`expected` gives and where zeros are."""
        shares, own = expected["by_channel"], expected["own"]
        return cls(
            expected["density"],
            nonzeros,
            None if shares is None else tuple(shares),
            None if own is None else (tuple(own[0]), tuple(own[1])),
        )

    @property
    def samples(self) -> int:
        """Samples whose zeros are known; 1 where none are."""
        return 1 if self.nonzeros is None or self.nonzeros.ndim == 3 else len(self.nonzeros)

    @property
    def dense(self) -> bool:
        """Whether no activation is zero as far as is known."""
        return self.density == 1.0
