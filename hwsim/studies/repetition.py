"""How often the weights of a network repeat, and what is saved by not adding twice."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hwsim.csv_tables import write_table
from hwsim.engines.repetition import (
    AS_THEY_ARE,
    METHODS,
    TILED,
    Counted,
    GroupedCodes,
    JumpTable,
    LevelCodes,
    Operations,
    Tile,
    count_dot_products,
    fewest,
)
from hwsim.engines.repetition.methods import LONGEST_BEST, counts
from hwsim.engines.repetition.pairs import MOST_FILTERS
from hwsim.engines.repetition.tile_search import GRID_FILTERS, GRID_POSITIONS
from hwsim.errors import InputError
from hwsim.networks.mapped import let_go
from hwsim.networks.network import Layer
from hwsim.schemes.quantized import QuantizedLayer
from hwsim.studies._manifest import manifest_text
from hwsim.studies.plan import Plan
from hwsim.studies.progress import stage
from hwsim.studies.request import Request
from hwsim.studies.workers.protocol import worker_count
from hwsim.version import __version__
from hwsim.workload.lower import levels_of

if TYPE_CHECKING:
    import pandas as pd

#: Stands in a tile for the whole reduction.
WHOLE: Final = sys.maxsize
GRID: Final = tuple(Tile(g, t) for g in GRID_FILTERS for t in (*GRID_POSITIONS, WHOLE))
#: What is asked for where nothing is said: the comparison, and signed-binary by its assignments.
SCHEMES: Final = (
    "dense",
    "binary",
    "ternary",
    "signed-binary:p=0",
    "signed-binary:p=0.25",
    "signed-binary",
    "signed-binary:p=1",
)
#: Widths by which a working set is told: those of the physical model's machines.
ACTIVATION_BITS: Final = 8
SUM_BITS: Final = 32
_TOTALS: Final = tuple(name for name in asdict(Operations()) if not name.startswith("tile_"))


@dataclass(frozen=True, eq=False)
class RepetitionResult:
    """What was counted.

    Parameters
    ----------
    layers : DataFrame
        A row for each scheme, layer, method and way with zeros (``zeros``: ``skipped``, or ``a
        level`` like others), at the tile with the fewest multiplications and additions (``G``
        filters, ``T`` positions): shape, ``sparsity``, and for one input the counts of
        :class:`~hwsim.engines.repetition.Operations`; ``groups_per_tile``, the
        ``working_set_bits`` of the largest tile, and ``arithmetic_per_mac``; for ``ucnn`` the
        tables with jumps of the best width (``jump_bits``).
    totals : DataFrame
        Their sums over the layers of a scheme whose weights are few levels, ``layers`` of them.
    tiles : DataFrame
        For each scheme, method and tile of the grid ``arithmetic_per_mac`` of those layers, zeros
        skipped; ``T`` is 0 for the whole reduction. ``ucnn-16`` and ``summerge-pairs`` are counted
        at the longest tile of each number of filters alone.
    notes : tuple of str
        What was not counted, and tiles that were larger than a layer.
    manifest : dict
        What was asked for, of which file.
    """

    layers: pd.DataFrame
    totals: pd.DataFrame
    tiles: pd.DataFrame
    notes: tuple[str, ...]
    manifest: dict[str, Any] = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values, ready for JSON."""
        return {
            "manifest": self.manifest,
            "notes": list(self.notes),
            **{name: getattr(self, name).to_dict(orient="records") for name in _TABLES},
        }

    def write(self, folder: Path) -> None:
        """Write a ``.csv`` file for each table, and ``manifest.json``, into an existing folder."""
        for name, file in _TABLES.items():
            write_table(getattr(self, name), folder / file)
        text = manifest_text({**self.manifest, "notes": list(self.notes)})
        (folder / "manifest.json").write_text(text, encoding="utf-8")


_TABLES: Final = {"layers": "repetition.csv", "totals": "totals.csv", "tiles": "tiles.csv"}


