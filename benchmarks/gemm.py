"""Measure ``simulate_gemm`` on M=64, K=576, N=784, 65 % zeros, 256 multipliers and ports.

Prints the wall time as a ratio to multiplying the two matrices with numpy, and the simulated cycles
a second against STONNE's.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

import hwsim

#: What STONNE took for 51,058 cycles of this GEMM, other zeros of the same density [s].
STONNE_SECONDS, STONNE_CYCLES = 128, 51_058


def main() -> None:
    rng = np.random.default_rng(0)
    mk = rng.random((64, 576)) < 0.35
    kn = rng.random((576, 784), dtype=np.float32)
    weights = (mk * rng.random(mk.shape)).astype(np.float32)
    arch = hwsim.load_arch("sigma")

    dense_side = best(lambda: hwsim.simulate_gemm(mk, 784, arch))
    real_side = best(lambda: hwsim.simulate_gemm(mk, kn, arch))
    product = best(lambda: weights @ kn)
    cycles = hwsim.simulate_gemm(mk, 784, arch).cycles
    speed, stonne = cycles / dense_side, STONNE_CYCLES / STONNE_SECONDS
    print("simulate_gemm, M=64 K=576 N=784, 65 % zeros, 256/256/256, best of 20")
    print(f"  784 dense columns        {1e3 * dense_side:8.2f} ms")
    print(f"  a real right matrix      {1e3 * real_side:8.2f} ms")
    print(f"  the product with numpy   {1e3 * product:8.2f} ms, ratio {dense_side / product:.1f}")
    print(f"  simulated                {cycles:8,} cycles, {speed:,.0f} a second")
    print(f"  against STONNE's {stonne:.0f} a second: {speed / stonne:,.0f} times as many")


def best(call: Callable[[], object], repeat: int = 20) -> float:
    """Find the shortest wall time of a call [s]."""
    call()
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


if __name__ == "__main__":
    main()
