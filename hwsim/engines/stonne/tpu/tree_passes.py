"""The mesh with MAERI's tree of adders behind it, as STONNE puts the two together.

The tree is set for virtual neurons of one product each that lie side by side from its first leaf
on, but multiplier (i, j) is wired to leaf ``i * ms_cols + j``. Its products leave the tree at the
first adder on their way up that some neuron is set for, and are added up in the accumulator there.
Where several multipliers come to one accumulator, or meet in an adder, a run goes well only if the
products of one have all passed before those of another come. So a pass is stepped; the next one
that begins with the lines of the bus at the same inputs does the same.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from hwsim.engines.stonne.components.reduction import Reduction
from hwsim.engines.stonne.files.report import CounterLine, Unbroken
from hwsim.engines.stonne.tpu.sizes import MeshSizes
from hwsim.engines.stonne.tpu.tile import Gemm, Tile
from hwsim.engines.stonne.tpu.timing import CONFIGURATION, last_products
from hwsim.errors import InputError

#: The figure that is the sum of what waited, over all cycles.
_AVERAGE: Final = "N_Conflicts_Average"
#: The figure of which the largest of all passes counts.
_LARGEST: Final = "Max_occupancy"
#: Cycles from the last product on: through the tree, the accumulator and the bus are fewer, and
#: the outputs of a pass wait for one another.
_PATIENCE: Final = 100

#: The input whose turn it is, of each line of the bus.
_Turns = tuple[int, ...]


class _Pass(NamedTuple):
    """What the components behind the mesh did in a pass."""

    cycles: int
    figures: Mapping[str, Any]
    counters: Mapping[str, Sequence[CounterLine]]
    waited: Sequence[int]
    configuration: Mapping[str, Any]
    turns: _Turns


class BehindMesh(NamedTuple):
    """What a GEMM does behind the mesh.

    Parameters
    ----------
    cycles : int
        Of all passes.
    configuration : mapping
        How the adders are set in the last pass.
    figures, counters : mapping
        Of adders and accumulators, and of the bus, by the sections of the result files.
    """

    cycles: int
    configuration: Mapping[str, Any]
    figures: Mapping[str, Any]
    counters: Mapping[str, Sequence[CounterLine]]


def run_behind_tree(gemm: Gemm, tile: Tile, sizes: MeshSizes, *, accumulates: bool) -> BehindMesh:
    """Run a GEMM on a mesh whose products go through the tree.

    Parameters
    ----------
    gemm, tile, sizes
        What is run, in which pieces, and where; all fit one another.
    accumulates : bool
        Whether each adder has an accumulator.

    Raises
    ------
    InputError
        If products of different outputs would be added up, or outputs be lost.
    """
    turns: _Turns = (0,) * sizes.rn_bw
    known: dict[tuple[int, int, _Turns], _Pass] = {}
    times: dict[tuple[int, int, _Turns], int] = {}
    for rows, columns in tile.in_order(gemm):
        state = rows, columns, turns
        if state not in known:
            known[state] = _step(rows, columns, gemm.K, sizes, turns, accumulates=accumulates)
        times[state] = times.get(state, 0) + 1
        turns = known[state].turns
    passes = [(times[state], found) for state, found in known.items()]
    cycles = sum(number * found.cycles for number, found in passes)
    figures = _combined([(number, found.figures) for number, found in passes])
    for line, of_line in enumerate(figures["CollectionBusStats"]["CollectionBusLineStats"]):
        waited = sum(number * found.waited[line] for number, found in passes)
        of_line[_AVERAGE] = waited // cycles
    return BehindMesh(
        cycles=cycles,
        configuration=known[state].configuration,
        figures=figures,
        counters=_added_up([(number, found.counters) for number, found in passes]),
    )


def _step(
    rows: int, columns: int, K: int, sizes: MeshSizes, turns: _Turns, *, accumulates: bool
) -> _Pass:
    """Step a pass from the first cycle in which the controller sends."""
    reduction = Reduction(sizes.multipliers, sizes.rn_bw, "ASNETWORK", accumulates=accumulates)
    reduction.configure([1] * (rows * columns), K)
    reduction.accumulate(K)
    for line, turn in zip(reduction.lines, turns, strict=True):
        line.turn = turn
    products: dict[int, list[tuple[int, int]]] = {}  # by cycle: leaf and neuron
    for k in range(1, K + 1):
        for (row, column), made in _each(last_products(rows, columns, k, sizes).tolist()):
            pair = row * sizes.ms_cols + column, row * columns + column
            products.setdefault(made, []).append(pair)
    outputs = rows * columns
    last = max(products) + _PATIENCE + outputs
    cycle = received = 0
    waiting: deque[int] = deque()
    while received < outputs:
        if cycle > last:
            raise InputError(
                "rn_type=ASNETWORK behind a mesh: outputs of several accumulators meet on a wire "
                "of the collection bus and are lost: take another tile"
            )
        for wire in reduction.outputs:
            waiting.extend(wire.take())
        for _ in range((len(waiting) + 1) // 2):  # as the memory takes them
            waiting.popleft()
            received += 1
        reduction.cycle()
        for leaf, neuron in products.get(cycle, ()):
            reduction.inputs[leaf].send([neuron])
        cycle += 1
    cycles = CONFIGURATION + cycle
    return _Pass(
        cycles=cycles,
        figures={
            "ASNetworkStats": reduction.stats(cycles),
            "CollectionBusStats": reduction.bus_stats(cycles),
        },
        counters={
            "ReduceNetwork": reduction.counters(),
            "CollectionBus": reduction.bus_counters(),
        },
        waited=[line.waited for line in reduction.lines],
        configuration=reduction.configuration(),
        turns=tuple(line.turn for line in reduction.lines),
    )


def _each(table: Sequence[Sequence[int]]) -> list[tuple[tuple[int, int], int]]:
    return [((i, j), value) for i, row in enumerate(table) for j, value in enumerate(row)]


def _combined(parts: Sequence[tuple[int, Any]], name: str = "") -> Any:
    """Add up figures of the same form, each so many times; of a length the longest."""
    first = parts[0][1]
    if isinstance(first, Mapping):
        found = {
            key: _combined([(times, each[key]) for times, each in parts], key) for key in first
        }
        return Unbroken(found) if isinstance(first, Unbroken) else found
    if isinstance(first, Sequence):
        alike = zip(*(each for _, each in parts), strict=True)
        numbers = [times for times, _ in parts]
        return [_combined(list(zip(numbers, each, strict=True))) for each in alike]
    if name == _LARGEST:
        return max(each for _, each in parts)
    return sum(times * each for times, each in parts)


def _added_up(
    parts: Sequence[tuple[int, Mapping[str, Sequence[CounterLine]]]],
) -> dict[str, list[CounterLine]]:
    """Add up the lines of each section, each so many times."""
    _, first = parts[0]
    return {
        section: [
            CounterLine(
                line.component,
                {
                    action: sum(times * each[section][n].actions[action] for times, each in parts)
                    for action in line.actions
                },
            )
            for n, line in enumerate(lines)
        ]
        for section, lines in first.items()
    }
