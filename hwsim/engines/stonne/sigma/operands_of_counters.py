"""Whose data STONNE's counters of a sparse GEMM count: its files sum over operands.

The totals of its memory controller tell weights, activations and partial sums apart, and each
takes a known way: a stationary value or a returning partial sum passes one node of every depth of
a port's tree, a multiplication pushes one activation, one product and its weight anew.

Which reads nobody waits for, and what happens on which level of a tree, is in no file of STONNE:
it follows from where the operands are not zero, by the rules of the engine ``sigma``.
"""

from __future__ import annotations

from dataclasses import replace

from hwsim.activity import (
    ACTIVATIONS,
    OUTPUTS,
    PARTIAL_SUMS,
    UNUSED_ACTIVATIONS,
    WEIGHTS,
    ActionKey,
    Activity,
)
from hwsim.errors import InputError

_PRODUCTS = ("MSNetwork", "MULTIPLIER", "MULTIPLICATION")
_PUSHED, _POPPED = ("MSNetwork", "FIFO", "PUSH"), ("MSNetwork", "FIFO", "POP")
_READ, _WRITTEN = (
    ("GlobalBuffer", "GLOBALBUFFER", "READ"),
    ("GlobalBuffer", "GLOBALBUFFER", "WRITE"),
)
#: Counters of every machine that runs a sparse GEMM.
_ALWAYS_COUNTED = (_PRODUCTS, _PUSHED, _POPPED, _READ, _WRITTEN)


def split_operands(activity: Activity, num_ms: int, dn_bw: int, outputs: int) -> Activity:
    """Tell apart the operands of a sparse GEMM that STONNE ran.

    Parameters
    ----------
    activity : Activity
        Of one group, as read from STONNE's files.
    num_ms, dn_bw : int
        Multipliers and read ports.
    outputs : int
        Values of the result: M x N.

    Returns
    -------
    Activity
        The same with an operand for each count, as the engine ``sigma`` names them.

    Raises
    ------
    InputError
        If a counter is missing, or counters and totals of the controller do not fit one another.
    """
    totals = activity.by_action()
    for action in _ALWAYS_COUNTED:
        if action not in totals:
            raise InputError(f"{' '.join(action)}: no such counter")
    weights = int(activity.statistics["N_SRAM_weight_reads"])
    sums = int(activity.statistics["N_SRAM_psum_reads"])
    multiplications = totals[_PRODUCTS]
    switches = (num_ms // dn_bw).bit_length() - 1
    resting = totals[_PUSHED] - totals[_POPPED]
    # What is known of each action; the rest of its count belongs to the operand named last.
    known: dict[tuple[str, str, str], tuple[dict[str, float], str]] = {
        ("DSNetwork", "DN_WIRE", "WRITE"): (
            {WEIGHTS: weights * (switches + 1), PARTIAL_SUMS: sums * (switches + 1)},
            ACTIVATIONS,
        ),
        ("DSNetwork", "SWITCH", "ROUTE_UNICAST"): (
            {WEIGHTS: weights * switches, PARTIAL_SUMS: sums * switches},
            ACTIVATIONS,
        ),
        ("DSNetwork", "SWITCH", "ROUTE_BROADCAST"): ({}, ACTIVATIONS),
        ("MSNetwork", "MULTIPLIER", "FORWARD_PSUM"): ({}, PARTIAL_SUMS),
        _PUSHED: (
            {WEIGHTS: weights + multiplications, ACTIVATIONS: multiplications},
            PARTIAL_SUMS,
        ),
        _POPPED: (
            {WEIGHTS: weights + multiplications - resting, ACTIVATIONS: multiplications},
            PARTIAL_SUMS,
        ),
        ("ReduceNetwork", "RN_WIRE", "WRITE"): ({}, PARTIAL_SUMS),
        ("ReduceNetwork", "FIFO", "PUSH"): ({}, PARTIAL_SUMS),
        ("ReduceNetwork", "FIFO", "POP"): ({}, PARTIAL_SUMS),
        _READ: (
            {WEIGHTS: weights, PARTIAL_SUMS: sums},
            ACTIVATIONS,
        ),
        _WRITTEN: ({OUTPUTS: outputs}, PARTIAL_SUMS),
        ("CollectionBus", "CB_WIRE", "WRITE"): ({}, PARTIAL_SUMS),
        ("CollectionBus", "FIFO", "PUSH"): ({}, PARTIAL_SUMS),
        ("CollectionBus", "FIFO", "POP"): ({}, PARTIAL_SUMS),
    }
    counts: dict[ActionKey, float] = {}
    for action, total in totals.items():
        shares, rest = known.get(action, ({}, ""))
        left = total - sum(shares.values())
        if left < 0:
            raise InputError(
                f"{' '.join(action)}: {total} counted, but the memory controller's totals alone "
                f"make {total - left}"
            )
        counts |= {ActionKey(*action, operand): share for operand, share in shares.items()}
        counts[ActionKey(*action, rest)] = left
    return replace(activity, counts=counts)


def add_what_rules_tell(activity: Activity, ours: Activity) -> Activity:
    """Add which reads nobody waits for and the levels of the trees.

    Parameters
    ----------
    activity : Activity
        Of one group, from :func:`split_operands`.
    ours : Activity
        What the engine ``sigma`` finds for the same zeros.

    Returns
    -------
    Activity
        The same counts in sum. Where a count of the program is not that of our engine, the rules
        do not tell how it spreads, and nothing is said of it.
    """
    used = ActionKey("GlobalBuffer", "GLOBALBUFFER", "READ", ACTIVATIONS)
    unused = used._replace(operand=UNUSED_ACTIVATIONS)
    counts = dict(activity.counts)
    if counts.get(used) == ours.counts[used] + ours.counts[unused]:
        counts |= {used: ours.counts[used], unused: ours.counts[unused]}
    levels = {
        key: spread
        for key, spread in ours.levels.items()
        if activity.counts.get(key) == ours.counts[key]
    }
    return replace(activity, counts=counts, levels=levels)
