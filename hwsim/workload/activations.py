"""What is known of the activations that stream past the weights."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real

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
        True where an activation of a streaming vector is not zero.

    Raises
    ------
    InputError
        For a share outside of its range, or an array of another kind.
    """

    density: float = 1.0
    nonzeros: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        if self.nonzeros is not None:
            if self.nonzeros.dtype != np.bool_ or self.nonzeros.ndim != 3:
                raise InputError(
                    "zeros of activations should be booleans of shape (groups, streams, "
                    f"reduction). Got {self.nonzeros.dtype} of shape {self.nonzeros.shape}"
                )
            share = np.count_nonzero(self.nonzeros) / self.nonzeros.size
            object.__setattr__(self, "density", float(share))
        elif not isinstance(self.density, Real) or not 0 < self.density <= 1:
            given = f"{self.density:g}" if isinstance(self.density, Real) else repr(self.density)
            raise InputError(f"activation density {given}: expected a share above 0, at most 1")

    @property
    def dense(self) -> bool:
        """Whether no activation is zero as far as is known."""
        return self.density == 1.0
