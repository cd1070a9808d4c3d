"""Memory whose first value stands at the start of a vector."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def aligned(count: int, width: int) -> NDArray[np.float32]:
    """Make so many zeros, the first at an address that the width in bytes divides."""
    raw = np.zeros(count * 4 + width, dtype=np.uint8)
    start = -raw.ctypes.data % width
    return raw[start : start + count * 4].view(np.float32)
