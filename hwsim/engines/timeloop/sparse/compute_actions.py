"""What compute units do: operations on two operands of which each may be zero or missing.

An operand is there and not zero, there and zero (plain tensors), or not there (compressed ones).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from hwsim.engines.timeloop.sparse._intersection import effectual_operations
from hwsim.engines.timeloop.sparse.propagation import ComputeEffect
from hwsim.engines.timeloop.sparse.rounding import TIMELOOP, Rounding
from hwsim.engines.timeloop.sparse.sparse_tile import ComputeTile, SparseTile
from hwsim.engines.timeloop.terms.problem import Problem
from hwsim.engines.timeloop.terms.sparse_spec import SparseOptimizations
from hwsim.errors import InputError


@dataclass(frozen=True)
class _Operand:
    """Chances of each state of an operand."""

    nonzero: float
    zero: float
    missing: float


def split_operations(
    problem: Problem,
    spaces: list[list[SparseTile]],
    compute: ComputeTile,
    sparse: SparseOptimizations,
    effect: ComputeEffect,
    rounding: Rounding = TIMELOOP,
    position_skipped: Collection[int] = (),
) -> None:
    """Split the operations that are left into done, gated and skipped.

    Parameters
    ----------
    problem, spaces, sparse
        Operands, their innermost representations, and what the units can do.
    compute : ComputeTile
        Changed in place.
    effect : ComputeEffect
        How much the storage has saved: what is left is more likely to meet non-zeros.
    rounding : Rounding
        Of counts and of densities.
    position_skipped : collection of int
        Data spaces whose empty positions units are not given, so that nothing is left of an
        operation there.

    Where both tensors are known, the operations on two non-zeros are counted, not estimated.

    Raises
    ------
    InputError
        If the problem has not two operands.
    """
    operands = [number for number, space in enumerate(problem.data_spaces) if not space.read_write]
    if len(operands) != 2:
        raise InputError(
            "problem: sparse optimisations are modelled for two operands; this problem has "
            f"{len(operands)}"
        )
    first, second = operands
    saved_first, saved_second = effect.saved[first], effect.saved[second]
    # Saving reads of one operand where the other is zero leaves more non-zeros of the other.
    a = _operand(problem, spaces, first, saved_second, rounding)
    b = _operand(problem, spaces, second, saved_first, rounding)

    total = float(compute.counts["random_compute"])
    if first in position_skipped:
        total, a = total * a.nonzero, _Operand(1.0, 0.0, 0.0)
    if second in position_skipped:
        total, b = total * b.nonzero, _Operand(1.0, 0.0, 0.0)
    skipped = gated = plain = 0.0
    one_missing = total * (a.nonzero * b.missing + a.missing * b.nonzero)
    zero_and_missing = total * (a.zero * b.missing + a.missing * b.zero)
    one_zero = total * (a.nonzero * b.zero + a.zero * b.nonzero)
    both_zero = total * (a.zero * b.zero)
    for chance, skippable in (
        (one_zero, False),
        (one_missing, True),
        (both_zero, False),
        (zero_and_missing, True),
    ):
        if skippable and sparse.compute_skips:
            skipped += chance
        elif sparse.compute_gates:
            gated += chance
        else:
            plain += chance
    nowhere = total * (a.missing * b.missing)
    compute.counts["skipped_compute"] = rounding.down(skipped)
    compute.counts["gated_compute"] = rounding.down(gated)
    effectual = effectual_operations(problem, first, second)
    if effectual is None:
        done = total - rounding.down(skipped) - rounding.down(gated) - rounding.down(nowhere)
    else:
        done = effectual + rounding.down(plain)
    compute.counts["random_compute"] = int(done) if rounding.rounds else done


def _operand(
    problem: Problem,
    spaces: list[list[SparseTile]],
    number: int,
    other_saved: float | None,
    rounding: Rounding,
) -> _Operand:
    scalar = (1,) * len(problem.data_spaces[number].projection)
    innermost = next((tile for tile in spaces[number] if tile.kept), None)
    if innermost is None:
        raise InputError(
            f"mapping: no level keeps {problem.data_spaces[number].name}; keep it in one at least"
        )
    expected = problem.densities[number].expected(scalar) * innermost.entries
    density = rounding.share(min(expected, 1.0))
    left = 1 - (other_saved or 0.0)
    nonzero = min(density / left, 1.0) if left else 1.0
    absent = 1 - nonzero
    if innermost.representation is not None:
        return _Operand(nonzero, 0.0, absent)
    return _Operand(nonzero, absent, 0.0)