def count_repetition(
    request: Request, tiles: Sequence[Tile] = GRID, *, progress: bool = False
) -> RepetitionResult:
    """Count what a network's weights take under each scheme, by each method, at the best tile.

    Parameters
    ----------
    request : Request
        Network, schemes and layers; what it says of a machine does not matter.
    tiles : sequence of Tile
        To choose from for each layer; those that are larger than a layer are clipped to it.
    progress : bool
        Show how far it is, on standard error.

    Returns
    -------
    RepetitionResult

    Raises
    ------
    InputError
        If a file, a name or a value cannot be used, or no layer has few levels under any scheme.
    """
    import pandas as pd

    plan = Plan.of(request, kept=False)
    todo = [
        (scheme, layer)
        for scheme in plan.quantizers
        for layer in plan.chosen.layers
        if not layer.of_activations
    ]

    def count(scheme: str, layer: Layer) -> _Layer:
        counted = _Layer.of(scheme, plan.quantizers[scheme].layer(layer.name), tiles)
        let_go(layer.weight)
        return counted

    found: list[_Layer] = []
    pool = ThreadPoolExecutor(worker_count(None))  # array operations leave the interpreter's lock
    try:
        with stage("counting", len(todo), wanted=progress) as advance:
            for each in pool.map(count, *zip(*todo, strict=True)):
                found.append(each)
                advance(f"{each.scheme} {each.layer.name}")
    finally:
        pool.shutdown(cancel_futures=True)
    _refuse_nothing(plan, found)
    layers = pd.DataFrame([row for each in found for row in each.rows()])
    few = {(each.scheme, each.layer.name) for each in found if each.few}
    counted = layers[[pair in few for pair in zip(layers["scheme"], layers["layer"], strict=True)]]
    return RepetitionResult(
        layers=layers,
        totals=_totals(counted if few else layers),
        tiles=pd.DataFrame(_map(found, tiles)),
        notes=tuple(_notes(found, tiles, plan)),
        manifest=_manifest(plan, tiles),
    )


def parse_tile(text: str) -> Tile:
    """Read ``8x512``, G filters by T positions; ``8xK`` is the whole reduction.

    Raises
    ------
    InputError
        For anything else.
    """
    match = re.fullmatch(r"([1-9][0-9]{0,8})x(K|[1-9][0-9]{0,8})", text.strip())
    if match is None:
        raise InputError(
            f"--tile {text!r}: expected FILTERSxPOSITIONS, 1 or more of each, e.g. 8x512, or 8xK "
            "for the whole reduction"
        )
    filters, positions = match.groups()
    return Tile(int(filters), WHOLE if positions == "K" else int(positions))


