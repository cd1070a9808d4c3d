"""Measured kernels as text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.console import Group

from hwsim.reports._layout import add_row, facts, figures

if TYPE_CHECKING:
    from rich.table import Table

    from hwsim.kernels import BenchResult
    from hwsim.kernels.paired import Spread

_TIMES: Final = "us, median and half of the distance between the quartiles"
_RATIOS: Final = (
    "how many times as fast the first is, median of the ratios of each round and their quartiles"
)
_WORK: Final = (
    "additions for each MAC of the dense layer; with the additions that were made in 1e9 a second"
)


def kernel_report(result: BenchResult) -> Group:
    """Lay out a bench: times, ratios, and what was done for them, layer by layer.

    Parameters
    ----------
    result : BenchResult
        From :func:`hwsim.kernels.bench`.
    """
    header = facts(_facts(result))
    return Group(header, "", _times(result), "", _ratios(result), "", _work(result))


def _facts(result: BenchResult) -> list[tuple[str, str]]:
    peak = result.peak
    return [
        ("network", result.network),
        ("processor", result.where),
        (
            "peak",
            f"{peak.fma:.0f}e9 multiply-accumulates a second in registers, {peak.add:.0f}e9 "
            f"additions, {peak.load:.0f}e9 additions of what comes from the L1 cache",
        ),
        ("best", _best(result)),
        ("left out", ", ".join(result.left) or "no layer"),
        ("checked", f"results are within {_error(result):.0e} of the magnitudes that are summed"),
    ]


def _error(result: BenchResult) -> float:
    return max(kernel.error for each in result.layers for kernel in each.kernels.values())


def _best(result: BenchResult) -> str:
    """Say what the best kernel reached, of the machine's peak."""
    _, layer, scheme = max(
        (
            (each.macs_per_second(scheme), each, scheme)
            for each in result.layers
            for scheme in result.schemes
        ),
        key=lambda found: found[0],
    )
    macs, made = layer.macs_per_second(scheme) / 1e9, layer.additions_per_second(scheme) / 1e9
    peak = result.peak
    return (
        f"{scheme} on {layer.layer.name}: stands for {macs:.0f}e9 multiply-accumulates a second "
        f"({2 * macs:.0f} GFLOP/s), {macs / peak.fma:.2f} of the peak of a dense product; makes "
        f"{made:.0f}e9 additions a second, {made / peak.load:.0%} of the peak with loads"
    )


def _times(result: BenchResult) -> Table:
    table = figures(["time"], result.ways, _TIMES)
    for each in result.layers:
        known = each.times.seconds
        cells = (_microseconds(each.times.of(way)) if way in known else "-" for way in result.ways)
        add_row(table, each.layer.name, *cells)
    known_everywhere = result.everywhere
    cells = (
        _microseconds(result.total(way)) if way in known_everywhere else "-" for way in result.ways
    )
    add_row(table, "all", *cells)
    return table


def _microseconds(seconds: Spread) -> str:
    spread = (seconds.high - seconds.low) / 2
    return f"{seconds.median * 1e6:,.0f} ±{spread * 1e6:,.0f}"


def _ratios(result: BenchResult) -> Table:
    """Compare the last scheme with the others, and each with the faster dense product."""
    last, ways = result.schemes[-1], result.everywhere
    dense = min(ways[len(result.schemes) :], key=lambda way: result.total(way).median)
    pairs = [(last, other) for other in result.schemes[:-1]]
    pairs += [(scheme, dense) for scheme in result.schemes]
    table = figures(["speed"], [f"{fast}\nover {slow}" for fast, slow in pairs], _RATIOS)
    for each in result.layers:
        cells = (_ratio(each.times.ratio(slow, fast)) for fast, slow in pairs)
        add_row(table, each.layer.name, *cells)
    totals = [result.total(slow).median / result.total(fast).median for fast, slow in pairs]
    add_row(table, "all", *(f"{each:.2f}            " for each in totals))
    return table


def _ratio(spread: Spread) -> str:
    return f"{spread.median:.2f} ({spread.low:.2f}-{spread.high:.2f})"


def _work(result: BenchResult) -> Table:
    headings = [
        f"{scheme}\n{what}" for scheme in result.schemes for what in ("G, V", "add/MAC", "e9/s")
    ]
    table = figures(["work"], headings, _WORK)
    for each in result.layers:
        cells = []
        for scheme in result.schemes:
            tile = each.kernels[scheme].tile
            cells += [f"{tile.filters}, {tile.vectors}", f"{each.additions_per_mac(scheme):.3f}"]
            cells.append(f"{each.additions_per_second(scheme) / 1e9:.0f}")
        add_row(table, each.layer.name, *cells)
    return table
