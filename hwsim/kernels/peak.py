"""What the processor reaches at best, measured."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from hwsim.kernels._memory import aligned
from hwsim.kernels.code import Code
from hwsim.kernels.host import function, host

_ROUNDS: Final = 200_000
_TRIES: Final = 15
_KINDS: Final = ("fma", "add", "load")


@dataclass(frozen=True)
class Peak:
    """Operations of one thread, in 1e9 floats a second.

    Parameters
    ----------
    fma : float
        Multiply-accumulates, all operands in registers.
    add : float
        Additions, all operands in registers.
    load : float
        Additions of operands that come from the L1 cache.
    """

    fma: float
    add: float
    load: float


def measure_peak() -> Peak:
    """Run loops of nothing but these operations, the best of several times."""
    return Peak(*map(_measure, _KINDS))


def _measure(kind: str) -> float:
    chains = host().registers // 2
    panel = aligned(64 * host().lanes, host().vector_bytes)
    run = function(_text(kind, chains), "peak", 2)
    best = float("inf")
    for _ in range(_TRIES):
        start = time.thread_time()
        run(panel.ctypes.data, _ROUNDS)
        best = min(best, time.thread_time() - start)
    return _ROUNDS * chains * host().lanes / best / 1e9


def _text(kind: str, chains: int) -> str:
    """Write a loop of chains that do not wait for each other, one a register."""
    code = Code("peak", "ptr noalias %panel, i64 %rounds", host().lanes)
    width = host().vector_bytes
    first, second = code.load("%panel"), code.load("%panel", width)
    kept = [code.variable(code.vector, code.load("%panel", n * width)) for n in range(chains)]
    with code.loop("%rounds") as number:
        # Elsewhere in each round, so that loads stay in the loop.
        moved = code.let(f"mul i64 {code.let(f'and i64 {number}, 31')}, {width}")
        here = code.at("%panel", moved)
        for chain, place in enumerate(kept):
            before = code.let(f"load {code.vector}, ptr {place}")
            if kind == "fma":
                after = code.let(
                    f"call {code.vector} @llvm.fma({code.vector} {before}, {code.vector} {first}, "
                    f"{code.vector} {second})"
                )
            elif kind == "add":
                after = code.add(before, first)
            else:
                after = code.add(before, code.load(here, chain * width))
            code.do(f"store {code.vector} {after}, ptr {place}")
    for chain, place in enumerate(kept):
        value = code.let(f"load {code.vector}, ptr {place}")
        code.store(value, "%panel", chain * width)
    lanes = host().lanes
    name = f"@llvm.fma.v{lanes}f32"
    declared = f"declare {code.vector} {name}({', '.join([code.vector] * 3)})\n"
    return declared + code.text().replace("@llvm.fma(", f"{name}(")
