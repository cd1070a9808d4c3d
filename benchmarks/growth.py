"""How a run's cost grows with weights, columns, multipliers and layers; fitted exponents.

    python -m benchmarks.growth

SIGMA, three schemes, in this process, after a first run; the best of three, or one that takes long.
The exponent is the slope of log time over log size for the larger half of the sizes, where fixed
costs count least.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np

import hwsim
from benchmarks.markdown import table
from benchmarks.written_networks import many_layers
from hwsim.networks import Layer, Network


def growth_table() -> str:
    """Measure each."""
    rows = []
    for title, unit, sizes, run_of in SERIES:
        hwsim.run(many_layers(1))  # what is loaded once
        seconds = [_best(run_of(size)) for size in sizes]
        half = len(sizes) // 2
        exponent = np.polyfit(np.log(sizes[half:]), np.log(seconds[half:]), 1)[0]
        ends = f"{1e3 * seconds[0]:,.1f} to {1e3 * seconds[-1]:,.1f}"
        last = f"{1e6 * seconds[-1] / sizes[-1]:.4g}"
        rows.append([title, f"{sizes[0]:,} to {sizes[-1]:,}", ends, last, unit, f"{exponent:.2f}"])
    return table(["grows", "from, to", "ms", "us each at the end", "of", "exponent"], rows)


def _best(run: Callable[[], object], repeat: int = 3) -> float:
    """Take the best of several, or one that takes long."""
    times: list[float] = []
    while len(times) < repeat and sum(times) < 5:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def _weights(count: int) -> Callable[[], object]:
    """Run a square fully connected layer."""
    side = round(count**0.5)
    weight = np.random.default_rng(0).standard_normal((side, side), np.float32)
    network = Network("weights", (Layer("fc", "linear", weight),))
    return lambda: hwsim.run(network, quantize_layers=["fc"])


def _columns(count: int) -> Callable[[], object]:
    """Run a convolution 3 x 3, 64 to 64, on a map of so many positions."""
    side = round(count**0.5)
    weight = np.random.default_rng(0).standard_normal((64, 64, 3, 3), np.float32)
    layer = Layer("conv", "conv", weight, padding=(1, 1), input_size=(side, side))
    network = Network("columns", (layer,))
    return lambda: hwsim.run(network, quantize_layers=["conv"])


def _multipliers(count: int) -> Callable[[], object]:
    """Run a convolution 3 x 3, 256 to 256, on SIGMA with so many multipliers and ports."""
    weight = np.random.default_rng(0).standard_normal((256, 256, 3, 3), np.float32)
    layer = Layer("conv", "conv", weight, padding=(1, 1), input_size=(14, 14))
    network = Network("multipliers", (layer,))
    sizes = {"num_ms": count, "dn_bw": count, "rn_bw": count}
    return lambda: hwsim.run(network, overrides=sizes, quantize_layers=["conv"])


def _layers(count: int) -> Callable[[], object]:
    network = many_layers(count)
    return lambda: hwsim.run(network, quantize_layers=["*"])


#: What grows, what one of it is, the sizes, and what makes a run of a size.
SERIES: tuple[tuple[str, str, Sequence[int], Callable[[int], Callable[[], object]]], ...] = (
    ("weights", "weight", [4**n for n in range(8, 13)], _weights),
    ("columns", "column", [14**2 * 4**n for n in range(5)], _columns),
    ("multipliers", "multiplier", [2**n for n in range(5, 11)], _multipliers),
    ("layers", "layer", [10, 100, 1000, 10000], _layers),
)

if __name__ == "__main__":
    print(growth_table())