@dataclass(frozen=True, eq=False)
class _Layer:
    """A layer under a scheme, and all that was counted of it.

    ``counted`` has, for each method and whether zeros are skipped, the tiles of the grid as they
    were clipped to the layer; ``jumps`` what tables with jumps take at the best tile of ``ucnn``.
    ``few`` tells whether its weights are few levels.
    """

    scheme: str
    layer: Layer
    density: float
    counted: dict[tuple[str, bool], list[Counted]]
    jumps: dict[bool, JumpTable]
    clipped: dict[Tile, Tile]
    few: bool

    @classmethod
    def of(cls, scheme: str, quantized: QuantizedLayer, tiles: Sequence[Tile]) -> _Layer:
        known = scheme, quantized.layer, quantized.density
        codes = _codes(quantized)
        if codes is None:
            none = {(AS_THEY_ARE, skip): [_multiplied(quantized, skip)] for skip in (True, False)}
            return cls(*known, none, {}, {}, few=False)
        clipped = {tile: codes.clip(tile) for tile in tiles}
        distinct = sorted(set(clipped.values()))
        # Of tiles that somebody asks for, each is counted by every method.
        longest = _longest(distinct) if tuple(tiles) == GRID else distinct
        counted: dict[tuple[str, bool], list[Counted]] = {}
        jumps: dict[bool, JumpTable] = {}
        for skip in (True, False):
            if not skip and quantized.density == 1:  # no zeros that could be skipped
                counted |= {(name, skip): counted[name, True] for name in METHODS}
                jumps[skip] = jumps[True]
                continue
            alone = Counted(distinct[0], count_dot_products(codes.weights, skip))
            counted |= {(name, skip): [] for name in METHODS} | {(AS_THEY_ARE, skip): [alone]}
            for tile in distinct if skip else longest:
                methods = TILED if tile in longest else LONGEST_BEST
                for name, operations in codes.count(tile, skip, methods).items():
                    counted[name, skip].append(Counted(tile, operations))
            best = fewest(counted["ucnn", skip]).tile
            jumps[skip] = codes.smallest_jump_table(best, skip)
        return cls(*known, counted, jumps, clipped, few=True)

    def rows(self) -> Iterator[dict[str, Any]]:
        layer = self.layer
        for (method, skip), counted in self.counted.items():
            if not counted:
                continue
            (filters, positions), best = fewest(counted)
            tiled = method != AS_THEY_ARE
            jump = self.jumps[skip] if method == "ucnn" else JumpTable(0, 0, 0)
            counts = {name: getattr(best, name) for name in _TOTALS}
            static = {name: counts.pop(name) for name in _OF_WEIGHTS}
            yield {
                "scheme": self.scheme,
                "layer": layer.name,
                "filters": layer.filters,
                "reduction": layer.reduction,
                "vectors": layer.columns,
                "sparsity": 1 - self.density,
                "method": method,
                "zeros": "skipped" if skip else "a level",
                "G": filters if tiled else 0,
                "T": positions if tiled else 0,
                "macs": layer.macs,
                "arithmetic": best.arithmetic * layer.columns,
                **{name: count * layer.columns for name, count in counts.items()},
                **static,
                "jump_bits": jump.jump_bits,
                "jump_table_entries": jump.entries,
                "jump_table_bits": jump.bits,
                "groups_per_tile": best.groups / best.tiles if best.tiles else 0.0,
                "working_set_bits": best.working_set_bits(ACTIVATION_BITS, SUM_BITS),
                "arithmetic_per_mac": best.arithmetic * layer.columns / layer.macs,
            }


def _longest(tiles: Sequence[Tile]) -> list[Tile]:
    """Give of each number of filters the tile with the most positions."""
    return list({tile.filters: tile for tile in sorted(tiles)}.values())


#: How often a number has to stand in its filter, in the mean, to count as a level: floats of a
#: short filter are few, and not one of them comes again.
_REPEATS: Final = 2
#: Counts that do not grow with the vectors.
_OF_WEIGHTS: Final = ("groups", "tiles", "table_entries", "table_bits")


def _codes(quantized: QuantizedLayer) -> GroupedCodes | None:
    """Code a layer's levels; None where each weight is a number of its own."""
    layer = quantized.layer
    levels = quantized.levels if quantized.coding == "value" else levels_of(quantized.levels)
    try:
        codes = LevelCodes.of(levels.reshape(layer.filters, layer.reduction))
    except InputError:
        return None
    if quantized.coding == "value":
        distinct = int(codes.ranks[:, codes.largest].sum())
        if quantized.effectual < _REPEATS * distinct:
            return None
    return GroupedCodes(codes, layer.groups)


def _multiplied(quantized: QuantizedLayer, skip_zeros: bool) -> Counted:
    """Count weights that are numbers of their own."""
    layer = quantized.layer
    added = quantized.effectual if skip_zeros else layer.filters * layer.reduction
    operations = Operations(
        multiplications=quantized.effectual,
        additions=added,
        terms=added,
        activation_reads=added,
        partial_sum_reads=layer.filters,
        partial_sum_writes=layer.filters,
        tile_activations=layer.reduction,
        tile_sums=1,
    )
    return Counted(Tile(1, layer.reduction), operations)


def _totals(rows: pd.DataFrame) -> pd.DataFrame:
    """Sum the layers of each scheme, method and way with zeros."""
    sums = ["macs", "arithmetic", *_TOTALS, "jump_table_bits"]
    by = rows.groupby(["scheme", "method", "zeros"], sort=False)
    totals = by[sums].sum().reset_index()
    weights = rows["filters"] * rows["reduction"]
    zero = (rows["sparsity"] * weights).groupby([rows[key] for key in by.keys], sort=False).sum()
    size = weights.groupby([rows[key] for key in by.keys], sort=False).sum()
    totals["weights"] = size.to_numpy()
    totals["layers"] = by.size().to_numpy()
    totals["sparsity"] = (zero / size).to_numpy()
    totals["arithmetic_per_mac"] = totals["arithmetic"] / totals["macs"]
    return totals


