"""Convolutions of few-level weights on the processor that runs this, by merged sums.

``bench`` measures them beside dense products; ``MergedConvolution`` is one of them. Needs the extra
``hwsim[cpu]``.
"""

from hwsim.kernels.digits import Digits, digits_of
from hwsim.kernels.group_sums import Tile
from hwsim.kernels.measuring import bench
from hwsim.kernels.merged import MergedConvolution
from hwsim.kernels.result import BenchResult

__all__ = ["BenchResult", "Digits", "MergedConvolution", "Tile", "bench", "digits_of"]