def _map(found: Sequence[_Layer], tiles: Sequence[Tile]) -> Iterator[dict[str, Any]]:
    """Give the arithmetic a MAC of each scheme's layers at each tile of the grid."""
    for scheme in dict.fromkeys(each.scheme for each in found if each.few):
        layers = [each for each in found if each.scheme == scheme and each.few]
        macs = sum(each.layer.macs for each in layers)
        for method in TILED:
            counts = [
                (each, {tile: ops.arithmetic for tile, ops in each.counted[method, True]})
                for each in layers
            ]
            for tile in tiles:
                if any(each.clipped[tile] not in of_tile for each, of_tile in counts):
                    continue
                arithmetic = sum(
                    of_tile[each.clipped[tile]] * each.layer.columns for each, of_tile in counts
                )
                yield {
                    "scheme": scheme,
                    "method": method,
                    "G": tile.filters,
                    "T": 0 if tile.positions == WHOLE else tile.positions,
                    "arithmetic_per_mac": arithmetic / macs,
                }


def _refuse_nothing(plan: Plan, found: Sequence[_Layer]) -> None:
    if any(each.few for each in found):
        return
    raise InputError(
        f"{plan.network.name}: repetition has nothing to count: under "
        f"{', '.join(plan.request.schemes)} each weight of a filter is a number of its own; choose "
        "a scheme with few levels (binary, ternary, signed-binary, dense:precision=int8), or "
        "layers that it changes"
    )


def _notes(found: Sequence[_Layer], tiles: Sequence[Tile], plan: Plan) -> Iterator[str]:
    for scheme in plan.request.schemes:
        of_scheme = [each for each in found if each.scheme == scheme]
        floats = [each.layer.name for each in of_scheme if not each.few]
        if floats:
            yield (
                f"{scheme}: nothing repeats in {len(floats)} of {len(of_scheme)} layers, whose "
                f"weights are numbers of their own ({', '.join(floats[:3])}"
                f"{', ...' if floats[3:] else ''})"
            )
    wide = sorted({f"{tile.filters}x{tile.positions}" for tile in _unpaired(found)})
    if wide and tuple(tiles) != GRID:
        yield (
            f"summerge-pairs: not counted at {', '.join(wide)}: it takes tiles of at most "
            f"{MOST_FILTERS} filters"
        )
    products = sum(layer.of_activations for layer in plan.chosen.layers)
    if products:
        yield f"{products} products of activations have no weights and are left out"
    if tuple(tiles) == GRID:
        return
    for tile in tiles:
        smaller = {
            each.layer.name: each.clipped[tile]
            for each in found
            if each.few
            and (
                each.clipped[tile].filters < tile.filters
                or (each.clipped[tile].positions < tile.positions < WHOLE)
            )
        }
        for clipped in sorted(set(smaller.values())):
            names = [name for name, own in smaller.items() if own == clipped]
            positions = "K" if tile.positions == WHOLE else tile.positions
            yield (
                f"tile {tile.filters}x{positions} is larger than {', '.join(names)}: "
                f"{clipped.filters}x{clipped.positions} there"
            )


def _unpaired(found: Sequence[_Layer]) -> set[Tile]:
    tiles = {tile for each in found for tile in each.clipped.values()}
    return {tile for tile in tiles if not counts("summerge-pairs", tile)}


def _manifest(plan: Plan, tiles: Sequence[Tile]) -> dict[str, Any]:
    network = plan.network
    return {
        "hwsim": __version__,
        "python": platform.python_version(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": None,
        "network": {"name": network.name, "file": network.path, "sha256": network.sha256},
        "schemes": list(plan.request.schemes),
        "layers": [layer.name for layer in plan.chosen.layers],
        "tiles": [[g, 0 if t == WHOLE else t] for g, t in tiles],
        "widths": {"activation_bits": ACTIVATION_BITS, "sum_bits": SUM_BITS},
    }
